"""How much the true effects differ: Q, tau2 by every estimator, I2, and intervals.

Everything is written for a general design matrix X; X = None is the mean alone.
With W the inverse-variance weights, P = W - W X (X'WX)^-1 X'W. No k x k matrix is
ever formed: an orthonormal basis of W^(1/2) X gives every trace in O(k p^2).
"""

from collections.abc import Callable
from math import inf, sqrt

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.distributions import chi2_quantile
from reviewtool.stats.errors import NotConverged, NotEstimable, UnknownChoice

MAX_STEPS = 1000


class Projection:
    """Weighted least squares seen through P, for one set of weights (w, shape (k,))."""

    __slots__ = ("basis", "root", "w")

    def __init__(self, w: Vector, x: Matrix) -> None:
        self.w, self.root = w, np.sqrt(w)
        self.basis: Matrix = np.linalg.qr(self.root[:, None] * x)[0]  # of W^(1/2) X

    @staticmethod
    def of(w: Vector, x: Matrix | None) -> "Projection | Mean":
        """w: (k,) weights > 0; x: (k, p) of full rank, or None for the mean."""
        return Mean(w) if x is None else Projection(w, x)

    def leverage(self) -> Vector:
        """Diagonal of the hat matrix, shape (k,)."""
        diagonal: Vector = np.einsum("ij,ij->i", self.basis, self.basis)
        return diagonal

    def trace(self) -> float:
        """tr P."""
        return float(self.w @ (1 - self.leverage()))

    def trace2(self) -> float:
        """tr PP."""
        inner = self.basis.T @ (self.w[:, None] * self.basis)
        square = self.w * self.w
        return float(square.sum() - 2 * (square @ self.leverage()) + np.sum(inner * inner))

    def traces_with(self, v: Vector) -> tuple[float, float]:
        """(tr PVPV, tr PVP) with V = diag(v)."""
        wv, h, q = self.w * v, self.leverage(), self.basis
        inner, plain = q.T @ (wv[:, None] * q), q.T @ (self.w[:, None] * q)
        both = float(wv @ wv - 2 * (wv * wv) @ h + np.sum(inner * inner))
        one = self.w * wv
        return both, float(one.sum() - 2 * one @ h + np.sum(plain * inner))

    def sums(self, y: Vector) -> tuple[float, float]:
        """(y'Py, y'PPy): the weighted residual sum of squares, and minus its slope in tau2."""
        z = self.root * y
        r = z - self.basis @ (self.basis.T @ z)
        return float(r @ r), float(self.w @ (r * r))

    def quadratic(self, y: Vector) -> float:
        """y'Py."""
        return self.sums(y)[0]


class Mean:
    """The same for the mean alone, where every trace is a short sum."""

    __slots__ = ("total", "w", "w2")

    def __init__(self, w: Vector) -> None:
        self.w, self.total, self.w2 = w, float(w.sum()), float(w @ w)

    def leverage(self) -> Vector:
        """Diagonal of the hat matrix, shape (k,)."""
        return self.w / self.total

    def trace(self) -> float:
        """tr P."""
        return self.total - self.w2 / self.total

    def trace2(self) -> float:
        """tr PP."""
        cubes = float(self.w @ (self.w * self.w))
        return self.w2 - 2 * cubes / self.total + (self.w2 / self.total) ** 2

    def traces_with(self, v: Vector) -> tuple[float, float]:
        """(tr PVPV, tr PVP) with V = diag(v)."""
        wv = self.w * v
        part = float(wv @ self.w) / self.total
        both = float(wv @ wv) - 2 * float((wv * wv) @ self.w) / self.total + part**2
        one = self.w * wv
        cross = part * self.w2 / self.total
        return both, float(one.sum()) - 2 * float(one @ self.w) / self.total + cross

    def sums(self, y: Vector) -> tuple[float, float]:
        """(y'Py, y'PPy)."""
        r = y - float(self.w @ y) / self.total
        wr = self.w * r
        return float(wr @ r), float(wr @ wr)

    def quadratic(self, y: Vector) -> float:
        """y'Py."""
        return self.sums(y)[0]


