"""The shapes laid around a focus: a Gaussian by sample size (ALE) and a sphere (MKDA)."""

from math import log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from reviewtool.stats.coordinates.errors import BadFoci

# Mean of the distance between two places that differ by a Gaussian in three dimensions,
# turned into a full width at half maximum.
_TO_FWHM = sqrt(8 * log(2)) / (2 * sqrt(2 / pi))
TEMPLATES, PEOPLE = 5.7, 11.6  # mm: mean distance between templates, and between people
CUT = 4.0  # standard deviations at which the Gaussian ends


def fwhm(n: int) -> float:
    """Full width at half maximum of the ALE kernel for n people, mm.

    Source: Eickhoff et al. 2009, Hum Brain Mapp 30:2907 (doi:10.1002/hbm.20718).

    >>> round(fwhm(16), 3), round(fwhm(100), 3)
    (9.437, 8.584)
    """
    return sqrt((TEMPLATES * _TO_FWHM) ** 2 + (PEOPLE * _TO_FWHM) ** 2 / n)


def ends_at(n: int) -> float:
    """How far from its middle the ALE kernel for n people ends, mm.

    >>> round(ends_at(16), 1)
    16.0
    """
    return CUT * fwhm(n) / sqrt(8 * log(2))


def gaussian(n: int, sides: tuple[float, float, float]) -> NDArray[np.float64]:
    """The ALE kernel for n people on voxels with ``sides`` (mm): a cube that sums to 1.

    Cut at 4 standard deviations: radius int(4 s + 0.5) voxels along each axis.
    """
    rows = []
    for side in sides:
        s = fwhm(n) / sqrt(8 * log(2)) / side
        radius = int(CUT * s + 0.5)
        row = np.exp(-0.5 * (np.arange(-radius, radius + 1) / s) ** 2)
        rows.append(row / row.sum())
    i, j, k = rows
    cube: NDArray[np.float64] = i[:, None, None] * j[:, None] * k
    return cube


def sphere(radius: float, sides: tuple[float, float, float]) -> NDArray[np.float64]:
    """1 in voxels whose centre is at most ``radius`` mm away, 0 elsewhere; odd sides.

    Raises BadFoci for a radius that is no length.
    Source: Wager et al. 2007, Soc Cogn Affect Neurosci 2:150 (doi:10.1093/scan/nsm015).

    >>> int(sphere(10, (2, 2, 2)).sum())
    515
    """
    if not 0 < radius <= 50:
        raise BadFoci(
            experiment="The sphere",
            problem=f"its radius is {radius} mm.",
            remedy="Choose a radius above 0 and up to 50 mm.",
        )
    reach = [int(radius / side) for side in sides]
    axes = [np.arange(-r, r + 1) * side for r, side in zip(reach, sides, strict=True)]
    i, j, k = (axis**2 for axis in axes)
    inside = i[:, None, None] + j[:, None] + k <= radius**2 + 1e-9
    return np.asarray(inside, dtype=np.float64)
