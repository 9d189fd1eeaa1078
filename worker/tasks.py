"""The one task: do the job with this id."""

from reviewtool import jobs
from worker import celery
from worker.app import flask_app


@celery.task(name="run_job", acks_late=True)  # type: ignore[untyped-decorator]
def run_job(job_id: int) -> None:
    """Everything else is on the job's row."""
    with flask_app().app_context():
        jobs.run(job_id)
