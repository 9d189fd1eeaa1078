"""Small-study effects."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reviewtool.stats.side_by_side import pool_binary
from reviewtool.stats.small_studies.failsafe import fail_safe_n
from reviewtool.stats.small_studies.rank_tests import ranktest
from reviewtool.stats.small_studies.regression_tests import metabias, regtest
from reviewtool.stats.small_studies.selection import selection_model
from reviewtool.stats.small_studies.trimfill import trimfill
from tests.stats.runners.counts import columns
from tests.stats.runners.inputs import Case, Dataset, usable


def sizes(dataset: Dataset, case: Case, rows: np.ndarray) -> np.ndarray | None:
    given = columns(dataset, case)
    if "ni" in given:
        return given["ni"][rows]
    if "n1i" in given:
        return (given["n1i"] + given["n2i"])[rows]
    if "t1i" in given:
        return (given["t1i"] + given["t2i"])[rows]
    return None


def regtest_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, rows, _ = usable(dataset, case)
    options = case["options"]
    r = regtest(
        y,
        v,
        model=options["model"],
        predictor=options["predictor"],
        ni=sizes(dataset, case, rows),
        level=case["level"],
    )
    return {
        "stat": r.statistic,
        "df": r.df,
        "pval": r.p,
        "limit_estimate": r.limit,
        "limit_ci_lb": r.limit_low,
        "limit_ci_ub": r.limit_high,
        "tau2": r.dispersion,
    }


def ranktest_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, _, _ = usable(dataset, case)
    r = ranktest(y, v)
    return {"kendall_tau": r.tau, "pval": r.p}


def metabias_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    counts = columns(dataset, case)
    effects = pool_binary(case["measure"], **counts, method="Inverse", method_tau2="DL")
    used = np.isfinite(effects.y)
    r = metabias(
        case["options"]["test"],
        effects.y[used],
        effects.se[used],
        {name: values[used] for name, values in counts.items()},
        measure=case["measure"],
        level=case["level"],
    )
    rank = case["options"]["test"] in ("Begg", "Schwarzer")
    fields: dict[str, Any] = {
        "stat": r.statistic,
        "df": r.df,
        "pval": r.p,
        "intercept": r.limit,
        "se_intercept": r.se_limit,
        "tau2": np.sqrt(r.dispersion),  # tau, whatever its name
    }
    names = ("ks", "se_ks") if rank else ("bias", "se_bias")
    return fields | dict(zip(names, (r.bias, r.se_bias), strict=True))


def trimfill_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, _, _ = usable(dataset, case)
    r = trimfill(
        y,
        v,
        method=case["method"],
        estimator=case["options"]["estimator"],
        test=case["test"],
        level=case["level"],
    )
    f = r.fit
    return {
        "b": f.estimate,
        "se": f.se,
        "stat": f.statistic,
        "pval": f.p,
        "ci_lb": f.ci_low,
        "ci_ub": f.ci_high,
        "tau2": None if case["method"] == "EE" else f.tau2,
        "Q": f.q,
        "Qp": f.q_p,
        "I2": f.i2,
        "k": r.k,
        "k0": r.k0,
        "se_k0": r.se_k0,
        "side": r.side,
        "p_k0": r.p_k0,
        "filled_yi": r.filled_y,
        "filled_vi": r.filled_v,
    }


def fsn_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, _, _ = usable(dataset, case)
    options = case["options"]
    r = fail_safe_n(y, v, options["type"], alpha=options["alpha"])
    return {"fsnum": r.n, "pval": r.p, "mean_effect": r.mean_effect, "target": r.target}


def selection_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, _, _ = usable(dataset, case)
    options = case["options"]
    r = selection_model(
        y,
        v,
        options["type"],
        steps=options.get("steps") or (),
        alternative=options["alternative"],
        level=case["level"],
    )
    return {
        "b": r.estimate,
        "se": r.se,
        "stat": r.statistic,
        "pval": r.p,
        "ci_lb": r.ci_low,
        "ci_ub": r.ci_high,
        "tau2": r.tau2,
        "se_tau2": r.se_tau2,
        "delta": r.delta,
        "se_delta": r.se_delta,
        "LRT": r.lrt,
        "LRT_df": r.lrt_df,
        "LRT_p": r.lrt_p,
        "logLik": r.log_lik,
        "k": r.k,
    }


KINDS = {
    "selection_model": selection_fields,
    "regtest": regtest_fields,
    "ranktest": ranktest_fields,
    "metabias": metabias_fields,
    "trimfill": trimfill_fields,
    "fail_safe_n": fsn_fields,
}
