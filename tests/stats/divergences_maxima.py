"""Reference values made at a lower maximum of the likelihood of tau2.

The likelihood is written out again and followed on a dense grid. A difference is proved
where it has several maxima, the engine's tau2 is at the highest, the reference's at a
lower one (the README: the one reached from a Hedges-type start), and the engine's
estimate is the weighted mean at its own tau2.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

UNTOUCHED = ("Q", "Qp", "QE", "QEp", "Q_df", "k", "I2_Q", "I2_ci", "H_ci", "tau2_ci", "tau_ci")
POINTS = 600


def profile(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float, method: str) -> float:
    """(Restricted) log-likelihood of tau2 up to a constant."""
    w = 1 / (v + tau2)
    xwx = x.T @ (w[:, None] * x)
    beta = np.linalg.solve(xwx, x.T @ (w * y))
    value = 0.5 * float(np.log(w).sum()) - 0.5 * float(w @ (y - x @ beta) ** 2)
    return value - 0.5 * float(np.linalg.slogdet(xwx)[1]) * (method == "REML")


def maxima(y: np.ndarray, v: np.ndarray, x: np.ndarray, method: str) -> list[float]:
    """Every local maximum of the likelihood over tau2 >= 0, found on a grid and refined."""
    far = 4 * max(float(np.ptp(y)) ** 2, float(v.max()))
    grid = np.concatenate([[0.0], np.geomspace(1e-4 * float(v.min()), far, POINTS)])
    height = np.array([profile(y, v, x, t, method) for t in grid])
    found = [0.0] if height[0] >= height[1] else []
    for i in range(1, POINTS):
        if height[i] >= height[i - 1] and height[i] > height[i + 1]:
            best = minimize_scalar(
                lambda t: -profile(y, v, x, t, method),
                bounds=(grid[i - 1], grid[i + 1]),
                method="bounded",
                options={"xatol": 1e-12 * far},
            )
            found.append(float(best.x))
    return found


def lower_maximum(
    path: str,
    sample: tuple[np.ndarray, np.ndarray, np.ndarray, float, float | None],
    method: str,
    actual: Mapping[str, Any],
) -> str | None:
    """Why a value at another tau2 is the wrong one; None where that is not so."""
    y, v, x, ours, theirs = sample
    name = path.split(".")[-1].split("[")[0]
    if method not in ("ML", "REML") or theirs is None or name in UNTOUCHED:
        return None
    found = maxima(y, v, x, method)
    if len(found) < 2 or abs(ours - theirs) < 1e-6 * max(ours, theirs):
        return None
    heights = {t: profile(y, v, x, t, method) for t in found}
    near = [t for t in found if abs(t - theirs) <= 1e-4 * (theirs + float(v.min()))]
    top = profile(y, v, x, ours, method)
    if not near or top < max(heights.values()) - 1e-9 or top <= heights[near[0]] + 1e-9:
        return None
    estimate = actual.get("b")
    if x.shape[1] == 1 and isinstance(estimate, float | np.floating):
        w = 1 / (v + ours)
        if abs(float(w @ y / w.sum()) - estimate) > 1e-8 * (1 + abs(estimate)):
            return None
    return "the reference belongs to a lower maximum of the likelihood"
