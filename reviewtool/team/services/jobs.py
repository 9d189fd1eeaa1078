"""Stopping a job and going on with a paused one: who asked for it, or who leads."""

from sqlmodel import Session

from reviewtool import jobs
from reviewtool.jobs import Job
from reviewtool.permissions import require
from reviewtool.team.models import Member
from reviewtool.team.rules import steering


def cancel_job(db: Session, actor: Member, row: Job) -> None:
    """Ask a job to stop."""
    require(actor, steering(actor.user_id, row))
    jobs.cancel(db, row)


def resume_job(db: Session, actor: Member, row: Job) -> None:
    """Go on with a paused job now. Raises Conflict when it is not paused."""
    require(actor, steering(actor.user_id, row))
    jobs.resume(db, row)
