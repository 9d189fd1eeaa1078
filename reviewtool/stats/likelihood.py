"""The likelihood of tau2, and where it is highest.

The (restricted) likelihood of tau2 may have several maxima, one of them often at zero, so
its slope is followed over all tau2 where a minimum could lie; every maximum between is
solved for, and the highest is the estimate.
"""

from collections.abc import Callable
from math import ceil, inf, log
from typing import NamedTuple

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.projection import Mean, Projection

MAX_STEPS = 100  # of scoring; bisection takes over then
FINENESS = 1.5  # ratio of (tau2 + smallest variance) between neighbours of the search
MAX_POINTS = 400
GROWTH: Vector = np.asarray(FINENESS ** np.arange(MAX_POINTS) - 1, dtype=np.float64)


class Peak(NamedTuple):
    """A maximum of the likelihood; ``deficit``: how far it stays below the highest one."""

    tau2: float
    deficit: float = 0.0


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
    df = y.size - (1 if x is None else x.shape[1])
    return float(0.5 * (gain - loss - df * np.log(2 * np.pi) - np.log(total).sum() - rss))


LIKELIHOODS: dict[str, Callable[[Vector, Vector, Matrix | None, float], float]] = {
    "ML": log_likelihood,
    "REML": restricted_log_likelihood,
}


def highest_peak(
    y: Vector, v: Vector, x: Matrix | None, method: str
) -> tuple[Peak, tuple[Peak, ...]]:
    """The highest maximum over tau2 >= 0, and the others. method: ML or REML.

    y, v: shape (k,); x: shape (k, p) of full rank, k > p, or None for the mean.
    """
    points = np.array([0.0]) if (end := search_end(y, v, x, method)) <= 0 else _points(v, end)
    slopes = _slopes(y, v, x, points, method)
    rising = slopes > 0
    tops = np.flatnonzero(rising[:-1] & ~rising[1:])
    count = int(not rising[0]) + tops.size + int(rising[-1])
    if count == 1:
        if not rising[0]:
            return Peak(0.0), ()
        return Peak(_single(y, v, x, method, points, slopes, tops)), ()
    found = [] if rising[0] else [0.0]
    found += [_root(y, v, x, method, points[i], points[i + 1]) for i in tops]
    if rising[-1]:
        found.append(_root(y, v, x, method, points[-1], inf))
    likelihood = LIKELIHOODS[method]
    heights = [likelihood(y, v, x, tau2) for tau2 in found]
    top = int(np.argmax(heights))
    peaks = [Peak(t, heights[top] - h) for t, h in zip(found, heights, strict=True)]
    return peaks.pop(top), tuple(peaks)


def search_end(y: Vector, v: Vector, x: Matrix | None, method: str) -> float:
    """The tau2 above which the likelihood has no minimum; <= 0 when it has none at all.

    At a minimum the slope y'PPy - tr P (ML: - tr W) is zero and its derivative
    tr PP - 2 y'PPPy is not negative; with y'PPPy >= y'PPy min(w) and tr PP <= tr P max(w)
    that needs max(w) >= 2 min(w), that is tau2 <= max(v) - 2 min(v). For the mean the slope
    is negative from the squared range of the effects on, for ML also from the largest
    squared residual.
    """
    low, high = float(v.min()), float(v.max())
    end = high - 2 * low
    if end <= 0:
        return end
    if x is None:
        return min(end, float(y.max() - y.min()) ** 2)
    if method == "ML":
        residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        return min(end, float(np.max(residual * residual)))
    return end


def _points(v: Vector, end: float) -> Vector:
    """tau2 from 0 to ``end`` or a little beyond, in steps that multiply tau2 + min(v)."""
    low = float(v.min())
    n = 1 + max(1, ceil(log(end / low + 1) / log(FINENESS)))
    points: Vector = np.multiply(low, GROWTH[: min(MAX_POINTS, n)])
    return points


