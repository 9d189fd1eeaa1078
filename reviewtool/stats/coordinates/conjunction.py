"""Where two maps agree: the smaller of their values where both are significant."""

from dataclasses import dataclass, field

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.coordinates.clusters import Cluster, clusters_of
from reviewtool.stats.coordinates.correction import Corrected
from reviewtool.stats.coordinates.space import Mask
from reviewtool.stats.errors import BadInput


@dataclass(frozen=True, slots=True, eq=False)
class Conjunction:
    """The minimum of two thresholded maps.

    value, z: shape (v,), the smaller of both where both stand, 0 elsewhere. p: the larger
    of both, 1 elsewhere.
    """

    mask: Mask = field(repr=False)
    value: Vector = field(repr=False)
    p: Vector = field(repr=False)
    z: Vector = field(repr=False)
    clusters: tuple[Cluster, ...]
    sentence: str


def conjunction(first: Corrected, second: Corrected) -> Conjunction:
    """Voxels that stand in both maps. Raises BadInput for unlike methods or masks.

    Source: Nichols et al. 2005, NeuroImage 25:653, the minimum statistic against the
    conjunction null.
    """
    a, b = first.result, second.result
    if (
        a.method != b.method
        or a.mask.shape != b.mask.shape
        or not np.array_equal(a.mask.inside, b.mask.inside)
    ):
        raise BadInput(
            problem="The two maps are not of the same method and mask.",
            remedy="Compute both the same way.",
        )
    both = first.significant & second.significant
    value = np.where(both, np.minimum(a.value, b.value), 0.0)
    p = np.where(both, np.maximum(a.p, b.p), 1.0)
    z = np.where(both, np.minimum(a.z, b.z), 0.0)
    return Conjunction(
        a.mask,
        value,
        p,
        z,
        clusters_of(a.mask, value, p, z, 0.0),
        f"Conjunction of two {a.method} maps by the minimum statistic, in voxels that stand in "
        "both (Nichols et al. 2005).",
    )
