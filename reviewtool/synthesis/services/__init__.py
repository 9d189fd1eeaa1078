"""Changing analyses: what is due runs, what changed upstream is marked stale."""

import time
from importlib.metadata import version
from platform import python_version

from sqlmodel import Session, select

from reviewtool import __version__, audit, jobs
from reviewtool.acts import Act
from reviewtool.db.row import hold
from reviewtool.db.types import now
from reviewtool.errors import Conflict, Invalid, NotFound, ReviewToolError
from reviewtool.permissions import Action, require
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import PlannedAnalysis
from reviewtool.protocol.rules.brains import COORDINATES
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.synthesis import queries
from reviewtool.synthesis.models import Analysis, AnalysisRun, AnalysisState, ResultChoice
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import AnyResult
from reviewtool.synthesis.rules.narrative import synthesise
from reviewtool.synthesis.rules.network.analysis import analyse_network
from reviewtool.synthesis.rules.over_time import analyse_together
from reviewtool.synthesis.rules.places import words_of
from reviewtool.team.models import Member


def sync(db: Session, review_id: int) -> None:
    """Make sure every planned analysis has its row; of a narrative of foci there is none."""
    known = set(db.exec(select(Analysis.planned_id).where(Analysis.review_id == review_id)).all())
    foci = {one.id for one in protocol.outcomes(db, review_id) if one.kind == COORDINATES}
    for planned in protocol.analyses(db, review_id):
        quiet = planned.kind == "narrative" and planned.outcome_id in foci
        if planned.id not in known and not quiet:
            db.add(Analysis(review_id=review_id, planned_id=planned.id))
    db.flush()


def refresh(db: Session, actor: Member | None, review_id: int, because: str) -> list[int]:
    """Look at every analysis after something changed; returns the analyses enqueued.

    Ready means that no included study waits for its consensus. A ready analysis whose
    inputs differ from its newest run is enqueued; one that has numbers and is not ready,
    or differs, is marked stale with the reason.
    """
    sync(db, review_id)
    waiting, total = queries.studies_open(db, review_id)
    ready = total > 0 and waiting == 0
    enqueued = []
    for line in queries.lines(db, review_id):
        analysis = line.analysis
        if not ready:
            if line.run is not None and analysis.state is AnalysisState.CURRENT:
                mark_stale(db, analysis, because)
            continue
        settings = queries.settings_of(line.planned)
        current = line.run is not None and line.run.inputs_hash == queries.inputs_hash(
            queries.inputs(db, line), settings
        )
        if current:
            if analysis.state is not AnalysisState.CURRENT:
                set_state(db, analysis, AnalysisState.CURRENT)
            continue
        if line.run is not None:
            mark_stale(db, analysis, because)
        _enqueue(db, actor, line)
        enqueued.append(analysis.id)
    return enqueued


def mark_stale(db: Session, analysis: Analysis, because: str) -> None:
    """Say since when and why the numbers are out of date; the first reason stays."""
    if analysis.state is not AnalysisState.STALE:
        analysis.stale_since, analysis.stale_because = now(), because
    if analysis.state is not AnalysisState.QUEUED:
        analysis.state = AnalysisState.STALE
    db.add(analysis)


def set_state(db: Session, analysis: Analysis, state: AnalysisState) -> None:
    """The state of an analysis whose numbers are as they should be."""
    analysis.state, analysis.stale_since, analysis.stale_because = state, None, ""
    analysis.error = ""
    db.add(analysis)


def _enqueue(db: Session, actor: Member | None, line: Line) -> jobs.Job:
    if line.run is None:
        line.analysis.state = AnalysisState.QUEUED
        db.add(line.analysis)
    return jobs.enqueue(
        db,
        "synthesis.run",
        title=f"Analysis: {line.title}"[:300],
        review_id=line.planned.review_id,
        user_id=getattr(actor, "user_id", None),
        analysis_id=line.analysis.id,
    )


