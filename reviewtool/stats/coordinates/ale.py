"""Activation likelihood estimation: where reported foci converge above chance."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from reviewtool.stats.arrays import Vector
from reviewtool.stats.coordinates.experiments import Experiment, locate
from reviewtool.stats.coordinates.maps import CoordinateMap
from reviewtool.stats.coordinates.modelled import Model
from reviewtool.stats.coordinates.null import Null, ale_null
from reviewtool.stats.coordinates.space import Mask


def ale(experiments: Sequence[Experiment], mask: Mask) -> CoordinateMap:
    """ALE in every brain voxel with its uncorrected p value.

    A focus becomes a Gaussian whose width follows from the experiment's n; within an
    experiment the largest counts; ALE = 1 - product over experiments of (1 - that).
    Raises NoFoci when no focus lies in the image.
    Sources: Eickhoff et al. 2009, Hum Brain Mapp 30:2907; 2012, NeuroImage 59:2349;
    Turkeltaub et al. 2012, Hum Brain Mapp 33:1.
    """
    located = locate(experiments, mask)
    used = located.experiments
    model = Model("ALE", mask, tuple(one.n for one in used), (1,) * len(used))
    total, null = _summed(model, located.voxels)
    return CoordinateMap(model, used, located.voxels, total, null, located.warnings)


def _summed(model: Model, voxels: Sequence[NDArray[np.int64]]) -> tuple[Vector, Null]:
    """The sum over experiments, and the distribution by chance, in one pass over them."""
    total = np.zeros(model.mask.size)

    def activations() -> Iterator[Vector]:
        for layer in model.layers(voxels):
            np.add(total, layer, out=total)
            yield -np.expm1(-layer)

    null = ale_null(activations())
    return total, null
