"""Several forest plots under each other, columns in line: outcomes read side by side."""

from dataclasses import dataclass, replace

from reviewtool.charts import forest, page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.forest_columns import Shared
from reviewtool.charts.forest_layout import lay_out
from reviewtool.charts.forest_parts import Forest
from reviewtool.words import plural

GAP = 12.0  # between two panels
HEADING = 20.0


@dataclass(frozen=True)
class Panel:
    """One plot with a line over it: ``title`` in bold, ``remark`` at the right."""

    title: str
    plot: Forest
    remark: str = ""


@dataclass(frozen=True)
class Panels:
    """Plots whose columns stand in line. one_axis: whether all have the same limits."""

    panels: tuple[Panel, ...]
    title: str = "Forest plots"
    one_axis: bool = False


def describe(chart: Panels) -> str:
    """The panels in a few sentences, for those who cannot see them."""
    words = [f"{plural(len(chart.panels), 'forest plot', 'forest plots')} under each other."]
    words += [f"{panel.title}: {forest.describe(panel.plot)}" for panel in chart.panels]
    return " ".join(words)


def draw(chart: Panels) -> page.Page:
    """The panels as a sheet. Raises NothingToDraw when there is none, or one without studies."""
    if not chart.panels or any(not panel.plot.studies for panel in chart.panels):
        raise NothingToDraw(
            what="a panel has no studies",
            remedy="Complete the extraction of a study of each outcome first.",
        )
    panels = _on_one_axis(chart.panels) if chart.one_axis else chart.panels
    shared = Shared.of([panel.plot for panel in panels])
    places, top = [], GAP / 2
    for panel in panels:
        layout = lay_out(panel.plot, shared, top + HEADING)
        places.append((panel, top, layout))
        top = layout.high + GAP
    wide = max(layout.wide for _, _, layout in places)
    sheet = page.Page(wide, top, chart.title, describe(chart))
    for panel, above, layout in places:
        y = above + HEADING / 2
        remark = page.clip(panel.remark, (layout.right - layout.left) / 2)
        room = layout.right - layout.left - page.width(remark) - 16
        sheet.text(
            layout.columns.study.left,
            y,
            page.clip(panel.title, room, 10.5, bold=True),
            size=10.5,
            bold=True,
        )
        sheet.text(layout.right, y, remark, align="right", colour=page.MUTED)
        forest.put(sheet, panel.plot, layout)
    return sheet


def narrowed(chart: Panels) -> Panels:
    """The panels for a telephone."""
    panels = (replace(panel, plot=forest.narrowed(panel.plot)) for panel in chart.panels)
    return replace(chart, panels=tuple(panels))


def _on_one_axis(panels: tuple[Panel, ...]) -> tuple[Panel, ...]:
    axes = [forest.axis_of(panel.plot) for panel in panels]
    limits = (min(axis.low for axis in axes), max(axis.high for axis in axes))
    return tuple(replace(panel, plot=replace(panel.plot, limits=limits)) for panel in panels)
