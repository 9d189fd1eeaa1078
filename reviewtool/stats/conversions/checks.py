"""What no report can have meant: the checks every conversion starts with."""

from math import isfinite

from reviewtool.stats.distributions import normal_quantile, t_quantile
from reviewtool.stats.errors import BadInput


def require(fine: bool, problem: str, remedy: str = "Check the number in the report.") -> None:
    """Raises BadInput with ``problem`` unless ``fine``."""
    if not fine:
        raise BadInput(problem=problem, remedy=remedy)


def positive(**values: float) -> None:
    """Each must be a finite number above zero."""
    for name, value in values.items():
        require(isfinite(value) and value > 0, f"{name} is {value:g}; it must be above zero.")


def not_negative(**values: float) -> None:
    """Each must be a finite number, zero or more."""
    for name, value in values.items():
        require(isfinite(value) and value >= 0, f"{name} is {value:g}; it cannot be negative.")


def finite(**values: float) -> None:
    """Each must be a finite number."""
    for name, value in values.items():
        require(isfinite(value), f"{name} is {value}; it must be a finite number.")


def size(**values: float) -> None:
    """Each must be a group of two people or more."""
    for name, value in values.items():
        require(isfinite(value) and value >= 2, f"{name} is {value:g}; a group needs 2 or more.")


def interval(lower: float, upper: float) -> None:
    """Limits in order and not equal."""
    finite(lower=lower, upper=upper)
    require(
        lower < upper,
        f"The interval {lower:g} to {upper:g} is empty or upside down.",
        "Give the lower limit first.",
    )


def probability(**values: float) -> None:
    """Strictly between 0 and 1: p = 1 or p = 0 determines no standard error."""
    for name, value in values.items():
        require(0 < value < 1, f"{name} is {value:g}; it must lie between 0 and 1.")


def correlation(r: float) -> None:
    """Between -1 and 1."""
    require(-1 <= r <= 1, f"r is {r:g}; a correlation lies between -1 and 1.")


def two_sided(level: float, df: float | None) -> float:
    """Half-width of a ``level`` interval (fraction) in standard errors; normal if df is None."""
    probability(level=level)
    p = 0.5 + level / 2
    return normal_quantile(p) if df is None else t_quantile(p, df)


def from_two_sided_p(p: float, df: float | None) -> float:
    """The positive test statistic with two-sided ``p``; normal if df is None."""
    probability(p=p)
    return -normal_quantile(p / 2) if df is None else -t_quantile(p / 2, df)
