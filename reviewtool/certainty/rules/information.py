"""Optimal information size: how many people one well-powered trial would need.

Source: GRADE guidelines 6 (2011). Unpooled variances, so calculators that pool them or
correct for continuity give slightly more.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from reviewtool.errors import Invalid
from reviewtool.words import plain


@dataclass(frozen=True)
class InformationSize:
    """People per group, unrounded and rounded up, and in both groups together."""

    per_group_unrounded: float
    per_group: int
    total: int
    comparator_risk: float | None = None
    intervention_risk: float | None = None


def _z_squared(alpha: float, power: float) -> float:
    if not (0 < alpha < 1 and 0 < power < 1):
        raise Invalid("Alpha and power lie between 0 and 1.")
    z = NormalDist().inv_cdf
    return (z(1 - alpha / 2) + z(power)) ** 2


def ois_dichotomous(
    p0: float, rrr: float = 0.25, alpha: float = 0.05, power: float = 0.8
) -> InformationSize:
    """People needed to show a relative risk reduction ``rrr`` from the risk ``p0``.

    p0, rrr: proportions. Raises Invalid when either leaves nothing to detect.
    """
    if not 0 < p0 < 1:
        raise Invalid(f"The comparator risk {plain(p0)} must lie between 0 and 1.")
    p1 = p0 * (1 - rrr)
    if p1 == p0 or not 0 <= p1 <= 1:
        raise Invalid(f"A relative risk reduction of {plain(rrr)} cannot be planned for.")
    variance = p0 * (1 - p0) + p1 * (1 - p1)
    n = _z_squared(alpha, power) * variance / (p0 - p1) ** 2
    return InformationSize(n, math.ceil(n), 2 * math.ceil(n), p0, p1)


def ois_continuous(
    sd: float, mid: float, alpha: float = 0.05, power: float = 0.8
) -> InformationSize:
    """People needed to show the difference ``mid`` when the standard deviation is ``sd``."""
    if sd <= 0 or mid == 0:
        raise Invalid("The standard deviation must be positive and the difference not zero.")
    n = 2 * _z_squared(alpha, power) * sd**2 / mid**2
    return InformationSize(n, math.ceil(n), 2 * math.ceil(n))
