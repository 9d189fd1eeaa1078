"""Effect sizes and inverse-variance pooling."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reviewtool.stats.distributions import critical
from reviewtool.stats.measures import double_arcsine_back, harmonic_mean, measure
from reviewtool.stats.pairwise import pool, prediction_interval
from reviewtool.stats.results import Interval, Pooled
from tests.stats.runners.inputs import Case, Dataset, column, effects, usable


def effect_size(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    es = effects(dataset, case)
    half = critical(case["level"], None) * np.sqrt(es.v)
    return {
        "yi": es.y,
        "vi": es.v,
        "k_missing": int(es.missing.sum()),
        "ci_lb": es.y - half,
        "ci_ub": es.y + half,
        "transform": es.transform,
        "transformed": es.back(es.y),
        "transformed_ci_lb": es.back(es.y - half),
        "transformed_ci_ub": es.back(es.y + half),
    }


def pooled(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, _, _ = usable(dataset, case)
    result = pool(y, v, method=case["method"], test=case["test"], level=case["level"])
    fields = pooled_fields(result)
    scale = measure(case["measure"] or "GEN").scale
    if scale.sized_by:
        return fields
    back = scale.back
    fields["transform"] = scale.transform
    fields["transformed"] = {
        name: float(back(np.float64(value)))
        for name, value in (
            ("b", result.estimate),
            ("ci_lb", result.ci_low),
            ("ci_ub", result.ci_high),
        )
    }
    if (normal := predicted(result, None)) is not None:
        fields["transformed"]["pi_z"] = back(np.array(normal))
    return fields


def pair(interval: Interval | None) -> list[float] | None:
    if interval is None or np.isnan(interval.low):
        return None
    return [interval.low, interval.high]


def predicted(r: Pooled, df: float | None) -> list[float] | None:
    """The reference also gives an interval for a single study, which ``pool`` withholds."""
    stored = {None: r.prediction_z, r.k - 1: r.prediction_t_km1, r.k - 2: r.prediction_t_km2}[df]
    found = pair(prediction_interval(r.estimate, r.se, r.tau2, r.level, df))
    assert pair(stored) == (found if r.k > 1 and r.method != "EE" else None)
    return found


def pooled_fields(r: Pooled) -> dict[str, Any]:
    common = r.method == "EE"
    fields: dict[str, Any] = {
        "b": r.estimate,
        "se": r.se,
        "stat": r.statistic,
        "ddf": r.df,
        "pval": r.p,
        "ci_lb": r.ci_low,
        "ci_ub": r.ci_high,
        "tau2": None if common else r.tau2,
        "se_tau2": r.se_tau2,
        "Q": r.q,
        "Q_df": r.q_df,
        "Qp": r.q_p,
        "I2": r.i2,
        "H2": r.h2,
        "k": r.k,
        "weights_pct": r.weights,
        "I2_Q": r.i2_q,
        "I2_ci_test_based": pair(r.i2_ci),
        "H_ci_test_based": pair(r.h_ci),
        "logLik": r.log_lik,
        "pi": {
            "z": predicted(r, None),
            "t_km1": predicted(r, r.k - 1),
            "t_km2": predicted(r, r.k - 2),
        },
    }
    if r.tau2_ci is not None:
        fields |= {
            "tau2_ci": [r.tau2_ci.low, r.tau2_ci.high],
            "tau_ci": pair(r.tau2_ci.tau),
            "I2_ci_qprofile": pair(r.tau2_ci.i2),
            "H2_ci_qprofile": pair(r.tau2_ci.h2),
            "tau2_ci_null_set": r.tau2_ci.empty,
        }
    return fields


def timepoint_pooled(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    at = column(dataset, "time") == case["options"]["time"]
    y, v = (column(dataset, case["input"][role])[at] for role in ("yi", "vi"))
    result = pool(y, v, method=case["method"], test=case["test"], level=case["level"])
    return pooled_fields(result)


def pft_backtransform(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, rows, _ = usable(dataset, case)
    result = pool(y, v, method=case["method"], test=case["test"], level=case["level"])
    n = harmonic_mean(column(dataset, case["input"]["ni"])[rows])
    return {
        "harmonic_mean_n": n,
        "b": result.estimate,
        "prop": float(double_arcsine_back(result.estimate, n)),
        "prop_ci_lb": float(double_arcsine_back(result.ci_low, n)),
        "prop_ci_ub": float(double_arcsine_back(result.ci_high, n)),
    }


KINDS = {
    "effect_size": effect_size,
    "pooled": pooled,
    "timepoint_pooled": timepoint_pooled,
    "pft_backtransform": pft_backtransform,
}
