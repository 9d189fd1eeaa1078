"""Building the demonstration reviews, through the services that people's clicks use."""

import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from reviewtool.db.engine import current_database
from reviewtool.db.turns import turns
from reviewtool.demo import acupuncture, appraisal, fibromyalgia, triptans
from reviewtool.demo.people import ACTORS, Cast, address_of, enrol
from reviewtool.demo.steps import Stage
from reviewtool.reporting.sheets import flow as flowchart
from reviewtool.storage import current_storage
from reviewtool.team.errors import BeingBuilt
from reviewtool.team.models import Member, Review, UnfinishedReview, User
from reviewtool.team.services import unfinished

STEPS = 200  # about how often a step tells of itself
SIGN_EVERY = 10.0  # seconds between two signs of life


def build(user_id: int, report: Callable[[int, int, str], None], job_id: int | None = None) -> None:
    """All reviews for one account; a review that is there already is left alone.

    Each is one unit: when it fails or is stopped, nothing of it stays. Raises BeingBuilt
    when another process builds the same one for the same account.
    """
    told, signed = 0, time.monotonic()

    for module, finish in (
        (triptans, appraisal.triptans),
        (fibromyalgia, appraisal.fibromyalgia),
        (acupuncture, appraisal.acupuncture),
    ):
        cast = _begin(user_id, module.TITLE, module.NOTE, job_id)
        if cast is None:
            continue
        review_id = cast.owner.review_id

        def tell(message: str, review_id: int = review_id) -> None:
            nonlocal told, signed
            told += 1
            report(min(told, STEPS - 1), STEPS, message)
            if time.monotonic() - signed > SIGN_EVERY:
                signed = time.monotonic()
                for turn in turns(current_database()):
                    with turn as db:
                        unfinished.go_on(db, review_id)

        try:
            stage = Stage(cast, current_database(), tell)
            module.build(stage)
            finish(stage)
            for turn in turns(current_database()):
                with turn as db:
                    flowchart.prepare(db, review_id)
                    unfinished.finish(db, review_id)
        except BaseException:
            clear(review_id)
            raise
    report(STEPS, STEPS, "The demonstration reviews are ready.")


def clear(review_id: int) -> None:
    """Take an unfinished demonstration away, with its actors if they act nowhere else."""
    for turn in turns(current_database()):
        with turn as db:
            unfinished.remove(db, review_id, current_storage())
            db.flush()
            addresses = [address_of(key) for key, _, _ in ACTORS]
            try:
                with db.begin_nested():
                    db.execute(
                        sa.delete(User).where(
                            col(User.email).in_(addresses),
                            col(User.id).not_in(select(Member.user_id)),
                        )
                    )
            except IntegrityError:  # another demonstration begins with them at this moment
                pass


def clear_left_behind() -> list[int]:
    """Take away what killed processes left; called at each start and from time to time."""
    with current_database().session(write=False) as db:
        found = unfinished.left_behind(db)
    for review_id in found:
        clear(review_id)
    return found


def _begin(user_id: int, title: str, note: str, job_id: int | None) -> Cast | None:
    """A new review with its people; None when there is a whole one."""
    with current_database().session(write=False) as db:
        for review, begun in _existing(db, user_id, title):
            if begun is None:
                return None
            same = job_id is not None and begun.job_id == job_id  # an earlier try of this job
            if unfinished.is_alive(begun) and not same:
                raise BeingBuilt(title=title)
            clear(review.id)
    for turn in turns(current_database()):
        with turn as db:
            # Two who ask at one moment for one account take turns here.
            user = db.exec(select(User).where(User.id == user_id).with_for_update()).one()
            if _existing(db, user_id, title):
                raise BeingBuilt(title=title)
            cast = enrol(db, user, title, note)
            unfinished.begin(db, cast.owner.review_id, job_id)
    return cast


def _existing(
    db: Session, user_id: int, title: str
) -> list[tuple[Review, UnfinishedReview | None]]:
    """The account's demonstrations of that title; with who makes them, while they are made."""
    rows = db.exec(
        select(Review, UnfinishedReview)
        .join(Member, col(Member.review_id) == Review.id)
        .join(UnfinishedReview, col(UnfinishedReview.review_id) == col(Review.id), isouter=True)
        .where(
            Member.user_id == user_id,
            Review.title == title,
            Review.is_demo == True,  # noqa: E712
            col(Review.archived_at).is_(None),
        )
        .order_by(col(Review.id))
    ).all()
    return [(review, begun) for review, begun in rows]
