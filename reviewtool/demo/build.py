"""Building the demonstration reviews, through the services that people's clicks use."""

from collections.abc import Callable

from sqlmodel import Session, col, select

from reviewtool.db.engine import current_database, transaction
from reviewtool.db.types import now
from reviewtool.demo import appraisal, fibromyalgia, triptans
from reviewtool.demo.people import Cast, enrol
from reviewtool.demo.steps import Stage
from reviewtool.reporting.sheets import flow as flowchart
from reviewtool.team.models import Member, Review, User

STEPS = 60  # about how often a step tells of itself
UNFINISHED = "Being built. "


def build(user_id: int, report: Callable[[int, int, str], None]) -> None:
    """Both reviews for one account; a review that is there already is left alone."""
    told = 0

    def tell(message: str) -> None:
        nonlocal told
        told += 1
        report(min(told, STEPS - 1), STEPS, message)

    for module, finish in ((triptans, appraisal.triptans), (fibromyalgia, appraisal.fibromyalgia)):
        cast = _begin(user_id, module.TITLE, module.NOTE)
        if cast is None:
            continue
        stage = Stage(cast, current_database(), tell)
        module.build(stage)
        finish(stage)
        with transaction(current_database()) as db:
            flowchart.prepare(db, stage.review_id)
            review = db.get_one(Review, stage.review_id)
            review.note = module.NOTE
            db.add(review)
    report(STEPS, STEPS, "Both demonstration reviews are ready.")


def _begin(user_id: int, title: str, note: str) -> Cast | None:
    with transaction(current_database()) as db:
        for review in _existing(db, user_id, title):
            if not review.note.startswith(UNFINISHED):
                return None
            review.archived_at = now()  # an earlier run was interrupted
            db.add(review)
        return enrol(db, db.get_one(User, user_id), title, UNFINISHED + note)


def _existing(db: Session, user_id: int, title: str) -> list[Review]:
    return list(
        db.exec(
            select(Review)
            .join(Member, col(Member.review_id) == Review.id)
            .where(
                Member.user_id == user_id,
                Review.title == title,
                Review.is_demo == True,  # noqa: E712
                col(Review.archived_at).is_(None),
            )
            .order_by(col(Review.id))
        ).all()
    )
