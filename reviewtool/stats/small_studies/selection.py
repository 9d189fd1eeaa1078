"""Selection models: the chance of being seen depends on the one-sided p-value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import nan, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats import heterogeneity
from reviewtool.stats.arrays import Labels, Matrix, Vector, check_effects
from reviewtool.stats.distributions import chi2_p, critical, normal_p, normal_quantile
from reviewtool.stats.errors import BadInput, UnknownChoice
from reviewtool.stats.likelihood import log_likelihood

KINDS = ("stepfun", "negexp", "beta")
NODES = 160  # Gauss-Legendre nodes over the effects whose p-value varies
CLAMP = {"negexp": 1e-16, "beta": 1e-5}  # p-values stay this far from 0 and 1


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """A fitted selection model; ``delta`` are the weight parameters.

    For step functions delta[0] = 1 is fixed and has no SE (NaN). A NaN SE means that
    the likelihood is flat there. The likelihood-ratio test is against no selection.
    """

    kind: str
    steps: tuple[float, ...]
    alternative: str
    k: int
    level: float
    estimate: float
    se: float
    statistic: float
    p: float
    ci_low: float
    ci_high: float
    tau2: float
    se_tau2: float
    delta: Vector
    se_delta: Vector
    lrt: float
    lrt_df: int
    lrt_p: float
    log_lik: float
    warnings: tuple[str, ...] = field(default=())

    @property
    def sentence(self) -> str:
        """What was fitted, for a methods section."""
        names = {"stepfun": "step-function", "negexp": "negative-exponential", "beta": "beta"}
        return (
            f"A {names[self.kind]} selection model was fitted to {self.k} studies by maximum "
            f"likelihood (selection for effects {self.alternative} than zero)."
        )


def selection_model(
    y: ArrayLike,
    v: ArrayLike,
    kind: str = "stepfun",
    *,
    steps: Sequence[float] = (0.025,),
    alternative: str = "greater",
    level: float = 95.0,
    labels: Labels | None = None,
) -> Selection:
    """Random-effects model with selection by p-value, fitted by maximum likelihood.

    kind: stepfun with cut points ``steps`` of the one-sided p, negexp with weight
    exp(-delta p), beta with weight p^(d1-1) (1-p)^(d2-1). alternative: the direction
    that is favoured. y, v: shape (k,), k >= 3.
    Raises BadInput, UnknownChoice, BadStudy.
    Source: Hedges 1992, Stat Sci 7:246; Vevea & Hedges 1995, Psychometrika 60:419;
    Preston 2004, Stat Med 23:2711; Citkowicz & Vevea 2017, Psychol Methods 22:28.
    """
    if kind not in KINDS or alternative not in ("greater", "less"):
        raise UnknownChoice(
            what="Selection model",
            given=f"{kind}, {alternative}",
            choices="stepfun, negexp, beta with greater or less",
        )
    cuts = tuple(sorted(steps)) if kind == "stepfun" else ()
    if any(not 0 < cut < 1 for cut in cuts):
        raise BadInput(problem="A step outside 0..1.", remedy="Give one-sided p-values.")
    effects, variances = check_effects(y, v, labels, needed=3)
    flip = 1.0 if alternative == "greater" else -1.0
    likelihood, start = _likelihood(kind, flip * effects, variances, cuts)
    theta, value, higher = _climb(likelihood, flip * effects, variances, start)
    found = _report(
        kind, cuts, alternative, flip, likelihood, theta, value, effects, variances, level
    )
    if higher:
        more = "The likelihood has more than one optimum, and another is higher: do not rely on it."
        return replace(found, warnings=(*found.warnings, more))
    return found


LogLik = Callable[[Vector], float]  # of (mu, tau2, delta ...)


def _likelihood(
    kind: str, y: Vector, v: Vector, cuts: tuple[float, ...]
) -> tuple[LogLik, list[Vector]]:
    """The log-likelihood and starting values of delta."""
    if kind == "stepfun":
        return _step_likelihood(y, v, cuts), [np.full(len(cuts), a) for a in (0.8, 0.2)]
    sd = np.sqrt(v)
    clamp = CLAMP[kind]
    weight = _exponential if kind == "negexp" else _beta
    edge = -normal_quantile(clamp)  # beyond it, in units of sd, the weight is constant
    at, share = np.polynomial.legendre.leggauss(NODES)
    points = edge * sd[:, None] * at
    inside = np.clip(_one_sided(edge * at), clamp, 1 - clamp)
    own = np.clip(_one_sided(y / sd), clamp, 1 - clamp)
    ends = np.array([1 - clamp, clamp])

    def log_likelihood(theta: Vector) -> float:
        mean, tau2, delta = theta[0], theta[1], theta[2:]
        total = np.sqrt(v + tau2)
        z = (points - mean) / total[:, None]
        middle = np.exp(-0.5 * z * z) @ (share * np.exp(weight(inside, delta)))
        low, high = np.exp(weight(ends, delta))
        chance = (
            middle * edge * sd / total / sqrt(2 * pi)
            + low * _one_sided((mean + edge * sd) / total)
            + high * _one_sided((edge * sd - mean) / total)
        )
        return float(np.sum(weight(own, delta) - np.log(chance)) + _normal(y, mean, v + tau2))

    starts = [np.full(1, a) for a in (0.5, 3.0)]
    return log_likelihood, starts if kind == "negexp" else [
        np.array([1.0, 1.0]),
        np.array([0.5, 2]),
    ]


def _step_likelihood(y: Vector, v: Vector, cuts: tuple[float, ...]) -> LogLik:
    """Weights are constant between cut points, so the chance of being seen is exact."""
    from scipy.special import ndtr

    sd = np.sqrt(v)
    edges = np.append(cuts, 1.0)
    interval = np.searchsorted(edges, _one_sided(y / sd), side="left")
    z = np.array([normal_quantile(1 - cut) for cut in cuts])

    def log_likelihood(theta: Vector) -> float:
        mean, tau2 = theta[0], theta[1]
        weights = np.concatenate([[1.0], theta[2:]])
        total = np.sqrt(v + tau2)
        above = ndtr(-(z[None, :] * sd[:, None] - mean) / total[:, None])
        bounds = np.column_stack([np.zeros(y.size), above, np.ones(y.size)])
        chance = np.diff(bounds, axis=1) @ weights
        return float(
            np.sum(np.log(weights[interval]) - np.log(chance)) + _normal(y, mean, v + tau2)
        )

    return log_likelihood


def _one_sided(z: Vector) -> Vector:
    from scipy.special import ndtr

    p: Vector = ndtr(-z)
    return p


def _exponential(p: Vector, delta: Vector) -> Vector:
    return np.asarray(-delta[0] * p, dtype=np.float64)


def _beta(p: Vector, delta: Vector) -> Vector:
    log_weight: Vector = (delta[0] - 1) * np.log(p) + (delta[1] - 1) * np.log1p(-p)
    return log_weight


def _normal(y: Vector, mean: float, variance: Vector) -> float:
    return float(-0.5 * np.sum(np.log(2 * np.pi * variance) + (y - mean) ** 2 / variance))


def _climb(
    likelihood: LogLik, y: Vector, v: Vector, starts: list[Vector]
) -> tuple[Vector, float, bool]:
    """(parameters, log-likelihood, whether another start led higher still).

    The optimum reached from the model without selection is the one returned, as is
    usual; tau2 and delta are on the log scale meanwhile.
    """
    from scipy.optimize import minimize

    tau2 = max(heterogeneity.tau2(y, v, None, "ML")[0], 1e-3 * float(v.mean()))
    mean = float(np.average(y, weights=1 / (v + tau2)))

    def natural(free: Vector) -> Vector:
        return np.concatenate([free[:1], np.exp(np.clip(free[1:], -60, 60))])

    def negative(free: Vector) -> float:
        value = -likelihood(natural(free))
        return value if np.isfinite(value) else 1e10

    size = starts[0].size
    with np.errstate(all="ignore"):
        climbs = [
            minimize(
                negative,
                np.concatenate([[mean], [np.log(tau2)], np.log(delta)]),
                method="BFGS",
                options={"gtol": 1e-6},
            )
            for delta in [np.ones(size), *starts]
        ]
        polished = minimize(
            negative,
            climbs[0].x,
            method="Nelder-Mead",
            options={"xatol": 1e-8, "fatol": 1e-12, "maxiter": 2000},
        )
    value = -float(polished.fun)
    higher = any(-float(climb.fun) > value + 1e-3 for climb in climbs)
    return natural(polished.x), value, higher


def _report(
    kind: str,
    cuts: tuple[float, ...],
    alternative: str,
    flip: float,
    likelihood: LogLik,
    theta: Vector,
    value: float,
    y: Vector,
    v: Vector,
    level: float,
) -> Selection:
    errors, warnings = _standard_errors(likelihood, theta, v)
    tau2_ml = heterogeneity.tau2(y, v, None, "ML")[0]
    lrt = max(0.0, 2 * (value - log_likelihood(y, v, None, tau2_ml)))
    delta, se_delta = theta[2:], errors[2:]
    if kind == "stepfun":
        delta, se_delta = np.insert(delta, 0, 1.0), np.insert(se_delta, 0, nan)
    estimate, se = flip * float(theta[0]), float(errors[0])
    half, z = critical(level, None) * se, estimate / se
    return Selection(
        kind=kind,
        steps=cuts,
        alternative=alternative,
        k=y.size,
        level=level,
        estimate=estimate,
        se=se,
        statistic=z,
        p=normal_p(z) if z == z else nan,
        ci_low=estimate - half,
        ci_high=estimate + half,
        tau2=float(theta[1]),
        se_tau2=float(errors[1]),
        delta=delta,
        se_delta=se_delta,
        lrt=lrt,
        lrt_df=theta.size - 2,
        lrt_p=chi2_p(lrt, theta.size - 2),
        log_lik=value,
        warnings=warnings,
    )


def _standard_errors(
    likelihood: LogLik, theta: Vector, v: Vector
) -> tuple[Vector, tuple[str, ...]]:
    """From the observed information; NaN where a parameter sits at its boundary."""
    errors = np.full(theta.size, nan)
    if theta[1] <= 1e-4 * float(v.min()):
        return errors, ("tau² is estimated at its boundary, zero: standard errors are undefined.",)
    hessian = _hessian(likelihood, theta)
    warnings = []
    try:
        covariance = np.linalg.inv(-hessian)
        if np.all(np.diag(covariance) > 0):
            errors = np.sqrt(np.diag(covariance))
    except np.linalg.LinAlgError:
        pass
    if np.isnan(errors[0]):
        warnings.append("Standard errors could not be computed: the likelihood is flat.")
    return errors, tuple(warnings)


def _hessian(f: LogLik, x: Vector) -> Matrix:
    """Second derivatives by central differences, shape (n, n)."""
    step = np.maximum(np.abs(x), 1e-2) * 1e-3
    h = np.empty((x.size, x.size))
    for i in range(x.size):
        for j in range(i + 1):
            total = 0.0
            for si in (1, -1):
                for sj in (1, -1):
                    point = x.copy()
                    point[i] += si * step[i]
                    point[j] += sj * step[j]
                    total += si * sj * f(point)
            h[i, j] = h[j, i] = total / (4 * step[i] * step[j])
    return h
