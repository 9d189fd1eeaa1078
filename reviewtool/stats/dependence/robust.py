"""Cluster-robust tests: valid when the working model has the dependence wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.dependence.model import Block, DependentFit
from reviewtool.stats.distributions import critical, two_sided_p
from reviewtool.stats.errors import NotEstimable, UnknownChoice
from reviewtool.stats.regression import Coefficient
from reviewtool.words import plural


@dataclass(frozen=True, slots=True, eq=False)
class Robust:
    """Coefficients of a fitted model with cluster-robust standard errors."""

    kind: str
    clusters: int
    terms: tuple[Coefficient, ...]
    df: tuple[float, ...]  # one per term for CR2, else one for all
    beta: Vector = field(repr=False)
    vcov: Matrix = field(repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How standard errors were obtained, for a methods section."""
        how = " with Satterthwaite degrees of freedom" if self.kind == "CR2" else ""
        return f"Standard errors are cluster-robust ({self.kind}, {self.clusters} clusters){how}."


def robust(fit: DependentFit, kind: str = "CR2", level: float | None = None) -> Robust:
    """Robust tests of ``fit`` by its outer clusters.

    kind: CR0 plain sandwich, CR1 times m / (m - p), both t with m - p df; CR2
    bias-reduced with Satterthwaite df per coefficient.
    Raises NotEstimable when there are no more clusters than coefficients.
    Source: Hedges, Tipton & Johnson 2010, Res Synth Methods 1:39; Tipton & Pustejovsky
    2015, J Educ Behav Stat 40:604.
    """
    if kind not in ("CR0", "CR1", "CR2"):
        raise UnknownChoice(what="Robust test", given=kind, choices="CR0, CR1, CR2")
    m, p = len(fit.blocks), len(fit.terms)
    if m <= p:
        raise NotEstimable(
            what="A cluster-robust test",
            reason=f"{plural(m, 'cluster', 'clusters')} for "
            f"{plural(p, 'coefficient', 'coefficients')}",
            remedy="Use the model-based test.",
        )
    bread = _bread(fit)
    weighted: list[Matrix] = [
        np.asarray(np.linalg.solve(v, b.x), dtype=np.float64)
        for b, v in zip(fit.blocks, fit.marginal, strict=True)
    ]
    if kind == "CR2":
        adjust = [_adjustment(b, v, bread) for b, v in zip(fit.blocks, fit.marginal, strict=True)]
    else:
        adjust = [np.eye(b.y.size) for b in fit.blocks]
    meat = np.zeros((p, p))
    for block, wx, a in zip(fit.blocks, weighted, adjust, strict=True):
        score = wx.T @ (a @ (block.y - block.x @ fit.beta))
        meat += np.outer(score, score)
    vcov = bread @ meat @ bread * (m / (m - p) if kind == "CR1" else 1.0)
    df = _satterthwaite(fit, bread, weighted, adjust) if kind == "CR2" else (float(m - p),)
    return Robust(
        kind, m, _terms(fit, vcov, df, level or fit.level), df, fit.beta, vcov, _warnings(m)
    )


def _bread(fit: DependentFit) -> Matrix:
    """(X'WX)^-1 with W the inverse of the working covariance."""
    total = sum(
        b.x.T @ np.linalg.solve(v, b.x) for b, v in zip(fit.blocks, fit.marginal, strict=True)
    )
    return np.asarray(np.linalg.inv(np.asarray(total)), dtype=np.float64)


def _adjustment(block: Block, v: Matrix, bread: Matrix) -> Matrix:
    """Bias-reducing matrix: residuals then have the working covariance on average."""
    root = np.linalg.cholesky(v)  # v = root root'
    inner = root.T @ (v - block.x @ bread @ block.x.T) @ root
    values, vectors = np.linalg.eigh(inner)
    keep = values > 1e-12 * float(values.max())
    inverse = np.where(keep, 1 / np.sqrt(np.where(keep, values, 1.0)), 0.0)
    adjustment: Matrix = root @ (vectors * inverse) @ vectors.T @ root.T
    return adjustment


def _satterthwaite(
    fit: DependentFit, bread: Matrix, weighted: Sequence[Matrix], adjust: Sequence[Matrix]
) -> tuple[float, ...]:
    """Degrees of freedom per coefficient under the working covariance."""
    p = len(fit.terms)
    found = []
    for j in range(p):
        contrast = bread[:, j]
        g = [a.T @ (wx @ contrast) for wx, a in zip(weighted, adjust, strict=True)]
        # P[s, t] = g_s' (I - H) Phi (I - H)' g_t, with (I - H) Phi (I - H)' = Phi - X B X'
        own = np.array([gs @ v @ gs for gs, v in zip(g, fit.marginal, strict=True)])
        u = np.array([b.x.T @ gs for b, gs in zip(fit.blocks, g, strict=True)])
        matrix = np.diag(own) - u @ bread @ u.T
        found.append(float(np.trace(matrix) ** 2 / np.sum(matrix * matrix)))
    return tuple(found)


def _terms(
    fit: DependentFit, vcov: Matrix, df: tuple[float, ...], level: float
) -> tuple[Coefficient, ...]:
    found = []
    for j, term in enumerate(fit.terms):
        own_df = df[j] if len(df) > 1 else df[0]
        se, b = sqrt(float(vcov[j, j])), float(fit.beta[j])
        t, c = b / se, critical(level, own_df)
        found.append(
            Coefficient(term.name, b, se, t, two_sided_p(t, own_df), b - c * se, b + c * se)
        )
    return tuple(found)


def _warnings(m: int) -> tuple[str, ...]:
    return (f"Only {m} clusters: robust tests are unreliable.",) if m < 10 else ()
