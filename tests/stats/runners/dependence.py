"""Dependent effects: multilevel, multivariate, robust, aggregation."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from reviewtool.stats.dependence.aggregate import aggregate
from reviewtool.stats.dependence.model import DependentFit
from reviewtool.stats.dependence.multilevel import multilevel, profile_interval
from reviewtool.stats.dependence.multivariate import multivariate, outcome_levels
from reviewtool.stats.dependence.robust import robust
from reviewtool.stats.dependence.sampling import block_covariance, correlated_covariance
from reviewtool.stats.design import INTERCEPT, design_matrix
from reviewtool.stats.pairwise import pool
from reviewtool.stats.regression import regress
from tests.stats.runners.core import pair, pooled_fields
from tests.stats.runners.inputs import Case, Dataset, column, options_of, stated


def rows_of(dataset: Dataset, moderators: list[str] | None) -> list[dict[str, Any]]:
    """Rows without a missing moderator."""
    return [r for r in dataset["rows"] if all(r.get(m) is not None for m in moderators or [])]


def units(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return list(range(len(rows))) if name == "row" else [r[name] for r in rows]


def sampling(
    case: Case, rows: list[dict[str, Any]], v: np.ndarray, times: list[Any] | None = None
) -> np.ndarray | None:
    """Sampling covariance of effects within studies; None where they are independent.

    From a stated decay over time (phi), a stated correlation (rho), or the columns v1i, v2i,
    ... of each study's block. A covariance that is stated in no such way is an error, never
    taken for independence.
    """
    studies = [r["study"] for r in rows]
    phi, rho = stated(case, "phi"), stated(case, "rho", "correlation")
    if times is None and all(r.get("time") is not None for r in rows):
        times = [r["time"] for r in rows]
    if phi is not None and times is not None:
        return correlated_covariance(v, studies, phi, times)
    if rho is not None:
        return correlated_covariance(v, studies, rho)
    size = max(studies.count(name) for name in studies)
    names = [f"v{j + 1}i" for j in range(size)]
    if all(name in r for r in rows for name in names):
        return block_covariance([[r[name] for name in names] for r in rows], studies)
    said = str(options_of(case).get("V") or "diagonal")
    assert said.startswith("diagonal"), f"no rho, phi or v1i, v2i, ... for V = {said}"
    return None


def multilevel_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    options = case["options"]
    fit, inner = three_level(
        dataset,
        case,
        options["level1"],
        options["level2"],
        options.get("moderators"),
        stated(case, "rho", "correlation"),
        case["method"],
        case["test"],
    )
    fields = dependent_fields(fit) | {
        "sigma2": fit.components,
        "I2_total": fit.i2_total,
        "I2_level": fit.i2_level,
        "pi": pair(fit.prediction),
    }
    for j in (0, 1):
        name = f"sigma2_{j + 1}_profile_ci"
        if name in case["expected"]:
            found = profile_interval(fit, j, inner, case["level"])
            fields[name] = [found.low, found.high]
    return fields


def three_level(
    dataset: Dataset,
    case: Case,
    outer: str,
    inner: str,
    moderators: list[str] | None,
    rho: float | None,
    method: str,
    test: str,
) -> tuple[DependentFit, list[Any]]:
    rows = rows_of(dataset, moderators)
    y, v = (np.array([r[case["input"][role]] for r in rows], dtype=float) for role in ("yi", "vi"))
    clusters, own = units(rows, outer), units(rows, inner)
    design = design_matrix({m: [r[m] for r in rows] for m in moderators}) if moderators else None
    fit = multilevel(
        y,
        v,
        clusters,
        own,
        x=design.x if design else None,
        names=design.names if design else None,
        covariance=None if rho is None else correlated_covariance(v, clusters, rho),
        method=method,
        test=test,
        level=case["level"],
    )
    return fit, own


def dependent_fields(fit: DependentFit) -> dict[str, Any]:
    return {
        "terms": [t.name for t in fit.terms],
        "b": fit.beta,
        "se": [t.se for t in fit.terms],
        "stat": [t.statistic for t in fit.terms],
        "ddf": None if fit.df is None else [fit.df],
        "pval": [t.p for t in fit.terms],
        "ci_lb": [t.ci_low for t in fit.terms],
        "ci_ub": [t.ci_high for t in fit.terms],
        "vcov": fit.vcov,
        "QE": fit.qe,
        "QE_df": fit.qe_df,
        "QEp": fit.qe_p,
        "QM": fit.qm,
        "QM_df": fit.qm_df,
        "QM_p": fit.qm_p,
        "k": fit.k,
        "logLik": fit.log_lik,
        "tau2": fit.components,
        "rho": fit.rho,
    }


def multivariate_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    rows = dataset["rows"]
    y, v = (column(dataset, case["input"][role]) for role in ("yi", "vi"))
    studies = [r["study"] for r in rows]
    outcomes = [r["outcome"] for r in rows]
    levels = outcome_levels(outcomes)
    x = np.array([[float(o == level) for level in levels] for o in outcomes])
    names = [f"outcome{level}" for level in levels]
    if "slopes" in case["options"]["fixed"]:
        name, base = re.search(r"\((\w+) - ([\d.]+)\)", case["options"]["fixed"]).groups()
        shifted = column(dataset, name) - float(base)
        x = np.hstack([x, x * shifted[:, None]])
        names += [f"{name}:yr" for name in names]
    fit = multivariate(
        y,
        v,
        studies,
        outcomes,
        struct=case["options"]["struct"],
        covariance=sampling(case, rows, v),
        x=x,
        names=names,
        method=case["method"],
        test=case["test"],
        level=case["level"],
    )
    return dependent_fields(fit) | {"outer_levels": [str(level) for level in levels]}


def timepoints(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    rows = dataset["rows"]
    y, v = (column(dataset, case["input"][role]) for role in ("yi", "vi"))
    studies, times = [r["study"] for r in rows], [r["time"] for r in rows]
    levels = outcome_levels(times)
    fit = multivariate(
        y,
        v,
        studies,
        times,
        struct=case["options"]["struct"],
        covariance=sampling(case, rows, v, times),
        names=[f"outer{level}" for level in levels],
        method=case["method"],
        test=case["test"],
        level=case["level"],
    )
    return dependent_fields(fit) | {"outer_levels": [str(level) for level in levels]}


def robust_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    options = case["options"]
    base, cluster = options["base_fit"], options["cluster"]
    moderators = base.get("moderators")
    if base["model"].startswith("random-effects"):
        fit = independent(dataset, case, cluster, moderators)
    else:
        inner = {"three-level": nested_unit(dataset, cluster)}.get(base["model"], "row")
        fit, _ = three_level(
            dataset, case, cluster, inner, moderators, base.get("rho"), "REML", "z"
        )
    r = robust(fit, options["type"], case["level"])
    # a reference may spell numeric terms of univariate models as its script wrote them
    prefix = "R$" if any(t.startswith("R$") for t in case["expected"]["terms"]) else ""
    return {
        "terms": [t.name if t.name == INTERCEPT else prefix + t.name for t in r.terms],
        "b": r.beta,
        "se": [t.se for t in r.terms],
        "stat": [t.statistic for t in r.terms],
        "ddf": list(r.df),
        "pval": [t.p for t in r.terms],
        "ci_lb": [t.ci_low for t in r.terms],
        "ci_ub": [t.ci_high for t in r.terms],
        "vcov": r.vcov,
        "n_clusters": r.clusters,
    }


def nested_unit(dataset: Dataset, cluster: str) -> str:
    """The inner level of this dataset's own three-level cases."""
    for case in dataset["cases"]:
        if case["kind"] == "multilevel" and case["options"]["level1"] == cluster:
            return str(case["options"]["level2"])
    return "row"


