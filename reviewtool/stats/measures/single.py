"""One number per study: a proportion, an incidence rate, a correlation, a mean."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Vector, as_vector
from reviewtool.stats.measures.base import (
    Columns,
    Compute,
    Flags,
    Measure,
    Options,
    plain,
    to_correct,
)


def _from_counts(formula: Callable[[Vector, Vector], tuple[Vector, Vector]]) -> Compute:
    """Events x of n, after the zero-cell policy (x = 0 or x = n)."""

    def compute(columns: Columns, options: Options) -> tuple[Vector, Vector, Flags]:
        x = columns["xi"]
        n = columns["ni"] if "ni" in columns else x + columns["mi"]
        touched = to_correct((x == 0) | (x == n), options.to) & (options.add > 0)
        y, v = formula(
            np.where(touched, x + options.add, x),
            np.where(touched, n + 2 * options.add, n),
        )
        return y, v, touched

    return compute


def proportion(x: Vector, n: Vector) -> tuple[Vector, Vector]:
    """Raw proportion."""
    p = x / n
    return p, p * (1 - p) / n


def log_proportion(x: Vector, n: Vector) -> tuple[Vector, Vector]:
    """Log proportion."""
    return np.log(x / n), 1 / x - 1 / n


def logit_proportion(x: Vector, n: Vector) -> tuple[Vector, Vector]:
    """Log odds."""
    return np.log(x / (n - x)), 1 / x + 1 / (n - x)


def arcsine_proportion(x: Vector, n: Vector) -> tuple[Vector, Vector]:
    """Arcsine square root."""
    return np.arcsin(np.sqrt(x / n)), 1 / (4 * n)


def double_arcsine(x: Vector, n: Vector) -> tuple[Vector, Vector]:
    """Freeman-Tukey double arcsine (Freeman & Tukey 1950, Ann Math Stat 21:607)."""
    y = 0.5 * (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1))))
    return y, 1 / (4 * n + 2)


def double_arcsine_back(t: float, n: float) -> float:
    """Proportion whose double arcsine is t at sample size n, kept within 0..1.

    For a pooled t use the harmonic mean of the sample sizes.
    Source: Miller 1978, Am Stat 32:138.

    >>> round(double_arcsine_back(0.7588750084521971, 48.95040673504636), 6)
    0.472953
    """
    low, high = (float(double_arcsine(np.array(x), np.array(n))[0]) for x in (0.0, n))
    if t <= low:
        return 0.0
    if t >= high:
        return 1.0
    s = np.sin(2 * t)
    inner = 1 - (s + (s - 1 / s) / n) ** 2
    return float(0.5 * (1 - np.sign(np.cos(2 * t)) * np.sqrt(max(inner, 0.0))))


def harmonic_mean(n: ArrayLike) -> float:
    """Harmonic mean of sample sizes, shape (k,)."""
    sizes = as_vector(n, "n")
    return float(sizes.size / np.sum(1 / sizes))


def clopper_pearson(x: ArrayLike, n: ArrayLike, level: float = 95.0) -> tuple[Vector, Vector]:
    """Exact interval of each proportion, shape (k,) each.

    Source: Clopper & Pearson 1934, Biometrika 26:404.
    """
    from scipy.special import betaincinv

    events, sizes = as_vector(x, "x"), as_vector(n, "n")
    tail = 0.5 - level / 200
    with np.errstate(all="ignore"):
        low = betaincinv(events, sizes - events + 1, tail)
        high = betaincinv(events + 1, sizes - events, 1 - tail)
    return np.where(events == 0, 0.0, low), np.where(events == sizes, 1.0, high)


def _from_rate(formula: Callable[[Vector, Vector], tuple[Vector, Vector]]) -> Compute:
    """Events x in person-time t, after the zero-cell policy (x = 0)."""

    def compute(columns: Columns, options: Options) -> tuple[Vector, Vector, Flags]:
        x = columns["xi"]
        touched = to_correct(x == 0, options.to) & (options.add > 0)
        y, v = formula(np.where(touched, x + options.add, x), columns["ti"])
        return y, v, touched

    return compute


def rate(x: Vector, t: Vector) -> tuple[Vector, Vector]:
    """Incidence rate."""
    return x / t, x / t**2


def log_rate(x: Vector, t: Vector) -> tuple[Vector, Vector]:
    """Log incidence rate."""
    return np.log(x / t), 1 / x


def root_rate(x: Vector, t: Vector) -> tuple[Vector, Vector]:
    """Square-root incidence rate."""
    return np.sqrt(x / t), 1 / (4 * t)


def freeman_tukey_rate(x: Vector, t: Vector) -> tuple[Vector, Vector]:
    """Freeman-Tukey transformed rate (Freeman & Tukey 1950, Ann Math Stat 21:607)."""
    return 0.5 * (np.sqrt(x / t) + np.sqrt(x / t + 1 / t)), 1 / (4 * t)


def correlation(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Raw correlation."""
    return c["ri"], (1 - c["ri"] ** 2) ** 2 / (c["ni"] - 1)


def fisher_z(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Fisher's z (Fisher 1921, Metron 1:3)."""
    return np.arctanh(c["ri"]), np.where(c["ni"] > 3, 1 / (c["ni"] - 3), np.nan)


def mean(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Mean of one group."""
    return c["mi"], c["sdi"] ** 2 / c["ni"]


def log_mean(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Log mean of one group."""
    return np.log(c["mi"]), c["sdi"] ** 2 / (c["ni"] * c["mi"] ** 2)


_COUNTS = ("xi", "ni|mi")
_RATE = ("xi", "ti")
MEASURES = (
    Measure("PR", "proportion", _COUNTS, _from_counts(proportion)),
    Measure("PLN", "log proportion", _COUNTS, _from_counts(log_proportion), "exp"),
    Measure("PLO", "log odds", _COUNTS, _from_counts(logit_proportion), "ilogit"),
    Measure(
        "PAS", "arcsine proportion", _COUNTS, _from_counts(arcsine_proportion), "iarcsin", raw=True
    ),
    Measure("PFT", "double arcsine proportion", _COUNTS, _from_counts(double_arcsine), raw=True),
    Measure("IR", "incidence rate", _RATE, _from_rate(rate)),
    Measure("IRLN", "log incidence rate", _RATE, _from_rate(log_rate), "exp"),
    Measure("IRS", "root incidence rate", _RATE, _from_rate(root_rate), raw=True),
    Measure("IRFT", "Freeman-Tukey rate", _RATE, _from_rate(freeman_tukey_rate), raw=True),
    Measure("COR", "correlation", ("ri", "ni"), plain(correlation)),
    Measure("ZCOR", "Fisher's z", ("ri", "ni"), plain(fisher_z), "ztor"),
    Measure("MN", "mean", ("mi", "sdi", "ni"), plain(mean)),
    Measure("MNLN", "log mean", ("mi", "sdi", "ni"), plain(log_mean), "exp"),
)
