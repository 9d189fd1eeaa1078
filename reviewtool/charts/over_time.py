"""Pooled effects over time: one point with its interval per time point."""

from dataclasses import dataclass

from reviewtool.charts import axis, page
from reviewtool.charts.axis import Axis
from reviewtool.charts.errors import NothingToDraw
from reviewtool.stats.measures import Measure, measure
from reviewtool.words import capital, confidence, estimate, plural, studies

WIDE, HIGH = 520.0, 240.0
LEFT, TOP = 62.0, 38.0
NEAREST = 46.0  # points between two time points that stand at their true distance
EVEN = 0.5  # of a step, left free on both sides
ASIDE = 5.0  # points between two series at one time


@dataclass(frozen=True)
class Moment:
    """One time point: its effect as shown, limits, how many studies. at: in days, if known."""

    label: str
    estimate: float | None
    low: float | None = None
    high: float | None = None
    studies: int = 0
    at: float | None = None


@dataclass(frozen=True)
class Series:
    """Effects of one model over time, earliest first."""

    label: str
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class OverTime:
    """Effects over time. important: values that an important difference marks."""

    measure: str
    series: tuple[Series, ...]
    favours: tuple[str, str] = ("", "")
    level: float = 95.0
    important: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    title: str = "Effects over time"

    @property
    def about(self) -> Measure:
        """What is drawn."""
        return measure(self.measure)

    @property
    def labels(self) -> list[str]:
        """Every time point, in order."""
        return list(dict.fromkeys(m.label for s in self.series for m in s.moments))

    def written(self, moment: Moment) -> str:
        """A moment in words."""
        unit = 100 if self.about.percent else 1
        point, low, high = (
            None if v is None else unit * v for v in (moment.estimate, moment.low, moment.high)
        )
        return estimate(point, low, high, self.about.digits)


def places(chart: OverTime) -> tuple[dict[str, float], bool]:
    """(label -> x in points, whether distances are true).

    Times stand at their true distance where all are known and no two come too close;
    otherwise they are spaced evenly.
    """
    labels, room = chart.labels, WIDE - LEFT - 24
    at = {m.label: m.at for s in chart.series for m in s.moments}
    days = [at[label] for label in labels]
    if len(labels) > 1 and all(day is not None for day in days):
        known = [day for day in days if day is not None]
        low, high = min(known), max(known)
        side = 0.06 * room
        xs = [
            LEFT + side + (room - 2 * side) * (day - low) / ((high - low) or 1.0) for day in known
        ]
        if sorted(xs) == xs and min(b - a for a, b in zip(xs, xs[1:], strict=False)) >= NEAREST:
            return dict(zip(labels, xs, strict=True)), True
    step = room / len(labels)
    return {label: LEFT + (i + EVEN) * step for i, label in enumerate(labels)}, False


def axis_of(chart: OverTime) -> Axis:
    """Limits that show every interval, no effect and the benefit that matters."""
    values = [
        v
        for s in chart.series
        for m in s.moments
        for v in (m.estimate, m.low, m.high)
        if v is not None
    ]
    if chart.about.is_ratio:
        return axis.logarithmic([v for v in values if v > 0], include=(0.8, 1.25))
    return axis.natural([*values, *chart.important[:1]], chart.about)


def describe(chart: OverTime) -> str:
    """The plot in sentences, for those who cannot see it."""
    words = [f"{capital(chart.about.axis_title)} at {plural(len(chart.labels), 'time', 'times')}."]
    for series in chart.series:
        known = [m for m in series.moments if m.estimate is not None]
        said = "; ".join(f"{m.label} {chart.written(m)}" for m in known)
        words.append(f"{series.label}: {said}.")
    return " ".join(words)


