"""What a member has to do, has done, and how far the team is.

The order of work is the order of record numbers. It never depends on what anyone else
has voted, or on whether they have: an order that did would tell. ``leases`` knows which of
them is handed to whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from reviewtool.db.remembering import remembered
from reviewtool.db.row import LARGEST_ID, mine
from reviewtool.references.models import Record, Report, Retrieval
from reviewtool.screening.models import Decision, Standing
from reviewtool.screening.queries.plan import may_resolve, may_screen
from reviewtool.screening.queries.search import holding
from reviewtool.screening.queries.votes import COMPLETE, CONFLICTS
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.team.models import Member

DECIDED = (Outcome.INCLUDE, Outcome.EXCLUDE)


@dataclass(frozen=True)
class Progress:
    """My own count and the team's totals; nothing about any other person."""

    mine: int
    left: int
    decided: int
    conflicts: int
    total: int


def record(db: Session, member: Member, record_id: int) -> Record:
    """A record of the member's review. Raises NotFound."""
    return mine(db, member, Record, record_id)


def _is_active() -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Record.merged_into_id).is_(None),
        col(Record.set_aside_at).is_(None),
        col(Record.removed_reason) == "",
    )


# Statements that every vote asks are built once; who asks is filled in by ``asking``.
_REVIEW: sa.BindParameter[int] = sa.bindparam("review_id")
_ME: sa.BindParameter[int] = sa.bindparam("member_id")


def asking(member: Member) -> dict[str, int]:
    """What the statements of this module want to know of the member."""
    return {"review_id": member.review_id, "member_id": member.id}


def _in_phase(phase: Phase) -> SelectOfScalar[Record]:
    """The records that take part in a phase: all active ones, or those with a report to read."""
    statement = select(Record).where(col(Record.review_id) == _REVIEW, _is_active())
    if phase is Phase.FULL_TEXT:
        statement = statement.join(Report, sa.and_(col(Report.record_id) == Record.id)).where(
            col(Report.set_aside_at).is_(None), Report.retrieval == Retrieval.RETRIEVED
        )
    return statement


def _with_standing(phase: Phase) -> SelectOfScalar[Record]:
    return _in_phase(phase).join(
        Standing, sa.and_(col(Standing.record_id) == Record.id, col(Standing.phase) == phase)
    )


def _mine(phase: Phase, record_id: Any = Record.id) -> sa.ColumnElement[bool]:
    """That I have voted on the record."""
    return sa.exists().where(
        col(Decision.record_id) == record_id,
        col(Decision.member_id) == _ME,
        col(Decision.phase) == phase,
    )


def _count(db: Session, member: Member, statement: SelectOfScalar[Record]) -> int:
    inner = statement.with_only_columns(func.count()).order_by(None)
    return int(db.execute(inner, asking(member)).scalar_one())


def _inactive() -> sa.ColumnElement[bool]:
    return sa.or_(
        col(Record.merged_into_id).is_not(None),
        col(Record.set_aside_at).is_not(None),
        col(Record.removed_reason) != "",
    )


@cache
def _tally(phase: Phase) -> Any:
    """(outcome, records with it), in any order; "" counts all that take part in the phase.

    An outcome may come twice, with numbers to be added up: at title and abstract all
    standings are counted, and those of the few that left the review are taken off again.
    """
    outcome = sa.type_coerce(col(Standing.outcome), sa.String)
    all_ = _in_phase(phase).with_only_columns(sa.literal(""), func.count())
    if phase is Phase.FULL_TEXT:
        counted = _with_standing(phase).with_only_columns(outcome, func.count())
        return sa.union_all(all_, counted.group_by(outcome))
    counted = sa.select(outcome, func.count()).where(
        col(Standing.review_id) == _REVIEW, col(Standing.phase) == phase
    )
    left = (
        sa.select(outcome, -func.count())
        .select_from(Record)
        .join(Standing, sa.and_(col(Standing.record_id) == Record.id, col(Standing.phase) == phase))
        .where(col(Record.review_id) == _REVIEW, _inactive())
    )
    return sa.union_all(all_, counted.group_by(outcome), left.group_by(outcome))


@cache
def _number_between(phase: Phase) -> Any:
    """Records that have my vote and wait for another; there are few, so begin with them."""
    taking_part = _in_phase(phase).where(col(Record.id) == Standing.record_id).correlate(Standing)
    return sa.select(func.count()).where(
        col(Standing.review_id) == _REVIEW,
        col(Standing.phase) == phase,
        col(Standing.outcome) == Outcome.AWAITING_SECOND,
        _mine(phase, Standing.record_id),
        taking_part.exists(),
    )


@cache
def _own(phase: Phase) -> Any:
    """One row: (my votes, records that have mine and wait for another)."""
    mine = sa.select(func.count()).where(
        col(Decision.review_id) == _REVIEW,
        col(Decision.member_id) == _ME,
        col(Decision.phase) == phase,
    )
    return sa.select(mine.scalar_subquery(), _number_between(phase).scalar_subquery())


def _counts(db: Session, member: Member, phase: Phase) -> tuple[int, dict[Outcome, int]]:
    """(records in the phase, how many of them have each outcome): the team's totals."""

    def ask() -> tuple[int, dict[Outcome, int]]:
        total, found = 0, dict.fromkeys(Outcome, 0)
        for outcome, number in db.execute(_tally(phase), asking(member)):
            if outcome:
                found[Outcome(outcome)] += number
            else:
                total = number
        return total, found

    return remembered(db, ("counts", member.review_id, phase), ask)


