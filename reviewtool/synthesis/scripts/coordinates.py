"""A Python script that reproduces a brain map, with its foci as CSV and Sleuth text."""

from collections.abc import Iterator, Sequence

from reviewtool import table_files
from reviewtool.formats import sleuth
from reviewtool.formats.foci import Experiment, Focus
from reviewtool.reading import written
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import MapCluster, MapResult
from reviewtool.synthesis.rules.maps import CORRECTIONS, choices_of
from reviewtool.synthesis.rules.selection import Coordinates

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
LIBRARY = "reviewtool.stats.coordinates"


def data_csv(run: AnalysisRun) -> bytes:
    """A row per focus, as reported; side 1 is the map itself, side 2 the one beside it."""
    rows = [
        (side, one.study, one.contrast, one.n, one.space, *point)
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


def script(line: Line, run: AnalysisRun, result: MapResult, data_name: str) -> str:
    """Python that draws the map again from its foci and compares every number."""
    return "\n".join(_lines(line, run, result, data_name)) + "\n"


def _lines(line: Line, run: AnalysisRun, result: MapResult, data_name: str) -> Iterator[str]:
    choices = choices_of(run.settings)
    software = ", ".join(f"{name} {number}" for name, number in run.software.items())
    yield f"# {' '.join(line.title.split())}"
    yield f"# Computed by {software}; run with the same reviewtool: python <this file>"
    yield "import csv"
    yield "from pathlib import Path"
    yield ""
    yield "import numpy as np"
    yield ""
    yield f"from {LIBRARY} import *"
    yield ""
    yield f"rows = list(csv.DictReader(open(Path(__file__).with_name({data_name!r}), newline='')))"
    yield ""
    yield ""
    yield "def made(side):"
    yield "    found = {}"
    yield "    for row in rows:"
    yield "        if row['side'] == side:"
    yield "            key = row['study'], row['contrast'], int(row['n']), row['space']"
    yield "            found.setdefault(key, []).append([float(row[axis]) for axis in 'xyz'])"
    yield "    used = [experiment(*key[:3], foci, key[3]) for key, foci in found.items()]"
    if choices.merged:
        yield "    used = merged_by_study(used)"
    yield f"    return {'ale' if choices.algorithm == 'ALE' else 'mkda'}(used, brain_mask())"
    yield ""
    yield ""
    yield "def check(name, found, expected):"
    yield "    same = np.isclose(found, expected, rtol=1e-6, atol=1e-9)"
    yield "    print('PASS' if same else 'FAIL', name, found, 'expected', expected)"
    yield ""
    yield ""
    how = f"{CORRECTIONS[choices.correction]!r}, {choices.level}, {choices.forming}"
    for number, name in enumerate(("one", "two")[: len(result.sides)], 1):
        yield f"{name} = made('{number}')"
        if choices.combine != "contrast":
            draws = "None"
            if choices.draws_needed:
                seed = choices.seed + number - 1
                design = f"design_of({name}, {choices.forming})"
                draws = f"draw({design}, {seed}, 0, {choices.draws})"
            yield f"{name}_stands = corrected({name}, {how}, {draws})"
    if choices.combine == "contrast":
        yield from _contrast(choices.correction, choices.level, choices.forming)
        yield f"deals = deal(comparison, {choices.seed}, 0, {choices.draws})"
        yield "made = subtracted(comparison, deals)"
        yield "up = (limit_by(made, 1) < limit) & (made.difference > 0)"
        yield "down = (limit_by(made, 2) < limit) & (made.difference < 0)"
        yield f"check('voxels that stand', int(up.sum() + down.sum()), {result.significant})"
        return
    if choices.combine == "conjunction":
        yield "both = conjunction(one_stands, two_stands)"
        yield f"check('voxels that stand', int((both.value > 0).sum()), {result.significant})"
        yield "clusters = both.clusters"
    else:
        yield f"check('voxels that stand', int(one_stands.significant.sum()), {result.significant})"
        yield f"check('threshold', one_stands.threshold, {result.threshold!r})"
        yield "clusters = [each.cluster for each in one_stands.clusters]"
    yield f"check('clusters', len(clusters), {len(result.clusters)})"
    for place, one in enumerate(result.clusters):
        yield f"check('cluster {one.number}, voxels', clusters[{place}].voxels, {one.voxels})"
        yield (
            f"check('cluster {one.number}, peak', clusters[{place}].peak.value, {one.peak.value!r})"
        )


def _contrast(correction: str, level: float, forming: float) -> Iterator[str]:
    kind, limit = ("fwe", level) if correction == "voxel" else ("p", forming)
    yield "comparison = compare(one, two)"
    yield f"limit = {limit}"
    yield "limit_by = lambda made, side: getattr("
    yield f"    made, '{kind}_first' if side == 1 else '{kind}_second'"
    yield ")"
