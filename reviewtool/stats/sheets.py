"""Rows of a CSV file as columns of numbers, with the row and column of every problem.

Names are matched whatever their case and punctuation, and by the words in use: study
or author, event or events, n or total, te or yi.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import BadCell, BadSheet

MISSING = {"", "na", "nan", "n/a", ".", "-", "null", "none"}
SYNONYMS: dict[str, tuple[str, ...]] = {
    "study": ("study", "studlab", "author", "trial", "label", "slab", "studyid"),
    "treatment": ("treatment", "arm", "group", "treat", "intervention"),
    "treat1": ("treat1", "treatment1", "t1"),
    "treat2": ("treat2", "treatment2", "t2", "comparator"),
    "event": ("event", "events", "r", "responders"),
    "n": ("n", "total", "samplesize", "size"),
    "time": ("time", "persontime", "exposure"),
    "mean": ("mean", "m"),
    "sd": ("sd", "stddev", "standarddeviation"),
    "yi": ("yi", "te", "effect", "y", "logestimate"),
    "vi": ("vi", "variance", "v"),
    "sei": ("sei", "sete", "se", "stderr", "standarderror"),
    "est": ("est", "estimate"),
    "lb": ("lb", "lower", "cilow", "cilb", "lowerci", "ll"),
    "ub": ("ub", "upper", "cihigh", "ciub", "upperci", "ul"),
    "ai": ("ai", "event1", "events1", "evente"),
    "ci": ("ci", "event2", "events2", "eventc"),
    "n1i": ("n1i", "n1", "total1", "ne"),
    "n2i": ("n2i", "n2", "total2", "nc"),
    "m1i": ("m1i", "mean1", "m1", "meane"),
    "m2i": ("m2i", "mean2", "m2", "meanc"),
    "sd1i": ("sd1i", "sd1", "sde"),
    "sd2i": ("sd2i", "sd2", "sdc"),
    "x1i": ("x1i", "x1"),
    "x2i": ("x2i", "x2"),
    "t1i": ("t1i", "time1"),
    "t2i": ("t2i", "time2"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Cells as text, by the names in the header; ``lines`` number the rows from 2."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    decimal_comma: bool = False

    def find(self, name: str) -> str | None:
        """The header that means ``name`` (one of the synonyms or the name itself)."""
        wanted = [_plain(word) for word in SYNONYMS.get(name, (name,))]
        for word in wanted:
            for header in self.header:
                if _plain(header) == word:
                    return header
        return None

    def need(self, name: str) -> str:
        """Like ``find``; raises BadSheet naming what is missing."""
        header = self.find(name)
        if header is None:
            words = " or ".join(SYNONYMS.get(name, (name,))[:3])
            raise BadSheet(
                problem=f"There is no column {words}.",
                remedy=f"The columns are {', '.join(self.header)}.",
            )
        return header

    def text(self, name: str) -> list[str]:
        """The cells of a column. Raises BadSheet when there is none."""
        at = self.header.index(self.need(name))
        return [row[at].strip() for row in self.rows]

    def named(self, name: str) -> list[str]:
        """Like ``text``, refusing empty cells: studies and treatments need names."""
        values = self.text(name)
        for value, line in zip(values, self.lines, strict=True):
            if not value:
                raise BadCell(
                    row=line, column=self.need(name), problem="it is empty.", remedy="Name it."
                )
        return values

    def numbers(self, name: str) -> Vector:
        """A column as floats, NaN where a cell is empty. Raises BadCell, BadSheet."""
        header = self.need(name)
        cells = zip(self.text(name), self.lines, strict=True)
        return np.array([self._number(cell, line, header) for cell, line in cells], dtype=float)

    def is_numeric(self, name: str) -> bool:
        """Whether every filled cell of the column is a number."""
        try:
            self.numbers(name)
        except BadCell:
            return False
        return True

    def _number(self, cell: str, line: int, header: str) -> float:
        if cell.lower() in MISSING:
            return nan
        tidy = cell.replace(",", ".") if self.decimal_comma else cell
        tidy = tidy.replace("\u2212", "-")
        try:
            value = float(tidy)
        except ValueError:
            value = nan
        if isfinite(value):
            return value
        remedy = "Write a decimal point." if "," in cell else "Write a number or leave it empty."
        raise BadCell(row=line, column=header, problem=f"{cell!r} is not a number.", remedy=remedy)

    def at(self, rows: Iterable[int]) -> "Sheet":
        """The sheet with only these rows (0-based)."""
        chosen = list(rows)
        return Sheet(
            self.header,
            tuple(self.rows[i] for i in chosen),
            tuple(self.lines[i] for i in chosen),
            self.decimal_comma,
        )


def read_sheet(text: str) -> Sheet:
    """Parse CSV separated by commas, semicolons or tabs. Raises BadSheet, BadCell.

    >>> read_sheet("study;yi\\nA;0,5\\n").numbers("yi").tolist()
    [0.5]
    """
    lines = text.removeprefix("\ufeff").lstrip("\n\r")
    first = lines.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        found = list(csv.reader(io.StringIO(lines), delimiter=delimiter))
    except csv.Error as error:
        raise BadSheet(
            problem=f"This is not a CSV file: {error}.", remedy="Save it again."
        ) from None
    if not found or len([row for row in found if any(cell.strip() for cell in row)]) < 2:
        raise BadSheet(problem="The file has no rows.", remedy="Give a header and rows.")
    header = tuple(cell.strip() for cell in found[0])
    numbered = [(i, row) for i, row in enumerate(found[1:], 2) if any(c.strip() for c in row)]
    for line, row in numbered:
        if len(row) != len(header):
            raise BadCell(
                row=line,
                column=header[min(len(row), len(header) - 1)],
                problem=f"the row has {len(row)} cells, the header {len(header)}.",
                remedy="Quote cells that contain the separator.",
            )
    return Sheet(
        header,
        tuple(tuple(row) for _, row in numbered),
        tuple(line for line, _ in numbered),
        delimiter == ";",
    )


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def row_labels(sheet: Sheet) -> list[str]:
    """How rows are called in messages: 'Row 3 (Smith 2001)'."""
    names: Sequence[str] = sheet.text("study") if sheet.find("study") else [""] * len(sheet.lines)
    return [
        f"Row {i} ({name})" if name else f"Row {i}"
        for i, name in zip(sheet.lines, names, strict=True)
    ]
