"""Clusters as a table shows them: place, names of regions, p values, who contributes."""

from collections.abc import Sequence
from dataclasses import dataclass

from reviewtool.stats.coordinates.atlas import Region, region_of, regions_of
from reviewtool.stats.coordinates.clusters import Peak
from reviewtool.stats.coordinates.correction import Corrected
from reviewtool.stats.coordinates.diagnostics import Contribution, contributions

COUNTS = 0.01  # a smaller share is the tail of a distant focus


@dataclass(frozen=True, slots=True)
class DescribedCluster:
    """One row of the cluster table; places in mm (MNI).

    centre: weighted by value. covers: (region, share of voxels). contributing: experiments
    whose share is at least 1 % or that have a focus inside. p_size, p_mass, p_voxel:
    family-wise, None where not drawn.
    """

    number: int
    voxels: int
    mm3: float
    mass: float
    peak: Peak
    region: Region
    peaks: tuple[tuple[Peak, Region], ...]
    centre: tuple[float, float, float]
    covers: tuple[tuple[str, float], ...]
    p_size: float | None
    p_mass: float | None
    p_voxel: float | None
    contributing: tuple[Contribution, ...]

    @property
    def studies(self) -> int:
        """How many studies contribute."""
        return len({one.study for one in self.contributing})


def described(corrected: Corrected) -> tuple[DescribedCluster, ...]:
    """The significant clusters with their regions and contributing experiments."""
    parts: Sequence[tuple[Contribution, ...]] = contributions(
        corrected.result, [one.cluster for one in corrected.clusters]
    )
    mask = corrected.result.mask
    rows = []
    for one, experiments in zip(corrected.clusters, parts, strict=True):
        cluster = one.cluster
        peaks = tuple((peak, region_of((peak.x, peak.y, peak.z))) for peak in cluster.peaks)
        rows.append(
            DescribedCluster(
                one.number,
                cluster.voxels,
                cluster.mm3,
                cluster.mass,
                cluster.peak,
                peaks[0][1],
                peaks,
                cluster.centre,
                regions_of(mask.place_of(mask.voxels[cluster.members])),
                one.p_size,
                one.p_mass,
                one.p_voxel,
                tuple(part for part in experiments if part.share >= COUNTS or part.foci),
            )
        )
    return tuple(rows)
