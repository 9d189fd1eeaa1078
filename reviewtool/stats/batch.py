"""Many pooled effects at once: simulations, subsets, thousands of outcomes.

The same estimators as ``heterogeneity``, written along the last axis of (m, k) arrays.
NaN marks a study that an analysis does not have, so analyses may differ in size.
"""

from dataclasses import dataclass
from math import ceil, log
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import LARGEST, SMALLEST, Matrix, Vector
from reviewtool.stats.distributions import critical
from reviewtool.stats.errors import BadInput, UnknownChoice
from reviewtool.stats.guidance import TEST, TESTS, advised
from reviewtool.stats.heterogeneity import MAX_STEPS, METHODS
from reviewtool.stats.likelihood import MAX_POINTS, highest_peak
from reviewtool.stats.pairwise import UNLIKE, Fit, fit_mean

STEP = 2.0  # ratio of (tau2 + smallest variance) between points of the search for maxima


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """One value per analysis, shape (m,) each; names and units as in ``Pooled``.

    ``df`` is NaN for normal tests. ``converged`` is False where an iterative tau2 did
    not settle: those estimates are NaN, not quietly wrong.
    """

    k: np.ndarray
    estimate: Vector
    se: Vector
    statistic: Vector
    df: Vector
    p: Vector
    ci_low: Vector
    ci_high: Vector
    tau2: Vector
    q: Vector
    q_p: Vector
    i2: Vector
    h2: Vector
    converged: np.ndarray


class Sums(NamedTuple):
    """Weighted sums of each analysis, shape (m,) each."""

    total: Vector
    mean: Vector
    q: Vector  # y'Py
    slope: Vector  # y'PPy
    trace: Vector  # tr P
    trace2: Vector  # tr PP


def sums(y: Matrix, w: Matrix) -> Sums:
    """y, w: shape (m, k); w is 0 for absent studies."""
    w2 = w * w
    total, squares = w.sum(-1), w2.sum(-1)
    mean = np.einsum("ij,ij->i", w, y) / total
    r = y - mean[:, None]
    wr = w * r
    cubes = np.einsum("ij,ij->i", w2, w)
    share = squares / total
    return Sums(
        total,
        mean,
        np.einsum("ij,ij->i", wr, r),
        np.einsum("ij,ij->i", wr, wr),
        total - share,
        squares - 2 * cubes / total + share * share,
    )


def pool_many(
    y: ArrayLike, v: ArrayLike, *, method: str = "REML", test: str = "z", level: float = 95.0
) -> Many:
    """Pool m sets of effects; y, v: shape (m, k), NaN where an analysis lacks a study.

    Raises BadInput naming the first row and column that cannot be used, UnknownChoice.

    >>> many = pool_many([[0.1, 0.5, 0.6], [0.2, 0.9, float("nan")]], [[0.02] * 3] * 2)
    >>> many.k, many.estimate.round(2)
    (array([3, 2]), array([0.4 , 0.55]))
    """
    if method not in METHODS or test not in TESTS:
        raise UnknownChoice(
            what="Method and test",
            given=f"{method}, {test}",
            choices=f"{', '.join(METHODS)} with {', '.join(TESTS)}",
        )
    effects, variances, here = _checked(y, v)
    with np.errstate(all="ignore"):
        many = _pool(effects, variances, here, method, test, level)
        low, high = np.where(here, variances, np.inf).min(1), (here * variances).max(1)
    for i in np.flatnonzero(high > UNLIKE * low).tolist():
        _replace(many, i, fit_mean(effects[i][here[i]], variances[i][here[i]], method, test, level))
    return many


def _replace(many: Many, i: int, fit: Fit) -> None:
    """Put a single fit, which keeps its digits whatever the weights, in row ``i``."""
    for name in ("estimate", "se", "statistic", "p", "ci_low", "ci_high", "tau2", "q", "q_p"):
        getattr(many, name)[i] = getattr(fit, name)
    many.i2[i], many.h2[i] = fit.i2, fit.h2
    many.df[i] = np.nan if fit.df is None else fit.df
    many.converged[i] = True


def _checked(y: ArrayLike, v: ArrayLike) -> tuple[Matrix, Matrix, np.ndarray]:
    """(effects, variances, presence); absent studies become effect 0, variance 1."""
    effects, variances = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    if effects.ndim != 2 or effects.shape != variances.shape:
        raise BadInput(
            problem=f"Effects of shape {effects.shape}, variances of shape {variances.shape}.",
            remedy="Give two tables of the same shape, one row per analysis.",
        )
    here = ~(np.isnan(effects) | np.isnan(variances))
    with np.errstate(invalid="ignore"):
        fine = (variances >= SMALLEST) & (variances <= LARGEST) & (np.abs(effects) <= LARGEST)
    wrong = here & ~fine
    if wrong.any() or not here.any(axis=1).all():
        row, column = np.argwhere(wrong)[0] if wrong.any() else (int(np.argmin(here.any(1))), 0)
        raise BadInput(
            problem=f"Analysis {row + 1}, study {column + 1} cannot be pooled.",
            remedy="Effects must be finite and variances above zero; every analysis needs a study.",
        )
    return np.where(here, effects, 0.0), np.where(here, variances, 1.0), here


