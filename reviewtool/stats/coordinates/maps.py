"""A value and a p value in every brain voxel: what ALE and MKDA return."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reviewtool.stats.arrays import Vector
from reviewtool.stats.coordinates.experiments import Experiment
from reviewtool.stats.coordinates.modelled import Method, Model
from reviewtool.stats.coordinates.null import Null, false_discovery
from reviewtool.stats.coordinates.space import Mask
from reviewtool.words import plain, plural, thousands

FORMING = 0.001  # uncorrected p below which voxels form clusters
SOURCES = {
    "ALE": "Eickhoff et al. 2012; Turkeltaub et al. 2012",
    "MKDA": "Wager et al. 2007",
}


@dataclass(frozen=True, eq=False)
class CoordinateMap:
    """A coordinate-based meta-analysis before correction for the number of voxels.

    experiments: those that took part. voxels: their foci as voxels. total: sum over
    experiments, shape (v,), on the model's own scale. null: upper tails of that scale's
    value. warnings: sentences a reader must see.
    """

    model: Model = field(repr=False)
    experiments: tuple[Experiment, ...] = field(repr=False)
    voxels: tuple[NDArray[np.int64], ...] = field(repr=False)
    total: Vector = field(repr=False)
    null: Null = field(repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def method(self) -> Method:
        """ALE or MKDA."""
        return self.model.method

    @property
    def mask(self) -> Mask:
        """The brain over which it was computed."""
        return self.model.mask

    @property
    def foci(self) -> int:
        """Foci that took part."""
        return sum(len(voxels) for voxels in self.voxels)

    @property
    def people(self) -> int:
        """Sum of the experiments' n."""
        return sum(self.model.people)

    @cached_property
    def value(self) -> Vector:
        """ALE, or the weighted share of experiments, per brain voxel, shape (v,)."""
        return self.model.value_of(self.total)

    @cached_property
    def p(self) -> Vector:
        """Uncorrected one-sided p value per brain voxel, shape (v,)."""
        return self.null.p_of(self.value if self.method == "ALE" else self.total)

    @cached_property
    def z(self) -> Vector:
        """Standard normal deviate of the p value per brain voxel, shape (v,)."""
        return normal_deviate(self.p)

    @cached_property
    def q(self) -> Vector:
        """False discovery rate (Benjamini-Hochberg over all brain voxels), shape (v,)."""
        return false_discovery(self.p)

    def threshold(self, p: float = FORMING) -> float:
        """The value above which the uncorrected p is below ``p``."""
        at = self.null.value_at(p)
        return at if self.method == "ALE" else float(self.model.value_of(np.array([at]))[0])

    @property
    def sentence(self) -> str:
        """What was done, for a methods section."""
        model = self.model
        if self.method == "ALE":
            shape = (
                "foci modelled as Gaussians whose width follows from the number of people, the "
                "maximum within an experiment"
            )
        else:
            alike = len(set(model.weights)) == 1
            weights = "weighted alike" if alike else "weighted by the square root of n"
            shape = f"spheres of {plain(model.radius)} mm around foci, experiments {weights}"
        name = {
            "ALE": "Activation likelihood estimation",
            "MKDA": "Multilevel kernel density analysis",
        }[self.method]
        return (
            f"{name} of {plural(len(self.experiments), 'experiment', 'experiments')} with "
            f"{plural(self.foci, 'focus', 'foci')} and {plural(self.people, 'person', 'people')}: "
            f"{shape}; MNI space, {model.mask.name} ({thousands(model.mask.size)} voxels of "
            f"{plain(model.mask.voxel_volume)} mm³), foci at the nearest voxel (halves to the "
            f"even index); uncorrected p values from the exact distribution of values by chance "
            f"({SOURCES[self.method]})."
        )


def normal_deviate(p: Vector) -> Vector:
    """The standard normal deviate with upper tail p; p = 1 gives 0 as none is below chance."""
    from scipy.special import ndtri

    return np.asarray(np.maximum(-ndtri(np.minimum(p, 0.5)), 0.0))
