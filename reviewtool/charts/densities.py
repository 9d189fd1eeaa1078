"""Prior and posterior densities, a panel for each quantity, one below the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from reviewtool.charts import axis, page
from reviewtool.charts.axis import Axis
from reviewtool.charts.errors import NothingToDraw
from reviewtool.words import at_level, estimate

WIDE, HIGH = 470.0, 190.0
LEFT, RIGHT, TOP, FOOT = 20.0, 18.0, 34.0, 46.0
DASHES = (4.0, 2.5)

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Density:
    """One quantity: (value as shown, density) before and after the studies.

    prior: empty where it is flat. low, middle, high: posterior median and interval. marks:
    values that a dotted line stands at, the first one solid. log: the axis is logarithmic.
    from_zero: it begins at 0.
    """

    title: str
    posterior: Points
    prior: Points
    low: float
    middle: float
    high: float
    marks: tuple[float, ...] = ()
    log: bool = False
    from_zero: bool = False
    digits: int = 2


@dataclass(frozen=True)
class Densities:
    """Panels of one Bayesian analysis; level: of the credible intervals, in per cent."""

    panels: tuple[Density, ...]
    level: float = 95.0
    notes: tuple[str, ...] = ()
    title: str = "Prior and posterior"


def describe(chart: Densities) -> str:
    """The picture in sentences, for those who cannot see it."""
    words = [
        f"{one.title}: posterior median and {at_level(chart.level)} credible interval "
        f"{estimate(one.middle, one.low, one.high, one.digits)}"
        f"{'' if one.prior else '; the prior is flat'}."
        for one in chart.panels
    ]
    return " ".join(words)


def draw(chart: Densities) -> page.Page:
    """The panels as a sheet. Raises NothingToDraw without any."""
    if not chart.panels or not all(one.posterior for one in chart.panels):
        raise NothingToDraw(what="there is no posterior", remedy="Choose another prior.")
    lines = [piece for note in chart.notes for piece in page.wrap(note, WIDE - 2 * LEFT, 8)]
    high = HIGH * len(chart.panels) + 11.5 * len(lines) + 16
    sheet = page.Page(WIDE, high, chart.title, describe(chart))
    _legend(sheet, chart)
    for i, panel in enumerate(chart.panels):
        _panel(sheet, panel, 12 + HIGH * i)
    for i, line in enumerate(lines):
        sheet.text(LEFT, HIGH * len(chart.panels) + 12 + 11.5 * i, line, size=8, colour=page.MUTED)
    return sheet


def _legend(sheet: page.Page, chart: Densities) -> None:
    """Solid is after the studies, dashed before them."""
    x = LEFT
    words: dict[str, tuple[float, ...]] = {"after the studies, shaded in its interval": ()}
    if any(one.prior for one in chart.panels):
        words["before (prior)"] = DASHES
    for label, dashes in words.items():
        colour = page.MUTED if dashes else page.ACCENT
        sheet.line([x, x + 18], [10, 10], colour=colour, thick=1.2, dashes=dashes)
        sheet.text(x + 23, 10, label, size=8)
        x += 40 + page.width(label, 8)


def _panel(sheet: page.Page, one: Density, top: float) -> None:
    scale = _axis(one)
    floor, room = top + HIGH - FOOT, WIDE - LEFT - RIGHT
    inside = [y for x, y in (*one.posterior, *one.prior) if 0 <= scale.share(x) <= 1]
    tallest = max([y for _, y in one.posterior] + [min(max(inside), 2 * _top(one))])

    def x(value: float) -> float:
        return LEFT + min(max(scale.share(value), 0.0), 1.0) * room

    def y(density: float) -> float:
        return floor - min(density / tallest, 1.0) * (floor - top - TOP + 12)

    sheet.text(LEFT, top + 12, one.title, bold=True)
    body = [p for p in one.posterior if one.low <= p[0] <= one.high]
    if len(body) > 1:
        outline = [(x(v), y(d)) for v, d in body]
        outline = [(outline[0][0], floor), *outline, (outline[-1][0], floor)]
        sheet.shape(outline, fill=page.SOFT, order=1)
    for curve, colour, thick, dashes in (
        (one.prior, page.MUTED, 0.9, DASHES),
        (one.posterior, page.ACCENT, 1.3, ()),
    ):
        _curve(
            sheet,
            [(x(v), y(d)) for v, d in curve if 0 <= scale.share(v) <= 1],
            colour,
            thick,
            dashes,
        )
    for i, value in enumerate(one.marks):
        if 0 <= scale.share(value) <= 1:
            dashes = (0.8, 2.2) if i else ()
            sheet.line([x(value)] * 2, [top + TOP - 12, floor], thick=0.7, dashes=dashes, order=3)
    sheet.line([x(one.middle)] * 2, [floor, floor - 8], thick=1.6, colour=page.ACCENT, order=4)
    _ticks(sheet, scale, x, floor)


def _top(one: Density) -> float:
    return max(density for _, density in one.posterior)


def _curve(
    sheet: page.Page,
    points: Sequence[tuple[float, float]],
    colour: str,
    thick: float,
    dashes: tuple[float, ...],
) -> None:
    if len(points) > 1:
        xs, ys = zip(*points, strict=True)
        sheet.line(list(xs), list(ys), colour=colour, thick=thick, dashes=dashes, order=2.5)


def _axis(one: Density) -> Axis:
    """From where the posterior begins to where it ends, with what is marked if it is near."""
    top = _top(one)
    seen = [value for value, density in one.posterior if density > 0.002 * top]
    seen += [one.low, one.high]
    wide = max(seen) - min(seen)
    near = [m for m in one.marks if min(seen) - wide <= m <= max(seen) + wide]
    if one.log:
        return axis.logarithmic([v for v in (*seen, *near) if v > 0], include=())
    return axis.linear([*seen, *near], include=(0.0,) if one.from_zero else ())


def _ticks(sheet: page.Page, scale: Axis, x: object, floor: float) -> None:
    assert callable(x)
    sheet.line([LEFT, WIDE - RIGHT], [floor, floor])
    for tick in scale.ticks:
        sheet.line([x(tick)] * 2, [floor, floor + 3.5])
        sheet.text(x(tick), floor + 12, scale.label(tick), align="center", size=8)
