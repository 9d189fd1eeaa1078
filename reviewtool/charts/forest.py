"""The forest plot: one line per study, squares by weight, a diamond for what they say together."""

import math
from collections.abc import Sequence
from dataclasses import replace

from reviewtool.charts import bias, page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.forest_axis import axis_of
from reviewtool.charts.forest_columns import SMALL, Columns, arm_cells, weight_of
from reviewtool.charts.forest_layout import LEAD, Layout, Line, lay_out
from reviewtool.charts.forest_parts import (
    Between,
    Column,
    Domain,
    Forest,
    Pooling,
    Section,
    Study,
    Summary,
)
from reviewtool.charts.layouts import NARROW
from reviewtool.words import studies

__all__ = [
    "Between",
    "Column",
    "Domain",
    "Forest",
    "Pooling",
    "Section",
    "Study",
    "Summary",
    "axis_of",
    "describe",
    "draw",
    "narrowed",
    "put",
]
UNDER = ("Events", "Cases")  # parts whose sum has a line of its own where the layout says so


def describe(chart: Forest) -> str:
    """The plot in a sentence, for those who cannot see it."""
    if chart.description:
        return chart.description
    heading = chart.about.axis_title
    words = [f"Forest plot of {studies(len(chart.studies))}, {heading[0].lower()}{heading[1:]}."]
    words += [f"{summary.label}: {chart.written(summary)}." for summary in chart.summaries]
    return " ".join(words)


def narrowed(chart: Forest) -> Forest:
    """The plot for a telephone: without the columns that it has no room for."""
    return replace(chart, layout=NARROW.key)


def check(chart: Forest) -> None:
    """Raises NothingToDraw when no study is given."""
    if not chart.studies:
        raise NothingToDraw(
            what="the forest plot has no studies",
            remedy="Complete the extraction of a study of this comparison first.",
        )


def draw(chart: Forest) -> page.Page:
    """The plot as one sheet. Raises NothingToDraw when no study is given."""
    check(chart)
    layout = lay_out(chart)
    sheet = page.Page(layout.wide, layout.high, chart.title, describe(chart))
    put(sheet, chart, layout)
    return sheet


def put(sheet: page.Page, chart: Forest, layout: Layout) -> None:
    """Draw ``chart`` on a sheet where ``layout`` says."""
    _header(sheet, chart, layout)
    if chart.style.stripes:
        _stripes(sheet, layout)
    heaviest = max((s.weight or 0.0 for s in chart.studies), default=0.0)
    for line in layout.lines:
        if isinstance(line.item, Study):
            _study(sheet, chart, layout, line, line.item, heaviest)
        elif isinstance(line.item, Summary):
            _summary(sheet, chart, layout, line, line.item)
        else:
            _words(sheet, layout, line, line.item)
    _uprights(sheet, chart, layout)
    _axis(sheet, chart, layout)
    _notes(sheet, chart, layout)


def _header(sheet: page.Page, chart: Forest, layout: Layout) -> None:
    columns = layout.columns
    if chart.style.head_fill:
        sheet.box(
            layout.left,
            layout.top,
            layout.right - layout.left,
            layout.body_top - 2 - layout.top,
            fill=chart.style.head_fill,
            order=0.4,
        )
    sheet.line([layout.left, layout.right], [layout.top] * 2, thick=1.2)
    for span in columns.spans:
        middle = (span.left + span.right) / 2
        for i, text in enumerate(span.head, 1 - len(span.head)):
            y = layout.span_y - 4 + LEAD * i
            sheet.text(middle, y, text, align="center", bold=True)
        sheet.line([span.left, span.right], [layout.span_y + 2.5] * 2, thick=0.4)
    for place in columns.headed():
        y = layout.head_y - 5 - (LEAD if place.under else 0)
        if place is columns.plot and chart.style.favours == "above":
            y -= 9.5 * max((len(one.lines) for one in layout.favours), default=0)
        for i, text in enumerate(place.head, 1 - len(place.head)):
            sheet.text(place.x, y + LEAD * i, text, align=place.align, bold=True)
        below = layout.head_y - 5
        sheet.text(place.x, below, place.under, align=place.align, size=SMALL, colour=page.MUTED)
    if chart.style.favours == "above":
        _favours(sheet, layout, layout.head_y - 5, upwards=True)
    y = layout.body_top - 2
    sheet.line([layout.left, layout.right], [y, y], thick=0.6)


def _favours(sheet: page.Page, layout: Layout, y: float, *, upwards: bool) -> None:
    for one in layout.favours:
        last = len(one.lines) - 1
        for i, text in enumerate(one.lines):
            at = y + 9.5 * (i - last if upwards else i)
            sheet.text(one.x, at, text, align=one.align, size=SMALL, colour=page.MUTED)


