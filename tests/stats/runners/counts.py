"""Mantel-Haenszel and Peto."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reviewtool.stats.count_pooling import CountPooled, mantel_haenszel, peto
from reviewtool.stats.measures import measure
from tests.stats.runners.inputs import Case, Dataset, column


def pooled_mh(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    options = case["options"]
    result = mantel_haenszel(
        case["measure"],
        level=case["level"],
        add=tuple(options["add"]),
        to=tuple(options["to"]),
        drop00=options["drop00"],
        correct=options["correct"],
        **columns(dataset, case),
    )
    fields = count_fields(result, complete(dataset, case))
    fields |= {"CMH": result.cmh, "CMHp": result.cmh_p}
    for name, test in (("breslow_day", result.breslow_day), ("tarone", result.tarone)):
        fields |= {name: test and test.statistic, f"{name}_p": test and test.p}
    return fields


def pooled_peto(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    options = case["options"]
    result = peto(level=case["level"], drop00=options["drop00"], **columns(dataset, case))
    return count_fields(result, complete(dataset, case)) | {
        "yi": result.y,
        "vi": result.v,
    }


def columns(dataset: Dataset, case: Case) -> dict[str, np.ndarray]:
    return {role: column(dataset, name) for role, name in case["input"].items()}


def complete(dataset: Dataset, case: Case) -> np.ndarray:
    """Rows without a missing value: the weights are listed for these."""
    return ~np.logical_or.reduce([np.isnan(c) for c in columns(dataset, case).values()])


def count_fields(r: CountPooled, rows: np.ndarray) -> dict[str, Any]:
    scale = measure(r.measure).scale
    back = scale.back
    return {
        "b": r.estimate,
        "se": r.se,
        "stat": r.statistic,
        "pval": r.p,
        "ci_lb": r.ci_low,
        "ci_ub": r.ci_high,
        "Q": r.q,
        "Q_df": r.q_df,
        "Qp": r.q_p,
        "I2": r.i2,
        "H2": r.h2,
        "k": r.k,
        "k_yi": r.k_effects,
        "weights_pct": r.weights[rows],
        "transform": scale.transform,
        "transformed": {
            name: float(back(np.float64(value)))
            for name, value in (("b", r.estimate), ("ci_lb", r.ci_low), ("ci_ub", r.ci_high))
        },
    }


KINDS = {"pooled_mh": pooled_mh, "pooled_peto": pooled_peto}
