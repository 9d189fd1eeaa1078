"""Analyses and their runs."""

from datetime import datetime
from enum import Enum

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from reviewtool.db.row import Row, Versioned
from reviewtool.db.types import UtcDateTime, text_enum, typed_json
from reviewtool.synthesis.results import AnyResult
from reviewtool.synthesis.rules.pooling import Inputs, Settings


class AnalysisState(str, Enum):
    """Whether an analysis' numbers can be trusted now."""

    WAITING = "waiting"  # extraction is not complete
    QUEUED = "queued"
    CURRENT = "current"
    STALE = "stale"
    FAILED = "failed"


class Analysis(Row, table=True):
    """One synthesis of one planned analysis; its newest run holds the numbers."""

    review_id: int = Field(foreign_key="review.id", index=True)
    planned_id: int = Field(foreign_key="planned_analysis.id", unique=True)
    state: AnalysisState = Field(
        default=AnalysisState.WAITING, sa_type=text_enum(AnalysisState), index=True
    )
    stale_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stale_because: str = Field(default="", sa_type=Text)
    current_run_id: int | None = None
    error: str = Field(default="", sa_type=Text)


class ResultChoice(Versioned, table=True):
    """Which of several reported times of a study stands in an analysis, chosen by a person."""

    __table_args__ = (UniqueConstraint("analysis_id", "study_id"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    analysis_id: int = Field(foreign_key="analysis.id", index=True)
    study_id: int = Field(foreign_key="study.id", index=True)
    timepoint: str = Field(default="", max_length=100)
    reason: str = Field(default="", sa_type=Text)


class AnalysisRun(Row, table=True):
    """One computation: what went in, by which settings and software, what came out."""

    review_id: int = Field(foreign_key="review.id", index=True)
    analysis_id: int = Field(foreign_key="analysis.id", index=True)
    inputs: Inputs = Field(sa_type=typed_json(Inputs), nullable=False)
    inputs_hash: str = Field(max_length=64)
    settings: Settings = Field(sa_type=typed_json(Settings), nullable=False)
    software: dict[str, str] = Field(sa_type=typed_json(dict[str, str]), nullable=False)
    result: AnyResult = Field(sa_type=typed_json(AnyResult), nullable=False)
    seconds: float = 0.0
    job_id: int | None = Field(default=None, foreign_key="job.id")
