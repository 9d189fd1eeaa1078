"""What is looked at beside the pooled effect: subgroups, regression, sensitivity, asymmetry."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np

from reviewtool.stats import pool
from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.design import INTERCEPT
from reviewtool.stats.pairwise import Fit
from reviewtool.stats.regression import regress, subgroups
from reviewtool.stats.sensitivity import leave_one_out
from reviewtool.synthesis.rules.pooling import Inputs, Settings, number, numbers_of, pool_rows
from reviewtool.synthesis.rules.selection import Row


def by_subgroup(
    rows: Sequence[Row], y: Vector, v: Vector, settings: Settings, labels: list[str]
) -> dict[str, Any]:
    """Each subgroup pooled by the analysis' own method, and the test for their difference."""
    method, test = settings.estimator
    by = [r.subgroup or "Not reported" for r in rows]
    groups = []
    for level in dict.fromkeys(sorted(by)):
        chosen = [i for i, name in enumerate(by) if name == level]
        part = pool_rows(
            [rows[i] for i in chosen], y[chosen], v[chosen], settings, [labels[i] for i in chosen]
        )[0]
        groups.append({"label": level, **part})
    between = None
    if len(groups) > 1 and settings.is_mantel_haenszel:
        between = _between(groups)
    elif len(groups) > 1:
        found = subgroups(y, v, by, method=method, test=test, level=settings.level, labels=labels)
        between = {
            "q": number(found.between),
            "df": len(groups) - 1,
            "df2": number(found.between_df2),
            "p": number(found.between_p),
        }
    return {"subgroups": groups, "between": between}


