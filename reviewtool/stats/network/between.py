"""The between-study variance of a network.

The default uses every study's complete covariance matrix. netmeta, given nothing but
contrasts, takes the sampling errors of a multi-arm study's contrasts with the study's
reference as if they were independent for REML and ML; that choice is offered to
reproduce its numbers, depends on the reference, and is not recommended.
"""

import numpy as np

from reviewtool.stats import heterogeneity
from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.errors import UnknownChoice
from reviewtool.stats.network.evidence import Evidence, contrast_matrices

METHODS = ("DL", "REML", "ML")
COVARIANCES = ("derived", "ignored")


def between_variance(
    evidence: Evidence, method: str, reference: str, covariances: str = "derived"
) -> float:
    """tau2 >= 0, squared units of the effects, common to all comparisons.

    method: DL (generalised moments; Jackson, White & Riley 2012, Stat Med 31:3805),
    REML or ML of the multivariate model in which two arms of a study differ by tau2 and
    two contrasts of a study correlate by one half. covariances: "derived" from the
    contrast variances, or "ignored" (REML and ML only). Raises UnknownChoice.
    """
    if method not in METHODS:
        raise UnknownChoice(what="Method", given=method, choices=", ".join(METHODS))
    if covariances not in COVARIANCES:
        raise UnknownChoice(what="covariances", given=covariances, choices=", ".join(COVARIANCES))
    y, v, x = evidence.y, evidence.v, evidence.basis
    if covariances == "ignored" and method != "DL":
        y, v, x = _without_covariances(evidence, reference)
    return heterogeneity.tau2(y, v, x, method)[0]


def _without_covariances(evidence: Evidence, reference: str) -> tuple[Vector, Vector, Matrix]:
    """Rows with variances v + tau2 when contrasts have diagonal sampling covariance.

    Contrasts with the reference, or the last treatment of studies without it.
    """
    own = [len(evidence.studies[s].arms) == 2 for s in evidence.study_of]
    ys, vs, xs = [evidence.y[own]], [evidence.v[own]], [evidence.x[own]]
    at = evidence.treatments.index(reference)
    first, second = evidence.pairs
    for study in evidence.studies:
        if len(study.arms) > 2:
            te, variance = contrast_matrices(evidence.contrasts, study, first, second)
            base = study.arms.index(at) if at in study.arms else len(study.arms) - 1
            y, v, turn = _decorrelate(np.delete(te[:, base], base), np.delete(variance[base], base))
            x = np.zeros((y.size, len(evidence.treatments)))
            x[np.arange(y.size), np.delete(np.array(study.arms), base)] = 1.0
            x[:, study.arms[base]] = -1.0
            ys, vs, xs = [*ys, y], [*vs, v], [*xs, turn @ x]
    return np.concatenate(ys), np.concatenate(vs), np.vstack(xs)[:, 1:]


def _decorrelate(y: Vector, v: Vector) -> tuple[Vector, Vector, Matrix]:
    """Turn diag(v) + tau2 (I + J) / 2 into diag(d) + tau2 I: (rotated y, d, rotation)."""
    between = 0.5 * (np.eye(y.size) + np.ones((y.size, y.size)))
    inverse = np.linalg.inv(np.linalg.cholesky(between))
    values, vectors = np.linalg.eigh(inverse @ np.diag(v) @ inverse.T)
    turn: Matrix = vectors.T @ inverse
    return turn @ y, values, turn
