"""Mantel-Haenszel and Peto."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reviewtool.stats.count_pooling import CountPooled, mantel_haenszel, peto
from reviewtool.stats.measures import measure
from tests.stats.runners.inputs import Case, Dataset, column, options_of


def pooled_mh(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    options = options_of(case)
    result = mantel_haenszel(
        case["measure"],
        level=case["level"],
        add=tuple(options.get("add", (0.5, 0.0))),
        to=tuple(options.get("to", ("only0", "none"))),
        drop00=options.get("drop00", True),
        correct=options.get("correct", True),
        **columns(dataset, case),
    )
    fields = count_fields(result, complete(dataset, case))
    fields |= {"CMH": result.cmh, "CMHp": result.cmh_p}
    for name, test in (("breslow_day", result.breslow_day), ("tarone", result.tarone)):
        fields |= {name: test and test.statistic, f"{name}_p": test and test.p}
    return fields


def pooled_peto(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    drop00 = options_of(case).get("drop00", True)
    result = peto(level=case["level"], drop00=drop00, **columns(dataset, case))
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
