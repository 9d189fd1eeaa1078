"""The L'Abbé plot: the risk in one group against the risk in the other, study by study."""

from dataclasses import dataclass

from reviewtool.charts import page
from reviewtool.charts.axis import Axis
from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.frame import Frame
from reviewtool.words import studies

SIDE = 380.0


@dataclass(frozen=True)
class LabbeStudy:
    """A study: risks (0 to 1) in both groups, and its size, which sets the circle's area."""

    label: str
    experimental: float
    control: float
    size: float


@dataclass(frozen=True)
class Labbe:
    """A L'Abbé plot (L'Abbé 1987, Ann Intern Med 107:224).

    line: points (control risk, experimental risk) of the pooled effect.
    """

    studies: tuple[LabbeStudy, ...]
    line: tuple[tuple[float, float], ...] = ()
    groups: tuple[str, str] = ("Experimental group", "Control group")
    notes: tuple[str, ...] = ()
    title: str = "L'Abbé plot"


def draw(chart: Labbe) -> page.Page:
    """The plot as a sheet. Raises NothingToDraw without studies."""
    if not chart.studies:
        raise NothingToDraw(
            what="no study has events in two groups", remedy="Give counts of both groups."
        )
    words = (
        f"L'Abbé plot of {studies(len(chart.studies))}: risk in the {chart.groups[0].lower()} "
        f"against risk in the {chart.groups[1].lower()}."
    )
    notes = [line for note in _notes(chart) for line in page.wrap(note, SIDE - 30, 8)]
    sheet = page.Page(SIDE, SIDE + 11 * len(notes), chart.title, words)
    scale = _scale(max(max(s.experimental, s.control) for s in chart.studies))
    frame = Frame(scale, scale, SIDE, SIDE)
    ends = [scale.low, scale.high]
    sheet.line(
        [frame.x(v) for v in ends],
        [frame.y(v) for v in ends],
        colour=page.MUTED,
        thick=0.6,
        order=1,
    )
    inside = [(c, e) for c, e in chart.line if c <= scale.high and e <= scale.high]
    if len(inside) > 1:
        sheet.line(
            [frame.x(c) for c, _ in inside],
            [frame.y(e) for _, e in inside],
            dashes=(4, 3),
            thick=1.0,
            order=2,
        )
    largest = max(s.size for s in chart.studies) or 1.0
    for study in sorted(chart.studies, key=lambda s: -s.size):
        sheet.circle(
            frame.x(study.control),
            frame.y(study.experimental),
            max(1.8, 12 * (study.size / largest) ** 0.5),
            fill=page.SOFT,
            edge=page.ACCENT,
            thick=0.8,
            order=3,
        )
    frame.draw(sheet, f"{chart.groups[1]}: risk", f"{chart.groups[0]}: risk")
    for i, note in enumerate(notes):
        sheet.text(14, SIDE + 11 * i, note, size=8, colour=page.MUTED)
    return sheet


def _notes(chart: Labbe) -> list[str]:
    said = "Area of a circle: size of the study. Thin line: equal risks."
    return [f"{said} Broken line: pooled effect." if chart.line else said, *chart.notes]


def _scale(most: float) -> Axis:
    """From no risk to the next round risk above the largest one."""
    steps = (0.02, 0.05, 0.1, 0.2)
    step = next((s for s in steps if most <= 5 * s), 0.2)
    count = next(n for n in range(1, 7) if n * step >= min(most, 1.0) - 1e-9)
    return Axis(0.0, count * step, tuple(i * step for i in range(count + 1)))
