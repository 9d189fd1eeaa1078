"""A mean and SD from a median with range, quartiles, or both.

Closed forms only. They assume nearly normal data; ``skew_suspected`` says when the
summary itself argues against that.
"""

from math import log, pow, sqrt
from typing import NamedTuple

from reviewtool.stats.conversions.checks import require, size
from reviewtool.stats.distributions import normal_quantile
from reviewtool.stats.errors import BadInput, UnknownChoice

PRINTED = 50  # rows of the printed tables
METHODS = ("luo_wan", "luo_shi", "wan", "hozo", "bland")


class MeanSD(NamedTuple):
    """Mean and standard deviation in the units of the median."""

    mean: float
    sd: float


class Summary(NamedTuple):
    """Reported numbers in order; None where the report is silent."""

    n: float
    median: float
    low: float | None
    q1: float | None
    q3: float | None
    high: float | None

    @property
    def range(self) -> tuple[float, float] | None:
        """(min, max) when both are known."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def quartiles(self) -> tuple[float, float] | None:
        """(Q1, Q3) when both are known."""
        return None if self.q1 is None or self.q3 is None else (self.q1, self.q3)


def median_to_mean_sd(
    n: float,
    median: float,
    *,
    min: float | None = None,
    q1: float | None = None,
    q3: float | None = None,
    max: float | None = None,
    method: str | None = None,
    tables: bool = False,
) -> MeanSD:
    """Mean and SD of n people whose median and range and/or quartiles are known.

    tables: as R's meta does, take the expected range and interquartile range of small
    samples as printed by Wan (three decimals; range up to n = 50, quartiles up to about
    200) and keep the small last term of Hozo's mean; otherwise the closed forms.

    method: luo_wan (default with range or quartiles), luo_shi (default with both),
    wan, and the legacy hozo (needs the range) and bland (needs all five).
    Sources: Luo 2018, Stat Methods Med Res 27:1785; Wan 2014, BMC Med Res Methodol
    14:135; Shi 2020, Res Synth Methods 11:641; Hozo 2005, BMC Med Res Methodol 5:13;
    Bland 2015, Stat Med Res 3. Raises BadInput, UnknownChoice.

    >>> median_to_mean_sd(40, 10, q1=8, q3=13).mean.__round__(4)
    10.3549
    """
    given = _checked(Summary(n, median, min, q1, q3, max))
    chosen = method or ("luo_shi" if given.range and given.quartiles else "luo_wan")
    if chosen not in METHODS:
        raise UnknownChoice(what="Method", given=chosen, choices=", ".join(METHODS))
    if chosen == "hozo":
        return _hozo(given)
    if chosen == "bland":
        return _bland(given)
    mean = _mean_wan(given, tables) if chosen == "wan" else _mean_luo(given)
    both = given.range and given.quartiles
    return MeanSD(mean, _sd_shi(given) if chosen == "luo_shi" and both else _sd_wan(given, tables))


def skew_suspected(
    n: float,
    median: float,
    *,
    min: float | None = None,
    q1: float | None = None,
    q3: float | None = None,
    max: float | None = None,
) -> bool:
    """Whether the summary is too lopsided for a normal sample of n (5 % level).

    Source: Shi 2023, Stat Methods Med Res 32:1338.
    """
    given = _checked(Summary(n, median, min, q1, q3, max))
    ends = _lopsided(given.range, median)
    middle = _lopsided(given.quartiles, median)
    if ends is not None and middle is not None:
        return _larger(2.65 * log(0.6 * n) / sqrt(n) * ends, middle) >= 3 / sqrt(n) - 40 / n**3
    if ends is not None:
        return ends >= 1 / log(n + 9) + 2.5 / (n + 1)
    return middle is not None and middle >= 2.65 / sqrt(n) - 6 / n**2


def _larger(a: float, b: float) -> float:
    return a if a > b else b


def _lopsided(pair: tuple[float, float] | None, median: float) -> float | None:
    if pair is None:
        return None
    low, high = pair
    return abs((low + high - 2 * median) / (high - low)) if high > low else 0.0


def _checked(given: Summary) -> Summary:
    size(n=given.n)
    if given.range is None and given.quartiles is None:
        raise BadInput(
            problem="A median alone does not give a standard deviation.",
            remedy="Add minimum and maximum, or both quartiles.",
        )
    known = [x for x in (given.low, given.q1, given.median, given.q3, given.high) if x is not None]
    require(known == sorted(known), "Minimum, quartiles, median and maximum are not in order.")
    return given


def _z_range(n: float) -> float:
    return normal_quantile((n - 0.375) / (n + 0.25))


def _z_quartiles(n: float) -> float:
    return normal_quantile((0.75 * n - 0.125) / (n + 0.25))


def _mean_luo(s: Summary) -> float:
    n, m = s.n, s.median
    if s.range and s.quartiles:
        w1, w2 = 2.2 / (2.2 + pow(n, 0.75)), 0.7 - 0.72 / pow(n, 0.55)
        return w1 * sum(s.range) / 2 + w2 * sum(s.quartiles) / 2 + (1 - w1 - w2) * m
    if s.range:
        w = 4 / (4 + pow(n, 0.75))
        return w * sum(s.range) / 2 + (1 - w) * m
    w = 0.7 + 0.39 / n
    return w * sum(s.quartiles or ()) / 2 + (1 - w) * m


def _mean_wan(s: Summary, hozo_term: bool = False) -> float:
    if s.range and s.quartiles:
        return (sum(s.range) + 2 * sum(s.quartiles) + 2 * s.median) / 8
    if s.range:
        last = (sum(s.range) - 2 * s.median) / (4 * s.n) if hozo_term else 0.0
        return (sum(s.range) + 2 * s.median) / 4 + last
    return (sum(s.quartiles or ()) + s.median) / 3


def _sd_wan(s: Summary, tables: bool = False) -> float:
    quarter = round((s.n - 1) / 4)
    parts = []
    if s.range:
        printed = tables and s.n <= PRINTED
        width = _printed(s.n, s.n) if printed else 2 * _z_range(s.n)
        parts.append((s.range[1] - s.range[0]) / width)
    if s.quartiles:
        printed = tables and 1 <= quarter <= PRINTED
        width = _printed(3 * quarter + 1, 4 * quarter + 1) if printed else 2 * _z_quartiles(s.n)
        parts.append((s.quartiles[1] - s.quartiles[0]) / width)
    return sum(parts) / len(parts)


def _printed(i: float, n: float) -> float:
    """Twice the expected i-th of n normal order statistics, to three decimals as printed."""
    import numpy as np
    from scipy.special import gammaln, log_ndtr

    x = np.linspace(-12.0, 12.0, 4801)
    log_density = (
        gammaln(n + 1)
        - gammaln(i)
        - gammaln(n - i + 1)
        + (i - 1) * log_ndtr(x)
        + (n - i) * log_ndtr(-x)
        - x * x / 2
    )
    density = np.exp(log_density - log_density.max())
    return round(2 * float(x @ density / density.sum()), 3)


def _sd_shi(s: Summary) -> float:
    (low, high), (q1, q3) = s.range or (0, 0), s.quartiles or (0, 0)
    theta = 0.07 * pow(s.n, 0.6)
    from_range = (high - low) / ((2 + 2 * theta) * _z_range(s.n))
    return from_range + (q3 - q1) / ((2 + 2 / theta) * _z_quartiles(s.n))


def _hozo(s: Summary) -> MeanSD:
    require(s.range is not None, "The method of Hozo needs minimum and maximum.")
    (low, high), m = s.range or (0, 0), s.median
    mean = (low + 2 * m + high) / 4 if s.n <= 25 else m
    if s.n <= 15:
        return MeanSD(mean, sqrt(((low - 2 * m + high) ** 2 / 4 + (high - low) ** 2) / 12))
    return MeanSD(mean, (high - low) / (4 if s.n <= 70 else 6))


def _bland(s: Summary) -> MeanSD:
    require(
        s.range is not None and s.quartiles is not None, "The method of Bland needs five numbers."
    )
    (a, b), (q1, q3), m = s.range or (0, 0), s.quartiles or (0, 0), s.median
    total = a + 2 * q1 + 2 * m + 2 * q3 + b
    squares = (a * a + 2 * q1 * q1 + 2 * m * m + 2 * q3 * q3 + b * b) / 16
    products = (a * q1 + q1 * m + m * q3 + q3 * b) / 8
    return MeanSD(total / 8, sqrt(squares + products - total * total / 64))
