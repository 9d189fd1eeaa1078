"""Searches, the files imported for them, and what came along in these files."""

from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Text
from sqlmodel import Field

from reviewtool.db.row import Row, Versioned
from reviewtool.db.types import Json, UtcDateTime, text_enum


class SourceKind(str, Enum):
    """Where records were identified, as the flow diagram groups sources."""

    DATABASE = "database"
    REGISTER = "register"
    WEBSITE = "website"
    ORGANISATION = "organisation"
    CITATION = "citation"


class ImportState(str, Enum):
    """How far an import has come."""

    PREVIEW = "preview"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


class Search(Versioned, table=True):
    """One search of one source on one day (PRISMA-S)."""

    review_id: int = Field(foreign_key="review.id", index=True)
    database: str = Field(max_length=200)
    platform: str = Field(default="", max_length=200)
    kind: SourceKind = Field(default=SourceKind.DATABASE, sa_type=text_enum(SourceKind))
    searched_on: date | None = None
    strategy: str = Field(default="", sa_type=Text)
    limits: str = Field(default="", sa_type=Text)
    hits: int | None = None
    updates_id: int | None = Field(default=None, foreign_key="search.id")
    note: str = ""


class Import(Row, table=True):
    """One file of one search. ``entries`` = ``stored`` + ``rejected``, always.

    ``search_id`` is empty while a person still looks at the preview, and for a log of
    decisions until its records are found. ``notes`` is a
    list of [line, text]: what was left out of the file without being an entry.
    """

    review_id: int = Field(foreign_key="review.id", index=True)
    search_id: int | None = Field(default=None, foreign_key="search.id", index=True)
    file_name: str = Field(max_length=300)
    sha256: str = Field(max_length=64)
    size: int = 0
    format: str = Field(default="", max_length=40)
    encoding: str = Field(default="", max_length=40)
    column_mapping: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    state: ImportState = Field(default=ImportState.PREVIEW, sa_type=text_enum(ImportState))
    entries: int = 0
    stored: int = 0
    rejected: int = 0
    notes: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    # [record, survivor before, survivor since] of records that an undo brought to the front
    promoted: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    job_id: int | None = Field(default=None, foreign_key="job.id")
    member_id: int | None = Field(default=None, foreign_key="member.id")
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def is_log(self) -> bool:
        """Whether its rows are decisions on records of another file, not records."""
        return self.format == "rayyan_log"


class RejectedEntry(Row, table=True):
    """An entry of a file that could not become a record, with line and reason."""

    import_id: int = Field(foreign_key="import.id", index=True)
    line: int = 0
    reason: str = Field(sa_type=Text)
    excerpt: str = Field(default="", sa_type=Text)


class CarriedVote(Row, table=True):
    """What a screening tool's export said about a record: votes, labels, a note.

    It waits here until a person says whose votes these are (``taken_at``); only then
    does screening know of it. ``reviewer`` is the name in the file, often empty. ``final``
    marks what a whole team had decided: it stands for all votes a record needs.
    """

    review_id: int = Field(foreign_key="review.id")
    import_id: int = Field(foreign_key="import.id", index=True)
    record_id: int = Field(foreign_key="record.id", index=True)
    reviewer: str = Field(default="", max_length=200)
    phase: str = Field(default="", max_length=20)  # "" | abstract | full_text
    vote: str = Field(default="", max_length=20)  # "" | include | maybe | exclude
    reasons: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    labels: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    note: str = Field(default="", sa_type=Text)
    decided_at: str = Field(default="", max_length=60)
    final: bool = False
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
