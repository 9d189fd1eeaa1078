"""How far extraction is, for the frame and the home page."""

import sqlalchemy as sa
from flask import url_for
from sqlmodel import Session, col, func, select

from reviewtool.extraction import queries
from reviewtool.extraction.models import CopyKind, CopyState, Extraction, Study
from reviewtool.permissions import Action, allows
from reviewtool.team.models import Member


def progress(db: Session, member: Member) -> tuple[int, int]:
    """(studies with a finished consensus, studies)."""
    agreed = sa.and_(
        col(Extraction.study_id) == Study.id,
        col(Extraction.kind) == CopyKind.CONSENSUS,
        col(Extraction.state) == CopyState.DONE,
    )
    total, done = db.exec(
        select(func.count(col(Study.id)), func.count(col(Extraction.id)))
        .select_from(Study)
        .outerjoin(Extraction, agreed)
        .where(Study.review_id == member.review_id, col(Study.removed_at).is_(None))
    ).one()
    return done, total


def tasks(db: Session, member: Member) -> list[tuple[str, str]]:
    """Reports to link, studies to extract, differences to settle."""

    def words(count: int, one: str, many: str) -> str:
        return f"{count} {one if count == 1 else many}"

    found = []
    review_id = member.review_id
    if allows(member, Action.MANAGE_STUDIES) and (count := queries.unlinked_count(db, review_id)):
        url = url_for("extraction.reports", review_id=review_id)
        found.append((words(count, "report to link to a study", "reports to link to studies"), url))
    if not allows(member, Action.EXTRACT):
        return found
    waiting = [line.next_for(member) for line in queries.lines(db, member)]
    url = url_for("extraction.index", review_id=review_id)
    if count := sum(what in {"continue", "begin"} for what in waiting):
        found.append((words(count, "study to extract", "studies to extract"), url))
    if count := waiting.count("settle"):
        found.append((words(count, "extraction to settle", "extractions to settle"), url))
    return found
