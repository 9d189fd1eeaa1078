"""Brain maps in parts: planned once, drawn by whichever worker is free, put together once.

Every part can run anywhere and twice. Whoever stores the last one puts the result together;
if that worker dies, the waiting job is found by the schedule and does it.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from reviewtool import jobs
from reviewtool.db.engine import current_database
from reviewtool.db.turns import turns
from reviewtool.errors import ReviewToolError
from reviewtool.jobs import Job, JobState
from reviewtool.storage import Storage
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.models import (
    Analysis,
    AnalysisRun,
    AnalysisState,
    MonteCarlo,
    MonteCarloPart,
)
from reviewtool.synthesis.rules import maps
from reviewtool.synthesis.rules.maps import Part

RUN, DRAW = "synthesis.run", "synthesis.draw"
OPEN = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)
Reported = Callable[[int, int], None]


@dataclass(frozen=True)
class Begun:
    """What became of a run: its row when it is complete, else that parts are awaited."""

    run: AnalysisRun | None = None
    waits: bool = False


def begin(analysis_id: int, job_id: int, storage: Storage) -> Begun:
    """Plan the draws of a brain map and send them out, or compute it where none is needed.

    Parts that are drawn already, by a run that was cut off or cancelled, are not drawn again.
    A failure is kept on the analysis in words.
    """
    with current_database().session(write=False) as db:
        line = queries.lines(db, db.get_one(Analysis, analysis_id).review_id, analysis_id)[0]
        settings = queries.settings_of(line.planned)
        inputs = queries.inputs(db, line)
        digest = queries.inputs_hash(inputs, settings)
        newest, known = line.run, queries.monte_carlo(db, analysis_id, digest)
        title = line.title
    if newest is not None and (newest.inputs_hash, newest.software) == (
        digest,
        services.software(),
    ):
        for turn in turns():
            with turn as db:
                services.set_state(db, db.get_one(Analysis, analysis_id), AnalysisState.CURRENT)
        return Begun(newest)
    try:
        wanted = maps.parts(maps.choices_of(settings))
        if known is None:
            found = maps.sides(inputs, settings)
            plan = maps.plan_of(found, settings) if wanted else []
    except ReviewToolError as error:
        _fail(analysis_id, error)
        return Begun()
    for turn in turns():
        with turn as db:
            row = queries.monte_carlo(db, analysis_id, digest)
            if row is None:
                row = MonteCarlo(
                    review_id=line.analysis.review_id,
                    analysis_id=analysis_id,
                    inputs_hash=digest,
                    inputs=inputs,
                    settings=settings,
                    plan=plan,
                )
                db.add(row)
                db.flush()
                for one in wanted:
                    db.add(MonteCarloPart(monte_carlo_id=row.id, **one.__dict__))
                db.flush()
            elif row.run_id is not None:  # computed before, by other software or again
                row.run_id = None
            if db.get_one(Job, job_id).cancel_requested:
                raise jobs.Cancelled()
            _replace(db, analysis_id, job_id)
            row.job_id = job_id
            left = _send(db, row, job_id, title)
            monte_carlo_id = row.id
    if left:
        return Begun(waits=True)
    return Begun(complete(monte_carlo_id, storage))


def _replace(db: Session, analysis_id: int, job_id: int) -> None:
    """Draws of the same analysis that a job before this one waits for are not wanted any more."""
    for row in db.exec(
        select(MonteCarlo).where(
            MonteCarlo.analysis_id == analysis_id,
            col(MonteCarlo.job_id).is_not(None),
            MonteCarlo.job_id != job_id,
        )
    ):
        before = db.get(Job, row.job_id)
        if before is not None and not before.is_over:
            before.cancel_requested = True
            before.message = "A newer run takes its place."
            jobs.end(db, before.id, JobState.CANCELLED)


def _send(db: Session, row: MonteCarlo, job_id: int, title: str) -> int:
    """Make a job of every part that is neither drawn nor on its way; how many are left."""
    parent = db.get_one(Job, job_id)
    open_parts = db.exec(
        select(MonteCarloPart)
        .where(MonteCarloPart.monte_carlo_id == row.id, col(MonteCarloPart.drawn).is_(False))
        .order_by(col(MonteCarloPart.side), col(MonteCarloPart.first))
    ).all()
    # Parts of this job that are drawn already count, so that progress never goes back.
    parent.total = sum(part.count for part in open_parts) + parent.done
    for part in open_parts:
        before = db.get(Job, part.job_id) if part.job_id else None
        if before is not None and before.parent_id == job_id and not before.is_over:
            continue
        last = part.first + part.count
        made = jobs.enqueue(
            db,
            DRAW,
            title=f"{title}: draws {part.first + 1} to {last}"[:300],
            review_id=row.review_id,
            user_id=parent.user_id,
            parent_id=job_id,
            part_id=part.id,
        )
        part.job_id = made.id
        db.add(part)
    db.flush()
    return len(open_parts)


def draw(part_id: int, storage: Storage, report: Reported) -> AnalysisRun | None:
    """Draw one part and store it; the run when it was the last one, else None.

    What ``report`` raises (a person cancels) ends the part; nothing of it is stored.
    """
    with current_database().session(write=False) as db:
        part = db.get_one(MonteCarloPart, part_id)
        row = db.get_one(MonteCarlo, part.monte_carlo_id)
        waiting = db.get(Job, row.job_id) if row.job_id else None
        if waiting is None or waiting.is_over or waiting.cancel_requested:
            raise jobs.Cancelled()
        what = Part(part.side, part.first, part.count)
        inputs, settings, plan, known = row.inputs, row.settings, row.plan, part.found
        is_drawn = part.drawn
    if not is_drawn:
        try:
            known = maps.draw(what, plan, inputs, settings, report)
        except jobs.Cancelled:
            raise
        except ReviewToolError as error:
            _fail(row.analysis_id, error)
            raise
    for turn in turns():
        with turn as db:
            # Held by one at a time: of two workers that end together one sees the other's part.
            held = db.exec(
                select(MonteCarlo).where(MonteCarlo.id == row.id).with_for_update()
            ).one()
            part = db.get_one(MonteCarloPart, part_id)
            if not part.drawn:
                part.drawn, part.found = True, known
            db.add_all([held, part])
            db.flush()
            left = db.exec(
                select(MonteCarloPart.id).where(
                    MonteCarloPart.monte_carlo_id == row.id, col(MonteCarloPart.drawn).is_(False)
                )
            ).first()
    return None if left is not None else complete(row.id, storage)


def complete(monte_carlo_id: int, storage: Storage) -> AnalysisRun | None:
    """Put the parts together and store the run, once; what waited for them is told."""
    began = time.perf_counter()
    with current_database().session(write=False) as db:
        row = db.get_one(MonteCarlo, monte_carlo_id)
        if row.run_id is not None:
            return db.get(AnalysisRun, row.run_id)
        drawn: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for part in db.exec(
            select(MonteCarloPart).where(MonteCarloPart.monte_carlo_id == monte_carlo_id)
        ):
            drawn[part.side].append(part.found)
    try:
        result, images = maps.analyse(row.inputs, row.settings, drawn)
    except ReviewToolError as error:
        _fail(row.analysis_id, error)
        for turn in turns():
            with turn as db:
                if row.job_id is not None and drawn:
                    jobs.end(db, row.job_id, JobState.FAILED, error=error.message)
        return None
    kept = {name: storage.put(getattr(images, name))[0] for name in ("value", "shown", "z")}
    result = result.model_copy(update={"images": kept})
    for turn in turns():
        with turn as db:
            held = db.exec(
                select(MonteCarlo).where(MonteCarlo.id == monte_carlo_id).with_for_update()
            ).one()
            if held.run_id is not None:
                return db.get(AnalysisRun, held.run_id)
            analysis = db.get_one(Analysis, held.analysis_id)
            run = AnalysisRun(
                review_id=held.review_id,
                analysis_id=held.analysis_id,
                inputs=held.inputs,
                inputs_hash=held.inputs_hash,
                settings=held.settings,
                software=services.software(),
                result=result,
                seconds=time.perf_counter() - began,
                job_id=held.job_id,
            )
            services.store(db, analysis, run)
            held.run_id = run.id
            db.add(held)
    return run


def end_of(run: AnalysisRun, url: str) -> None:
    """The job that waited for the parts is done."""
    for turn in turns():
        with turn as db:
            if run.job_id is not None:
                jobs.end(db, run.job_id, JobState.DONE, result_url=url)


def stopped(db: Session, job_id: int, error: str) -> None:
    """A run was cancelled or failed: what was computed before stays; without it, it says so."""
    job = db.get_one(Job, job_id)
    if job.name != RUN:
        return
    analysis = db.get_one(Analysis, job.arguments["analysis_id"])
    others = select(Job).where(Job.name == RUN, col(Job.state).in_(OPEN), Job.id != job_id)
    if any(one.arguments.get("analysis_id") == analysis.id for one in db.exec(others)):
        return  # another run is on its way
    if analysis.state is AnalysisState.QUEUED:
        why = error or "The run was cancelled. Run the analysis again; what was drawn is kept."
        services.fail(db, analysis, why)


def _fail(analysis_id: int, error: ReviewToolError) -> None:
    for turn in turns():
        with turn as db:
            services.fail(db, db.get_one(Analysis, analysis_id), error.message)