def _columns(x: Matrix | None) -> int:
    return 1 if x is None else x.shape[1]


def cochran_q(y: Vector, v: Vector, x: Matrix | None = None) -> float:
    """Q: residual sum of squares with inverse-variance weights.

    Source: Cochran 1954, Biometrics 10:101.
    """
    return Projection.of(1 / v, x).quadratic(y)


def typical_variance(v: Vector, x: Matrix | None = None) -> float:
    """The 'typical' sampling variance that I2 compares tau2 with: (k - p) / tr P.

    Source: Higgins & Thompson 2002, Stat Med 21:1539.
    """
    fit = Projection.of(1 / v, x)
    return (v.size - _columns(x)) / fit.trace()


def tau2_dersimonian_laird(y: Vector, v: Vector, x: Matrix | None) -> tuple[float, float]:
    """Method of moments with inverse-variance weights; (tau2 before truncation, its SE).

    Source: DerSimonian & Laird 1986, Control Clin Trials 7:177.
    """
    fit = Projection.of(1 / v, x)
    df, c = v.size - _columns(x), fit.trace()
    tau2 = (fit.quadratic(y) - df) / c
    t = max(tau2, 0.0)
    return tau2, sqrt(2 * df + 4 * t * c + 2 * t * t * fit.trace2()) / c


def tau2_hedges(y: Vector, v: Vector, x: Matrix | None) -> tuple[float, float]:
    """Variance component estimator: unweighted moments.

    Source: Hedges & Olkin 1985, Statistical Methods for Meta-Analysis, ch. 9.
    """
    fit = Projection.of(np.ones_like(v), x)
    df, trace = v.size - _columns(x), float(v @ (1 - fit.leverage()))
    tau2 = (fit.quadratic(y) - trace) / df
    t = max(tau2, 0.0)
    both = fit.traces_with(v)[0]
    return tau2, sqrt(2 * both + 4 * t * trace + 2 * t * t * df) / df


def tau2_hunter_schmidt(y: Vector, v: Vector, x: Matrix | None) -> tuple[float, float]:
    """Observed minus expected variance, weighted.

    Source: Hunter & Schmidt 1990, Methods of Meta-Analysis; Viechtbauer 2005, J Educ
    Behav Stat 30:261.
    """
    fit = Projection.of(1 / v, x)
    k, total = v.size, float(fit.w.sum())
    tau2 = (fit.quadratic(y) - k) / total
    t = max(tau2, 0.0)
    spread = 2 * (k - _columns(x)) + 4 * t * fit.trace() + 2 * t * t * fit.trace2()
    return tau2, sqrt(spread) / total


def tau2_sidik_jonkman(y: Vector, v: Vector, x: Matrix | None) -> tuple[float, float]:
    """Two-step estimator from the crude variance of the effects (divisor k).

    Source: Sidik & Jonkman 2005, J R Stat Soc C 54:367.
    """
    crude = float(np.var(y))
    if crude <= 0:
        return 0.0, 0.0
    fit = Projection.of(1 / (v + crude), x)
    df = v.size - _columns(x)
    tau2 = crude * fit.quadratic(y) / df
    both, one = fit.traces_with(v)
    spread = 2 * both + 4 * tau2 * one
    return tau2, crude * sqrt(spread + 2 * tau2 * tau2 * fit.trace2()) / df


def tau2_paule_mandel(y: Vector, v: Vector, x: Matrix | None) -> tuple[float, float]:
    """The tau2 at which the generalised Q equals its expectation k - p.

    Source: Paule & Mandel 1982, J Res Natl Bur Stand 87:377; the SE is that of the
    empirical Bayes estimator (Morris 1983, J Am Stat Assoc 78:47).
    """
    k = v.size
    p = _columns(x)
    tau2 = solve_generalised_q(y, v, x, float(k - p))
    w = 1 / (v + tau2)
    return tau2, sqrt(2 * k * k / (k - p)) / float(w.sum())


