"""Coordinate-based meta-analysis: where the foci that experiments report come together.

Experiments in, maps out. numpy and scipy only; no database, no files unless asked.

    used = [experiment("Ada 2001", "pain > rest", 16, [(38, 4, 2), (2, 4, 52)]), ...]
    result = ale(used, brain_mask())             # or mkda(...): values and uncorrected p
    design = design_of(result)                   # small; a worker can make it again
    parts = [draw(design, seed=1, first=f, count=250) for f in (0, 250, 500, 750)]
    stands = corrected(result, "size", draws=joined(parts))
    stands.clusters[0].cluster.peak, stands.sentence, result.warnings
    write_image(stands.shown, result.mask)       # bytes of a .nii.gz

Increases and decreases, and each modality, are analyses of their own: choose the
experiments. ``draw`` depends only on its arguments, so parts may run anywhere, in any
order, and twice.
"""

from reviewtool.stats.coordinates.ale import ale
from reviewtool.stats.coordinates.atlas import CREDIT, Region, brain_mask, region_of, regions_of
from reviewtool.stats.coordinates.clusters import Cluster, Peak, clusters_of, peaks_of
from reviewtool.stats.coordinates.conjunction import Conjunction, conjunction
from reviewtool.stats.coordinates.correction import (
    CORRECTIONS,
    Corrected,
    CorrectedCluster,
    Correction,
    corrected,
)
from reviewtool.stats.coordinates.description import DescribedCluster, described
from reviewtool.stats.coordinates.diagnostics import (
    Contribution,
    Without,
    contributions,
    focus_counts,
    jackknife,
)
from reviewtool.stats.coordinates.errors import BadFoci, BadImage, NoFoci, UnlikeDraws
from reviewtool.stats.coordinates.experiments import (
    Experiment,
    experiment,
    merged_by_study,
    outside,
)
from reviewtool.stats.coordinates.maps import FORMING, CoordinateMap
from reviewtool.stats.coordinates.mkda import WEIGHTINGS, Weighting, mkda
from reviewtool.stats.coordinates.modelled import METHODS, RADIUS, Method
from reviewtool.stats.coordinates.monte_carlo import (
    Design,
    Draws,
    design_of,
    draw,
    joined,
    share_at_least,
)
from reviewtool.stats.coordinates.nifti import read_image, read_mask, write_image
from reviewtool.stats.coordinates.space import (
    SPACES,
    VARIANTS,
    Mask,
    Space,
    Variant,
    mixed_spaces,
    to_mni,
    to_talairach,
)
from reviewtool.stats.coordinates.subtraction import (
    Comparison,
    Deals,
    Subtraction,
    compare,
    deal,
    groups_share,
    joined_deals,
    large_clusters,
    standing,
    subtracted,
)

__all__ = [
    "CORRECTIONS",
    "CREDIT",
    "FORMING",
    "METHODS",
    "RADIUS",
    "SPACES",
    "VARIANTS",
    "WEIGHTINGS",
    "BadFoci",
    "BadImage",
    "Cluster",
    "Comparison",
    "Conjunction",
    "Contribution",
    "CoordinateMap",
    "Corrected",
    "CorrectedCluster",
    "Correction",
    "Deals",
    "DescribedCluster",
    "Design",
    "Draws",
    "Experiment",
    "Mask",
    "Method",
    "NoFoci",
    "Peak",
    "Region",
    "Space",
    "Subtraction",
    "UnlikeDraws",
    "Variant",
    "Weighting",
    "Without",
    "ale",
    "brain_mask",
    "clusters_of",
    "compare",
    "conjunction",
    "contributions",
    "corrected",
    "deal",
    "described",
    "design_of",
    "draw",
    "experiment",
    "focus_counts",
    "groups_share",
    "jackknife",
    "joined",
    "joined_deals",
    "large_clusters",
    "share_at_least",
    "merged_by_study",
    "mixed_spaces",
    "mkda",
    "outside",
    "peaks_of",
    "read_image",
    "read_mask",
    "region_of",
    "regions_of",
    "standing",
    "subtracted",
    "to_mni",
    "to_talairach",
    "write_image",
]
