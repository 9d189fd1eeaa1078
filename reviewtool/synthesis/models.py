"""Analyses and their runs."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from reviewtool.db.row import Row, Versioned
from reviewtool.db.types import Json, UtcDateTime, text_enum, typed_json
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


class MonteCarlo(Row, table=True):
    """The draws of one run of a brain map, in parts that any worker can take.

    plan: what drawing needs, for each side. inputs_hash: what they are draws for, so that a
    run that was cut off or cancelled goes on with the parts that are there.
    """

    __tablename__ = "monte_carlo"
    __table_args__ = (UniqueConstraint("analysis_id", "inputs_hash"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    analysis_id: int = Field(foreign_key="analysis.id", index=True)
    inputs_hash: str = Field(max_length=64)
    inputs: Inputs = Field(sa_type=typed_json(Inputs), nullable=False)
    settings: Settings = Field(sa_type=typed_json(Settings), nullable=False)
    plan: Any = Field(sa_type=Json, nullable=False)
    job_id: int | None = Field(default=None, foreign_key="job.id", index=True)
    run_id: int | None = None


class MonteCarloPart(Row, table=True):
    """Some draws; ``found`` is what they gave, once ``drawn``."""

    __tablename__ = "monte_carlo_part"
    __table_args__ = (UniqueConstraint("monte_carlo_id", "side", "first"),)

    monte_carlo_id: int = Field(foreign_key="monte_carlo.id", index=True)
    side: int
    first: int
    count: int
    job_id: int | None = Field(default=None, foreign_key="job.id")
    drawn: bool = False
    found: Any = Field(default_factory=dict, sa_type=Json, nullable=False)


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
