"""Three-level models: effects within studies within clusters."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from itertools import product
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Labels, Matrix, Vector, check_effects, check_spread
from reviewtool.stats.dependence.model import (
    Block,
    DependentFit,
    Likelihood,
    Tensor,
    check,
    describe,
    maximise,
    root_scale,
    split,
    typical_variance,
)
from reviewtool.stats.distributions import chi2_quantile, critical
from reviewtool.stats.results import Interval


def multilevel(
    y: ArrayLike,
    v: ArrayLike,
    outer: Sequence[Hashable],
    inner: Sequence[Hashable] | None = None,
    *,
    x: Matrix | None = None,
    names: Sequence[str] | None = None,
    covariance: Matrix | None = None,
    method: str = "REML",
    test: str = "z",
    level: float = 95.0,
    labels: Labels | None = None,
) -> DependentFit:
    """Random intercepts for ``outer`` clusters and for ``inner`` units within them.

    y, v: shape (k,); inner None gives every effect its own. covariance: (k, k) sampling
    covariance in place of diag(v), for example ``correlated_covariance`` (the correlated
    and hierarchical effects model). x, names: design as for ``regress``.
    Raises BadStudy, BadInput, NotConverged.
    Source: Konstantopoulos 2011, Res Synth Methods 2:61; Pustejovsky & Tipton 2022,
    Prev Sci 23:425.

    >>> fit = multilevel([0.1, 0.2, 0.7, 0.9, 0.3], [0.01] * 5, ["a", "a", "b", "b", "c"])
    >>> fit.components.round(2)
    array([0.11, 0.  ])
    """
    effects, variances = check_effects(y, v, labels)
    check_spread(variances, labels)
    design = np.ones((effects.size, 1)) if x is None else x
    terms = tuple(names) if names is not None else ("intrcpt",)
    check(effects, design, terms, method, test)
    units = list(range(effects.size)) if inner is None else list(inner)
    sampling = np.diag(variances) if covariance is None else covariance
    blocks = split(effects, sampling, design, outer)
    same = [_same_unit([units[i] for i in block.rows]) for block in blocks]
    sigma2, _ = _fit(blocks, same, method, root_scale(effects))
    fit = describe(
        blocks,
        _marginal(blocks, same, sigma2),
        terms,
        method=method,
        test=test,
        level=level,
        structure="three-level random-effects",
        components=sigma2,
        rho=np.zeros(0),
    )
    return _with_shares(fit, sigma2)


def _same_unit(units: Sequence[Hashable]) -> Matrix:
    """(n, n) indicator that two effects share an inner unit."""
    return np.array([[float(a == b) for b in units] for a in units])


def _marginal(blocks: Sequence[Block], same: Sequence[Matrix], sigma2: Vector) -> list[Matrix]:
    return [b.v + sigma2[0] + sigma2[1] * s for b, s in zip(blocks, same, strict=True)]


def _fit(
    blocks: Sequence[Block],
    same: Sequence[Matrix],
    method: str,
    scale: float,
    fixed: tuple[int, float] | None = None,
) -> tuple[Vector, float]:
    """(sigma2, log-likelihood); ``fixed`` holds one component at a value."""
    free = [j for j in (0, 1) if fixed is None or j != fixed[0]]
    stacked: dict[int, Tensor] = {}

    def components(theta: Vector) -> Vector:
        found = np.full(2, fixed[1] if fixed else 0.0)
        found[free] = np.asarray(theta) ** 2
        return found

    def structure(theta: Vector, places: list[int]) -> tuple[Tensor, Sequence[Tensor]]:
        if places[0] not in stacked:
            stacked[places[0]] = np.stack([same[i] for i in places])
        shared = stacked[places[0]]
        sigma2, parts = components(theta), (np.ones_like(shared), shared)
        slopes = [2 * t * parts[j] for t, j in zip(theta, free, strict=True)]
        return sigma2[0] + sigma2[1] * shared, slopes

    objective = Likelihood(blocks, method, structure)
    size = len(free)
    starts = [np.full(size, 0.5 * scale), np.full(size, 0.05 * scale)]
    if size == 2:
        starts += [np.array([0.5, 0.1]) * scale, np.array([0.1, 0.5]) * scale]
    theta, value = maximise(objective, starts, "The multilevel model")
    for point in _grid(size, scale):
        try:
            there, _ = objective(point)
        except np.linalg.LinAlgError:
            continue
        if there > value + 1e-8:  # a higher maximum that no climb reached
            again, height = maximise(objective, [point + 1e-3 * scale], "The multilevel model")
            theta, value = (again, height) if height > there else (point, there)
    return components(theta), value


def _grid(size: int, scale: float) -> list[Vector]:
    """Square roots of the components, zero among them, over four orders of magnitude."""
    levels = np.array([0.0, 0.01, 0.1, 0.3, 1.0, 3.0]) * scale
    return [np.array(point) for point in product(levels, repeat=size)]


def _with_shares(fit: DependentFit, sigma2: Vector) -> DependentFit:
    """I2 per level and the prediction interval of a model with a single mean.

    Source: Cheung 2014, Psychol Methods 19:211 (with the multivariate typical variance).
    """
    total = float(sigma2.sum())
    vt = typical_variance(fit.blocks)
    prediction = None
    if len(fit.terms) == 1:
        half = critical(fit.level, fit.df) * sqrt(float(fit.vcov[0, 0]) + total)
        prediction = Interval(float(fit.beta[0]) - half, float(fit.beta[0]) + half)
    return replace(
        fit,
        i2_total=100 * total / (total + vt),
        i2_level=100 * sigma2 / (total + vt),
        prediction=prediction,
    )


def profile_interval(
    fit: DependentFit,
    component: int,
    inner: Sequence[Hashable] | None = None,
    level: float = 95.0,
) -> Interval:
    """Profile-likelihood interval of one variance component (0 outer, 1 inner).

    inner: as given to ``multilevel``. The upper bound is NaN when the likelihood never
    falls far enough.
    """
    k = fit.k
    units = list(range(k)) if inner is None else list(inner)
    same = [_same_unit([units[i] for i in block.rows]) for block in fit.blocks]
    scale = sqrt(float(fit.components.sum()) + 1e-12)
    drop = chi2_quantile(level / 100, 1) / 2

    def excess(value: float) -> float:
        return _fit(fit.blocks, same, fit.method, scale, (component, value))[1] - (
            fit.log_lik - drop
        )

    from scipy.optimize import brentq

    estimate = float(fit.components[component])
    low = 0.0 if excess(0.0) >= 0 else float(brentq(excess, 0.0, estimate, rtol=1e-7))
    top = max(estimate, 0.1 * scale**2)
    for _ in range(40):
        top *= 2
        if excess(top) < 0:
            return Interval(low, float(brentq(excess, estimate, top, rtol=1e-7)))
    return Interval(low, nan)
