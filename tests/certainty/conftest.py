"""A pooled result of two trials, without running the statistics."""

import math
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import Session

from reviewtool.certainty import queries
from reviewtool.extraction.models import Study
from reviewtool.synthesis.models import Analysis, AnalysisRun, AnalysisState
from reviewtool.synthesis.results import (
    Asymmetry,
    PairwiseResult,
    Pooled,
    Sensitivity,
    StudyEffect,
)
from reviewtool.synthesis.rules.pooling import Inputs, Settings
from reviewtool.synthesis.rules.selection import Group, LeftOut
from tests import build
from tests.bias.conftest import a_study


@dataclass
class Case:
    """What a test of certainty needs at hand."""

    outcome: Any
    analysis: Analysis
    studies: list[Study]


def run(
    db: Session,
    analysis: Analysis,
    studies: list[Study],
    rr: tuple[float, float, float] = (1.5, 1.1, 2.1),
    *,
    measure: str = "RR",
    left_out: tuple[LeftOut, ...] = (),
    asymmetry: Asymmetry | None = None,
    sensitivity: Sensitivity | None = None,
    **pooled: Any,
) -> AnalysisRun:
    """A new run whose pooled effect is ``rr``, the log of which is taken."""
    low, high = math.log(rr[1]), math.log(rr[2])
    group = Group(events=10.0, total=50.0)
    numbers = {"pi_low": None, "pi_high": None, "i2": 20.0} | pooled
    row = AnalysisRun(
        review_id=analysis.review_id,
        analysis_id=analysis.id,
        inputs=Inputs(()),
        inputs_hash="0" * 64,
        settings=Settings(measure=measure),
        software={},
        result=PairwiseResult(
            measure=measure,
            level=95.0,
            left_out=left_out,
            asymmetry=asymmetry,
            sensitivity=sensitivity or Sensitivity(),
            pooled=Pooled(
                k=len(studies),
                method="REML",
                test="z",
                estimate=math.log(rr[0]),
                ci_low=low,
                ci_high=high,
                **numbers,
            ),
            studies=tuple(
                StudyEffect(
                    study_id=study.id,
                    label=study.label,
                    ci_low=low,
                    ci_high=high,
                    weight=50.0,
                    group1=group,
                    group2=group,
                )
                for study in studies
            ),
        ),
    )
    db.add(row)
    db.flush()
    analysis.current_run_id, analysis.state = row.id, AnalysisState.CURRENT
    db.flush()
    return row


@pytest.fixture
def case(db: Session, review: build.Team) -> Case:
    outcome = build.outcome(db, review.review, "Pain free", lower_is_better=False)
    comparison = build.comparison(db, review.review)
    planned = build.analysis(db, outcome, comparison, measure="RR")
    studies = [
        a_study(db, review.review.id, label, outcome.id) for label in ("Adams 2001", "Visser 1996")
    ]
    analysis = Analysis(review_id=review.review.id, planned_id=planned.id)
    db.add(analysis)
    db.flush()
    run(db, analysis, studies)
    return Case(outcome, analysis, studies)


@pytest.fixture
def line(db: Session, review: build.Team, case: Case) -> queries.Line:
    return queries.line(db, review.statistician, case.analysis.id)