def _stripes(sheet: page.Page, layout: Layout) -> None:
    """Every second study on a band, so that the eye stays on its line."""
    shaded = [line for line in layout.lines if line.kind == "study"][1::2]
    for line in shaded:
        sheet.box(
            layout.left,
            line.y - line.tall / 2,
            layout.right - layout.left,
            line.tall,
            fill=page.BAND,
            order=0.4,
        )


def _words(sheet: page.Page, layout: Layout, line: Line, text: str) -> None:
    title = line.kind == "title"
    sheet.text(
        layout.columns.study.left,
        line.y,
        text,
        bold=title,
        colour=page.INK if title else page.MUTED,
        size=page.SIZE if title else SMALL,
    )


def _name(
    sheet: page.Page, columns: Columns, line: Line, *, bold: bool = False, url: str = ""
) -> None:
    first = line.y - LEAD * (len(line.label) - 1) / 2
    for i, text in enumerate(line.label):
        sheet.text(columns.study.left, first + LEAD * i, text, bold=bold, url=url)


def _study(
    sheet: page.Page, chart: Forest, layout: Layout, line: Line, study: Study, heaviest: float
) -> None:
    columns, y = layout.columns, line.y
    _name(sheet, columns, line, url=study.url)
    for place, lines in zip(columns.more, line.more, strict=False):
        first = y - LEAD * (len(lines) - 1) / 2
        for i, text in enumerate(lines):
            sheet.text(place.x, first + LEAD * i, text, align=place.align)
    _cells(sheet, columns, y, arm_cells(chart, study), bold=False)
    _weight(sheet, chart, columns, y, study.weight, bold=False)
    colour = page.INK if study.estimate is not None else page.MUTED
    sheet.text(columns.effect.x, y, chart.written(study), align="right", colour=colour)
    for place, judgement in zip(columns.bias, study.bias, strict=False):
        bias.light(sheet, place.x, y, judgement, radius=5.2, signs=chart.style.signs)
    if study.estimate is not None:
        share = (study.weight / heaviest) if study.weight is not None and heaviest > 0 else 0.3
        _square(sheet, chart, layout, line, study, share)


def _square(
    sheet: page.Page, chart: Forest, layout: Layout, line: Line, study: Study, share: float
) -> None:
    """An interval with a square whose area is the share of the heaviest study's."""
    assert study.estimate is not None
    x, y, plot = layout.x(study.estimate), line.plot_y, layout.columns.plot
    _whisker(sheet, layout, y, study.low, study.high)
    if not plot.left <= x <= plot.right:
        return
    half = max(1.1, min(layout.row, 15.0) * 0.72 * share**0.5 / 2)
    sheet.box(x - half, y - half, 2 * half, 2 * half, fill=chart.style.square, order=3)
    # A light point keeps the estimate visible where the square hides the interval.
    if half > 2.2:
        ys = [y - half + 0.6, y + half - 0.6]
        sheet.line([x, x], ys, colour=page.SURFACE, thick=0.7, order=3.5)


def _whisker(
    sheet: page.Page, layout: Layout, y: float, low: float | None, high: float | None
) -> None:
    if low is None or high is None:
        return
    plot = layout.columns.plot
    left, right = layout.x(low), layout.x(high)
    a, b = max(left, plot.left), min(right, plot.right)
    if a > plot.right or b < plot.left or b < a:
        return
    sheet.line([a, b], [y, y], thick=0.8)
    if left < plot.left:
        sheet.head(plot.left - 1, y, math.pi, size=4.5)
    if right > plot.right:
        sheet.head(plot.right + 1, y, 0.0, size=4.5)


def _summary(sheet: page.Page, chart: Forest, layout: Layout, line: Line, summary: Summary) -> None:
    columns, y = layout.columns, line.y
    cells = arm_cells(chart, summary)
    if line.kind == "prediction":
        _name(sheet, columns, line)
        _prediction(sheet, chart, layout, line, summary)
        return
    if line.kind == "events":
        _name(sheet, columns, line)
        _cells(sheet, columns, y, _sums(chart, cells, events=True), bold=False)
        return
    _name(sheet, columns, line, bold=True)
    if chart.style.events_below:
        cells = _sums(chart, cells, events=False)
    _cells(sheet, columns, y, cells, bold=True)
    _weight(sheet, chart, columns, y, summary.weight, bold=True)
    sheet.text(columns.effect.x, y, chart.written(summary), align="right", bold=True)
    _diamond(sheet, chart, layout, line.plot_y, summary)


