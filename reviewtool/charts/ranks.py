"""Rankograms: how likely each treatment is to be first, second, ..., last."""

from dataclasses import dataclass

from reviewtool.charts import page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.words import out_of_hundred, percent

CELL_WIDE, CELL_HIGH, GAP = 128.0, 92.0, 22.0


@dataclass(frozen=True)
class Ranks:
    """One treatment: probability of each rank from the best (sums to 1), SUCRA in 0..1."""

    treatment: str
    probabilities: tuple[float, ...]
    sucra: float | None = None


@dataclass(frozen=True)
class Rankogram:
    """Small bar charts, one per treatment, in the order given.

    notes: what a reader must know, such as which direction counts as good.
    """

    treatments: tuple[Ranks, ...]
    title: str = "Rankogram"
    notes: tuple[str, ...] = ()


def draw(chart: Rankogram) -> page.Page:
    """The plots as a sheet, four to a row. Raises NothingToDraw without treatments."""
    if not chart.treatments:
        raise NothingToDraw(what="there are no ranks", remedy="Run the network analysis first.")
    per_row = min(4, len(chart.treatments))
    rows = -(-len(chart.treatments) // per_row)
    words = "; ".join(
        f"{t.treatment}: SUCRA {percent(t.sucra)}" for t in chart.treatments if t.sucra is not None
    )
    wide, high = 36 + per_row * (CELL_WIDE + GAP), 6 + rows * (CELL_HIGH + 50)
    notes = [line for note in chart.notes for line in page.wrap(note, wide - 30, 8)]
    described = " ".join((f"Probability of each rank. {words}", *chart.notes))
    sheet = page.Page(wide, high + 11 * len(notes), chart.title, described)
    for i, note in enumerate(notes):
        sheet.text(14, high + 2 + 11 * i, note, size=8, colour=page.MUTED)
    for i, one in enumerate(chart.treatments):
        left = 40 + (i % per_row) * (CELL_WIDE + GAP)
        _cell(sheet, one, left, 26 + (i // per_row) * (CELL_HIGH + 50), first=i % per_row == 0)
    return sheet


def _cell(sheet: page.Page, one: Ranks, left: float, top: float, first: bool) -> None:
    floor, n = top + CELL_HIGH, len(one.probabilities)
    name = one.treatment if one.sucra is None else f"{one.treatment} ({percent(one.sucra)})"
    sheet.text(left, top - 12, page.clip(name, CELL_WIDE, bold=True), bold=True)
    step = CELL_WIDE / n
    for rank, share in enumerate(one.probabilities):
        bar = max(0.0, min(1.0, share)) * CELL_HIGH
        if bar > 0:
            sheet.box(
                left + rank * step + step * 0.12, floor - bar, step * 0.76, bar, fill=page.ACCENT
            )
        if n <= 12 or rank in (0, n - 1) or (rank + 1) % 5 == 0:
            sheet.text(
                left + (rank + 0.5) * step, floor + 10, str(rank + 1), align="center", size=8
            )
    sheet.line([left, left + CELL_WIDE], [floor, floor])
    sheet.line([left, left], [top, floor])
    for share in (0, 50, 100):
        y = floor - share / 100 * CELL_HIGH
        sheet.line([left - 3, left], [y, y])
        if first:
            sheet.text(left - 6, y, out_of_hundred(share), align="right", size=8)
