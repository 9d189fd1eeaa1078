"""Change from baseline, cluster trials, crossover trials.

Source: Cochrane Handbook for Systematic Reviews of Interventions, version 6,
ch. 6.5.2.8 and 23; Eldridge 2006, Int J Epidemiol 35:1292 for unequal clusters;
Elbourne 2002, Int J Epidemiol 31:140 for crossover trials.
"""

from math import sqrt
from typing import NamedTuple

from reviewtool.stats.conversions.checks import (
    correlation,
    finite,
    from_two_sided_p,
    not_negative,
    positive,
    require,
    size,
)
from reviewtool.words import num, plain


class ClusterAdjusted(NamedTuple):
    """Design effect with what was asked to be divided or inflated; None if not given."""

    design_effect: float
    n_eff: float | None
    events_eff: float | None
    se_adj: float | None


class Crossover(NamedTuple):
    """Paired difference of a crossover trial, raw and standardised."""

    md: float
    sd_diff: float
    se_md: float
    smd: float
    se_smd: float


class PairedSpread(NamedTuple):
    """Paired t with the SE and SD of the differences."""

    t: float
    se_md: float
    sd_diff: float


def sd_change(sd_baseline: float, sd_final: float, r: float) -> float:
    """SD of the change from both SDs and their correlation.

    >>> sd_change(3.0, 4.0, 0.0)
    5.0
    """
    not_negative(sd_baseline=sd_baseline, sd_final=sd_final)
    correlation(r)
    variance = sd_baseline**2 + sd_final**2 - 2 * r * sd_baseline * sd_final
    return sqrt(max(variance, 0.0))


def corr_from_sds(sd_baseline: float, sd_final: float, sd_change: float) -> float:
    """Correlation of baseline and final values implied by three SDs."""
    return _implied(sd_baseline, sd_final, sd_change)


def crossover_corr(sd_e: float, sd_c: float, sd_diff: float) -> float:
    """Correlation of the two periods implied by three SDs."""
    return _implied(sd_e, sd_c, sd_diff)


def _implied(first: float, second: float, difference: float) -> float:
    positive(first_sd=first, second_sd=second)
    not_negative(sd_of_difference=difference)
    r = (first**2 + second**2 - difference**2) / (2 * first * second)
    require(
        abs(r) <= 1,
        f"These standard deviations would need a correlation of {num(r, 3)}.",
        "One of them is not what it is called; look for a standard error.",
    )
    return r


def cluster_adjust(
    mean_cluster_size: float,
    icc: float,
    *,
    cv: float = 0.0,
    n: float | None = None,
    events: float | None = None,
    se: float | None = None,
) -> ClusterAdjusted:
    """Effective sample size, or inflated SE, of a cluster trial analysed as if individual.

    cv: coefficient of variation of the cluster sizes. Use one approach, and neither
    when the report already adjusted.
    """
    require(mean_cluster_size >= 1, "Clusters have one member or more.")
    require(
        0 <= icc <= 1, f"The intracluster correlation is {plain(icc)}; it lies between 0 and 1."
    )
    not_negative(cv=cv)
    effect = 1 + ((1 + cv**2) * mean_cluster_size - 1) * icc
    return ClusterAdjusted(
        effect,
        None if n is None else n / effect,
        None if events is None else events / effect,
        None if se is None else se * sqrt(effect),
    )


def crossover_md(
    n: float, mean_e: float, mean_c: float, sd_e: float, sd_c: float, r: float
) -> Crossover:
    """Paired difference from both periods' means and SDs and their correlation."""
    size(n=n)
    finite(mean_e=mean_e, mean_c=mean_c)
    positive(sd_e=sd_e, sd_c=sd_c)
    md, difference = mean_e - mean_c, sd_change(sd_e, sd_c, r)
    d = md / sqrt((sd_e**2 + sd_c**2) / 2)
    se_d = sqrt((1 / n + d * d / (2 * n)) * 2 * (1 - r))
    return Crossover(md, difference, difference / sqrt(n), d, se_d)


def crossover_se_from_p(n: float, md: float, p: float) -> PairedSpread:
    """SE of a paired difference from its two-sided p (paired t, n - 1 df)."""
    size(n=n)
    require(md != 0, "The difference is zero, which gives no standard error.")
    t = from_two_sided_p(p, n - 1)
    se = abs(md) / t
    return PairedSpread(t, se, se * sqrt(n))
