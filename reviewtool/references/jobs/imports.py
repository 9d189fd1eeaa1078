"""Reading a file into records, in short transactions, so that the site stays responsive."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from reviewtool import audit, events, formats
from reviewtool.acts import Act
from reviewtool.db.engine import current_database
from reviewtool.db.turns import turns
from reviewtool.db.types import now
from reviewtool.errors import Passing, ReviewToolError
from reviewtool.formats import Entry, Note, ParsedRecord, Problem, Stream
from reviewtool.jobs import Run, job
from reviewtool.references.models import CarriedVote, Import, ImportState, Record, RejectedEntry
from reviewtool.references.services import imports as imports_services
from reviewtool.references.services.imports import WORDS
from reviewtool.storage import current_storage
from reviewtool.team.models import Member, Review
from reviewtool.web.addresses import path_to
from reviewtool.words import plural

CHUNK = 1000  # entries per transaction: about 0.1 s of writing
VOTES = 200  # carried votes per transaction
MANY = 2000  # records that make earlier statistics of the database useless
NOTES = 200  # notes kept of one file
RECORDS = Record.__table__  # type: ignore[attr-defined]
REJECTS = RejectedEntry.__table__  # type: ignore[attr-defined]
CARRIED = CarriedVote.__table__  # type: ignore[attr-defined]


class NothingInFileError(ReviewToolError):
    """A file without a single entry."""

    code, status = "nothing-in-file", 422
    message = "{note} Nothing was stored."


@job("references.import")
def import_file(run: Run, import_id: int) -> None:
    """Store the file's entries. Run again after a crash, it starts over cleanly.

    Records stay set aside until the last one is in, so half an import is never seen.
    """
    for turn in turns():
        with turn as db:
            row = db.get_one(Import, import_id)
            if row.state not in (ImportState.QUEUED, ImportState.RUNNING):
                return
            row.state = ImportState.RUNNING
            source = (row.sha256, row.file_name, dict(row.column_mapping or {}) or None)
            review_id, search_id = row.review_id, row.search_id
    _clear(import_id)
    stream = formats.stream(current_storage().path(source[0]), source[1], source[2])
    hidden = now()
    counts: dict[str, Any] = {"entries": 0, "stored": 0, "rejected": 0}
    notes: list[list[Any]] = []
    try:
        for chunk in _chunks(stream):
            for turn in turns():
                with turn as db:
                    stored, rejected = _store(db, review_id, search_id, import_id, hidden, chunk)
            counts["stored"] += stored
            counts["rejected"] += rejected
            counts["entries"] = counts["stored"] + counts["rejected"]
            found = [[entry.line, entry.text] for entry in chunk if isinstance(entry, Note)]
            notes += found[: NOTES - len(notes)]
            run.report(*_progress(stream, counts["entries"]), _said(counts))
        if not counts["entries"]:
            raise NothingInFileError(note=notes[0][1] if notes else "The file holds no records.")
    except Passing:
        raise  # the job waits, and begins anew
    except BaseException:
        _clear(import_id)
        for turn in turns():
            with turn as db:
                row = db.get_one(Import, import_id)
                row.state, row.notes = ImportState.FAILED, notes
                imports_services.start_waiting_logs(db, review_id)
        raise
    for turn in turns():
        with turn as db:
            _finish(db, import_id, counts, notes)
    if counts["stored"] >= MANY:
        current_database().settle("record", "record_search")
    run.report(counts["entries"], counts["entries"], _said(counts))
    run.result = counts
    run.result_url = path_to("references.import_page", review_id=review_id, import_id=import_id)


def _finish(db: Session, import_id: int, counts: dict[str, Any], notes: list[list[Any]]) -> None:
    """Show the records that were stored, and tell of them."""
    row = db.get_one(Import, import_id)
    db.execute(
        sa.update(Record).where(col(Record.import_id) == import_id).values(set_aside_at=None)
    )
    row.entries, row.stored = counts["entries"], counts["stored"]
    row.rejected, row.notes = counts["rejected"], notes
    row.state, row.finished_at = ImportState.DONE, now()
    actor = db.get(Member, row.member_id) if row.member_id else None
    audit.append(db, actor or "import", Act.REFERENCES_STORED, row, **counts)
    events.tell(db, actor, events.ImportStored(import_id=import_id))
    imports_services.start_waiting_logs(db, row.review_id)


def _said(counts: dict[str, int]) -> str:
    rejected = f", {counts['rejected']} rejected" if counts["rejected"] else ""
    return f"{counts['stored']} stored{rejected}"


def _progress(stream: Stream, entries: int) -> tuple[int, int]:
    """Entries so far and, by the share of the file that was read, the likely total."""
    share = stream.share
    return entries, max(entries, round(entries / share)) if share > 0 else 0


def _chunks(stream: Stream) -> Iterator[list[Entry]]:
    entries = iter(stream)
    while chunk := list(islice(entries, CHUNK)):
        yield chunk


def _clear(import_id: int) -> None:
    """Take away what an interrupted run left."""
    for turn in turns():
        with turn as db:
            for table in (CARRIED, REJECTS, RECORDS):
                db.execute(sa.delete(table).where(table.c.import_id == import_id))


def _store(
    db: Session,
    review_id: int,
    search_id: int | None,
    import_id: int,
    hidden: Any,
    chunk: list[Entry],
) -> tuple[int, int]:
    """One part of the file; how many records it gave, and how many entries that are none."""
    records = [entry for entry in chunk if isinstance(entry, ParsedRecord)]
    rejects = [entry for entry in chunk if isinstance(entry, Problem)]
    if records:
        # Two imports of one review take turns here, so that no number is given twice.
        db.exec(select(Review.id).where(Review.id == review_id).with_for_update()).one()
        last = db.exec(select(func.max(Record.number)).where(Record.review_id == review_id)).one()
        first = (last or 0) + 1
        stamp = now()
        db.execute(
            RECORDS.insert(),
            [
                row_of(record)
                | {
                    "created_at": stamp,
                    "review_id": review_id,
                    "search_id": search_id,
                    "import_id": import_id,
                    "number": number,
                    "set_aside_at": hidden,
                    "removed_reason": "",
                    "removed_note": "",
                }
                for number, record in enumerate(records, first)
            ],
        )
        _carry(db, review_id, import_id, first, records)
    if rejects:
        db.execute(
            REJECTS.insert(),
            [
                {
                    "created_at": now(),
                    "import_id": import_id,
                    "line": p.line,
                    "reason": p.reason,
                    "excerpt": storable(p.excerpt),
                }
                for p in rejects
            ],
        )
    return len(records), len(rejects)


def storable(text: str) -> str:
    """``text`` without what a database refuses: NULs and lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text


