"""Laying a shape around many foci quickly: within an experiment the maximum, between a sum.

Only the voxels that a shape covers are ever touched. The canvas is padded, so that no shape
is cut at an edge.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from reviewtool.stats.coordinates.space import Mask

Box: TypeAlias = tuple[slice, slice, slice]


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
        self.reach = np.asarray(reach, dtype=np.int64)
        self.shift = self.reach - np.asarray(low, dtype=np.int64)
        self.sum = np.zeros(self.shift + np.asarray(high, dtype=np.int64) + self.reach, dtype)
        self.layer = np.zeros_like(self.sum)

    @property
    def steps(self) -> tuple[int, int, int]:
        """How far neighbours along i, j and k lie apart in the flat canvas."""
        _, j, k = self.sum.shape
        return j * k, k, 1

    def middles(self, voxels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Voxels of the image as indices of the canvas; shape (n, 3)."""
        return np.asarray(voxels + self.shift)

    def places(self, voxels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Voxels of the image as flat indices of the canvas; shape (n,)."""
        return np.asarray(self.middles(voxels) @ np.array(self.steps))

    def add(self, shape: NDArray[np.floating], middles: NDArray[np.int64]) -> None:
        """Add one experiment to the sum: the maximum of its shapes.

        shape: odd sides, values of at least zero. middles: shape (f, 3).
        """
        a, b, c = shape.shape
        corners = (middles - np.array([a // 2, b // 2, c // 2])).tolist()
        boxes: list[Box] = [
            (slice(i, i + a), slice(j, j + b), slice(k, k + c)) for i, j, k in corners
        ]
        total, layer = self.sum, self.layer
        if len(boxes) == 1:
            total[boxes[0]] += shape
            return
        for box in boxes:
            part = layer[box]
            np.maximum(part, shape, out=part)
        for box in boxes:
            part, whole = layer[box], total[box]
            np.add(whole, part, out=whole)
            part.fill(0)  # so that where boxes overlap it is added once

    def clear(self) -> None:
        """Make the sum zero everywhere."""
        self.sum.fill(0)


def around_image(
    mask: Mask, reach: Sequence[int], voxels: Sequence[NDArray[np.int64]] = ()
) -> Canvas:
    """A canvas for every voxel of the image and those given, in double precision."""
    every = np.concatenate([np.array([(0, 0, 0), mask.shape]) - ((0, 0, 0), (1, 1, 1)), *voxels])
    low, high = every.min(axis=0), every.max(axis=0) + 1
    return Canvas(low, high, reach)


def around_brain(mask: Mask, reach: Sequence[int]) -> Canvas:
    """A canvas for the brain's voxels alone, in single precision: small and quick."""
    low, high = mask.voxels.min(axis=0), mask.voxels.max(axis=0) + 1
    return Canvas(low, high, reach, np.float32)
