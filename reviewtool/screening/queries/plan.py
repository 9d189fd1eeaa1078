"""How this review screens: settings, reasons, criteria, who may do what."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool.db.remembering import remembered
from reviewtool.db.row import mine
from reviewtool.errors import Invalid, NotFound
from reviewtool.permissions import Action, allows
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import Criterion
from reviewtool.screening.models import ExclusionReason, ScreeningPlan
from reviewtool.screening.rules.outcome import Phase
from reviewtool.team.models import Member


def plan(db: Session, member: Member) -> ScreeningPlan:
    """The review's settings; the usual ones while nobody has changed any."""
    return remembered(db, plan_key(member), lambda: _plan(db, member.review_id))


def plan_key(member: Member) -> tuple[str, int]:
    """Under which a reading remembers the settings."""
    return "plan", member.review_id


_PLAN = select(ScreeningPlan).where(
    col(ScreeningPlan.review_id) == sa.bindparam("review", type_=sa.Integer)
)


def _plan(db: Session, review_id: int) -> ScreeningPlan:
    return db.exec(_PLAN, params={"review": review_id}).one_or_none() or usual(review_id)


def usual(review_id: int) -> ScreeningPlan:
    """The settings of a review where nobody has changed any."""
    # Its empty lists are given outright: to work out a default each time takes longer.
    return ScreeningPlan(
        review_id=review_id,
        include_terms=[],
        exclude_terms=[],
        screener_ids=[],
        fulltext_screener_ids=[],
        resolver_ids=[],
    )


def may_screen(db: Session, member: Member, phase: Phase) -> bool:
    """Whether the role allows voting and the settings do not name others."""
    return is_screener(member, plan(db, member), phase)


def is_screener(member: Member, known: ScreeningPlan, phase: Phase) -> bool:
    """The same, where the settings are known."""
    chosen = known.screeners(phase)
    return allows(member, Action.SCREEN) and (not chosen or member.id in chosen)


def may_resolve(db: Session, member: Member) -> bool:
    """Whether the role allows settling conflicts and the settings do not name others."""
    chosen = plan(db, member).resolver_ids
    return allows(member, Action.RESOLVE) and (not chosen or member.id in chosen)


def reasons(db: Session, member: Member, *, archived: bool = False) -> Sequence[ExclusionReason]:
    """The exclusion reasons in their order, the most important first."""
    statement = (
        select(ExclusionReason)
        .where(ExclusionReason.review_id == member.review_id)
        .order_by(col(ExclusionReason.position), col(ExclusionReason.id))
    )
    if not archived:
        statement = statement.where(col(ExclusionReason.archived_at).is_(None))
    return db.exec(statement).all()


def reason(db: Session, member: Member, reason_id: int) -> ExclusionReason:
    """One reason of this review. Raises Invalid."""
    try:
        return mine(db, member, ExclusionReason, reason_id)
    except NotFound:
        raise Invalid(
            "This exclusion reason is not on the review's list. Choose one that is."
        ) from None


def criteria(db: Session, member: Member) -> tuple[list[Criterion], list[Criterion]]:
    """The protocol's criteria: (to include, to exclude)."""
    found = protocol.criteria(db, member.review_id)
    return [c for c in found if c.include], [c for c in found if not c.include]
