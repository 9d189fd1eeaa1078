"""Stopping a job and going on with a paused one: who asked for it, or who leads."""

from sqlmodel import Session

from reviewtool import jobs
from reviewtool.jobs import Job
from reviewtool.permissions import Action, require
from reviewtool.team.models import Member


def _require(actor: Member, row: Job) -> None:
    require(actor, Action.READ if row.user_id == actor.user_id else Action.MANAGE_TEAM)


def cancel_job(db: Session, actor: Member, row: Job) -> None:
    """Ask a job to stop."""
    _require(actor, row)
    jobs.cancel(db, row)


def resume_job(db: Session, actor: Member, row: Job) -> None:
    """Go on with a paused job now. Raises Conflict when it is not paused."""
    _require(actor, row)
    jobs.resume(db, row)
