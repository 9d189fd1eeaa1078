"""Generalised linear mixed models: exact likelihoods for rare events.

The random effect of each study is integrated on a grid around its most likely value, which
is made finer until the estimates stand still; or by adaptive Gauss-Hermite quadrature with a
given number of nodes, as R's lme4 and metafor do (seven by default there).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log, pi, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats import heterogeneity
from reviewtool.stats.arrays import Labels, Matrix, Vector, as_vector, study_name
from reviewtool.stats.count_families import FAMILIES, Family
from reviewtool.stats.distributions import chi2_p, critical, normal_p
from reviewtool.stats.errors import NotConverged, NotEstimable, TooFewStudies, UnknownChoice
from reviewtool.stats.measures import effects_from
from reviewtool.stats.measures.base import Options
from reviewtool.stats.measures.binary import raw_table
from reviewtool.stats.results import (
    LeftOut,
    count_of_studies,
    left_out_warning,
    with_left_out,
)

MODELS = {"OR": ("UM.FS", "CM.EL"), "IRR": ("UM.FS", "CM.EL"), "PLO": (None,), "IRLN": (None,)}


@dataclass(frozen=True, slots=True)
class MixedModel:
    """A pooled effect (log scale, logit for PLO) with tau2, by maximum likelihood.

    ``left_out``: studies without information, and why.
    """

    measure: str
    model: str | None
    k: int
    studies: int
    level: float
    estimate: float
    se: float
    statistic: float
    p: float
    ci_low: float
    ci_high: float
    tau2: float
    i2: float
    h2: float
    q_wald: float
    q_wald_p: float
    q_lrt: float
    q_lrt_p: float
    q_df: int
    log_lik: float
    conditional_log_lik: float  # given each study's most likely random effect
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How the number was made, for a methods section."""
        names = {
            "UM.FS": "an unconditional generalised linear mixed model with fixed study effects",
            "CM.EL": "a conditional generalised linear mixed model with exact likelihood",
            None: "a generalised linear mixed model",
        }
        verb = "combined" if self.studies == 1 else "pooled"
        return with_left_out(
            f"{self.measure} of {count_of_studies(self.studies, self.k)} were {verb} with "
            f"{names[self.model]} (maximum likelihood).",
            self.left_out,
        )


def glmm(
    measure: str,
    *,
    model: str | None = "UM.FS",
    nodes: int | None = None,
    level: float = 95.0,
    labels: Labels | None = None,
    studies: Labels | None = None,
    **columns: ArrayLike,
) -> MixedModel:
    """Pool counts without corrections.

    measure: OR (ai, n1i, ci, n2i) or IRR (x1i, t1i, x2i, t2i) with model UM.FS (fixed
    study effects) or CM.EL (given the total events); PLO (xi, ni) and IRLN (xi, ti)
    take no model. Studies without information (no events, or no non-events, at all)
    are left out, and so are those with impossible numbers. labels name the rows, studies the
    study of each. nodes: of a Gauss-Hermite quadrature; None: as fine as the estimates need
    to be settled to eight digits. Raises TooFewStudies, NotEstimable, NotConverged,
    UnknownChoice.
    Source: Stijnen, Hamza & Ozdemir 2010, Stat Med 29:3046; Turner 2000, Stat Med 19:3417.
    """
    chosen = None if measure in ("PLO", "IRLN") else model
    if measure not in MODELS or chosen not in MODELS[measure]:
        raise UnknownChoice(
            what="Measure and model",
            given=f"{measure}, {model}",
            choices="OR or IRR with UM.FS or CM.EL, PLO, IRLN",
        )
    es = effects_from(measure, columns, Options(0.5, "only0", True, "LS"), labels, strict=False)
    values = {name: as_vector(c, name) for name, c in columns.items()}
    keep = _informative(measure, values) & ~es.missing
    if keep.sum() < 2:
        raise TooFewStudies(needed=2, found=int(keep.sum()))
    left_out = tuple(
        LeftOut(study_name(i, labels), es.reasons[i] or "no information")
        for i in np.flatnonzero(~keep).tolist()
    )
    kept = {name: c[keep] for name, c in values.items()}
    _refuse_endless(measure, kept)
    family = FAMILIES[measure, chosen](kept)
    y, v = es.y[keep], es.v[keep]
    fit = _settled(family, y, v) if nodes is None else _fit(family, y, v, gauss_hermite(nodes))
    q_lrt, q_wald = _heterogeneity(family, fit, measure, chosen, kept)
    names = studies if studies is not None else labels
    count = len({study_name(i, names) for i in np.flatnonzero(keep).tolist()})
    return _report(measure, chosen, family.k, count, level, fit, v, q_lrt, q_wald, left_out)


