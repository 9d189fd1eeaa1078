"""Multilevel kernel density analysis: which part of the experiments reports a focus nearby."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from reviewtool.stats.coordinates.experiments import Experiment, locate
from reviewtool.stats.coordinates.maps import CoordinateMap
from reviewtool.stats.coordinates.modelled import RADIUS, Model
from reviewtool.stats.coordinates.null import density_null
from reviewtool.stats.coordinates.space import Mask
from reviewtool.stats.errors import UnknownChoice

Weighting = Literal["root n", "equal"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)
PARTS = 100_000  # weights are whole parts of their sum, so that sums are exact


def whole_weights(people: Sequence[int], weighting: Weighting) -> tuple[int, ...]:
    """Weights of the experiments as whole numbers that sum to about 100 000.

    >>> whole_weights([16, 64], "root n"), whole_weights([16, 64], "equal")
    ((33333, 66667), (1, 1))
    """
    if weighting not in WEIGHTINGS:
        raise UnknownChoice(what="The weighting", given=weighting, choices=", ".join(WEIGHTINGS))
    if weighting == "equal":
        return (1,) * len(people)
    roots = np.sqrt(people)
    return tuple(max(1, int(part)) for part in np.rint(roots / roots.sum() * PARTS))


def mkda(
    experiments: Sequence[Experiment],
    mask: Mask,
    radius: float = RADIUS,
    weighting: Weighting = "root n",
) -> CoordinateMap:
    """The weighted share of experiments with a focus within ``radius``, per brain voxel.

    radius: mm. weighting: by the square root of n (Wager), or all alike. p values compare
    with foci anywhere in the brain. Raises NoFoci, BadFoci for the radius, UnknownChoice.
    Source: Wager et al. 2007, Soc Cogn Affect Neurosci 2:150 (doi:10.1093/scan/nsm015).
    """
    located = locate(experiments, mask)
    used = located.experiments
    people = tuple(one.n for one in used)
    model = Model("MKDA", mask, people, whole_weights(people, weighting), radius)
    total = np.zeros(mask.size)
    shares = []
    for layer in model.layers(located.voxels):
        total += layer
        shares.append(float(np.count_nonzero(layer)) / mask.size)
    null = density_null(model.weights, shares)
    return CoordinateMap(model, used, located.voxels, total, null, located.warnings)