def draw(chart: OverTime) -> page.Page:
    """The plot as a sheet. Raises NothingToDraw without any effect."""
    if not any(m.estimate is not None for s in chart.series for m in s.moments):
        raise NothingToDraw(
            what="nothing is pooled at any time point yet",
            remedy="Run an analysis of a time point first.",
        )
    xs, true = places(chart)
    notes = list(chart.notes) if true else [*chart.notes, "Time points are spaced evenly."]
    lines = [piece for note in notes for piece in page.wrap(note, WIDE - LEFT, 8)]
    floor = TOP + HIGH
    high = floor + 50 + 11.5 * len(lines) + (14 if len(chart.series) > 1 else 0)
    sheet = page.Page(WIDE, high, chart.title, describe(chart))
    scale = axis_of(chart)

    def y(value: float) -> float:
        share = min(max(scale.share(value), -0.02), 1.02)
        return floor - share * HIGH

    title = f"{chart.about.axis_title} ({confidence(chart.level)})"
    sheet.text(LEFT - 40, 14, title, bold=True)
    for tick in scale.ticks:
        sheet.line([LEFT - 4, LEFT], [y(tick)] * 2)
        sheet.text(LEFT - 8, y(tick), scale.label(tick), align="right", size=8)
    sheet.line([LEFT, LEFT], [TOP, floor])
    if chart.about.null is not None:
        sheet.line([LEFT, WIDE - 12], [y(chart.about.null)] * 2, thick=0.7, order=1)
    for value in chart.important:
        if 0 <= scale.share(value) <= 1:
            sheet.line([LEFT, WIDE - 12], [y(value)] * 2, thick=0.7, dashes=(0.8, 2.2), order=1)
    for label, x in xs.items():
        counts = [m.studies for s in chart.series for m in s.moments if m.label == label]
        sheet.line([x, x], [floor, floor + 4])
        sheet.text(x, floor + 14, page.clip(label, 96), align="center")
        sheet.text(x, floor + 26, studies(max(counts)), align="center", size=8, colour=page.MUTED)
    sheet.line([LEFT, WIDE - 12], [floor, floor])
    for i, series in enumerate(chart.series):
        _series(sheet, chart, series, i, xs, y)
    _favours(sheet, chart)
    at = floor + 42
    if len(chart.series) > 1:
        x = LEFT
        for i, series in enumerate(chart.series):
            _mark(sheet, x + 4, at, i)
            sheet.text(x + 14, at, series.label, size=8)
            x += 34 + page.width(series.label, 8)
        at += 14
    for line in lines:
        sheet.text(LEFT, at, line, size=8, colour=page.MUTED)
        at += 11.5
    return sheet


def _series(
    sheet: page.Page, chart: OverTime, series: Series, i: int, xs: dict[str, float], y: object
) -> None:
    assert callable(y)
    shift = ASIDE * (2 * i - (len(chart.series) - 1))
    points = []
    for moment in series.moments:
        if moment.estimate is None:
            continue
        x = xs[moment.label] + shift
        if moment.low is not None and moment.high is not None:
            sheet.line([x, x], [y(moment.low), y(moment.high)], thick=0.9, order=3)
        points.append((x, y(moment.estimate)))
    if len(points) > 1:
        sheet.line(
            [x for x, _ in points],
            [at for _, at in points],
            colour=page.MUTED,
            thick=0.6,
            dashes=() if i == 0 else (4, 2),
            order=2,
        )
    for x, at in points:
        _mark(sheet, x, at, i)


def _mark(sheet: page.Page, x: float, at: float, i: int) -> None:
    """Squares for the first series, open circles for the second: told apart without colour."""
    if i == 0:
        sheet.box(x - 3.4, at - 3.4, 6.8, 6.8, fill=page.ACCENT, order=4)
    else:
        sheet.circle(x, at, 3.6, fill=page.SURFACE, edge=page.ACCENT, thick=1.2, order=4)


def _favours(sheet: page.Page, chart: OverTime) -> None:
    """Whom values above and below no effect favour, over the right end of the plot."""
    below, above = chart.favours
    for y, words, sign in ((10, above, "↑"), (22, below, "↓")):
        if words:
            sheet.text(WIDE - 12, y, f"{sign} {words}", align="right", size=8, colour=page.MUTED)
