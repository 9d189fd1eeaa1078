"""What no report can have meant: the checks every conversion starts with."""

from math import inf, isfinite, isnan, log
from typing import NamedTuple

from reviewtool.stats.distributions import normal_quantile, t_quantile
from reviewtool.stats.errors import BadInput
from reviewtool.words import num, plain


def require(fine: bool, problem: str, remedy: str = "Check the number in the report.") -> None:
    """Raises BadInput with ``problem`` unless ``fine``."""
    if not fine:
        raise BadInput(problem=problem, remedy=remedy)


def positive(**values: float) -> None:
    """Each must be a finite number above zero."""
    for name, value in values.items():
        require(isfinite(value) and value > 0, f"{name} is {plain(value)}; it must be above zero.")


def not_negative(**values: float) -> None:
    """Each must be a finite number, zero or more."""
    for name, value in values.items():
        require(isfinite(value) and value >= 0, f"{name} is {plain(value)}; it cannot be negative.")


def finite(**values: float) -> None:
    """Each must be a finite number."""
    for name, value in values.items():
        require(isfinite(value), f"{name} is {value}; it must be a finite number.")


def size(**values: float) -> None:
    """Each must be a group of two people or more."""
    for name, value in values.items():
        require(
            isfinite(value) and value >= 2, f"{name} is {plain(value)}; a group needs 2 or more."
        )


def interval(lower: float, upper: float) -> None:
    """Limits in order and not equal."""
    finite(lower=lower, upper=upper)
    require(
        lower < upper,
        f"The interval {plain(lower)} to {plain(upper)} is empty or upside down.",
        "Give the lower limit first.",
    )


def probability(**values: float) -> None:
    """Strictly between 0 and 1: p = 1 or p = 0 determines no standard error."""
    for name, value in values.items():
        require(0 < value < 1, f"{name} is {plain(value)}; it must lie between 0 and 1.")


def correlation(r: float) -> None:
    """Between -1 and 1."""
    require(-1 <= r <= 1, f"r is {plain(r)}; a correlation lies between -1 and 1.")


def two_sided(level: float, df: float | None) -> float:
    """Half-width of a ``level`` interval (fraction) in standard errors; normal if df is None."""
    probability(level=level)
    p = 0.5 + level / 2
    return normal_quantile(p) if df is None else t_quantile(p, df)


def from_two_sided_p(p: float, df: float | None) -> float:
    """The positive test statistic with two-sided ``p``; normal if df is None."""
    probability(p=p)
    return -normal_quantile(p / 2) if df is None else -t_quantile(p / 2, df)


LOPSIDED = 1.5  # one half of an interval this many times as long as the other


class Doubt(NamedTuple):
    """Something about a reported effect that no report can have meant, or hardly.

    part: estimate, ci_low, ci_high or se. impossible: no estimate has such an interval;
    otherwise it is unusual and worth a look.
    """

    part: str
    message: str
    impossible: bool


def doubts(
    estimate: float | None,
    low: float | None,
    high: float | None,
    se: float | None = None,
    *,
    ratio: bool = False,
    level: float = 95.0,
    bounds: tuple[float, float] = (-inf, inf),
) -> list[Doubt]:
    """What does not fit among an effect, its interval and its standard error.

    As reported: ratios not logged, se on the log scale for ratios; None (or NaN) is not
    reported. bounds: between which the estimate must lie. Rounding of the reported numbers
    is allowed for.

    >>> [d.message for d in doubts(0.7, 1.1, 0.5, ratio=True)]
    ['The interval runs from 1.1 to 0.5. Swap them.']
    """
    estimate, low, high, se = (
        None if x is None or isnan(x) else x for x in (estimate, low, high, se)
    )
    if ratio:
        parts = {"estimate": estimate, "ci_low": low, "ci_high": high}
        for part, value in parts.items():
            if value is not None and value <= 0:
                said = (
                    f"{plain(value, 10)} is no ratio: ratios are above 0. Write it as reported, "
                    "not its logarithm."
                )
                return [Doubt(part, said, True)]
    if estimate is not None and not bounds[0] <= estimate <= bounds[1]:
        said = (
            f"The estimate {plain(estimate)} is not between {plain(bounds[0])} and "
            f"{plain(bounds[1])}. Write shares as 0.125 or as 12.5%."
        )
        return [Doubt("estimate", said, True)]
    if low is not None and low == high:
        said = f"Both limits of the interval are {plain(low, 10)}. Check them."
        return [Doubt("ci_low", said, True)]
    if low is not None and high is not None and low > high:
        said = f"The interval runs from {plain(low, 10)} to {plain(high, 10)}. Swap them."
        return [Doubt("ci_low", said, True)]
    found = _outside(estimate, low, high)
    if found or low is None or high is None or estimate is None:
        return found
    return _uneven(estimate, low, high, se, ratio, level)


def _outside(estimate: float | None, low: float | None, high: float | None) -> list[Doubt]:
    if estimate is None:
        return []
    ends = ("?" if limit is None else plain(limit, 10) for limit in (low, high))
    said = (
        f"The estimate {plain(estimate, 10)} lies outside its interval ({' to '.join(ends)}). "
        "Check all three."
    )
    found = []
    if low is not None and low > estimate:
        found.append(Doubt("ci_low", said, True))
    if high is not None and high < estimate:
        found.append(Doubt("ci_high", said, True))
    return found


def _uneven(
    estimate: float, low: float, high: float, se: float | None, ratio: bool, level: float
) -> list[Doubt]:
    scale = log if ratio else float
    below, above = scale(estimate) - scale(low), scale(high) - scale(estimate)
    found = []
    if _lopsided(below, above, _slack(estimate, low, high, ratio)):
        words = "on the log scale " if ratio else ""
        said = f"The interval is not symmetric {words}around the estimate. Check the typing."
        found.append(Doubt("estimate", said, False))
    if se is not None:
        implied = (scale(high) - scale(low)) / (2 * two_sided(level / 100, None))
        if not 0.8 < se / implied < 1.25:
            said = (
                f"The interval implies an SE of {num(implied, 3)}, the cell says {plain(se)}. "
                "Check which of them the report gives."
            )
            found.append(Doubt("se", said, False))
    return found


def _slack(estimate: float, low: float, high: float, ratio: bool) -> tuple[float, float]:
    """How much rounding may have moved the lower and the upper half of the interval."""
    half = 0.5 * 10.0 ** -max(_decimals(x) for x in (estimate, low, high))
    if ratio:
        return half * (1 / estimate + 1 / low), half * (1 / estimate + 1 / high)
    return 2 * half, 2 * half


def _lopsided(below: float, above: float, slack: tuple[float, float]) -> bool:
    (shorter, its), (longer, other) = sorted(zip((below, above), slack, strict=True))
    return longer - other > LOPSIDED * (shorter + its)


def _decimals(value: float) -> int:
    text = f"{value:.12g}"
    return len(text.partition(".")[2]) if "e" not in text else 12
