"""A matrix of numbers as coloured cells: contributions, the net heat plot.

The number stands in every cell, so colour and grey only repeat it.
"""

from dataclasses import dataclass

from reviewtool.charts import page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.words import exact, plural

WIDE, HIGH = 34.0, 17.0
LABEL = 210.0  # the longest label, points
STRONGEST = 0.62  # opacity; a number stays legible on it


@dataclass(frozen=True)
class HeatRow:
    """A line: its values, and per cell how large a square stands in it, 0..1."""

    label: str
    values: tuple[float, ...]
    squares: tuple[float, ...] = ()


@dataclass(frozen=True)
class Heat:
    """The matrix. Values above zero are filled in one colour, those below in another.

    digits: of the numbers in the cells. words: the matrix in sentences, for those who
    cannot see it.
    """

    rows: tuple[HeatRow, ...]
    columns: tuple[str, ...]
    heading: str = ""
    across: str = ""
    digits: int = 0
    notes: tuple[str, ...] = ()
    words: str = ""
    title: str = "Matrix"

    @property
    def signed(self) -> bool:
        """Whether some values are below zero."""
        return any(v < 0 for row in self.rows for v in row.values)


def draw(chart: Heat) -> page.Page:
    """The matrix as a sheet. Raises NothingToDraw without cells."""
    if not chart.rows or not chart.columns:
        raise NothingToDraw(
            what="the matrix has no cells", remedy="Run the analysis of the network first."
        )
    room = min(LABEL, max(page.width(row.label) for row in chart.rows)) + 12
    head = min(LABEL, max(page.width(name, 8) for name in chart.columns)) + 10
    left, top = 12 + max(room, page.width(chart.heading, bold=True) + 10), 24 + head
    wide = max(
        left + WIDE * len(chart.columns) + 14, 320.0, left + page.width(chart.across, 8, True) + 14
    )
    floor = top + HIGH * len(chart.rows)
    notes = [line for note in chart.notes for line in page.wrap(note, wide - 24, 8)]
    size = f"{plural(len(chart.rows), 'row', 'rows')} and {len(chart.columns)} columns."
    sheet = page.Page(
        wide,
        floor + 18 + 11 * len(notes),
        chart.title,
        " ".join((chart.title + ",", size, chart.words)),
    )
    sheet.text(12, top - 9, chart.heading, bold=True)
    sheet.text(left, 10, chart.across, size=8, bold=True)
    for j, name in enumerate(chart.columns):
        label = page.clip(name, LABEL, 8)
        x = left + WIDE * (j + 0.5)
        sheet.text(
            x, top - 5 - page.width(label, 8) / 2, label, align="center", size=8, turned=True
        )
    strongest = max((abs(v) for row in chart.rows for v in row.values), default=0.0) or 1.0
    for i, row in enumerate(chart.rows):
        y = top + HIGH * i
        sheet.text(12, y + HIGH / 2, page.clip(row.label, LABEL))
        for j, value in enumerate(row.values):
            square = row.squares[j] if row.squares else 0.0
            _cell(sheet, left + WIDE * j, y, value, abs(value) / strongest, square, chart.digits)
    sheet.box(left, top, WIDE * len(chart.columns), floor - top, edge=page.MUTED, thick=0.6)
    for i, note in enumerate(notes):
        sheet.text(12, floor + 14 + 11 * i, note, size=8, colour=page.MUTED)
    return sheet


def _cell(
    sheet: page.Page, x: float, y: float, value: float, share: float, square: float, digits: int
) -> None:
    corners = [(x, y), (x + WIDE, y), (x + WIDE, y + HIGH), (x, y + HIGH)]
    colour = page.ACCENT if value >= 0 else page.HIGH
    if share > 0.01:
        sheet.area([corners], fill=colour, opacity=round(STRONGEST * share, 3), order=1)
    if square > 0.001:
        side = 0.9 * HIGH * min(1.0, square) ** 0.5
        sheet.box(
            x + (WIDE - side) / 2, y + (HIGH - side) / 2, side, side, fill=page.DEEP, order=1.5
        )
    text = exact(value, digits)
    if text.strip("−-0.") != "":
        sheet.text(x + WIDE / 2, y + HIGH / 2, text, align="center", size=8)
