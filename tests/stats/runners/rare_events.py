"""Generalised linear mixed models."""

from collections.abc import Mapping
from typing import Any

from reviewtool.stats.rare_events import glmm
from tests.stats.runners.counts import columns
from tests.stats.runners.inputs import Case, Dataset


def glmm_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    options = case["options"]
    r = glmm(
        case["measure"],
        model=options["glmm_model"],
        nodes=options["nAGQ"],
        level=case["level"],
        **columns(dataset, case),
    )
    return {
        "b": r.estimate,
        "se": r.se,
        "stat": r.statistic,
        "pval": r.p,
        "ci_lb": r.ci_low,
        "ci_ub": r.ci_high,
        "tau2": r.tau2,
        "I2": r.i2,
        "H2": r.h2,
        "Q_wald": r.q_wald,
        "Q_wald_p": r.q_wald_p,
        "Q_LRT": r.q_lrt,
        "Q_LRT_p": r.q_lrt_p,
        "Q_df": r.q_df,
        "k": r.k,
        # what the reference calls logLik is conditional on the modes, but for CM.EL
        "logLik": r.log_lik if r.model == "CM.EL" else r.conditional_log_lik,
    }


KINDS = {"glmm": glmm_fields}
