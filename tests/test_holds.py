"""One process does a job at a time, and lets go of it when it dies, not when it is silent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reviewtool import jobs
from reviewtool.db.engine import Database
from reviewtool.holds import Holds
from reviewtool.jobs import JobState

ROOT = Path(__file__).parents[1]
HOLD = """
import sys
from pathlib import Path
from reviewtool.db.engine import Database
from reviewtool.holds import Holds
with Holds(Database(sys.argv[1]), Path(sys.argv[2])).take(7) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holds(app):
    return app.extensions["holds"]


@pytest.fixture
def another(settings):
    """Another process that holds job 7."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, settings.database, str(settings.data / "run")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.communicate()


def test_a_job_is_held_by_one_process_until_that_dies(holds, another, monkeypatch):
    monkeypatch.setattr("reviewtool.holds.TRIES", 2)
    assert holds.held([6, 7]) == {7}
    with holds.take(7) as mine:
        assert not mine
    os.kill(another.pid, signal.SIGSTOP)  # asleep is not dead
    assert holds.held([7]) == {7}
    os.kill(another.pid, signal.SIGKILL)
    another.wait()
    assert holds.held([7]) == set()
    with holds.take(7) as mine:
        assert mine
        assert holds.held([6, 7]) == {7}
        with holds.take(7) as again:  # the same message twice
            assert not again
    assert holds.held([7]) == set()


def test_holds_of_other_databases_are_others(holds, tmp_path):
    other = Holds(Database(f"sqlite:///{tmp_path}/other.sqlite3"), tmp_path / "other")
    with other.take(7) as mine:
        assert mine
        assert holds.held([7]) == set()


# ---- what is made of it ----


@pytest.fixture
def job(db, monkeypatch):
    """A job that a process took and left: marked as running, and nobody holds it."""
    row = jobs.Job(name="test.counted", title="Counting", state=JobState.RUNNING, attempts=1)
    row.started_at = jobs.now()
    db.add(row)
    db.commit()
    done = []
    monkeypatch.setitem(jobs.REGISTRY, "test.counted", lambda run: done.append(run.job_id))
    return row, done


def test_a_job_whose_worker_died_is_found_and_waits_again(db, job, holds):
    row, done = job
    with holds.take(row.id):
        assert jobs.lost(db) == []
        assert jobs.trouble(row) == ""
    assert jobs.trouble(row) == jobs.LOST
    assert jobs.lost(db) == [row.id]
    db.commit()
    assert jobs.take_back([row.id]) == [row.id]
    db.refresh(row)
    assert (row.state, row.message, row.sent_at) == (JobState.QUEUED, jobs.LOST, None)
    db.commit()
    assert jobs.take_back([row.id]) == []  # once is enough
    jobs.run(row.id)
    db.refresh(row)
    assert (row.state, row.attempts, done) == (JobState.DONE, 2, [row.id])


def test_a_job_that_somebody_does_is_not_done_beside_him(db, job, holds, another):
    row, done = job
    other = jobs.Job(id=7, name="test.counted", state=JobState.RUNNING, attempts=1)
    db.add(other)
    db.commit()
    jobs.run(7)
    assert jobs.take_back([7]) == []
    db.refresh(other)
    assert (other.state, other.attempts, done) == (JobState.RUNNING, 1, [])
    assert row.id in jobs.lost(db)
    assert 7 not in jobs.lost(db)


def test_a_job_that_kills_its_workers_is_given_up(db, job):
    row, done = job
    row.losses = jobs.MOST_LOSSES - 1
    db.commit()
    jobs.run(row.id)
    db.refresh(row)
    assert (row.state, done) == (JobState.FAILED, [])
    assert "memory" in row.error
    assert jobs.trouble(row) == ""


def test_stopping_the_server_is_not_the_jobs_fault(db, job):
    row, _ = job
    assert jobs.take_back([row.id], stopped=True) == [row.id]
    db.refresh(row)
    assert row.losses == 0


def test_a_cancelled_job_whose_worker_died_is_cleared_away_by_another(db, job, monkeypatch):
    row, _ = job
    row.cancel_requested = True
    db.commit()
    monkeypatch.setitem(jobs.REGISTRY, "test.counted", lambda run: run.report(1, 1))
    assert jobs.take_back([row.id]) == [row.id]
    jobs.run(row.id)
    db.refresh(row)
    assert row.state is JobState.CANCELLED


def test_the_page_and_the_api_say_why_a_job_does_not_move(app, db, job, review, sign_in):
    row, _ = job
    row.review_id = review.review.id
    waiting = jobs.Job(name="test.counted", title="Waiting", review_id=review.review.id)
    db.add(waiting)
    db.commit()
    ann, base = sign_in(review.ann), f"/reviews/{review.review.id}/jobs"
    alive = {"worker_alive": lambda: True}
    for extension, running, queued in (
        (alive, jobs.LOST, ""),
        ({"worker_alive": lambda: False}, jobs.LOST_ALONE, jobs.NO_WORKER),
        ({"worker_alive": lambda: 1 / 0}, jobs.NO_QUEUE, jobs.NO_QUEUE),
    ):
        app.extensions |= extension
        page = ann.get(f"{base}/{row.id}").text
        assert running in page
        assert "Interrupted" in page
        assert ann.get(f"/api/v1{base}/{row.id}").json["trouble"] == running
        assert ann.get(f"/api/v1{base}/{waiting.id}").json["trouble"] == queued
        assert ("job-trouble" in ann.get(f"{base}/{waiting.id}").text) == bool(queued)
