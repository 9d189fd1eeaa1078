"""Handing out the next record, and taking it back. Nothing here is a change for the log."""

import sqlalchemy as sa
from sqlmodel import Session, func

from reviewtool.db.types import now
from reviewtool.permissions import Action, require
from reviewtool.references.models import Record
from reviewtool.screening.models import Lease, ScreeningPlan
from reviewtool.screening.queries.leases import free_record, held_record, lease
from reviewtool.screening.queries.plan import is_screener, plan
from reviewtool.screening.rules.leases import LASTS
from reviewtool.screening.rules.outcome import Phase
from reviewtool.team.models import Member

LEASES = 7261  # a number of our own among PostgreSQL's locks


def hand_out(
    db: Session, member: Member, phase: Phase, *, after: int | None = None
) -> Record | None:
    """The record that ``member`` is to vote on next, held for them for a while.

    The one they hold already comes again, unless they pass it over with ``after`` (its
    number). None when nothing waits for them.
    """
    require(member, Action.SCREEN)
    known = plan(db, member)
    if not is_screener(member, known, phase):
        return None
    _one_at_a_time(db, member)
    row = lease(db, member, phase)
    found = held_record(db, member, phase) if row is not None else None
    if found is None or (after is not None and found.number <= after):
        found = free_record(db, member, phase, after=after, known=known)
    if found is not None:
        _hold(db, member, found, phase, row)
    return found


def hand_over(
    db: Session, member: Member, record: Record, phase: Phase, known: ScreeningPlan
) -> Record | None:
    """End the member's hold on a record that they have just voted on, and hand out the next.

    The same as to give it back and ask for the next, with half the questions. known: the
    review's settings.
    """
    with db.no_autoflush:  # the vote was stored; what the log says of it is in no question here
        _one_at_a_time(db, member)
        row = lease(db, member, phase)
        found = None
        if row is not None and row.record_id != record.id:
            found = held_record(db, member, phase)
        if found is None:
            found = free_record(db, member, phase, known=known)
    if found is not None:
        _hold(db, member, found, phase, row)
    elif row is not None:
        db.delete(row)
    return found


def keep_open(db: Session, member: Member, record: Record, phase: Phase) -> None:
    """Hold a record that the member took a vote back on, and now looks at again."""
    _one_at_a_time(db, member)
    _hold(db, member, record, phase, lease(db, member, phase))


def give_back(db: Session, member: Member, record: Record, phase: Phase) -> None:
    """End the member's hold on this record; a hold on another stays."""
    require(member, Action.SCREEN)
    _one_at_a_time(db, member)
    row = lease(db, member, phase)
    if row is not None and row.record_id == record.id:
        db.delete(row)


def _hold(db: Session, member: Member, record: Record, phase: Phase, row: Lease | None) -> None:
    if row is None:
        row = Lease(
            review_id=member.review_id,
            phase=phase,
            record_id=record.id,
            member_id=member.id,
            until=now(),
        )
    row.record_id, row.until = record.id, now() + LASTS[phase]
    db.add(row)


def _one_at_a_time(db: Session, member: Member) -> None:
    """Let nobody else count the holds of this review until ours is stored.

    Taken before any hold is touched, and nothing else is waited for behind it.
    """
    if db.get_bind().dialect.name != "sqlite":
        db.execute(_LOCK, {"review": member.review_id})


_LOCK = sa.select(
    func.pg_advisory_xact_lock(sa.literal(LEASES), sa.bindparam("review", type_=sa.Integer))
)
