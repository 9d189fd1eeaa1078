"""One effect per cluster from several correlated ones."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Labels, Vector, check_effects
from reviewtool.stats.dependence.sampling import correlated_covariance, members
from reviewtool.words import plain


@dataclass(frozen=True, slots=True, eq=False)
class Aggregated:
    """Clusters in sorted order with one effect and variance each, shape (m,)."""

    clusters: tuple[Hashable, ...]
    y: Vector
    v: Vector
    rho: float
    weighted: bool

    @property
    def sentence(self) -> str:
        """What was done, for a methods section."""
        return (
            "Effects of the same cluster were combined assuming a correlation of "
            f"{plain(self.rho)} between their sampling errors."
        )


def aggregate(
    y: ArrayLike,
    v: ArrayLike,
    clusters: Sequence[Hashable],
    rho: float,
    *,
    weighted: bool = True,
    labels: Labels | None = None,
) -> Aggregated:
    """Combine the effects of a cluster whose sampling errors correlate by rho.

    y, v: shape (k,). weighted: generalised least squares, otherwise the plain mean.
    Raises BadInput, BadStudy. Source: Borenstein et al. 2009, Introduction to
    Meta-Analysis, ch. 24.

    >>> a = aggregate([0.2, 0.4, 1.0], [0.01, 0.01, 0.02], ["a", "a", "b"], 0.5)
    >>> a.y.round(3), a.v.round(4)
    (array([0.3, 1. ]), array([0.0075, 0.02  ]))
    """
    effects, variances = check_effects(y, v, labels)
    covariance = correlated_covariance(variances, clusters, rho)
    groups = members(clusters)
    order = sorted(groups, key=lambda c: (isinstance(c, str), c))
    means, spreads = [], []
    for cluster in order:
        rows = groups[cluster]
        block = covariance[np.ix_(rows, rows)]
        w = np.linalg.solve(block, np.ones(rows.size)) if weighted else np.ones(rows.size)
        share = w / w.sum()
        means.append(float(share @ effects[rows]))
        spreads.append(float(share @ block @ share))
    return Aggregated(tuple(order), np.array(means), np.array(spreads), rho, weighted)
