"""The bubble plot of a meta-regression: effects against a characteristic of the studies."""

from dataclasses import dataclass, replace

from reviewtool.charts import axis, page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.frame import Frame
from reviewtool.stats.measures import Measure, measure
from reviewtool.words import studies

WIDE, HIGH = 470.0, 340.0
LARGEST = 11.0  # radius of the heaviest study
LIMIT = 11.0  # log ratios are drawn no farther out


@dataclass(frozen=True)
class BubbleStudy:
    """A study: the characteristic, its effect on the analysis scale, weight in per cent."""

    label: str
    value: float
    effect: float
    weight: float


@dataclass(frozen=True)
class LinePoint:
    """The fitted line at ``value`` with its limits, on the analysis scale."""

    value: float
    effect: float
    low: float
    high: float


@dataclass(frozen=True)
class Bubble:
    """A bubble plot; ``line`` is the regression at increasing values.

    size: harmonic mean of the studies' sizes, for measures whose way back needs it.
    """

    measure: str
    characteristic: str
    studies: tuple[BubbleStudy, ...]
    line: tuple[LinePoint, ...] = ()
    notes: tuple[str, ...] = ()
    title: str = "Meta-regression"
    size: float | None = None

    @property
    def about(self) -> Measure:
        """What is drawn."""
        return measure(self.measure)

    def shown(self, effect: float) -> float:
        """An effect of the analysis scale where it stands in the plot: on the natural one."""
        if self.about.is_ratio:
            effect = min(max(effect, -LIMIT), LIMIT)
        return float(self.about.scale.back(effect, self.size))


def draw(chart: Bubble) -> page.Page:
    """The plot as a sheet. Raises NothingToDraw without studies."""
    if not chart.studies:
        raise NothingToDraw(
            what="no study has both an effect and the characteristic",
            remedy=f"Extract “{chart.characteristic}” for the studies of this analysis.",
        )
    shown, about = chart.shown, chart.about
    effects = [shown(s.effect) for s in chart.studies]
    effects += [shown(v) for p in chart.line for v in (p.low, p.high)]
    vertical = axis.logarithmic(effects) if about.is_ratio else axis.natural(effects, about)
    across = axis.linear(s.value for s in chart.studies)
    room = 1.5 * LARGEST / WIDE * (across.high - across.low)  # no bubble lies on the axis
    across = replace(across, low=across.low - room, high=across.high + room)
    frame = Frame(across, vertical, WIDE, HIGH)
    words = f"Bubble plot of {studies(len(chart.studies))}: effect against {chart.characteristic}."
    sheet = page.Page(WIDE, HIGH + 11 * len(chart.notes), chart.title, words)
    if about.null is not None:
        null = frame.y(about.null)
        sheet.line([frame.left, frame.right], [null, null], colour=page.MUTED, thick=0.6, order=1)
    if chart.line:
        upper = [(frame.x(p.value), frame.y(shown(p.high))) for p in chart.line]
        lower = [(frame.x(p.value), frame.y(shown(p.low))) for p in reversed(chart.line)]
        sheet.shape([*upper, *lower], fill=page.SHADE, order=0.5)
        sheet.line(
            [frame.x(p.value) for p in chart.line],
            [frame.y(shown(p.effect)) for p in chart.line],
            thick=1.1,
            order=3,
        )
    heaviest = max(s.weight for s in chart.studies) or 1.0
    for study in sorted(chart.studies, key=lambda s: -s.weight):
        radius = max(1.5, LARGEST * (study.weight / heaviest) ** 0.5)
        sheet.circle(
            frame.x(study.value),
            frame.y(shown(study.effect)),
            radius,
            fill=page.SOFT,
            edge=page.ACCENT,
            thick=0.8,
            order=2,
        )
    frame.draw(sheet, chart.characteristic, chart.about.axis_title)
    for i, note in enumerate(chart.notes):
        sheet.text(14, HIGH + 11 * i, note, size=8, colour=page.MUTED)
    return sheet
