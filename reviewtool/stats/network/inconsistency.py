"""Do direct and indirect evidence agree: designs, comparisons, node splitting.

Sources: Higgins 2012, Res Synth Methods 3:98 (design-by-treatment interaction); Krahn,
Binder & Koenig 2013, BMC Med Res Methodol 13:35 (decomposition); Koenig, Krahn & Binder
2013, Stat Med 32:5414 and Dias 2010, Stat Med 29:932 (direct and indirect evidence).
"""

from dataclasses import dataclass
from itertools import combinations
from math import nan, sqrt

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.distributions import normal_p
from reviewtool.stats.network.evidence import Evidence, reduced_weights
from reviewtool.stats.network.model import ChiSquare, Network, by_design, design_q, total_q
from reviewtool.stats.network.order import order_of_design
from reviewtool.stats.projection import Projection

WHOLE = 1.5e-8  # a share of direct evidence this close to 1 leaves nothing indirect


@dataclass(frozen=True, slots=True)
class DesignQ:
    """Heterogeneity within one design, or within one comparison."""

    name: str
    test: ChiSquare


@dataclass(frozen=True, slots=True)
class Interaction:
    """Inconsistency between designs, with random effects within designs."""

    test: ChiSquare
    tau_within: float


@dataclass(frozen=True, slots=True)
class Split:
    """One comparison by source of evidence, ``treat1`` versus ``treat2``.

    NaN where a source does not exist. share: of the direct evidence, 0..1.
    """

    treat1: str
    treat2: str
    studies: int
    share: float
    direct: float
    direct_se: float
    indirect: float
    indirect_se: float
    network: float
    network_se: float

    @property
    def difference(self) -> float:
        """Direct minus indirect."""
        return self.direct - self.indirect

    @property
    def difference_se(self) -> float:
        """Standard error of the difference."""
        return sqrt(self.direct_se**2 + self.indirect_se**2)

    @property
    def z(self) -> float:
        """Statistic of the difference."""
        return self.difference / self.difference_se

    @property
    def p(self) -> float:
        """Two-sided p of the difference."""
        return normal_p(self.z) if self.z == self.z else nan


def within_designs(net: Network) -> list[DesignQ]:
    """Q within each design, the reference first in its name; multi-arm designs last."""
    found = []
    for arms, rows in by_design(net.evidence).items():
        names = [net.treatments[i] for i in arms]
        if net.reference in names:
            names = [net.reference, *(n for n in names if n != net.reference)]
        found.append((names, design_q(net.evidence, rows, 0.0)))
    found.sort(key=lambda item: (len(item[0]) > 2, order_of_design(item[0])))
    return [DesignQ(":".join(names), test) for names, test in found]


def within_comparisons(net: Network) -> list[DesignQ]:
    """Q of each pairwise comparison from all its studies, multi-arm ones included.

    Uses the reduced weights, so the parts need not add up to a chi-square.
    """
    c, (first, second) = net.evidence.contrasts, _ordered(net.evidence)
    weights = reduced_weights(net.evidence)
    te = np.where(net.evidence.pairs[0] == first, c.te, -c.te)
    found = []
    for pair in sorted(set(zip(first.tolist(), second.tolist(), strict=True))):
        own = (first == pair[0]) & (second == pair[1])
        w, y = weights[own], te[own]
        q = float(np.sum(w * (y - np.average(y, weights=w)) ** 2))
        name = ":".join(net.treatments[i] for i in pair)
        found.append(DesignQ(name, ChiSquare.of(q, int(own.sum()) - 1)))
    return found


def design_by_treatment(net: Network) -> Interaction:
    """Q between designs when studies of one design differ by tau2 (method of moments)."""
    evidence = net.evidence
    designs = by_design(evidence)
    tau2 = _tau2_within(evidence, designs)
    within = [design_q(evidence, rows, tau2) for rows in designs.values()]
    q = total_q(evidence, tau2) - sum(part.q for part in within)
    df = evidence.df - sum(part.df for part in within)
    return Interaction(ChiSquare.of(q, df), sqrt(tau2))


def _tau2_within(evidence: Evidence, designs: dict[tuple[int, ...], np.ndarray]) -> float:
    excess, trace = 0.0, 0.0
    for rows in designs.values():
        x = evidence.x[rows]
        used = np.flatnonzero(np.any(x != 0, axis=0))[1:]
        if rows.size > used.size:
            fit = Projection.of(1 / evidence.v[rows], x[:, used])
            excess += fit.quadratic(evidence.y[rows]) - (rows.size - used.size)
            trace += fit.trace()
    return max(excess / trace, 0.0) if trace > 0 else 0.0


def split_nodes(net: Network, model: str = "random") -> list[Split]:
    """Direct, indirect and combined evidence on every comparison.

    Direct evidence pools the studies of the comparison at the network's tau2; indirect
    evidence is what remains of the network estimate (back-calculation). A comparison
    with the reference has the reference second.
    """
    effects = net.effects(model)
    tau2 = net.tau2 if model == "random" else 0.0
    c, (first, second) = net.evidence.contrasts, net.evidence.pairs
    precision = _direct_precision(net, tau2)
    te, se, splits = effects.te, effects.se, []
    for i, j in combinations(range(len(net.treatments)), 2):
        a, b = (j, i) if net.treatments[i] == net.reference else (i, j)
        forward, back = (first == a) & (second == b), (first == b) & (second == a)
        own = forward | back
        w = 1 / (c.se[own] ** 2 + tau2)
        y = np.where(forward[own], c.te[own], -c.te[own])
        known = bool(own.any())
        direct = float(np.sum(w * y) / w.sum()) if known else nan
        share = float(precision[i, j] * se[i, j] ** 2) if known else 0.0
        splits.append(
            _split(
                net,
                (a, b),
                int(own.sum()),
                share,
                direct,
                float(1 / np.sqrt(w.sum())) if known else nan,
                float(te[a, b]),
                float(se[a, b]),
            )
        )
    return splits


def _split(
    net: Network,
    pair: tuple[int, int],
    k: int,
    share: float,
    direct: float,
    direct_se: float,
    te: float,
    se: float,
) -> Split:
    if share < WHOLE:
        indirect, indirect_se = te, se
    elif share > 1 - WHOLE:
        indirect = indirect_se = nan
    else:
        indirect = (te - share * direct) / (1 - share)
        indirect_se = se / sqrt(1 - share)
    names = (net.treatments[pair[0]], net.treatments[pair[1]])
    return Split(*names, k, share, direct, direct_se, indirect, indirect_se, te, se)


def _direct_precision(net: Network, tau2: float) -> Matrix:
    """1 / variance of the direct estimate of each comparison, (n, n); 0 without studies."""
    n, (first, second) = len(net.treatments), net.evidence.pairs
    w: Vector = 1 / (net.evidence.contrasts.se**2 + tau2)
    precision = np.zeros((n, n))
    np.add.at(precision, (first, second), w)
    return precision + precision.T


def _ordered(evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    first, second = evidence.pairs
    return np.minimum(first, second), np.maximum(first, second)
