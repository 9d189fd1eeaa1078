"""Common and random effects side by side; effects from reported intervals."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import special

from reviewtool.stats import effect_sizes
from reviewtool.stats.measures import clopper_pearson
from reviewtool.stats.measures.scales import LOGIT
from reviewtool.stats.pairwise import pool
from reviewtool.stats.results import Interval
from reviewtool.stats.side_by_side import Side, SideBySide, pool_binary, pool_continuous
from tests.stats.runners.counts import columns
from tests.stats.runners.inputs import Case, Dataset, column


def pooled_meta_binary(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    options = case["options"]
    result = pool_binary(
        case["measure"],
        **columns(dataset, case),
        method=case["method"],
        method_tau2=options.get("method_tau", case["method"]),
        test=case["test"],
        increment=options.get("incr", 0.5),
        all_studies=options.get("allstudies", False),
        level=case["level"],
    )
    return fields(result)


def pooled_meta_continuous(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    result = pool_continuous(
        case["measure"],
        **columns(dataset, case),
        method_tau2=case["method"],
        test=case["test"],
        level=case["level"],
    )
    return fields(result)


def pooled_meta_proportion(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    counts = columns(dataset, case)
    es = effect_sizes(case["measure"], add=case["options"].get("incr", 0.5), **counts)
    used = es.usable
    random = pool(es.y[used], es.v[used], method=case["method"], level=case["level"])
    low, high = clopper_pearson(counts["xi"], counts["ni"], case["level"])
    back = LOGIT.back
    return {
        "yi": es.y,
        "sei": np.sqrt(es.v),
        "study_ci_lb_clopper_pearson": special.logit(low),
        "study_ci_ub_clopper_pearson": special.logit(high),
        "common_logit": pool(es.y[used], es.v[used], method="EE").estimate,
        "random_logit": random.estimate,
        "random_se": random.se,
        "tau2": random.tau2,
        "random_prop": back(np.float64(random.estimate)),
        "random_prop_ci_lb": back(np.float64(random.ci_low)),
        "random_prop_ci_ub": back(np.float64(random.ci_high)),
    }


def effect_from_ci(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    values = {role: column(dataset, name) for role, name in case["input"].items()}
    ratio = case["options"]["transform"] == "log"
    es = effect_sizes(
        "HR" if ratio else "GEN",
        est=values["est"],
        lb=values["lb"],
        ub=values["ub"],
        level=case["options"]["level"],
    )
    return {"yi": es.y, "sei": np.sqrt(es.v)}


def fields(r: SideBySide) -> dict[str, Any]:
    return {
        "yi": r.y,
        "sei": r.se,
        "common": side(r.common),
        "random": side(r.random),
        "pi_hts": both(r.prediction),
        "Q": r.q,
        "Q_df": r.q_df,
        "Qp": r.q_p,
        "I2": r.i2,
        "I2_ci": both(r.i2_ci),
        "H": r.h,
        "H_ci": both(r.h_ci),
        "tau2": r.tau2,
        "tau2_ci": [r.tau2_ci.low, r.tau2_ci.high] if r.tau2_ci else [None, None],
        "k": r.k,
        "k_all": r.k_all,
    }


def both(interval: Interval) -> list[float]:
    return [interval.low, interval.high]


def side(s: Side) -> dict[str, Any]:
    return {
        "b": s.estimate,
        "se": s.se,
        "ci_lb": s.ci_low,
        "ci_ub": s.ci_high,
        "stat": s.statistic,
        "pval": s.p,
        "weights_pct": s.weights,
    }


KINDS = {
    "pooled_meta_binary": pooled_meta_binary,
    "pooled_meta_continuous": pooled_meta_continuous,
    "pooled_meta_proportion": pooled_meta_proportion,
    "effect_from_ci": effect_from_ci,
}
