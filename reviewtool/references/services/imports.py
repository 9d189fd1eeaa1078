"""Uploading, starting, undoing and bringing back imports; keeping searches."""

import zipfile
import zlib
from datetime import date
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from reviewtool import audit, events, formats, jobs
from reviewtool.acts import Act
from reviewtool.db.row import hold
from reviewtool.db.types import Json, UtcDateTime, now
from reviewtool.errors import Invalid
from reviewtool.formats import archive
from reviewtool.permissions import Action, require
from reviewtool.references import errors
from reviewtool.references.models import (
    CarriedVote,
    Import,
    ImportState,
    Record,
    RejectedEntry,
    Search,
    SourceKind,
)
from reviewtool.references.queries import imports as imports_queries
from reviewtool.references.rules import sources
from reviewtool.storage import current_storage
from reviewtool.team.models import Member

WORDS = {
    ImportState.PREVIEW: "waiting for its source",
    ImportState.QUEUED: "waiting for a worker",
    ImportState.RUNNING: "running",
    ImportState.DONE: "finished",
    ImportState.FAILED: "failed",
    ImportState.UNDONE: "undone",
}
PHASES = {"title_abstract": "abstract", "full_text": "full_text"}  # ours -> of a carried vote
SEARCH_FIELDS = (
    "database",
    "platform",
    "kind",
    "searched_on",
    "strategy",
    "limits",
    "hits",
    "note",
    "updates_id",
)


def upload(db: Session, actor: Member, file_name: str, content: BinaryIO | bytes) -> Import:
    """Keep a file byte for byte and look at its beginning; nothing becomes a record yet."""
    require(actor, Action.IMPORT)
    sha256, size = current_storage().put(content)
    row = Import(
        review_id=actor.review_id,
        file_name=file_name[-300:] or "unnamed",
        sha256=sha256,
        size=size,
        member_id=actor.id,
    )
    look = imports_queries.preview(row)
    row.format, row.encoding = look.format, look.encoding
    db.add(row)
    db.flush()
    audit.append(
        db, actor, Act.REFERENCES_UPLOAD, row, file=row.file_name, sha256=sha256, size=size
    )
    return row


def upload_files(db: Session, actor: Member, file_name: str, content: BinaryIO) -> list[Import]:
    """As ``upload``; a zip of export files becomes one upload for each file in it."""
    found = archive.open_archive(content)
    if found is None:
        return [upload(db, actor, file_name, content)]
    rows = []
    opened, files = found
    try:
        for entry in files:
            with opened.open(entry) as stream:
                name = f"{file_name}: {entry.filename.rsplit('/', 1)[-1]}"
                rows.append(upload(db, actor, name, stream))  # type: ignore[arg-type]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, zlib.error):
        raise errors.BrokenArchive(file=file_name) from None
    return rows


def discard(db: Session, actor: Member, row: Import) -> None:
    """Forget an uploaded file that was never stored."""
    require(actor, Action.IMPORT, row)
    _in_state(row, "removed", ImportState.PREVIEW, ImportState.FAILED)
    audit.append(db, actor, Act.REFERENCES_DISCARD, row, file=row.file_name, sha256=row.sha256)
    for entry in db.exec(select(RejectedEntry).where(RejectedEntry.import_id == row.id)).all():
        db.delete(entry)
    db.flush()
    db.delete(row)


def map_columns(db: Session, actor: Member, row: Import, mapping: dict[str, str]) -> None:
    """Say what a table's columns mean (column -> field; "" leaves a column out)."""
    require(actor, Action.IMPORT, row)
    _in_state(row, "mapped", ImportState.PREVIEW)
    chosen = {column: target for column, target in mapping.items() if target}
    if not {"title", "doi", "pmid", "accession", "abstract"} & set(chosen.values()):
        raise errors.ColumnsUnknown(file=row.file_name)
    row.column_mapping = chosen
    db.add(row)


