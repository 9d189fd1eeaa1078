"""Which record is handed to whom next.

The order stays that of the record numbers. A record that as many others hold as it still
needs votes is passed over while anything else waits; when nothing else does, the one that
the fewest hold is handed out all the same. That a record is passed over says that somebody
has it open, never that anybody voted: without another person's hold no vote changes what
one is handed.
"""

from functools import cache

import sqlalchemy as sa
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from reviewtool.db.row import LARGEST_ID
from reviewtool.db.types import now
from reviewtool.references.models import Record
from reviewtool.screening.models import Lease, ScreeningPlan, Standing
from reviewtool.screening.queries.plan import plan
from reviewtool.screening.queries.work import asking, waiting
from reviewtool.screening.rules.leases import LASTS
from reviewtool.screening.rules.outcome import Phase
from reviewtool.team.models import Member

_LEASE = select(Lease).where(
    col(Lease.member_id) == sa.bindparam("member_id"),
    col(Lease.phase) == sa.bindparam("phase"),
)


def lease(db: Session, member: Member, phase: Phase) -> Lease | None:
    """What the member holds in this phase, also when its time is over."""
    return db.exec(_LEASE, params=asking(member) | {"phase": phase}).one_or_none()


def held_record(
    db: Session, member: Member, phase: Phase, *, a_while: bool = False
) -> Record | None:
    """The record that the member holds, while it waits for their vote.

    a_while: only if the hold lasts long enough still, and need not be renewed.
    """
    until = now() + LASTS[phase] / 2 if a_while else now()
    return db.exec(_held(phase), params=asking(member) | {"until": until}).first()


def free_record(
    db: Session,
    member: Member,
    phase: Phase,
    *,
    after: int | None = None,
    known: ScreeningPlan | None = None,
) -> Record | None:
    """The record to hand to the member next; None when nothing waits for their vote.

    after: a record number to pass over; what was passed over comes again at the end.
    known: the review's settings, where they were just read.
    """
    required = (known or plan(db, member)).required(phase)
    said = asking(member) | {"required": required, "until": now(), "after": 0}
    free, not_free = _free(phase), _fewest_holders(phase)
    tries = [(free, said), (not_free, said)]
    if after is not None:
        tries.insert(0, (free, said | {"after": min(after, LARGEST_ID)}))
    for statement, values in tries:
        found = db.exec(statement, params=values).first()
        if found is not None:
            return found
    return None


@cache
def _held(phase: Phase) -> SelectOfScalar[Record]:
    mine = sa.and_(
        col(Lease.record_id) == Record.id,
        col(Lease.phase) == phase,
        col(Lease.member_id) == sa.bindparam("member_id"),
        col(Lease.until) > sa.bindparam("until"),
    )
    return waiting(phase).join(Lease, mine)


def _holders(phase: Phase) -> sa.ScalarSelect[int]:
    """How many others hold the record now."""
    return (
        sa.select(func.count())
        .where(
            col(Lease.record_id) == Record.id,
            col(Lease.phase) == phase,
            col(Lease.member_id) != sa.bindparam("member_id"),
            col(Lease.until) > sa.bindparam("until"),
        )
        .scalar_subquery()
    )


@cache
def _free(phase: Phase) -> SelectOfScalar[Record]:
    """The first record that needs more votes than it has votes and other holders.

    To a person whom nobody stands beside, the order is the same whatever others have voted.
    """
    votes = (
        sa.select(col(Standing.votes))
        .where(col(Standing.record_id) == Record.id, col(Standing.phase) == phase)
        .scalar_subquery()
    )
    return (
        waiting(phase)
        .where(
            func.coalesce(votes, 0) + _holders(phase) < sa.bindparam("required"),
            col(Record.number) > sa.bindparam("after"),
        )
        .order_by(col(Record.number))
        .limit(1)
    )


@cache
def _fewest_holders(phase: Phase) -> SelectOfScalar[Record]:
    return waiting(phase).order_by(_holders(phase), col(Record.number)).limit(1)
