"""Export files of databases, reference managers and screening tools.

``read`` for a whole file, ``stream`` for a large one, ``preview`` for a look at
its beginning. The format is recognised by content; the file's name decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reviewtool.formats.base import (
    Entry,
    Format,
    Note,
    ParsedRecord,
    Problem,
    Reading,
    Verdict,
)
from reviewtool.formats.registry import FORMATS, detect, reader
from reviewtool.formats.text import Text

__all__ = [
    "FORMATS",
    "Entry",
    "Format",
    "Note",
    "ParsedRecord",
    "Preview",
    "Problem",
    "Reading",
    "Stream",
    "Verdict",
    "detect",
    "preview",
    "read",
    "stream",
]


class Stream:
    """A file being read: its format and encoding, and its entries one by one.

    >>> [e.title for e in stream(b"TY  - JOUR\\nTI  - A trial\\nER  - \\n")]
    ['A trial']
    """

    def __init__(self, text: Text, format_: Format) -> None:
        self.text, self._format = text, format_
        self.format, self.label = format_.key, format_.label

    @property
    def encoding(self) -> str:
        """The encoding of the text; "binary" for workbooks."""
        return "binary" if self.format in ("xlsx", "xls") else self.text.encoding

    @property
    def share(self) -> float:
        """How much of the file was read, from 0 to 1; 0 where nobody can say."""
        return min(1.0, self.text.position / self.text.size) if self.text.size else 0.0

    def __iter__(self) -> Iterator[Entry]:
        anything = False
        for entry in self._format.entries(self.text):
            anything = True
            yield entry
        if not anything:
            yield Note(1, f"This {self.label} file holds no records.")


def stream(
    source: bytes | Path, name: str = "", mapping: Mapping[str, str] | None = None
) -> Stream:
    """Open ``source`` for reading entry by entry.

    mapping: column -> field for a table nobody recognises; ignored elsewhere.
    """
    text = Text(source, name)
    return Stream(text, reader(text, mapping))


def read(source: bytes | Path, name: str = "", mapping: Mapping[str, str] | None = None) -> Reading:
    """All of ``source``: records, rejects and notes. ``read`` = records + rejects."""
    opened = stream(source, name, mapping)
    records: list[ParsedRecord] = []
    problems: list[Problem] = []
    notes: list[Note] = []
    for entry in opened:
        if isinstance(entry, ParsedRecord):
            records.append(entry)
        elif isinstance(entry, Problem):
            problems.append(entry)
        else:
            notes.append(entry)
    return Reading(tuple(records), tuple(problems), tuple(notes), opened.format, opened.encoding)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person checks before storing. ``header`` is empty unless it is a table."""

    format: str
    label: str
    encoding: str
    size: int
    first: tuple[Entry, ...]
    header: tuple[str, ...] = ()
    mapping: Mapping[str, str] | None = None

    @property
    def needs_mapping(self) -> bool:
        """Whether a table's columns say neither title nor identifier."""
        return bool(self.header) and not {"title", "doi", "pmid", "accession", "abstract"} & set(
            (self.mapping or {}).values()
        )


def _first(entries: Iterable[Entry], count: int) -> Iterator[Entry]:
    """Entries up to the ``count``-th that is not a mere note; a few notes come along."""
    found, notes = 0, 0
    for entry in entries:
        is_note = isinstance(entry, Note)
        found, notes = found + (not is_note), notes + is_note
        if not is_note or notes <= 2:
            yield entry
        if found >= count:
            return


def preview(
    source: bytes | Path,
    name: str = "",
    mapping: Mapping[str, str] | None = None,
    entries: int = 5,
) -> Preview:
    """The format, encoding, header and first ``entries`` entries of ``source``."""
    opened = stream(source, name, mapping)
    columns = getattr(opened._format, "columns", None)
    found = columns(opened.text) if columns else None
    return Preview(
        opened.format,
        opened.label,
        opened.encoding,
        opened.text.size,
        tuple(_first(opened, entries)),
        found.header if found else (),
        found.mapping if found else None,
    )
