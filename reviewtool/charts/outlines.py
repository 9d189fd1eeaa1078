"""Lines of equal height of an image as few points: outlines and filled areas."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_own = threading.local()
Ring = list[tuple[float, float]]


def rings_above(
    image: NDArray[np.float64],
    across: NDArray[np.float64],
    up: NDArray[np.float64],
    level: float,
    tolerance: float = 0.4,
    least: float = 8.0,
) -> list[Ring]:
    """Closed rings around where ``image`` exceeds ``level``; holes turn the other way.

    image: shape (a, u). across, up: coordinates along its axes, ascending. tolerance: how
    far a ring may stray when points are left out. least: rings of a smaller area are left
    out; both in the units of the coordinates.
    """
    if not (image > level).any():
        return []
    found = _axes().contourf(
        across, up, image.T, levels=[level, max(float(image.max()), level) + 1]
    )
    rings = []
    for path in found.get_paths():
        for polygon in path.to_polygons(closed_only=True):
            ring = np.asarray(polygon, dtype=np.float64)[:-1]
            if len(ring) >= 3 and abs(_area(ring)) >= least:
                rings.append([(float(x), float(y)) for x, y in thinned(ring, tolerance)])
    found.remove()
    return rings


def _axes() -> Any:
    """Axes to find lines with, made once in each thread: making them takes longer than lines."""
    from matplotlib.figure import Figure

    if not hasattr(_own, "axes"):
        _own.axes = Figure().add_axes((0, 0, 1, 1))
    return _own.axes


def _area(ring: NDArray[np.float64]) -> float:
    x, y = ring.T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


def thinned(ring: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """A closed ring without the points that lie within ``tolerance`` of the line.

    Source: Douglas & Peucker 1973, Cartographica 10:112.

    >>> square = np.array([(0, 0), (1, 0.01), (2, 0), (2, 2), (0, 2)], dtype=float)
    >>> len(thinned(square, 0.1))
    4
    """
    far = int(np.argmax(((ring - ring[0]) ** 2).sum(axis=1)))
    closed = np.concatenate([ring, ring[:1]])
    keep = np.zeros(len(closed), dtype=bool)
    keep[[0, far]] = True
    stack = [(0, far), (far, len(ring))]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        start, way = closed[first], closed[last] - closed[first]
        rest = closed[first + 1 : last] - start
        length = float(np.hypot(*way))
        away = (
            np.abs(rest[:, 0] * way[1] - rest[:, 1] * way[0]) / length
            if length
            else np.hypot(rest[:, 0], rest[:, 1])
        )
        worst = int(np.argmax(away))
        if away[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            stack += [(first, middle), (middle, last)]
    return ring[keep[:-1]]


def smooth(image: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """The image blurred by a Gaussian of ``width`` pixels."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(image, width))


def moved(rings: Sequence[Ring], left: float, top: float, scale: float) -> list[Ring]:
    """Rings on the sheet: x to the right, y downwards, rounded to a tenth of a point."""
    return [
        [(round(left + scale * x, 1), round(top - scale * y, 1)) for x, y in ring] for ring in rings
    ]