def _pool(y: Matrix, v: Matrix, here: np.ndarray, method: str, test: str, level: float) -> Many:
    k = here.sum(1)
    base = sums(y, here / v)
    tau2, converged = between(y, v, here, method, base)
    s = base if method == "EE" else sums(y, here / (v + tau2[:, None]))
    inflation = np.sqrt(s.q / (k - 1))
    normal = np.full(k.size, test == "z")
    if test == TEST:
        normal = ~advised(method, k, tau2)
    if test == "adhoc":
        inflation = np.maximum(1.0, inflation)
    inflation = np.where(normal | (test == "t"), 1.0, inflation)
    se = np.where(k > 1, inflation, 1.0) / np.sqrt(s.total)
    df = np.where(normal | (k == 1), np.nan, k - 1.0)
    statistic = s.mean / se
    half = se * _critical(level, df)
    typical = (k - 1) / base.trace
    if method == "EE":
        i2, h2 = np.maximum(0.0, 100 * (base.q - (k - 1)) / base.q), base.q / (k - 1)
    else:
        i2, h2 = 100 * tau2 / (tau2 + typical), tau2 / typical + 1
    q = np.where(k > 1, base.q, 0.0)
    return Many(
        k,
        s.mean,
        se,
        statistic,
        df,
        _two_sided(statistic, df),
        s.mean - half,
        s.mean + half,
        tau2,
        q,
        _chi2(q, k - 1),
        np.where((k > 1) & (base.q > 0), i2, 0.0),
        np.where(k > 1, h2, 1.0),
        converged,
    )


def _critical(level: float, df: Vector) -> Vector:
    found, which = np.unique(df, return_inverse=True)  # every NaN is the same one
    half = np.array([critical(level, None if np.isnan(d) else d) for d in found.tolist()])
    return np.asarray(half[which])


def _two_sided(statistic: Vector, df: Vector) -> Vector:
    from scipy.special import ndtr, stdtr

    z = -np.abs(statistic)
    p: Vector = 2 * np.where(np.isnan(df), ndtr(z), stdtr(np.where(np.isnan(df), 1.0, df), z))
    return p


def _chi2(q: Vector, df: np.ndarray) -> Vector:
    from scipy.special import chdtrc

    return np.where(df > 0, chdtrc(np.maximum(df, 1), np.maximum(q, 0.0)), 1.0)


def between(
    y: Matrix, v: Matrix, here: np.ndarray, method: str, base: Sums
) -> tuple[Vector, np.ndarray]:
    """(tau2 >= 0, converged) per analysis; ``base`` holds the sums at tau2 = 0."""
    k = here.sum(1)
    fine = np.ones(k.size, dtype=bool)
    if method == "EE":
        return np.zeros(k.size), fine
    if method == "DL":
        raw = (base.q - (k - 1)) / base.trace
    elif method == "HS":
        raw = (base.q - k) / base.total
    elif method == "HE":
        raw = _hedges(y, v, here)
    elif method == "SJ":
        raw = _sidik_jonkman(y, v, here)
    elif method in ("PM", "EB"):
        raw, fine = _paule_mandel(y, v, here, base)
    else:
        raw, fine = _scoring(y, v, here, method)
    return np.where(k > 1, np.where(fine, np.maximum(raw, 0.0), np.nan), 0.0), fine


def _hedges(y: Matrix, v: Matrix, here: np.ndarray) -> Vector:
    k = here.sum(1)
    centred = here * (y - (here * y).sum(1, keepdims=True) / k[:, None])
    raw: Vector = (centred * centred).sum(1) / (k - 1) - (here * v).sum(1) / k
    return raw


def _sidik_jonkman(y: Matrix, v: Matrix, here: np.ndarray) -> Vector:
    k = here.sum(1)
    centred = here * (y - (here * y).sum(1, keepdims=True) / k[:, None])
    crude = (centred * centred).sum(1) / k
    raw: Vector = crude * sums(y, here / (v + crude[:, None])).q / (k - 1)
    return raw


def _paule_mandel(y: Matrix, v: Matrix, here: np.ndarray, base: Sums) -> tuple[Vector, np.ndarray]:
    """Newton's method on 1/Q for the analyses whose Q exceeds its expectation."""
    target = here.sum(1) - 1.0
    tau2 = np.zeros(target.size)
    open_ = np.flatnonzero(base.q > target)
    for _ in range(MAX_STEPS):
        if not open_.size:
            break
        s = sums(y[open_], here[open_] / (v[open_] + tau2[open_, None]))
        step = s.q * (s.q - target[open_]) / (target[open_] * s.slope)
        tau2[open_] = np.maximum(tau2[open_] + step, 0.0)
        open_ = open_[np.abs(step) > 1e-13 * tau2[open_] + 1e-300]
    fine = np.ones(target.size, dtype=bool)
    fine[open_] = False
    return tau2, fine


