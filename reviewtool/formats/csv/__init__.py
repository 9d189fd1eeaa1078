"""Tables: comma, tab or semicolon separated, of any vendor or of none.

Files in the wild have lines above the header, ragged rows, quotes that never
close, and (Embase) one field per row instead of one record per row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from reviewtool.formats.base import Entry, Note, Problem, checked
from reviewtool.formats.csv import columns as names
from reviewtool.formats.csv.rows import Row, rows, upright
from reviewtool.formats.csv.table import record
from reviewtool.formats.text import Text

LOOK = 40  # rows searched for the header
DELIMITERS = ",\t;|"


@dataclass(frozen=True, slots=True)
class Columns:
    """What the header says: its cells, where it is, and what each column means."""

    header: tuple[str, ...]
    line: int
    mapping: Mapping[str, str]
    vendor: names.Vendor
    delimiter: str = ","
    by_row: bool = False

    @property
    def known(self) -> int:
        return len(set(self.mapping.values()))

    @property
    def sure(self) -> bool:
        """Whether a column gives the title, the abstract or an identifier."""
        if len(self.header) == 1 and "abstract" in self.mapping.values():
            return False  # a line "Abstract" in a text is no table
        return bool({"title", "doi", "pmid", "accession", "abstract"} & set(self.mapping.values()))


class Table:
    key, label = "csv", "Table (CSV or TSV)"

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        self._mapping = mapping

    def mapped(self, mapping: Mapping[str, str]) -> Table:
        """The same reader with the columns a person chose."""
        return type(self)(mapping)

    def score(self, text: Text) -> float:
        if text.sample[:5] in ("<?xml", "%PDF-") or not text.sample.strip():
            return 0.0
        found = self.columns(text)
        if found is None:
            return 0.0
        if found.sure and found.known >= 2:
            return 0.85
        return 0.4 if found.sure else 0.2

    def rows(self, text: Text, delimiter: str) -> Iterator[Row | Problem]:
        return rows(text.lines(), delimiter)

    def columns(self, text: Text) -> Columns | None:
        """The header that explains most columns, over the delimiters and first rows."""
        best: Columns | None = None
        for delimiter in DELIMITERS:
            if delimiter not in text.sample and delimiter != ",":
                continue
            sample = Text(text.sample.encode("utf-8"))
            found = find_header(list(take(self.rows(sample, delimiter))), delimiter)
            if found and (best is None or _rank(found) > _rank(best)):
                best = found
        return self.chosen(best)

    def chosen(self, found: Columns | None) -> Columns | None:
        """``found`` with the columns a person chose, if anybody did."""
        if found is None or not self._mapping:
            return found
        mapping = {c: f for c, f in self._mapping.items() if c in found.header and f}
        return replace(found, mapping=mapping, by_row=False)

    def entries(self, text: Text) -> Iterator[Entry]:
        found = self.columns(text)
        if found is None:
            yield Problem(1, "No table could be read: give the file a row of column names.")
            return
        all_rows = self.rows(text, found.delimiter)
        if found.by_row:
            yield from _records(upright(all_rows), None)
        else:
            yield from _records(all_rows, found)


def take(all_rows: Iterator[Row | Problem]) -> Iterator[Row | Problem]:
    """The rows among which the header is."""
    return islice(all_rows, LOOK)


def _rank(found: Columns) -> tuple[bool, int, int]:
    return found.sure, found.known, len(found.header)


def find_header(first: Sequence[Row | Problem], delimiter: str = ",") -> Columns | None:
    """The row among ``first`` that names columns; None when nothing looks like a table."""
    usable = [r for r in first if isinstance(r, Row)]
    labels = [names.plain(r.cells[0]) for r in usable if len(r.cells) > 1]
    titles = sum(1 for label in labels if label == "title")
    if titles and sum(1 for label in labels if label in names.COLUMNS) > 0.6 * len(labels) > 3:
        return Columns(("",), 1, {"title": "title"}, names.GENERIC, delimiter, by_row=True)
    best: Columns | None = None
    for row in usable:
        header = _distinct(row.cells)
        if not header or any(len(cell) > 80 for cell in header):
            continue
        vendor = names.vendor_of(header)
        found = Columns(header, row.line, names.mapping_of(header, vendor), vendor, delimiter)
        if found.sure and (best is None or found.known > best.known):
            best = found
    if best is not None:
        return best
    return _unnamed(usable, delimiter)


def _unnamed(usable: Sequence[Row], delimiter: str) -> Columns | None:
    """The header of a table whose column names mean nothing to us."""
    wide = [row for row in usable if sum(1 for cell in row.cells if cell.strip()) >= 2]
    if len(wide) < 2:
        return None
    width = len(wide[0].cells)
    alike = sum(1 for row in wide if len(row.cells) == width)
    header = _distinct(wide[0].cells)
    if alike < 0.8 * len(usable) or any(len(cell) > 60 for cell in header):
        return None
    vendor = names.GENERIC
    return Columns(header, wide[0].line, names.mapping_of(header, vendor), vendor, delimiter)


def _distinct(cells: Sequence[str]) -> tuple[str, ...]:
    """Column names, each only once: a repeated "Notes" becomes "Notes (2)"."""
    seen: dict[str, int] = {}
    header: list[str] = []
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    for i, cell in enumerate(cells, 1):
        name = " ".join(cell.split()) or f"Column {i}"
        seen[name] = seen.get(name, 0) + 1
        header.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(header)


def _records(all_rows: Iterator[Row | Problem], found: Columns | None) -> Iterator[Entry]:
    """Entries of rows below the header; ``found`` is None when rows name their own cells."""
    for row in all_rows:
        if isinstance(row, Problem):
            yield row
            continue
        if found is None:
            values = dict(row.named)
            vendor = names.vendor_of(tuple(values))
            mapping: Mapping[str, str] = names.mapping_of(tuple(values), vendor)
        else:
            if row.line <= found.line:
                if row.line < found.line:
                    yield Note(row.line, f"Above the table: {' '.join(row.cells)[:80]!r}")
                continue
            cells = _fitted(row.cells, found)
            values = dict(zip(found.header, cells, strict=False))
            extra = [cell for cell in cells[len(found.header) :] if cell.strip()]
            if extra:
                values["cells beyond the header"] = " | ".join(extra)
            vendor, mapping = found.vendor, found.mapping
            if _repeats_header(row, found):
                yield Note(row.line, "The header is repeated here.")
                continue
            if lone := _lone_line(row, found):
                yield Note(row.line, f"A line between the records was left out: {lone[:80]!r}")
                continue
        yield checked(record(values, mapping, vendor, row.line), " | ".join(values.values()))


def _fitted(cells: tuple[str, ...], found: Columns) -> tuple[str, ...]:
    """``cells`` as long as the header where a known column spilled into its neighbours.

    Scopus writes a second funding text without a column for it, which moves the rest.
    """
    excess = len(cells) - len(found.header)
    at = next(
        (i for i, n in enumerate(found.header) if names.plain(n) == found.vendor.stretch),
        -1,
    )
    if excess <= 0 or at < 0 or not any(cell.strip() for cell in cells[-excess:]):
        return cells
    return (
        *cells[:at],
        " ".join(cells[at : at + excess + 1]),
        *cells[at + excess + 1 :],
    )


def _lone_line(row: Row, found: Columns) -> str:
    """The text of a row that is a heading between records, not a record: one cell, of a
    column that gives neither title nor identifier, in a table of several."""
    filled = [(i, cell.strip()) for i, cell in enumerate(row.cells) if cell.strip()]
    if len(filled) != 1 or len(found.header) < 4:
        return ""
    position, text = filled[0]
    name = found.header[position] if position < len(found.header) else ""
    known = found.mapping.get(name, "")
    is_sentence = " " in text and len(row.cells) <= 2
    return text if is_sentence and known not in ("title", "doi", "pmid", "abstract") else ""


def _repeats_header(row: Row, found: Columns) -> bool:
    return tuple(cell.strip() for cell in row.cells if cell.strip()) == found.header
