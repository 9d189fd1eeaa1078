"""Work too long for a request: a row with name, arguments, progress and error.

The queue carries only the row's id, and only after commit, so a job never runs for
work that was rolled back. A job is done by one process at a time (``holds.py``). It can
be done twice, one after the other; each is written so that the second run changes nothing.
"""

import logging
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeAlias

from flask import current_app
from sqlalchemy import exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, col, select

from reviewtool import events
from reviewtool.db import faults
from reviewtool.db.engine import after_commit, current_database, in_transaction, transaction
from reviewtool.db.row import Row
from reviewtool.db.turns import turns
from reviewtool.db.types import Json, UtcDateTime, now, text_enum
from reviewtool.errors import Conflict, NotFound, Passing, ReviewToolError
from reviewtool.holds import Holds

log = logging.getLogger(__name__)

_held: ContextVar[list[int] | None] = ContextVar("held_jobs", default=None)

STRANDED_AFTER = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=20), timedelta(minutes=10)
MOST_LOSSES = 5
REPORT_EVERY = 0.4  # seconds between two progress writes

LOST = "The worker that did this stopped. Another one does it again."
LOST_ALONE = "The worker that did this stopped, and no other is running. It goes on when one is."
NO_WORKER = "No worker is running. The job begins when one is."
NO_QUEUE = "The queue does not answer. The job begins when it does."
GIVEN_UP = (
    f"Its worker stopped {MOST_LOSSES} times while doing this, most often because the memory "
    "ran out. Try with fewer data or more memory, or tell the administrator: job {id}."
)


