"""A real Celery worker: jobs sent through the broker are done, also when a worker dies.

Runs on the broker that `up` would start, and under ``make test-services`` on its Redis.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from sqlmodel import select

from reviewtool import broker, jobs
from reviewtool.app import create_app
from reviewtool.jobs import Job, JobState
from reviewtool.protocol.models import OutcomeKind
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.models import AnalysisRun, MonteCarloPart
from reviewtool.synthesis.rules import maps
from reviewtool.team.models import Member
from tests import build
from tests.synthesis import test_maps

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

    def start(module="worker", *more):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("REVIEWTOOL_")}
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            worker = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "celery",
                    "-A",
                    module,
                    "worker",
                    *more,
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
    """Names that this process can enqueue: one that no worker knows, one of ``slow_worker``."""
    monkeypatch.setitem(jobs.REGISTRY, "test.unknown", lambda run: None)
    monkeypatch.setitem(jobs.REGISTRY, "test.slow", lambda run, folder: None)


def enqueue(app, name="test.unknown", **arguments):
    with app.app_context(), app.extensions["database"].session(write=True) as db:
        row = jobs.enqueue(db, name, title="Nothing", **arguments)
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


# ---- a worker that dies in the middle of a job ----

NOTICED_WITHIN = 15  # seconds


def trouble(app, job_id):
    with app.app_context():
        return jobs.trouble(state(app, job_id))


def seconds_until(ready):
    began = time.monotonic()
    wait_until(ready)
    return time.monotonic() - began


@pytest.fixture
def begun(tmp_path):
    """Which processes began the slow job."""
    path = tmp_path / "begun"
    return lambda: path.read_text().split() if path.exists() else []


SLOW = ("tests.slow_worker", "--beat")


def schedule(tmp_path, name):
    return f"--schedule={tmp_path / name}"


@pytest.mark.services
def test_what_a_killed_worker_left_is_said_and_done_by_the_next(
    served, start_worker, begun, tmp_path
):
    job_id = enqueue(served, "test.slow", folder=str(tmp_path))
    assert trouble(served, job_id) == jobs.NO_WORKER
    first = start_worker(*SLOW, schedule(tmp_path, "one"))
    wait_until(begun)
    assert (state(served, job_id).state, trouble(served, job_id)) == (JobState.RUNNING, "")

    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    # The processes of its pool end a moment after it.
    assert (
        seconds_until(lambda: trouble(served, job_id) in {jobs.LOST, jobs.LOST_ALONE})
        < NOTICED_WITHIN
    )

    start_worker(*SLOW, schedule(tmp_path, "two"))
    wait_until(lambda: len(begun()) == 2)
    assert trouble(served, job_id) == ""
    (tmp_path / "end").touch()
    wait_until(lambda: state(served, job_id).is_over)
    done = state(served, job_id)
    assert (done.state, done.attempts) == (JobState.DONE, 2)


@pytest.mark.services
def test_a_living_worker_takes_over_and_a_busy_one_is_left_alone(
    served, start_worker, begun, tmp_path
):
    first = start_worker(*SLOW, schedule(tmp_path, "one"))
    job_id = enqueue(served, "test.slow", folder=str(tmp_path))
    wait_until(begun)
    start_worker(*SLOW, schedule(tmp_path, "two"))
    wait_until(lambda: state(served, enqueue(served)).sent_at)
    other = enqueue(served)
    wait_until(lambda: state(served, other).is_over)  # the second worker is there

    for _ in range(5):  # the same message again and again, as a broker may deliver it
        jobs.send(served, job_id)
    time.sleep(12)  # twice the schedule; the job says nothing all the while
    assert len(begun()) == 1
    assert (state(served, job_id).attempts, trouble(served, job_id)) == (1, "")

    os.killpg(first.pid, signal.SIGKILL)
    assert seconds_until(lambda: len(begun()) == 2) < NOTICED_WITHIN
    (tmp_path / "end").touch()
    wait_until(lambda: state(served, job_id).is_over)
    assert (state(served, job_id).state, len(begun())) == (JobState.DONE, 2)


@pytest.mark.services
def test_that_no_worker_is_there_is_said(served, start_worker):
    first = start_worker()
    job_id = enqueue(served)
    wait_until(lambda: state(served, job_id).is_over)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    waiting = enqueue(served)
    assert seconds_until(lambda: trouble(served, waiting) == jobs.NO_WORKER) < NOTICED_WITHIN


@pytest.mark.services
def test_a_killed_process_of_a_pool_gives_its_job_back_at_once(
    served, start_worker, begun, tmp_path
):
    start_worker(*SLOW, schedule(tmp_path, "one"))
    job_id = enqueue(served, "test.slow", folder=str(tmp_path))
    wait_until(begun)
    os.kill(int(begun()[0]), signal.SIGKILL)  # as the kernel does when memory runs out
    assert seconds_until(lambda: len(begun()) == 2) < NOTICED_WITHIN
    (tmp_path / "end").touch()
    wait_until(lambda: state(served, job_id).is_over)
    assert state(served, job_id).attempts == 2


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


@pytest.mark.services
def test_a_worker_killed_while_it_draws_ends_in_one_complete_map(served, start_worker):
    with served.app_context(), served.extensions["database"].session(write=True) as db:
        row = a_map(db)
        job_id = services.request_run(db, row.member, row.line).id
        analysis_id, review_id = row.line.analysis.id, row.line.planned.review_id
        inputs, settings = queries.inputs(db, row.line), queries.settings_of(row.line.planned)
        db.commit()
    first = start_worker()
    wait_until(lambda: 0 < state(served, job_id).done < state(served, job_id).total)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    begun = state(served, job_id)
    assert begun.state is JobState.RUNNING
    start_worker()
    resend(served)
    wait_until(lambda: state(served, job_id).is_over)
    ended = state(served, job_id)
    assert (ended.state, ended.error, ended.done) == (JobState.DONE, "", ended.total)
    with served.app_context(), served.extensions["database"].session(write=False) as db:
        (run,) = db.exec(select(AnalysisRun).where(AnalysisRun.analysis_id == analysis_id)).all()
        assert queries.lines(db, review_id, analysis_id)[0].run.id == run.id
        parts = db.exec(select(MonteCarloPart)).all()
        assert all(part.drawn for part in parts)
        plan = maps.plan_of(maps.sides(inputs, settings), settings)
        drawn = {0: [maps.draw(p, plan, inputs, settings, idle) for p in maps.parts(settings.map)]}
        expected, _ = maps.analyse(inputs, settings, drawn)
        assert run.result.clusters == expected.clusters
        assert run.result.least_size == expected.least_size


def idle(_done, _total):
    """No progress to report."""


class Mapped(NamedTuple):
    line: queries.Line
    member: Member


def a_map(db):
    """A review with a planned map of six experiments, none of it drawn."""
    review = build.team(db)
    outcome = build.outcome(db, review.review, "Activation", kind=OutcomeKind.COORDINATES)
    rng = np.random.default_rng(3)
    for number, place in enumerate(test_maps.AROUND):
        foci = [place, *rng.integers(-40, 40, (11, 3)).tolist()]
        test_maps.experiment(db, review, f"Study {number + 1}", foci)
    planned = test_maps.planned(db, outcome, draws=3000)
    return Mapped(test_maps.line_of(db, planned), db.get_one(Member, review.ann.id))


def resend(served):
    """What the schedule does once it finds no worker alive."""
    from celery import Celery

    celery = Celery("reviewtool", broker=served.extensions["settings"].broker_url)
    celery.conf.update(broker.celery_options())
    celery.send_task("resend_stranded", args=[True])
