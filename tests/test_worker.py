"""A real Celery worker: jobs sent through the broker are done, also when a worker dies.

Runs on the broker that `up` would start, and under ``make test-services`` on its Redis.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlmodel import select

from reviewtool import broker, jobs
from reviewtool.app import create_app
from reviewtool.jobs import Job, JobState

PATIENCE = 90
ROOT = Path(__file__).parents[1]


@pytest.fixture
def broker_url(tmp_path):
    """The broker of ``make test-services``, or one of our own."""
    given = os.environ.get("REVIEWTOOL_TEST_BROKER_URL")
    if given:
        import redis

        redis.Redis.from_url(given).flushall()
        yield given
        return
    command, url = broker.prepare(tmp_path / "broker")
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_until(lambda: broker.ping(url))
    yield url
    server.terminate()
    server.wait()


def wait_until(ready):
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture
def served(settings, broker_url):
    """The app as `up` runs it: jobs go to the broker."""
    app = create_app(settings.model_copy(update={"jobs_inline": False, "broker_url": broker_url}))
    yield app
    app.extensions["database"].dispose()


@pytest.fixture
def start_worker(served, settings, broker_url, tmp_path):
    """Start a worker; all of them are ended after the test."""
    started = []

    def start():
        kept = {k: v for k, v in os.environ.items() if not k.startswith("REVIEWTOOL_")}
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            worker = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "celery",
                    "-A",
                    "worker",
                    "worker",
                    "--concurrency=1",
                    "--loglevel=WARNING",
                    "-Q",
                    "reviewtool",
                    "--without-gossip",
                    "--without-mingle",
                ],
                cwd=ROOT,
                env=kept
                | {
                    "REVIEWTOOL_ENVIRONMENT": "test",
                    "REVIEWTOOL_DATA": str(settings.data),
                    "REVIEWTOOL_DATABASE_URL": settings.database_url,
                    "REVIEWTOOL_BROKER_URL": broker_url,
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@pytest.fixture(autouse=True)
def harmless(monkeypatch):
    """A name that this process can enqueue; the worker does not know it and says so."""
    monkeypatch.setitem(jobs.REGISTRY, "test.unknown", lambda run: None)


def enqueue(app):
    with app.app_context(), app.extensions["database"].session(write=True) as db:
        row = jobs.enqueue(db, "test.unknown", title="Nothing")
        db.commit()
        return row.id


def state(app, job_id):
    with app.extensions["database"].session(write=False) as db:
        return db.exec(select(Job).where(Job.id == job_id)).one()


def test_a_job_sent_before_the_worker_starts_is_done_by_it(served, start_worker):
    job_id = enqueue(served)
    assert state(served, job_id).state is JobState.QUEUED
    assert state(served, job_id).sent_at is not None
    start_worker()
    wait_until(lambda: state(served, job_id).is_over)
    done = state(served, job_id)
    assert (done.state, done.attempts) == (JobState.FAILED, 1)
    assert "test.unknown" in done.error


def test_the_next_worker_takes_what_a_killed_one_left(served, start_worker):
    first = start_worker()
    wait_until(lambda: state(served, enqueue(served)).id)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    job_id = enqueue(served)
    start_worker()
    wait_until(lambda: state(served, job_id).is_over)


def test_a_job_that_could_not_be_sent_is_sent_by_the_schedule(served, start_worker):
    sender = served.extensions.pop("send_job")
    job_id = enqueue(served)
    served.extensions["send_job"] = sender
    start_worker()
    from celery import Celery

    celery = Celery("reviewtool", broker=served.extensions["settings"].broker_url)
    celery.conf.update(broker.celery_options())
    celery.send_task("resend_stranded", args=[True])
    wait_until(lambda: state(served, job_id).is_over)
