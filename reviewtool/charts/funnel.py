"""The funnel plot: effects against standard errors, with contours of significance."""

from dataclasses import dataclass

from reviewtool.charts import axis, page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.frame import Frame
from reviewtool.stats.measures import Measure, measure
from reviewtool.words import at_level, num, percent, studies

WIDE, HIGH = 470.0, 352.0
# Level of a contour in per cent -> the standard normal quantile, and the two-sided p it is.
CONTOURS = {90: (1.6448536, "0.10"), 95: (1.9599640, "0.05"), 99: (2.5758293, "0.01")}
LIMIT = 11.0  # log ratios are drawn no farther out
# Of the cones from the inside, by how many there are.
FILLS = {
    1: (page.SHADE,),
    2: (page.SURFACE, page.DEEP),
    3: (page.SURFACE, page.SHADE, page.DEEP),
}


@dataclass(frozen=True)
class Point:
    """A study: effect on the analysis scale (log for ratios) and its standard error."""

    label: str
    effect: float
    se: float
    imputed: bool = False


@dataclass(frozen=True)
class Funnel:
    """A funnel plot around ``estimate`` (analysis scale). contours: levels that are shaded.

    centre: where the contours stand, no effect by default; elsewhere they say how far studies
    of a true effect there would scatter.

    across: what the horizontal axis says, where it is not the measure.
    size: harmonic mean of the studies' sizes, for measures whose way back needs it.
    """

    measure: str
    points: tuple[Point, ...]
    estimate: float | None = None
    contours: tuple[int, ...] = (90, 95, 99)
    centre: float = 0.0
    notes: tuple[str, ...] = ()
    title: str = "Funnel plot"
    size: float | None = None
    across: str = ""

    @property
    def about(self) -> Measure:
        """What is drawn."""
        return measure(self.measure)

    def shown(self, effect: float) -> float:
        """An effect of the analysis scale where it stands in the plot: on the natural one."""
        if self.about.is_ratio:
            effect = min(max(effect, -LIMIT), LIMIT)
        return float(self.about.scale.back(effect, self.size))

    @property
    def shaded(self) -> bool:
        """Whether there are contours: where some value means no effect, or they stand elsewhere."""
        return bool(self.contours) and (self.about.null is not None or self.centre != 0)


def draw(chart: Funnel) -> page.Page:
    """The plot as a sheet. Raises NothingToDraw without studies."""
    if not chart.points:
        raise NothingToDraw(what="the funnel plot has no studies", remedy="Run the analysis first.")
    describing = f"Funnel plot of {studies(len(chart.points))}: effect against standard error."
    notes = [line for note in _notes(chart) for line in page.wrap(note, WIDE - 30, 8)]
    sheet = page.Page(WIDE, HIGH + 11 * len(notes), chart.title, describing)
    deepest = axis.linear([max(p.se for p in chart.points)], include=(0.0,), ticks=5)
    effects = [p.effect for p in chart.points]
    middle = sum(effects) / len(effects) if chart.estimate is None else chart.estimate
    reach = CONTOURS[95][0] * deepest.high
    spread = [*effects, middle - reach, middle + reach]
    if chart.shaded:  # enough of the shading around no effect to be understood
        spread += [chart.centre - 0.6 * reach, chart.centre + 0.6 * reach]
    frame = Frame(_scale(chart, spread), deepest, WIDE, HIGH, downwards=True)
    if chart.shaded:
        levels = sorted(chart.contours, reverse=True)
        for level, fill in zip(levels, reversed(FILLS[len(levels)]), strict=True):
            _cone(sheet, chart, frame, CONTOURS[level][0], fill)
    _expected(sheet, chart, frame, reach)
    for point in chart.points:
        sheet.circle(
            frame.x(chart.shown(point.effect)),
            frame.y(point.se),
            2.9,
            order=4,
            thick=0.6,
            fill=page.SURFACE if point.imputed else page.ACCENT,
            edge=page.ACCENT if point.imputed else page.SURFACE,
        )
    frame.draw(sheet, chart.across or chart.about.axis_title, "Standard error")
    for i, note in enumerate(notes):
        sheet.text(14, HIGH + 11 * i, note, size=8, colour=page.MUTED)
    return sheet


def _notes(chart: Funnel) -> list[str]:
    if not chart.shaded:
        return list(chart.notes)
    if chart.centre:
        inside = ", ".join(at_level(level) for level in sorted(chart.contours))
        where = num(chart.shown(chart.centre), chart.about.digits)
        if chart.about.percent:
            where = percent(chart.shown(chart.centre), chart.about.digits)
        bands = "Band" if len(chart.contours) == 1 else "Bands from the inside"
        line = f"{bands}: where {inside} of studies lie that estimate {where}."
        return [line, *chart.notes]
    return [_shades([CONTOURS[level][1] for level in sorted(chart.contours)]), *chart.notes]


def _shades(p: list[str]) -> str:
    """What the bands mean, from the inside. p: of the contours, largest first.

    >>> _shades(["0.05"])
    'Inside the band: p > 0.05; outside: p < 0.05.'
    """
    names = {1: (), 2: ("the band",), 3: ("lighter band", "darker band")}[len(p)]
    bands = [f"{name}: p {b} to {a}" for name, a, b in zip(names, p, p[1:], strict=False)]
    inside = "Between the bands" if len(p) == 3 else "Inside the band"
    return "; ".join([f"{inside}: p > {p[0]}", *bands, f"outside: p < {p[-1]}"]) + "."


def _scale(chart: Funnel, spread: list[float]) -> axis.Axis:
    ends = [chart.shown(end) for end in (min(spread), max(spread))]
    if chart.about.is_ratio:
        return axis.logarithmic(ends)
    return axis.natural(ends, chart.about)


def _expected(sheet: page.Page, chart: Funnel, frame: Frame, reach: float) -> None:
    """The pooled effect and where 95% of studies lie without heterogeneity."""
    if chart.estimate is None:
        return
    x = frame.x(chart.shown(chart.estimate))
    sheet.line([x, x], [frame.top, frame.bottom], colour=page.MUTED, dashes=(3, 3))
    for side in (-1, 1):
        edge = [
            (
                frame.x(chart.shown(chart.estimate + side * reach * i / 24)),
                frame.top + (frame.bottom - frame.top) * i / 24,
            )
            for i in range(25)
        ]
        sheet.line(*zip(*edge, strict=True), colour=page.MUTED, dashes=(1.5, 2))


def _cone(sheet: page.Page, chart: Funnel, frame: Frame, z: float, fill: str) -> None:
    """Where a study would not be significant at the contour's level."""
    depths = [frame.vertical.high * i / 24 for i in range(25)]
    left = [(frame.x(chart.shown(chart.centre - z * se)), frame.y(se)) for se in depths]
    right = [(frame.x(chart.shown(chart.centre + z * se)), frame.y(se)) for se in reversed(depths)]
    sheet.shape([*left, *right], fill=fill, order=1)