def _scoring(y: Matrix, v: Matrix, here: np.ndarray, method: str) -> tuple[Vector, np.ndarray]:
    """Fisher scoring with secant steps, each analysis until its own step is negligible.

    Analyses whose likelihood has several maxima are solved one by one.
    """
    crude = np.maximum(np.nan_to_num(_hedges(y, v, here)), 0.0)
    tau2, peaks = _starts(y, v, here, method, crude)
    floor = 1e-3 * np.where(here, v, np.inf).min(1)
    before, moved = np.zeros(tau2.size), np.zeros(tau2.size)
    low, high = np.zeros(tau2.size), np.full(tau2.size, np.inf)
    todo = np.flatnonzero((peaks == 1) & (tau2 > 0))
    for _ in range(MAX_STEPS):
        if not todo.size:
            break
        now, last, did = tau2[todo], before[todo], moved[todo]
        raw = _step(y[todo], here[todo] / (v[todo] + now[:, None]), method)
        below, above = np.where(raw > 0, now, low[todo]), np.where(raw > 0, high[todo], now)
        secant = np.where(did == 0, raw, raw * did / (last - raw))
        astray = ~((below < now + secant) & (now + secant < above))
        inside = (below < now + raw) & (now + raw < above)
        done = np.abs(raw) <= 1e-12 * (now + floor[todo])
        change = np.where(astray, np.where(inside, raw, (below + above) / 2 - now), secant)
        change = np.where(done, raw, change)
        tau2[todo], before[todo], moved[todo] = now + change, raw, change
        low[todo], high[todo] = below, above
        todo = todo[~done]
    for i in {*todo.tolist(), *np.flatnonzero(peaks > 1).tolist()}:
        tau2[i] = highest_peak(y[i][here[i]], v[i][here[i]], None, method)[0].tau2
    return tau2, np.isfinite(tau2)


def _starts(
    y: Matrix, v: Matrix, here: np.ndarray, method: str, crude: Vector
) -> tuple[Vector, np.ndarray]:
    """(where to start, number of maxima of the likelihood) per analysis.

    A start of 0 with one maximum is the estimate. See ``likelihood.search_end`` for where
    minima can lie: beyond it the likelihood falls for good once it falls.
    """
    low, high = np.where(here, v, np.inf).min(1), np.where(here, v, -np.inf).max(1)
    spread = np.where(here, y, -np.inf).max(1) - np.where(here, y, np.inf).min(1)
    end = np.minimum(high - 2 * low, spread * spread)
    before = _slope(y, v, here, method, np.zeros(low.size))
    before = np.where(here.sum(1) > 1, before, -1.0)  # a single study has no tau2
    peaks = (before <= 0).astype(int)
    start = np.zeros(low.size)
    todo = np.flatnonzero((end > 0) & (here.sum(1) > 1))
    if todo.size:
        steps = np.log(end[todo] / low[todo] + 1)
        n = min(MAX_POINTS, 1 + max(1, ceil(float(steps.max()) / log(STEP))))
        y_, v_, here_ = y[todo], v[todo], here[todo]
        last, at = before[todo], np.zeros(todo.size)
        for j in range(1, n):
            there = low[todo] * np.expm1(steps * (j / (n - 1)))
            slope = _slope(y_, v_, here_, method, there)
            top = (last > 0) & (slope <= 0)
            peaks[todo] += top
            inside = at + (there - at) * last / np.where(top, last - slope, 1.0)
            start[todo] = np.where(top, inside, start[todo])
            last, at = slope, there
        before[todo] = last
    rising = before > 0
    peaks += rising
    beyond = np.maximum(np.maximum(end, 0.0), np.maximum(crude, 1e-3 * low))
    return np.where(rising, beyond, start), peaks


def _slope(y: Matrix, v: Matrix, here: np.ndarray, method: str, tau2: Vector) -> Vector:
    """Twice the slope of the likelihood at one tau2 per analysis."""
    w = here / (v + tau2[:, None])
    total = w.sum(1)
    weighted = w * (y - (np.einsum("ij,ij->i", w, y) / total)[:, None])
    slope: Vector = np.einsum("ij,ij->i", weighted, weighted) - total
    return slope + np.einsum("ij,ij->i", w, w) / total if method == "REML" else slope


def _step(y: Matrix, w: Matrix, method: str) -> Vector:
    s = sums(y, w)
    if method == "REML":
        return (s.slope - s.trace) / s.trace2
    squares: Vector = np.einsum("ij,ij->i", w, w)
    return (s.slope - s.total) / squares