class Fit(NamedTuple):
    """Estimates of the mixed model."""

    effect: float
    se: float
    tau2: float
    log_lik: float
    conditional: float
    nuisance: Vector


def _informative(measure: str, c: Mapping[str, Vector]) -> np.ndarray:
    missing = np.logical_or.reduce([np.isnan(x) for x in c.values()])
    if measure == "OR":
        t = raw_table(c)
        empty = ((t.a + t.c) == 0) | ((t.b + t.d) == 0)
    elif measure == "IRR":
        empty = (c["x1i"] + c["x2i"]) == 0
    else:
        empty = np.zeros(missing.shape, dtype=bool)
    found: np.ndarray = ~missing & ~empty
    return found


def _refuse_endless(measure: str, c: Mapping[str, Vector]) -> None:
    """Raises NotEstimable for counts whose likelihood rises without end."""
    if measure in ("PLO", "IRLN"):
        groups = [(c["xi"], c["ni"] - c["xi"] if "ni" in c else c.get("mi"))]
    elif measure == "OR":
        t = raw_table(c)
        groups = [(t.a, t.b), (t.c, t.d)]
    else:
        groups = [(c["x1i"], None), (c["x2i"], None)]
    for events, rest in groups:
        where = "the studies" if len(groups) == 1 else "one of the arms of all studies"
        if events.sum() == 0:
            why = f"nobody in {where} had the event"
        elif rest is not None and rest.sum() == 0:
            why = f"everybody in {where} had the event"
        else:
            continue
        raise NotEstimable(
            what="The mixed model", reason=why, remedy="Report the counts without pooling."
        )


class Place(NamedTuple):
    """Where the integrals of all studies stand: (effect, tau, nuisance) and the modes (k, 1)."""

    family: Family
    effect: float
    tau: float
    free: Matrix
    modes: Matrix


# Points (k, m) and the logarithms of their weights, which broadcast to that shape.
Quadrature = Callable[[Place], tuple[Matrix, Matrix]]


def gauss_hermite(nodes: int) -> Quadrature:
    """Adaptive Gauss-Hermite quadrature: exact for a normal likelihood, close for others."""
    at, weight = np.polynomial.hermite_e.hermegauss(nodes)

    def points(place: Place) -> tuple[Matrix, Matrix]:
        family, effect, tau, free, u = place
        _, _, second, _ = family.terms(effect + tau * u, free)
        spread = 1 / np.sqrt(1 - tau**2 * second)
        return u + spread * at, 0.5 * at**2 + np.log(weight) + np.log(spread)

    return points


# exp(-40) of the highest value adds nothing in double precision. The log of the integrand
# bends by 1 at least, so it has fallen so far within FARTHEST of its mode.
NOTHING = 40.0
FARTHEST = sqrt(2 * NOTHING)


