"""Searches, imports, records, duplicates, reports and full texts."""

from reviewtool.references.models.duplicates import DuplicatePair, DuplicateRun, Merge, PairState
from reviewtool.references.models.imports import (
    CarriedVote,
    Import,
    ImportState,
    RejectedEntry,
    Search,
    SourceKind,
)
from reviewtool.references.models.records import (
    MISSING,
    Document,
    Record,
    RecordChange,
    Report,
    Retrieval,
)

__all__ = [
    "CarriedVote",
    "Document",
    "DuplicatePair",
    "DuplicateRun",
    "Import",
    "ImportState",
    "MISSING",
    "Merge",
    "PairState",
    "Record",
    "RecordChange",
    "RejectedEntry",
    "Report",
    "Retrieval",
    "Search",
    "SourceKind",
]