def _slopes(y: Vector, v: Vector, x: Matrix | None, tau2: Vector, method: str) -> Vector:
    """Twice the slope of the likelihood at each tau2, shape as tau2."""
    if tau2.size == 1:
        return np.array([_slope(Projection.of(1 / (v + float(tau2[0])), x), y, method)])
    w = 1 / (v + tau2[:, None])
    total = w.sum(axis=1)
    if x is None:
        r = y - ((w @ y) / total)[:, None]
        weighted = w * r
        loss = total if method == "ML" else _trace(w, total)
    else:
        turned = np.swapaxes(x.T * w[:, None, :], 1, 2)  # W X, one for each tau2
        inverse = np.linalg.inv(x.T @ turned)
        beta = inverse @ np.swapaxes(turned, 1, 2) @ y
        weighted = w * (y - beta @ x.T)
        loss = total
        if method != "ML":
            loss = (w * (1 - np.einsum("gkp,kp->gk", turned @ inverse, x))).sum(axis=1)
    gain: Vector = np.einsum("gk,gk->g", weighted, weighted)
    return gain - loss


def _trace(w: Matrix, total: Vector) -> Vector:
    """tr P of the mean for each row of weights, exact also where one weight dwarfs the rest."""
    largest = w.max(axis=1)
    rest = total - largest
    squares = np.einsum("gk,gk->g", w, w) - largest * largest
    dwarfed = rest < 1e-6 * largest
    if dwarfed.any():
        return np.array([Mean(row).trace() for row in w])
    plain: Vector = (rest * (2 * largest + rest) - squares) / total
    return plain


def _slope(fit: Projection | Mean, y: Vector, method: str) -> float:
    loss = float(fit.w.sum()) if method == "ML" else fit.trace()
    return fit.sums(y)[1] - loss


def _step(fit: Projection | Mean, y: Vector, method: str) -> float:
    """Fisher's scoring step (Viechtbauer 2005, J Educ Behav Stat 30:261)."""
    information = float(fit.w @ fit.w) if method == "ML" else fit.trace2()
    return _slope(fit, y, method) / information


def _root(y: Vector, v: Vector, x: Matrix | None, method: str, low: float, high: float) -> float:
    """The maximum between two points where the likelihood rises and falls."""
    from scipy.optimize import brentq

    def slope(tau2: float) -> float:
        return _slope(Projection.of(1 / (v + tau2), x), y, method)

    while high == inf or slope(high) > 0:
        low, high = (low, 2 * low + float(v.max())) if high == inf else (high, 2 * high)
    if slope(low) <= 0:
        return low  # rounding: the maximum is at the edge
    return float(brentq(slope, low, high, xtol=1e-14 * (low + float(v.min())), rtol=1e-14))


def _single(
    y: Vector,
    v: Vector,
    x: Matrix | None,
    method: str,
    points: Vector,
    slopes: Vector,
    tops: np.ndarray,
) -> float:
    """The only maximum, above zero: Fisher scoring from near where the slope changes sign.

    From the second step on along the secant of two scoring steps, within what is known to
    hold the maximum.
    """
    if tops.size:
        i = int(tops[0])
        low, high = float(points[i]), float(points[i + 1])
        start = low + (high - low) * float(slopes[i] / (slopes[i] - slopes[i + 1]))
    else:
        low, high = float(points[-1]), inf
        start = max(_crude(y, v, x), low)
    value, floor, before, moved = start, 1e-3 * float(v.min()), 0.0, 0.0
    for _ in range(MAX_STEPS):
        raw = _step(Projection.of(1 / (v + value), x), y, method)
        if abs(raw) <= 1e-12 * (value + floor):
            return value + raw
        low, high = (value, high) if raw > 0 else (low, value)
        change = raw * moved / (before - raw) if moved and before != raw else raw
        if not low < value + change < high:  # the secant of two steps leads astray
            change = raw if low < value + raw < high else (low + high) / 2 - value
        value, before, moved = value + change, raw, change
    return _root(y, v, x, method, low, high)


def _crude(y: Vector, v: Vector, x: Matrix | None) -> float:
    """Unweighted moments (Hedges), kept at or above zero."""
    fit = Projection.of(np.ones_like(v), x)
    df = v.size - (1 if x is None else x.shape[1])
    return max(0.0, (fit.quadratic(y) - float(v @ (1 - fit.leverage()))) / df)
