"""Analyses run by themselves: what later changes upstream announce, and the job."""

from typing import Any

from sqlmodel import Session

from reviewtool import events
from reviewtool.db.engine import current_database
from reviewtool.db.turns import turns
from reviewtool.extraction.models import Study
from reviewtool.jobs import Run, job
from reviewtool.storage import current_storage
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots import pictures
from reviewtool.synthesis.services import mapping
from reviewtool.web.addresses import path_to


@job(mapping.RUN)
def analyse(run: Run, analysis_id: int) -> None:
    """Compute one analysis. Run twice, it changes nothing.

    A brain map is drawn in parts, jobs of their own; this one waits for them.
    """
    with current_database().session(write=False) as db:
        is_map = services.is_map(db, analysis_id)
    run.result_url = _page(run.review_id, analysis_id)
    if is_map:
        begun = mapping.begin(analysis_id, run.job_id, current_storage())
        if begun.waits:
            run.wait_for_parts()
            return
        row = begun.run
    else:
        for turn in turns():
            with turn as db:
                row = services.run(db, analysis_id, run.job_id)
    _prepare(row)


@job(mapping.DRAW)
def draw(run: Run, part_id: int) -> None:
    """Some draws of a brain map. Whoever draws the last ones puts the result together."""
    row = mapping.draw(part_id, current_storage(), run.report)
    if row is not None:
        _prepare(row)
        mapping.end_of(row, _page(row.review_id, row.analysis_id))


def _page(review_id: int | None, analysis_id: int) -> str:
    return path_to("synthesis.analysis", review_id=review_id, analysis_id=analysis_id)


def _prepare(row: AnalysisRun | None) -> None:
    if row is not None:
        with current_database().session(write=False) as db:
            for line in queries.lines(db, row.review_id, row.analysis_id):
                pictures.prepare(line, row)


@events.on(events.JobStopped)
def job_stopped(db: Session, _actor: Any, news: events.JobStopped) -> None:
    """Somebody cancelled an analysis, or it failed."""
    mapping.stopped(db, news.job_id, news.error)


def _label(db: Session, study_id: int) -> str:
    study = db.get(Study, study_id)
    return study.label if study else "a study"


@events.on(events.ExtractionAgreed)
def extraction_agreed(db: Session, actor: Any, news: events.ExtractionAgreed) -> None:
    """A consensus was completed: perhaps the last one."""
    services.refresh(
        db, actor, actor.review_id, f"the extraction of {_label(db, news.study_id)} changed"
    )


@events.on(events.ExtractionReopened)
def extraction_reopened(db: Session, actor: Any, news: events.ExtractionReopened) -> None:
    """A study is being changed."""
    services.refresh(
        db, actor, actor.review_id, f"the extraction of {_label(db, news.study_id)} was reopened"
    )


@events.on(events.StudyChanged)
def study_changed(db: Session, actor: Any, news: events.StudyChanged) -> None:
    """A label, a year or a design may move a study, or the name that it goes by."""
    services.refresh(
        db, actor, actor.review_id, f"the study {_label(db, news.study_id)} was changed"
    )


@events.on(events.StudyRemoved)
def study_removed(db: Session, actor: Any, _news: events.StudyRemoved) -> None:
    """A study left the review."""
    services.refresh(db, actor, actor.review_id, "a study was removed")


@events.on(events.BiasAgreed)
def bias_agreed(db: Session, actor: Any, news: events.BiasAgreed) -> None:
    """A judgement may move a study between subgroups or sensitivity analyses."""
    services.refresh(
        db, actor, actor.review_id, f"the risk of bias of {_label(db, news.study_id)} changed"
    )


@events.on(events.BiasReopened)
def bias_reopened(db: Session, actor: Any, news: events.BiasReopened) -> None:
    """A judgement is being changed."""
    services.refresh(
        db, actor, actor.review_id, f"the risk of bias of {_label(db, news.study_id)} was reopened"
    )


@events.on(events.PlanChanged)
def plan_changed(db: Session, actor: Any, _news: events.PlanChanged) -> None:
    """Outcomes, comparisons or planned analyses changed."""
    services.refresh(db, actor, actor.review_id, "the protocol’s plan changed")