def _waiting(total: int, by_outcome: dict[Outcome, int], between: int) -> int:
    """Records that wait for my vote: without those that are complete, and those that have mine.

    Counted from this side because nearly all of a large review is decided: the records
    in between are few, so this stays fast at 100,000.
    """
    return total - sum(by_outcome[outcome] for outcome in COMPLETE) - between


@cache
def waiting(phase: Phase) -> SelectOfScalar[Record]:
    """The records that wait for the vote of who is ``asking``, in no order."""
    complete = sa.exists().where(
        col(Standing.record_id) == Record.id,
        col(Standing.phase) == phase,
        col(Standing.outcome).in_(COMPLETE),
    )
    return _in_phase(phase).where(~_mine(phase), ~complete)


def waiting_count(db: Session, member: Member, phase: Phase) -> int:
    """How many records wait for this member's vote."""
    if not may_screen(db, member, phase):
        return 0
    _, between = db.execute(_own(phase), asking(member)).one()
    return _waiting(*_counts(db, member, phase), between)


def progress(db: Session, member: Member, phase: Phase) -> Progress:
    """My count, and totals of the team.

    ``mine`` counts every vote I gave, also on records that left screening since.
    """
    total, by_outcome = _counts(db, member, phase)
    mine, between = db.execute(_own(phase), asking(member)).one()
    return Progress(
        mine=mine,
        left=_waiting(total, by_outcome, between) if may_screen(db, member, phase) else 0,
        decided=sum(by_outcome[outcome] for outcome in DECIDED),
        conflicts=sum(by_outcome[outcome] for outcome in CONFLICTS),
        total=total,
    )


def decided_count(db: Session, member: Member, phase: Phase) -> tuple[int, int]:
    """(decided, in this phase): the two numbers of the frame."""
    total, by_outcome = _counts(db, member, phase)
    return sum(by_outcome[outcome] for outcome in DECIDED), total


def conflicts(
    db: Session, member: Member, phase: Phase, *, only_reasons: bool = False
) -> Sequence[tuple[Record, Outcome, bool]]:
    """Records in conflict as (record, kind, whether ``member`` is one of the voters)."""
    kinds = (Outcome.REASON_CONFLICT,) if only_reasons else CONFLICTS
    statement = (
        _with_standing(phase)
        .where(col(Standing.outcome).in_(kinds))
        .with_only_columns(Record, col(Standing.outcome), _mine(phase))
        .order_by(col(Record.number))
    )
    return [(row[0], row[1], bool(row[2])) for row in db.execute(statement, asking(member)).all()]


def conflict_count(db: Session, member: Member, phase: Phase) -> int:
    """How many conflicts wait for this member, as the third person."""
    if not may_resolve(db, member):
        return 0
    statement = _with_standing(phase).where(col(Standing.outcome).in_(CONFLICTS), ~_mine(phase))
    return _count(db, member, statement)


def history(
    db: Session,
    member: Member,
    phase: Phase,
    *,
    words: str = "",
    vote: Vote | None = None,
    before: int | None = None,
    size: int = 50,
) -> Sequence[tuple[Decision, Record]]:
    """The member's own votes, the latest first, ``size`` and one more to tell of a next page.

    words: in title, authors or number. before: id of the last decision of the page before.
    """
    statement = (
        select(Decision, Record)
        .join(Record, sa.and_(col(Record.id) == Decision.record_id))
        .where(
            Decision.review_id == member.review_id,
            Decision.member_id == member.id,
            Decision.phase == phase,
        )
        .order_by(col(Decision.id).desc())
        .limit(size + 1)
    )
    statement = statement.where(*holding(words))
    if vote is not None:
        statement = statement.where(Decision.vote == vote)
    if before is not None:
        statement = statement.where(col(Decision.id) < before)
    return db.exec(statement).all()


@cache
def _previous(phase: Phase) -> Any:
    mine = sa.and_(
        col(Decision.review_id) == _REVIEW,
        col(Decision.member_id) == _ME,
        col(Decision.phase) == phase,
    )
    here = aliased(Decision)
    of_this = sa.select(col(here.id)).where(
        col(here.record_id) == sa.bindparam("record_id"),
        col(here.member_id) == _ME,
        col(here.phase) == phase,
    )
    before = col(Decision.id) < func.coalesce(of_this.scalar_subquery(), LARGEST_ID)
    return (
        sa.select(col(Decision.record_id))
        .where(mine, before)
        .order_by(col(Decision.id).desc())
        .limit(1)
    )


def previous_record(db: Session, member: Member, phase: Phase, record_id: int) -> int | None:
    """The record that the member voted on before ``record_id``; the last one when there is
    no vote on it yet.
    """
    asked = asking(member) | {"record_id": record_id}
    return db.execute(_previous(phase), asked).scalar_one_or_none()


def settled_records(
    db: Session,
    member: Member,
    phase: Phase,
    outcome: Outcome,
    *,
    after: int | None = None,
    size: int = 50,
) -> Sequence[Record]:
    """Records with this outcome by number, ``size`` and one more; only complete outcomes."""
    if outcome not in COMPLETE:
        return []
    statement = (
        _with_standing(phase)
        .where(Standing.outcome == outcome)
        .order_by(col(Record.number))
        .limit(size + 1)
    )
    if after is not None:
        statement = statement.where(Record.number > after)
    return db.exec(statement, params=asking(member)).all()
