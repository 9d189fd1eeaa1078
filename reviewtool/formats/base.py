"""What every reader gives: records, rejects and notes, each with its line.

A file is a sequence of *entries*. An entry becomes a ``ParsedRecord`` or a
``Problem`` (a reject with line and reason), so that always
``read = stored + rejected``. Text that belongs to no entry is a ``Note``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from reviewtool.formats.text import Text

EXCERPT = 200  # characters of a rejected entry shown to the person who has to find it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reviewer said about a record in the tool it was exported from.

    vote: "include", "maybe" or "exclude"; "" when only labels or notes came along.
    phase: "abstract", "full_text" or "" when the export does not say.
    reviewer: the name in the file, "" when the export names nobody.
    """

    vote: str = ""
    reviewer: str = ""
    phase: str = ""
    reasons: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    note: str = ""
    decided_at: str = ""
    withdrawn: bool = False  # a log says that what is named here was taken back
    final: bool = False  # what a whole team decided, not one person's vote


@dataclass(frozen=True, slots=True)
class ParsedRecord:
    """One entry of an export, in the field's words.

    ``authors`` are kept as the source spells them. ``doi`` is lower case and
    without a resolver. ``raw`` holds the source's fields that have no place here.
    ``line`` is the 1-based line (or table row) where the entry begins.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    issn: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    language: str = ""
    url: str = ""
    kind: str = ""
    accession: str = ""
    registry_number: str = ""
    database: str = ""
    labels: tuple[str, ...] = ()
    note: str = ""
    verdicts: tuple[Verdict, ...] = ()
    raw: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    line: int = 1

    @property
    def identified(self) -> bool:
        """Whether a person could judge the work or find it again."""
        return bool(
            self.title or self.doi or self.pmid or self.pmcid or self.accession or self.abstract
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """A rejected entry: where it is, why, and how it begins.

    ``record`` is what could be read of it, if anything.
    """

    line: int
    reason: str
    excerpt: str = ""
    record: ParsedRecord | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person may want to know about the file that is not an entry."""

    line: int
    text: str


Entry = ParsedRecord | Problem | Note


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file read. ``read`` counts entries: stored and rejected together."""

    records: tuple[ParsedRecord, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]
    format: str
    encoding: str

    @property
    def read(self) -> int:
        return len(self.records) + len(self.problems)


class Format(Protocol):
    """A reader. ``score`` looks at the content, never at the file's name."""

    key: str
    label: str

    def score(self, text: Text) -> float:
        """How likely ``text`` is in this format, from 0 (no) to 1 (surely)."""

    def entries(self, text: Text) -> Iterator[Entry]:
        """The entries in file order. Never raises on bad content: that is a Problem."""


def checked(record: ParsedRecord, excerpt: str = "") -> ParsedRecord | Problem:
    """``record`` itself, or the reason why nobody could judge the work or find it."""
    if record.identified:
        return record
    return Problem(
        record.line,
        "No title, no abstract and no identifier (DOI, PMID, PMCID or accession number): "
        "add one of them in the file and import it again.",
        excerpt[:EXCERPT],
        record,
    )
