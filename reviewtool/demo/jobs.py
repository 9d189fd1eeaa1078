"""The button's work: build both reviews, with progress."""

from reviewtool.demo.build import build
from reviewtool.jobs import Run, job
from reviewtool.web.addresses import path_to


@job("demo.build")
def demo(run: Run, user: int) -> None:
    """Build the demonstration for an account. Run again, it changes nothing."""
    build(user, run.report, run.job_id)
    run.result_url = path_to("home.index")
