"""The plots of a run, as files and for the screen."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

from reviewtool.charts import Format, Theme
from reviewtool.charts.forest import Forest
from reviewtool.charts.kept import drawing
from reviewtool.storage import drawings_folder
from reviewtool.synthesis import plots
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.dressed import JUDGED, dressed, judged
from reviewtool.synthesis.plots.plot import Plot
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import PairwiseResult
from reviewtool.synthesis.rules.dress import Beside, Dress


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


def picture(
    line: Line,
    run: AnalysisRun,
    what: str,
    kind: str,
    theme: Theme = "print",
    dress: Dress | None = None,
    beside: Beside | None = None,
) -> bytes:
    """A plot of a run as a file; the same run always gives the same bytes.

    dress: how a forest plot is to look, with what is known ``beside`` the run.
    Raises KeyError for a plot that the run does not have.
    """
    plot = {plot.key: plot for plot in every() if plot.offered(run)}[what]
    chart = plot.draws(line, run)
    if isinstance(chart, Forest) and dress is not None:
        chart = dressed(chart, run.result, dress, beside or Beside())
    return drawing(drawings_folder(), chart, cast(Format, kind), theme, f"{what}{run.id}")


def of_bias(
    line: Line, run: AnalysisRun, what: str, kind: str, beside: Beside, theme: Theme = "print"
) -> bytes:
    """A plot of the studies' risk of bias. Raises KeyError where nothing is agreed."""
    if not judged(run.result, beside) or not isinstance(run.result, PairwiseResult):
        raise KeyError(what)
    chart = JUDGED[what][1](run.result, beside, line.title)
    return drawing(drawings_folder(), chart, cast(Format, kind), theme, f"{what}{run.id}")


def choice(run: AnalysisRun, beside: Beside) -> dict[str, str]:
    """Every plot there is, those of risk of bias among them: key -> words."""
    more = {key: label for key, (label, _) in JUDGED.items()} if judged(run.result, beside) else {}
    return {**offered(run), **more}


def drawn(
    line: Line, run: AnalysisRun, what: str, kind: str, dress: Dress, beside: Beside
) -> bytes:
    """Any of these as a file."""
    if what in JUDGED:
        return of_bias(line, run, what, kind, beside)
    return picture(line, run, what, kind, "print", dress, beside)


def prepare(line: Line, run: AnalysisRun) -> None:
    """Draw what the page shows, so that the first reader does not wait."""
    for what in offered(run):
        picture(line, run, what, "svg", "screen")
