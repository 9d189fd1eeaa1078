"""How much the true effects differ: Q, tau2 by every estimator, I2, and intervals.

Everything is written for a general design matrix X; X = None is the mean alone.
With W the inverse-variance weights, P = W - W X (X'WX)^-1 X'W (``projection``).
"""

from collections.abc import Callable
from math import inf, sqrt
from typing import NamedTuple

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector, check_spread
from reviewtool.stats.distributions import chi2_quantile
from reviewtool.stats.errors import NotEstimable, UnknownChoice
from reviewtool.stats.likelihood import Peak, highest_peak
from reviewtool.stats.projection import Projection

MAX_STEPS = 1000


class Between(NamedTuple):
    """tau2 (squared units of y) and its standard error, None where nothing gives one.

    ``rivals`` are the other maxima of the (restricted) likelihood, ML and REML only.
    """

    tau2: float
    se: float | None
    rivals: tuple[Peak, ...] = ()


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


def tau2_dersimonian_laird(y: Vector, v: Vector, x: Matrix | None) -> Between:
    """Method of moments with inverse-variance weights; (tau2 before truncation, its SE).

    Source: DerSimonian & Laird 1986, Control Clin Trials 7:177.
    """
    fit = Projection.of(1 / v, x)
    df, c = v.size - _columns(x), fit.trace()
    tau2 = (fit.quadratic(y) - df) / c
    t = max(tau2, 0.0)
    return Between(tau2, sqrt(2 * df + 4 * t * c + 2 * t * t * fit.trace2()) / c)


def tau2_hedges(y: Vector, v: Vector, x: Matrix | None) -> Between:
    """Variance component estimator: unweighted moments.

    Source: Hedges & Olkin 1985, Statistical Methods for Meta-Analysis, ch. 9.
    """
    fit = Projection.of(np.ones_like(v), x)
    df, trace = v.size - _columns(x), float(v @ (1 - fit.leverage()))
    tau2 = (fit.quadratic(y) - trace) / df
    t = max(tau2, 0.0)
    both = fit.traces_with(v)[0]
    return Between(tau2, sqrt(2 * both + 4 * t * trace + 2 * t * t * df) / df)


def tau2_hunter_schmidt(y: Vector, v: Vector, x: Matrix | None) -> Between:
    """Observed minus expected variance, weighted.

    Source: Hunter & Schmidt 1990, Methods of Meta-Analysis; Viechtbauer 2005, J Educ
    Behav Stat 30:261.
    """
    fit = Projection.of(1 / v, x)
    k, total = v.size, float(fit.w.sum())
    tau2 = (fit.quadratic(y) - k) / total
    t = max(tau2, 0.0)
    spread = 2 * (k - _columns(x)) + 4 * t * fit.trace() + 2 * t * t * fit.trace2()
    return Between(tau2, sqrt(spread) / total)


def tau2_sidik_jonkman(y: Vector, v: Vector, x: Matrix | None) -> Between:
    """Two-step estimator from the crude variance of the effects (divisor k).

    Source: Sidik & Jonkman 2005, J R Stat Soc C 54:367.
    """
    crude = float(np.var(y))
    if crude <= 0:
        return Between(0.0, 0.0)
    fit = Projection.of(1 / (v + crude), x)
    df = v.size - _columns(x)
    tau2 = crude * fit.quadratic(y) / df
    both, one = fit.traces_with(v)
    spread = 2 * both + 4 * tau2 * one
    return Between(tau2, crude * sqrt(spread + 2 * tau2 * tau2 * fit.trace2()) / df)


def tau2_paule_mandel(y: Vector, v: Vector, x: Matrix | None) -> Between:
    """The tau2 at which the generalised Q equals its expectation k - p.

    Source: Paule & Mandel 1982, J Res Natl Bur Stand 87:377; the SE is that of the
    empirical Bayes estimator (Morris 1983, J Am Stat Assoc 78:47).
    """
    k = v.size
    p = _columns(x)
    tau2 = solve_generalised_q(y, v, x, float(k - p))
    w = 1 / (v + tau2)
    return Between(tau2, sqrt(2 * k * k / (k - p)) / float(w.sum()))


def tau2_maximum_likelihood(y: Vector, v: Vector, x: Matrix | None) -> Between:
    """Maximum likelihood.

    Source: Hardy & Thompson 1996, Stat Med 15:619.
    """

    best, rivals = highest_peak(y, v, x, "ML")
    w = 1 / (v + best.tau2)
    return Between(best.tau2, sqrt(2 / float(w @ w)), rivals)


def tau2_restricted(y: Vector, v: Vector, x: Matrix | None) -> Between:
    """Restricted maximum likelihood.

    Source: Viechtbauer 2005, J Educ Behav Stat 30:261 (Fisher scoring).
    """

    best, rivals = highest_peak(y, v, x, "REML")
    return Between(best.tau2, sqrt(2 / Projection.of(1 / (v + best.tau2), x).trace2()), rivals)


ESTIMATORS: dict[str, Callable[[Vector, Vector, Matrix | None], Between]] = {
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
    Raises UnknownChoice.

    >>> y, v = np.array([0.1, 0.3, 0.35, 0.65]), np.full(4, 0.02)
    >>> round(tau2(y, v, method="DL")[0], 6)
    0.031667
    """
    found = between(y, v, x, method)
    return found.tau2, found.se


def between(y: Vector, v: Vector, x: Matrix | None = None, method: str = "REML") -> Between:
    """``tau2`` with the other maxima of the likelihood. Raises UnknownChoice, BadStudy."""
    if method not in METHODS:
        raise UnknownChoice(what="Method", given=method, choices=", ".join(METHODS))
    if method == "EE" or v.size <= _columns(x):
        return Between(0.0, None)
    if x is not None:
        check_spread(v)
    found = ESTIMATORS[method](y, v, x)
    return found if found.tau2 >= 0 else found._replace(tau2=0.0)


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
