"""Covariance of sampling errors of effects that share people."""

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Matrix, Vector, as_vector
from reviewtool.stats.errors import BadInput
from reviewtool.words import plain

Clusters = Sequence[Hashable]


def members(clusters: Clusters) -> dict[Hashable, np.ndarray]:
    """Cluster -> row indices, clusters in order of first appearance."""
    found: dict[Hashable, list[int]] = {}
    for i, cluster in enumerate(clusters):
        found.setdefault(cluster, []).append(i)
    return {cluster: np.array(rows) for cluster, rows in found.items()}


def correlated_covariance(
    v: ArrayLike,
    clusters: Clusters,
    rho: float,
    times: ArrayLike | None = None,
) -> Matrix:
    """Sampling covariance (k, k): correlation rho within a cluster, none between.

    v: shape (k,). With ``times`` (k,) the correlation of two effects is
    rho ** |difference in time|. Raises BadInput when rho is outside [-1, 1].

    >>> correlated_covariance([1.0, 4.0], ["a", "a"], 0.5)
    array([[1., 1.],
           [1., 4.]])
    """
    if not -1 <= rho <= 1:
        raise BadInput(problem=f"A correlation of {plain(rho)}.", remedy="Give one from -1 to 1.")
    sd = np.sqrt(as_vector(v, "v"))
    at = None if times is None else as_vector(times, "times")

    def correlation(rows: np.ndarray) -> Matrix:
        if at is None:
            block = np.full((rows.size, rows.size), rho)
        else:
            block = rho ** np.abs(at[rows][:, None] - at[rows][None, :])
        np.fill_diagonal(block, 1.0)
        return block

    return _assemble(sd, clusters, correlation)


def block_covariance(rows: Sequence[Sequence[float]], clusters: Clusters) -> Matrix:
    """Sampling covariance (k, k) from each row's entries of its cluster's block.

    rows[i][j]: covariance of effect i with the j-th effect of its cluster.
    """
    k = len(rows)
    v = np.zeros((k, k))
    for block in members(clusters).values():
        part = np.array([[rows[i][j] for j in range(block.size)] for i in block], dtype=float)
        if not np.allclose(part, part.T):
            raise BadInput(
                problem="A block of the sampling covariance is not symmetric.",
                remedy="Check the covariances of that study.",
            )
        v[np.ix_(block, block)] = part
    return v


def _assemble(
    sd: Vector, clusters: Clusters, correlation: Callable[[np.ndarray], Matrix]
) -> Matrix:
    if len(clusters) != sd.size:
        raise BadInput(
            problem=f"{len(clusters)} clusters for {sd.size} effects.", remedy="Give one each."
        )
    v = np.zeros((sd.size, sd.size))
    for rows in members(clusters).values():
        v[np.ix_(rows, rows)] = sd[rows][:, None] * correlation(rows) * sd[rows][None, :]
    return v
