"""Means, mean differences, standard deviations.

Source: Cochrane Handbook for Systematic Reviews of Interventions, version 6, ch. 6.5
and 10.5, unless a function says otherwise.
"""

from collections.abc import Sequence
from math import exp, lgamma, log, sqrt
from typing import NamedTuple

from reviewtool.stats.conversions.checks import (
    finite,
    from_two_sided_p,
    interval,
    not_negative,
    positive,
    require,
    size,
    two_sided,
)

SMALL_SAMPLE = 60  # below this many people an interval of a mean is read as a t interval
IQR_IN_SDS = 1.35  # width of the middle half of a normal distribution, as printed


class Spread(NamedTuple):
    """Standard error and standard deviation, in the units of the mean."""

    se: float
    sd: float


class DifferenceSpread(NamedTuple):
    """Of a mean difference: its test statistic if used, SE, and one SD for both arms."""

    t: float | None
    se: float
    sd_common: float


class Group(NamedTuple):
    """One group of people: size, mean, SD."""

    n: float
    mean: float
    sd: float


class Standardised(NamedTuple):
    """Cohen's d and Hedges' g with the exact and the approximate correction J."""

    sd_pooled: float
    d: float
    j_exact: float
    j_approx: float
    g_exact: float
    g_approx: float


def sd_from_se(se: float, n: float) -> float:
    """SD = SE sqrt(n).

    >>> sd_from_se(1.2, 25)
    6.0
    """
    not_negative(se=se)
    size(n=n)
    return se * sqrt(n)


def sd_from_ci_mean(
    lower: float, upper: float, n: float, level: float = 0.95, dist: str | None = None
) -> Spread:
    """SE and SD from the confidence interval of one mean.

    dist: "z", "t" (n - 1 df), or None: t below 60 people, else z.
    """
    interval(lower, upper)
    size(n=n)
    chosen = dist or ("t" if n < SMALL_SAMPLE else "z")
    require(chosen in ("z", "t"), f"Distribution {dist!r} is not known.", "Choose z or t.")
    se = (upper - lower) / (2 * two_sided(level, n - 1 if chosen == "t" else None))
    return Spread(se, se * sqrt(n))


def md_se_from_ci(
    lower: float, upper: float, n1: float, n2: float, level: float = 0.95, df: float | None = None
) -> DifferenceSpread:
    """SE of a mean difference from its confidence interval; normal when df is None."""
    interval(lower, upper)
    return _difference((upper - lower) / (2 * two_sided(level, df)), n1, n2)


def md_se_from_p(
    md: float, p: float, n1: float, n2: float, df: float | None = None
) -> DifferenceSpread:
    """SE of a mean difference from its two-sided p; normal when df is None."""
    t = from_two_sided_p(p, df)
    return _difference(_not_zero(md) / t, n1, n2)._replace(t=t)


def md_se_from_t(md: float, t: float, n1: float, n2: float) -> DifferenceSpread:
    """SE of a mean difference from its t statistic."""
    return _difference(abs(_not_zero(md) / _not_zero(t, "t")), n1, n2)


def md_se_from_f(md: float, f: float, n1: float, n2: float) -> DifferenceSpread:
    """SE of a mean difference from F on (1, df) degrees of freedom."""
    positive(F=f)
    return _difference(_not_zero(md) / sqrt(f), n1, n2)


def sd_from_iqr_simple(q1: float, q3: float) -> float:
    """(Q3 - Q1) / 1.35: large samples from a symmetric distribution only."""
    finite(q1=q1, q3=q3)
    require(q1 <= q3, "The first quartile is above the third.", "Exchange them.")
    return (q3 - q1) / IQR_IN_SDS


def combine_groups(n: Sequence[float], mean: Sequence[float], sd: Sequence[float]) -> Group:
    """Several groups as one: the mean and SD of all people together.

    >>> combine_groups([10, 10], [1.0, 3.0], [1.0, 1.0]).mean
    2.0
    """
    require(
        len(n) == len(mean) == len(sd) > 0,
        "n, mean and sd differ in length or are empty.",
        "Give one of each per group.",
    )
    total = Group(n[0], mean[0], sd[0])
    for each in (Group(*values) for values in zip(n, mean, sd, strict=True)):
        size(n=each.n)
        finite(mean=each.mean)
        not_negative(sd=each.sd)
    for values in zip(n[1:], mean[1:], sd[1:], strict=True):
        total = _two_groups(total, Group(*values))
    return total


def _two_groups(a: Group, b: Group) -> Group:
    n = a.n + b.n
    between = a.n * b.n / n * (a.mean - b.mean) ** 2
    squares = (a.n - 1) * a.sd**2 + (b.n - 1) * b.sd**2 + between
    return Group(n, (a.n * a.mean + b.n * b.mean) / n, sqrt(squares / (n - 1)))


def smd(n1: float, mean1: float, sd1: float, n2: float, mean2: float, sd2: float) -> Standardised:
    """Standardised mean difference of two groups.

    Source: Hedges 1981, J Educ Stat 6:107.
    """
    size(n1=n1, n2=n2)
    finite(mean1=mean1, mean2=mean2)
    not_negative(sd1=sd1, sd2=sd2)
    df = n1 + n2 - 2
    pooled = sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / df)
    require(pooled > 0, "Both standard deviations are zero.")
    d = (mean1 - mean2) / pooled
    exact, approximate = hedges_correction(df), 1 - 3 / (4 * df - 1)
    return Standardised(pooled, d, exact, approximate, exact * d, approximate * d)


def hedges_correction(df: float) -> float:
    """Exact J(df) = Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)), df > 1."""
    return exp(lgamma(df / 2) - lgamma((df - 1) / 2) - 0.5 * log(df / 2))


def d_from_t(t: float, n1: float, n2: float) -> float:
    """Cohen's d from an unpaired t: t sqrt(1/n1 + 1/n2)."""
    finite(t=t)
    size(n1=n1, n2=n2)
    return t * sqrt(1 / n1 + 1 / n2)


def _difference(se: float, n1: float, n2: float) -> DifferenceSpread:
    size(n1=n1, n2=n2)
    return DifferenceSpread(None, se, se / sqrt(1 / n1 + 1 / n2))


def _not_zero(value: float, name: str = "The mean difference") -> float:
    finite(**{name: value})
    require(value != 0, f"{name} is zero, which gives no standard error.", "Use another value.")
    return abs(value)
