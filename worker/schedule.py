"""What is done from time to time: send stranded jobs again."""

from reviewtool import jobs
from reviewtool.db import current_database
from worker import celery
from worker.app import flask_app


@celery.task(name="resend_stranded")  # type: ignore[untyped-decorator]
def resend_stranded(no_worker_alive: bool = False) -> int:
    """Jobs that were never sent, or whose worker died, go back to the queue."""
    app = flask_app()
    with app.app_context():
        with current_database().session(write=False) as db:
            found = jobs.stranded(db, no_worker_alive=no_worker_alive)
        for job_id in found:
            jobs.send(app, job_id)
    return len(found)
