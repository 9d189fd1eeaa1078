"""The plots of a run, as files and for the screen."""

from typing import Any, cast

from reviewtool.charts import Format, Theme, render
from reviewtool.charts.kept import kept
from reviewtool.storage import drawings_folder
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots import network as network_drawing
from reviewtool.synthesis.plots import pairwise as drawing
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.rules.pairwise import ENOUGH_FOR_FUNNEL

MEDIA = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}
CHARTS = {
    "forest": drawing.forest,
    "funnel": drawing.funnel,
    "bubble": drawing.bubble,
    "network": network_drawing.geometry,
    "network_forest": network_drawing.forest,
    "ranks": network_drawing.ranks,
}


def offered(run: AnalysisRun) -> dict[str, str]:
    """Which plots a run has: name -> words."""
    result = run.result
    if result.get("kind") == "network":
        return {"network": "Network", "forest": "Forest plot", "ranks": "Rankogram"}
    found = {}
    if result.get("studies"):
        found["forest"] = "Forest plot"
        if len(result["studies"]) >= ENOUGH_FOR_FUNNEL:
            found["funnel"] = "Funnel plot"
    if (result.get("regression") or {}).get("points"):
        found["bubble"] = "Meta-regression"
    return found


def picture(line: Line, run: AnalysisRun, what: str, kind: str, theme: Theme = "print") -> bytes:
    """A plot of a run as a file; the same run always gives the same bytes."""
    if run.result.get("kind") == "network" and what == "forest":
        what = "network_forest"
    chart: Any = CHARTS[what](line, run)
    facts = (what, run.id, run.created_at, run.inputs_hash, line.title, line.favours, kind, theme)
    return kept(
        drawings_folder(),
        " ".join(str(fact) for fact in facts),
        lambda: render(chart, cast(Format, kind), theme, f"{what}{run.id}"),
    )


def prepare(line: Line, run: AnalysisRun) -> None:
    """Draw what the page shows, so that the first reader does not wait."""
    for what in offered(run):
        picture(line, run, what, "svg", "screen")
