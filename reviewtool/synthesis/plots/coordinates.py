"""Pictures of a brain map: a glass brain, and slices through its clusters."""

from typing import Any

import numpy as np

from reviewtool.charts.brain import BrainSlices, GlassBrain, Mark
from reviewtool.stats.arrays import Vector
from reviewtool.stats.coordinates import brain_mask, read_image
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


def shown(run: AnalysisRun) -> Vector:
    """The thresholded values per voxel of the brain mask; of a contrast below 0 for the second."""
    image, _ = read_image(current_storage().read(_result(run).images["shown"]))
    return image[brain_mask().inside]


def _chart(line: Line, run: AnalysisRun) -> dict[str, Any]:
    result, values = _result(run), shown(run)
    two = result.combine == "contrast"
    names = (line.outcome.name, result.sides[-1].label) if two else ("", "")
    kind = {"contrast": "difference of ", "conjunction": "smaller "}.get(result.combine, "")
    return {
        "values": np.maximum(values, 0.0),
        "other": np.maximum(-values, 0.0) if two and (values < 0).any() else None,
        "names": names,
        "mask": brain_mask(),
        "scale": kind + ("ALE" if result.algorithm == "ALE" else "share of experiments"),
        "marks": tuple(
            Mark(one.number, one.peak.x, one.peak.y, one.peak.z, one.peak.region)
            for one in result.clusters[:MOST_MARKS]
        ),
        "title": line.title,
    }


def glass(line: Line, run: AnalysisRun) -> GlassBrain:
    """The map seen through the brain from three sides."""
    return GlassBrain(**_chart(line, run))


def slices(line: Line, run: AnalysisRun) -> BrainSlices:
    """Slices through the clusters."""
    return BrainSlices(**_chart(line, run))


def _stands(result: MapResult) -> bool:
    return bool(result.clusters)


PLOTS = (
    Plot("glass", "Glass brain", MapResult, glass, _stands),
    Plot("slices", "Brain slices", MapResult, slices, _stands),
)
