"""Runs of an analysis, and the draws a brain map is made from."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from reviewtool.errors import NotFound
from reviewtool.jobs import Job
from reviewtool.synthesis.models import Analysis, AnalysisRun, MonteCarlo

INPUTS_COLUMN: Any = AnalysisRun.inputs


def runs(db: Session, analysis: Analysis) -> Sequence[AnalysisRun]:
    """Every run, newest first."""
    return db.exec(
        select(AnalysisRun)
        .where(AnalysisRun.analysis_id == analysis.id)
        .order_by(col(AnalysisRun.id).desc())
        .options(defer(INPUTS_COLUMN))
    ).all()


def run(db: Session, analysis: Analysis, run_id: int) -> AnalysisRun:
    """One run of an analysis. Raises NotFound."""
    found = db.get(AnalysisRun, run_id)
    if found is None or found.analysis_id != analysis.id:
        raise NotFound()
    return found


def monte_carlo(db: Session, analysis_id: int, digest: str = "") -> MonteCarlo | None:
    """The draws for these inputs; without a digest those that were begun last."""
    statement = select(MonteCarlo).where(MonteCarlo.analysis_id == analysis_id)
    if digest:
        statement = statement.where(MonteCarlo.inputs_hash == digest)
    return db.exec(statement.order_by(col(MonteCarlo.id).desc())).first()


def running(db: Session, analysis: Analysis) -> Job | None:
    """The job that draws for an analysis now, if one does."""
    found = monte_carlo(db, analysis.id)
    job = db.get(Job, found.job_id) if found is not None and found.job_id else None
    return job if job is not None and not job.is_over else None
