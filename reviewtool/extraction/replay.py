"""Extracted values as the log tells them, beside those of the tables."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from reviewtool.acts import Act
from reviewtool.audit import AuditEntry, chains
from reviewtool.extraction.models import CopyKind, Entry, Extraction, Study

CELLS = {
    act.value
    for act in (Act.EXTRACTION_CELL, Act.EXTRACTION_SETTLE, Act.EXTRACTION_BEGIN_CONSENSUS)
}
WORDS = {CopyKind.FIRST: "first copy", CopyKind.SECOND: "second copy"}


def replay(db: Session, review_id: int, told_since: datetime | None) -> Iterator[str]:
    """A sentence for every cell that does not follow from the log.

    told_since: cells of a consensus older than this may stand in no entry (the log did
    not name those that both extractors agreed on then).
    """
    logged: dict[tuple[int, str], str] = {}
    for entry in _entries(db, review_id):
        for name, pair in entry.changes.items():
            # "arm.1.name" is a cell; "arm.1.name#quote" and "study" are not.
            if "." in name and "#" not in name:
                logged[entry.subject_id or 0, name] = str(pair[1] or "")
    rows = db.exec(
        select(Entry, Extraction, Study)
        .join(Extraction, col(Extraction.id) == Entry.extraction_id)
        .join(Study, col(Study.id) == Extraction.study_id)
        .where(Extraction.review_id == review_id)
        .order_by(col(Entry.id))
    )
    for cell, copy, study in rows:
        said = logged.pop((copy.id, cell.path), None)
        where = f"{study.label}, {WORDS.get(copy.kind, 'agreed copy')}, {cell.path}"
        if said is None:
            old = told_since is not None and cell.created_at < told_since
            if cell.value and not (old and copy.kind is CopyKind.CONSENSUS):
                yield f"{where}: the table has “{cell.value}”, the log has nothing."
        elif said != cell.value:
            yield f"{where}: the table has “{cell.value}”, the log “{said}”."
    copies = {
        one.id: one for one in db.exec(select(Extraction).where(Extraction.review_id == review_id))
    }
    for (copy_id, path), value in logged.items():
        if value and copy_id in copies:  # a copy that was given back took its cells along
            study = db.get_one(Study, copies[copy_id].study_id)
            yield f"{study.label}, {path}: the log has “{value}”, the cell is gone from the table."


def _entries(db: Session, review_id: int) -> list[AuditEntry]:
    return list(
        db.exec(
            select(AuditEntry)
            .where(col(AuditEntry.chain).in_(chains(review_id)), col(AuditEntry.action).in_(CELLS))
            .order_by(col(AuditEntry.chain), col(AuditEntry.sequence))
        )
    )
