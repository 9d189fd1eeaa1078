"""Laying a shape around many foci quickly: within an experiment the maximum, between a sum.

The canvas is padded so that no shape is ever cut at an edge, and a shape is laid as a few
long rows with zeros between: the gaps change nothing, for a maximum or a sum with values
of at least zero, and long rows are what a processor is quick at.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reviewtool.stats.coordinates.space import Mask


class Canvas:
    """A padded volume around some voxels of an image.

    low, high: first voxel held, and one past the last, along i, j and k. reach: how many
    voxels the largest shape reaches from its middle along each axis.
    """

    def __init__(
        self,
        low: Sequence[int],
        high: Sequence[int],
        reach: Sequence[int],
        dtype: type[np.float32] | type[np.float64] = np.float64,
    ) -> None:
        self.low = np.asarray(low, dtype=np.int64)
        self.reach = np.asarray(reach, dtype=np.int64)
        i, j, k = (int(h - b) for b, h in zip(low, high, strict=True))
        self.row = k + int(reach[2])  # the pad of one row serves the next as well
        self.plane = (j + 2 * int(reach[1]) + 1) * self.row
        self.sum = np.zeros((i + 2 * int(reach[0]), self.plane), dtype)
        self.layer = np.zeros_like(self.sum)

    @property
    def steps(self) -> tuple[int, int, int]:
        """How far neighbours along i, j and k lie apart in the flat canvas."""
        return self.plane, self.row, 1

    def places(self, voxels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Flat index of voxels of the image in the canvas; voxels: shape (n, 3)."""
        i, j, k = (voxels - self.low + self.reach).T
        return np.asarray(i * self.plane + j * self.row + k)

    def shape(self, kernel: NDArray[np.float64]) -> NDArray[np.floating]:
        """A kernel with odd sides as rows of this canvas, shape (side, run)."""
        a, b, c = kernel.shape
        rows = np.zeros((a, b, self.row), self.sum.dtype)
        rows[:, :, :c] = kernel
        run = (b - 1) * self.row + c
        return np.ascontiguousarray(rows.reshape(a, -1)[:, :run])

    def corners(
        self, places: NDArray[np.int64], kernel: tuple[int, ...]
    ) -> tuple[list[int], list[int]]:
        """(plane, start of the run) at which a kernel of that shape is centred on places."""
        a, b, c = (side // 2 for side in kernel)
        plane, rest = np.divmod(places, self.plane)
        return (plane - a).tolist(), (rest - b * self.row - c).tolist()

    def add(
        self, shape: NDArray[np.floating], planes: Sequence[int], starts: Sequence[int]
    ) -> None:
        """Add one experiment: the maximum of its shapes, to the sum of the experiments."""
        deep, run = shape.shape
        total, layer = self.sum, self.layer
        if len(planes) == 1:
            total[planes[0] : planes[0] + deep, starts[0] : starts[0] + run] += shape
            return
        views = []
        for plane, start in zip(planes, starts, strict=True):
            where = slice(plane, plane + deep), slice(start, start + run)
            view = layer[where]
            np.maximum(view, shape, out=view)
            views.append((where, view))
        # Each place is added once: it is zero when the next shape comes to it.
        for where, view in views:
            part = total[where]
            np.add(part, view, out=part)
            view.fill(0)

    def clear(self) -> None:
        """Make the sum zero everywhere."""
        self.sum.fill(0)


def around_image(
    mask: Mask, reach: Sequence[int], dtype: type[np.float32] | type[np.float64] = np.float64
) -> Canvas:
    """A canvas for every voxel of the image."""
    return Canvas((0, 0, 0), mask.shape, reach, dtype)


def around_brain(
    mask: Mask, reach: Sequence[int], dtype: type[np.float32] | type[np.float64] = np.float32
) -> Canvas:
    """A canvas for the brain's voxels alone: smaller."""
    return Canvas(mask.voxels.min(axis=0), mask.voxels.max(axis=0) + 1, reach, dtype)