def _between(groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Test for subgroup differences from the subgroups' own estimates and standard errors.

    Source: Borenstein & Higgins 2013, Prev Sci 14:134.
    """
    from reviewtool.stats.distributions import chi2_p

    y = np.array([g["estimate"] for g in groups], dtype=float)
    w = 1 / np.array([g["se"] for g in groups], dtype=float) ** 2
    q = float(w @ (y - (w @ y) / w.sum()) ** 2)
    return {
        "q": number(q),
        "df": len(groups) - 1,
        "df2": None,
        "p": number(chi2_p(q, len(groups) - 1)),
    }


def regression(
    rows: Sequence[Row],
    y: Vector,
    v: Vector,
    inputs: Inputs,
    settings: Settings,
    labels: list[str],
) -> dict[str, Any]:
    """Meta-regression on the settings' moderators, over the studies that report them all."""
    keys = list(settings.moderators)
    keep = [
        i
        for i, row in enumerate(rows)
        if all(key in inputs.moderators.get(row.study_id, {}) for key in keys)
    ]
    if len(keep) <= len(keys) + 1:
        return {"error": f"Too few studies report {', '.join(keys)}."}
    x = np.array([[1.0, *(inputs.moderators[rows[i].study_id][k] for k in keys)] for i in keep])
    method, test = settings.estimator
    found = regress(
        y[keep],
        v[keep],
        x,
        [INTERCEPT, *keys],
        method,
        test,
        settings.level,
        [labels[i] for i in keep],
    )
    terms = [
        {
            "name": "intercept" if t.name == INTERCEPT else t.name,
            **{n: number(getattr(t, n)) for n in ["estimate", "se", "p", "ci_low", "ci_high"]},
        }
        for t in found.terms
    ]
    return {
        "k": found.k,
        "terms": terms,
        "tau2": number(found.tau2),
        "i2": number(found.i2),
        "r2": number(found.r2),
        "qm": {
            "q": number(found.qm),
            "df": found.qm_df,
            "df2": number(found.df),  # an F test then, else chi-square
            "p": number(found.qm_p),
        },
        "points": _points(keep, x, y, v, found.tau2, labels),
        "line": _line(x, found.beta, found.vcov, found.df, settings.level),
    }


def _points(
    keep: Sequence[int], x: Matrix, y: Vector, v: Vector, tau2: float, labels: Sequence[str]
) -> list[dict[str, Any]]:
    """Studies for a bubble plot of a single moderator; none with several."""
    if x.shape[1] != 2:
        return []
    w = 1 / (v[list(keep)] + tau2)
    return [
        {
            "label": labels[i],
            "value": float(x[n, 1]),
            "estimate": float(y[i]),
            "weight": float(100 * w[n] / w.sum()),
        }
        for n, i in enumerate(keep)
    ]


def _line(
    x: Matrix, beta: Vector, vcov: Matrix, df: float | None, level: float
) -> list[dict[str, float]]:
    """The fitted mean and its limits over the range of a single moderator."""
    from reviewtool.stats.distributions import critical

    if x.shape[1] != 2:
        return []
    result = []
    for value in np.linspace(x[:, 1].min(), x[:, 1].max(), 25):
        at = np.array([1.0, value])
        mean, half = float(at @ beta), critical(level, df) * sqrt(float(at @ vcov @ at))
        result.append(
            {"value": float(value), "estimate": mean, "ci_low": mean - half, "ci_high": mean + half}
        )
    return result


def sensitivity(
    rows: Sequence[Row],
    y: Vector,
    v: Vector,
    inputs: Inputs,
    settings: Settings,
    labels: list[str],
) -> dict[str, Any]:
    """The further runs that the plan names."""
    method, test = settings.estimator
    result: dict[str, Any] = {}
    if "common" in settings.sensitivity and method != "EE":
        result["common"] = numbers_of(pool(y, v, method="EE", level=settings.level, labels=labels))
    if "exclude_high_risk" in settings.sensitivity:
        low = [
            i
            for i, r in enumerate(rows)
            if inputs.judgements.get(r.study_id, "").casefold() != "high"
        ]
        result["exclude_high_risk"] = {"k": len(low), "estimate": None}
        if low and len(low) < len(rows):
            kept = [rows[i] for i in low]
            part = pool_rows(kept, y[low], v[low], settings, [labels[i] for i in low])
            result["exclude_high_risk"] = part[0]
    if "leave_one_out" in settings.sensitivity and len(rows) > 2:
        result["leave_one_out"] = _leave_one_out(rows, y, v, settings, labels)
    return result


def _leave_one_out(
    rows: Sequence[Row], y: Vector, v: Vector, settings: Settings, labels: list[str]
) -> list[dict[str, Any]]:
    method, test = settings.estimator
    if not settings.is_mantel_haenszel:
        refits = leave_one_out(y, v, method=method, test=test, level=settings.level, labels=labels)
        return [{"omitted": labels[r.row], **_fit(r.fit)} for r in refits]
    result = []
    for i, label in enumerate(labels):
        rest = [j for j in range(len(rows)) if j != i]
        others = [labels[j] for j in rest]
        part = pool_rows([rows[j] for j in rest], y[rest], v[rest], settings, others)
        kept = ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2")
        result.append({"omitted": label, **{name: part[0][name] for name in kept}})
    return result


def _fit(fit: Fit) -> dict[str, Any]:
    return {
        name: number(getattr(fit, name))
        for name in ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2")
    }


def asymmetry(y: Vector, v: Vector) -> dict[str, Any]:
    """Egger's test: the effect regressed on its standard error, with dispersion."""
    from reviewtool.stats.distributions import two_sided_p
    from reviewtool.stats.regression import weighted_least_squares

    se = np.sqrt(v)
    x = np.column_stack([np.ones_like(se), se])
    beta, inverse, rss = weighted_least_squares(y, 1 / v, x)
    df = float(y.size - 2)
    spread = sqrt(rss / df * inverse[1, 1])
    if spread == 0:
        return {}
    t = float(beta[1]) / spread
    return {
        "test": "Egger",
        "slope": number(beta[1]),
        "t": number(t),
        "df": df,
        "p": number(two_sided_p(t, df)),
    }
