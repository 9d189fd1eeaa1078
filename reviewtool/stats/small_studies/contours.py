"""Lines of equal significance behind a funnel plot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Vector, as_vector
from reviewtool.stats.distributions import critical
from reviewtool.stats.errors import BadInput


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
    """Effects at which a study of standard error ``se`` reaches two-sided p = 1 - level/100."""

    level: float
    se: Vector
    low: Vector
    high: Vector


def funnel_contours(
    se: ArrayLike, levels: Sequence[float] = (90.0, 95.0, 99.0), reference: float = 0.0
) -> list[Contour]:
    """Contours around ``reference`` (no effect), one per level in per cent.

    se: shape (n,), standard errors >= 0 along the axis of the funnel.
    Source: Peters et al. 2008, J Clin Epidemiol 61:991.

    >>> c = funnel_contours([0.0, 0.1], levels=[95])[0]
    >>> c.high.round(4)
    array([0.   , 0.196])
    """
    errors = as_vector(se, "se")
    if np.any(errors < 0) or not np.all(np.isfinite(errors)):
        raise BadInput(problem="A standard error is negative.", remedy="Give values of 0 or more.")
    found = []
    for level in levels:
        half = critical(level, None) * errors
        found.append(Contour(level, errors, reference - half, reference + half))
    return found