class JobState(str, Enum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAUSED = "paused"


# What a job counted or wrote, in plain values by name.
Counts: TypeAlias = Mapping[str, int | str]


class Job(Row, table=True):
    """One piece of work, kept for good as a record of what ran."""

    review_id: int | None = Field(default=None, foreign_key="review.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    name: str = Field(max_length=80)
    title: str = Field(default="", max_length=300)
    arguments: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    state: JobState = Field(default=JobState.QUEUED, sa_type=text_enum(JobState), index=True)
    done: int = 0
    total: int = 0
    message: str = Field(default="", max_length=500)
    result: Counts | None = Field(default=None, sa_type=Json, nullable=True)
    result_url: str = Field(default="", max_length=300)
    error: str = ""
    attempts: int = 0
    losses: int = 0  # how often its worker died
    cancel_requested: bool = False
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    heartbeat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Of a paused job: when it is tried again by itself. ``error`` says why it was paused.
    resume_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Of a part: the job that waits for it and its like, which nobody does meanwhile.
    parent_id: int | None = Field(default=None, foreign_key="job.id", index=True)
    waits: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}

    @property
    def seconds_left(self) -> float | None:
        """A guess from the speed so far, once there is something to go by."""
        if not self.started_at or not self.total or not self.done:
            return None
        spent = (now() - self.started_at).total_seconds()
        return spent / self.done * max(0, self.total - self.done)


class Cancelled(ReviewToolError):
    """A person asked for the job to stop."""

    code, status = "cancelled", 409
    message = "The job was cancelled."


class Run:
    """A running job, as its function sees it: report progress, notice cancelling."""

    def __init__(self, job: Job) -> None:
        self.job_id = job.id
        self.review_id = job.review_id
        self.user_id = job.user_id
        self.result: Counts | None = job.result  # what an interrupted run had kept
        self.result_url = ""
        self.waits = False
        self._parent_id = job.parent_id
        self._last = 0.0

    def wait_for_parts(self) -> None:
        """The work goes on in parts, jobs of their own; the last of them ends this job too."""
        self.waits = True

    def keep(self, db: Session, result: Counts) -> None:
        """Store what was done so far together with it: a run that is interrupted goes on there."""
        db.get_one(Job, self.job_id).result = result
        after_commit(db, lambda: setattr(self, "result", result))

    def report(self, done: int, total: int, message: str = "") -> None:
        """Store progress (at most every 0.4 s). Raises Cancelled when asked to stop.

        Writes in a transaction of its own. Inside another one it does nothing, or
        SQLite would make the two wait for each other: report between transactions.
        """
        if in_transaction() or (time.monotonic() - self._last < REPORT_EVERY and done < total):
            return
        self._last = time.monotonic()
        for turn in turns(current_database()):
            with turn as db:
                job = db.get_one(Job, self.job_id)
                job.done, job.total, job.heartbeat_at = done, total, now()
                if message:
                    job.message = message
                if job.cancel_requested:
                    raise Cancelled()
                if self._parent_id is not None:
                    _beat(db, self._parent_id)


def _beat(db: Session, parent_id: int) -> None:
    """A job that waits is as far as its parts are. Raises Cancelled when it was stopped."""
    from sqlalchemy import func

    parent = db.get_one(Job, parent_id)
    if parent.cancel_requested or parent.is_over:
        raise Cancelled()
    done = db.exec(select(func.sum(Job.done)).where(Job.parent_id == parent_id)).one()
    parent.done, parent.heartbeat_at = max(parent.done, int(done or 0)), now()


Work = Callable[..., None]
REGISTRY: dict[str, Work] = {}


def job(name: str) -> Callable[[Work], Work]:
    """Register ``work(run, **arguments)`` under a name such as ``references.import``."""

    def register(work: Work) -> Work:
        REGISTRY[name] = work
        return work

    return register


def enqueue(
    db: Session,
    name: str,
    *,
    title: str,
    review_id: int | None = None,
    user_id: int | None = None,
    parent_id: int | None = None,
    **arguments: Any,
) -> Job:
    """Insert the job in the caller's transaction; its id is sent after commit."""
    if name not in REGISTRY:
        raise LookupError(f"no job is registered as {name!r}")
    row = Job(
        name=name,
        title=title,
        review_id=review_id,
        user_id=user_id,
        parent_id=parent_id,
        arguments=arguments,
    )
    db.add(row)
    db.flush()
    job_id, app = row.id, current_app._get_current_object()  # type: ignore[attr-defined]
    after_commit(db, lambda: send(app, job_id))
    return row


@contextmanager
def held() -> Iterator[list[int]]:
    """Keep back what is enqueued inside: the caller runs the collected ids itself."""
    ids: list[int] = []
    token = _held.set(ids)
    try:
        yield ids
    finally:
        _held.reset(token)


def send(app: Any, job_id: int) -> None:
    """Hand the id to the queue. A broker that is away leaves the job for the schedule."""
    held_back = _held.get()
    if held_back is not None:
        held_back.append(job_id)
        return
    sender: Callable[[int], None] | None = app.extensions.get("send_job")
    if sender is None:
        return
    try:
        sender(job_id)
    except Exception as error:
        log.warning("job %s could not be sent: %s", job_id, error)
        return
    if not app.extensions.get("jobs_inline"):
        # Unwritten, the schedule sends it a second time, and whoever comes second lets it be.
        with (
            suppress(Passing),
            app.app_context(),
            transaction(app.extensions["database"]) as db,
        ):
            db.get_one(Job, job_id).sent_at = now()


def current_holds() -> Holds:
    """Who does which job, for the running app."""
    holds: Holds = current_app.extensions["holds"]
    return holds


def run(job_id: int) -> None:
    """Do the job unless it is over or somebody does it now."""
    with current_holds().take(job_id) as mine:
        if mine:
            _run(job_id)
        else:
            log.info("job %s is being done by another process", job_id)


def _run(job_id: int) -> None:
    """Any error is kept on the row, never lost."""
    running = None
    for turn in turns(current_database()):
        with turn as db:
            row = db.get(Job, job_id)
            if row is None or row.is_over:
                return
            if row.state is JobState.RUNNING and not row.waits and not _take_back(db, row):
                continue
            row.waits = False
            row.state, row.started_at, row.heartbeat_at = JobState.RUNNING, now(), now()
            row.attempts += 1
            row.error, row.resume_at = "", None
            name, arguments = row.name, dict(row.arguments)
            running = Run(row)
    if running is None:
        return
    work = REGISTRY.get(name)
    try:
        if work is None:
            raise NotFound(f"This server does not know how to do “{name}”.")
        work(running, **arguments)
        if running.waits:
            _wait(running)
        else:
            _finish(running, JobState.DONE, "")
    except Cancelled:
        _finish(running, JobState.CANCELLED, "")
    except Passing as error:
        _pause(running, error)
    except ReviewToolError as error:
        _finish(running, JobState.FAILED, error.message)
    except Exception as error:
        passing = faults.of_system(error)
        if passing is not None:
            _pause(running, passing)
            return
        log.error("job %s failed: %s\n%s", job_id, error, traceback.format_exc())
        _finish(
            running,
            JobState.FAILED,
            f"The job stopped with an unexpected error ({type(error).__name__}). Nothing was "
            "stored half-way. Run it again; if it fails again, tell the administrator: "
            f"job {job_id}.",
        )


def _wait(running: Run) -> None:
    """Leave the job to its parts, unless they have ended it already."""
    for turn in turns(current_database()):
        with turn as db:
            row = db.get_one(Job, running.job_id)
            row.waits = not row.is_over


def _finish(running: Run, state: JobState, error: str) -> None:
    for turn in turns(current_database()):
        with turn as db:
            row = db.get_one(Job, running.job_id)
            row.state, row.error, row.finished_at = state, error, now()
            row.result, row.result_url = running.result, running.result_url
            if state is JobState.DONE and row.total:
                row.done = row.total
            if state is JobState.FAILED and row.parent_id is not None:
                end(db, row.parent_id, state, error=error)
            if state is not JobState.DONE:
                events.tell(db, None, events.JobStopped(job_id=row.id, error=error))


def _pause(running: Run, error: Passing) -> None:
    """What stands in the way passes: the job waits, and says why, instead of failing.

    Where even that cannot be written, the row says "running" without a sign of life; the
    schedule finds it as it finds the jobs of a worker that died.
    """
    log.warning("job %s paused (%s): %s", running.job_id, error.code, error.__cause__ or error)
    try:
        for turn in turns(current_database()):
            with turn as db:
                row = db.get_one(Job, running.job_id)
                row.state, row.error = JobState.PAUSED, f"Paused: {error.why}."
                wait = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.attempts - 1, 10))
                row.resume_at = now() + wait
    except Passing as worse:
        log.error("job %s could not be marked as paused: %s", running.job_id, worse.__cause__)


