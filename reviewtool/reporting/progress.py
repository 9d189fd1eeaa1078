"""How far the report is: the checklist's items that have a place."""

from sqlmodel import Session, col, func, select

from reviewtool.reporting.models import ChecklistAnswer
from reviewtool.reporting.sheets.checklist import ITEMS
from reviewtool.team.models import Member


def progress(db: Session, member: Member) -> tuple[int, int]:
    """(items with a place in the manuscript, items)."""
    done = db.exec(
        select(func.count(col(ChecklistAnswer.id))).where(
            ChecklistAnswer.review_id == member.review_id, ChecklistAnswer.location != ""
        )
    ).one()
    return done, len(ITEMS)


def tasks(db: Session, member: Member) -> list[tuple[str, str]]:  # noqa: ARG001
    """Nothing of the report waits for one person."""
    return []
