"""Subgroups and meta-regression."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reviewtool.stats.design import Design, design_matrix
from reviewtool.stats.regression import Subgroup, regress, subgroups
from tests.stats.runners.inputs import Case, Dataset, usable


def subgroup(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, rows, _ = usable(dataset, case)
    by = [dataset["rows"][i].get(case["options"]["by"]) for i in rows]
    known = [i for i, value in enumerate(by) if value is not None]
    common = case["options"]["tau2"] == "common"
    result = subgroups(
        y[known],
        v[known],
        [str(by[i]) for i in known],
        common_tau2=common,
        method=case["method"],
        test=case["test"],
        level=case["level"],
    )
    none = case["method"] == "EE"
    return {
        "groups": [group_fields(g, none) for g in result.groups],
        "Q_between": result.between,
        "Q_between_df": result.between_df,
        "Q_between_ddf": result.between_df2,
        "Q_between_p": result.between_p,
        "tau2_common": None if none else result.tau2,
        "se_tau2_common": result.se_tau2,
        "Q_residual": result.residual,
        "Q_residual_df": result.residual_df,
        "Q_residual_p": result.residual_p,
    }


def group_fields(group: Subgroup, common_effect: bool) -> dict[str, Any]:
    f = group.fit
    return {
        "level": group.level,
        "k": group.k,
        "b": f.estimate,
        "se": f.se,
        "stat": f.statistic,
        "ddf": f.df,
        "pval": f.p,
        "ci_lb": f.ci_low,
        "ci_ub": f.ci_high,
        "tau2": None if common_effect else f.tau2,
        "se_tau2": f.se_tau2,
        "Q": f.q,
        "Q_df": group.k - 1,
        "Qp": f.q_p,
        "I2": f.i2,
        "H2": f.h2,
    }


def case_design(dataset: Dataset, case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(y, v, X) of a meta-regression case."""
    y, v, _, design = _designed(dataset, case)
    return y[design.rows], v[design.rows], design.x


def _designed(dataset: Dataset, case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray, Design]:
    y, v, rows, _ = usable(dataset, case)
    options = case["options"]
    moderators = {
        name: [dataset["rows"][i].get(name) for i in rows] for name in options["moderators"]
    }
    types = dict(zip(options["moderators"], options["types"], strict=True))
    design = design_matrix(
        moderators,
        categorical=[name for name, kind in types.items() if kind == "categorical"],
        interaction=options["interaction"],
    )
    return y, v, rows, design


def meta_regression(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, rows, design = _designed(dataset, case)
    kept = design.rows
    r = regress(
        y[kept], v[kept], design.x, design.names, case["method"], case["test"], case["level"]
    )
    none = case["method"] == "EE"
    wanted = case["expected"]["predict_rows"]["row"]
    shown = r.predict(design.x[: len(wanted)])
    return {
        "terms": list(design.names),
        "b": r.beta,
        "se": [t.se for t in r.terms],
        "stat": [t.statistic for t in r.terms],
        "ddf": r.df,
        "pval": [t.p for t in r.terms],
        "ci_lb": [t.ci_low for t in r.terms],
        "ci_ub": [t.ci_high for t in r.terms],
        "vcov": r.vcov,
        "QM": r.qm,
        "QM_df1": r.qm_df,
        "QM_df2": r.df,
        "QMp": r.qm_p,
        "QE": r.qe,
        "QE_df": r.qe_df,
        "QEp": r.qe_p,
        "tau2": None if none else r.tau2,
        "se_tau2": r.se_tau2,
        "I2": r.i2,
        "H2": r.h2,
        "R2": r.r2,
        "k": r.k,
        "p": r.p,
        "predict_rows": {
            "row": [int(rows[i]) + 1 for i in kept[: len(wanted)]],
            "pred": [s.estimate for s in shown],
            "se": [s.se for s in shown],
            "ci_lb": [s.ci_low for s in shown],
            "ci_ub": [s.ci_high for s in shown],
            "pi_lb": None if none else [s.pi_low for s in shown],
            "pi_ub": None if none else [s.pi_high for s in shown],
        },
    }


KINDS = {"subgroup": subgroup, "meta_regression": meta_regression}