def grid(size: int) -> Quadrature:
    """The trapezoidal rule between the places where nothing is left of the integrand.

    Its error falls exponentially with the number of points, for any smooth integrand that
    vanishes at both ends, however skewed. Source: Trefethen & Weideman 2014, SIAM Rev 56:385.
    """
    reach = FARTHEST * 2.0 ** -np.arange(0.0, 24.0, 0.5)

    def points(place: Place) -> tuple[Matrix, Matrix]:
        family, effect, tau, free, u = place
        top = family.terms(effect + tau * u, free)[0] - 0.5 * u**2
        ends = []
        for side in (-1.0, 1.0):
            there = u + side * reach
            left = family.terms(effect + tau * there, free)[0] - 0.5 * there**2 > top - NOTHING
            ends.append(reach[np.maximum(np.argmax(left, axis=1) - 1, 0)][:, None])
        step = (ends[0] + ends[1]) / (size - 1)
        return u - ends[0] + step * np.arange(size), np.log(step)

    return points


def _study_log_likelihood(
    family: Family, effect: float, tau: float, nuisance: Vector, quadrature: Quadrature
) -> tuple[Vector, Vector, Vector, Vector]:
    """Per study: log of the integral over u ~ N(0, 1) of exp(l(effect + tau u)), and its
    derivatives by effect, tau and nuisance, shape (k,) each."""
    free = nuisance[:, None]
    place = Place(family, effect, tau, free, _modes(family, effect, tau, free))
    points, log_weight = quadrature(place)
    value, first, _, by_nuisance = family.terms(effect + tau * points, free)
    log_terms = value - 0.5 * points**2 + log_weight
    top = log_terms.max(axis=1, keepdims=True)
    share = np.exp(log_terms - top)
    total = share.sum(axis=1)
    share /= total[:, None]
    return (
        np.log(total) + top[:, 0] - 0.5 * log(2 * pi),
        np.sum(share * first, axis=1),
        np.sum(share * first * points, axis=1),
        np.sum(share * by_nuisance, axis=1),
    )


def _modes(family: Family, effect: float, tau: float, free: Matrix) -> Matrix:
    """Most likely standardised random effect of each study, shape (k, 1)."""
    u = np.zeros((family.k, 1))
    for _ in range(60):
        _, first, second, _ = family.terms(effect + tau * u, free)
        step = (tau * first - u) / (1 - tau**2 * second)
        u = u + np.clip(step, -2, 2)
        if float(np.abs(step).max()) < 1e-10:
            break
    return u


def _settled(family: Family, y: Vector, v: Vector) -> Fit:
    """The fit on a grid fine enough that a finer one gives the same eight digits."""
    fit = _fit(family, y, v, grid(SIZES[0]))
    for size in SIZES[1:]:
        finer = _fit(family, y, v, grid(size), fit)
        pairs = zip(finer[:4], fit[:4], strict=True)
        still = all(abs(new - old) <= 1e-8 * max(1.0, abs(new)) for new, old in pairs)
        fit = finer
        if still:
            break
    return fit


# Points of the grids; a normal likelihood is exact on the first.
SIZES = (49, 97, 193, 385, 769, 1537)


