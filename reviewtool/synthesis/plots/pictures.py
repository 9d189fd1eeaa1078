"""The plots of a run, as files and for the screen."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

from reviewtool.charts import Format, Theme
from reviewtool.charts.kept import drawing
from reviewtool.storage import drawings_folder
from reviewtool.synthesis import plots
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.plot import Plot
from reviewtool.synthesis.queries import Line


@cache
def every() -> tuple[Plot, ...]:
    """All plots, of every module of this room that declares some."""
    modules = pkgutil.iter_modules(plots.__path__, f"{plots.__name__}.")
    return tuple(
        plot
        for module in modules
        if module.name != __name__
        for plot in getattr(import_module(module.name), "PLOTS", ())
    )


def offered(run: AnalysisRun) -> dict[str, str]:
    """Which plots a run has: key -> words."""
    return {plot.key: plot.label for plot in every() if plot.offered(run)}


def picture(line: Line, run: AnalysisRun, what: str, kind: str, theme: Theme = "print") -> bytes:
    """A plot of a run as a file; the same run always gives the same bytes.

    Raises KeyError for a plot that the run does not have.
    """
    plot = {plot.key: plot for plot in every() if plot.offered(run)}[what]
    chart = plot.draws(line, run)
    return drawing(drawings_folder(), chart, cast(Format, kind), theme, f"{what}{run.id}")


def prepare(line: Line, run: AnalysisRun) -> None:
    """Draw what the page shows, so that the first reader does not wait."""
    for what in offered(run):
        picture(line, run, what, "svg", "screen")
