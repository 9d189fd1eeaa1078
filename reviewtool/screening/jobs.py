"""Following what earlier stages announce. (Screening has no long work of its own.)"""

from typing import Any

from sqlmodel import Session, col, select

from reviewtool import events
from reviewtool.references.models import Record
from reviewtool.screening.services import keep_in_step


@events.on("record.merged")
@events.on("record.unmerged")
def follow_merge(
    db: Session, _actor: Any, survivor_id: int, removed_id: int, **_facts: Any
) -> None:
    """A merged record leaves screening with its votes; unmerged, it brings them back."""
    keep_in_step(db, _records(db, [survivor_id, removed_id]))


@events.on("import.undone")
@events.on("import.restored")
def follow_import(db: Session, _actor: Any, import_id: int, **_facts: Any) -> None:
    """The reports of an import that was undone are set aside, and come back with it."""
    ids = db.exec(select(Record.id).where(Record.import_id == import_id)).all()
    keep_in_step(db, _records(db, [one for one in ids if one is not None]))


def _records(db: Session, ids: list[int]) -> list[Record]:
    return list(
        db.exec(select(Record).where(col(Record.id).in_(ids)).order_by(col(Record.id))).all()
    )
