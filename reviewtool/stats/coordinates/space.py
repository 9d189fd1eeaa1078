"""Where a coordinate lies: Talairach and MNI space, voxels, and the brain mask.

Coordinates are in millimetres: x to the right, y to the front, z upwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.coordinates.errors import BadImage
from reviewtool.stats.errors import UnknownChoice

Space = Literal["MNI", "Talairach"]
SPACES: tuple[Space, ...] = get_args(Space)
Variant = Literal["pooled", "SPM", "FSL"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
# MNI to Talairach, rows of the affine matrices in Lancaster et al. 2007, Hum Brain Mapp
# 28:1194 (doi:10.1002/hbm.20345). "pooled" serves images normalised by other software.
LANCASTER: dict[Variant, tuple[tuple[float, float, float, float], ...]] = {
    "pooled": (
        (0.9357, 0.0029, -0.0072, -1.0423),
        (-0.0065, 0.9396, -0.0726, -1.3940),
        (0.0103, 0.0752, 0.8967, 3.6475),
    ),
    "SPM": (
        (0.9254, 0.0024, -0.0118, -1.0207),
        (-0.0048, 0.9316, -0.0871, -1.7667),
        (0.0152, 0.0883, 0.8924, 4.0926),
    ),
    "FSL": (
        (0.9464, 0.0034, -0.0026, -1.0680),
        (-0.0083, 0.9479, -0.0580, -1.0239),
        (0.0053, 0.0617, 0.9010, 3.1883),
    ),
}


def _matrix(variant: str) -> Matrix:
    if variant not in LANCASTER:
        raise UnknownChoice(what="The transform", given=variant, choices=", ".join(VARIANTS))
    return np.array([*LANCASTER[variant], (0.0, 0.0, 0.0, 1.0)])


def _moved(matrix: NDArray[np.floating], xyz: ArrayLike) -> Matrix:
    points = np.asarray(xyz, dtype=np.float64).reshape(-1, 3)
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3], dtype=np.float64)


def to_mni(xyz: ArrayLike, variant: Variant = "pooled") -> Matrix:
    """Talairach coordinates in MNI space, shape (k, 3), mm.

    variant: which of the published matrices: "SPM" or "FSL" when all images were
        normalised with that software, else "pooled".
    Raises UnknownChoice.
    Source: Lancaster et al. 2007, Hum Brain Mapp 28:1194.

    >>> to_mni([(0, 0, 0)]).round(2).tolist()
    [[1.08, 1.17, -4.18]]
    """
    return _moved(np.linalg.inv(_matrix(variant)), xyz)


def to_talairach(xyz: ArrayLike, variant: Variant = "pooled") -> Matrix:
    """MNI coordinates in Talairach space, shape (k, 3), mm; the inverse of ``to_mni``.

    >>> to_talairach(to_mni([(30, -20, 50)])).round(6).tolist()
    [[30.0, -20.0, 50.0]]
    """
    return _moved(_matrix(variant), xyz)


@dataclass(frozen=True, eq=False)
class Mask:
    """Which voxels of an image are brain.

    inside: shape (i, j, k), True in the brain. affine: shape (4, 4), voxel indices to mm.
    name: what a result calls it.
    """

    inside: NDArray[np.bool_] = field(repr=False)
    affine: Matrix = field(repr=False)
    name: str = "brain mask"

    def __post_init__(self) -> None:
        if self.inside.ndim != 3 or not self.inside.any():
            raise BadImage(
                name=self.name,
                problem="a brain mask is one volume with voxels above zero.",
                remedy="Choose the image of a brain mask.",
            )
        if self.affine.shape != (4, 4) or abs(np.linalg.det(self.affine)) < 1e-9:
            raise BadImage(
                name=self.name,
                problem="its voxels have no place in space.",
                remedy="Save it again with its transform to millimetres.",
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along each axis of the image."""
        i, j, k = self.inside.shape
        return i, j, k

    @cached_property
    def voxels(self) -> NDArray[np.int64]:
        """Indices (i, j, k) of the brain's voxels in C order, shape (v, 3)."""
        return np.argwhere(self.inside)

    @cached_property
    def size(self) -> int:
        """Number of brain voxels, v."""
        return int(np.count_nonzero(self.inside))

    @cached_property
    def sides(self) -> tuple[float, float, float]:
        """Length of a voxel's sides along i, j and k, mm."""
        a, b, c = (float(length) for length in np.linalg.norm(self.affine[:3, :3], axis=0))
        return a, b, c

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel, mm3."""
        return round(float(abs(np.linalg.det(self.affine[:3, :3]))), 9)

    def voxel_of(self, xyz: ArrayLike) -> NDArray[np.int64]:
        """Nearest voxel to each place, shape (k, 3); indices may lie outside the image.

        xyz: shape (k, 3), mm. Halves go to the even index, as in NiMARE from 0.22 on.
        """
        return np.rint(_moved(np.linalg.inv(self.affine), xyz)).astype(np.int64)

    def place_of(self, ijk: ArrayLike) -> Matrix:
        """Centres of voxels, shape (k, 3), mm."""
        return _moved(self.affine, ijk)

    def holds(self, ijk: NDArray[np.int64], margin: float = 0.0) -> NDArray[np.bool_]:
        """Whether each voxel index lies in the image or within ``margin`` mm of it, (k,)."""
        more = np.rint(margin / np.asarray(self.sides)).astype(np.int64)
        found: NDArray[np.bool_] = np.all((ijk >= -more) & (ijk < self.shape + more), axis=1)
        return found

    def in_brain(self, xyz: ArrayLike) -> NDArray[np.bool_]:
        """Whether the voxel nearest to each place is brain, shape (k,).

        >>> Mask(np.ones((3, 3, 3), bool), np.eye(4)).in_brain([(1, 1, 2), (1, 1, 2.6)]).tolist()
        [True, False]
        """
        ijk = self.voxel_of(xyz)
        found = self.holds(ijk)
        found[found] = self.inside[tuple(ijk[found].T)]
        return found

    def volume(self, values: Vector, outside: float = 0.0) -> NDArray[np.float64]:
        """Values per brain voxel, shape (v,), as an image, shape (i, j, k)."""
        image = np.full(self.shape, outside, dtype=np.float64)
        image[self.inside] = values
        return image


def mixed_spaces(spaces: Sequence[str]) -> str:
    """A warning when coordinates were given in more than one space; empty otherwise.

    >>> mixed_spaces(["MNI", "MNI", "Talairach"])
    '2 experiments give MNI and 1 gives Talairach coordinates: check that each is what its \
report says.'
    """
    counts = {space: list(spaces).count(space) for space in SPACES}
    if min(counts.values()) == 0:
        return ""
    mni, talairach = counts["MNI"], counts["Talairach"]
    return (
        f"{mni} experiment{'s give' if mni != 1 else ' gives'} MNI and {talairach} "
        f"give{'s' if talairach == 1 else ''} Talairach coordinates: check that each is what "
        "its report says."
    )
