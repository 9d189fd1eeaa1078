"""Which experiments make a cluster: their share, their foci in it, and it without them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reviewtool.stats.coordinates.ale import ale
from reviewtool.stats.coordinates.clusters import Cluster
from reviewtool.stats.coordinates.maps import FORMING, CoordinateMap
from reviewtool.stats.coordinates.mkda import mkda
from reviewtool.stats.errors import TooFewStudies


@dataclass(frozen=True, slots=True)
class Contribution:
    """One experiment's part in one cluster.

    share: by how much the sum of values over the cluster falls without it, 0..1.
    foci: its foci in the cluster.
    """

    experiment: str
    study: str
    share: float
    foci: int


def contributions(
    result: CoordinateMap, clusters: Sequence[Cluster]
) -> tuple[tuple[Contribution, ...], ...]:
    """Per cluster, every experiment's part in it, the largest share first.

    Source: Eickhoff et al. 2016, NeuroImage 137:70: the ratio of summed values with and
    without the experiment.
    """
    shares = np.zeros((len(clusters), len(result.experiments)))
    whole = [float(result.value[one.members].sum()) for one in clusters]
    for column, layer in enumerate(result.model.layers(result.voxels)):
        for row, one in enumerate(clusters):
            without = result.model.value_of(result.total[one.members] - layer[one.members])
            shares[row, column] = 1 - float(without.sum()) / whole[row]
    counts = focus_counts(result, clusters)
    return tuple(
        tuple(
            sorted(
                (
                    Contribution(
                        one.name, one.study, float(shares[row, column]), counts[row][column]
                    )
                    for column, one in enumerate(result.experiments)
                ),
                key=lambda part: (-part.share, part.experiment),
            )
        )
        for row in range(len(clusters))
    )


def focus_counts(result: CoordinateMap, clusters: Sequence[Cluster]) -> tuple[tuple[int, ...], ...]:
    """Per cluster, how many foci of each experiment lie in it, in the experiments' order."""
    mask = result.mask
    counts = []
    for one in clusters:
        inside = np.zeros(mask.shape, dtype=bool)
        inside[tuple(mask.voxels[one.members].T)] = True
        counts.append(
            tuple(
                int(np.count_nonzero(inside[tuple(ijk[mask.holds(ijk)].T)]))
                for ijk in result.voxels
            )
        )
    return tuple(counts)


@dataclass(frozen=True, slots=True)
class Without:
    """The analysis without one experiment.

    kept: per cluster of the whole analysis, the share of its voxels that still exceed the
    forming threshold, 0..1.
    """

    experiment: str
    kept: tuple[float, ...]


def jackknife(
    result: CoordinateMap,
    clusters: Sequence[Cluster],
    forming: float = FORMING,
    on_step: Callable[[int, int], None] | None = None,
) -> tuple[Without, ...]:
    """The analysis again without each experiment in turn, its threshold computed anew.

    on_step: called with (done, of) after each. Raises TooFewStudies for one experiment.
    """
    used = result.experiments
    if len(used) < 2:
        raise TooFewStudies(needed=2, found=len(used))
    equal = len(set(result.model.weights)) == 1
    found = []
    for row, left in enumerate(used):
        rest = [one for one in used if one is not left]
        if result.method == "ALE":
            again = ale(rest, result.mask)
        else:
            weighting = "equal" if equal else "root n"
            again = mkda(rest, result.mask, result.model.radius, weighting)  # type: ignore[arg-type]
        above = again.value > again.threshold(forming)
        found.append(
            Without(left.name, tuple(float(above[one.members].mean()) for one in clusters))
        )
        if on_step is not None:
            on_step(row + 1, len(used))
    return tuple(found)