def add_search(db: Session, actor: Member, **values: Any) -> Search:
    """Keep a search with its PRISMA-S items. ``update=False`` leaves it a first search."""
    require(actor, Action.IMPORT)
    is_update = values.pop("update", True)
    database = str(values.get("database") or "").strip()
    if not database:
        raise errors.SourceMissing(file=values.pop("file", "The search"))
    values.pop("file", None)
    kind = values.get("kind") or (
        SourceKind.REGISTER if sources.is_register(database) else SourceKind.DATABASE
    )
    row = Search(
        review_id=actor.review_id,
        database=database[:200],
        platform=str(values.get("platform") or "").strip()[:200],
        kind=SourceKind(kind),
        searched_on=values.get("searched_on"),
        strategy=str(values.get("strategy") or "").strip(),
        limits=str(values.get("limits") or "").strip(),
        hits=values.get("hits"),
        note=str(values.get("note") or "").strip(),
    )
    if is_update:
        earlier = imports_queries.update_of(
            db, actor, row.database, row.platform, row.searched_on or date.today()
        )
        row.updates_id = earlier.id if earlier else None
    db.add(row)
    db.flush()
    audit.append(
        db,
        actor,
        Act.REFERENCES_ADD_SEARCH,
        row,
        {f: (None, getattr(row, f)) for f in SEARCH_FIELDS if getattr(row, f) not in (None, "")},
    )
    return row


def change_search(db: Session, actor: Member, row: Search, **values: Any) -> None:
    """Correct what is kept about a search."""
    require(actor, Action.IMPORT, row)
    if "database" in values and not str(values["database"] or "").strip():
        raise errors.SourceMissing(file="The search")
    hold(db, row)
    empty = {"searched_on", "hits", "updates_id"}  # the others are text
    changes = audit.changed(
        row, **{k: v if k in empty else v or "" for k, v in values.items() if k in SEARCH_FIELDS}
    )
    if changes:
        db.add(row)
        audit.append(db, actor, Act.REFERENCES_CHANGE_SEARCH, row, changes)


def start(db: Session, actor: Member, row: Import, search: Search | None) -> jobs.Job | None:
    """Read the file into records: a job. Raises WrongState, ColumnsUnknown.

    A log of decisions has no search of its own. It waits, without a job, until the files
    whose records it speaks of are stored.
    """
    require(actor, Action.IMPORT, row)
    _in_state(row, "started", ImportState.PREVIEW, ImportState.FAILED)
    if row.is_log:
        row.state, row.job_id = ImportState.QUEUED, None
        db.add(row)
        db.flush()
        audit.append(db, actor, Act.REFERENCES_IMPORT, row, file=row.file_name, format=row.format)
        start_waiting_logs(db, row.review_id)
        return db.get(jobs.Job, row.job_id) if row.job_id else None
    if search is None:
        raise errors.SourceMissing(file=row.file_name)
    require(actor, Action.IMPORT, search)
    if imports_queries.preview(row).needs_mapping and not row.column_mapping:
        raise errors.ColumnsUnknown(file=row.file_name)
    row.search_id, row.state = search.id, ImportState.QUEUED
    db.add(row)
    db.flush()
    job = jobs.enqueue(
        db,
        "references.import",
        title=f"Import {row.file_name}",
        review_id=actor.review_id,
        user_id=actor.user_id,
        import_id=row.id,
    )
    row.job_id = job.id
    db.add(row)
    audit.append(
        db,
        actor,
        Act.REFERENCES_IMPORT,
        row,
        file=row.file_name,
        search=search.id,
        format=row.format,
    )
    return job


