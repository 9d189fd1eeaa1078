"""Risk-of-bias assessments made with an instrument."""

from datetime import datetime
from typing import Any

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from reviewtool.db.row import Row, Versioned
from reviewtool.db.types import Json, UtcDateTime, text_enum
from reviewtool.extraction.models import CopyKind, CopyState


class Assessment(Versioned, table=True):
    """One assessor's copy (or the consensus) for one result of one study.

    ``instrument`` and ``version`` name the definition; ``outcome_id`` and
    ``timepoint`` name the result, empty for an instrument that judges studies.
    ``setup`` holds what is settled before the questions: ``options`` (types of
    deviation), ``experimental``, ``comparator``, ``result``, ``sources``.
    """

    __table_args__ = (
        UniqueConstraint("study_id", "instrument", "outcome_id", "timepoint", "kind"),
    )

    review_id: int = Field(foreign_key="review.id", index=True)
    study_id: int = Field(foreign_key="study.id", index=True)
    instrument: str = Field(max_length=40)
    version: str = Field(max_length=40)
    variant: str = Field(default="assignment", max_length=40)
    outcome_id: int | None = Field(default=None, foreign_key="planned_outcome.id", index=True)
    timepoint: str = Field(default="", max_length=100)
    setup: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    kind: CopyKind = Field(sa_type=text_enum(CopyKind))
    member_id: int | None = Field(default=None, foreign_key="member.id", index=True)
    state: CopyState = Field(default=CopyState.IN_PROGRESS, sa_type=text_enum(CopyState))
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Answer(Row, table=True):
    """The raw answer to one signalling question, with its support."""

    __table_args__ = (UniqueConstraint("assessment_id", "question"),)

    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    question: str = Field(max_length=20)
    answer: str = Field(max_length=4)
    support: str = Field(default="", sa_type=Text)
    quote: str = Field(default="", sa_type=Text)
    page: str = Field(default="", max_length=20)


class Judgement(Versioned, table=True):
    """The judgement of one domain, or ``overall``.

    ``proposed`` is the algorithm's, ``final`` the assessor's; when they differ
    ``reason`` says why. ``confirmed`` names the domains with some concerns about which
    the overall prompt was answered, empty while it was not.
    """

    __table_args__ = (UniqueConstraint("assessment_id", "domain"),)

    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    domain: str = Field(max_length=20)
    proposed: str = Field(default="", max_length=40)
    final: str = Field(default="", max_length=40)
    reason: str = Field(default="", sa_type=Text)
    direction: str = Field(default="", max_length=40)
    confirmed: str = Field(default="", max_length=200)
