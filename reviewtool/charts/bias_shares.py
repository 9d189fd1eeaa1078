"""How much of each estimate comes from studies at low, some or high risk of bias."""

from collections.abc import Mapping
from dataclasses import dataclass

from reviewtool.charts import page
from reviewtool.charts.bias import SIGNS
from reviewtool.charts.errors import NothingToDraw
from reviewtool.words import capital, out_of_hundred

BAR, STEP = 320.0, 22.0


@dataclass(frozen=True)
class BiasShare:
    """One estimate: per cent by kind of judgement (low, some, high, none); sums to 100."""

    label: str
    shares: Mapping[str, float]


@dataclass(frozen=True)
class BiasShares:
    """Stacked bars, one per estimate."""

    rows: tuple[BiasShare, ...]
    notes: tuple[str, ...] = ()
    title: str = "Contributions by risk of bias"

    def written(self, row: BiasShare) -> str:
        """A bar in words."""
        parts = [
            f"{out_of_hundred(row.shares[kind])} {name_of(kind).lower()}"
            for kind in SIGNS
            if row.shares.get(kind, 0.0) > 0
        ]
        return f"{row.label}: {', '.join(parts)}"


def name_of(kind: str) -> str:
    """What a colour means.

    >>> name_of("low"), name_of("none")
    ('Low risk', 'Not judged')
    """
    return "Not judged" if kind == "none" else SIGNS[kind][2]


def draw(chart: BiasShares) -> page.Page:
    """The bars as a sheet. Raises NothingToDraw without estimates."""
    if not chart.rows:
        raise NothingToDraw(what="the network has no estimates", remedy="Run the analysis first.")
    room = min(max(page.width(row.label) for row in chart.rows) + 12, 250.0)
    left, body = 14 + room, 12.0
    wide = left + BAR + 30
    notes = [line for note in chart.notes for line in page.wrap(note, wide - 24, 8)]
    floor = body + STEP * len(chart.rows)
    words = f"Contributions by risk of bias. {'; '.join(map(chart.written, chart.rows))}."
    sheet = page.Page(wide, floor + 44 + 11 * len(notes), chart.title, words)
    for i, row in enumerate(chart.rows):
        _bar(sheet, row, left, body + STEP * i, room)
    sheet.line([left, left + BAR], [floor, floor])
    for share in (0, 25, 50, 75, 100):
        x = left + BAR * share / 100
        sheet.line([x, x], [floor, floor + 3.5])
        sheet.text(x, floor + 11, out_of_hundred(share), align="center", size=8)
    x = 18.0
    for kind in (k for k in SIGNS if any(row.shares.get(k, 0.0) > 0 for row in chart.rows)):
        colour, sign, _ = SIGNS[kind]
        sheet.box(x - 5, floor + 25, 11, 11, fill=page.DEEP if kind == "none" else colour)
        sheet.text(
            x + 0.5, floor + 30.5, sign, align="center", size=8, bold=True, colour=page.SURFACE
        )
        sheet.text(x + 11, floor + 30.5, capital(name_of(kind)), size=8)
        x += 34 + page.width(name_of(kind), 8)
    for i, note in enumerate(notes):
        sheet.text(12, floor + 48 + 11 * i, note, size=8, colour=page.MUTED)
    return sheet


def _bar(sheet: page.Page, row: BiasShare, left: float, y: float, room: float) -> None:
    sheet.text(12, y + 9, page.clip(row.label, room - 4))
    at = left
    for kind, (colour, sign, _) in SIGNS.items():
        long = row.shares.get(kind, 0.0) / 100 * BAR
        if long <= 0:
            continue
        fill = page.DEEP if kind == "none" else colour
        sheet.box(at, y + 1, long, 16, fill=fill, edge=page.SURFACE, thick=0.8)
        text = f"{sign} {out_of_hundred(row.shares[kind])}".strip()
        if long > page.width(text, 8, True) + 6:
            ink = page.INK if kind == "none" else page.SURFACE
            sheet.text(at + long / 2, y + 9.5, text, align="center", size=8, bold=True, colour=ink)
        at += long
