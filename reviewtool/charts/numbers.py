"""How numbers are written in charts: as on pages, without knowing pages."""

import math

MINUS = "\u2212"
THIN = "\u202f"
RATIOS = frozenset({"OR", "RR", "HR", "ROM", "IRR", "DOR", "PETO"})
NAMES = {
    "OR": "Odds ratio",
    "RR": "Risk ratio",
    "RD": "Risk difference",
    "HR": "Hazard ratio",
    "MD": "Mean difference",
    "SMD": "Standardised mean difference",
    "ROM": "Ratio of means",
    "IRR": "Rate ratio",
    "PETO": "Peto odds ratio",
    "GEN": "Effect",
}


def is_ratio(measure: str) -> bool:
    """Whether effects of ``measure`` are drawn on a log axis.

    >>> is_ratio("OR"), is_ratio("MD")
    (True, False)
    """
    return measure.upper() in RATIOS


def name_of(measure: str) -> str:
    """The measure in words; an unknown one as it is."""
    return NAMES.get(measure.upper(), measure)


def number(value: float | None, digits: int = 2) -> str:
    """Fixed decimals with a true minus; very large or very small ratios stay short.

    >>> number(-0.254), number(1234.5), number(0.0004)
    ('\u22120.25', '1235', '<0.001')
    """
    if value is None or math.isnan(value):
        return "not estimable"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if 0 < abs(value) < 0.5 * 10**-digits:
        return "<0.001" if 0 < value < 0.001 else f"{value:.3f}".replace("-", MINUS)
    text = f"{value:.{0 if abs(value) >= 1000 else digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def count(value: float | None) -> str:
    """A whole number, thousands set apart by a narrow space.

    >>> count(5120)
    '5\u202f120'
    """
    if value is None or math.isnan(value):
        return "\u2013"
    if value != round(value):
        return f"{value:g}".replace("-", MINUS)
    return f"{round(value):,}".replace(",", THIN).replace("-", MINUS)


def interval(estimate: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    """An effect with its limits.

    >>> interval(0.49, 0.34, 0.7)
    '0.49 (0.34 to 0.70)'
    """
    if estimate is None or math.isnan(estimate):
        return "Not estimable"
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return number(estimate, digits)
    return f"{number(estimate, digits)} ({number(low, digits)} to {number(high, digits)})"


def p_value(p: float | None) -> str:
    """A p value as journals print it.

    >>> p_value(0.0004), p_value(0.031), p_value(0.0071)
    ('p < 0.001', 'p = 0.03', 'p = 0.007')
    """
    if p is None or math.isnan(p):
        return "p not estimable"
    if p < 0.001:
        return "p < 0.001"
    if p > 0.99:
        return "p > 0.99"
    return f"p = {p:.{3 if p < 0.01 or 0.045 <= p < 0.055 else 2}f}"
