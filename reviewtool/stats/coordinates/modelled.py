"""What ALE and MKDA share: shapes around foci, summed over experiments on one scale.

Both methods take, within an experiment, the maximum of shapes laid around its foci, and
combine experiments by a sum: ALE of -ln(1 - modelled activation), MKDA of weights.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from reviewtool.stats.arrays import Vector
from reviewtool.stats.coordinates.kernels import gaussian, sphere
from reviewtool.stats.coordinates.painting import around_image
from reviewtool.stats.coordinates.space import Mask
from reviewtool.stats.errors import UnknownChoice

Method = Literal["ALE", "MKDA"]
METHODS: tuple[Method, ...] = get_args(Method)
RADIUS = 10.0  # mm, the sphere of MKDA


@dataclass(frozen=True, eq=False)
class Model:
    """Experiments as a method sees them: how many people and foci each has.

    people, weights: one per experiment; weights are whole numbers and used by MKDA alone.
    radius: mm, of the sphere of MKDA.
    """

    method: Method
    mask: Mask
    people: tuple[int, ...]
    weights: tuple[int, ...]
    radius: float = RADIUS

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise UnknownChoice(what="The method", given=self.method, choices=", ".join(METHODS))

    @cached_property
    def kernels(self) -> tuple[NDArray[np.float64], ...]:
        """Per experiment the shape around a focus, on the scale on which experiments add."""
        if self.method == "MKDA":
            ball = sphere(self.radius, self.mask.sides)
            return tuple(weight * ball for weight in self.weights)
        by_n = {n: -np.log1p(-gaussian(n, self.mask.sides)) for n in set(self.people)}
        return tuple(by_n[n] for n in self.people)

    @property
    def reach(self) -> tuple[int, int, int]:
        """How many voxels the largest shape reaches along i, j and k."""
        a, b, c = (max(kernel.shape[axis] for kernel in self.kernels) // 2 for axis in range(3))
        return a, b, c

    def value_of(self, total: NDArray[np.floating]) -> NDArray[np.float64]:
        """A sum over experiments as the method's value: ALE, or a weighted proportion."""
        wide = np.asarray(total, dtype=np.float64)
        return -np.expm1(-wide) if self.method == "ALE" else wide / sum(self.weights)

    def total_of(self, value: float) -> float:
        """The sum over experiments that gives ``value``; the inverse of ``value_of``."""
        return float(-np.log1p(-value) if self.method == "ALE" else value * sum(self.weights))

    def layers(self, voxels: Sequence[NDArray[np.int64]]) -> Iterator[Vector]:
        """Each experiment's part of the sum in every brain voxel, shape (v,), one at a time."""
        canvas = around_image(self.mask, self.reach, voxels)
        brain = canvas.places(self.mask.voxels)
        for kernel, ijk in zip(self.kernels, voxels, strict=True):
            canvas.add(kernel, canvas.middles(ijk))
            yield np.asarray(canvas.sum.ravel()[brain], dtype=np.float64)
            canvas.clear()
