"""Which treatment is best: P-scores, SUCRA, rank probabilities.

Sources: Ruecker & Schwarzer 2015, BMC Med Res Methodol 15:58; Salanti, Ades &
Ioannidis 2011, J Clin Epidemiol 64:163.
"""

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.distributions import normal_cdf
from reviewtool.stats.errors import UnknownChoice
from reviewtool.stats.network.model import Effects, Network

DRAWS = 200_000
SEED = 20110201
DIRECTIONS = {"desirable": -1.0, "undesirable": 1.0}


def p_scores(net: Network, model: str = "random", small_values: str = "undesirable") -> Vector:
    """Mean certainty that a treatment beats another one, shape (n,), 0..1.

    small_values: "desirable" when a small effect is good (as with harms). For jointly
    normal effects this equals SUCRA.
    """
    sign = _direction(small_values)
    n = len(net.treatments)
    z = sign * net.effects(model).z
    better = np.array([[normal_cdf(value) if value == value else 0.0 for value in r] for r in z])
    return np.asarray(better.sum(axis=1) / (n - 1))


def rank_probabilities(
    net: Network,
    model: str = "random",
    small_values: str = "undesirable",
    draws: int = DRAWS,
    seed: int = SEED,
) -> Matrix:
    """Probability of each rank, shape (n, n): row treatment, column 0 = best.

    From joint normal draws (with their mirror images); the error of a probability is
    below 0.002 with the default number of draws.
    """
    sign = _direction(small_values)
    effects = net.effects(model)
    values, vectors = np.linalg.eigh(effects.covariance)
    factor = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = np.random.default_rng(seed).standard_normal((draws // 2, values.size))
    spread = normal @ factor.T
    both = np.concatenate([effects.theta + spread, effects.theta - spread])
    ranks = np.argsort(np.argsort(-sign * both, axis=1), axis=1)
    n = values.size
    counts = np.array([np.bincount(ranks[:, i], minlength=n) for i in range(n)])
    return np.asarray(counts / both.shape[0])


def sucra(ranks: Matrix) -> Vector:
    """Surface under the cumulative ranking curve of each row of rank probabilities."""
    n = ranks.shape[1]
    return np.asarray((n - ranks @ np.arange(1, n + 1)) / (n - 1))


def independent_rank_probabilities(
    net: Network, model: str = "random", small_values: str = "undesirable", points: int = 4001
) -> Matrix:
    """Ranks as if the treatment effects were independent, shape (n, n), column 0 = best.

    Variances per treatment are the least-squares split of the variances of all
    comparisons; shown beside ``rank_probabilities`` because netmeta prints this.
    Computed by integration over the density of each effect.
    """
    sign = _direction(small_values)
    effects = net.effects(model)
    mean, sd = sign * effects.theta, np.sqrt(np.maximum(_split_variances(effects), 0.0))
    result = np.zeros((mean.size, mean.size))
    grid = np.linspace(-8.0, 8.0, points)
    bell = np.exp(-(grid**2) / 2)
    density = bell / bell.sum()
    for i in range(mean.size):
        at = mean[i] + sd[i] * grid
        beaten_by = np.zeros((mean.size, points))
        beaten_by[0] = 1.0
        for j in range(mean.size):
            if j != i:
                above = _above(at, mean[j], sd[j])
                beaten_by[1:] = beaten_by[1:] * (1 - above) + beaten_by[:-1] * above
                beaten_by[0] *= 1 - above
        result[i] = beaten_by @ density
    return result


def _above(at: Vector, mean: float, sd: float) -> Vector:
    from scipy.special import ndtr

    if sd == 0:
        return (mean > at).astype(float)
    chance: Vector = ndtr((mean - at) / sd)
    return chance


def _split_variances(effects: Effects) -> Vector:
    n = effects.theta.size
    first, second = np.triu_indices(n, 1)
    pairs = np.zeros((first.size, n))
    pairs[np.arange(first.size), first] = pairs[np.arange(first.size), second] = 1.0
    return np.asarray(np.linalg.lstsq(pairs, effects.se[first, second] ** 2, rcond=None)[0])


def _direction(small_values: str) -> float:
    if small_values not in DIRECTIONS:
        raise UnknownChoice(what="small_values", given=small_values, choices=", ".join(DIRECTIONS))
    return DIRECTIONS[small_values]
