"""Records that look alike, merges of them, and what a search for duplicates covered."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from reviewtool.db.row import Row
from reviewtool.db.types import Json, UtcDateTime, text_enum


class PairState(str, Enum):
    """What is known about two records that look alike."""

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"
    RELATED = "related"
    MERGED = "merged"
    NOT_DUPLICATE = "not_duplicate"
    UNDONE = "undone"


class DuplicatePair(Row, table=True):
    """Two records that look alike (``first_id`` < ``second_id``) and why.

    ``evidence`` is a list of sentences; ``score`` runs from 0 to 100.
    """

    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        Index("ix_duplicate_pair_queue", "review_id", "state", "id"),
    )

    review_id: int = Field(foreign_key="review.id", index=True)
    first_id: int = Field(foreign_key="record.id", index=True)
    second_id: int = Field(foreign_key="record.id", index=True)
    state: PairState = Field(sa_type=text_enum(PairState), index=True)
    score: float = 0.0
    evidence: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    decided_by_id: int | None = Field(default=None, foreign_key="member.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Merge(Row, table=True):
    """One record set aside as a duplicate of another. Undone merges stay on file.

    ``before`` holds what the merge changed, so that undoing restores it exactly.
    ``member_id`` is empty when the rules were certain.
    """

    __table_args__ = (Index("ix_merge_standing", "review_id", "undone_at", "id"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    survivor_id: int = Field(foreign_key="record.id", index=True)
    removed_id: int = Field(foreign_key="record.id", index=True)
    pair_id: int | None = Field(default=None, foreign_key="duplicate_pair.id")
    evidence: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    before: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    member_id: int | None = Field(default=None, foreign_key="member.id")
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_by_id: int | None = Field(default=None, foreign_key="member.id")


class DuplicateRun(Row, table=True):
    """One finished search for duplicates.

    Every record up to ``last_record_id`` has been compared with every other one.
    ``compared`` new records were looked at; the counts are pairs, ``merged`` records.
    """

    review_id: int = Field(foreign_key="review.id", index=True)
    last_record_id: int = 0
    compared: int = 0
    merged: int = 0
    uncertain: int = 0
    related: int = 0
    finished_at: datetime = Field(sa_type=UtcDateTime)