def tau2_maximum_likelihood(y: Vector, v: Vector, x: Matrix | None) -> tuple[float, float]:
    """Maximum likelihood.

    Source: Hardy & Thompson 1996, Stat Med 15:619.
    """

    def step(fit: Projection | Mean) -> float:
        return (fit.sums(y)[1] - float(fit.w.sum())) / float(fit.w @ fit.w)

    tau2 = _scoring(y, v, x, step, log_likelihood)
    w = 1 / (v + tau2)
    return tau2, sqrt(2 / float(w @ w))


def tau2_restricted(y: Vector, v: Vector, x: Matrix | None) -> tuple[float, float]:
    """Restricted maximum likelihood.

    Source: Viechtbauer 2005, J Educ Behav Stat 30:261 (Fisher scoring).
    """

    def step(fit: Projection | Mean) -> float:
        return (fit.sums(y)[1] - fit.trace()) / fit.trace2()

    tau2 = _scoring(y, v, x, step, restricted_log_likelihood)
    return tau2, sqrt(2 / Projection.of(1 / (v + tau2), x).trace2())


ESTIMATORS: dict[str, Callable[[Vector, Vector, Matrix | None], tuple[float, float]]] = {
    "DL": tau2_dersimonian_laird,
    "HE": tau2_hedges,
    "HS": tau2_hunter_schmidt,
    "SJ": tau2_sidik_jonkman,
    "PM": tau2_paule_mandel,
    "EB": tau2_paule_mandel,
    "ML": tau2_maximum_likelihood,
    "REML": tau2_restricted,
}
METHODS = ("EE", *ESTIMATORS)


def tau2(
    y: Vector, v: Vector, x: Matrix | None = None, method: str = "REML"
) -> tuple[float, float | None]:
    """Between-study variance and its standard error by ``method``.

    y, v: shape (k,), effects and sampling variances; x: shape (k, p) of full rank,
    None for the mean alone. Returns (tau2 >= 0 in squared units of y, SE); the SE is
    None where k = p leaves nothing to estimate from. EE returns (0, None).
    Raises UnknownChoice, NotConverged.

    >>> y, v = np.array([0.1, 0.3, 0.35, 0.65]), np.full(4, 0.02)
    >>> round(tau2(y, v, method="DL")[0], 6)
    0.031667
    """
    if method not in METHODS:
        raise UnknownChoice(what="Method", given=method, choices=", ".join(METHODS))
    p = 1 if x is None else x.shape[1]
    if method == "EE" or v.size <= p:
        return 0.0, None
    estimate, se = ESTIMATORS[method](y, v, x)
    return max(estimate, 0.0), se


def log_likelihood(y: Vector, v: Vector, x: Matrix | None, tau2: float) -> float:
    """Log-likelihood at tau2, all constants included, coefficients profiled out."""
    total = v + tau2
    rss = Projection.of(1 / total, x).quadratic(y)
    return float(-0.5 * (y.size * np.log(2 * np.pi) + np.log(total).sum() + rss))


def restricted_log_likelihood(y: Vector, v: Vector, x: Matrix | None, tau2: float) -> float:
    """Restricted log-likelihood at tau2, including 1/2 log det X'X."""
    total = v + tau2
    rss = Projection.of(1 / total, x).quadratic(y)
    if x is None:
        gain, loss = float(np.log(y.size)), float(np.log((1 / total).sum()))
    else:
        gain = float(np.linalg.slogdet(x.T @ x)[1])
        loss = float(np.linalg.slogdet(x.T @ (x / total[:, None]))[1])
    df = y.size - _columns(x)
    return float(0.5 * (gain - loss - df * np.log(2 * np.pi) - np.log(total).sum() - rss))


def solve_generalised_q(y: Vector, v: Vector, x: Matrix | None, target: float) -> float:
    """tau2 >= 0 with Q(tau2) = target; 0 when Q(0) is below the target.

    Newton's method on 1/Q, which is linear in tau2 when all variances are equal.
    """
    value = 0.0
    for _ in range(MAX_STEPS):
        fit = Projection.of(1 / (v + value), x)
        q, slope = fit.sums(y)
        if value == 0 and q <= target:
            return 0.0
        step = q * (q - target) / (target * slope)
        value = max(value + step, 0.0)
        if abs(step) <= 1e-14 * value + 1e-300:
            return value
    return value


