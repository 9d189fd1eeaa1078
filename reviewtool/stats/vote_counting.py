"""Synthesis without pooled effects: vote counting by direction, and p values combined.

Statistical significance plays no part in a vote: only the direction of an effect does.
Source: McKenzie & Brennan, Cochrane Handbook 6.5, sections 12.2.1.2 and 12.2.1.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, log

from reviewtool.stats.distributions import chi2_p
from reviewtool.stats.errors import BadInput


@dataclass(frozen=True, slots=True)
class Sign:
    """``favour`` of ``total`` studies with a direction; share and limits from 0 to 1.

    p: two-sided exact probability that directions so unequal come by chance.
    """

    favour: int
    total: int
    share: float
    ci_low: float
    ci_high: float
    p: float


def sign_test(favour: int, against: int, level: float = 95.0) -> Sign:
    """The exact binomial test that both directions are equally likely, with its interval.

    favour, against: studies with either direction, one of them at least. level: per cent.
    Raises BadInput. Source of the interval: Clopper & Pearson 1934, Biometrika 26:404.

    >>> found = sign_test(7, 1)
    >>> round(found.p, 4), round(found.ci_low, 3), round(found.ci_high, 3)
    (0.0703, 0.473, 0.997)
    """
    total = favour + against
    if favour < 0 or against < 0 or total == 0:
        raise BadInput("The sign test needs at least one study with a direction.")
    from scipy.special import betaincinv

    tail = sum(comb(total, n) for n in range(max(favour, against), total + 1)) / 2**total
    half = (1 - level / 100) / 2
    low = float(betaincinv(favour, against + 1, half)) if favour else 0.0
    high = float(betaincinv(favour + 1, against, 1 - half)) if against else 1.0
    return Sign(favour, total, favour / total, low, high, min(1.0, 2 * tail))


@dataclass(frozen=True, slots=True)
class Combined:
    """Fisher's statistic, chi-square on ``df`` = twice the number of p values."""

    k: int
    statistic: float
    df: int
    p: float


def fisher(p_values: Sequence[float]) -> Combined:
    """One-sided p values combined: whether any study shows an effect in their direction.

    Raises BadInput for none, and for values outside 0 to 1 (0 excluded). Source: Fisher 1932,
    Statistical Methods for Research Workers, section 21.1.

    >>> found = fisher([0.145, 0.263, 0.087])
    >>> round(found.statistic, 2), found.df, round(found.p, 3)
    (11.42, 6, 0.076)
    """
    if not p_values or any(not 0 < p <= 1 for p in p_values):
        raise BadInput("Fisher's method needs p values above 0 and up to 1.")
    statistic = -2 * sum(log(p) for p in p_values)
    return Combined(
        len(p_values), statistic, 2 * len(p_values), chi2_p(statistic, 2 * len(p_values))
    )


def one_sided(p: float, *, along: bool, bound: str = "") -> float:
    """The one-sided p of a two-sided one, never smaller than it can be.

    along: whether the effect goes the way that is tested. bound: "<" where the report says
    at most ``p``, ">" where it says at least; what is not known counts against an effect.

    >>> one_sided(0.04, along=True), one_sided(0.04, along=False)
    (0.02, 0.98)
    >>> one_sided(0.05, along=True, bound="<"), one_sided(0.05, along=True, bound=">")
    (0.025, 0.5)
    >>> one_sided(0.05, along=False, bound="<"), one_sided(0.05, along=False, bound=">")
    (1.0, 0.975)
    """
    if along:
        return 0.5 if bound == ">" else p / 2
    return 1.0 if bound == "<" else 1 - p / 2
