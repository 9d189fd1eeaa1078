"""The effect direction plot: an arrow per study and outcome, for effects that are not pooled.

Up is a benefit, down a harm, sideways no difference or results that point both ways. The
size of an arrow goes by the people of the experimental group, its colour and sign by the
risk of bias. Source: Boon & Thomson 2021, Res Synth Methods 12:29.
"""

from dataclasses import dataclass
from typing import Literal

from reviewtool.charts import page
from reviewtool.charts.bias import SIGNS, kind_of
from reviewtool.charts.errors import NothingToDraw
from reviewtool.words import plural, studies, thousands

ROW, COLUMN, TOP = 24.0, 104.0, 44.0
LARGE, MEDIUM = 300, 50  # people: above it, from it on
SIZES = {"large": 9.0, "medium": 6.6, "small": 4.4}
WORDS = {"benefit": "benefit", "harm": "harm", "neither": "no difference"}
COLOURS = {
    "low": page.LOW,
    "some": page.SOME,
    "high": page.HIGH,
    "none": page.INK,
}


@dataclass(frozen=True)
class Mark:
    """What a study shows for an outcome. people: of its experimental group."""

    direction: Literal["benefit", "harm", "neither", "unknown"]
    people: float | None = None
    judgement: str = ""

    @property
    def size(self) -> str:
        """large, medium or small; "" where nobody says how many people there were."""
        if self.people is None:
            return ""
        return "large" if self.people > LARGE else "medium" if self.people >= MEDIUM else "small"


@dataclass(frozen=True)
class Arrows:
    """A study: one mark for each column, None where it does not report the outcome."""

    label: str
    marks: tuple[Mark | None, ...]


@dataclass(frozen=True)
class EffectDirections:
    """Studies by outcome. sides: whom an arrow up and an arrow down favour.

    counts: a line under each column, such as "4 of 5".
    """

    columns: tuple[str, ...]
    rows: tuple[Arrows, ...]
    sides: tuple[str, str] = ("benefit", "harm")
    counts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    title: str = "Effect directions"


def describe(chart: EffectDirections) -> str:
    """The plot in sentences, for those who cannot see it."""
    count = plural(len(chart.columns), "outcome", "outcomes")
    words = [f"Directions of effect of {studies(len(chart.rows))} in {count}."]
    for row in chart.rows:
        said = "; ".join(
            f"{name} {_said(mark)}" if len(chart.columns) > 1 else _said(mark)
            for name, mark in zip(chart.columns, row.marks, strict=True)
        )
        words.append(f"{row.label}: {said}.")
    return " ".join(words)


def _said(mark: Mark | None) -> str:
    if mark is None:
        return "not reported"
    direction = WORDS.get(mark.direction, "direction not known")
    people = "" if mark.people is None else f", {thousands(mark.people)} people"
    bias = f", {mark.judgement.lower()} risk of bias" if mark.judgement else ""
    return f"{direction}{people}{bias}"