def _fit(
    family: Family, y: Vector, v: Vector, quadrature: Quadrature, near: Fit | None = None
) -> Fit:
    """Maximum likelihood over (effect, tau, nuisance); SE from the observed information.

    near: a fit to start from, instead of the inverse-variance mean.
    """
    from scipy.optimize import minimize

    free = family.nuisance

    def negative(theta: Vector) -> tuple[float, Vector]:
        own = theta[2:] if free is not None else np.zeros(family.k)
        parts = _study_log_likelihood(family, theta[0], theta[1], own, quadrature)
        gradient = [float(parts[1].sum()), float(parts[2].sum())]
        tail = parts[3] if free is not None else np.zeros(0)
        return -float(parts[0].sum()), -np.concatenate([gradient, tail])

    if near is None:
        start_tau = sqrt(max(heterogeneity.tau2(y, v, None, "DL")[0], 0.01))
        mean = float(np.average(y, weights=1 / (v + start_tau**2)))
        own_start: Vector = free if free is not None else np.zeros(0)
        starts = [np.concatenate([[mean, tau], own_start]) for tau in (start_tau, start_tau / 5)]
    else:
        own_start = near.nuisance if free is not None else np.zeros(0)
        starts = [np.concatenate([[near.effect, max(sqrt(near.tau2), 0.01)], own_start])]
    best = None
    for start in starts:
        with np.errstate(all="ignore"):
            found = minimize(negative, start, jac=True, method="BFGS", options={"gtol": 1e-8})
        if best is None or found.fun < best.fun:
            best = found
    if best is None or not np.isfinite(best.fun):
        raise NotConverged(
            what="The mixed model", iterations=200, remedy="Use Mantel-Haenszel or Peto pooling."
        )
    theta = best.x
    theta[1] = abs(theta[1])
    at_zero = theta[1] < 1e-3
    theta = _without_heterogeneity(family, theta) if at_zero else _polished(negative, theta)
    se = _effect_se(negative, theta, at_zero)
    own = theta[2:] if free is not None else np.zeros(family.k)
    effect, tau = float(theta[0]), float(theta[1])
    at_mode = effect + tau * _modes(family, effect, tau, own[:, None])
    conditional = float(family.terms(at_mode, own[:, None])[0].sum())
    return Fit(effect, se, tau**2, -negative(theta)[0], conditional, own)


def _without_heterogeneity(family: Family, theta: Vector) -> Vector:
    """Newton's method at tau = 0, over the effect and the nuisance parameters."""
    from scipy.optimize import minimize

    def negative(part: Vector) -> tuple[float, Vector]:
        own = part[1:] if part.size > 1 else np.zeros(family.k)
        value, first, _, by = family.terms(np.full((family.k, 1), part[0]), own[:, None])
        tail = by[:, 0] if part.size > 1 else np.zeros(0)
        return -float(value.sum()), -np.concatenate([[float(first.sum())], tail])

    start = np.concatenate([theta[:1], theta[2:]])
    with np.errstate(all="ignore"):
        found = minimize(negative, start, jac=True, method="BFGS", options={"gtol": 1e-9})
    return np.concatenate([found.x[:1], [0.0], found.x[1:]])


def _polished(negative: Callable[[Vector], tuple[float, Vector]], theta: Vector) -> Vector:
    """Newton's last steps, which a search that compares likelihoods cannot see."""
    value, gradient = negative(theta)
    for _ in range(8):
        try:
            step = np.linalg.solve(_hessian(negative, theta, range(theta.size)), gradient)
        except np.linalg.LinAlgError:
            break
        there = theta - step
        reached, slope = negative(there)
        # The gradient tells better than the value, which is flat to its last digits here.
        if not (there[1] > 0 and np.abs(slope).max() < np.abs(gradient).max()):
            break
        if reached > value + 1e-6:
            break
        theta, gradient = there, slope
        if np.abs(step).max() < 1e-11:
            break
    return theta


def _hessian(
    negative: Callable[[Vector], tuple[float, Vector]], theta: Vector, keep: Sequence[int]
) -> Matrix:
    """Second derivatives by differences of the gradient, for the parameters ``keep``."""
    rows = list(keep)
    hessian = np.empty((len(rows), len(rows)))
    for column, i in enumerate(rows):
        step = 1e-5 * max(1.0, abs(float(theta[i])))
        up, down = theta.copy(), theta.copy()
        up[i] += step
        down[i] -= step
        hessian[:, column] = (negative(up)[1] - negative(down)[1])[rows] / (2 * step)
    return (hessian + hessian.T) / 2


