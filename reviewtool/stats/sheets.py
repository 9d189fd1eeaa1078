"""Rows of a table as columns of numbers, with the row and column of every problem.

A column is found by its role (``columns.ROLES``) or chosen by name. Numbers are read as
people write them; a cell that can be read in two ways is settled by its column, then by
the whole table, or refused.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import nan

import numpy as np

from reviewtool.reading import (
    BadNumber,
    Marks,
    is_per_cent,
    is_unclear,
    marks_in,
    number,
    tidy,
    written,
)
from reviewtool.stats.arrays import Vector
from reviewtool.stats.columns import COUNTS, ROLES, limit_name, plain_name
from reviewtool.stats.errors import BadCell, BadSheet
from reviewtool.stats.unpacking import unpack

MISSING = frozenset(
    {"", "na", "nan", "n/a", "nr", ".", "-", "\u2013", "\u2014", "\u2212", "null", "none"}
    | {"n/r", "not reported", "not estimable", "missing"}
)

BOUNDS = tuple("<>\u2264\u2265")  # "p < 0.001" says less than a number


@dataclass(frozen=True, slots=True)
class Sheet:
    """Cells as text under a header; ``lines`` are the rows as a spreadsheet counts them.

    chosen: role -> heading, as the person chose. marks: the convention of numbers that
    the whole table shows; ``either`` when it may have been written with a decimal comma.
    notes: what was understood while reading, for the reader of the result. reserved:
    headings that were chosen for something else, such as subgroups: where two columns could
    play a role, it is not one of these.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    marks: Marks | None = None
    either: bool = False
    chosen: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reserved: frozenset[str] = frozenset()

    def choosing(self, chosen: Mapping[str, str]) -> "Sheet":
        """The sheet with columns chosen for roles. Raises BadSheet for an unknown column."""
        found = {role: self.heading(name) for role, name in chosen.items()}
        return replace(self, chosen={**self.chosen, **found})

    def with_cells(self, heading: str, cells: Sequence[str]) -> "Sheet":
        """The sheet with other cells under a heading."""
        at = self.header.index(heading)
        rows = zip(self.rows, cells, strict=True)
        return replace(self, rows=tuple((*row[:at], cell, *row[at + 1 :]) for row, cell in rows))

    def noting(self, notes: Iterable[str]) -> "Sheet":
        """The sheet with more notes."""
        return replace(self, notes=(*self.notes, *notes))

    def heading(self, name: str) -> str:
        """The heading called ``name``. Raises BadSheet when there is none, or two."""
        same = [h for h in self.header if h == name.strip()]
        like = same or [h for h in self.header if h and plain_name(h) == plain_name(name)]
        if len(like) == 1:
            return like[0]
        columns = ", ".join(h for h in self.header if h)
        if like:
            raise BadSheet(
                problem=f"Several columns are called {name}: {', '.join(like)}.",
                remedy="Give each a name of its own.",
            )
        raise BadSheet(problem=f"There is no column {name}.", remedy=f"The columns are {columns}.")

    def candidates(self, role: str) -> list[str]:
        """The headings that could play ``role``: the chosen one, else all of its words."""
        if role in self.chosen:
            return [self.chosen[role]]
        known = ROLES.get(role)
        words = {plain_name(word) for word in known.synonyms} if known else {plain_name(role)}
        taken = set(self.chosen.values())
        return [
            h
            for h in self.header
            if h not in taken and (plain_name(h) in words or limit_name(h, role) in words)
        ]

    def find(self, role: str) -> str | None:
        """The heading that plays ``role``; None when there is none.

        Raises BadSheet when two columns could play it and none was chosen.
        """
        known, found = ROLES.get(role), self.candidates(role)
        if role == "study" and len(found) > 1:
            # A table may well name its author and its trial; nothing is computed from either.
            found = [h for h in found if plain_name(h) == "study"] or found
        if len(found) > 1:
            found = [h for h in found if h not in self.reserved] or found
        if len(found) > 1:
            what = known.words if known else role
            option = known.option if known else "another name"
            raise BadSheet(
                problem=f"Two columns could be the {what}: {' and '.join(found)}.",
                remedy=f"Say which with {option}, or take one out.",
            )
        return found[0] if found else None

    def numbered(self, role: str, number: int) -> str | None:
        """The heading of a further group: "event3" for the role of "event1", number 3."""
        chosen = self.find(role)
        if chosen is None or "1" not in chosen:
            return None
        wanted = plain_name(chosen.replace("1", str(number), 1))
        return next((h for h in self.header if plain_name(h) == wanted), None)

    def need(self, role: str) -> str:
        """Like ``find``; raises BadSheet naming what is missing."""
        heading = self.find(role)
        if heading is None:
            known = ROLES.get(role)
            words = " or ".join(known.synonyms[:3]) if known else role
            meaning = f" for the {known.words}" if known else ""
            chosen = f" Choose one with {known.option}." if known else ""
            raise BadSheet(
                problem=f"There is no column {words}{meaning}.",
                remedy=f"The columns are {', '.join(h for h in self.header if h)}.{chosen}",
            )
        return heading

    def text(self, role: str) -> list[str]:
        """The cells of a role's column. Raises BadSheet when there is none."""
        return self.cells(self.need(role))

    def cells(self, heading: str) -> list[str]:
        """The cells under a heading."""
        at = self.header.index(heading)
        return [row[at].strip() for row in self.rows]

    def named(self, role: str) -> list[str]:
        """Like ``text``, refusing empty cells: studies and treatments need names."""
        return self.filled(self.need(role))

    def filled(self, heading: str) -> list[str]:
        """The cells under a heading, none of them empty. Raises BadCell."""
        values = self.cells(heading)
        for value, line in zip(values, self.lines, strict=True):
            if not value:
                raise BadCell(row=line, column=heading, problem="it is empty.", remedy="Name it.")
        return values

    def numbers(self, role: str) -> Vector:
        """A role's column as floats, NaN where a cell is empty. Raises BadCell, BadSheet."""
        return self.numbers_of(role, self.need(role))

    def numbers_of(self, role: str, heading: str) -> Vector:
        """The column ``heading`` as the numbers of a role: whole where they count people."""
        return self.numbers_under(heading, counts=role in COUNTS)

    def is_blank(self, row: int, heading: str) -> bool:
        """Whether nothing is given in a cell. row: 0-based."""
        return self.rows[row][self.header.index(heading)].strip().casefold() in MISSING

    def numbers_under(self, heading: str, *, counts: bool = False) -> Vector:
        """A column as floats, NaN where a cell is empty. Raises BadCell.

        counts: of people or events, where "1.234" is hardly a number with decimals.
        """
        cells = self.cells(heading)
        marks = marks_in(cells)
        read = [
            self._number(cell, line, heading, marks, counts)
            for cell, line in zip(cells, self.lines, strict=True)
        ]
        self._check_per_cent(heading, cells)
        return np.array(read, dtype=float)

    def settled(self, heading: str) -> str:
        """What other columns said about numbers of this one that can be read in two ways."""
        cells = self.cells(heading)
        if marks_in(cells) is not None or self.marks is None:
            return ""
        for cell in filter(is_unclear, cells):
            if self.marks.value not in cell:
                meant = number(cell, self.marks)
                return f"“{cell}” in the column {heading} was read as {written(meant)} (thousands)."
        return ""

    def in_per_cent(self, heading: str) -> bool:
        """Whether the numbers of a column are written with a per cent sign."""
        return any(is_per_cent(cell) for cell in self.cells(heading))

    def is_numeric(self, heading: str) -> bool:
        """Whether every filled cell of the column is a number."""
        try:
            self.numbers_under(heading)
        except BadCell:
            return False
        return True

    def _number(
        self, cell: str, line: int, heading: str, marks: Marks | None, counts: bool
    ) -> float:
        if cell.casefold() in MISSING:
            return nan
        if counts and is_per_cent(cell):
            raise BadCell(
                row=line,
                column=heading,
                problem=f"“{cell}” is a percentage.",
                remedy="Write the number of people.",
            )
        if cell[:1] in BOUNDS:
            raise BadCell(
                row=line,
                column=heading,
                problem=f"“{cell}” is a bound, not a number.",
                remedy="Give the number itself, or leave the cell empty.",
            )
        if is_unclear(cell) and marks is None:
            marks = self._table_marks(cell, counts)
        elif counts and marks is Marks.POINT and "," not in cell:
            marks = None  # "1.234" people are hardly one and a quarter
        try:
            return number(cell, marks, strict=counts or self.either)
        except BadNumber as error:
            problem, _, remedy = str(error).partition(". ")
            raise BadCell(row=line, column=heading, problem=f"{problem}.", remedy=remedy) from None

    def _table_marks(self, cell: str, counts: bool) -> Marks | None:
        """What the whole table says about a number that its own column leaves open.

        Thousands of people can be written so; an effect in thousands is not believed of
        one cell, and decimals of people are not at all.
        """
        if self.marks is None:
            return None
        thousands = self.marks.value not in cell
        return self.marks if thousands == counts else None

    def _check_per_cent(self, heading: str, cells: Sequence[str]) -> None:
        with_sign = [is_per_cent(cell) for cell in cells if cell.casefold() not in MISSING]
        if any(with_sign) and not all(with_sign):
            raise BadSheet(
                problem=f"Some numbers of the column {heading} have a per cent sign, others not.",
                remedy="Write all of them the same way.",
            )

    def at(self, rows: Iterable[int]) -> "Sheet":
        """The sheet with only these rows (0-based)."""
        kept = list(rows)
        return replace(
            self,
            rows=tuple(self.rows[i] for i in kept),
            lines=tuple(self.lines[i] for i in kept),
        )


