"""How far risk of bias is, for the frame and the home page."""

from flask import url_for
from sqlalchemy import func, union
from sqlmodel import Session, col, select

from reviewtool.bias.models import Assessment
from reviewtool.extraction.models import CopyKind, CopyState, Result, Study
from reviewtool.permissions import Action, allows
from reviewtool.team.models import Member
from reviewtool.words import plural


def progress(db: Session, member: Member) -> tuple[int, int]:
    """(results with an agreed judgement, results that can be assessed)."""
    results = (
        select(Result.study_id, Result.outcome_id, Result.timepoint)
        .join(Study, col(Study.id) == Result.study_id)
        .where(Result.review_id == member.review_id, col(Study.removed_at).is_(None))
    )
    begun = (
        select(Assessment.study_id, Assessment.outcome_id, Assessment.timepoint)
        .join(Study, col(Study.id) == Assessment.study_id)
        .where(Assessment.review_id == member.review_id, col(Study.removed_at).is_(None))
    )
    every = union(results, begun).subquery()
    total = db.exec(select(func.count()).select_from(every)).one()
    if not total:
        return 0, 0
    done = db.exec(
        select(func.count(col(Assessment.id)))
        .join(Study, col(Study.id) == Assessment.study_id)
        .where(
            Assessment.review_id == member.review_id,
            Assessment.kind == CopyKind.CONSENSUS,
            Assessment.state == CopyState.DONE,
            col(Study.removed_at).is_(None),
        )
    ).one()
    return int(done), int(total)


def tasks(db: Session, member: Member) -> list[tuple[str, str]]:
    """Own copies to finish, and pairs of finished copies to agree on."""
    if not allows(member, Action.ASSESS_BIAS):
        return []
    url = url_for("bias.index", review_id=member.review_id)
    found = []
    mine = db.exec(
        select(func.count(col(Assessment.id))).where(
            Assessment.review_id == member.review_id,
            Assessment.member_id == member.id,
            Assessment.kind != CopyKind.CONSENSUS,
            Assessment.state == CopyState.IN_PROGRESS,
        )
    ).one()
    if mine:
        words = plural(mine, "risk-of-bias assessment", "risk-of-bias assessments")
        found.append((f"{words} to finish", url))
    groups = (col(Assessment.study_id), col(Assessment.outcome_id), col(Assessment.timepoint))
    finished = (
        select(*groups)
        .where(
            Assessment.review_id == member.review_id,
            Assessment.kind != CopyKind.CONSENSUS,
            Assessment.state == CopyState.DONE,
        )
        .group_by(*groups)
        .having(func.count(col(Assessment.id)) >= 2)
        .subquery()
    )
    pairs = db.exec(select(func.count()).select_from(finished)).one()
    agreed = db.exec(
        select(func.count(col(Assessment.id))).where(
            Assessment.review_id == member.review_id,
            Assessment.kind == CopyKind.CONSENSUS,
            Assessment.state == CopyState.DONE,
        )
    ).one()
    if pairs > agreed:
        words = plural(pairs - agreed, "pair of assessments", "pairs of assessments")
        found.append((f"{words} to agree on", url))
    return found
