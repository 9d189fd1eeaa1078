"""From a dataset and a case to the numbers an analysis needs."""

import re
from typing import Any, TypeAlias

import numpy as np

from reviewtool.stats import EffectSizes, effect_sizes

Dataset: TypeAlias = dict[str, Any]
Case: TypeAlias = dict[str, Any]

ROLE_OPTIONS = ("add", "to", "drop00", "vtype")


def options_of(case: Case) -> dict[str, Any]:
    """What the case says about how it was made; nothing where it says nothing."""
    return case.get("options") or {}


def stated(case: Case, *names: str) -> float | None:
    """A number among the options by its name, or written in the text of ``V``: rho = 0.6."""
    options = options_of(case)
    for name in names:
        if isinstance(options.get(name), int | float):
            return float(options[name])
        found = re.search(rf"\b{name}\b\s*(?:=|:|of)?\s*(-?\d*\.?\d+)", str(options.get("V", "")))
        if found:
            return float(found.group(1))
    return None


def column(dataset: Dataset, name: str) -> np.ndarray:
    """A column of the rows as floats, null as NaN."""
    values = [row.get(name) for row in dataset["rows"]]
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def effects(dataset: Dataset, case: Case, **changed: Any) -> EffectSizes:
    """Effect and variance of every row, as the case's ``input`` and ``options`` say."""
    inputs = {role: column(dataset, name) for role, name in case["input"].items()}
    measure = case["measure"]
    if "yi" in inputs:
        v = inputs["vi"] if "vi" in inputs else inputs["sei"] ** 2
        nothing = np.zeros(v.shape, dtype=bool)
        return EffectSizes(measure or "GEN", inputs["yi"], v, nothing)
    options = {o: v for o in ROLE_OPTIONS if (v := options_of(case).get(o)) is not None}
    return effect_sizes(measure, **{**options, **changed}, **inputs)


def usable(dataset: Dataset, case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray, EffectSizes]:
    """(y, v, row indices) of the rows that can be pooled, and the effects themselves."""
    es = effects(dataset, case)
    rows = es.usable
    return es.y[rows], es.v[rows], rows, es