def choose_result(
    db: Session, actor: Member, line: Line, study_id: int, time: str | None, reason: str
) -> None:
    """Let another reported time of a study stand in an analysis; None goes by the plan again.

    Raises NotFound for a study without results for the outcome, Invalid for a time that it
    does not report and for a choice without a reason.
    """
    require(actor, Action.ANALYSE, line.analysis)
    if line.planned.kind == OVER_TIME:
        raise Conflict("Choose the result in the analysis of that time point; this one follows.")
    found = queries.numbers(db, line.outcome)
    place = queries.places(db, line, found).get(study_id)
    if place is None:
        raise NotFound("This study has no result for the outcome.")
    study = next(one.study for one in found if one.study_id == study_id)
    row = queries.choices(db, line.analysis).get(study_id) or ResultChoice(
        review_id=line.planned.review_id, analysis_id=line.analysis.id, study_id=study_id
    )
    hold(db, row)
    if time is None:
        if row.id is None:
            return
        db.delete(row)
        changes = {"timepoint": (row.timepoint, None), "reason": (row.reason, None)}
    else:
        if time not in place.times:
            raise Invalid(f"{study} reports {words_of(place.times)}. Choose one of these.")
        if not reason.strip():
            raise Invalid(f"Say why another result of {study} stands.")
        changes = audit.changed(row, timepoint=time, reason=reason.strip())
        db.add(row)
        db.flush()
    audit.append(db, actor, Act.SYNTHESIS_CHOOSE_RESULT, line.analysis, changes, study=study)
    refresh(db, actor, line.planned.review_id, f"another result of {study} was chosen")


def request_run(db: Session, actor: Member, line: Line) -> jobs.Job:
    """Run an analysis because a person asks. Raises Conflict while nothing can be pooled."""
    require(actor, Action.ANALYSE, line.analysis)
    found = queries.inputs(db, line)
    if found.empty:
        raise Conflict(
            "No agreed study has numbers for this analysis yet. Finish an extraction first."
        )
    if queries.running(db, line.analysis) is not None:
        raise Conflict(
            "The draws of this map are running. Wait for them, or cancel them on its page."
        )
    audit.append(db, actor, Act.SYNTHESIS_REQUEST_RUN, line.analysis)
    return _enqueue(db, actor, line)


def is_map(db: Session, analysis_id: int) -> bool:
    """Whether an analysis is a brain map, which is drawn in parts."""
    planned = db.get_one(PlannedAnalysis, db.get_one(Analysis, analysis_id).planned_id)
    return planned.kind == COORDINATES


def run(db: Session, analysis_id: int, job_id: int | None = None) -> AnalysisRun | None:
    """Compute and store. With the inputs of the newest run nothing is stored again.

    A failure is kept on the analysis in words; nothing is half done.
    """
    analysis = db.get_one(Analysis, analysis_id)
    found = queries.lines(db, analysis.review_id, analysis_id)
    if not found:
        return None
    line, settings = found[0], queries.settings_of(found[0].planned)
    inputs = queries.inputs(db, line)
    digest = queries.inputs_hash(inputs, settings)
    if line.run is not None and line.run.inputs_hash == digest and line.run.software == software():
        set_state(db, analysis, AnalysisState.CURRENT)
        return line.run
    began = time.perf_counter()
    result: AnyResult
    try:
        if line.planned.kind == "network":
            result = analyse_network(
                inputs.arms,
                settings,
                treatments=[*line.comparison.experimental, *line.comparison.comparator],
                comparators=line.comparison.comparator,
                lower_is_better=line.outcome.lower_is_better,
                left_out=inputs.left_out,
                judgements=inputs.judgements,
            )
        elif settings.joint is not None:
            result = analyse_together(inputs, settings, settings.joint)
        else:
            result = synthesise(inputs, settings)
    except ReviewToolError as error:
        fail(db, analysis, error.message)
        return None
    row = AnalysisRun(
        review_id=analysis.review_id,
        analysis_id=analysis.id,
        inputs=inputs,
        inputs_hash=digest,
        settings=settings,
        software=software(),
        result=result,
        seconds=time.perf_counter() - began,
        job_id=job_id,
    )
    return store(db, analysis, row)


def store(db: Session, analysis: Analysis, row: AnalysisRun) -> AnalysisRun:
    """Keep a run as the newest of its analysis, and tell whoever goes by it."""
    db.add(row)
    db.flush()
    analysis.current_run_id = row.id
    set_state(db, analysis, AnalysisState.CURRENT)
    db.flush()
    audit.append(db, "rules", Act.SYNTHESIS_RUN, analysis, run=row.id, inputs_hash=row.inputs_hash)
    return row


def fail(db: Session, analysis: Analysis, why: str) -> None:
    """Say on the analysis why it has no numbers."""
    analysis.state, analysis.error = AnalysisState.FAILED, why
    db.add(analysis)
    audit.append(db, "rules", Act.SYNTHESIS_FAIL, analysis, error=why)


def software() -> dict[str, str]:
    """What computed: kept with every run."""
    return {
        "reviewtool": __version__,
        "Python": python_version(),
        "numpy": version("numpy"),
        "scipy": version("scipy"),
    }