def start_waiting_logs(db: Session, review_id: int) -> None:
    """Begin reading the logs of decisions, unless files are still being stored."""
    under_way = db.exec(
        select(Import)
        .where(
            Import.review_id == review_id,
            col(Import.state).in_([ImportState.QUEUED, ImportState.RUNNING]),
        )
        .order_by(col(Import.id))
    ).all()
    if any(not row.is_log for row in under_way):
        return
    for row in under_way:
        if row.job_id is None:
            member = db.get(Member, row.member_id) if row.member_id else None
            row.job_id = jobs.enqueue(
                db,
                "references.import_log",
                title=f"Read {row.file_name}",
                review_id=review_id,
                user_id=member.user_id if member else None,
                import_id=row.id,
            ).id
            db.add(row)
    db.flush()


def import_bytes(
    db: Session, actor: Member, file_name: str, content: bytes | BinaryIO, **search: Any
) -> Import:
    """Upload and start in one go, for the CLI, the API and the demonstration."""
    row = upload(db, actor, file_name, content)
    if row.is_log:
        start(db, actor, row, None)
        return row
    source = add_search(db, actor, file=file_name, **search)
    start(db, actor, row, source)
    return row


def undo(db: Session, actor: Member, row: Import) -> dict[str, int]:
    """Set the import's records aside with their votes; returns what was counted.

    Nothing is deleted: ``restore`` brings everything back. Records of other imports
    that had been merged into one of these come to the front again.
    """
    require(actor, Action.IMPORT, row)
    _in_state(row, "undone", ImportState.DONE)
    if row.is_log and imports_queries.taken(db, row):
        raise errors.VotesTaken(file=row.file_name)
    counts = counted(db, actor, row)
    promoted = _promote(db, row)
    db.execute(
        sa.update(Record)
        .where(col(Record.import_id) == row.id, col(Record.set_aside_at).is_(None))
        .values(set_aside_at=now())
    )
    row.state, row.undone_at = ImportState.UNDONE, now()
    db.add(row)
    db.flush()
    audit.append(
        db,
        actor,
        Act.REFERENCES_UNDO_IMPORT,
        row,
        {"state": ("done", "undone")},
        **counts,
        promoted=promoted,
    )
    events.tell(db, actor, events.ImportUndone(import_id=row.id))
    return counts


def restore(db: Session, actor: Member, row: Import) -> dict[str, int]:
    """Bring an undone import back: its records, their votes and their merges."""
    require(actor, Action.IMPORT, row)
    _in_state(row, "brought back", ImportState.UNDONE)
    db.execute(sa.update(Record).where(col(Record.import_id) == row.id).values(set_aside_at=None))
    row.state, row.undone_at = ImportState.DONE, None
    db.add(row)
    db.flush()
    _demote(db, row)
    counts = counted(db, actor, row)
    audit.append(
        db, actor, Act.REFERENCES_RESTORE_IMPORT, row, {"state": ("undone", "done")}, **counts
    )
    events.tell(db, actor, events.ImportRestored(import_id=row.id))
    return counts


def counted(db: Session, actor: Member, row: Import) -> dict[str, int]:
    """What hangs on an import: its records, and what later stages add (votes, reports)."""
    counts = {
        "records": db.exec(
            select(func.count()).select_from(Record).where(Record.import_id == row.id)
        ).one()
    }
    for more in events.ask(db, actor, events.HangingOnImport(row.id)):
        counts |= more
    return counts


def _promote(db: Session, row: Import) -> int:
    """Records of other imports merged into this one: the first of each group takes over."""
    mine = sa.select(col(Record.id)).where(col(Record.import_id) == row.id)
    others = db.exec(
        select(Record)
        .where(
            col(Record.merged_into_id).in_(mine),
            sa.or_(col(Record.import_id) != row.id, col(Record.import_id).is_(None)),
            col(Record.set_aside_at).is_(None),
        )
        .order_by(col(Record.merged_into_id), col(Record.id))
    ).all()
    leaders: dict[int, int] = {}
    moved: list[list[int | None]] = []
    for record in others:
        survivor = record.merged_into_id or 0
        record.merged_into_id = leaders.get(survivor)
        moved.append([record.id, survivor, record.merged_into_id])
        db.add(record)
        db.flush()
        if survivor not in leaders:
            leaders[survivor] = record.id
            events.tell(
                db, "rules", events.RecordUnmerged(survivor_id=survivor, removed_id=record.id)
            )
        else:
            events.tell(
                db,
                "rules",
                events.RecordMerged(survivor_id=leaders[survivor], removed_id=record.id),
            )
    row.promoted = moved
    db.flush()
    return len(leaders)


