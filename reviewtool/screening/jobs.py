"""Following what earlier stages announce. (Screening has no long work of its own.)"""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from reviewtool import events
from reviewtool.references.models import Record, Report
from reviewtool.screening.models import Decision, Standing
from reviewtool.screening.queries.votes import COMPLETE
from reviewtool.screening.rules.outcome import Phase
from reviewtool.screening.services import carried, keep_in_step
from reviewtool.screening.services.duplicates import share_votes


@events.on(events.RecordMerged, events.RecordUnmerged)
def follow_merge(db: Session, actor: Any, news: events.MergeNews) -> None:
    """A merged record leaves screening and lends its votes; unmerged, it takes them back."""
    records = _records(db, [news.survivor_id, news.removed_id])
    share_votes(db, actor, records)
    keep_in_step(db, records)


@events.answers(events.WorkOnRecords)
def weigh(db: Session, _actor: Any, asked: events.WorkOnRecords) -> dict[int, int]:
    """How many votes each record has: of two duplicates the one with more is kept."""
    ids, counts = asked.record_ids, dict[int, int]()
    for begin in range(0, len(ids), 500):
        found = db.exec(
            select(Decision.record_id, func.count())
            .where(col(Decision.record_id).in_(ids[begin : begin + 500]))
            .group_by(col(Decision.record_id))
        ).all()
        counts.update(dict(found))
    return counts


@events.on(events.ImportUndone, events.ImportRestored)
def follow_import(db: Session, actor: Any, news: events.ImportNews) -> None:
    """Reports and votes of an import that was undone are set aside, and come back with it.

    Only records somebody has worked on are touched, and those they were merged into.
    """
    mine = Record.import_id == news.import_id
    worked_on = col(Record.id).in_(select(Standing.record_id))
    records = db.exec(select(Record).where(mine, worked_on).order_by(col(Record.id))).all()
    survivors = db.exec(
        select(Record)
        .where(col(Record.id).in_(select(Record.merged_into_id).where(mine, worked_on)))
        .order_by(col(Record.id))
    ).all()
    share_votes(db, actor, [*survivors, *records])
    keep_in_step(db, [*survivors, *records])


@events.answers(events.VotesBrought)
def take_votes(db: Session, actor: Any, asked: events.VotesBrought) -> dict[str, int]:
    """Votes of another tool become decisions."""
    return carried.take(db, actor, asked.carried_ids, asked.whose, Phase(asked.phase))


@events.answers(events.HangingOnImport)
def count_votes(db: Session, actor: Any, asked: events.HangingOnImport) -> dict[str, int]:
    """How many votes and reports hang on an import, for the person who may undo it.

    Votes count once their record has them all, or when they are the person's own: a count
    of the others would tell that a colleague has voted.
    """
    brought = select(Record.id).where(Record.import_id == asked.import_id)
    complete = (
        select(Standing.id)
        .where(
            Standing.record_id == Decision.record_id,
            Standing.phase == Decision.phase,
            col(Standing.outcome).in_(COMPLETE),
        )
        .exists()
    )
    votes = (
        select(func.count())
        .select_from(Decision)
        .where(
            col(Decision.record_id).in_(brought),
            sa.or_(complete, col(Decision.member_id) == getattr(actor, "id", None)),
        )
    )
    reports = select(func.count()).select_from(Report).where(col(Report.record_id).in_(brought))
    return {"votes": db.exec(votes).one(), "reports": db.exec(reports).one()}


@events.on(events.RecordRemoved, events.RecordBroughtBack)
def follow_record(db: Session, _actor: Any, news: events.RecordNews) -> None:
    """A record taken out before screening takes its report with it, and brings it back."""
    keep_in_step(db, _records(db, [news.record_id]))


def _records(db: Session, ids: list[int]) -> list[Record]:
    return list(
        db.exec(select(Record).where(col(Record.id).in_(ids)).order_by(col(Record.id))).all()
    )
