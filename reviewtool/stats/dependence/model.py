"""A linear model for correlated effects: likelihood by blocks, fit, tests.

Effects of different blocks (outer clusters) are independent, so every matrix is
handled block by block.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from math import log, pi, sqrt
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.dependence.sampling import Clusters, members
from reviewtool.stats.design import INTERCEPT, check_rank
from reviewtool.stats.distributions import chi2_p
from reviewtool.stats.errors import BadInput, NotConverged, NotEstimable, UnknownChoice
from reviewtool.stats.regression import Coefficient, coefficients, wald_test
from reviewtool.stats.results import Interval


class Block(NamedTuple):
    """One outer cluster: its rows, effects, design and sampling covariance."""

    rows: np.ndarray
    y: Vector
    x: Matrix
    v: Matrix


class Solution(NamedTuple):
    """Generalised least squares at given variance components."""

    beta: Vector
    vcov: Matrix
    rss: float
    log_det: float
    log_lik: float


Tensor: TypeAlias = NDArray[np.float64]  # shape (g, n, m)
# Parameters and the places of blocks of one size -> covariances of their random effects
# and the derivatives of these by each parameter.
Structure = Callable[[Vector, list[int]], tuple[Tensor, Sequence[Tensor]]]


@dataclass(frozen=True, slots=True, eq=False)
class DependentFit:
    """A fitted multilevel or multivariate model.

    ``components`` are variances (squared units of y) in the order asked for; ``rho``
    correlations of multivariate structures. I2 in per cent, multilevel models only.
    """

    k: int
    clusters: int
    method: str
    test: str
    level: float
    structure: str
    terms: tuple[Coefficient, ...]
    beta: Vector = field(repr=False)
    vcov: Matrix = field(repr=False)
    df: float | None
    components: Vector
    rho: Vector
    qe: float
    qe_df: int
    qe_p: float
    qm: float
    qm_df: int
    qm_p: float
    log_lik: float
    i2_total: float | None = None
    i2_level: Vector | None = None
    prediction: Interval | None = None
    marginal: tuple[Matrix, ...] = field(default=(), repr=False)  # per block, for robust()
    blocks: tuple[Block, ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How the model was fitted, for a methods section."""
        how = {"ML": "maximum", "REML": "restricted maximum"}[self.method]
        return (
            f"{self.k} effects of {self.clusters} clusters were analysed with a "
            f"{self.structure} model fitted by {how} likelihood."
        )


def split(y: Vector, v: Matrix, x: Matrix, clusters: Clusters) -> tuple[Block, ...]:
    """The data by outer cluster. Raises BadInput when blocks are not independent."""
    if len(clusters) != y.size:
        raise BadInput(
            problem=f"{len(clusters)} clusters for {y.size} effects.", remedy="Give one each."
        )
    blocks = tuple(
        Block(rows, y[rows], x[rows], v[np.ix_(rows, rows)]) for rows in members(clusters).values()
    )
    inside = sum(float(np.abs(b.v).sum()) for b in blocks)
    if float(np.abs(v).sum()) > inside * (1 + 1e-12):
        raise BadInput(
            problem="Sampling errors are correlated across clusters.",
            remedy="Use clusters that contain all correlated effects.",
        )
    return blocks


class Alike(NamedTuple):
    """The g blocks that have n effects each, stacked: one call computes for all of them."""

    places: list[int]  # positions among the blocks
    data: Tensor  # (g, n, p + 1): designs beside effects
    v: Tensor  # (g, n, n): sampling covariances


def alike(blocks: Sequence[Block]) -> tuple[Alike, ...]:
    """The blocks by their number of effects."""
    found: dict[int, list[int]] = {}
    for i, block in enumerate(blocks):
        found.setdefault(block.y.size, []).append(i)
    return tuple(
        Alike(
            places,
            np.stack([np.column_stack([blocks[i].x, blocks[i].y]) for i in places]),
            np.stack([blocks[i].v for i in places]),
        )
        for places in found.values()
    )


