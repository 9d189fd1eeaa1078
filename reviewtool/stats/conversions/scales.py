"""Units, direction, and the log scale."""

from math import exp, expm1, log, log1p, sqrt
from typing import NamedTuple

from reviewtool.stats.conversions.checks import finite, not_negative, positive, require
from reviewtool.stats.errors import BadInput, UnknownChoice
from reviewtool.words import plain


class Estimate(NamedTuple):
    """An effect with its limits."""

    estimate: float
    lower: float
    upper: float


class Values(NamedTuple):
    """Mean and SD in the new unit."""

    mean: float
    sd: float


class LogValues(NamedTuple):
    """Mean and SD of the logarithms."""

    mean_log: float
    sd_log: float


# (quantity, from, to): factor and offset; factors of mass are molar masses.
UNITS: dict[tuple[str, str, str], tuple[float, float]] = {
    ("glucose", "mg/dL", "mmol/L"): (1 / 18.0182, 0.0),
    ("cholesterol", "mg/dL", "mmol/L"): (1 / 38.67, 0.0),
    ("triglycerides", "mg/dL", "mmol/L"): (1 / 88.57, 0.0),
    ("creatinine", "mg/dL", "umol/L"): (88.42, 0.0),
    ("haemoglobin", "g/dL", "g/L"): (10.0, 0.0),
    ("hba1c", "%", "mmol/mol"): (1 / 0.09148, -2.152 / 0.09148),
    ("mass", "lb", "kg"): (0.45359237, 0.0),
    ("length", "in", "cm"): (2.54, 0.0),
    ("temperature", "degf", "degc"): (5 / 9, -160 / 9),
    ("pressure", "kpa", "mmhg"): (7.500615613, 0.0),
    ("time", "weeks", "days"): (7.0, 0.0),
}
SYNONYMS = {
    "total cholesterol": "cholesterol",
    "hdl": "cholesterol",
    "ldl": "cholesterol",
    "hdl cholesterol": "cholesterol",
    "ldl cholesterol": "cholesterol",
    "hemoglobin": "haemoglobin",
    "weight": "mass",
    "height": "length",
}


def reverse_scale(mean: float, sd: float, scale_min: float, scale_max: float) -> Values:
    """Turn a scale round: high becomes low, the SD stays.

    >>> reverse_scale(58.0, 4.7, 0, 100)
    Values(mean=42.0, sd=4.7)
    """
    finite(mean=mean)
    not_negative(sd=sd)
    require(scale_min < scale_max, "The scale's ends are not in order.")
    require(scale_min <= mean <= scale_max, f"The mean {plain(mean)} lies outside the scale.")
    return Values(scale_max + scale_min - mean, sd)


def flip_direction(kind: str, estimate: float, lower: float, upper: float) -> Estimate:
    """The same effect with the arms exchanged; kind is "difference" or "ratio"."""
    require(lower <= estimate <= upper, "The estimate lies outside its interval.")
    if kind == "difference":
        return Estimate(-estimate, -upper, -lower)
    if kind == "ratio":
        positive(estimate=estimate, lower=lower, upper=upper)
        return Estimate(1 / estimate, 1 / upper, 1 / lower)
    raise UnknownChoice(what="Kind", given=kind, choices="difference, ratio")


def unit_convert(
    analyte: str, unit: str, to: str, mean: float, sd: float | None = None
) -> Values | float:
    """Mean (and SD) of ``analyte`` in another unit, either way round.

    A confidence limit converts like a mean; a difference only with the factor.
    """
    factor, offset = _factor(analyte, unit, to)
    finite(mean=mean)
    if sd is None:
        return factor * mean + offset
    not_negative(sd=sd)
    return Values(factor * mean + offset, abs(factor) * sd)


def _factor(analyte: str, unit: str, to: str) -> tuple[float, float]:
    name = SYNONYMS.get(analyte.lower(), analyte.lower())
    for (quantity, a, b), (factor, offset) in UNITS.items():
        if quantity != name:
            continue
        if (_same(a, unit), _same(b, to)) == (True, True):
            return factor, offset
        if (_same(b, unit), _same(a, to)) == (True, True):
            return 1 / factor, -offset / factor
    known = "; ".join(f"{q}: {a} and {b}" for q, a, b in UNITS)
    raise BadInput(
        problem=f"No conversion of {analyte} from {unit} to {to} is known.",
        remedy=f"Known are {known}.",
    )


def _same(a: str, b: str) -> bool:
    tidy = (text.lower().replace("µ", "u").replace("μ", "u").replace("°", "deg") for text in (a, b))
    return len(set(tidy)) == 1


def raw_to_log(mean: float, sd: float) -> LogValues:
    """Mean and SD of logs from those of raw values, if log-normal.

    Source: Higgins 2008, Stat Med 27:6072.
    """
    positive(mean=mean, sd=sd)
    variance = log1p((sd / mean) ** 2)
    return LogValues(log(mean) - variance / 2, sqrt(variance))


def log_to_raw(mean_log: float, sd_log: float) -> Values:
    """Mean and SD of raw values from those of logs, if log-normal."""
    finite(mean_log=mean_log)
    not_negative(sd_log=sd_log)
    variance = sd_log**2
    return Values(
        exp(mean_log + variance / 2), sqrt(expm1(variance) * exp(2 * mean_log + variance))
    )
