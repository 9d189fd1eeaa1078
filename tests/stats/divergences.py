"""Reference values that are wrong, each shown to be so by an independent calculation.

Nothing here uses the engine's own estimators: likelihoods and estimating equations are
written out again, plainly, and evaluated at both answers. See DIVERGENCES.md.
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from tests.stats.comparing import Difference
from tests.stats.divergences_maxima import lower_maximum, maxima
from tests.stats.divergences_networks import boundary_tau, other_maximum, random_rank
from tests.stats.independent import (
    exact_regression_prediction,
    multilevel_log_likelihood,
    noncentral_wald,
    selection_log_likelihood,
)
from tests.stats.runners.inputs import Case, Dataset, usable
from tests.stats.runners.networks import contrasts_of

STOP = 1e-10  # the README's convergence of tau2, 1e-11, with a margin


class Question(NamedTuple):
    """One difference in its case."""

    dataset: Dataset
    case: Case
    actual: Mapping[str, Any]
    difference: Difference

    @property
    def path(self) -> str:
        return self.difference.path

    @property
    def index(self) -> int:
        """The (first) index in the path."""
        found = re.search(r"\[(\d+)\]", self.path)
        return int(found.group(1)) if found else 0


def proof(dataset: Dataset, case: Case, actual: Mapping[str, Any], found: Difference) -> str | None:
    """Why the reference value is wrong, or None when that cannot be shown."""
    question = Question(dataset, case, actual, found)
    for kinds, pattern, check in PROOFS:
        if re.fullmatch(kinds, case["kind"]) and re.fullmatch(pattern, found.path):
            try:
                reason = check(question)
            except (ArithmeticError, LookupError, TypeError, ValueError):
                reason = None  # a calculation that cannot be made proves nothing
            if reason:
                return reason
    return None


def _level_tail(case: Case) -> float:
    return 0.5 - case["level"] / 200


def _generalised_q(y: np.ndarray, v: np.ndarray, tau2: float) -> float:
    w = 1 / (v + tau2)
    return float(np.sum(w * (y - np.average(y, weights=w)) ** 2))


def _bound_is_a_root(y: np.ndarray, v: np.ndarray, bound: float, upper: bool, tail: float) -> bool:
    from scipy.stats import chi2

    target = float(chi2.ppf(tail if upper else 1 - tail, y.size - 1))
    q = _generalised_q(y, v, bound)
    if bound == 0:
        return q <= target * (1 + 1e-9)
    return abs(q - target) <= 1e-9 * target


def loose_root(q: Question) -> str | None:
    """Q-profile bounds that the reference found with R's default root tolerance (1.2e-4)."""
    listed = q.case["expected"] if "yi" in q.case["expected"] else q.actual
    y, se = (np.array(listed[name], dtype=float) for name in ("yi", "sei"))
    y, se = y[np.isfinite(y)], se[np.isfinite(y)]
    ours, theirs, tail = q.difference.got, q.difference.wanted, _level_tail(q.case)
    if theirs is None or abs(ours - theirs) > 1.3e-4 * max(1.0, ours):
        return None
    upper = q.index == 1
    if not _bound_is_a_root(y, se**2, ours, upper, tail):
        return None
    if _bound_is_a_root(y, se**2, theirs, upper, tail):
        return None
    return "the reference bound does not satisfy Q(tau2) = chi-square quantile"


def loose_profile(q: Question) -> str | None:
    """I2 and H2 bounds of a Q-profile root that stopped at an absolute tolerance."""
    y, v, _, _ = usable(q.dataset, q.case)
    ours = q.actual["tau2_ci"][q.index]
    theirs = q.case["expected"]["tau2_ci"][q.index]
    tail, upper = _level_tail(q.case), q.index == 1
    if abs(ours - theirs) > STOP or not _bound_is_a_root(y, v, ours, upper, tail):
        return None
    if _bound_is_a_root(y, v, theirs, upper, tail):
        return None
    return "follows from a tau2 bound that is not yet a root"