def row_of(record: ParsedRecord) -> dict[str, Any]:
    """The columns of a record table row that a parsed record fills."""
    raw = {key: list(values) for key, values in record.raw.items()}
    if record.database:
        raw["database"] = [record.database]
    if record.note:
        raw["note"] = [record.note]
    row: dict[str, Any] = {
        "title": record.title,
        "authors": "; ".join(record.authors),
        "journal": record.journal,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "doi": record.doi,
        "pmid": record.pmid,
        "pmcid": record.pmcid,
        "issn": record.issn,
        "registry_number": record.registry_number,
        "accession": record.accession,
        "kind": record.kind,
        "language": record.language,
        "url": record.url,
        "abstract": record.abstract,
        "keywords": "; ".join(record.keywords),
    }
    row = {key: storable(value) for key, value in row.items()}
    raw = {storable(k): [storable(v) for v in values] for k, values in raw.items()}
    return row | {"year": record.year, "line": record.line, "raw": raw or None}


def _carry(
    db: Session, review_id: int, import_id: int, first: int, records: list[ParsedRecord]
) -> None:
    """Keep the votes and labels that came along, beside the records just stored."""
    with_more = {number: r for number, r in enumerate(records, first) if r.verdicts or r.labels}
    if not with_more:
        return
    ids = dict(
        db.exec(
            select(Record.number, Record.id).where(
                Record.review_id == review_id,
                Record.number >= first,
                Record.number < first + len(records),
            )
        ).all()
    )
    rows: list[dict[str, Any]] = []
    for number, record in with_more.items():
        base = {
            "created_at": now(),
            "review_id": review_id,
            "import_id": import_id,
            "record_id": ids[number],
            "taken_at": None,
        }
        for said in record.verdicts:
            rows.append(
                base
                | {
                    "reviewer": storable(said.reviewer)[:200],
                    "phase": said.phase,
                    "vote": said.vote,
                    "reasons": list(said.reasons),
                    "labels": list(said.labels),
                    "note": storable(said.note),
                    "decided_at": said.decided_at[:60],
                    "final": said.final,
                }
            )
        if record.labels:
            rows.append(
                base
                | {
                    "reviewer": "",
                    "phase": "",
                    "vote": "",
                    "reasons": [],
                    "labels": [storable(label) for label in record.labels],
                    "note": "",
                    "decided_at": "",
                    "final": False,
                }
            )
    db.execute(CARRIED.insert(), rows)


@job("references.bring_votes")
def bring_votes(
    run: Run, import_id: int, member_id: int, whose: dict[str, int | None], phase: str
) -> None:
    """Tell screening about the votes, some hundred at a time, and count what it took.

    What was counted is stored with the votes: a run that was interrupted goes on from there.
    """
    for turn in turns():
        with turn as db:
            row = db.get_one(Import, import_id)
            if row.state is not ImportState.DONE:
                raise ReviewToolError(f"{row.file_name}: this import is {WORDS[row.state]}.")
            review_id = row.review_id
            waiting = db.exec(
                select(CarriedVote.id)
                .where(CarriedVote.import_id == import_id, col(CarriedVote.taken_at).is_(None))
                .order_by(col(CarriedVote.record_id), col(CarriedVote.id))
            ).all()
    counts: dict[str, Any] = {"votes": 0, **(run.result or {})}
    for start in range(0, len(waiting), VOTES):
        part = waiting[start : start + VOTES]
        for turn in turns():
            with turn as db:
                so_far = dict(counts)
                brought = events.VotesBrought(part, whose, phase)
                for taken in events.ask(db, db.get_one(Member, member_id), brought):
                    for name, n in taken.items():
                        so_far[name] = so_far.get(name, 0) + n
                run.keep(db, so_far)
        counts = so_far
        run.report(start, len(waiting), plural(counts["votes"], "vote", "votes"))
    for turn in turns():
        with turn as db:
            audit.append(
                db,
                db.get_one(Member, member_id),
                Act.REFERENCES_BRING_VOTES,
                db.get_one(Import, import_id),
                whose=whose,
                phase=phase,
                **counts,
            )
    run.report(
        len(waiting), len(waiting), f"{plural(counts['votes'], 'vote', 'votes')} brought along"
    )
    run.result_url = path_to("references.import_page", review_id=review_id, import_id=import_id)