def _effect_se(
    negative: Callable[[Vector], tuple[float, Vector]], theta: Vector, at_zero: bool
) -> float:
    """From the Hessian by differences of the gradient; tau is fixed at its boundary."""
    keep = [i for i in range(theta.size) if i != 1 or not at_zero]
    covariance = np.linalg.inv(_hessian(negative, theta, keep))
    if not covariance[0, 0] > 0:
        raise NotEstimable(
            what="The standard error",
            reason="the likelihood is flat at its maximum",
            remedy="Use Mantel-Haenszel or Peto pooling.",
        )
    return sqrt(float(covariance[0, 0]))


def _heterogeneity(
    family: Family, fit: Fit, measure: str, model: str | None, columns: Mapping[str, Vector]
) -> tuple[float, float]:
    """(likelihood-ratio, Wald) statistics of the saturated against the common-effect model."""
    start = np.concatenate([[fit.effect, 0.0], fit.nuisance if family.nuisance is not None else []])
    common = _without_heterogeneity(family, start)
    own = common[2:] if family.nuisance is not None else np.zeros(family.k)
    base = family.terms(np.full((family.k, 1), common[0]), own[:, None])[0]
    y, w, top = _saturated(family, own)
    q_lrt = 2 * float(top.sum() - base.sum())
    mean = float(w @ y) / float(w.sum())
    return q_lrt, float(w @ (y - mean) ** 2)


def _saturated(family: Family, nuisance: Vector) -> tuple[Vector, Vector, Vector]:
    """Each study's own effect, its information, and its highest log-likelihood."""
    y, own = np.zeros((family.k, 1)), nuisance[:, None].copy()
    step = 1e-5
    for _ in range(200):
        _, g, h, gn = family.terms(y, own)
        if family.nuisance is None:
            change = np.clip(-g / np.minimum(h, -1e-12), -1, 1)
            y = y + change
        else:
            hn = (family.terms(y, own + step)[3] - gn) / step
            cross = (family.terms(y + step, own)[3] - gn) / step
            det = np.maximum(h * hn - cross * cross, 1e-14)
            change = np.clip(-(hn * g - cross * gn) / det, -1, 1)
            y = y + change
            own = own + np.clip(-(h * gn - cross * g) / det, -1, 1)
        if float(np.abs(change).max()) < 1e-10 or float(np.abs(y).max()) > 25:
            break
    value, _, h, gn = family.terms(y, own)
    w = -h
    if family.nuisance is not None:
        hn = (family.terms(y, own + step)[3] - family.terms(y, own - step)[3]) / (2 * step)
        cross = (family.terms(y + step, own)[3] - family.terms(y - step, own)[3]) / (2 * step)
        w = -(h - cross * cross / np.minimum(hn, -1e-12))
    return y[:, 0], np.maximum(w[:, 0], 0.0), value[:, 0]


def _report(
    measure: str,
    model: str | None,
    k: int,
    studies: int,
    level: float,
    fit: Fit,
    v: Vector,
    q_lrt: float,
    q_wald: float,
    left_out: tuple[LeftOut, ...],
) -> MixedModel:
    typical = heterogeneity.typical_variance(v)
    half = critical(level, None) * fit.se
    z = fit.effect / fit.se
    warnings = list(left_out_warning(left_out))
    if fit.tau2 == 0:
        warnings.append("tau² is estimated at its boundary, zero.")
    return MixedModel(
        measure=measure,
        model=model,
        k=k,
        studies=studies,
        level=level,
        estimate=fit.effect,
        se=fit.se,
        statistic=z,
        p=normal_p(z),
        ci_low=fit.effect - half,
        ci_high=fit.effect + half,
        tau2=fit.tau2,
        i2=heterogeneity.i2_from_tau2(fit.tau2, typical),
        h2=fit.tau2 / typical + 1,
        q_wald=q_wald,
        q_wald_p=chi2_p(q_wald, k - 1),
        q_lrt=q_lrt,
        q_lrt_p=chi2_p(q_lrt, k - 1),
        q_df=k - 1,
        log_lik=fit.log_lik,
        conditional_log_lik=fit.conditional,
        left_out=left_out,
        warnings=tuple(warnings),
    )