def resume(db: Session, row: Job) -> None:
    """Go on with a paused job now. Raises Conflict when it is not paused."""
    if row.state is not JobState.PAUSED:
        raise Conflict("This job is not paused. Reload the page to see how far it is.")
    row.state, row.resume_at = JobState.QUEUED, None
    job_id, app = row.id, current_app._get_current_object()  # type: ignore[attr-defined]
    after_commit(db, lambda: send(app, job_id))


def paused(db: Session) -> list[Job]:
    """Every paused job on the server, the oldest first."""
    waiting = select(Job).where(Job.state == JobState.PAUSED).order_by(col(Job.id))
    return list(db.exec(waiting).all())


def resume_due() -> list[int]:
    """Go on with the paused jobs that it is time for; their ids."""
    waiting = select(Job).where(Job.state == JobState.PAUSED, col(Job.resume_at) <= now())
    for turn in turns(current_database()):
        with turn as db:
            found = db.exec(waiting.with_for_update()).all()
            for row in found:
                resume(db, row)
    return [row.id for row in found]


def end(
    db: Session, job_id: int, state: JobState, *, error: str = "", result_url: str = ""
) -> None:
    """End a job that waits for its parts; parts that have not begun are not begun any more."""
    row = db.get_one(Job, job_id)
    if row.is_over:
        return
    row.state, row.error, row.finished_at, row.result_url = state, error, now(), result_url
    if state is JobState.DONE and row.total:
        row.done = row.total
    for part in db.exec(select(Job).where(Job.parent_id == job_id)):
        if part.state in {JobState.QUEUED, JobState.PAUSED}:
            part.state, part.finished_at = JobState.CANCELLED, now()
    if state is not JobState.DONE:
        events.tell(db, None, events.JobStopped(job_id=job_id, error=error))