def independent(
    dataset: Dataset, case: Case, cluster: str, moderators: list[str] | None
) -> DependentFit:
    """A model that ignores dependence, with its tau2, split by cluster for robust tests."""
    from reviewtool.stats.dependence.model import describe, split

    rows = rows_of(dataset, moderators)
    y, v = (np.array([r[case["input"][role]] for r in rows], dtype=float) for role in ("yi", "vi"))
    x, names = np.ones((y.size, 1)), ("intrcpt",)
    if moderators:
        design = design_matrix({m: [r[m] for r in rows] for m in moderators})
        x, names = design.x, design.names
    tau2 = regress(y, v, x, names).tau2
    blocks = split(y, np.diag(v), x, units(rows, cluster))
    return describe(
        blocks,
        [b.v + tau2 * np.eye(b.y.size) for b in blocks],
        names,
        method="REML",
        test="z",
        level=case["level"],
        structure="independent random-effects",
        components=np.array([tau2]),
        rho=np.zeros(0),
    )


def aggregate_fields(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    y, v = (column(dataset, case["input"][role]) for role in ("yi", "vi"))
    clusters = [str(r[case["options"]["cluster"]]) for r in dataset["rows"]]
    rho = case["options"]["rho"]
    joined = aggregate(y, v, clusters, rho)
    plain = aggregate(y, v, clusters, rho, weighted=False)
    return {
        "cluster": list(joined.clusters),
        "yi": joined.y,
        "vi": joined.v,
        "yi_unweighted": plain.y,
        "vi_unweighted": plain.v,
        "pooled_REML": pooled_fields(pool(joined.y, joined.v)),
    }


KINDS = {
    "multilevel": multilevel_fields,
    "multivariate": multivariate_fields,
    "timepoints_multivariate": timepoints,
    "robust": robust_fields,
    "aggregate": aggregate_fields,
}