def _demote(db: Session, row: Import) -> None:
    """What ``_promote`` brought to the front goes back, unless it was merged anew since."""
    for record_id, survivor, since in row.promoted:
        record = db.get(Record, record_id)
        if record is None or record.merged_into_id != since:
            continue
        record.merged_into_id = survivor
        db.add(record)
        db.flush()
        events.tell(db, "rules", events.RecordMerged(survivor_id=survivor, removed_id=record.id))
    row.promoted = []
    db.flush()


def bring_votes(
    db: Session, actor: Member, row: Import, whose: dict[str, int | None], phase: str
) -> jobs.Job:
    """Hand the file's votes to screening: a job.

    whose: name in the file -> member id, or None to keep it as an outside name.
    phase: "title_abstract" or "full_text", where the export does not say.
    """
    require(actor, Action.MANAGE_SCREENING, row)
    _in_state(row, "used for votes", ImportState.DONE)
    for member_id in whose.values():
        if member_id is not None:
            require(actor, Action.READ, db.get_one(Member, member_id))
    return jobs.enqueue(
        db,
        "references.bring_votes",
        title=f"Votes of {row.file_name}",
        review_id=actor.review_id,
        user_id=actor.user_id,
        import_id=row.id,
        member_id=actor.id,
        whose=whose,
        phase=phase,
    )


def carry_decision(db: Session, actor: Member, row: Import, phase: str, vote: str) -> jobs.Job:
    """Take over what was decided elsewhere about every record of a file: a job.

    Tools that export one file per stage (Covidence) say it by the file, not in it.
    phase: "title_abstract" or "full_text"; vote: "include" or "exclude". Raises WrongState,
    DecidedAlready.
    """
    require(actor, Action.MANAGE_SCREENING, row)
    _in_state(row, "used for votes", ImportState.DONE)
    if phase not in PHASES or vote not in ("include", "exclude"):
        raise Invalid("Choose what was decided: included or excluded, and at which stage.")
    if row.is_log or imports_queries.carried_votes(db, row):
        raise errors.DecidedAlready(file=row.file_name)
    names = (
        "review_id",
        "import_id",
        "record_id",
        "reviewer",
        "phase",
        "vote",
        "reasons",
        "labels",
        "note",
        "decided_at",
        "final",
        "created_at",
    )
    said = (sa.literal(""), sa.literal(PHASES[phase]), sa.literal(vote))
    nothing = sa.literal([], type_=Json)
    db.execute(
        sa.insert(CarriedVote).from_select(
            names,
            sa.select(
                col(Record.review_id),
                col(Record.import_id),
                col(Record.id),
                *said,
                nothing,
                nothing,
                sa.literal(""),
                sa.literal(""),
                sa.literal(value=True),
                sa.literal(now(), type_=UtcDateTime),
            ).where(col(Record.import_id) == row.id),
        )
    )
    audit.append(db, actor, Act.REFERENCES_CARRY_DECISION, row, phase=phase, vote=vote)
    return bring_votes(db, actor, row, {}, phase)


def _in_state(row: Import, verb: str, *states: ImportState) -> None:
    if row.state not in states:
        raise errors.WrongState(file=row.file_name, state=WORDS[row.state], verb=verb)


FORMAT_LABELS = {f.key: f.label for f in formats.FORMATS} | {
    "empty": "Empty file",
    "unknown": "Unknown format",
}
