"""How far the analyses are, for the frame and the home page."""

from flask import url_for
from sqlmodel import Session, col, func, or_, select

from reviewtool.permissions import Action, allows
from reviewtool.protocol.models import OutcomeKind, PlannedAnalysis, PlannedOutcome
from reviewtool.synthesis.models import Analysis, AnalysisState
from reviewtool.team.models import Member


def progress(db: Session, member: Member) -> tuple[int, int]:
    """(analyses with current numbers, planned analyses); a narrative of foci is no number."""
    total = db.exec(
        select(func.count(col(PlannedAnalysis.id)))
        .join(PlannedOutcome, col(PlannedOutcome.id) == PlannedAnalysis.outcome_id)
        .where(
            PlannedAnalysis.review_id == member.review_id,
            col(PlannedAnalysis.removed_at).is_(None),
            or_(
                col(PlannedAnalysis.kind) != "narrative",
                col(PlannedOutcome.kind) != OutcomeKind.COORDINATES,
            ),
        )
    ).one()
    return _count(db, member, AnalysisState.CURRENT), total


def _count(db: Session, member: Member, *states: AnalysisState) -> int:
    return db.exec(
        select(func.count(col(Analysis.id)))
        .join(PlannedAnalysis, col(PlannedAnalysis.id) == Analysis.planned_id)
        .where(
            Analysis.review_id == member.review_id,
            col(Analysis.state).in_(states),
            col(PlannedAnalysis.removed_at).is_(None),
        )
    ).one()


def tasks(db: Session, member: Member) -> list[tuple[str, str]]:
    """Analyses that are out of date or failed, for those who analyse."""
    if not allows(member, Action.ANALYSE):
        return []
    count = _count(db, member, AnalysisState.STALE, AnalysisState.FAILED)
    if not count:
        return []
    words = "analyses need" if count > 1 else "analysis needs"
    return [(f"{count} {words} a look", url_for("synthesis.index", review_id=member.review_id))]