def read_sheet(text: str) -> Sheet:
    """Parse a table separated by commas, semicolons or tabs. Raises BadSheet, BadCell.

    >>> read_sheet("study;yi\\nA;0,5\\n").numbers("yi").tolist()
    [0.5]
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    delimiter = None
    if lines[start].strip().casefold().startswith("sep=") and len(lines[start].strip()) == 5:
        delimiter = lines[start].strip()[4]
    elif lines[start].strip().casefold() == "sep=":
        delimiter = "\t"
    skipped = start + 1 if delimiter else start
    body = "\n".join(lines[skipped:])
    chosen = delimiter or _delimiter(body)
    numbered = [(i + skipped, row) for i, row in _rows(body, chosen)]
    return sheet_of(numbered, either=chosen == ";")


def _delimiter(body: str) -> str:
    """The separator that cuts the most rows into as many cells as the header."""

    def fit(mark: str) -> tuple[float, int]:
        rows = [row for _, row in _rows(body, mark, most=200)]
        if not rows or len(rows[0]) < 2:
            return 0.0, 0
        alike = sum(len(row) == len(rows[0]) for row in rows)
        return alike / len(rows), len(rows[0])

    return max(",;\t", key=lambda mark: (fit(mark)[1] > 1, *fit(mark)))


def _rows(body: str, delimiter: str, most: int | None = None) -> list[tuple[int, list[str]]]:
    """(row as a spreadsheet counts from 1, cells) of every row that is not blank."""
    found = []
    try:
        for i, row in enumerate(csv.reader(io.StringIO(body), delimiter=delimiter), 1):
            if any(cell.strip() for cell in row):
                found.append((i, row))
            if most and len(found) >= most:
                break
    except csv.Error as error:
        raise BadSheet(
            problem=f"This is not a table: {error}.", remedy="Save it as CSV (UTF-8) again."
        ) from None
    return found


def sheet_of(
    numbered: Sequence[tuple[int, Sequence[str]]],
    *,
    either: bool = False,
    notes: tuple[str, ...] = (),
) -> Sheet:
    """A sheet from (row, cells), the header first. Raises BadSheet, BadCell."""
    if len(numbered) < 2:
        raise BadSheet(problem="The file has no rows.", remedy="Give a header and rows.")
    header = [cell.strip() for cell in numbered[0][1]]
    while header and not header[-1]:
        header.pop()
    rows = []
    for line, row in numbered[1:]:
        cells = [cell.strip() for cell in row]
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) != len(header):
            raise _uneven(line, cells, header)
        rows.append(tuple(cells))
    apart = unpack(header, rows, MISSING)
    every = [tidy(cell) for row in apart.rows for cell in row]
    return Sheet(
        tuple(apart.header),
        tuple(apart.rows),
        tuple(line for line, _ in numbered[1:]),
        marks_in(every),
        either or any("," in cell for cell in every if cell[:1].isdigit()),
        notes=(*notes, *apart.notes),
    )


def _uneven(line: int, cells: Sequence[str], header: Sequence[str]) -> BadCell:
    remedy = "Quote cells that contain the separator."
    if len(cells) > len(header):
        remedy += " With decimal commas, separate the cells by semicolons."
    return BadCell(
        row=line,
        column=header[min(len(cells), len(header) - 1)],
        problem=f"the row has {len(cells)} cells, the header {len(header)}.",
        remedy=remedy,
    )


def row_labels(sheet: Sheet) -> list[str]:
    """How rows are called in messages: 'Row 3 (Smith 2001)'."""
    heading = sheet.find("study")
    names: Sequence[str] = sheet.cells(heading) if heading else [""] * len(sheet.lines)
    return [
        f"Row {i} ({name})" if name else f"Row {i}"
        for i, name in zip(sheet.lines, names, strict=True)
    ]
