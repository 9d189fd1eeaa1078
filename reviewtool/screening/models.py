"""Votes on records and reports, and where each of them stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from reviewtool.db.row import Row, Versioned
from reviewtool.db.types import Json, UtcDateTime, text_enum
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote


class ScreeningPlan(Versioned, table=True):
    """How this review screens; one row per review."""

    __table_args__ = (UniqueConstraint("review_id"),)

    review_id: int = Field(foreign_key="review.id")
    votes_required: int = 2
    fulltext_votes_required: int = 2
    show_authors: bool = True
    include_terms: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    exclude_terms: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    # Member ids; an empty list means everyone whose role allows it.
    screener_ids: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    fulltext_screener_ids: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    resolver_ids: Any = Field(default_factory=list, sa_type=Json, nullable=False)

    def required(self, phase: Phase) -> int:
        """How many votes a decision takes in this phase."""
        title_abstract = phase is Phase.TITLE_ABSTRACT
        return self.votes_required if title_abstract else self.fulltext_votes_required

    def screeners(self, phase: Phase) -> list[int]:
        """Member ids chosen to screen in this phase; empty for everyone."""
        title_abstract = phase is Phase.TITLE_ABSTRACT
        return list(self.screener_ids if title_abstract else self.fulltext_screener_ids)


class ExclusionReason(Versioned, table=True):
    """One of the ordered reasons for excluding a report; the first that applies wins."""

    review_id: int = Field(foreign_key="review.id", index=True)
    position: int = 0
    label: str = Field(max_length=200)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Decision(Row, table=True):
    """One reviewer's vote on one record in one screening phase.

    ``record_id`` is set in both phases; ``report_id`` in the full-text phase.
    ``outside_name`` names a voter of an imported file who is not a member.
    ``generated`` marks votes that a demonstration made up from a seed. ``copied_from_id``
    is the vote on a duplicate of this record that this one repeats.
    """

    __table_args__ = (
        UniqueConstraint("record_id", "member_id", "phase"),
        Index("ix_decision_mine", "review_id", "member_id", "phase", "id", "record_id"),
    )

    review_id: int = Field(foreign_key="review.id")
    phase: Phase = Field(sa_type=text_enum(Phase))
    record_id: int = Field(foreign_key="record.id", index=True)
    report_id: int | None = Field(default=None, foreign_key="report.id", index=True)
    member_id: int | None = Field(default=None, foreign_key="member.id")
    outside_name: str = Field(default="", max_length=200)
    vote: Vote = Field(sa_type=text_enum(Vote))
    reason_id: int | None = Field(default=None, foreign_key="exclusion_reason.id")
    voted_at: datetime = Field(sa_type=UtcDateTime)
    generated: bool = False
    copied_from_id: int | None = Field(default=None, foreign_key="decision.id", index=True)


class BlindVote(Row, table=True):
    """A vote as it stood when the last one of its record came in.

    Kept for agreement statistics: changing a vote after that does not change kappa.
    """

    __table_args__ = (
        UniqueConstraint("record_id", "phase", "member_id"),
        Index("ix_blind_vote_phase", "review_id", "phase", "record_id"),
    )

    review_id: int = Field(foreign_key="review.id")
    phase: Phase = Field(sa_type=text_enum(Phase))
    record_id: int = Field(foreign_key="record.id")
    member_id: int | None = Field(default=None, foreign_key="member.id")
    outside_name: str = Field(default="", max_length=200)
    vote: Vote = Field(sa_type=text_enum(Vote))
    reason_id: int | None = Field(default=None, foreign_key="exclusion_reason.id")


class Adjudication(Versioned, table=True):
    """A third person's final word on a conflict; a later one replaces an earlier."""

    __table_args__ = (UniqueConstraint("record_id", "phase"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    phase: Phase = Field(sa_type=text_enum(Phase))
    record_id: int = Field(foreign_key="record.id")
    report_id: int | None = Field(default=None, foreign_key="report.id")
    member_id: int = Field(foreign_key="member.id")
    vote: Vote = Field(sa_type=text_enum(Vote))
    reason_id: int | None = Field(default=None, foreign_key="exclusion_reason.id")
    comment: str = Field(default="", sa_type=Text)


class Standing(Row, table=True):
    """Where a record stands in a phase: kept in step by the screening services.

    A record without a row is unscreened. ``votes`` counts the votes in so far.
    """

    __table_args__ = (
        UniqueConstraint("record_id", "phase"),
        Index("ix_standing_outcome", "review_id", "phase", "outcome", "record_id"),
    )

    review_id: int = Field(foreign_key="review.id")
    phase: Phase = Field(sa_type=text_enum(Phase))
    record_id: int = Field(foreign_key="record.id")
    report_id: int | None = Field(default=None, foreign_key="report.id", index=True)
    outcome: Outcome = Field(sa_type=text_enum(Outcome))
    votes: int = 0
    reason_id: int | None = Field(default=None, foreign_key="exclusion_reason.id")
    adjudicated: bool = False


class Lease(Row, table=True):
    """A record that one member has before them now; one for each phase.

    It keeps others from being handed what needs no further votes, and says nothing else:
    it ends by itself at ``until``.
    """

    __table_args__ = (
        UniqueConstraint("member_id", "phase"),
        Index("ix_lease_record", "record_id", "phase"),
    )

    review_id: int = Field(foreign_key="review.id")
    phase: Phase = Field(sa_type=text_enum(Phase))
    record_id: int = Field(foreign_key="record.id", ondelete="CASCADE")
    member_id: int = Field(foreign_key="member.id")
    until: datetime = Field(sa_type=UtcDateTime)


class Label(Row, table=True):
    """A word that one person, or the team, puts on records."""

    __table_args__ = (UniqueConstraint("review_id", "name"),)

    review_id: int = Field(foreign_key="review.id")
    name: str = Field(max_length=100)


class RecordLabel(Row, table=True):
    """A label one member put on a record; others see it once they have voted."""

    __table_args__ = (UniqueConstraint("record_id", "label_id", "member_id"),)

    record_id: int = Field(foreign_key="record.id", index=True)
    label_id: int = Field(foreign_key="label.id")
    member_id: int | None = Field(default=None, foreign_key="member.id")
    outside_name: str = Field(default="", max_length=200)


class Note(Versioned, table=True):
    """What one member wrote about a record; blind like a vote."""

    review_id: int = Field(foreign_key="review.id", index=True)
    record_id: int = Field(foreign_key="record.id", index=True)
    phase: Phase = Field(sa_type=text_enum(Phase))
    member_id: int | None = Field(default=None, foreign_key="member.id")
    outside_name: str = Field(default="", max_length=200)
    text: str = Field(sa_type=Text)


class LooseFile(Row, table=True):
    """An uploaded full text that could not be matched to one report by itself.

    ``candidate_ids`` are the reports it may belong to; empty when none was found.
    """

    review_id: int = Field(foreign_key="review.id", index=True)
    sha256: str = Field(max_length=64)
    file_name: str = Field(max_length=300)
    size: int = 0
    candidate_ids: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    member_id: int = Field(foreign_key="member.id")
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