def draw(chart: EffectDirections) -> page.Page:
    """The plot as a sheet. Raises NothingToDraw without any study."""
    if not chart.rows or not chart.columns:
        raise NothingToDraw(
            what="no study has a result yet", remedy="Complete the extraction of a study first."
        )
    labels = [*(row.label for row in chart.rows), chart.sides[0] if chart.counts else ""]
    room = min(max(page.width(label) for label in labels) + 14, 240.0)
    heads = [page.wrap(name, COLUMN - 10, bold=True)[:3] for name in chart.columns]
    body = TOP + 11 * (max(len(lines) for lines in heads) - 1)
    legend = _legend(chart)
    wide = max(24 + room + COLUMN * len(chart.columns), 430.0)
    notes = [line for note in chart.notes for line in page.wrap(note, wide - 24, 8)]
    counted = 22.0 if any(chart.counts) else 0.0
    floor = body + ROW * len(chart.rows)
    high = floor + counted + 16 + 18 * len(legend) + 11.5 * len(notes) + 10
    sheet = page.Page(wide, high, chart.title, describe(chart))
    xs = [14 + room + COLUMN * (i + 0.5) for i in range(len(chart.columns))]
    sheet.text(12, body - 18, "Study", bold=True)
    for lines, x in zip(heads, xs, strict=True):
        for i, line in enumerate(reversed(lines)):
            sheet.text(x, body - 18 - 11 * i, line, align="center", bold=True)
    sheet.line([10, wide - 10], [body - 6] * 2)
    for i, row in enumerate(chart.rows):
        y = body + ROW * (i + 0.5)
        sheet.text(12, y, page.clip(row.label, room))
        for x, mark in zip(xs, row.marks, strict=True):
            _mark(sheet, x, y, mark)
    sheet.line([10, wide - 10], [floor + 2] * 2)
    if counted:
        sheet.text(12, floor + 14, page.clip(f"{chart.sides[0]}", room), size=8, colour=page.MUTED)
        for x, count in zip(xs, chart.counts, strict=True):
            sheet.text(x, floor + 14, count, align="center", bold=True)
    y = floor + counted + 16
    for entries in legend:
        x = 22.0
        for mark, words in entries:
            if mark is not None:
                _mark(sheet, x, y, mark)
            sheet.text(x + _gap(mark), y, words, size=8, colour=page.MUTED)
            x += 28 + _gap(mark) + page.width(words, 8)
        y += 18
    for note in notes:
        sheet.text(12, y, note, size=8, colour=page.MUTED)
        y += 11.5
    return sheet


def _gap(mark: Mark | None) -> float:
    """From the middle of an arrow of the key to its words."""
    if mark is None:
        return -10.0
    return 26.0 if _kind(mark) != "none" else 16.0


def _legend(chart: EffectDirections) -> list[list[tuple[Mark | None, str]]]:
    """Lines of the key: directions, sizes, and judgements as far as they are there."""
    marks = [mark for row in chart.rows for mark in row.marks if mark is not None]
    lines: list[list[tuple[Mark | None, str]]] = [
        [
            (Mark("benefit", 100), chart.sides[0]),
            (Mark("harm", 100), chart.sides[1]),
            (Mark("neither", 100), "no difference, or both ways"),
        ],
        [
            (Mark("benefit", LARGE + 1), f"more than {LARGE} people"),
            (Mark("benefit", MEDIUM), f"{MEDIUM} to {LARGE}"),
            (Mark("benefit", 1), f"fewer than {MEDIUM}"),
            *([(Mark("benefit"), "not known")] if any(not mark.size for mark in marks) else []),
        ],
    ]
    kinds = [kind for kind in ("low", "some", "high") if any(_kind(mark) == kind for mark in marks)]
    if kinds:
        said = {"low": "Low", "some": "Some concerns", "high": "High"}
        lines.append([(Mark("benefit", 100, said[kind]), SIGNS[kind][2]) for kind in kinds])
    if any(mark.direction == "unknown" for mark in marks) or any(
        mark is None for row in chart.rows for mark in row.marks
    ):
        lines.append([(None, "? direction not known; – outcome not reported")])
    return lines


def _kind(mark: Mark) -> str:
    return kind_of(mark.judgement) if mark.judgement else "none"


def _mark(sheet: page.Page, x: float, y: float, mark: Mark | None) -> None:
    if mark is None or mark.direction == "unknown":
        sheet.text(x, y, "–" if mark is None else "?", align="center", colour=page.MUTED)
        return
    r, kind = SIZES[mark.size or "medium"], _kind(mark)
    colour = COLOURS[kind]
    fill = colour if mark.size else page.SURFACE
    if mark.direction == "neither":
        for side in (-1, 1):
            tip, foot = (x + side * 1.5 * r, y), x + side * 0.25 * r
            sheet.shape(
                [tip, (foot, y - 0.8 * r), (foot, y + 0.8 * r)], fill=fill, edge=colour, thick=0.9
            )
    else:
        up = 1 if mark.direction == "benefit" else -1
        sheet.shape(
            [(x, y - up * r), (x + r, y + up * 0.8 * r), (x - r, y + up * 0.8 * r)],
            fill=fill,
            edge=colour,
            thick=0.9,
        )
    if kind != "none":
        sheet.text(x + 17, y, SIGNS[kind][1], align="center", bold=True, colour=colour)
