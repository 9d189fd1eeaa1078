"""Rows of a delimited file, each with the line where it begins."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reviewtool.formats.base import EXCERPT, Problem
from reviewtool.formats.csv.columns import plain

csv.field_size_limit(1 << 30)
_EXCEL = re.compile(r'^="(.*)"$', re.DOTALL)
RECORD_STARTS = ("title",)


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: tuple[str, ...]
    named: tuple[tuple[str, str], ...] = field(default=())


class _Lines:
    """Lines for the csv module, remembering those of the row being read."""

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        self._lines = iter(lines)
        self.row: list[tuple[int, str]] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        number, line = next(self._lines)
        self.row.append((number, line))
        return line + "\n"


def rows(lines: Iterable[tuple[int, str]], delimiter: str) -> Iterator[Row | Problem]:
    """The rows that are not blank. A quote never closed costs one row, not the file."""
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter)
    while True:
        source.row = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            first = source.row[0] if source.row else (0, "")
            yield Problem(first[0], f"This row cannot be read: {error}.", first[1][:EXCERPT])
            continue
        if len(source.row) > 1 and sum(line.count('"') for _, line in source.row) % 2:
            yield from _without_quotes(source.row, delimiter)
            continue
        if any(cell.strip() for cell in cells):
            yield Row(source.row[0][0], tuple(_cell(cell) for cell in cells))


def _without_quotes(lines: list[tuple[int, str]], delimiter: str) -> Iterator[Row | Problem]:
    """What follows a quote that never closes, one row per line."""
    number, line = lines[0]
    yield Problem(
        number,
        "A quotation mark opens here and never closes: close it in the file and import it again.",
        line[:EXCERPT],
    )
    for number, line in lines[1:]:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        if any(cell.strip() for cell in cells):
            yield Row(number, tuple(_cell(cell) for cell in cells))


def _cell(cell: str) -> str:
    """A cell without the ="..." by which exports keep Excel from guessing."""
    match = _EXCEL.match(cell) if cell.startswith('="') else None
    return match.group(1) if match else cell


def upright(all_rows: Iterable[Row | Problem]) -> Iterator[Row | Problem]:
    """One row per record from one row per field (Embase's row-oriented export)."""
    line = 0
    named: dict[str, str] = {}
    for row in all_rows:
        if isinstance(row, Problem):
            yield row
            continue
        key = row.cells[0].strip().capitalize()
        value = "; ".join(cell.strip() for cell in row.cells[1:] if cell.strip())
        if plain(key) in RECORD_STARTS:
            if named:
                yield Row(line, (), tuple(named.items()))
            line, named = row.line, {}
        if not named and plain(key) not in RECORD_STARTS:
            continue  # lines above the first record: the search and a rule of dashes
        named[key] = f"{named[key]}; {value}" if key in named else value
    if named:
        yield Row(line, (), tuple(named.items()))