def q_profile(y: Vector, v: Vector, x: Matrix | None, level: float) -> tuple[float, float, bool]:
    """Q-profile interval of tau2: (lower, upper, whether the interval is empty).

    An empty interval (Q below the lower chi-square point already at tau2 = 0) is
    returned as (0, 0, True). Source: Viechtbauer 2007, Stat Med 26:37.
    """
    df = v.size - (1 if x is None else x.shape[1])
    if df < 1:
        raise NotEstimable(
            what="An interval for tau2",
            reason="there are no more studies than coefficients",
            remedy="Add studies.",
        )
    tail = 0.5 - level / 200
    lower = solve_generalised_q(y, v, x, chi2_quantile(1 - tail, df))
    target = chi2_quantile(tail, df)
    upper = solve_generalised_q(y, v, x, target)
    return lower, upper, upper == 0 and cochran_q(y, v, x) < target


def i2_from_tau2(tau2: float, typical: float) -> float:
    """I2 in per cent: the share of tau2 in the total variance of a typical study."""
    return 100 * tau2 / (tau2 + typical)


def h_test_based(q: float, k: int, level: float) -> tuple[float, float, float]:
    """H >= 1 with its test-based interval.

    Source: Higgins & Thompson 2002, Stat Med 21:1539, formulas (7) and below.
    """
    from reviewtool.stats.distributions import normal_quantile

    df = k - 1
    h = sqrt(q / df)
    if q > k:
        se = 0.5 * (np.log(q) - np.log(df)) / (sqrt(2 * q) - sqrt(2 * k - 3))
    elif k > 2:
        se = sqrt(1 / (2 * (k - 2)) * (1 - 1 / (3 * (k - 2) ** 2)))
    else:
        return max(h, 1.0), float("nan"), float("nan")
    z = normal_quantile(0.5 + level / 200)
    log_h = np.log(max(h, 1.0)) if h > 0 else 0.0
    low, high = float(np.exp(log_h - z * se)), float(np.exp(log_h + z * se))
    return max(h, 1.0), max(low, 1.0), max(high, 1.0)


def i2_of_h(h: float) -> float:
    """I2 in per cent from H."""
    if h == inf:
        return 100.0
    return 100 * (h * h - 1) / (h * h)


def _accelerated(raw: float, before: float, moved: float) -> float:
    """The scoring step ``raw``, or the secant step once the steps shrink steadily.

    before, moved: the previous scoring step and how far it was followed.
    """
    if moved == 0 or abs(raw) > 0.5 * abs(before):
        return raw / 2 if raw * before < 0 and before < inf else raw
    return raw * moved / (before - raw)


def _scoring(
    y: Vector,
    v: Vector,
    x: Matrix | None,
    step: Callable[[Projection | Mean], float],
    likelihood: Callable[[Vector, Vector, Matrix | None, float], float],
) -> float:
    """Fisher scoring from the Hedges start, kept at or above zero.

    Of several local optima the one reached from that start is returned, unless
    tau2 = 0 is likelier still.
    """
    value = max(tau2_hedges(y, v, x)[0], 0.0)
    floor, before = 1e-3 * float(v.min()), inf
    slope, at_zero = 0.0, None
    for _ in range(MAX_STEPS):
        raw = step(Projection.of(1 / (v + value), x))
        change = _accelerated(raw, before, slope)
        if value + change < 0:
            if at_zero is None:
                at_zero = step(Projection.of(1 / v, x))
            change = -value if at_zero <= 0 else -value / 2
        value, before, slope = value + change, raw, change
        if abs(raw) <= 1e-12 * (value + floor) or change == 0:
            break
    else:
        raise NotConverged(
            what="The estimate of tau2",
            iterations=MAX_STEPS,
            remedy="Use method PM or DL, which do not iterate on the likelihood.",
        )
    if value > 0 and likelihood(y, v, x, 0.0) > likelihood(y, v, x, value) + 1e-10:
        return 0.0
    return value