def cancel(db: Session, row: Job) -> None:
    """Ask a job to stop; one still in the queue stops at once, and one that waits for parts."""
    row.cancel_requested = True
    if db.exec(select(Job.id).where(Job.parent_id == row.id).limit(1)).first() is not None:
        end(db, row.id, JobState.CANCELLED)
        return
    if row.state is JobState.PAUSED:  # so that what it has begun is cleared away
        resume(db, row)
    elif row.state is JobState.QUEUED:
        row.state, row.finished_at = JobState.CANCELLED, now()
        events.tell(db, None, events.JobStopped(job_id=row.id, error=""))


def _take_back(db: Session, row: Job) -> bool:
    """Its worker died: the job waits again (True), unless that happened too often.

    Asked to stop, it waits too: its work clears away what it has begun.
    """
    row.losses += 1
    if row.losses >= MOST_LOSSES:
        row.state, row.finished_at = JobState.FAILED, now()
        row.error = GIVEN_UP.format(id=row.id)
        if row.parent_id is not None:
            end(db, row.parent_id, JobState.FAILED, error=row.error)
        return False
    row.state, row.message, row.sent_at = JobState.QUEUED, LOST, None
    row.done, row.total = 0, 0
    return True


def lost(db: Session) -> list[int]:
    """Ids of jobs that are marked as running and that nobody does: their worker died.

    One that waits is lost when none of its parts is left that could end it.
    """
    part = aliased(Job)
    open_states = [JobState.QUEUED, JobState.RUNNING, JobState.PAUSED]
    open_part = exists().where(col(part.parent_id) == col(Job.id), col(part.state).in_(open_states))
    running = db.exec(
        select(Job.id).where(
            Job.state == JobState.RUNNING, or_(col(Job.waits).is_(False), ~open_part)
        )
    ).all()
    return sorted(set(running) - current_holds().held(running)) if running else []


def take_back(job_ids: list[int], *, stopped: bool = False) -> list[int]:
    """Let lost jobs wait again; returns those to be sent.

    stopped: the worker was stopped with the whole server, which is not the job's fault.
    """
    return [job_id for job_id in job_ids if _take_back_one(job_id, stopped)]


def _take_back_one(job_id: int, stopped: bool) -> bool:
    waits = False
    with current_holds().take(job_id) as mine:
        for turn in turns(current_database()) if mine else ():
            with turn as db:
                row = db.get_one(Job, job_id)
                waits = row.state is JobState.RUNNING and _take_back(db, row)
                if waits and stopped:
                    row.losses -= 1
    return waits


def stranded(db: Session, *, queue_is_empty: bool = False) -> list[int]:
    """Ids of waiting jobs that should be sent again: never sent, or sent long ago."""
    limit = now() if queue_is_empty else now() - STRANDED_AFTER
    old = col(Job.created_at) < (now() if queue_is_empty else now() - timedelta(seconds=20))
    unsent = col(Job.sent_at).is_(None) | (col(Job.sent_at) < limit)
    return list(db.exec(select(Job.id).where(old, unsent, Job.state == JobState.QUEUED)).all())


def trouble(row: Job) -> str:
    """Why a job does not move, in words; empty when nothing stands in its way."""
    if row.is_over or row.state is JobState.PAUSED:
        return ""
    worker_alive: Callable[[], bool] | None = current_app.extensions.get("worker_alive")
    if row.state is JobState.RUNNING and row.id in current_holds().held([row.id]):
        return ""
    try:
        alive = worker_alive is None or worker_alive()
    except Exception:
        return NO_QUEUE
    if row.state is JobState.RUNNING and not row.waits:
        return LOST if alive else LOST_ALONE
    return "" if alive else NO_WORKER


def running_count(db: Session, review_id: int) -> int:
    """How many jobs of a review are waiting, running or paused."""
    from sqlalchemy import func

    return db.exec(
        select(func.count())
        .select_from(Job)
        .where(
            Job.review_id == review_id,
            col(Job.parent_id).is_(None),
            col(Job.state).in_([JobState.QUEUED, JobState.RUNNING, JobState.PAUSED]),
        )
    ).one()
