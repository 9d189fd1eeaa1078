"""The calculator: from what a report gave to the value a cell asks for.

The numbers come from ``stats.conversions``; here is which formula fills which cell, and
the words that stay beside the result.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reviewtool.errors import Invalid
from reviewtool.extraction.rules.cells import BEFORE, Form, parse
from reviewtool.extraction.rules.values import BadValue, number
from reviewtool.reading import written
from reviewtool.stats import conversions as convert
from reviewtool.stats.errors import StatsError
from reviewtool.words import at_level, plain

Raw = Mapping[str, float]


class CannotDerive(Invalid):
    """Raw values from which the formula gives nothing usable."""

    code = "cannot-derive"


@dataclass(frozen=True)
class Formula:
    """A way from reported values to the value of one cell.

    ``gives`` is the part of the cell it fills, before or after; ``inputs`` are (name,
    words). ``log`` says whether it is for ratios only (True), for differences only (False)
    or for both (None); ``kinds`` for which kinds of numbers, all when empty.
    """

    key: str
    label: str
    gives: str
    inputs: Sequence[tuple[str, str]]
    expression: str
    source: str
    compute: Callable[[Raw], float]
    log: bool | None = None
    kinds: Sequence[str] = ()


@dataclass(frozen=True)
class Derived:
    """A computed value and the words that say how: formula, raw values, source."""

    value: str
    words: str


def _others(raw: Raw) -> float:
    if raw["without"] > raw["total"]:
        raise CannotDerive("More people without the event than people in the group. Check both.")
    return raw["total"] - raw["without"]


def _events(raw: Raw) -> float:
    found = convert.events_from_percent(raw["percent"], int(raw["total"]), int(raw["decimals"]))
    if found.status == "inconsistent":
        raise CannotDerive(
            f"No count of {plain(raw['total'])} people is printed as "
            f"{at_level(raw['percent'])}. Check the percentage and the total."
        )
    return float(found.events)


def _summary(raw: Raw, part: str) -> float:
    known = {k: raw[k] for k in ("min", "q1", "q3", "max") if k in raw}
    made = convert.median_to_mean_sd(raw["n"], raw["median"], **known)  # type: ignore[arg-type]
    return made.mean if part == "mean" else made.sd


def _mean(raw: Raw) -> float:
    return _summary(raw, "mean")


def _sd(raw: Raw) -> float:
    return _summary(raw, "sd")


def _degrees(raw: Raw) -> tuple[float, float, float]:
    return raw["n1"], raw["n2"], raw["n1"] + raw["n2"] - 2


def _se_ci(raw: Raw) -> float:
    n1, n2, df = _degrees(raw)
    return convert.md_se_from_ci(raw["low"], raw["high"], n1, n2, df=df).se


def _se_p(raw: Raw) -> float:
    n1, n2, df = _degrees(raw)
    return convert.md_se_from_p(raw["estimate"], raw["p"], n1, n2, df=df).se


def _log_se_ci(raw: Raw) -> float:
    return convert.log_se_from_ratio_ci(raw["estimate"], raw["low"], raw["high"]).se


def _log_se_p(raw: Raw) -> float:
    return convert.log_se_from_ratio_p(raw["estimate"], raw["p"]).se


def _sd_ci(raw: Raw) -> float:
    return convert.sd_from_ci_mean(raw["low"], raw["high"], raw["n"]).sd


def _time_of_rate(raw: Raw) -> float:
    if raw["rate"] <= 0:
        raise CannotDerive("A rate of 0 says nothing about person-time. Look for it in the report.")
    return raw["events"] / raw["rate"] * raw["per"]


def _correlation_of_t(raw: Raw) -> float:
    if raw["n"] <= 2:
        raise CannotDerive("A correlation needs 3 people or more. Check N.")
    return raw["t"] / math.sqrt(raw["t"] ** 2 + raw["n"] - 2)


_HANDBOOK = "Cochrane Handbook 6.5.2"
_WAN = "Wan 2014, BMC Med Res Methodol 14:135"
_LUO = "Luo 2018, Stat Methods Med Res 27:1785"
_N, _CI = ("n", "N"), (("low", "CI low"), ("high", "CI high"))
_GROUPS = (("n1", "N of one group"), ("n2", "N of the other"))
_QUARTILES = (("q1", "Lower quartile"), ("median", "Median"), ("q3", "Upper quartile"), _N)
_RANGE = (("min", "Smallest"), ("median", "Median"), ("max", "Largest"), _N)

FORMULAS: dict[str, Formula] = {
    f.key: f
    for f in (
        Formula(
            "sd_from_se",
            "SD from the standard error",
            "sd",
            (("se", "SE"), _N),
            "SD = SE × √N",
            _HANDBOOK,
            lambda raw: convert.sd_from_se(raw["se"], raw["n"]),
        ),
        Formula(
            "sd_from_ci",
            "SD from the 95\u202f% CI of the mean",
            "sd",
            (*_CI, _N),
            "SD = √N × (high − low) ÷ (2 × t), z from 60 people on",
            _HANDBOOK,
            _sd_ci,
        ),
        Formula(
            "sd_from_quartiles",
            "SD from median and quartiles",
            "sd",
            _QUARTILES,
            "SD = (q3 − q1) ÷ (2 × Φ⁻¹((0.75 N − 0.125) ÷ (N + 0.25)))",
            _WAN,
            _sd,
        ),
        Formula(
            "sd_from_range",
            "SD from median and range",
            "sd",
            _RANGE,
            "SD = (max − min) ÷ (2 × Φ⁻¹((N − 0.375) ÷ (N + 0.25)))",
            _WAN,
            _sd,
        ),
        Formula(
            "mean_from_quartiles",
            "Mean from median and quartiles",
            "mean",
            _QUARTILES,
            "mean = w × (q1 + q3) ÷ 2 + (1 − w) × median, w = 0.7 + 0.39 ÷ N",
            _LUO,
            _mean,
        ),
        Formula(
            "mean_from_range",
            "Mean from median and range",
            "mean",
            _RANGE,
            "mean = w × (min + max) ÷ 2 + (1 − w) × median, w = 4 ÷ (4 + N^0.75)",
            _LUO,
            _mean,
        ),
        Formula(
            "events_from_percent",
            "Events from a percentage",
            "events",
            (("percent", "Per cent"), ("total", "Total"), ("decimals", "Decimals printed")),
            "events = the count printed as this percentage",
            _HANDBOOK,
            _events,
            kinds=("dichotomous",),
        ),
        Formula(
            "events_from_others",
            "Events from those without",
            "events",
            (("without", "Without the event"), ("total", "Total")),
            "events = total − without",
            _HANDBOOK,
            _others,
            kinds=("dichotomous",),
        ),
        Formula(
            "time_from_rate",
            "Person-time from the rate",
            "time",
            (("events", "Events"), ("rate", "Rate"), ("per", "Per person-time of")),
            "person-time = events ÷ rate × per",
            "Cochrane Handbook 6.7.1",
            _time_of_rate,
        ),
        Formula(
            "time_from_follow_up",
            "Person-time from the mean follow-up",
            "time",
            (_N, ("follow_up", "Mean follow-up")),
            "person-time = N × mean follow-up",
            "Cochrane Handbook 6.7.1",
            lambda raw: raw["n"] * raw["follow_up"],
        ),
        Formula(
            "correlation_from_sds",
            "Correlation from the SD of the change",
            "correlation",
            (("before", "SD before"), ("after", "SD after"), ("change", "SD of the change")),
            "r = (before² + after² − change²) ÷ (2 × before × after)",
            "Cochrane Handbook 6.5.2.8",
            lambda raw: convert.corr_from_sds(raw["before"], raw["after"], raw["change"]),
            kinds=("change",),
        ),
        Formula(
            "correlation_from_t",
            "Correlation from its t value",
            "correlation",
            (("t", "t"), _N),
            "r = t ÷ √(t² + N − 2)",
            "t test of a correlation with N − 2 degrees of freedom",
            _correlation_of_t,
            kinds=("correlation",),
        ),
        Formula(
            "se_from_ci",
            "SE from the 95\u202f% CI of a difference",
            "se",
            (*_CI, *_GROUPS),
            "SE = (high − low) ÷ (2 × t)",
            "Cochrane Handbook 6.5.2.3",
            _se_ci,
            False,
        ),
        Formula(
            "se_from_p",
            "SE of a difference from its p value",
            "se",
            (("estimate", "Difference"), ("p", "p"), *_GROUPS),
            "SE = |difference| ÷ t",
            "Cochrane Handbook 6.5.2.3",
            _se_p,
            False,
        ),
        Formula(
            "se_from_log_ci",
            "SE of the log from the 95\u202f% CI of a ratio",
            "se",
            (("estimate", "Ratio"), *_CI),
            "SE = (ln high − ln low) ÷ 3.92",
            "Cochrane Handbook 6.3.2",
            _log_se_ci,
            True,
        ),
        Formula(
            "se_from_log_p",
            "SE of the log of a ratio from its p value",
            "se",
            (("estimate", "Ratio"), ("p", "p")),
            "SE = |ln ratio| ÷ z",
            "Cochrane Handbook 6.3.2",
            _log_se_p,
            True,
        ),
    )
}
COUNTS = frozenset({"n", "n1", "n2", "total", "without", "decimals", "events"})
USUAL = {"decimals": 0.0, "per": 1.0}  # what an input that is left empty stands for


def formulas_for(form: Form, path: str) -> list[Formula]:
    """The formulas that can fill this cell."""
    cell = parse(path)
    if cell.kind not in {"group", "contrast"}:
        return []
    asked = form.by_outcome.get(cell.outcome_id)
    log = bool(asked and asked.is_ratio)
    part = cell.part.removesuffix(BEFORE)
    return [
        f
        for f in FORMULAS.values()
        if f.gives == part
        and (f.log is None or f.log is log)
        and (not f.kinds or (asked is not None and asked.kind in f.kinds))
    ]


def derive(key: str, raw: Mapping[str, str]) -> Derived:
    """Use a formula. Raises CannotDerive naming the input and the remedy.

    >>> derive("sd_from_se", {"se": "0.5", "n": "100"})
    Derived(value='5', words='SD = SE × √N; SE 0.5, N 100 (Cochrane Handbook 6.5.2)')
    """
    formula = FORMULAS.get(key)
    if formula is None:
        raise CannotDerive("Choose one of the formulas.")
    values = {name: _input(name, words, raw.get(name, "")) for name, words in formula.inputs}
    try:
        result = formula.compute(values)
    except StatsError as error:
        raise CannotDerive(error.message) from error
    if not math.isfinite(result):
        raise CannotDerive("These values give no finite result. Check them.")
    given = ", ".join(f"{words} {written(values[name])}" for name, words in formula.inputs)
    words = f"{formula.expression}; {given} ({formula.source})"
    return Derived(written(float(f"{result:.6g}")), words)


def _input(name: str, words: str, text: str) -> float:
    if name in USUAL and not text.strip():
        return USUAL[name]
    try:
        value = number(text or "nan")
    except BadValue:
        raise CannotDerive(f"{words}: write a number, such as 12.5.") from None
    if name in COUNTS and (value < 0 or value != int(value)):
        raise CannotDerive(f"{words}: write a whole number, 0 or more.")
    return value
