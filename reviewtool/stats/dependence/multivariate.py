"""Several outcomes or time points per study, each with its own mean."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Labels, Matrix, Vector, check_effects, check_spread
from reviewtool.stats.dependence.model import (
    DependentFit,
    Likelihood,
    Tensor,
    check,
    describe,
    maximise,
    root_scale,
    split,
)
from reviewtool.stats.errors import BadInput, UnknownChoice

STRUCTURES = ("CS", "HCS", "AR", "HAR", "UN")


def multivariate(
    y: ArrayLike,
    v: ArrayLike,
    studies: Sequence[Hashable],
    outcomes: Sequence[str | float],
    *,
    struct: str = "UN",
    covariance: Matrix | None = None,
    x: Matrix | None = None,
    names: Sequence[str] | None = None,
    method: str = "REML",
    test: str = "z",
    level: float = 95.0,
    labels: Labels | None = None,
) -> DependentFit:
    """Correlated random effects of the outcomes (or time points) of a study.

    y, v: shape (k,); studies, outcomes: k values each. struct: CS one variance and
    correlation, HCS a variance per outcome, AR and HAR correlation rho^|t - s| over
    numeric time points, UN unstructured. covariance: (k, k) sampling covariance in place
    of diag(v). Without x every outcome has its own mean.
    ``rho`` lists UN correlations by rows of the upper triangle.
    Raises BadInput, BadStudy, NotConverged, UnknownChoice.
    Source: Berkey 1998, Stat Med 17:2537; Ishak 2007, Clin Trials 4:525.
    """
    if struct not in STRUCTURES:
        raise UnknownChoice(what="Structure", given=struct, choices=", ".join(STRUCTURES))
    effects, variances = check_effects(y, v, labels)
    check_spread(variances, labels)
    levels = outcome_levels(outcomes)
    position = np.array([levels.index(o) for o in outcomes])
    design = np.eye(len(levels))[position] if x is None else x
    terms = tuple(names) if names is not None else tuple(str(o) for o in levels)
    check(effects, design, terms, method, test)
    blocks = split(
        effects, np.diag(variances) if covariance is None else covariance, design, studies
    )
    build = _builder(struct, levels)
    places = [position[b.rows] for b in blocks]

    def structure(theta: Vector, of: list[int]) -> tuple[Tensor, Sequence[Tensor]]:
        at = np.stack([places[i] for i in of])
        parts = [g[at[:, :, None], at[:, None, :]] for g in (build(theta), *_slopes(build, theta))]
        return parts[0], parts[1:]

    starts = _starts(struct, len(levels), root_scale(effects - design @ _crude(effects, design)))
    theta, _ = maximise(Likelihood(blocks, method, structure), starts, "The multivariate model")
    g = build(theta)
    fit = describe(
        blocks,
        [b.v + g[np.ix_(at, at)] for b, at in zip(blocks, places, strict=True)],
        terms,
        method=method,
        test=test,
        level=level,
        structure=f"multivariate random-effects ({struct})",
        components=np.diag(g),
        rho=np.zeros(0),
    )
    components, rho = _read_off(struct, g, levels)
    return replace(fit, components=components, rho=rho)


def outcome_levels(outcomes: Sequence[str | float]) -> list[str | float]:
    """Distinct outcomes in order (text by code point, numbers by size)."""
    return sorted(set(outcomes), key=lambda o: (isinstance(o, str), o))


def _crude(y: Vector, x: Matrix) -> Vector:
    return np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64)


def _builder(struct: str, levels: Sequence[str | float]) -> Callable[[Vector], Matrix]:
    """theta -> (m, m) covariance of the random effects of one study."""
    m = len(levels)
    if struct == "UN":
        lower = np.tril_indices(m)

        def unstructured(theta: Vector) -> Matrix:
            root = np.zeros((m, m))
            root[lower] = theta
            return root @ root.T

        return unstructured
    if struct in ("AR", "HAR"):
        if any(isinstance(o, str) for o in levels):
            raise BadInput(
                problem=f"Structure {struct} needs numeric time points.",
                remedy="Give times as numbers, or choose CS or HCS.",
            )
        at = np.array(levels, dtype=float)
        gaps = np.abs(at[:, None] - at[None, :])

    def parametric(theta: Vector) -> Matrix:
        sd = np.full(m, theta[0]) if struct in ("CS", "AR") else np.asarray(theta[:-1])
        rho = np.tanh(theta[-1])
        if struct in ("CS", "HCS"):
            low = -1 / (m - 1) if m > 1 else -1.0
            rho = low + (1 - low) * (rho + 1) / 2
            correlation = np.full((m, m), rho)
        else:
            correlation = np.sign(rho) ** gaps * np.abs(rho) ** gaps
        np.fill_diagonal(correlation, 1.0)
        return np.asarray(sd[:, None] * correlation * sd[None, :], dtype=np.float64)

    return parametric


def _slopes(build: Callable[[Vector], Matrix], theta: Vector) -> list[Matrix]:
    """Derivatives of the covariance by each parameter, by central differences."""
    steps = np.diag(1e-6 * np.maximum(np.abs(theta), 1e-2))
    return [(build(theta + h) - build(theta - h)) / (2 * h.sum()) for h in steps]


def _starts(struct: str, m: int, scale: float) -> list[Vector]:
    if struct == "UN":
        lower = np.tril_indices(m)
        return [
            scale * (np.eye(m) * a + np.full((m, m), b))[lower] for a, b in ((0.7, 0.2), (0.3, 0.0))
        ]
    count = 1 if struct in ("CS", "AR") else m
    return [
        np.append(np.full(count, a * scale), b) for a, b in ((0.7, 0.5), (0.7, 1.5), (0.3, 0.1))
    ]


def _read_off(struct: str, g: Matrix, levels: Sequence[str | float]) -> tuple[Vector, Vector]:
    """Variances and correlations as they are reported for ``struct``."""
    variances = np.diag(g)
    sd = np.sqrt(np.maximum(variances, 1e-300))
    correlation = g / sd[:, None] / sd[None, :]
    if struct == "UN":
        return variances, correlation[np.triu_indices(len(levels), 1)]
    rho = float(correlation[0, 1]) if len(levels) > 1 else 0.0
    if struct in ("AR", "HAR") and len(levels) > 1:
        gap = abs(float(levels[1]) - float(levels[0]))
        rho = float(np.sign(rho) * abs(rho) ** (1 / gap))
    shown = variances[:1] if struct in ("CS", "AR") else variances
    return shown, np.array([rho])
