"""How many unseen null results would change the conclusion."""

from dataclasses import dataclass
from math import ceil, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Labels, check_effects
from reviewtool.stats.distributions import normal_cdf, normal_p, normal_quantile
from reviewtool.stats.errors import UnknownChoice


@dataclass(frozen=True, slots=True)
class FailSafe:
    """``n`` further studies with a null (Orwin: zero) effect; NaN where not defined."""

    kind: str
    n: int
    p: float
    mean_effect: float
    target: float

    @property
    def sentence(self) -> str:
        """What was computed, for a methods section."""
        return f"The fail-safe number of {self.kind} is {self.n}."


def fail_safe_n(
    y: ArrayLike,
    v: ArrayLike,
    kind: str = "Rosenthal",
    *,
    alpha: float = 0.05,
    target: float | None = None,
    weighted: bool = False,
    labels: Labels | None = None,
) -> FailSafe:
    """Fail-safe N of ``kind`` Rosenthal, Orwin or Rosenberg.

    Orwin: target is the smallest mean that matters, by default half the mean.
    Source: Rosenthal 1979, Psychol Bull 86:638; Orwin 1983, J Educ Stat 8:157;
    Rosenberg 2005, Evolution 59:464.

    >>> fail_safe_n([0.4, 0.5, 0.6], [0.02, 0.02, 0.02]).n
    39
    """
    effects, variances = check_effects(y, v, labels)
    k, w = effects.size, 1 / variances
    if kind == "Rosenthal":
        z = abs(float(np.sum(effects / np.sqrt(variances)))) / sqrt(k)
        n = k * (z / normal_quantile(1 - alpha)) ** 2 - k
        return FailSafe(kind, _whole(n), normal_cdf(-z), nan, nan)
    if kind == "Orwin":
        mean = float(np.average(effects, weights=w if weighted else None))
        goal = mean / 2 if target is None else target
        n = k * (mean - goal) / goal if goal else nan
        return FailSafe(kind, _whole(n) if n == n else 0, nan, mean, goal)
    if kind == "Rosenberg":
        total = float(w.sum())
        mean = float(w @ effects) / total
        needed = (float(w @ effects) / normal_quantile(1 - alpha / 2)) ** 2 - total
        return FailSafe(kind, _whole(k * needed / total), normal_p(mean * sqrt(total)), mean, nan)
    raise UnknownChoice(what="Fail-safe N", given=kind, choices="Rosenthal, Orwin, Rosenberg")


def _whole(n: float) -> int:
    """Rounded up, but not for the last digit of a double; never negative."""
    return max(0, ceil(n - 1e-12 * max(1.0, abs(n))))
