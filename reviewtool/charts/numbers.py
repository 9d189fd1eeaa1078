"""Which measures are ratios, and what measures are called."""

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
