"""The Baujat plot: which studies make the heterogeneity, and which move the pooled effect."""

from dataclasses import dataclass

from reviewtool.charts import axis, page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.frame import Frame
from reviewtool.words import studies

WIDE, HIGH = 470.0, 340.0
NAMED = 8  # studies named beside their points: the farthest ones


@dataclass(frozen=True)
class BaujatStudy:
    """A study: its share of Cochran's Q, and how far the pooled effect moves without it.

    influence: the squared difference of the pooled effects with and without the study,
    in units of the variance of the latter.
    """

    label: str
    heterogeneity: float
    influence: float


@dataclass(frozen=True)
class Baujat:
    """A Baujat plot (Baujat 2002, Stat Med 21:2641)."""

    studies: tuple[BaujatStudy, ...]
    notes: tuple[str, ...] = ()
    title: str = "Baujat plot"


def draw(chart: Baujat) -> page.Page:
    """The plot as a sheet. Raises NothingToDraw without studies."""
    if not chart.studies:
        raise NothingToDraw(what="the Baujat plot has no studies", remedy="Run the analysis first.")
    words = (
        f"Baujat plot of {studies(len(chart.studies))}: contribution to heterogeneity against "
        "influence on the pooled effect."
    )
    notes = [line for note in chart.notes for line in page.wrap(note, WIDE - 30, 8)]
    sheet = page.Page(WIDE, HIGH + 11 * len(notes), chart.title, words)
    across = axis.linear([s.heterogeneity for s in chart.studies], include=(0.0,))
    vertical = axis.linear([s.influence for s in chart.studies], include=(0.0,))
    frame = Frame(across, vertical, WIDE, HIGH, left=62.0)
    far = sorted(
        chart.studies,
        key=lambda s: -max(across.share(s.heterogeneity), vertical.share(s.influence)),
    )
    placed: list[tuple[float, float, float]] = []
    for i, study in enumerate(far):
        x, y = frame.x(study.heterogeneity), frame.y(study.influence)
        sheet.circle(x, y, 3.2, fill=page.ACCENT, edge=page.SURFACE, thick=0.6, order=3)
        if i < NAMED:
            _name(sheet, study.label, x, y, frame, placed)
    frame.draw(sheet, "Contribution to Cochran's Q", "Influence on the pooled effect")
    for i, note in enumerate(notes):
        sheet.text(14, HIGH + 11 * i, note, size=8, colour=page.MUTED)
    return sheet


def _name(
    sheet: page.Page,
    label: str,
    x: float,
    y: float,
    frame: Frame,
    placed: list[tuple[float, float, float]],
) -> None:
    """The study's name beside its point, unless it would cover a name that stands there."""
    text = page.clip(label, 130, size=8)
    wide = page.width(text, 8)
    left = x + 6 if x + 6 + wide < frame.right + 14 else x - 6 - wide
    if any(
        abs(y - other) < 9 and left < end and begin < left + wide for begin, end, other in placed
    ):
        return
    placed.append((left, left + wide, y))
    # Above the axis, not across it.
    sheet.text(left, min(y, frame.bottom - 6), text, size=8)
