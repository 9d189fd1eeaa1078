"""Rank correlation between effects and their precision."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Labels, Vector, check_effects
from reviewtool.stats.distributions import normal_p


@dataclass(frozen=True, slots=True)
class RankTest:
    """Kendall's tau-b with its p; ``exact`` says whether p is from the permutations."""

    tau: float
    p: float
    exact: bool
    k: int

    @property
    def sentence(self) -> str:
        """What was tested, for a methods section."""
        return (
            f"Funnel plot asymmetry was tested in {self.k} studies with Begg and Mazumdar's "
            f"rank correlation test ({'exact' if self.exact else 'asymptotic'} p-value)."
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """Fewer than ten studies, or no ranks to compare."""
        found = []
        if self.k < 10:
            found.append(f"Only {self.k} studies: a test of asymmetry has little power below ten.")
        if self.tau != self.tau:
            found.append("All effects or all variances are equal: their ranks cannot be compared.")
        return tuple(found)


def ranktest(y: ArrayLike, v: ArrayLike, *, labels: Labels | None = None) -> RankTest:
    """Begg and Mazumdar's test: exact p without ties, else the tie-corrected normal one.

    y, v: shape (k,), k >= 3. Source: Begg & Mazumdar 1994, Biometrics 50:1088.

    >>> ranktest([0.1, 0.3, 0.5, 0.9], [0.01, 0.02, 0.05, 0.1]).tau
    1.0
    """
    effects, variances = check_effects(y, v, labels, needed=3)
    star = standardised(effects, variances)
    score, n1, n2 = kendall(star, variances)
    k = effects.size
    pairs = k * (k - 1) / 2
    tau = score / sqrt(n1 * n2) if n1 and n2 else nan
    if n1 == n2 == pairs:
        return RankTest(tau, exact_kendall_p(round(score), k), True, k)
    se = score_se(star, variances)
    return RankTest(tau, normal_p(score / se) if se > 0 else nan, False, k)


def standardised(y: Vector, v: Vector) -> Vector:
    """(y - mu) / sqrt(v - var(mu)) with the common-effect mean, shape (k,)."""
    w = 1 / v
    mean = float(w @ y) / float(w.sum())
    star: Vector = (y - mean) / np.sqrt(v - 1 / w.sum())
    return star


def kendall(a: Vector, b: Vector) -> tuple[float, float, float]:
    """(score S, pairs untied in a, pairs untied in b)."""
    upper = np.triu_indices(a.size, 1)
    da = np.sign(a[:, None] - a[None, :])[upper]
    db = np.sign(b[:, None] - b[None, :])[upper]
    return float(da @ db), float(np.count_nonzero(da)), float(np.count_nonzero(db))


def score_se(a: Vector, b: Vector) -> float:
    """SE of S under the null, corrected for ties (Kendall 1970, Rank Correlation Methods)."""
    n = a.size
    first, second = (np.unique(x, return_counts=True)[1].astype(float) for x in (a, b))
    main = float(n * (n - 1) * (2 * n + 5))
    for t in (first, second):
        main -= float(np.sum(t * (t - 1) * (2 * t + 5)))
    three = [float(np.sum(t * (t - 1) * (t - 2))) for t in (first, second)]
    two = [float(np.sum(t * (t - 1))) for t in (first, second)]
    extra = three[0] * three[1] / (9 * n * (n - 1) * (n - 2)) if n > 2 else 0.0
    return sqrt(main / 18 + extra + two[0] * two[1] / (2 * n * (n - 1)))


def exact_kendall_p(score: int, n: int) -> float:
    """Two-sided permutation p of Kendall's score S without ties.

    The number of discordant pairs has the distribution of inversions in a random
    permutation, built up one item at a time.
    """
    pairs = n * (n - 1) // 2
    tail = (pairs - abs(score)) // 2  # inversions in the nearer tail
    chance = np.ones(1)
    for m in range(2, n + 1):
        size = min(chance.size + m - 1, tail + 1)
        padded = np.zeros(size)
        padded[: min(chance.size, size)] = chance[:size]
        total = np.cumsum(padded)
        total[m:] -= total[:-m].copy()
        chance = total / m
    return min(1.0, 2 * float(chance[: tail + 1].sum()))
