"""How far rating is, for the frame and the home page."""

from flask import url_for
from sqlmodel import Session, col, func, select

from reviewtool.certainty.models import Rating
from reviewtool.permissions import Action, allows
from reviewtool.protocol.models import PlannedAnalysis
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.synthesis.models import Analysis
from reviewtool.team.models import Member
from reviewtool.words import plural


def _pooled(db: Session, member: Member) -> int:
    return db.exec(
        select(func.count(col(Analysis.id)))
        .join(PlannedAnalysis, col(PlannedAnalysis.id) == Analysis.planned_id)
        .where(
            Analysis.review_id == member.review_id,
            col(Analysis.current_run_id).is_not(None),
            col(PlannedAnalysis.removed_at).is_(None),
            PlannedAnalysis.kind != OVER_TIME,
        )
    ).one()


def _current(db: Session, member: Member) -> int:
    """Ratings made on the newest run."""
    return db.exec(
        select(func.count(col(Rating.id)))
        .join(Analysis, col(Analysis.id) == Rating.analysis_id)
        .join(PlannedAnalysis, col(PlannedAnalysis.id) == Analysis.planned_id)
        .where(
            Rating.review_id == member.review_id,
            Rating.certainty != "",
            col(Rating.run_id) == Analysis.current_run_id,
            col(PlannedAnalysis.removed_at).is_(None),
            PlannedAnalysis.kind != OVER_TIME,
        )
    ).one()


def progress(db: Session, member: Member) -> tuple[int, int]:
    """(results rated on their newest run, results)."""
    total = _pooled(db, member)
    return (_current(db, member), total) if total else (0, 0)


def tasks(db: Session, member: Member) -> list[tuple[str, str]]:
    """Results without an up-to-date rating, for those who may rate."""
    if not allows(member, Action.RATE_CERTAINTY):
        return []
    done, total = progress(db, member)
    if done >= total:
        return []
    words = plural(total - done, "result", "results")
    return [(f"{words} to rate", url_for("certainty.index", review_id=member.review_id))]
