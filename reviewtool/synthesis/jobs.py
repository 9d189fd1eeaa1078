"""Analyses run by themselves: what later changes upstream announce, and the job."""

from typing import Any

from sqlmodel import Session

from reviewtool import events
from reviewtool.db.engine import current_database, transaction
from reviewtool.extraction.models import Study
from reviewtool.jobs import Run, job
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.plots import pictures


@job("synthesis.run")
def analyse(run: Run, analysis_id: int) -> None:
    """Compute one analysis. Run twice, it changes nothing."""
    with transaction() as db:
        row = services.run(db, analysis_id, run.job_id)
    if row is not None:
        with current_database().session(write=False) as db:
            for line in queries.lines(db, row.review_id, analysis_id):
                pictures.prepare(line, row)
    run.result_url = f"/reviews/{run.review_id}/synthesis/{analysis_id}"


def _label(db: Session, study_id: int) -> str:
    study = db.get(Study, study_id)
    return study.label if study else "a study"


@events.on("extraction.agreed")
def extraction_agreed(db: Session, actor: Any, study_id: int, **_: Any) -> None:
    """A consensus was completed: perhaps the last one."""
    services.refresh(
        db, actor, actor.review_id, f"the extraction of {_label(db, study_id)} changed"
    )


@events.on("extraction.reopened")
def extraction_reopened(db: Session, actor: Any, study_id: int, **_: Any) -> None:
    """A study is being changed."""
    services.refresh(
        db, actor, actor.review_id, f"the extraction of {_label(db, study_id)} was reopened"
    )


@events.on("study.removed")
def study_removed(db: Session, actor: Any, study_id: int, **_: Any) -> None:
    """A study left the review."""
    services.refresh(db, actor, actor.review_id, "a study was removed")


@events.on("bias.agreed")
def bias_agreed(db: Session, actor: Any, study_id: int, **_: Any) -> None:
    """A judgement may move a study between subgroups or sensitivity analyses."""
    services.refresh(
        db, actor, actor.review_id, f"the risk of bias of {_label(db, study_id)} changed"
    )


@events.on("bias.reopened")
def bias_reopened(db: Session, actor: Any, study_id: int, **_: Any) -> None:
    """A judgement is being changed."""
    services.refresh(
        db, actor, actor.review_id, f"the risk of bias of {_label(db, study_id)} was reopened"
    )


@events.on("protocol.analyses_changed")
def plan_changed(db: Session, actor: Any, **_: Any) -> None:
    """Outcomes, comparisons or planned analyses changed."""
    services.refresh(db, actor, actor.review_id, "the protocol’s plan changed")
