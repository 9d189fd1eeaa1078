"""Trim and fill: impute what an asymmetric funnel seems to lack."""

from dataclasses import dataclass, field
from math import comb, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Labels, Vector, check_effects, check_spread
from reviewtool.stats.errors import UnknownChoice
from reviewtool.stats.heterogeneity import tau2
from reviewtool.stats.pairwise import Fit, fit_mean
from reviewtool.stats.regression import weighted_least_squares

MAX_ROUNDS = 100


@dataclass(frozen=True, slots=True, eq=False)
class TrimFill:
    """The pooled effect with the imputed studies, and the imputed studies."""

    fit: Fit
    k: int  # studies including the imputed ones
    k0: int  # imputed studies
    se_k0: float
    p_k0: float | None  # of no missing study; estimator R0 only
    side: str
    estimator: str
    filled_y: Vector = field(repr=False)
    filled_v: Vector = field(repr=False)

    @property
    def sentence(self) -> str:
        """What was done, for a methods section."""
        count = {0: "no study", 1: "1 study"}.get(self.k0, f"{self.k0} studies")
        return (
            f"Trim and fill (estimator {self.estimator}) imputed {count} on the "
            f"{self.side} of the funnel."
        )


def trimfill(
    y: ArrayLike,
    v: ArrayLike,
    *,
    method: str = "REML",
    estimator: str = "L0",
    side: str | None = None,
    test: str = "z",
    level: float = 95.0,
    labels: Labels | None = None,
) -> TrimFill:
    """Trim and fill with ``estimator`` L0 or R0, on ``side`` left or right.

    Without a side, studies are looked for opposite to the slope of the effects on
    their standard errors. y, v: shape (k,), k >= 3.
    Source: Duval & Tweedie 2000, J Am Stat Assoc 95:89; Biometrics 56:455.

    >>> r = trimfill([0.1, 0.2, 0.4, 0.9, 1.1], [0.01, 0.02, 0.05, 0.2, 0.3], method="EE")
    >>> r.side, r.k0
    ('left', 2)
    """
    if estimator not in ("L0", "R0"):
        raise UnknownChoice(what="Estimator", given=estimator, choices="L0, R0")
    effects, variances = check_effects(y, v, labels, needed=3)
    check_spread(variances, labels)
    side = side or missing_side(effects, variances, method)
    if side not in ("left", "right"):
        raise UnknownChoice(what="Side", given=side, choices="left, right")
    flip = -1.0 if side == "right" else 1.0
    order = np.argsort(flip * effects, kind="stable")
    z, u = (flip * effects)[order], variances[order]
    k0, se_k0, centre = _missing(z, u, method, estimator)
    filled_y = flip * (2 * centre - z[z.size - k0 :])
    filled_v = u[u.size - k0 :]
    fit = fit_mean(
        np.append(effects, filled_y), np.append(variances, filled_v), method, test, level
    )
    p_k0 = _none_missing(k0) if estimator == "R0" else None
    return TrimFill(fit, effects.size + k0, k0, se_k0, p_k0, side, estimator, filled_y, filled_v)


def missing_side(y: Vector, v: Vector, method: str) -> str:
    """Left when effects rise with their standard errors, right when they fall."""
    x = np.column_stack([np.ones(y.size), np.sqrt(v)])
    if np.ptp(v) <= 1e-14 * float(v.max()):
        return "left"
    between = tau2(y, v, x, method)[0]
    slope = float(weighted_least_squares(y, 1 / (v + between), x)[0][1])
    noise = 1e-12 * float(np.max(np.abs(y))) / float(np.ptp(np.sqrt(v)))
    return "right" if slope < -noise else "left"


def _missing(z: Vector, u: Vector, method: str, estimator: str) -> tuple[int, float, float]:
    """(k0, its SE, centre): trim the largest k0 until k0 no longer changes."""
    k, k0, se = z.size, 0, 0.0
    centre = 0.0
    for _ in range(MAX_ROUNDS):
        centre = fit_mean(z[: k - k0], u[: k - k0], method).estimate
        distance = z - centre
        distance[np.abs(distance) <= 1e-14 * float(np.max(np.abs(z)))] = 0.0
        rank = np.empty(k)
        rank[np.argsort(np.abs(distance), kind="stable")] = np.arange(1, k + 1)
        signed = np.sign(distance) * rank
        raw, se = _estimate_r0(signed, k) if estimator == "R0" else _estimate_l0(signed, k)
        previous, k0 = k0, max(0, round(raw))
        if k0 == previous:
            break
    return min(k0, k - 1), se, centre


def _estimate_r0(signed: Vector, k: int) -> tuple[float, float]:
    """Length of the run of the largest ranks on one side, less one."""
    negative = -signed[signed < 0]
    longest = float(negative.max()) if negative.size else 0.0
    k0 = k - longest - 1 if signed.any() else -1.0
    return k0, sqrt(2 * max(0.0, k0) + 2)


def _estimate_l0(signed: Vector, k: int) -> tuple[float, float]:
    """From the rank sum of the positive side."""
    total = float(signed[signed > 0].sum())
    k0 = (4 * total - k * (k + 1)) / (2 * k - 1)
    variance = (
        k * (k + 1) * (2 * k + 1)
        + 10 * k0**3
        + 27 * k0**2
        + 17 * k0
        - 18 * k * k0**2
        - 18 * k * k0
        + 6 * k**2 * k0
    ) / 24
    return k0, 4 * sqrt(variance) / (2 * k - 1) if variance >= 0 else nan


def _none_missing(k0: int) -> float:
    """P(R0 >= k0) when no study is missing."""
    return 1 - sum(comb(m + 1, m + 1) * 0.5 ** (m + 2) for m in range(-1, k0))