def solve(blocks: Sequence[Block], marginal: Sequence[Matrix], method: str) -> Solution:
    """Coefficients and log-likelihood when block i has covariance marginal[i]."""
    p, k = blocks[0].x.shape[1], sum(b.y.size for b in blocks)
    gram, log_det, whitened = np.zeros((p, p)), 0.0, []
    for same in alike(blocks):
        root = np.linalg.cholesky(np.stack([marginal[i] for i in same.places]))
        whitened.append(np.linalg.solve(root, same.data).reshape(-1, p + 1))
        log_det += 2 * float(np.log(np.diagonal(root, axis1=1, axis2=2)).sum())
        x = same.data[:, :, :p].reshape(-1, p)
        gram += x.T @ x
    z = np.concatenate(whitened)
    xwx, xwy = z[:, :p].T @ z[:, :p], z[:, :p].T @ z[:, p]
    vcov: Matrix = np.asarray(np.linalg.inv(xwx), dtype=np.float64)
    beta = vcov @ xwy
    rss = float(np.sum((z[:, p] - z[:, :p] @ beta) ** 2))
    if method == "ML":
        value = -0.5 * (k * log(2 * pi) + log_det + rss)
    else:
        gain = np.linalg.slogdet(gram)[1] - np.linalg.slogdet(xwx)[1]
        value = -0.5 * ((k - p) * log(2 * pi) + log_det + rss - gain)
    return Solution(beta, vcov, rss, log_det, float(value))


class Likelihood:
    """The log-likelihood of the parameters of a structure, with its slope.

    structure: (parameters, the places of the blocks in ``Alike``) -> covariances of the
    random effects, (g, n, n) or what spreads to it, and their derivatives by each parameter.
    The slope is that of Harville 1977, J Am Stat Assoc 72:320.
    """

    def __init__(self, blocks: Sequence[Block], method: str, structure: Structure) -> None:
        self.groups, self.method, self.structure = alike(blocks), method, structure
        p, k = blocks[0].x.shape[1], sum(b.y.size for b in blocks)
        x = np.concatenate([b.x for b in blocks])
        self.constant = k * log(2 * pi)
        if method == "REML":
            self.constant -= p * log(2 * pi) + float(np.linalg.slogdet(x.T @ x)[1])

    def __call__(self, theta: Vector) -> tuple[float, Vector]:
        """(value, slope). Raises LinAlgError where a covariance is not positive definite."""
        log_det, passes = 0.0, []
        p = self.groups[0].data.shape[2] - 1
        cross = np.zeros((p + 1, p + 1))
        for group in self.groups:
            random, slopes = self.structure(theta, group.places)
            marginal = group.v + random
            root = np.linalg.cholesky(marginal)
            log_det += 2 * float(np.log(np.diagonal(root, axis1=1, axis2=2)).sum())
            w = np.linalg.inv(marginal)
            wz = w @ group.data
            cross += np.einsum("gni,gnj->ij", group.data, wz)
            passes.append((w, wz, slopes))
        vcov = np.linalg.inv(cross[:p, :p])
        beta = vcov @ cross[:p, p]
        total = self.constant + log_det + float(cross[p, p] - cross[:p, p] @ beta)
        if self.method == "REML":
            total += float(np.linalg.slogdet(cross[:p, :p])[1])
        slope = np.zeros(theta.size)
        for w, wz, slopes in passes:
            weighted_x = wz[:, :, :p]
            r = wz[:, :, p] - weighted_x @ beta
            shape = w - r[:, :, None] * r[:, None, :]
            if self.method == "REML":
                shape = shape - weighted_x @ vcov @ weighted_x.transpose(0, 2, 1)
            slope += [-0.5 * float(np.sum(shape * each)) for each in slopes]
        return -0.5 * total, slope


