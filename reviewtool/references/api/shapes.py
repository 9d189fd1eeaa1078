"""What programs send and get about searches, imports and records."""

from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from reviewtool.references.models import ImportState, Record, SourceKind
from reviewtool.web.api import Out


class RecordIn(BaseModel):
    """Fields of a record; those left out stay as they are."""

    title: str | None = None
    authors: str | None = Field(default=None, description="separated by semicolons")
    year: int | None = None
    journal: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    registry_number: str | None = None
    abstract: str | None = None
    keywords: str | None = None


class NewRecordIn(RecordIn):
    """A record entered by hand."""

    search_id: int


class SearchOut(Out):
    """One search of one source on one day, with its PRISMA-S items."""

    id: int
    created_at: datetime
    database: str
    platform: str
    kind: SourceKind
    searched_on: date | None
    strategy: str
    limits: str
    hits: int | None
    updates_id: int | None = Field(description="the search that this one brings up to date")
    note: str


class SearchesOut(Out):
    """All searches of a review."""

    searches: list[SearchOut]


class ImportOut(Out):
    """One file of one search; ``entries`` = ``stored`` + ``rejected``."""

    id: int
    created_at: datetime
    search_id: int | None
    file_name: str
    sha256: str
    size: int = Field(description="in bytes")
    format: str
    encoding: str
    column_mapping: dict[str, Any] = Field(description="for tables: column to field")
    state: ImportState
    entries: int
    stored: int
    rejected: int
    notes: list[Any] = Field(description="[line, text]: what was left out without being an entry")
    job_id: int | None
    member_id: int | None
    finished_at: datetime | None
    undone_at: datetime | None


class RejectOut(Out):
    """An entry that could not become a record."""

    line: int
    reason: str
    excerpt: str


class ImportWithRejectsOut(ImportOut):
    """One import and what of it was rejected (the first thousand)."""

    rejects: list[RejectOut]


class ImportCountsOut(Out):
    """What hangs on an import."""

    records: int
    votes: int
    reports: int


class RecordOut(Out):
    """A title/abstract entry of a source."""

    id: int
    created_at: datetime
    number: int = Field(description="the record's number, which never changes")
    import_id: int | None
    search_id: int
    line: int | None = Field(description="where it stood in its file")
    title: str
    authors: str = Field(description="separated by semicolons")
    year: int | None
    journal: str
    volume: str
    issue: str
    pages: str
    doi: str
    pmid: str
    pmcid: str
    issn: str
    registry_number: str
    accession: str
    kind: str
    language: str
    url: str
    abstract: str
    keywords: str
    raw: Any = Field(description="the entry as its file had it")
    merged_into_id: int | None = Field(description="the record that stands for this duplicate")
    removed_reason: str = Field(description="automation or other; empty while it takes part")
    removed_note: str
    set_aside_at: datetime | None = Field(description="when its import was undone")
    active: bool = Field(description="whether it takes part in screening")

    @classmethod
    def of(cls, row: Record, **more: Any) -> Self:
        """From a record."""
        return super().of(row, active=row.is_active, **more)


class RecordsOut(Out):
    """A page of records."""

    total: int | None
    next_after: int | None = Field(description="``after`` of the next page; null on the last")
    records: list[RecordOut]


class ChangeOut(Out):
    """A correction of one field."""

    id: int
    created_at: datetime
    member_id: int
    field: str
    old: str
    new: str


class RecordWithHistoryOut(RecordOut):
    """A record and every correction of it."""

    history: list[ChangeOut]
