"""What stands once many voxels were looked at: false discovery and family-wise error."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reviewtool.stats.arrays import Vector
from reviewtool.stats.coordinates.clusters import Cluster, clusters_of
from reviewtool.stats.coordinates.errors import UnlikeDraws
from reviewtool.stats.coordinates.maps import FORMING, CoordinateMap
from reviewtool.stats.coordinates.monte_carlo import Draws, design_of, share_at_least
from reviewtool.stats.errors import BadInput, UnknownChoice
from reviewtool.words import plain, plural, thousands

# By cluster size or mass, by the largest voxel, by the false discovery rate, or not at all.
Correction = Literal["size", "mass", "voxel", "FDR", "none"]
CORRECTIONS: tuple[Correction, ...] = get_args(Correction)
DRAWN: tuple[Correction, ...] = ("size", "mass", "voxel")  # need Monte Carlo draws
FEW_DRAWS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedCluster:
    """A cluster with its family-wise p values; None without draws.

    p_size, p_mass: of a cluster that large among the largest per draw; only where clusters
    were formed at the draws' threshold. p_voxel: of its highest value.
    """

    number: int
    cluster: Cluster = field(repr=False)
    p_size: float | None
    p_mass: float | None
    p_voxel: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """A map thresholded: which voxels stand, in which clusters.

    significant: shape (v,). threshold: the value a voxel had to exceed. least_size,
    least_mass, least_value: the largest in 95 of 100 draws (at level 0.05); None without.
    """

    result: CoordinateMap = field(repr=False)
    correction: Correction
    level: float
    forming: float
    threshold: float
    significant: NDArray[np.bool_] = field(repr=False)
    clusters: tuple[CorrectedCluster, ...]
    formed: tuple[CorrectedCluster, ...] = field(repr=False)
    draws: int
    seed: int | None
    least_size: float | None
    least_mass: float | None
    least_value: float | None
    warnings: tuple[str, ...] = ()

    @property
    def shown(self) -> Vector:
        """The map's values where significant, 0 elsewhere, shape (v,)."""
        return np.where(self.significant, self.result.value, 0.0)

    @property
    def sentence(self) -> str:
        """How voxels were chosen, for a methods section."""
        level, forming = plain(self.level), plain(self.forming)
        drawn = (
            f"{thousands(self.draws)} Monte Carlo draws of the same numbers of foci, uniform "
            f"over the brain mask (seed {self.seed})"
        )
        if self.correction == "none":
            return f"Voxels with uncorrected p < {forming}, not corrected for their number."
        if self.correction == "FDR":
            return (
                f"Voxels with a false discovery rate below {level} (Benjamini-Hochberg over all "
                "brain voxels)."
            )
        if self.correction == "voxel":
            return f"Voxel-level family-wise error below {level}: {drawn}."
        return (
            f"Cluster-level family-wise error below {level} by cluster {self.correction}: "
            f"clusters of voxels with p < {forming} that share faces; {drawn}."
        )


def corrected(
    result: CoordinateMap,
    correction: Correction = "size",
    level: float = 0.05,
    forming: float = FORMING,
    draws: Draws | None = None,
) -> Corrected:
    """Threshold ``result``.

    correction: "size" or "mass" (clusters), "voxel" (family-wise error of voxels), "FDR",
    or "none" (uncorrected p < forming). level: error rate. forming: uncorrected p below
    which clusters form. draws: from ``draw`` with ``design_of(result, forming)``.
    Raises UnknownChoice, BadInput for a level, UnlikeDraws for missing or foreign draws.
    Sources: Eickhoff et al. 2012, NeuroImage 59:2349; Zhang et al. 2009, Hum Brain Mapp 30:2907
    for mass; Genovese et al. 2002, NeuroImage 15:870 for the false discovery rate.
    """
    if correction not in CORRECTIONS:
        raise UnknownChoice(what="The correction", given=correction, choices=", ".join(CORRECTIONS))
    if not 0 < level < 1:
        raise BadInput(
            problem=f"The error rate is {level}.", remedy="Choose one between 0 and 1, as 0.05."
        )
    if correction in DRAWN and draws is None:
        raise UnlikeDraws(problem="there are none.", remedy="Run the Monte Carlo first.")
    if draws is not None and draws.key != design_of(result, forming).key:
        raise UnlikeDraws(
            problem="they were drawn for other experiments or settings.",
            remedy="Run the Monte Carlo again.",
        )
    at = result.threshold(forming)
    formed = _numbered(_clusters(result, at), draws, formed=True)
    stand = formed
    if correction in ("size", "mass"):
        stand = tuple(one for one in formed if _p_of(one, correction) < level)
    elif correction != "none":
        at = _lowest(result, correction, level, draws)
        stand = _numbered(_clusters(result, at), draws, formed=False)
    significant = np.zeros(result.mask.size, dtype=bool)
    for one in stand:
        significant[one.cluster.members] = True
    return Corrected(
        result,
        correction,
        level,
        forming,
        at,
        significant,
        stand,
        formed,
        draws.count if draws else 0,
        draws.seed if draws else None,
        _quantile(draws.size, level) if draws else None,
        _quantile(draws.mass, level) if draws else None,
        _quantile(draws.value, level) if draws else None,
        _warnings(draws, correction),
    )


def _p_of(one: CorrectedCluster, correction: Correction) -> float:
    p = one.p_size if correction == "size" else one.p_mass
    return 1.0 if p is None else p


def _lowest(
    result: CoordinateMap, correction: Correction, level: float, draws: Draws | None
) -> float:
    """The value above which voxels stand; the largest of all where none does."""
    if correction == "FDR" or draws is None:
        falls = result.q >= level
    else:
        falls = share_at_least(result.value, draws.value) >= level
    return float(result.value[falls].max(initial=0.0))


def _clusters(result: CoordinateMap, threshold: float) -> tuple[Cluster, ...]:
    return clusters_of(result.mask, result.value, result.p, result.z, threshold)


def _numbered(
    clusters: Sequence[Cluster], draws: Draws | None, formed: bool
) -> tuple[CorrectedCluster, ...]:
    found = []
    for number, one in enumerate(clusters, 1):
        p_size = p_mass = p_voxel = None
        if draws is not None:
            p_voxel = float(share_at_least(one.peak.value, draws.value))
            if formed:
                p_size = float(share_at_least(one.voxels, draws.size))
                p_mass = float(share_at_least(one.mass, draws.mass))
        found.append(CorrectedCluster(number, one, p_size, p_mass, p_voxel))
    return tuple(found)


def _quantile(drawn: ArrayLike, level: float) -> float:
    return float(np.quantile(np.asarray(drawn, dtype=np.float64), 1 - level))


def _warnings(draws: Draws | None, correction: Correction) -> tuple[str, ...]:
    notes = []
    if draws is not None and draws.count < FEW_DRAWS and correction in DRAWN:
        count = plural(draws.count, "draw", "draws")
        notes.append(f"{count}: family-wise p values need at least {thousands(FEW_DRAWS)}.")
    if correction == "FDR":
        notes.append(
            "The false discovery rate is not advised for coordinate-based meta-analysis: it "
            "lets small chance clusters stand (Eickhoff et al. 2016)."
        )
    if correction == "none":
        notes.append("Not corrected for the number of voxels: chance clusters are expected.")
    return tuple(notes)
