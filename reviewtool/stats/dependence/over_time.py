"""Time points of one outcome analysed together: what studies report later leans on what
they reported before.

Each time point has its own mean. Sampling errors of a study correlate as stated; random
effects of a study correlate by a structure of which the data must be able to say enough.
Source: Ishak, Platt, Joseph, Hanley & Caro 2007, Clin Trials 4:525; Trikalinos & Olkin
2012, Clin Trials 9:610.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Matrix, Vector, check_effects
from reviewtool.stats.dependence.model import DependentFit, check, describe, split
from reviewtool.stats.dependence.multivariate import STRUCTURES, multivariate
from reviewtool.stats.dependence.sampling import correlated_covariance, members
from reviewtool.stats.distributions import chi2_p, f_p
from reviewtool.stats.errors import BadInput, NotConverged, NotEstimable, UnknownChoice

AUTO, NONE = "auto", "none"  # structures: the richest that fits; no heterogeneity
TOGETHER = 3  # studies that must report a pair of time points for a correlation of its own


@dataclass(frozen=True)
class Stated:
    """How the results of one study correlate within it.

    rho: of two results; with ``decaying``, of two that are one unit of time apart, so
    that others correlate rho ** distance (continuous autoregressive).
    """

    rho: float
    decaying: bool = False


@dataclass(frozen=True)
class Change:
    """Test that all time points have one mean: chi-square on df, or F on df and df2."""

    statistic: float
    df: int
    df2: float | None
    p: float


@dataclass(frozen=True, eq=False)
class OverTimeFit:
    """``levels`` are time points in order, and so are ``fit.terms``. between: shape (m, m),
    covariance of the random effects of a study; zeros without heterogeneity. structure:
    the one fitted; ``instead``: why not the one asked for, "" where it is."""

    fit: DependentFit
    levels: tuple[str, ...]
    structure: str
    between: Matrix
    change: Change | None
    instead: str = ""


def analyse_over_time(
    y: ArrayLike,
    v: ArrayLike,
    studies: Sequence[Hashable],
    times: Sequence[str],
    order: Mapping[str, float],
    stated: Stated,
    *,
    structure: str = AUTO,
    method: str = "REML",
    test: str = "z",
    level: float = 95.0,
) -> OverTimeFit:
    """A mean per time point, from studies that report some of them.

    y, v: shape (k,). order: time point -> its time, in the unit that ``stated`` and the AR
    structures count in; they only order the time points elsewhere. structure: UN, CS, HCS,
    AR, HAR (``multivariate``), auto, or none for a common effect at each time point.
    Raises BadInput, NotEstimable, NotConverged, UnknownChoice.
    """
    if structure not in (*STRUCTURES, AUTO, NONE):
        raise UnknownChoice(
            what="Structure", given=structure, choices=", ".join((*STRUCTURES, AUTO, NONE))
        )
    effects, variances = check_effects(y, v)
    levels = tuple(sorted(set(times), key=lambda t: order[t]))
    at = np.array([order[t] for t in times], dtype=float)
    _refuse(studies, times, levels)
    covariance = correlated_covariance(
        variances, studies, stated.rho, at if stated.decaying else None
    )
    _positive(covariance, studies)
    found = fitted = None
    instead: list[str] = []
    for candidate, why in _candidates(structure, studies, times, levels):
        if why:
            instead.append(why)
            continue
        try:
            found = _fit(
                candidate, effects, variances, covariance, studies, at, levels, method, test, level
            )
        except NotConverged:
            instead.append(f"{WORDS[candidate]} did not converge")
            continue
        fitted = candidate
        break
    if found is None or fitted is None:
        raise NotConverged(what="The joint model", iterations=400, remedy="Plan a common effect.")
    fit, between = found
    return OverTimeFit(fit, levels, fitted, between, _change(fit), "; ".join(instead))


WORDS = {
    "UN": "an unstructured covariance",
    "CS": "compound symmetry",
    "HCS": "heteroscedastic compound symmetry",
    "AR": "an autoregressive covariance",
    "HAR": "a heteroscedastic autoregressive covariance",
    NONE: "no heterogeneity",
}


def _refuse(studies: Sequence[Hashable], times: Sequence[str], levels: Sequence[str]) -> None:
    if len(levels) < 2:
        raise NotEstimable(
            what="A joint analysis over time",
            reason="only one time point has results",
            remedy="Analyse it by itself.",
        )
    pairs = list(zip(studies, times, strict=True))
    twice = next((pair for pair in pairs if pairs.count(pair) > 1), None)
    if twice is not None:
        raise BadInput(
            problem=f"{twice[0]} has two results at {twice[1]}.", remedy="Choose one of them."
        )
    if sum(rows.size > 1 for rows in members(studies).values()) < 2:
        raise NotEstimable(
            what="A joint analysis over time",
            reason="fewer than two studies report two time points or more",
            remedy="Analyse each time point by itself.",
        )


def _positive(covariance: Matrix, studies: Sequence[Hashable]) -> None:
    for study, rows in members(studies).items():
        try:
            np.linalg.cholesky(covariance[np.ix_(rows, rows)])
        except np.linalg.LinAlgError:
            raise BadInput(
                problem=f"The results of {study} cannot all correlate as stated.",
                remedy="State a correlation from 0 to below 1.",
            ) from None


def _candidates(
    structure: str, studies: Sequence[Hashable], times: Sequence[str], levels: Sequence[str]
) -> list[tuple[str, str]]:
    """Structures to try in turn, each with why it cannot be fitted ("" where it may)."""
    if structure == NONE:
        return [(NONE, "")]
    wanted = ["UN", "CS"] if structure == AUTO else [structure, "CS"]
    found = [(one, _too_rich(one, studies, times, levels)) for one in dict.fromkeys(wanted)]
    return [*found, (NONE, "")]


def _too_rich(
    structure: str, studies: Sequence[Hashable], times: Sequence[str], levels: Sequence[str]
) -> str:
    """Why the data are too few for a structure, "" when they are not."""
    m, k, own = len(levels), len(times), members(studies)
    wanted = {"UN": m * (m + 1) // 2, "HCS": m + 1, "HAR": m + 1}.get(structure, 2)
    if k - m < wanted:
        return f"{WORDS[structure]} has {wanted} parameters, and only {k - m} results are to spare"
    if structure != "UN":
        return ""
    reported = [{times[i] for i in rows} for rows in own.values()]
    for pair in combinations(levels, 2):
        if (count := sum(set(pair) <= have for have in reported)) < TOGETHER:
            return (
                f"{WORDS['UN']} needs at least {TOGETHER} studies for each pair of time points, "
                f"and {count} {'reports' if count == 1 else 'report'} both {pair[0]} and {pair[1]}"
            )
    return ""


def _fit(
    structure: str,
    y: Vector,
    v: Vector,
    covariance: Matrix,
    studies: Sequence[Hashable],
    at: Vector,
    levels: tuple[str, ...],
    method: str,
    test: str,
    level: float,
) -> tuple[DependentFit, Matrix]:
    """The fit with time points as names, and the covariance between studies."""
    known = sorted(set(at.tolist()))
    m = len(known)
    if structure == NONE:
        design = np.eye(m)[[known.index(t) for t in at]]
        check(y, design, levels, method, test)
        blocks = split(y, covariance, design, studies)
        fit = describe(
            blocks,
            [b.v for b in blocks],
            levels,
            method=method,
            test=test,
            level=level,
            structure="multivariate common-effect",
            components=np.zeros(0),
            rho=np.zeros(0),
        )
        return fit, np.zeros((m, m))
    fit = multivariate(
        y,
        v,
        studies,
        at.tolist(),
        struct=structure,
        covariance=covariance,
        names=levels,
        method=method,
        test=test,
        level=level,
    )
    return replace(fit, warnings=()), _between(structure, fit, np.array(known))


def _between(structure: str, fit: DependentFit, known: Vector) -> Matrix:
    """(m, m) covariance of the random effects from what a structure reports."""
    m = known.size
    sd = np.sqrt(np.broadcast_to(fit.components, m) if fit.components.size == 1 else fit.components)
    correlation = np.eye(m)
    if structure == "UN":
        upper = np.triu_indices(m, 1)
        correlation[upper] = fit.rho
        correlation.T[upper] = fit.rho
    elif structure in ("AR", "HAR"):
        gaps = np.abs(known[:, None] - known[None, :])
        correlation = np.sign(fit.rho[0]) ** gaps * np.abs(fit.rho[0]) ** gaps
    else:
        correlation = np.where(np.eye(m) == 1, 1.0, fit.rho[0])
    return np.asarray(sd[:, None] * correlation * sd[None, :], dtype=np.float64)


def _change(fit: DependentFit) -> Change | None:
    """Wald test of equal means."""
    m = fit.beta.size
    if m < 2:
        return None
    steps = np.eye(m)[1:] - np.eye(m)[:-1]
    differences = steps @ fit.beta
    statistic = float(differences @ np.linalg.solve(steps @ fit.vcov @ steps.T, differences))
    if fit.df is None:
        return Change(statistic, m - 1, None, chi2_p(statistic, m - 1))
    value = statistic / (m - 1)
    return Change(value, m - 1, fit.df, f_p(value, m - 1, fit.df))
