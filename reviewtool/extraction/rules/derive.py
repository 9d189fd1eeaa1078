"""The typed results of a finished consensus, on the scale they are analysed on."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from reviewtool.extraction.rules.cells import SPREAD, Form, contrast_path, group_path, parse
from reviewtool.extraction.rules.values import number

Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Agreed:
    """One typed result: of an arm, or of ``arm`` against ``reference``.

    ``estimate`` and ``se`` are on the analysis scale (log for ratios); a comparison may have
    an estimate alone, or only ``p_reported`` and whom it ``favours`` (first, second, neither).
    """

    outcome_id: int
    timepoint: str
    arm: int
    reference: int | None = None
    events: float | None = None
    total: float | None = None
    mean: float | None = None
    sd: float | None = None
    time: float | None = None
    mean_before: float | None = None
    sd_before: float | None = None
    correlation: float | None = None
    estimate: float | None = None
    se: float | None = None
    p_reported: str = ""
    favours: str = ""
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
    form: Form,
    values: Mapping[str, str],
    derived: frozenset[str],
    outcome_id: int,
    timepoint: str,
    arm: int,
    _reference: int,
) -> Agreed | None:
    def read(part: str) -> float | None:
        text = values.get(group_path(outcome_id, timepoint, arm, part), "")
        return number(text) if text else None

    asked = form.by_outcome[outcome_id]
    numbers: dict[str, Any] = {part: read(part) for part in asked.parts}
    if any(numbers[part] is None for part in asked.needed if part not in SPREAD):
        return None
    # People are counted in one column, whatever the form calls them.
    if "n" in numbers:
        numbers["total"] = numbers.pop("n")
    paths = {group_path(outcome_id, timepoint, arm, part) for part in asked.parts}
    return Agreed(outcome_id, timepoint, arm, derived=bool(paths & derived), **numbers)


def _contrast(
    form: Form,
    values: Mapping[str, str],
    derived: frozenset[str],
    outcome_id: int,
    timepoint: str,
    arm: int,
    reference: int,
) -> Agreed | None:
    def path(part: str) -> str:
        return contrast_path(outcome_id, timepoint, arm, reference, part)

    def read(part: str) -> float | None:
        text = values.get(path(part), "")
        return number(text) if text else None

    ratio = form.by_outcome[outcome_id].is_ratio
    estimate, se, low, high = (read(p) for p in ("estimate", "se", "ci_low", "ci_high"))
    computed = bool({path("estimate"), path("se")} & derived)
    favours = values.get(path("favours"), "")
    if estimate is None and not favours:
        return None
    if se is None and low is not None and high is not None:
        scale = math.log if ratio else float
        se, computed = (scale(high) - scale(low)) / (2 * Z95), True
    return Agreed(
        outcome_id,
        timepoint,
        arm,
        reference,
        estimate=math.log(estimate) if ratio and estimate is not None else estimate,
        se=se if estimate is not None else None,
        p_reported=values.get(path("p"), ""),
        favours=favours,
        derived=computed,
    )
