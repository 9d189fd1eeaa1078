"""One group measured twice; measurement 1 (post) minus measurement 2 (pre)."""

from functools import partial

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.measures.base import Columns, Data, Measure, hedges_j, plain
from reviewtool.stats.measures.scales import LOG_RATIO


def change_variance(c: Columns) -> Vector:
    """Variance of the change score, shape (k,)."""
    s1, s2 = c["sd1i"], c["sd2i"]
    return s1**2 + s2**2 - 2 * c["ri"] * s1 * s2


def mean_change(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Mean change."""
    return c["m1i"] - c["m2i"], change_variance(c) / c["ni"]


def standardised_by_change(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Change over its own SD (Gibbons 1993, J Educ Stat 18:271)."""
    y = hedges_j(c["ni"] - 1) * (c["m1i"] - c["m2i"]) / np.sqrt(change_variance(c))
    return y, 1 / c["ni"] + y**2 / (2 * c["ni"])


def standardised_by_raw(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Change over the SD in ``sd1i``, before (Becker 1988, Br J Math Stat Psychol 41:257)."""
    y = hedges_j(c["ni"] - 1) * (c["m1i"] - c["m2i"]) / c["sd1i"]
    return y, 2 * (1 - c["ri"]) / c["ni"] + y**2 / (2 * c["ni"])


def standardised_by_raw_heteroscedastic(c: Columns, _: str) -> tuple[Vector, Vector]:
    """As above, allowing unlike variances (Bonett 2008, Psychol Methods 13:99)."""
    f = c["ni"] - 1
    j = hedges_j(f)
    y = j * (c["m1i"] - c["m2i"]) / c["sd1i"]
    return y, j**2 * (change_variance(c) / (c["sd1i"] ** 2 * f) + y**2 / (2 * f))


def ratio_of_means_change(c: Columns, _: str) -> tuple[Vector, Vector]:
    """Log ratio of the two means (Lajeunesse 2011, Ecology 92:2049)."""
    m1, m2, s1, s2 = c["m1i"], c["m2i"], c["sd1i"], c["sd2i"]
    v = s1**2 / m1**2 + s2**2 / m2**2 - 2 * c["ri"] * s1 * s2 / (m1 * m2)
    return np.log(m1 / m2), v / c["ni"]


_changes = partial(Measure, data=Data.CHANGES, directions=("decrease", "increase"))
_standardised = partial(_changes, heading="Standardised mean change")

MEASURES = (
    _changes(
        "MC", "Mean change", "mean change", compute=plain(mean_change), usual=True, in_units=True
    ),
    _standardised(
        "SMCC",
        title="standardised mean change, change SD",
        variant="SD of the change",
        compute=plain(standardised_by_change),
    ),
    _standardised(
        "SMCR",
        title="standardised mean change, raw SD",
        variant="raw SD",
        before=("sd",),  # treatment has not touched it yet
        compute=plain(standardised_by_raw),
        unused=("sd2i",),
    ),
    _standardised(
        "SMCRH",
        title="standardised mean change, raw SD, unequal variances",
        variant="raw SD, unequal variances",
        before=("sd",),
        compute=plain(standardised_by_raw_heteroscedastic),
    ),
    _changes(
        "ROMC",
        "Ratio of means, after to before",
        "log ratio of means, paired",
        compute=plain(ratio_of_means_change),
        scale=LOG_RATIO,
        above_zero=("m1i", "m2i"),
    ),
)
