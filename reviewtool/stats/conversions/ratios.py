"""Ratios, time to event, and moving between effect measures.

Sources: Parmar 1998, Stat Med 17:2815 and Tierney 2007, Trials 8:16 for hazard
ratios; Chinn 2000, Stat Med 19:3127 and Cox & Snell 1989 for odds ratios as
standardised differences; Cochrane Handbook, version 6, ch. 15.4 for risk ratios.
"""

from math import exp, log, pi, sqrt
from typing import NamedTuple

from reviewtool.stats.conversions.checks import (
    finite,
    from_two_sided_p,
    interval,
    positive,
    probability,
    require,
    two_sided,
)
from reviewtool.stats.errors import UnknownChoice
from reviewtool.words import plain

SD_OF_LOGISTIC = {"chinn": pi / sqrt(3), "cox": 1.65}


class LogRatio(NamedTuple):
    """Log estimate, SE, and how far the estimate lies from the middle of the interval."""

    log_estimate: float
    se: float
    midpoint_gap: float


class LogRatioTest(NamedTuple):
    """z statistic and SE of a log ratio."""

    z: float
    se: float


class LogRank(NamedTuple):
    """Log hazard ratio with SE from O - E and V; z, v and O - E when they were derived."""

    log_hr: float
    se: float
    hr: float
    z: float | None
    v: float
    o_minus_e: float


class WithSE(NamedTuple):
    """An effect on another scale and its standard error."""

    estimate: float
    se: float


def log_se_from_ratio_ci(
    estimate: float, lower: float, upper: float, level: float = 0.95
) -> LogRatio:
    """SE of a log ratio from its confidence interval.

    A gap above 0.1 SE after rounding points to a typing error or a profile interval.
    """
    positive(estimate=estimate, lower=lower, upper=upper)
    interval(lower, upper)
    a, b = log(lower), log(upper)
    return LogRatio(
        log(estimate), (b - a) / (2 * two_sided(level, None)), log(estimate) - (a + b) / 2
    )


def log_se_from_ratio_p(estimate: float, p: float) -> LogRatioTest:
    """SE of a log ratio from its two-sided p."""
    positive(estimate=estimate)
    require(estimate != 1, "A ratio of exactly 1 gives no standard error.")
    z = from_two_sided_p(p, None)
    return LogRatioTest(z, abs(log(estimate)) / z)


def hr_from_oe_v(o_minus_e: float, v: float) -> LogRank:
    """Hazard ratio from observed minus expected events and their variance."""
    finite(o_minus_e=o_minus_e)
    positive(v=v)
    value = o_minus_e / v
    return LogRank(value, 1 / sqrt(v), exp(value), None, v, o_minus_e)


def hr_from_p_events(
    p: float, events_total: float, alloc_ratio: float = 1.0, direction: int = 1
) -> LogRank:
    """Hazard ratio from a two-sided log-rank p and the number of events.

    alloc_ratio: experimental to control; direction: 1 or -1, the sign of ln HR.
    """
    positive(events_total=events_total, alloc_ratio=alloc_ratio)
    require(direction in (1, -1), "The direction is 1 (HR above 1) or -1 (HR below 1).")
    z = direction * from_two_sided_p(p, None)
    v = events_total * alloc_ratio / (1 + alloc_ratio) ** 2
    return hr_from_oe_v(z * sqrt(v), v)._replace(z=z)


def hr_oe_from_ci(hr: float, lower: float, upper: float, level: float = 0.95) -> LogRank:
    """O - E and V from a hazard ratio with its confidence interval."""
    se = log_se_from_ratio_ci(hr, lower, upper, level).se
    v = 1 / se**2
    return hr_from_oe_v(log(hr) * v, v)


def hr_v_from_arm_events(e1: float, e2: float) -> float:
    """V from the events of both arms: e1 e2 / (e1 + e2)."""
    positive(e1=e1, e2=e2)
    return e1 * e2 / (e1 + e2)


def or_to_smd(log_or: float, se: float, method: str = "chinn") -> WithSE:
    """A log odds ratio as a standardised mean difference, SE likewise."""
    factor = _logistic(method)
    finite(log_or=log_or)
    positive(se=se)
    return WithSE(log_or / factor, se / factor)


def smd_to_or(smd: float, se: float, method: str = "chinn") -> WithSE:
    """A standardised mean difference as a log odds ratio, SE likewise."""
    factor = _logistic(method)
    finite(smd=smd)
    positive(se=se)
    return WithSE(smd * factor, se * factor)


def or_to_rr(odds_ratio: float, p0: float) -> float:
    """Risk ratio at control risk p0. Convert each limit, not the SE."""
    positive(odds_ratio=odds_ratio)
    probability(p0=p0)
    return odds_ratio / (1 - p0 + p0 * odds_ratio)


def rr_to_or(rr: float, p0: float) -> float:
    """Odds ratio at control risk p0; the risk with treatment must stay below 1."""
    positive(rr=rr)
    probability(p0=p0)
    require(rr * p0 < 1, f"A risk ratio of {plain(rr)} on a risk of {plain(p0)} exceeds certainty.")
    return rr * (1 - p0) / (1 - rr * p0)


def _logistic(method: str) -> float:
    if method not in SD_OF_LOGISTIC:
        raise UnknownChoice(what="Method", given=method, choices=", ".join(SD_OF_LOGISTIC))
    return SD_OF_LOGISTIC[method]
