"""Means and standard deviations of two independent arms; arm 1 versus arm 2."""

from collections.abc import Callable
from functools import partial

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.measures.base import Columns, Data, Measure, hedges_j, plain
from reviewtool.stats.measures.scales import LOG_RATIO

LOGISTIC = np.pi / np.sqrt(3)
COX = 1.65


def pooled_variance(c: Columns) -> Vector:
    """Within-arm variance with n1 + n2 - 2 degrees of freedom."""
    n1, n2 = c["n1i"], c["n2i"]
    return ((n1 - 1) * c["sd1i"] ** 2 + (n2 - 1) * c["sd2i"] ** 2) / (n1 + n2 - 2)


def mean_difference(c: Columns, vtype: str) -> tuple[Vector, Vector]:
    """Difference of means; HO pools the SDs, otherwise each arm keeps its own."""
    y = c["m1i"] - c["m2i"]
    if vtype == "HO":
        return y, pooled_variance(c) * (1 / c["n1i"] + 1 / c["n2i"])
    return y, c["sd1i"] ** 2 / c["n1i"] + c["sd2i"] ** 2 / c["n2i"]


def standardised(c: Columns, vtype: str) -> tuple[Vector, Vector]:
    """Hedges' g with the exact correction; LS or UB variance.

    Source: Hedges 1981, J Educ Stat 6:107; UB: Hedges 1983, Psychol Bull 93:388.
    """
    n1, n2 = c["n1i"], c["n2i"]
    m = n1 + n2 - 2
    j = hedges_j(m)
    y = j * (c["m1i"] - c["m2i"]) / np.sqrt(pooled_variance(c))
    if vtype == "UB":
        return y, 1 / n1 + 1 / n2 + (1 - (m - 2) / (m * j**2)) * y**2
    return y, 1 / n1 + 1 / n2 + y**2 / (2 * (n1 + n2))


def standardised_heteroscedastic(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Difference over the root mean of both variances (Bonett 2009, Psychol Methods 14:225)."""
    s1, s2, f1, f2 = c["sd1i"] ** 2, c["sd2i"] ** 2, c["n1i"] - 1, c["n2i"] - 1
    mean = (s1 + s2) / 2
    j = hedges_j(f1 + f2)
    y = j * (c["m1i"] - c["m2i"]) / np.sqrt(mean)
    v = y**2 * (s1**2 / f1 + s2**2 / f2) / (8 * mean**2) + (s1 / f1 + s2 / f2) / mean
    return y, j**2 * v


def standardised_by_control(c: Columns, vtype: str) -> tuple[Vector, Vector]:
    """Glass's delta: the SD of arm 2 (Glass 1976, Educ Res 5:3)."""
    y = hedges_j(c["n2i"] - 1) * (c["m1i"] - c["m2i"]) / c["sd2i"]
    return y, 1 / c["n1i"] + 1 / c["n2i"] + y**2 / (2 * c["n2i"])


def ratio_of_means(c: Columns, vtype: str) -> tuple[Vector, Vector]:
    """Log ratio of means (Hedges 1999, Ecology 80:1150); HO pools the SDs."""
    first, second = c["sd1i"] ** 2, c["sd2i"] ** 2
    if vtype == "HO":
        first = second = pooled_variance(c)
    v = first / (c["n1i"] * c["m1i"] ** 2) + second / (c["n2i"] * c["m2i"] ** 2)
    return np.log(c["m1i"] / c["m2i"]), v


def variability_ratio(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Log ratio of SDs (Nakagawa 2015, Methods Ecol Evol 6:143)."""
    half1, half2 = 1 / (2 * (c["n1i"] - 1)), 1 / (2 * (c["n2i"] - 1))
    return np.log(c["sd1i"] / c["sd2i"]) + half1 - half2, half1 + half2


def variation_ratio(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Log ratio of coefficients of variation (Nakagawa 2015, Methods Ecol Evol 6:143)."""
    half1, half2 = 1 / (2 * (c["n1i"] - 1)), 1 / (2 * (c["n2i"] - 1))
    y = np.log((c["sd1i"] / c["m1i"]) / (c["sd2i"] / c["m2i"])) + half1 - half2
    spread1 = c["sd1i"] ** 2 / (c["n1i"] * c["m1i"] ** 2)
    spread2 = c["sd2i"] ** 2 / (c["n2i"] * c["m2i"] ** 2)
    return y, half1 + spread1 + half2 + spread2


def _log_odds_from_d(factor: float) -> Callable[[Columns, str], tuple[Vector, Vector]]:
    """Uncorrected d as a log odds ratio (Hasselblad & Hedges 1995, Psychol Bull 117:167)."""

    def formula(c: Columns, _: str) -> tuple[Vector, Vector]:
        n1, n2 = c["n1i"], c["n2i"]
        d = (c["m1i"] - c["m2i"]) / np.sqrt(pooled_variance(c))
        return factor * d, factor**2 * (1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)))

    return formula


MEAN, ODDS = ("lower mean", "higher mean"), ("lower odds", "higher odds")
MEANS, SPREADS = ("m1i", "m2i"), ("sd1i", "sd2i")

_means = partial(Measure, data=Data.MEANS, directions=MEAN)
_ratio = partial(_means, scale=LOG_RATIO)
_spread = partial(_ratio, directions=("less variable", "more variable"))
_odds = partial(_ratio, directions=ODDS, short="OR")

MEASURES = (
    _means(
        "MD",
        "Mean difference",
        "mean difference",
        compute=plain(mean_difference),
        reported=True,
        in_units=True,
        usual=True,
    ),
    _means(
        "SMD",
        "Standardised mean difference",
        "standardised mean difference (Hedges' g)",
        compute=plain(standardised),
        reported=True,
    ),
    _means(
        "SMDH",
        "Standardised mean difference",
        "standardised mean difference, unequal SDs",
        variant="unequal SDs",
        compute=plain(standardised_heteroscedastic),
        reported=True,
        short="SMD",
    ),
    _means(
        "SMD1",
        "Standardised mean difference",
        "Glass's delta",
        variant="Glass's delta",
        compute=plain(standardised_by_control),
        reported=True,
        unused=("sd1i",),
        short="SMD",
    ),
    _ratio(
        "ROM",
        "Ratio of means",
        "log ratio of means",
        compute=plain(ratio_of_means),
        above_zero=MEANS,
        reported=True,
    ),
    _spread(
        "VR",
        "Variability ratio",
        "log variability ratio",
        compute=plain(variability_ratio),
        unused=MEANS,
        above_zero=SPREADS,
    ),
    _spread(
        "CVR",
        "Coefficient of variation ratio",
        "log coefficient of variation ratio",
        compute=plain(variation_ratio),
        above_zero=(*MEANS, *SPREADS),
    ),
    _odds(
        "D2ORL",
        "Odds ratio from means",
        "log odds ratio from d",
        variant="logistic",
        compute=plain(_log_odds_from_d(LOGISTIC)),
        aliases=("D2OR",),
    ),
    _odds(
        "D2ORN",
        "Odds ratio from means",
        "log odds ratio from d, normal",
        variant="normal",
        compute=plain(_log_odds_from_d(COX)),
    ),
)
