"""One number per study: a proportion, an incidence rate, a correlation, a mean."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Vector, as_vector
from reviewtool.stats.measures.base import (
    Columns,
    Compute,
    Data,
    Flags,
    Measure,
    Options,
    plain,
    to_correct,
)
from reviewtool.stats.measures.scales import (
    ARCSINE,
    DOUBLE_ARCSINE,
    FISHER_Z,
    FREEMAN_TUKEY,
    IDENTITY,
    LOG,
    LOGIT,
    ROOT,
    double_arcsine,
    freeman_tukey,
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


def double_arcsine_proportion(x: Vector, n: Vector) -> tuple[Vector, Vector]:
    """Freeman-Tukey double arcsine (Freeman & Tukey 1950, Ann Math Stat 21:607)."""
    return double_arcsine(x, n), 1 / (4 * n + 2)


def harmonic_mean(n: ArrayLike) -> float:
    """Harmonic mean of sample sizes or person-times, shape (k,)."""
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
    return freeman_tukey(x / t, t), 1 / (4 * t)


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


_proportion = partial(
    Measure, heading="Proportion", data=Data.COUNT, short="Proportion", digits=1, percent=True
)
_rate = partial(Measure, heading="Incidence rate", data=Data.RATE, short="Rate", digits=3)
_correlation = partial(
    Measure,
    heading="Correlation",
    data=Data.CORRELATION,
    directions=("negative", "positive"),
    short="r",
)
_mean = partial(Measure, heading="Mean", data=Data.MEAN, short="Mean")

MEASURES = (
    _proportion(
        "PLO",
        title="log odds",
        variant="logit",
        compute=_from_counts(logit_proportion),
        scale=LOGIT,
        usual=True,
    ),
    _proportion(
        "PR",
        title="proportion",
        compute=_from_counts(proportion),
        scale=IDENTITY.within(0, 1),
    ),
    _proportion(
        "PLN",
        title="log proportion",
        variant="log",
        compute=_from_counts(log_proportion),
        scale=LOG.within(0, 1),
    ),
    _proportion(
        "PAS",
        title="arcsine proportion",
        variant="arcsine",
        compute=_from_counts(arcsine_proportion),
        scale=ARCSINE,
        raw=True,
    ),
    _proportion(
        "PFT",
        title="double arcsine proportion",
        variant="double arcsine",
        compute=_from_counts(double_arcsine_proportion),
        scale=DOUBLE_ARCSINE,
        raw=True,
    ),
    _rate(
        "IRLN",
        title="log incidence rate",
        variant="log",
        compute=_from_rate(log_rate),
        scale=LOG,
        usual=True,
    ),
    _rate(
        "IR",
        title="incidence rate",
        compute=_from_rate(rate),
        scale=IDENTITY.within(0),
    ),
    _rate(
        "IRS",
        title="root incidence rate",
        variant="square root",
        compute=_from_rate(root_rate),
        scale=ROOT,
        raw=True,
    ),
    _rate(
        "IRFT",
        title="Freeman-Tukey rate",
        variant="Freeman-Tukey",
        compute=_from_rate(freeman_tukey_rate),
        scale=FREEMAN_TUKEY,
        raw=True,
    ),
    _correlation(
        "ZCOR",
        title="Fisher's z",
        variant="Fisher's z",
        compute=plain(fisher_z),
        scale=FISHER_Z,
        usual=True,
    ),
    _correlation(
        "COR",
        title="correlation",
        compute=plain(correlation),
        scale=IDENTITY.within(-1, 1),
    ),
    _mean("MN", title="mean", compute=plain(mean), usual=True, in_units=True),
    _mean(
        "MNLN",
        title="log mean",
        variant="log",
        compute=plain(log_mean),
        scale=LOG,
        above_zero=("mi",),
        in_units=True,
    ),
)
