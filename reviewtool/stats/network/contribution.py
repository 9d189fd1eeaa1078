"""How much each direct comparison contributes to each network estimate.

Source: Papakonstantinou 2018, F1000Research 7:610 (streams of evidence); Koenig, Krahn &
Binder 2013, Stat Med 32:5414 (flow networks).
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import combinations, pairwise

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.network.evidence import reduced_weights
from reviewtool.stats.network.model import Network

EPSILON = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """Shares of direct comparisons (columns) in estimates (rows), per cent.

    estimates and comparisons are pairs of treatment names; each row sums to 100.
    """

    estimates: tuple[tuple[str, str], ...]
    comparisons: tuple[tuple[str, str], ...]
    shares: Matrix = field(repr=False)


def contributions(net: Network, model: str = "random") -> Contributions:
    """Split the flow of evidence for every estimate into paths, shortest first.

    Each path's flow is shared equally by the comparisons on it.
    """
    n = len(net.treatments)
    direct, weights = _direct(net, net.tau2 if model == "random" else 0.0)
    first, second = (np.array([pair[side] for pair in direct]) for side in (0, 1))
    covariance = net.effects(model).covariance
    x = np.zeros((len(direct), n))
    x[np.arange(len(direct)), first], x[np.arange(len(direct)), second] = 1.0, -1.0
    pairs = list(combinations(range(n), 2))
    rows = []
    for a, b in pairs:
        flow = weights * (x @ (covariance[:, a] - covariance[:, b]))
        rows.append(_streams(flow, direct, a, b, n))
    names = net.treatments
    return Contributions(
        tuple((names[a], names[b]) for a, b in pairs),
        tuple((names[a], names[b]) for a, b in direct),
        100 * np.array(rows),
    )


def _direct(net: Network, tau2: float) -> tuple[list[tuple[int, int]], Vector]:
    """Direct comparisons and their total reduced weight."""
    first, second = net.evidence.pairs
    total: dict[tuple[int, int], float] = {}
    for i, j, w in zip(first, second, reduced_weights(net.evidence, tau2), strict=True):
        pair = (int(min(i, j)), int(max(i, j)))
        total[pair] = total.get(pair, 0.0) + float(w)
    direct = sorted(total)
    return direct, np.array([total[pair] for pair in direct])


def _streams(flow: Vector, direct: list[tuple[int, int]], source: int, sink: int, n: int) -> Vector:
    """Share of each comparison in the unit flow from source to sink."""
    left = np.abs(flow).tolist()
    out: list[dict[int, int]] = [{} for _ in range(n)]  # node -> next node -> comparison
    for edge, (i, j) in enumerate(direct):
        if left[edge] > EPSILON:
            start, end = (i, j) if flow[edge] > 0 else (j, i)
            out[start][end] = edge
    share = np.zeros(flow.size)
    while (path := _shortest(out, source, sink)) is not None:
        amount = min(left[out[a][b]] for a, b in pairwise(path))
        for a, b in pairwise(path):
            edge = out[a][b]
            left[edge] -= amount
            share[edge] += amount / (len(path) - 1)
            if left[edge] <= EPSILON:
                del out[a][b]
    return np.asarray(share / share.sum())


def _shortest(out: list[dict[int, int]], source: int, sink: int) -> list[int] | None:
    """Nodes of a shortest path along the flow, or None when all has been taken."""
    came = {source: source}
    queue = deque([source])
    while queue:
        node = queue.popleft()
        for end in out[node]:
            if end in came:
                continue
            came[end] = node
            if end == sink:
                path = [sink]
                while path[-1] != source:
                    path.append(came[path[-1]])
                return path[::-1]
            queue.append(end)
    return None


def study_shares(net: Network, found: Contributions, model: str = "random") -> Matrix:
    """How much each study contributes to each estimate, per cent, (estimates, studies).

    The share of a comparison is divided among its studies by their weights; studies are in
    the order of ``net.evidence.studies``, rows sum to 100. Source: Nikolakopoulou 2020, PLoS
    Med 17:e1003082.
    """
    evidence = net.evidence
    tau2 = net.tau2 if model == "random" else 0.0
    weights = np.maximum(reduced_weights(evidence, tau2), 0.0)
    at = {pair: i for i, pair in enumerate(found.comparisons)}
    names = net.treatments
    first, second = evidence.pairs
    share = np.zeros((len(at), len(evidence.studies)))
    for s, study in enumerate(evidence.studies):
        for row in study.rows:
            i, j = sorted((int(first[row]), int(second[row])))
            share[at[names[i], names[j]], s] += weights[row]
    share /= share.sum(axis=1, keepdims=True)
    return np.asarray(found.shares @ share)
