"""Means and standard deviations of two independent arms; arm 1 versus arm 2."""

from collections.abc import Callable

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.measures.base import Columns, Measure, hedges_j, plain

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


_ARMS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
MEASURES = (
    Measure("MD", "mean difference", _ARMS, plain(mean_difference)),
    Measure("SMD", "standardised mean difference (Hedges' g)", _ARMS, plain(standardised)),
    Measure(
        "SMDH",
        "standardised mean difference, unequal SDs",
        _ARMS,
        plain(standardised_heteroscedastic),
    ),
    Measure(
        "SMD1",
        "Glass's delta",
        ("m1i", "n1i", "m2i", "sd2i", "n2i"),
        plain(standardised_by_control),
    ),
    Measure("ROM", "log ratio of means", _ARMS, plain(ratio_of_means), "exp"),
    Measure(
        "VR",
        "log variability ratio",
        ("sd1i", "n1i", "sd2i", "n2i"),
        plain(variability_ratio),
        "exp",
    ),
    Measure("CVR", "log coefficient of variation ratio", _ARMS, plain(variation_ratio), "exp"),
    Measure("D2OR", "log odds ratio from d", _ARMS, plain(_log_odds_from_d(LOGISTIC)), "exp"),
    Measure("D2ORL", "log odds ratio from d", _ARMS, plain(_log_odds_from_d(LOGISTIC)), "exp"),
    Measure("D2ORN", "log odds ratio from d", _ARMS, plain(_log_odds_from_d(COX)), "exp"),
)
