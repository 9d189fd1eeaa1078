"""The forest plot: one line per study, squares by weight, a diamond for what they say together."""

from collections.abc import Sequence

from reviewtool.charts import axis, page
from reviewtool.charts.axis import Axis
from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.forest_layout import Layout, lay_out
from reviewtool.charts.forest_parts import Column, Forest, Section, Study, Summary
from reviewtool.words import confidence, num, studies

__all__ = ["Column", "Forest", "Section", "Study", "Summary", "axis_of", "describe", "draw"]


def axis_of(chart: Forest) -> Axis:
    """Limits that show every point; an interval that would stretch them is cut by an arrow.

    Limits reach beyond the points and diamonds by at most their own spread (a factor of
    at least 3 for ratios), so that one small study does not flatten the others. There is
    always some room on both sides of no effect, where there is one, and none beyond what
    the measure can be.
    """
    every: list[Study | Summary] = [*chart.studies, *chart.summaries]
    usable = [s for s in every if s.estimate is not None]
    points = [s.estimate for s in usable if s.estimate is not None]
    for summary in chart.overall:
        points += [
            v for v in (summary.low, summary.high, *(summary.prediction or ())) if v is not None
        ]
    ends = [v for s in usable for v in (s.low, s.high) if v is not None]
    ends += chart.important[:1]
    if chart.limits:
        points, ends = list(chart.limits), []
    if chart.log:
        return _log_axis([p for p in points if p > 0], [e for e in ends if e > 0])
    null = [] if chart.null is None else [chart.null]
    low, high = (end([*points, *null], default=0.0) for end in (min, max))
    reach = max(high - low, 1e-12 if null else _typical_width(usable))
    kept = [min(max(e, low - reach), high + reach) for e in ends]
    shown = [*points, *kept, *null]
    side = 0.08 * (max(shown, default=0.0) - min(shown, default=0.0))
    room = [x + sign * side for x in null for sign in (-1, 1)]
    return axis.natural([*shown, *room], chart.about)


