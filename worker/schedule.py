"""What is done from time to time: stranded and paused jobs go on, the disk is looked at."""

import logging

from reviewtool import disk, jobs
from reviewtool.db import current_database
from reviewtool.demo.build import clear_left_behind
from reviewtool.errors import Passing
from worker import celery
from worker.app import flask_app

log = logging.getLogger(__name__)


@celery.task(name="resend_stranded")  # type: ignore[untyped-decorator]
def resend_stranded(just_started: bool = False) -> int:
    """Jobs that were never sent, or whose worker died, go back to the queue.

    just_started: the queue is empty, and every worker had been stopped before.
    """
    app = flask_app()
    try:
        with app.app_context():
            with current_database().session(write=False) as db:
                found = jobs.stranded(db, queue_is_empty=just_started)
                lost = jobs.lost(db)
            found += jobs.take_back(lost, stopped=just_started)
            for job_id in found:
                jobs.send(app, job_id)
            clear_left_behind()
    except Passing as error:  # a full disk; the next time comes soon
        log.warning("jobs could not be looked after: %s", error.__cause__ or error)
        return 0
    return len(found)


@celery.task(name="resume_paused")  # type: ignore[untyped-decorator]
def resume_paused() -> int:
    """Say in the log when room runs out; while there is some, paused jobs go on."""
    app = flask_app()
    settings = app.extensions["settings"]
    disk.watch(settings)
    if not disk.has_room(settings):
        return 0
    with app.app_context():
        return len(jobs.resume_due())
