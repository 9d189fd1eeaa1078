"""Events from percentages, rates, and control groups that several comparisons share."""

from math import ceil, floor, log, sqrt
from typing import NamedTuple

from reviewtool.stats.conversions.checks import not_negative, positive, require
from reviewtool.words import plain

CONTINUITY = 0.5  # added to counts of zero, on the log scale only


class Events(NamedTuple):
    """A count read from a percentage: exact, ambiguous or inconsistent, and the candidates."""

    events: int
    status: str
    candidates: tuple[int, ...]


class Rate(NamedTuple):
    """Events per unit of time, its log and the SE of the log."""

    rate: float
    log_rate: float
    se_log_rate: float


class RateRatio(NamedTuple):
    """Log rate ratio and rate difference, arm 1 versus arm 2."""

    log_irr: float
    se: float
    rd: float
    se_rd: float


class SharedControl(NamedTuple):
    """The part of a control group that one of several comparisons may use."""

    events: float | None
    n: float


def events_from_percent(percent: float, n: int, decimals: int = 0) -> Events:
    """Which count of n people prints as ``percent`` with so many decimals.

    >>> events_from_percent(33.3, 12, 1)
    Events(events=4, status='exact', candidates=(4,))
    """
    require(0 <= percent <= 100, f"{plain(percent)} is not a percentage.")
    require(n >= 1, "A percentage needs at least one person.")
    half = 0.5 * 10.0**-decimals + 1e-9
    low, high = ((percent + side * half) * n / 100 for side in (-1, 1))
    near = range(max(0, floor(low)), min(n, ceil(high)) + 1)
    found = tuple(e for e in near if abs(100 * e / n - percent) <= half)
    target = percent * n / 100
    if not found:
        return Events(floor(target + 0.5), "inconsistent", ())
    nearest = min(found, key=lambda e: (abs(e - target), e))
    return Events(nearest, "exact" if len(found) == 1 else "ambiguous", found)


def rate(events: float, time: float) -> Rate:
    """Events per person-time; a count of zero becomes 0.5 on the log scale."""
    not_negative(events=events)
    positive(time=time)
    counted = events or CONTINUITY
    return Rate(events / time, log(counted / time), 1 / sqrt(counted))


def rate_ratio(e1: float, t1: float, e2: float, t2: float) -> RateRatio:
    """Ratio and difference of two rates.

    With a zero count 0.5 is added to both counts for the ratio, never for the difference.
    """
    not_negative(e1=e1, e2=e2)
    positive(t1=t1, t2=t2)
    add = CONTINUITY if 0 in (e1, e2) else 0.0
    a, b = e1 + add, e2 + add
    return RateRatio(
        log((a / t1) / (b / t2)),
        sqrt(1 / a + 1 / b),
        e1 / t1 - e2 / t2,
        sqrt(e1 / t1**2 + e2 / t2**2),
    )


def split_shared_control(n: float, comparisons: int, events: float | None = None) -> SharedControl:
    """Divide a control group among the comparisons that share it; means stay as they are."""
    require(comparisons >= 1, "The number of comparisons must be 1 or more.")
    positive(n=n)
    if events is not None:
        require(0 <= events <= n, "There are more events than people.")
    return SharedControl(None if events is None else events / comparisons, n / comparisons)