def _typical_width(lines: Sequence[Study | Summary]) -> float:
    """The width of the middle interval, for axes that no null value stretches."""
    widths = sorted(s.high - s.low for s in lines if s.low is not None and s.high is not None)
    return widths[len(widths) // 2] if widths else 1e-12


def _log_axis(points: Sequence[float], ends: Sequence[float]) -> Axis:
    low, high = max(min([*points, 1.0]), 1e-4), min(max([*points, 1.0]), 1e4)
    reach = max(3.0, (high / low) ** 0.6)
    kept = [min(max(e, low / reach), high * reach) for e in ends]
    inside = [min(max(p, 1e-4), 1e4) for p in points]
    return axis.logarithmic([*inside, *kept], include=(0.8, 1.25))


def describe(chart: Forest) -> str:
    """The plot in a sentence, for those who cannot see it."""
    if chart.description:
        return chart.description
    heading = chart.about.axis_title
    words = [f"Forest plot of {studies(len(chart.studies))}, {heading[0].lower()}{heading[1:]}."]
    words += [f"{summary.label}: {chart.written(summary)}." for summary in chart.summaries]
    return " ".join(words)


def draw(chart: Forest) -> page.Page:
    """The plot as a sheet. Raises NothingToDraw when no study is given."""
    if not chart.studies:
        raise NothingToDraw(
            what="the forest plot has no studies",
            remedy="Complete the extraction of a study of this comparison first.",
        )
    layout = lay_out(chart)
    sheet = page.Page(layout.wide, layout.high, chart.title, describe(chart))
    put(sheet, chart, layout)
    return sheet


def put(sheet: page.Page, chart: Forest, layout: Layout) -> None:
    """Draw ``chart`` on a sheet where ``layout`` says."""
    scale = axis_of(chart)
    _header(sheet, chart, layout)
    heaviest = max((s.weight or 0.0 for s in chart.studies), default=0.0)
    for line in layout.lines:
        if isinstance(line.item, Study):
            _study(sheet, chart, layout, scale, line.y, line.item, heaviest)
        elif isinstance(line.item, Summary):
            _summary(sheet, chart, layout, scale, line.y, line.item, line.kind)
        else:
            sheet.text(
                layout.label_at,
                line.y,
                line.item,
                bold=line.kind == "title",
                colour=page.INK if line.kind == "title" else page.MUTED,
                size=page.SIZE if line.kind == "title" else layout.small,
            )
    _axis(sheet, chart, layout, scale)


def _header(sheet: page.Page, chart: Forest, layout: Layout) -> None:
    sheet.line([layout.left, layout.right], [layout.top] * 2, thick=1.2)
    upper, lower = layout.top + 11, layout.top + 23
    under = lower if any(c.under for c in chart.columns) else (upper + lower) / 2
    sheet.text(layout.label_at, under, chart.study_heading, bold=True)
    for column, x in zip(chart.columns, layout.cells_at, strict=True):
        sheet.text(x, upper if column.under else under, column.heading, align="right", bold=True)
        sheet.text(x, lower, column.under, align="right", size=layout.small, colour=page.MUTED)
    middle = (layout.plot_left + layout.plot_right) / 2
    title = f"{chart.about.axis_title} ({confidence(chart.level)})"
    sheet.text(middle, under, title, align="center", bold=True)
    if chart.weighted:
        sheet.text(layout.weight_at, under, "Weight, %", align="right", bold=True)
    sheet.text(
        layout.effect_at,
        under,
        f"{chart.about.short} ({confidence(chart.level)})",
        align="right",
        bold=True,
    )
    y = layout.body_top - 2
    sheet.line([layout.left, layout.right], [y, y], thick=0.6)


def _study(
    sheet: page.Page,
    chart: Forest,
    layout: Layout,
    scale: Axis,
    y: float,
    study: Study,
    heaviest: float,
) -> None:
    sheet.text(layout.label_at, y, page.clip(study.label, layout.label_room), url=study.url)
    _cells(sheet, layout, y, study.cells, study.weight, bold=False)
    sheet.text(
        layout.effect_at,
        y,
        chart.written(study),
        align="right",
        colour=page.INK if study.estimate is not None else page.MUTED,
    )
    if study.estimate is None:
        return
    x = layout.x(scale, study.estimate)
    _whisker(sheet, layout, scale, y, study.low, study.high)
    if not layout.plot_left <= x <= layout.plot_right:
        return
    share = (study.weight / heaviest) if study.weight is not None and heaviest > 0 else 0.3
    half = max(1.1, layout.square * share**0.5 / 2)
    sheet.box(x - half, y - half, 2 * half, 2 * half, fill=page.ACCENT, order=3)
    # A light point keeps the estimate visible where the square hides the interval.
    if half > 2.2:
        sheet.line(
            [x, x], [y - half + 0.6, y + half - 0.6], colour=page.SURFACE, thick=0.7, order=3.5
        )


def _whisker(
    sheet: page.Page, layout: Layout, scale: Axis, y: float, low: float | None, high: float | None
) -> None:
    if low is None or high is None:
        return
    left, right = layout.x(scale, low), layout.x(scale, high)
    a, b = max(left, layout.plot_left), min(right, layout.plot_right)
    if a > layout.plot_right or b < layout.plot_left or b < a:
        return
    sheet.line([a, b], [y, y], thick=0.8)
    if left < layout.plot_left:
        sheet.head(layout.plot_left - 1, y, 3.14159265, size=4.5)
    if right > layout.plot_right:
        sheet.head(layout.plot_right + 1, y, 0.0, size=4.5)


def _summary(
    sheet: page.Page,
    chart: Forest,
    layout: Layout,
    scale: Axis,
    y: float,
    summary: Summary,
    kind: str,
) -> None:
    if kind == "prediction":
        assert summary.prediction is not None
        low, high = summary.prediction
        sheet.text(layout.label_at, y, "Prediction interval")
        sheet.text(layout.effect_at, y, chart.span(summary.prediction), align="right")
        a, b = (
            min(max(layout.x(scale, v), layout.plot_left), layout.plot_right) for v in (low, high)
        )
        sheet.box(a, y - 1.8, b - a, 3.6, fill=page.SOFT, order=3)
        return
    sheet.text(
        layout.label_at, y, page.clip(summary.label, layout.label_room, bold=True), bold=True
    )
    _cells(sheet, layout, y, summary.cells, summary.weight, bold=True)
    sheet.text(
        layout.effect_at,
        y,
        chart.written(summary),
        align="right",
        bold=True,
    )
    if summary.estimate is None or summary.low is None or summary.high is None:
        return
    a, m, b = (
        min(max(layout.x(scale, v), layout.plot_left), layout.plot_right)
        for v in (summary.low, summary.estimate, summary.high)
    )
    a, b = min(a, m - 1.2), max(b, m + 1.2)  # a diamond never thinner than a hair
    tall = layout.row * 0.36
    sheet.shape([(a, y), (m, y - tall), (b, y), (m, y + tall)], fill=page.ACCENT, order=3)
    if layout.x(scale, summary.low) < layout.plot_left:
        sheet.head(layout.plot_left - 3, y, 3.14159265, size=4.5)
    if layout.x(scale, summary.high) > layout.plot_right:
        sheet.head(layout.plot_right + 3, y, 0.0, size=4.5)


def _cells(
    sheet: page.Page,
    layout: Layout,
    y: float,
    cells: tuple[str, ...],
    weight: float | None,
    *,
    bold: bool,
) -> None:
    for x, cell in zip(layout.cells_at, cells, strict=False):
        sheet.text(x, y, cell, align="right", bold=bold)
    if weight is not None:
        sheet.text(layout.weight_at, y, num(weight, 1), align="right", bold=bold)


def _axis(sheet: page.Page, chart: Forest, layout: Layout, scale: Axis) -> None:
    y = layout.axis_y
    sheet.line([layout.left, layout.right], [layout.rule_y] * 2, thick=0.6)
    null = None if chart.null is None else layout.x(scale, chart.null)
    if null is not None:
        sheet.line([null, null], [layout.body_top, y], thick=0.7, order=1)
    main = chart.overall[0] if chart.overall else None
    if main and main.estimate is not None:
        x = layout.x(scale, main.estimate)
        if layout.plot_left < x < layout.plot_right and (null is None or abs(x - null) > 1.5):
            last = max(line.y for line in layout.lines if line.item is main)
            sheet.line(
                [x, x],
                [layout.body_top, last],
                colour=page.MUTED,
                thick=0.6,
                dashes=(2.5, 2.5),
                order=1,
            )
    for value in chart.important:
        x = layout.x(scale, value)
        if layout.plot_left < x < layout.plot_right:
            sheet.line(
                [x, x], [layout.body_top, y], colour=page.INK, thick=0.7, dashes=(0.8, 2.2), order=1
            )
    sheet.line([layout.plot_left, layout.plot_right], [y, y])
    for tick in scale.ticks:
        x = layout.x(scale, tick)
        sheet.line([x, x], [y, y + 3.5])
        sheet.text(x, y + 10, scale.label(tick), align="center", size=layout.small)
    if null is not None:
        _favours(sheet, chart, layout, null)
    for i, line in enumerate(layout.notes):
        sheet.text(
            layout.label_at, layout.notes_y + 11.5 * i, line, size=layout.small, colour=page.MUTED
        )


def _favours(sheet: page.Page, chart: Forest, layout: Layout, null: float) -> None:
    left, right = chart.favours
    y = layout.axis_y + 23
    sheet.text(null - 6, y, left, align="right", size=layout.small, colour=page.MUTED)
    sheet.text(null + 6, y, right, align="left", size=layout.small, colour=page.MUTED)