def stopped_early(q: Question) -> str | None:
    """Functions of a tau2 that the reference left up to 1e-11 from the optimum."""
    y, v, x, ours, theirs = _subset(q)
    margin = 1e-4 if q.case["kind"] == "trimfill" else STOP
    if theirs is None or abs(ours - theirs) > margin:
        return None
    method = q.case["method"]
    if method in ("EB", "PM"):
        better = abs(_generalised_q(y, v, ours) - (y.size - 1)) <= abs(
            _generalised_q(y, v, theirs) - (y.size - 1)
        )
    else:
        best, other = (_likelihood(y, v, x, t, method) for t in (ours, theirs))
        better = best >= other - 1e-12 * abs(other)
    return "tau2 of the reference is less likely than the engine's" if better else None


def _likelihood(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float, method: str) -> float:
    w = 1 / (v + tau2)
    xwx = x.T @ (w[:, None] * x)
    beta = np.linalg.solve(xwx, x.T @ (w * y))
    value = 0.5 * float(np.log(w).sum()) - 0.5 * float(w @ (y - x @ beta) ** 2)
    return value - 0.5 * float(np.linalg.slogdet(xwx)[1]) * (method == "REML")


def _subset(q: Question) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float | None]:
    """(y, v, X, our tau2, their tau2) of the fit that the difference belongs to."""
    y, v, rows, _ = usable(q.dataset, q.case)
    kind, expected, x = q.case["kind"], q.case["expected"], None
    source: Any = (q.actual, expected)
    if kind == "leave_one_out":
        y, v = np.delete(y, q.index), np.delete(v, q.index)
    elif kind == "cumulative":
        added = [int(r) - 1 for r in expected["added_row"][: q.index + 1]]
        at = np.array([list(rows).index(r) for r in added])
        y, v = y[at], v[at]
    elif kind == "subgroup":
        level = expected["groups"][q.index]["level"]
        by = q.case["options"]["by"]
        at = np.array([str(q.dataset["rows"][r].get(by)) == level for r in rows])
        y, v = y[at], v[at]
        source = (q.actual["groups"][q.index], expected["groups"][q.index])
    elif kind == "meta_regression":
        from tests.stats.runners.moderators import case_design

        y, v, x = case_design(q.dataset, q.case)
    elif kind == "influence":
        y, v = np.delete(y, q.index), np.delete(v, q.index)
        source = ({"tau2": q.actual["tau2_del"][q.index]}, {"tau2": expected["tau2_del"][q.index]})
    elif kind == "timepoint_pooled":
        at = np.array([row["time"] == q.case["options"]["time"] for row in q.dataset["rows"]])
        y, v = y[at], v[at]
    elif kind.startswith("pooled_meta"):
        at = np.isfinite(np.array(q.actual["yi"], dtype=float))
        y, v = np.array(q.actual["yi"])[at], np.array(q.actual["sei"])[at] ** 2
    elif kind == "trimfill":
        y = np.append(y, expected["filled_yi"])
        v = np.append(v, expected["filled_vi"])
    ours, theirs = source[0]["tau2"], source[1]["tau2"]
    if kind in ("leave_one_out", "cumulative"):
        ours, theirs = ours[q.index], theirs[q.index]
    return y, v, np.ones((y.size, 1)) if x is None else x, float(ours), theirs


def null_divided_by_null(q: Question) -> str | None:
    """R2 as a ratio of two tau2 that are both zero but for the stopping rule."""
    y, v, _, ours, theirs = _subset(q)
    if theirs is None or theirs > STOP or ours > STOP:
        return None
    at_zero, above = (
        _likelihood(y, v, np.ones((y.size, 1)), t, q.case["method"]) for t in (0.0, 1e-9)
    )
    return "both tau2 are zero: the ratio is of rounding errors" if at_zero > above else None


