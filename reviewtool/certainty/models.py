"""GRADE ratings, one per outcome and comparison."""

from datetime import datetime
from typing import Any

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from reviewtool.db.row import Row, Versioned
from reviewtool.db.types import Json, UtcDateTime


class Rating(Versioned, table=True):
    """How sure the team is of one result.

    ``design`` sets the starting level; ``assumed_risk`` is a proportion and
    ``assumed_risk_source`` says where it came from. ``run_id`` is the analysis run
    that the rating was made on: a newer run makes the rating stale. ``details`` holds
    what a person told the suggestions (``rules/details.py``).
    """

    __table_args__ = (UniqueConstraint("review_id", "analysis_id"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    analysis_id: int = Field(foreign_key="analysis.id", index=True)
    run_id: int | None = Field(default=None, foreign_key="analysis_run.id")
    design: str = Field(default="randomised", max_length=40)
    certainty: str = Field(default="", max_length=20)
    assumed_risk: float | None = None
    assumed_risk_source: str = Field(default="", sa_type=Text)
    comment: str = Field(default="", sa_type=Text)
    details: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    member_id: int | None = Field(default=None, foreign_key="member.id")
    rated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Step(Row, table=True):
    """Levels taken away (or given) in one domain, with the footnote that says why."""

    __table_args__ = (UniqueConstraint("rating_id", "domain"),)

    rating_id: int = Field(foreign_key="rating.id", index=True)
    domain: str = Field(max_length=40)
    steps: int = 0
    suggested: int | None = None
    footnote: str = Field(default="", sa_type=Text)
