"""Pictures of a brain map: a glass brain, and slices through its clusters."""

import numpy as np

from reviewtool.charts.brain import BrainSlices, GlassBrain, Mark
from reviewtool.stats.coordinates import Mask, brain_mask, read_image
from reviewtool.storage import current_storage
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.plot import Plot
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import MapResult

MOST_MARKS = 12


def _result(run: AnalysisRun) -> MapResult:
    """The run's result. Raises TypeError for another kind, which no route asks for."""
    if not isinstance(run.result, MapResult):
        raise TypeError("not a brain map")
    return run.result


def _chart(line: Line, run: AnalysisRun, kind: str) -> GlassBrain | BrainSlices:
    result = _result(run)
    shown = current_storage().read(result.images["shown"])
    return chart(kind, result, shown, line.title, line.outcome.name)


def chart(
    kind: str,
    result: MapResult,
    shown: bytes,
    title: str,
    first: str,
    mask: Mask | None = None,
) -> GlassBrain | BrainSlices:
    """The picture of a result: "glass" or "slices".

    shown: the NIfTI image of what stands, of a contrast below 0 where the second is larger.
    first: what the analysis' own map is called beside another. mask: that of the result.
    """
    image, _ = read_image(shown)
    mask = mask or brain_mask()
    values = image[mask.inside]
    two = result.combine == "contrast"
    shape = GlassBrain if kind == "glass" else BrainSlices
    return shape(
        values=np.maximum(values, 0.0),
        other=np.maximum(-values, 0.0) if two and (values < 0).any() else None,
        names=("1", "2") if two else ("", ""),
        notes=(
            (f"Difference. 1: larger in {first}. 2: larger in {result.sides[-1].label}.",)
            if two
            else ()
        ),
        mask=mask,
        scale="ALE" if result.algorithm == "ALE" else "Share",
        marks=tuple(
            Mark(one.number, one.peak.x, one.peak.y, one.peak.z, one.peak.region)
            for one in result.clusters[:MOST_MARKS]
        ),
        title=title,
    )


def glass(line: Line, run: AnalysisRun) -> GlassBrain | BrainSlices:
    """The map seen through the brain from three sides."""
    return _chart(line, run, "glass")


def slices(line: Line, run: AnalysisRun) -> GlassBrain | BrainSlices:
    """Slices through the clusters."""
    return _chart(line, run, "slices")


def _stands(result: MapResult) -> bool:
    return bool(result.clusters)


PLOTS = (
    Plot("glass", "Glass brain", MapResult, glass, _stands),
    Plot("slices", "Brain slices", MapResult, slices, _stands),
)