def exact_rank_p(q: Question) -> str | None:
    """An exact p that R could not compute, though there are no ties."""
    from scipy.stats import kendalltau

    y, v, _, _ = usable(q.dataset, q.case)
    w = 1 / v
    star = (y - np.average(y, weights=w)) / np.sqrt(v - 1 / w.sum())
    if q.difference.wanted is not None or np.unique(star).size < y.size:
        return None
    p = float(kendalltau(star, v, method="exact").pvalue)
    return "an exact p exists" if abs(p - q.difference.got) < 1e-8 else None


def rounding_noise(q: Question) -> str | None:
    """A t statistic where the effects are identical: zero divided by zero."""
    y, _, _, _ = usable(q.dataset, q.case)
    same = len({Fraction(value) for value in y.tolist()}) == 1
    return "identical effects leave slope and residuals exactly zero" if same else None


def unconverged_thompson(q: Question) -> str | None:
    """REML left at the default tolerance (1e-5) of the reference."""
    if q.case["options"]["test"] != "Thompson":
        return None
    from reviewtool.stats.side_by_side import pool_binary
    from tests.stats.runners.counts import columns

    effects = pool_binary(
        q.case["measure"], **columns(q.dataset, q.case), method="Inverse", method_tau2="DL"
    )
    used = np.isfinite(effects.y)
    y, se = effects.y[used], effects.se[used]
    x = np.column_stack([np.ones(y.size), se])
    ours, theirs = float(q.actual["tau2"]) ** 2, q.case["expected"]["tau2"] ** 2
    if abs(ours - theirs) > 1e-4 * max(1.0, theirs):
        return None
    better = _likelihood(y, se**2, x, ours, "REML") > _likelihood(y, se**2, x, theirs, "REML")
    return "REML of the reference had not converged" if better else None


def missing_profile_bound(q: Question) -> str | None:
    """A profile bound that the reference did not find, though the likelihood crosses there."""
    if q.difference.wanted is not None or not isfinite(q.difference.got):
        return None
    component = int(re.search(r"sigma2_(\d)", q.path).group(1)) - 1
    top = multilevel_log_likelihood(q.dataset, q.case, None)
    there = multilevel_log_likelihood(q.dataset, q.case, (component, q.difference.got))
    return "the likelihood falls by 1.92 there" if abs(top - there - 1.920729) < 2e-4 else None


def flat_selection(q: Question) -> str | None:
    """A selection model stopped on a flat likelihood, or without standard errors."""
    from tests.stats.independent import selection_errors

    parameters, reference = _selection_parameters(q)
    ours, theirs = (selection_log_likelihood(q.dataset, q.case, p) for p in (parameters, reference))
    if not ours >= theirs - 1e-6:
        return None
    if q.path.split("[")[0] in ("b", "tau2", "delta", "LRT", "LRT_p", "logLik"):
        return "the reference stopped short of the maximum"
    errors = selection_errors(q.dataset, q.case, parameters)
    got = [q.actual["se"], q.actual["se_tau2"], *[s for s in q.actual["se_delta"] if s == s]]
    close = np.allclose(got, errors, rtol=0.02) if np.all(np.isfinite(errors)) else False
    return "the information matrix at the maximum gives these errors" if close else None


def _selection_parameters(q: Question) -> tuple[np.ndarray, np.ndarray]:
    both = []
    for side in (q.actual, q.case["expected"]):
        both.append(np.array([side["b"], side["tau2"], *side["delta"]], dtype=float))
    return both[0], both[1]


def numeric_information(q: Question) -> str | None:
    """A Wald statistic from a numerically differentiated, badly scaled Hessian."""
    wald = noncentral_wald(q.dataset, q.case)
    return "exact information gives this" if abs(wald - q.actual["Q_wald"]) < 1e-4 * wald else None


