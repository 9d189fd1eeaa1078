"""Leave-one-out, cumulative, influence."""

from collections.abc import Mapping, Sequence
from typing import Any

from reviewtool.stats.sensitivity import Refit, cumulative, influence, leave_one_out
from tests.stats.runners.inputs import Case, Dataset, column, usable


def loo(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, rows, _ = usable(dataset, case)
    steps = leave_one_out(y, v, method=case["method"], test=case["test"], level=case["level"])
    fields = refit_fields(steps, case["method"] == "EE")
    return fields | {"omitted_row": [int(rows[s.row]) + 1 for s in steps]}


def cumul(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, rows, _ = usable(dataset, case)
    order = column(dataset, case["options"]["order_by"])[rows]
    steps = cumulative(y, v, order, method=case["method"], test=case["test"], level=case["level"])
    fields = refit_fields(steps, case["method"] == "EE")
    return fields | {"added_row": [int(rows[s.row]) + 1 for s in steps]}


def refit_fields(steps: Sequence[Refit], common: bool) -> dict[str, Any]:
    names = {
        "b": "estimate",
        "se": "se",
        "stat": "statistic",
        "pval": "p",
        "ci_lb": "ci_low",
        "ci_ub": "ci_high",
        "tau2": "tau2",
        "Q": "q",
        "Qp": "q_p",
        "I2": "i2",
        "H2": "h2",
    }
    fields: dict[str, Any] = {
        out: [getattr(s.fit, name) for s in steps] for out, name in names.items()
    }
    if common:
        fields["tau2"] = [None] * len(steps)
    return fields


def influence_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v, rows, _ = usable(dataset, case)
    r = influence(y, v, method=case["method"], level=case["level"])
    return {
        "row": [int(i) + 1 for i in rows],
        "rstudent": r.rstudent,
        "dffits": r.dffits,
        "cook_d": r.cook_d,
        "cov_r": r.cov_ratio,
        "tau2_del": r.tau2_deleted,
        "QE_del": r.q_deleted,
        "hat": r.hat,
        "weight": r.weight,
        "dfbetas": r.dfbetas,
        "flagged": r.flagged,
        "rstandard_resid": r.residual,
        "rstandard_se": r.residual_se,
        "rstandard_z": r.residual_z,
        "blup": r.blup,
        "blup_se": r.blup_se,
        "blup_pi_lb": r.blup_low,
        "blup_pi_ub": r.blup_high,
    }


KINDS = {"leave_one_out": loo, "cumulative": cumul, "influence": influence_fields}
