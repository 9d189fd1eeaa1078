"""Searches, imports, records, duplicates, reports and full texts."""

from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from reviewtool.db.row import Row
from reviewtool.db.types import Json, UtcDateTime, text_enum

# The fields whose absence the list of records can be narrowed to.
MISSING = ("abstract", "title", "doi", "year")


def _where(name: str, condition: str, *columns: str) -> Index:
    """An index of the records that meet a condition, so that listing them reads no other."""
    return Index(
        f"ix_record_{name}",
        "review_id",
        *columns,
        "number",
        sqlite_where=text(condition),
        postgresql_where=text(condition),
    )


def _without(field: str) -> Index:
    condition = f"{field} IS NULL" if field == "year" else f"{field} = ''"
    return _where(f"without_{field}", condition, "merged_into_id", "set_aside_at", "removed_reason")


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


class PairState(str, Enum):
    """What is known about two records that look alike."""

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"
    RELATED = "related"
    MERGED = "merged"
    NOT_DUPLICATE = "not_duplicate"
    UNDONE = "undone"


class Retrieval(str, Enum):
    """Where the search for a report's full text stands."""

    SOUGHT = "sought"
    REQUESTED = "requested"
    NOT_RETRIEVED = "not_retrieved"
    RETRIEVED = "retrieved"


class Search(Row, table=True):
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


class Record(Row, table=True):
    """A title/abstract entry of a source.

    A record is *active* when it was not merged into another (``merged_into_id``),
    its import was not undone (``set_aside_at``) and it was not removed before
    screening (``removed_reason``). ``number`` is stable and shown to people.
    ``authors`` are separated by "; ".
    """

    __table_args__ = (
        UniqueConstraint("review_id", "number"),
        # Covers the test for being active, so that counting 100,000 records reads no record.
        Index(
            "ix_record_active",
            "review_id",
            "merged_into_id",
            "set_aside_at",
            "removed_reason",
            "number",
            "id",
            "year",
            "search_id",
            "import_id",
        ),
        _where("merged", "merged_into_id IS NOT NULL"),
        _where("set_aside", "set_aside_at IS NOT NULL"),
        _where("removed", "removed_reason <> ''"),
        *(_without(field) for field in MISSING),
    )

    review_id: int = Field(foreign_key="review.id")
    number: int
    import_id: int | None = Field(default=None, foreign_key="import.id", index=True)
    search_id: int = Field(foreign_key="search.id", index=True)
    line: int | None = None
    title: str = Field(default="", sa_type=Text)
    authors: str = Field(default="", sa_type=Text)
    year: int | None = None
    journal: str = Field(default="", sa_type=Text)
    volume: str = Field(default="", sa_type=Text)
    issue: str = Field(default="", sa_type=Text)
    pages: str = Field(default="", sa_type=Text)
    doi: str = Field(default="", sa_type=Text)
    pmid: str = Field(default="", sa_type=Text)
    pmcid: str = Field(default="", sa_type=Text)
    issn: str = Field(default="", sa_type=Text)
    registry_number: str = Field(default="", sa_type=Text)
    accession: str = Field(default="", sa_type=Text)
    kind: str = Field(default="", sa_type=Text)
    language: str = Field(default="", sa_type=Text)
    url: str = Field(default="", sa_type=Text)
    abstract: str = Field(default="", sa_type=Text)
    keywords: str = Field(default="", sa_type=Text)
    raw: Any = Field(default=None, sa_type=Json, nullable=True)
    merged_into_id: int | None = Field(default=None, foreign_key="record.id", index=True)
    removed_reason: str = Field(default="", max_length=40)  # automation | other
    removed_note: str = ""
    set_aside_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def is_active(self) -> bool:
        """Whether this record takes part in screening."""
        return self.merged_into_id is None and self.set_aside_at is None and not self.removed_reason

    @property
    def short(self) -> str:
        """First author and year, for lists and messages: "Visser 1996"."""
        first = self.authors.split(";")[0].strip()
        family = first.split(",")[0].strip() if "," in first else _family(first)
        named = " ".join(part for part in (family, str(self.year or "")) if part)
        return named or f"#{self.number}"


def _family(name: str) -> str:
    """The family name of a name without a comma: "L J Warshaw", "Warshaw LJ"."""
    parts = name.split()
    if not parts:
        return ""
    last = parts[-1]
    return parts[0] if len(parts) > 1 and last.isupper() and len(last) <= 3 else last


class RecordChange(Row, table=True):
    """The history of a record's fields after import."""

    record_id: int = Field(foreign_key="record.id", index=True)
    member_id: int = Field(foreign_key="member.id")
    field: str = Field(max_length=40)
    old: str = Field(default="", sa_type=Text)
    new: str = Field(default="", sa_type=Text)


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


class Report(Row, table=True):
    """A document to be read in full; made when its record passes title and abstract."""

    __table_args__ = (UniqueConstraint("record_id"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    record_id: int = Field(foreign_key="record.id")
    retrieval: Retrieval = Field(default=Retrieval.SOUGHT, sa_type=text_enum(Retrieval))
    retrieval_note: str = ""
    awaiting: str = Field(default="", max_length=20)  # "" | awaiting | ongoing
    set_aside_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Document(Row, table=True):
    """A full-text file of a report, kept by content hash."""

    review_id: int = Field(foreign_key="review.id", index=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    sha256: str = Field(max_length=64)
    file_name: str = Field(max_length=300)
    media_type: str = Field(default="application/pdf", max_length=100)
    size: int = 0
    pages: int | None = None
    member_id: int = Field(foreign_key="member.id")
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