def maximise(
    objective: Callable[[Vector], tuple[float, Vector]], starts: Sequence[Vector], what: str
) -> tuple[Vector, float]:
    """Best of several quasi-Newton climbs, polished; (parameters, value).

    objective: parameters -> value and slope.
    Raises NotConverged when no start leads to a finite optimum.
    """
    from scipy.optimize import minimize

    def negative(theta: Vector) -> tuple[float, Vector]:
        try:
            value, slope = objective(theta)
        except np.linalg.LinAlgError:
            return 1e300, np.zeros(theta.size)
        return (-value, -slope) if np.isfinite(value) else (1e300, np.zeros(theta.size))

    def climb(start: Vector, steepness: float) -> Any:
        return minimize(negative, start, jac=True, method="BFGS", options={"gtol": steepness})

    with np.errstate(all="ignore"):
        climbs = [climb(start, 1e-5) for start in starts]
        top = min(climbs, key=lambda done: float(done.fun))
        polished = climb(top.x, 1e-9)
        if polished.fun <= top.fun:
            top = polished
    if top.fun >= 1e299:
        raise NotConverged(
            what=what, iterations=400, remedy="Simplify the structure, or use robust tests."
        )
    return top.x, -float(top.fun)


def check(y: Vector, x: Matrix, names: Sequence[str], method: str, test: str) -> None:
    """Refuses what no dependent model can be fitted to."""
    if method not in ("ML", "REML"):
        raise UnknownChoice(what="Method", given=method, choices="ML, REML")
    if test not in ("z", "t"):
        raise UnknownChoice(what="Test", given=test, choices="z, t")
    check_rank(x, names)
    if y.size <= x.shape[1]:
        raise NotEstimable(
            what="The model",
            reason="there are no more effects than coefficients",
            remedy="Add studies or leave out moderators.",
        )


def describe(
    blocks: tuple[Block, ...],
    marginal: Sequence[Matrix],
    names: Sequence[str],
    *,
    method: str,
    test: str,
    level: float,
    structure: str,
    components: Vector,
    rho: Vector,
) -> DependentFit:
    """Everything that follows once the variance components are known."""
    solution = solve(blocks, marginal, method)
    k, p = sum(b.y.size for b in blocks), len(names)
    df = float(k - p) if test == "t" else None
    tested = [j for j, name in enumerate(names) if name != INTERCEPT] or list(range(p))
    qm, qm_p = wald_test(solution.beta, solution.vcov, tested, df)
    qe = solve(blocks, [b.v for b in blocks], "ML").rss
    warnings = tuple(
        f"Variance component {j + 1} is estimated at its boundary, zero."
        for j, c in enumerate(components)
        if c < 1e-8 * max(1e-300, float(components.sum()))
    )
    return DependentFit(
        k=k,
        clusters=len(blocks),
        method=method,
        test=test,
        level=level,
        structure=structure,
        terms=coefficients(names, solution.beta, solution.vcov, df, level),
        beta=solution.beta,
        vcov=solution.vcov,
        df=df,
        components=components,
        rho=rho,
        qe=qe,
        qe_df=k - p,
        qe_p=chi2_p(qe, k - p),
        qm=qm,
        qm_df=len(tested),
        qm_p=qm_p,
        log_lik=solution.log_lik,
        marginal=tuple(marginal),
        blocks=blocks,
        warnings=warnings,
    )


def typical_variance(blocks: Sequence[Block]) -> float:
    """(k - p) / tr P with the sampling covariance alone."""
    p, k = blocks[0].x.shape[1], sum(b.y.size for b in blocks)
    trace, xwx, xwwx = 0.0, np.zeros((p, p)), np.zeros((p, p))
    for block in blocks:
        w = np.linalg.inv(block.v)
        wx = w @ block.x
        trace += float(np.trace(w))
        xwx += block.x.T @ wx
        xwwx += wx.T @ wx
    return float((k - p) / (trace - float(np.trace(np.linalg.solve(xwx, xwwx)))))


def root_scale(y: Vector) -> float:
    """A standard deviation to start searches from."""
    return max(sqrt(float(np.var(y))), 1e-8)


__all__ = [
    "Block",
    "Clusters",
    "DependentFit",
    "Hashable",
    "Likelihood",
    "Solution",
    "Structure",
    "Tensor",
    "check",
    "describe",
    "maximise",
    "root_scale",
    "solve",
    "split",
    "typical_variance",
]
