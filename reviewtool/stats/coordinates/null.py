"""How large a voxel's value is by chance: the exact distribution of a sum over experiments.

If foci fell anywhere in the brain, a voxel's value in one experiment would be that of a
brain voxel picked at random; the values of the experiments are then combined pair by pair.
Source: Eickhoff et al. 2012, NeuroImage 59:2349 (doi:10.1016/j.neuroimage.2011.09.017).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reviewtool.stats.arrays import Vector

STEP = 1e-5  # width of a bin of the modelled activation and of ALE
NEGLIGIBLE = 1e-30  # upper tails below this are cut off; p values stop there
BLOCK = 500_000  # pairs of bins combined at a time: bounds the memory


@dataclass(frozen=True, slots=True, eq=False)
class Null:
    """Upper tail probabilities: ``tail[b]`` = P(value in bin b or above).

    step: width of a bin; bin b is centred on b * step.
    """

    tail: Vector = field(repr=False)
    step: float = STEP

    def p_of(self, values: ArrayLike) -> Vector:
        """P(a value at least as large), per value; shape as given."""
        bins = nearest(np.asarray(values, dtype=np.float64), self.step)
        return self.tail[np.minimum(bins, self.tail.size - 1)]

    def value_at(self, p: float) -> float:
        """The last bin whose upper tail still exceeds ``p``; values above it have less.

        >>> Null(np.array([1.0, 0.2, 0.01])).value_at(0.1)
        1e-05
        """
        return float(np.flatnonzero(self.tail > p)[-1] * self.step)


def nearest(values: NDArray[np.float64], step: float) -> NDArray[np.int64]:
    """The bin of each value >= 0, halves away from zero.

    >>> nearest(np.array([0.0, 1.5e-5, 2.4e-5]), 1e-5).tolist()
    [0, 2, 2]
    """
    return np.floor(values / step + 0.5).astype(np.int64)


def ale_null(layers: Iterable[Vector]) -> Null:
    """The distribution of ALE for experiments with these modelled activations.

    layers: one per experiment, shape (v,): its values over the brain, in 0..1.
    """
    total = np.ones(1)
    for layer in layers:
        part = np.bincount(nearest(layer, STEP)) / layer.size
        total = _joined(total, part)
    return Null(_tail(total))


def density_null(weights: Sequence[int], shares: Sequence[float]) -> Null:
    """The distribution of a sum of weights, each present with its own probability.

    weights: whole numbers, one per experiment. shares: the part of the brain that each
    experiment covers. Bins are whole sums, so nothing is rounded.

    >>> density_null([1, 2], [0.5, 0.5]).tail.tolist()
    [1.0, 0.75, 0.5, 0.25]
    """
    total = np.zeros(sum(weights) + 1)
    total[0] = 1.0
    end = 1
    for weight, share in zip(weights, shares, strict=True):
        moved = share * total[:end]
        total[:end] *= 1 - share
        total[weight : weight + end] += moved
        end += weight
    return Null(np.cumsum(total[::-1])[::-1], 1.0)


def _joined(first: Vector, second: Vector) -> Vector:
    """Probabilities of 1 - (1 - a)(1 - b) for a, b from two sets of bins."""
    a, b = np.flatnonzero(first), np.flatnonzero(second)
    largest = 1 - (1 - a[-1] * STEP) * (1 - b[-1] * STEP)
    found = np.zeros(int(nearest(np.array([largest]), STEP)[0]) + 2)
    rest, weight = 1 - a * STEP, first[a]
    rows = max(1, BLOCK // a.size)
    for start in range(0, b.size, rows):
        few = b[start : start + rows]
        bins = nearest(1 - np.outer(1 - few * STEP, rest), STEP)
        pairs = np.outer(second[few], weight)
        counted = np.bincount(bins.ravel(), pairs.ravel())
        found[: counted.size] += counted
    return found[: int(np.flatnonzero(_tail(found) > NEGLIGIBLE)[-1]) + 1]


def _tail(probabilities: Vector) -> Vector:
    return np.minimum(np.cumsum(probabilities[::-1])[::-1], 1.0)


def false_discovery(p: Vector) -> Vector:
    """q values of Benjamini & Hochberg, in the order of p.

    Source: Benjamini & Hochberg 1995, J R Stat Soc B 57:289.

    >>> false_discovery(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * p.size / np.arange(1, p.size + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
