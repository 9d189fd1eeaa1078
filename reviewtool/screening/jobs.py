"""Following what earlier stages announce. (Screening has no long work of its own.)"""

from typing import Any

from sqlmodel import Session, col, func, select

from reviewtool import events
from reviewtool.references.models import Record, Report
from reviewtool.screening.models import Decision, Standing
from reviewtool.screening.rules.outcome import Phase
from reviewtool.screening.services import carried, keep_in_step
from reviewtool.screening.services.duplicates import share_votes


@events.on("record.merged")
@events.on("record.unmerged")
def follow_merge(db: Session, actor: Any, survivor_id: int, removed_id: int, **_facts: Any) -> None:
    """A merged record leaves screening and lends its votes; unmerged, it takes them back."""
    records = _records(db, [survivor_id, removed_id])
    share_votes(db, actor, records)
    keep_in_step(db, records)


@events.on("records.work_counted")
def weigh(db: Session, _actor: Any, ids: list[int], counts: dict[int, int]) -> None:
    """How many votes each record has: of two duplicates the one with more is kept."""
    for begin in range(0, len(ids), 500):
        found = db.exec(
            select(Decision.record_id, func.count())
            .where(col(Decision.record_id).in_(ids[begin : begin + 500]))
            .group_by(col(Decision.record_id))
        ).all()
        counts.update(dict(found))


@events.on("import.undone")
@events.on("import.restored")
def follow_import(db: Session, actor: Any, import_id: int, **_facts: Any) -> None:
    """Reports and votes of an import that was undone are set aside, and come back with it.

    Only records somebody has worked on are touched, and those they were merged into.
    """
    mine = Record.import_id == import_id
    worked_on = col(Record.id).in_(select(Standing.record_id))
    records = db.exec(select(Record).where(mine, worked_on).order_by(col(Record.id))).all()
    survivors = db.exec(
        select(Record)
        .where(col(Record.id).in_(select(Record.merged_into_id).where(mine, worked_on)))
        .order_by(col(Record.id))
    ).all()
    share_votes(db, actor, [*survivors, *records])
    keep_in_step(db, [*survivors, *records])


@events.on("import.votes_brought")
def take_votes(
    db: Session,
    actor: Any,
    carried_ids: list[int],
    whose: dict[str, int | None],
    phase: str,
    counts: dict[str, int],
    **_facts: Any,
) -> None:
    """Votes of another tool become decisions; ``counts`` tells the announcer how many."""
    for name, n in carried.take(db, actor, carried_ids, whose, Phase(phase)).items():
        counts[name] = counts.get(name, 0) + n


@events.on("import.counted")
def count_votes(
    db: Session, _actor: Any, import_id: int, counts: dict[str, int], **_facts: Any
) -> None:
    """How many votes and reports hang on an import, for the person who may undo it."""
    mine = select(Record.id).where(Record.import_id == import_id)
    for name, model in (("votes", Decision), ("reports", Report)):
        counts[name] = db.exec(
            select(func.count()).select_from(model).where(col(model.record_id).in_(mine))
        ).one()


@events.on("record.removed")
@events.on("record.brought_back")
def follow_record(db: Session, _actor: Any, record_id: int, **_facts: Any) -> None:
    """A record taken out before screening takes its report with it, and brings it back."""
    keep_in_step(db, _records(db, [record_id]))


def _records(db: Session, ids: list[int]) -> list[Record]:
    return list(
        db.exec(select(Record).where(col(Record.id).in_(ids)).order_by(col(Record.id))).all()
    )