def exact_arithmetic(q: Question) -> str | None:
    """A prediction recomputed in rational arithmetic."""
    if q.case["method"] != "DL" or len(q.case["options"]["moderators"]) != 1:
        return None
    value = exact_regression_prediction(q.dataset, q.case, q.index, q.path.split(".")[-1][:5])
    ours, theirs = abs(value - q.difference.got), abs(value - q.difference.wanted)
    return "exact arithmetic agrees with the engine" if ours < theirs / 10 else None


def lower_peak(q: Question) -> str | None:
    """Everything that follows from a tau2 at a lower maximum of the likelihood."""
    side = q.actual
    if q.case["kind"] == "subgroup":
        side = q.actual["groups"][q.index]
    elif q.case["kind"] in ("leave_one_out", "cumulative"):
        side = {"b": q.actual["b"][q.index]}
    elif q.case["kind"].startswith("pooled_meta"):
        side = q.actual["random"]
    reason = lower_maximum(q.path, _subset(q), q.case["method"], side)
    if reason is None and q.case["kind"] == "influence":
        return _lower_peak_of_all(q)
    return reason


def _lower_peak_of_all(q: Question) -> str | None:
    """Diagnostics of the fit of all studies, whose tau2 the leverages give away."""
    y, v, _, _ = usable(q.dataset, q.case)
    x, found = np.ones((y.size, 1)), []
    peaks = maxima(y, v, x, q.case["method"])
    for hat in (q.actual["hat"], q.case["expected"]["hat"]):
        gaps = [np.abs(hat - (1 / (v + t)) / np.sum(1 / (v + t))).max() for t in peaks]
        found.append(peaks[int(np.argmin(gaps))] if min(gaps) < 1e-6 else None)
    if None in found:
        return None
    return lower_maximum(q.path, (y, v, x, *found), q.case["method"], {})


def network_peak(q: Question) -> str | None:
    """A network at a lower maximum of its likelihood."""
    wanted, got = q.case["expected"]["tau2"], q.actual["tau2"]
    return other_maximum(q.case, contrasts_of(q.dataset, q.case), wanted, got)


def network_ranks(q: Question) -> str | None:
    """netmeta's rank probabilities are random draws."""
    return random_rank(q.difference.wanted, q.difference.got)


def network_boundary(q: Question) -> str | None:
    """A tau of 1e-5 where the likelihood is highest at zero."""
    contrasts = contrasts_of(q.dataset, q.case)
    return boundary_tau(q.case, contrasts, q.difference.wanted, q.difference.got)


Check = Callable[[Question], str | None]
REFITS = "pooled|subgroup|meta_regression|leave_one_out|cumulative|trimfill"
PROOFS: list[tuple[str, str, Check]] = [
    ("nma_rankogram", r"netmeta_rank_probability_random\[\d+\]\[\d+\]", network_ranks),
    ("nma", r"tau", network_boundary),
    ("nma", r"(tau|random|prediction|pscore).*", network_peak),
    ("pooled_meta_binary|pooled_meta_continuous", r"tau2_ci\[\d\]", loose_root),
    ("pooled", r"(I2|H2)_ci_qprofile\[\d\]", loose_profile),
    (REFITS, r"(groups\[\d+\]\.)?(I2|H2|stat)(\[\d+\])?", stopped_early),
    (f"{REFITS}|influence|timepoint_pooled|pooled_meta_.*", r".*", lower_peak),
    ("meta_regression", r"R2", null_divided_by_null),
    ("meta_regression", r"predict_rows\.pi_(lb|ub)\[\d+\]", exact_arithmetic),
    ("ranktest", r"pval", exact_rank_p),
    ("regtest", r"stat|pval", rounding_noise),
    ("metabias", r".*", unconverged_thompson),
    ("multilevel", r"sigma2_\d_profile_ci\[1\]", missing_profile_bound),
    ("selection_model", r".*", flat_selection),
    ("glmm", r"Q_wald(_p)?", numeric_information),
]
