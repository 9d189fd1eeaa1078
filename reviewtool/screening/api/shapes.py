"""What programs send and get about votes, conflicts and full texts."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from reviewtool.references.models import Retrieval
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.stats.agreement import CohenKappa
from reviewtool.web.api import Out


class VoteIn(BaseModel):
    """A vote; a full-text exclusion names its reason."""

    vote: Vote
    phase: Phase = Phase.TITLE_ABSTRACT
    reason_id: int | None = None


class ResolutionIn(VoteIn):
    """A third person's word."""

    comment: str = Field(default="", max_length=5000)


class NoteIn(BaseModel):
    """A note on a record; empty to remove it."""

    text: str = Field(max_length=20_000)
    phase: Phase = Phase.TITLE_ABSTRACT


class RetrievalIn(BaseModel):
    """Where the search for a full text stands."""

    retrieval: Retrieval
    note: str = Field(default="", max_length=500)


class VoteOut(Out):
    """A vote that the asking member may see."""

    name: str
    mine: bool
    vote: Vote
    reason: str
    at: datetime


class ScreenedRecordOut(Out):
    """A record as a screener sees it."""

    id: int
    number: int
    title: str
    abstract: str
    authors: str = Field(description="empty where authors are hidden until all votes are in")
    journal: str
    year: int | None
    doi: str
    pmid: str
    outcome: Outcome | None = Field(description="only once all votes are in")
    may_vote: bool = Field(description="whether I may vote on it, or change my vote, now")
    why_not: str = Field(description="why I may not vote now; empty when I may")
    votes: list[VoteOut]
    notes: list[str]
    labels: list[str]
    note_revision: int = Field(
        description="of my note, 0 without one; send it back with a change, as If-Match"
    )
    resolution_revision: int = Field(
        description="of a third person's word, 0 without one; send it back to replace it or "
        "take it back, as If-Match"
    )


class ProgressOut(Out):
    """My own count and the team's totals."""

    mine: int
    left: int
    decided: int
    conflicts: int
    total: int


class ConflictOut(Out):
    """A record that people judged differently."""

    record_id: int
    number: int
    kind: Outcome = Field(description="conflict, or reason_conflict where only reasons differ")
    voted: bool = Field(description="whether I am one of the voters")


class ConflictsOut(Out):
    """Everything in conflict."""

    conflicts: list[ConflictOut]


class DecisionOut(Out):
    """One vote."""

    record_id: int
    phase: Phase
    member_id: int | None = Field(description="null for somebody outside the team")
    outside_name: str
    vote: Vote
    reason_id: int | None
    voted_at: datetime
    generated: bool = Field(description="made up for the demonstration")
    copied_from_id: int | None = Field(description="the vote on a duplicate that this one repeats")


class DecisionsOut(Out):
    """Every vote that the asking member may see."""

    decisions: list[DecisionOut]


class KappaOut(Out):
    """Kappa of two raters; null where chance alone would always agree."""

    n: int
    observed: float
    expected: float
    kappa: float | None
    se: float | None
    se_simple: float | None = Field(description="for comparison with older reports")
    pabak: float = Field(description="kappa adjusted for prevalence and bias")
    prevalence_index: float | None
    bias_index: float | None
    low: float | None = Field(description="95 % interval")
    high: float | None
    word: str = Field(description="what is usually said of such a kappa")

    @classmethod
    def of_two(cls, found: CohenKappa) -> Self:
        """With its interval."""
        limits = found.interval()
        return cls.of(
            found, low=limits.low if limits else None, high=limits.high if limits else None
        )


class AgreementOut(Out):
    """Two people's votes as a table, and their agreement beyond chance."""

    first: str
    second: str
    table: list[list[int]] = Field(description="rows: the first's include and exclude")
    kappa: KappaOut
    kappa_three_categories: KappaOut | None = Field(description="with maybe; null at full text")


class AgreementsOut(Out):
    """The agreement of each pair of reviewers."""

    pairs: list[AgreementOut]


class ReasonOut(Out):
    """A reason for excluding reports."""

    id: int
    revision: int = Field(description="send it back with a change, as If-Match")
    label: str


class ReasonsOut(Out):
    """The reasons in their order; the first that applies counts."""

    reasons: list[ReasonOut]


class ReportOut(Out):
    """A report sought, and where its full text stands."""

    id: int
    record_id: int
    number: int
    title: str
    retrieval: Retrieval
    revision: int = Field(description="send it back with a change, as If-Match")
    files: int


class ReportsOut(Out):
    """A page of reports."""

    reports: list[ReportOut]
    next_after: int | None = Field(description="``after`` of the next page; null on the last")


class RetrievalOut(Out):
    """Where the search for one full text stands now."""

    id: int
    retrieval: Retrieval
    revision: int


class DocumentOut(Out):
    """A file that was kept."""

    id: int
    sha256: str
    size: int = Field(description="in bytes")
