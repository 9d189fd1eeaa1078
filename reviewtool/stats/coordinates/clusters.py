"""Voxels that touch: clusters, their size and mass, and the peaks inside them."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from reviewtool.stats.arrays import Vector
from reviewtool.stats.coordinates.space import Mask

APART = 8.0  # mm between two peaks
PEAKS = 20  # at most


def touching(places: NDArray[np.int64], steps: tuple[int, int, int]) -> NDArray[np.int64]:
    """A number per place, the same for places that hang together through faces.

    places: sorted flat indices in a volume whose rows and planes are padded, shape (n,).
    steps: how far neighbours along the three axes lie apart. Numbers count from 0 in the
    order of the first place.

    >>> touching(np.array([0, 1, 5, 9]), (100, 4, 1)).tolist()
    [0, 0, 0, 0]
    >>> touching(np.array([0, 2, 3]), (100, 10, 1)).tolist()
    [0, 1, 1]
    """
    pairs = []
    for step in steps:
        at = np.searchsorted(places, places + step)
        at[at == places.size] = 0
        first = np.flatnonzero(places[at] == places + step)
        pairs.append((first, at[first]))
    label = np.arange(places.size)
    while True:
        before = label.copy()
        for first, second in pairs:
            least = np.minimum(label[first], label[second])
            label[first] = least
            label[second] = np.minimum(label[second], least)
            label[first] = np.minimum(label[first], least)
        label = label[label]
        if np.array_equal(label, before):
            break
    return np.unique(label, return_inverse=True)[1].reshape(-1)


@dataclass(frozen=True, slots=True)
class Peak:
    """A local maximum; place in mm (MNI), value on the map's scale, p uncorrected."""

    x: float
    y: float
    z: float
    value: float
    p: float
    deviate: float


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """Voxels above a threshold that hang together through faces.

    members: positions among the brain's voxels. mass: sum of value minus threshold.
    centre: mean place weighted by value, mm.
    """

    members: NDArray[np.int64]
    voxels: int
    mm3: float
    mass: float
    centre: tuple[float, float, float]
    peaks: tuple[Peak, ...]

    @property
    def peak(self) -> Peak:
        """The highest."""
        return self.peaks[0]


def clusters_of(
    mask: Mask, value: Vector, p: Vector, z: Vector, threshold: float
) -> tuple[Cluster, ...]:
    """Clusters of voxels whose value is above ``threshold``, the largest first.

    value, p, z: per brain voxel, shape (v,).
    """
    above = np.flatnonzero(value > threshold)
    if above.size == 0:
        return ()
    i, j, k = (side + 1 for side in mask.shape)
    a, b, c = mask.voxels[above].T
    label = touching((a * j + b) * k + c, (j * k, k, 1))
    padded = _padded(mask, value)
    found = []
    for number in range(int(label.max()) + 1):
        members = above[label == number]
        weights = value[members]
        places = mask.place_of(mask.voxels[members])
        x, y, zz = (float(v) for v in weights @ places / weights.sum())
        found.append(
            Cluster(
                members,
                int(members.size),
                members.size * mask.voxel_volume,
                float(np.sum(weights - threshold)),
                (x, y, zz),
                _peaks(mask, padded, members, value, p, z),
            )
        )
    found.sort(key=lambda one: (-one.voxels, -one.peak.value))
    return tuple(found)


def peaks_of(
    mask: Mask, value: Vector, p: Vector, z: Vector, threshold: float, most: int = PEAKS
) -> tuple[Peak, ...]:
    """Local maxima above ``threshold`` (26 neighbours), highest first, 8 mm apart."""
    members = np.flatnonzero(value > threshold)
    return _peaks(mask, _padded(mask, value), members, value, p, z, most)


def _padded(mask: Mask, value: Vector) -> NDArray[np.float64]:
    return np.pad(mask.volume(value), 1)


def _peaks(
    mask: Mask,
    padded: NDArray[np.float64],
    members: NDArray[np.int64],
    value: Vector,
    p: Vector,
    z: Vector,
    most: int = PEAKS,
) -> tuple[Peak, ...]:
    a, b, c = mask.voxels[members].T + 1
    own = value[members]
    highest = np.ones(members.size, dtype=bool)
    for i, j, k in product((-1, 0, 1), repeat=3):
        highest &= padded[a + i, b + j, c + k] <= own
    if members.size:  # another cluster may touch at an edge and be higher
        highest[np.argmax(own)] = True
    top = members[highest]
    top = top[np.argsort(-value[top], kind="stable")]
    places = mask.place_of(mask.voxels[top])
    kept: list[int] = []
    for row in range(top.size):
        if len(kept) == most:
            break
        if all(np.linalg.norm(places[row] - places[other]) >= APART for other in kept):
            kept.append(row)
    return tuple(
        Peak(
            float(places[row, 0]),
            float(places[row, 1]),
            float(places[row, 2]),
            float(value[top[row]]),
            float(p[top[row]]),
            float(z[top[row]]),
        )
        for row in kept
    )
