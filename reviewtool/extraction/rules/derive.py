"""A usable effect from what the report gave.

Two parts: formulas for the calculator (what a person asks for, kept with the raw
values), and the typed results of a finished consensus.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from reviewtool.errors import Invalid
from reviewtool.extraction.rules.cells import Form, contrast_path, group_path, parse
from reviewtool.extraction.rules.values import BadValue, number, show

Z95 = NormalDist().inv_cdf(0.975)


class CannotDerive(Invalid):
    """Raw values from which the formula gives nothing usable."""

    code = "cannot-derive"


@dataclass(frozen=True)
class Formula:
    """A way from reported values to the value of one cell.

    ``gives`` is the part of the cell it fills; ``inputs`` are (name, words).
    """

    key: str
    label: str
    gives: str
    inputs: Sequence[tuple[str, str]]
    expression: str
    source: str
    compute: Callable[[Mapping[str, float]], float]


@dataclass(frozen=True)
class Derived:
    """A computed value and the words that say how: formula, raw values, source."""

    value: str
    words: str


def _t(df: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.975))


def _group_size(n: float) -> float:
    if n < 2 or n != int(n):
        raise CannotDerive("N: write the number of people in the group, 2 or more.")
    return n


def _width(low: float, high: float) -> float:
    if high <= low:
        raise CannotDerive("The upper value must be larger than the lower one.")
    return high - low


def _sd_from_ci(raw: Mapping[str, float]) -> float:
    n = _group_size(raw["n"])
    return math.sqrt(n) * _width(raw["low"], raw["high"]) / (2 * _t(n - 1))


def _sd_from_iqr(raw: Mapping[str, float]) -> float:
    n = _group_size(raw["n"])
    quantile = NormalDist().inv_cdf((0.75 * n - 0.125) / (n + 0.25))
    return _width(raw["q1"], raw["q3"]) / (2 * quantile)


def _sd_from_range(raw: Mapping[str, float]) -> float:
    n = _group_size(raw["n"])
    quantile = NormalDist().inv_cdf((n - 0.375) / (n + 0.25))
    return _width(raw["min"], raw["max"]) / (2 * quantile)


def _events(raw: Mapping[str, float]) -> float:
    if not 0 <= raw["percent"] <= 100:
        raise CannotDerive("Per cent: write a value from 0 to 100.")
    return float(round(raw["percent"] * raw["total"] / 100))


def _others(raw: Mapping[str, float]) -> float:
    if raw["without"] > raw["total"]:
        raise CannotDerive("More people without the event than people in the group. Check both.")
    return raw["total"] - raw["without"]


def _se_from_p(raw: Mapping[str, float]) -> float:
    if not 0 < raw["p"] < 1:
        raise CannotDerive("p: write the exact p value, between 0 and 1.")
    if raw["estimate"] == 0:
        raise CannotDerive("An estimate of no effect gives no SE from its p value.")
    return abs(raw["estimate"]) / NormalDist().inv_cdf(1 - raw["p"] / 2)


def _se_from_log_p(raw: Mapping[str, float]) -> float:
    if raw["estimate"] <= 0:
        raise CannotDerive("A ratio is above 0.")
    return _se_from_p({"estimate": math.log(raw["estimate"]), "p": raw["p"]})


def _se_from_ci(raw: Mapping[str, float]) -> float:
    return _width(raw["low"], raw["high"]) / (2 * Z95)


def _se_from_log_ci(raw: Mapping[str, float]) -> float:
    if raw["low"] <= 0:
        raise CannotDerive("Both ends of a ratio's interval are above 0.")
    return _width(math.log(raw["low"]), math.log(raw["high"])) / (2 * Z95)


_HANDBOOK = "Cochrane Handbook 6.5.2"
_WAN = "Wan 2014, BMC Med Res Methodol 14:135"
_CI = (("low", "CI low"), ("high", "CI high"))

FORMULAS: dict[str, Formula] = {
    f.key: f
    for f in (
        Formula(
            "sd_from_se", "SD from the standard error", "sd", (("se", "SE"), ("n", "N")),
            "SD = SE × √N", _HANDBOOK, lambda r: r["se"] * math.sqrt(_group_size(r["n"])),
        ),
        Formula(
            "sd_from_ci", "SD from the 95 % CI of the mean", "sd", (*_CI, ("n", "N")),
            "SD = √N × (high − low) ÷ (2 × t)", _HANDBOOK, _sd_from_ci,
        ),
        Formula(
            "sd_from_iqr", "SD from the quartiles", "sd",
            (("q1", "Lower quartile"), ("q3", "Upper quartile"), ("n", "N")),
            "SD = (q3 − q1) ÷ (2 × Φ⁻¹((0.75 N − 0.125) ÷ (N + 0.25)))", _WAN, _sd_from_iqr,
        ),
        Formula(
            "sd_from_range", "SD from the range", "sd",
            (("min", "Smallest"), ("max", "Largest"), ("n", "N")),
            "SD = (max − min) ÷ (2 × Φ⁻¹((N − 0.375) ÷ (N + 0.25)))", _WAN, _sd_from_range,
        ),
        Formula(
            "mean_from_quartiles", "Mean from median and quartiles", "mean",
            (("q1", "Lower quartile"), ("median", "Median"), ("q3", "Upper quartile")),
            "mean = (q1 + median + q3) ÷ 3", _WAN,
            lambda r: (r["q1"] + r["median"] + r["q3"]) / 3,
        ),
        Formula(
            "mean_from_range", "Mean from median and range", "mean",
            (("min", "Smallest"), ("median", "Median"), ("max", "Largest")),
            "mean = (min + 2 × median + max) ÷ 4", "Hozo 2005, BMC Med Res Methodol 5:13",
            lambda r: (r["min"] + 2 * r["median"] + r["max"]) / 4,
        ),
        Formula(
            "events_from_percent", "Events from a percentage", "events",
            (("percent", "Per cent"), ("total", "Total")),
            "events = per cent × total ÷ 100, rounded", _HANDBOOK, _events,
        ),
        Formula(
            "events_from_others", "Events from those without", "events",
            (("without", "Without the event"), ("total", "Total")),
            "events = total − without", _HANDBOOK, _others,
        ),
        Formula(
            "se_from_ci", "SE from the 95 % CI of a difference", "se", _CI,
            "SE = (high − low) ÷ 3.92", "Cochrane Handbook 6.3.1", _se_from_ci,
        ),
        Formula(
            "se_from_log_ci", "SE of the log from the 95 % CI of a ratio", "se", _CI,
            "SE = (ln high − ln low) ÷ 3.92", "Cochrane Handbook 6.3.2", _se_from_log_ci,
        ),
        Formula(
            "se_from_p", "SE of a difference from its p value", "se",
            (("estimate", "Estimate"), ("p", "p")),
            "SE = |estimate| ÷ z", "Cochrane Handbook 6.3.1", _se_from_p,
        ),
        Formula(
            "se_from_log_p", "SE of the log of a ratio from its p value", "se",
            (("estimate", "Estimate"), ("p", "p")),
            "SE = |ln estimate| ÷ z", "Cochrane Handbook 6.3.2", _se_from_log_p,
        ),
    )
}  # fmt: skip


def formulas_for(form: Form, path: str) -> list[Formula]:
    """The formulas that can fill this cell."""
    cell = parse(path)
    if cell.kind not in {"group", "contrast"}:
        return []
    found = [f for f in FORMULAS.values() if f.gives == cell.part]
    if cell.part == "se":
        asked = form.by_outcome.get(cell.outcome_id)
        log = bool(asked and asked.is_ratio)
        found = [f for f in found if ("log" in f.key) == log]
    return found


def derive(key: str, raw: Mapping[str, str]) -> Derived:
    """Use a formula. Raises CannotDerive naming the input and the remedy.

    >>> derive("sd_from_se", {"se": "0.5", "n": "100"})
    Derived(value='5', words='SD = SE × √N; SE 0.5, N 100 (Cochrane Handbook 6.5.2)')
    """
    formula = FORMULAS.get(key)
    if formula is None:
        raise CannotDerive("Choose one of the formulas.")
    values = {}
    for name, words in formula.inputs:
        try:
            values[name] = number(raw.get(name, "") or "nan")
        except BadValue:
            raise CannotDerive(f"{words}: write a number, such as 12.5.") from None
        if name in {"n", "total", "se"} and values[name] <= 0:
            raise CannotDerive(f"{words}: write a number above 0.")
        if name == "without" and values[name] < 0:
            raise CannotDerive(f"{words}: write a number, 0 or more.")
    result = formula.compute(values)
    if not math.isfinite(result):
        raise CannotDerive("These values give no finite result. Check them.")
    given = ", ".join(f"{words} {show(values[name])}" for name, words in formula.inputs)
    return Derived(
        show(float(f"{result:.6g}")), f"{formula.expression}; {given} ({formula.source})"
    )


@dataclass(frozen=True)
class Agreed:
    """One typed result: of an arm, or of ``arm`` against ``reference``.

    ``estimate`` and ``se`` are on the analysis scale (log for ratios).
    """

    outcome_id: int
    timepoint: str
    arm: int
    reference: int | None = None
    events: float | None = None
    total: float | None = None
    mean: float | None = None
    sd: float | None = None
    estimate: float | None = None
    se: float | None = None
    derived: bool = False


def results(
    form: Form, values: Mapping[str, str], derived: frozenset[str] = frozenset()
) -> list[Agreed]:
    """The typed results of a complete copy; ``derived`` names cells that were computed."""
    found = []
    seen: set[tuple[int, str, int, int]] = set()
    for path, value in sorted(values.items(), key=lambda item: form.order(item[0])):
        cell = parse(path)
        key = (cell.outcome_id, cell.timepoint, cell.arm, cell.reference)
        if not value or cell.kind not in {"group", "contrast"} or key in seen:
            continue
        seen.add(key)
        make = _contrast if cell.reference else _group
        one = make(form, values, derived, *key)
        if one is not None:
            found.append(one)
    return found


def _group(
    form: Form, values: Mapping[str, str], derived: frozenset[str],
    outcome_id: int, timepoint: str, arm: int, _reference: int,
) -> Agreed | None:  # fmt: skip
    def read(part: str) -> float | None:
        text = values.get(group_path(outcome_id, timepoint, arm, part), "")
        return number(text) if text else None

    paths = {
        group_path(outcome_id, timepoint, arm, p) for p in ("events", "total", "mean", "sd", "n")
    }
    total = read("total") if read("total") is not None else read("n")
    one = Agreed(
        outcome_id, timepoint, arm, None, read("events"), total, read("mean"), read("sd"),
        derived=bool(paths & derived),
    )  # fmt: skip
    dichotomous = form.by_outcome[outcome_id].kind == "dichotomous"
    needed = (one.events, total) if dichotomous else (one.mean, one.sd, total)
    return None if None in needed else one


def _contrast(
    form: Form, values: Mapping[str, str], derived: frozenset[str],
    outcome_id: int, timepoint: str, arm: int, reference: int,
) -> Agreed | None:  # fmt: skip
    def path(part: str) -> str:
        return contrast_path(outcome_id, timepoint, arm, reference, part)

    def read(part: str) -> float | None:
        text = values.get(path(part), "")
        return number(text) if text else None

    ratio = form.by_outcome[outcome_id].is_ratio
    estimate, se, low, high = (read(p) for p in ("estimate", "se", "ci_low", "ci_high"))
    computed = bool({path("estimate"), path("se")} & derived)
    if estimate is None:
        return None
    if se is None and low is not None and high is not None:
        raw = {"low": low, "high": high}
        se, computed = (_se_from_log_ci if ratio else _se_from_ci)(raw), True
    if se is None:
        return None
    return Agreed(
        outcome_id, timepoint, arm, reference,
        estimate=math.log(estimate) if ratio else estimate, se=se, derived=computed,
    )  # fmt: skip
