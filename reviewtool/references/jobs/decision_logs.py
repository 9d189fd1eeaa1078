"""Reading a screening tool's log of decisions onto the records it speaks of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool import audit, formats
from reviewtool.acts import Act
from reviewtool.db.turns import turns
from reviewtool.db.types import now
from reviewtool.errors import Passing, ReviewToolError
from reviewtool.formats import ParsedRecord, Problem
from reviewtool.formats.rayyan_log import PREFIX
from reviewtool.jobs import Run, job
from reviewtool.references.jobs.imports import storable
from reviewtool.references.models import CarriedVote, Import, ImportState, Record, RejectedEntry
from reviewtool.storage import current_storage
from reviewtool.team.models import Member
from reviewtool.web.addresses import path_to
from reviewtool.words import plural

IDS = 500  # keys looked up at once
CARRIED = CarriedVote.__table__  # type: ignore[attr-defined]
REJECTS = RejectedEntry.__table__  # type: ignore[attr-defined]
UNKNOWN = (
    "No record of this review has the number {number}. Import the articles.csv that belongs to "
    "this log, then this log again."
)


class NothingFoundError(ReviewToolError):
    """A log of which no row could be placed."""

    code, status = "log-of-other-articles", 422
    message = (
        "None of its {rows} rows speaks of a record of this review. Import the articles.csv of "
        "the same export first, then try again."
    )


@dataclass
class Said:
    """What one reviewer said of one record when the log ends."""

    vote: str = ""
    reasons: dict[str, None] = field(default_factory=dict)
    labels: dict[str, None] = field(default_factory=dict)
    at: str = ""

    def follow(self, row: ParsedRecord) -> None:
        """Take one row of the log into account; a later row outweighs an earlier one."""
        said = row.verdicts[0]
        for kept, names in ((self.reasons, said.reasons), (self.labels, said.labels)):
            for name in names:
                kept.pop(name, None) if said.withdrawn else kept.setdefault(name)
        if not said.reasons and not said.labels:
            self.vote, self.at = ("" if said.withdrawn else said.vote), said.decided_at


@job("references.import_log")
def import_log(run: Run, import_id: int) -> None:
    """Keep the log's last word per reviewer and record as votes that came along.

    A record whose own file brought votes keeps those: both tell the same story, once
    under names and once under addresses. Run again after a crash, it starts over.
    """
    for turn in turns():
        with turn as db:
            row = db.get_one(Import, import_id)
            if row.state not in (ImportState.QUEUED, ImportState.RUNNING):
                return
            row.state = ImportState.RUNNING
            path, name = current_storage().path(row.sha256), row.file_name
            review_id = row.review_id
    try:
        reading = formats.read(path, name)
        # Stable: rows of one second stay in file order.
        rows = sorted(reading.records, key=lambda entry: entry.verdicts[0].decided_at)
        for turn in turns():
            with turn as db:
                counts = _keep(db, review_id, import_id, rows, list(reading.problems))
    except Passing:
        raise  # the job waits, and begins anew
    except BaseException:
        for turn in turns():
            with turn as db:
                db.get_one(Import, import_id).state = ImportState.FAILED
        raise
    run.result = counts
    votes = plural(counts["votes"], "vote", "votes")
    run.report(counts["entries"], counts["entries"], f"{votes} found")
    run.result_url = path_to("references.import_page", review_id=review_id, import_id=import_id)


def _keep(
    db: Session,
    review_id: int,
    import_id: int,
    rows: list[ParsedRecord],
    problems: list[Problem],
) -> dict[str, int]:
    for table in (CARRIED, REJECTS):
        db.execute(sa.delete(table).where(table.c.import_id == import_id))
    records = _records(db, review_id, {entry.accession for entry in rows})
    known = [entry for entry in rows if entry.accession in records]
    if not known:
        raise NothingFoundError(rows=len(rows) + len(problems))
    problems += [
        Problem(e.line, UNKNOWN.format(number=e.accession))
        for e in rows
        if e.accession not in records
    ]
    final: dict[tuple[int, str], Said] = {}
    for entry in known:
        place = records[entry.accession], entry.verdicts[0].reviewer
        final.setdefault(place, Said()).follow(entry)
    voted = _with_votes(db, {record for record, _ in final}, import_id)
    carried, twice = [], 0
    for (record, reviewer), said in final.items():
        vote = "" if record in voted else said.vote
        twice += bool(said.vote) and record in voted
        reasons = list(said.reasons) if vote == "exclude" else []
        if vote or said.labels:
            carried.append(
                {
                    "created_at": now(),
                    "review_id": review_id,
                    "import_id": import_id,
                    "record_id": record,
                    "taken_at": None,
                    "reviewer": storable(reviewer)[:200],
                    "phase": "",
                    "vote": vote,
                    "reasons": [storable(r) for r in reasons],
                    "labels": [storable(name) for name in said.labels],
                    "note": "",
                    "decided_at": said.at[:60],
                    "final": False,
                }
            )
    if carried:
        db.execute(CARRIED.insert(), carried)
    if problems:
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
                for p in problems
            ],
        )
    votes = sum(bool(one["vote"]) for one in carried)
    first = records[known[0].accession]
    return _finish(db, import_id, first, len(known), len(problems), votes, twice)


def _finish(
    db: Session,
    import_id: int,
    first_record: int,
    understood: int,
    rejected: int,
    votes: int,
    twice: int,
) -> dict[str, int]:
    row = db.get_one(Import, import_id)
    row.stored, row.rejected = understood, rejected
    row.entries = row.stored + row.rejected
    row.notes = []
    if twice:
        said = plural(twice, "vote", "votes")
        row.notes = [[1, f"In the articles file already, and not taken twice: {said}."]]
    row.search_id = db.get_one(Record, first_record).search_id
    row.state, row.finished_at = ImportState.DONE, now()
    actor = db.get(Member, row.member_id) if row.member_id else None
    counts: dict[str, Any] = {
        "entries": row.entries,
        "stored": understood,
        "rejected": rejected,
        "votes": votes,
    }
    audit.append(db, actor or "import", Act.REFERENCES_LOG_STORED, row, **counts)
    return counts


def _records(db: Session, review_id: int, numbers: Iterable[str]) -> dict[str, int]:
    """Article number -> record; of an article imported twice the record still in use.

    Older exports leave the prefix of the number out.
    """
    wanted = sorted({name for one in numbers for name in (one, one.removeprefix(PREFIX))})
    found: dict[str, int] = {}
    for begin in range(0, len(wanted), IDS):
        statement = (
            select(Record.accession, Record.id)
            .where(
                Record.review_id == review_id,
                col(Record.accession).in_(wanted[begin : begin + IDS]),
                col(Record.set_aside_at).is_(None),
            )
            .order_by(col(Record.merged_into_id).is_not(None), col(Record.id))
        )
        for accession, record in db.exec(statement).all():
            found.setdefault(PREFIX + accession.removeprefix(PREFIX), record)
    return found


def _with_votes(db: Session, records: Iterable[int], import_id: int) -> set[int]:
    """Those of the records that another file brought votes for."""
    wanted, found = sorted(records), set[int]()
    for begin in range(0, len(wanted), IDS):
        found.update(
            db.exec(
                select(CarriedVote.record_id)
                .where(
                    col(CarriedVote.record_id).in_(wanted[begin : begin + IDS]),
                    CarriedVote.vote != "",
                    CarriedVote.import_id != import_id,
                )
                .distinct()
            ).all()
        )
    return found
