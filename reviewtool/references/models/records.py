"""Records with their changes, and the reports and full texts behind them."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from reviewtool.db.row import Row, Versioned
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


class Retrieval(str, Enum):
    """Where the search for a report's full text stands."""

    SOUGHT = "sought"
    REQUESTED = "requested"
    NOT_RETRIEVED = "not_retrieved"
    RETRIEVED = "retrieved"


class Record(Versioned, table=True):
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


class Report(Versioned, table=True):
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
