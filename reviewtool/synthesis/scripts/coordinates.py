"""What the script of a brain map reads, and its foci and clusters as files."""

from collections.abc import Iterator, Sequence

from reviewtool import table_files
from reviewtool.formats import sleuth
from reviewtool.formats.foci import Experiment, Focus
from reviewtool.reading import written
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.results import MapCluster, MapResult
from reviewtool.synthesis.rules.maps import choices_of
from reviewtool.synthesis.rules.selection import Coordinates
from reviewtool.synthesis.scripts.numbers import Number, text

FOCI = ("side", "study", "contrast", "n", "space", "x", "y", "z")
CLUSTERS = (
    "cluster",
    "of",
    "voxels",
    "mm3",
    "x",
    "y",
    "z",
    "value",
    "p",
    "z_score",
    "region",
    "covers",
    "centre_x",
    "centre_y",
    "centre_z",
    "p_cluster_size",
    "p_cluster_mass",
    "p_voxel",
    "studies",
    "foci",
    "contributing",
    "rests_on",
)


def data_csv(run: AnalysisRun) -> bytes:
    """A row per focus, as reported; side 1 is the map itself, side 2 the one beside it."""
    rows = [
        (side, text(one.study), text(one.contrast), one.n, one.space, *point)
        for side, found in ((1, run.inputs.experiments), (2, run.inputs.others))
        for one in found
        for point in one.foci
    ]
    return table_files.write(FOCI, rows, mark=False)


def as_sleuth(found: Sequence[Coordinates]) -> str:
    """Experiments as Sleuth text, each in its own space."""
    return sleuth.write(
        Experiment(
            one.study,
            one.contrast,
            one.n,
            one.space,
            tuple(Focus(written(x), written(y), written(z)) for x, y, z in one.foci),
        )
        for one in sorted(found, key=lambda one: (one.space, one.study, one.contrast))
    )


def clusters_csv(result: MapResult) -> bytes:
    """A row per cluster: place, size, names of regions, p values, who contributes."""
    return table_files.write(CLUSTERS, (_cluster(one) for one in result.clusters))


def _cluster(one: MapCluster) -> tuple[object, ...]:
    peak = one.peak
    return (
        one.number,
        one.sign,
        one.voxels,
        one.mm3,
        peak.x,
        peak.y,
        peak.z,
        peak.value,
        peak.p,
        peak.deviate,
        peak.region,
        "; ".join(f"{part.region} {round(100 * part.share)} %" for part in one.covers),
        *(round(value, 2) for value in one.centre),
        one.p_size,
        one.p_mass,
        one.p_voxel,
        one.studies or None,
        one.foci or None,
        "; ".join(f"{part.experiment} {round(100 * part.share)} %" for part in one.contributing),
        "; ".join(part.experiment for part in one.fragile),
    )


def settings(run: AnalysisRun, result: MapResult) -> dict[str, str]:
    """How the map is made and what stands on it."""
    choices = choices_of(run.settings)
    return {
        "algorithm": choices.algorithm,
        "merged": "yes" if choices.merged else "no",
        "combine": choices.combine,
        "correction": choices.correction,
        "level": text(float(choices.level)),
        "forming": text(float(choices.forming)),
        "seed": str(choices.seed),
        "draws": str(choices.draws if choices.draws_needed else 0),
        "sides": str(len(result.sides)),
    }


def numbers(result: MapResult) -> Iterator[Number]:
    """The threshold, and the clusters with their peaks; of a contrast how much stands."""
    yield Number.of("voxels that stand", result.significant)
    if result.combine == "contrast":
        return
    if result.threshold is not None and not result.combine:
        yield Number.of("threshold", result.threshold)
    yield Number.of("clusters", len(result.clusters))
    for one in result.clusters:
        yield Number.of(f"cluster {one.number}, voxels", one.voxels)
        yield Number.of(f"cluster {one.number}, peak", one.peak.value)
