"""Which record is handed to whom next.

The order stays that of the record numbers. A record that as many others hold as it still
needs votes is passed over while anything else waits; when nothing else does, the one that
the fewest hold is handed out all the same. That a record is passed over says that somebody
has it open, never that anybody voted: without another person's hold no vote changes what
one is handed.
"""

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from reviewtool.db.types import now
from reviewtool.references.models import Record
from reviewtool.screening.models import Lease, Standing
from reviewtool.screening.queries.plan import plan
from reviewtool.screening.queries.work import waiting
from reviewtool.screening.rules.leases import LASTS
from reviewtool.screening.rules.outcome import Phase
from reviewtool.team.models import Member


def lease(db: Session, member: Member, phase: Phase) -> Lease | None:
    """What the member holds in this phase, also when its time is over."""
    return db.exec(
        select(Lease).where(Lease.member_id == member.id, Lease.phase == phase)
    ).one_or_none()


def held_record(
    db: Session, member: Member, phase: Phase, *, a_while: bool = False
) -> Record | None:
    """The record that the member holds, while it waits for their vote.

    a_while: only if the hold lasts long enough still, and need not be renewed.
    """
    until = now() + LASTS[phase] / 2 if a_while else now()
    return db.exec(
        waiting(member, phase)
        .join(Lease, sa.and_(col(Lease.record_id) == Record.id, col(Lease.phase) == phase))
        .where(Lease.member_id == member.id, Lease.until > until)
    ).first()


def free_record(
    db: Session, member: Member, phase: Phase, *, after: int | None = None
) -> Record | None:
    """The record to hand to the member next; None when nothing waits for their vote.

    after: a record number to pass over; what was passed over comes again at the end.
    """
    holders = (
        sa.select(func.count())
        .where(
            col(Lease.record_id) == Record.id,
            col(Lease.phase) == phase,
            col(Lease.member_id) != member.id,
            col(Lease.until) > now(),
        )
        .scalar_subquery()
    )
    votes = (
        sa.select(col(Standing.votes))
        .where(col(Standing.record_id) == Record.id, col(Standing.phase) == phase)
        .scalar_subquery()
    )
    open_to_me = waiting(member, phase).limit(1)
    required = plan(db, member).required(phase)
    free = open_to_me.where(func.coalesce(votes, 0) + holders < required)  # rules.leases.is_free
    tries = [free, open_to_me.order_by(holders)]
    if after is not None:
        tries.insert(0, free.where(Record.number > after))
    for statement in tries:
        found = db.exec(statement.order_by(col(Record.number))).first()
        if found is not None:
            return found
    return None