def _sums(chart: Forest, cells: Sequence[str], *, events: bool) -> list[str]:
    """The sums of a line that are events, or those that are not; the other cells empty."""
    parts = [part for column in chart.columns for part in column.parts or ("",)]
    if len(parts) != len(cells):
        return [] if events else list(cells)
    return [c if (part in UNDER) is events else "" for c, part in zip(cells, parts, strict=True)]


def _prediction(
    sheet: page.Page, chart: Forest, layout: Layout, line: Line, summary: Summary
) -> None:
    assert summary.prediction is not None
    plot = layout.columns.plot
    sheet.text(layout.columns.effect.x, line.y, chart.span(summary.prediction), align="right")
    a, b = (min(max(layout.x(v), plot.left), plot.right) for v in summary.prediction)
    sheet.box(a, line.plot_y - 1.8, b - a, 3.6, fill=page.SOFT, edge=page.MUTED, thick=0.4, order=3)


def _diamond(sheet: page.Page, chart: Forest, layout: Layout, y: float, summary: Summary) -> None:
    if summary.estimate is None or summary.low is None or summary.high is None:
        return
    plot = layout.columns.plot
    a, m, b = (
        min(max(layout.x(v), plot.left), plot.right)
        for v in (summary.low, summary.estimate, summary.high)
    )
    a, b = min(a, m - 1.2), max(b, m + 1.2)  # a diamond never thinner than a hair
    tall = min(layout.row, 15.0) * 0.36
    sheet.shape(
        [(a, y), (m, y - tall), (b, y), (m, y + tall)],
        fill=chart.style.diamond,
        edge=chart.style.outline,
        thick=0.7,
        order=3,
    )
    if layout.x(summary.low) < plot.left:
        sheet.head(plot.left - 3, y, math.pi, size=4.5)
    if layout.x(summary.high) > plot.right:
        sheet.head(plot.right + 3, y, 0.0, size=4.5)


def _cells(
    sheet: page.Page, columns: Columns, y: float, cells: Sequence[str], *, bold: bool
) -> None:
    for place, cell in zip(columns.arms, cells, strict=False):
        sheet.text(place.x, y, cell, align="right", bold=bold)


def _weight(
    sheet: page.Page, chart: Forest, columns: Columns, y: float, weight: float | None, *, bold: bool
) -> None:
    if columns.weight is not None:
        sheet.text(columns.weight.x, y, weight_of(chart, weight), align="right", bold=bold)


def _uprights(sheet: page.Page, chart: Forest, layout: Layout) -> None:
    """The lines of no effect, of the pooled effect, and of a minimal important difference."""
    plot = layout.columns.plot
    null = None if chart.null is None else layout.x(chart.null)
    for top, bottom in layout.bands:
        if null is not None:
            sheet.line([null, null], [top, bottom], thick=0.7, order=1)
        for value in chart.important:
            x = layout.x(value)
            if plot.left < x < plot.right:
                sheet.line([x, x], [top, bottom], thick=0.7, dashes=(0.8, 2.2), order=1)
    main = chart.overall[0] if chart.overall else None
    if not chart.style.pooled_line or main is None or main.estimate is None:
        return
    x = layout.x(main.estimate)
    if not plot.left < x < plot.right or (null is not None and abs(x - null) <= 1.5):
        return
    last = max((line.plot_y for line in layout.lines if line.item is main), default=layout.axis_y)
    for top, bottom in layout.bands:
        if top < last:
            ends = [top, min(bottom, last)]
            sheet.line([x, x], ends, colour=page.MUTED, thick=0.6, dashes=(2.5, 2.5), order=1)


def _axis(sheet: page.Page, chart: Forest, layout: Layout) -> None:
    y, plot = layout.axis_y, layout.columns.plot
    sheet.line([plot.left, plot.right], [y, y])
    for tick in layout.scale.ticks:
        x = layout.x(tick)
        sheet.line([x, x], [y, y + 3.5])
        sheet.text(x, y + 10, layout.scale.label(tick), align="center", size=SMALL)
    if chart.style.favours == "below":
        _favours(sheet, layout, y + 23, upwards=False)


def _notes(sheet: page.Page, chart: Forest, layout: Layout) -> None:
    if not layout.notes:
        sheet.line([layout.left, layout.right], [layout.notes_y - 6] * 2, thick=0.6)
        return
    at = layout.columns.study.left
    sheet.line([layout.left, layout.right], [layout.notes_y - 9] * 2, thick=0.6)
    for i, text in enumerate(layout.notes):
        sheet.text(at, layout.notes_y + 11.5 * i, text, size=SMALL, colour=page.MUTED)
    if layout.lights:
        y = layout.notes_y + 11.5 * len(layout.notes) + 2
        bias.key(sheet, at + 5, y, [s.bias for s in chart.studies], chart.style.signs)
