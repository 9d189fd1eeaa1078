"""Every set of foci found in the reference folder, at the tolerances of its README."""

import csv
import json
from functools import cache

import numpy as np
import pytest

from reviewtool.stats.coordinates import (
    CoordinateMap,
    ale,
    corrected,
    design_of,
    draw,
    experiment,
    joined,
    mkda,
    peaks_of,
)
from tests.stats.coordinates.foci_sets import FOLDER, SETS, reference_mask, reference_set

NONE = pytest.param(
    "", marks=pytest.mark.skip(f"no set in {FOLDER.name}/; set REVIEWTOOL_REFERENCE")
)
every_set = pytest.mark.parametrize("name", SETS or [NONE])
AUTHORS = sorted(
    path.name.removesuffix("_clusters.csv") for path in FOLDER.glob("*.gingerale*_clusters.csv")
)


@cache
def expected(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.expected.json").read_text())


@cache
def mapped(name: str) -> CoordinateMap:
    return ale(reference_set(name), reference_mask())


@every_set
def test_the_set_is_read_whole(name):
    result, there = mapped(name), expected(name)
    assert len(result.experiments) == there["n_experiments"]
    assert result.people == there["n_participants"]
    assert result.foci == there["n_foci"]
    assert result.mask.size == there["mask_voxels"]


@every_set
def test_ale_values(name):
    result, there = mapped(name), expected(name)["ale"]
    assert result.value.max() == pytest.approx(there["max"], abs=1e-6)
    assert result.value.sum() == pytest.approx(there["sum"], rel=1e-5)
    assert np.count_nonzero(result.value) == there["nonzero_voxels"]
    assert result.threshold(0.001) == pytest.approx(there["value_at_p_0_001"], abs=1e-5)


@every_set
def test_uncorrected_p_values_and_the_false_discovery_rate(name):
    result, there = mapped(name), expected(name)
    smallest = there["uncorrected"]["min_p"]
    assert np.log10(result.p.min()) == pytest.approx(np.log10(smallest), abs=0.01)
    for limit, voxels in there["uncorrected"]["voxels_p_lt"].items():
        assert np.count_nonzero(result.p < float(limit)) == voxels, limit
    assert np.count_nonzero(result.q < there["fdr"]["q"]) == there["fdr"]["voxels"]


@every_set
def test_peaks(name):
    result, there = mapped(name), expected(name)["peaks"]
    found = peaks_of(result.mask, result.value, result.p, result.z, result.threshold())
    assert [(peak.x, peak.y, peak.z) for peak in found] == [tuple(one["xyz"]) for one in there]
    for peak, one in zip(found, there, strict=True):
        assert peak.value == pytest.approx(one["ale"], abs=1e-6)
        assert np.log10(peak.p) == pytest.approx(np.log10(one["p"]), abs=0.01)
        assert peak.deviate == pytest.approx(one["z"], abs=0.01)


@every_set
def test_clusters(name):
    result, there = mapped(name), expected(name)
    formed = corrected(result, "none").clusters
    assert len(formed) == there["montecarlo"]["clusters_formed"]
    for one, published in zip(formed, there["clusters"], strict=False):
        cluster = one.cluster
        assert cluster.voxels == published["voxels"]
        assert cluster.mm3 == published["mm3"]
    by_place = {(c.cluster.peak.x, c.cluster.peak.y, c.cluster.peak.z): c.cluster for c in formed}
    for published in there["clusters"] + there["largest_clusters_not_significant"]:
        cluster = by_place[tuple(published["peak_xyz"])]
        assert cluster.voxels == published["voxels"]
        if "weighted_centre" in published:
            assert cluster.centre == pytest.approx(published["weighted_centre"], abs=0.051)
            assert cluster.peak.value == pytest.approx(published["peak_ale"], abs=1e-6)


# NiMARE 0.22.1 on hippocampus_rsfc with its coordinates read as Talairach and one experiment
# more at the edge of the image (one focus beyond it): ALE and MKDADensity(equal weights), both
# with the approximate null distribution.
EDGE = [(0, -30, -64), (10, -40, -66), (0, -104, 0), (60, 0, 0)]


@pytest.fixture(scope="module")
def as_talairach():
    if "hippocampus_rsfc" not in SETS:
        pytest.skip("no hippocampus_rsfc in the reference folder; set REVIEWTOOL_REFERENCE")
    used = [
        experiment(one.study, one.contrast, one.n, one.foci, "Talairach")
        for one in reference_set("hippocampus_rsfc")
    ]
    return [*used, experiment("edge", "", 9, EDGE, "Talairach")]


def below(p, *limits):
    return [int(np.count_nonzero(p < limit)) for limit in limits]


def test_talairach_coordinates_and_foci_beyond_the_image_as_elsewhere(as_talairach):
    result = ale(as_talairach, reference_mask())
    assert result.value.max() == pytest.approx(0.050390705, abs=1e-7)
    assert result.value.sum() == pytest.approx(347.8715, rel=1e-6)
    assert np.count_nonzero(result.value) == 217_516
    assert below(result.p, 0.05, 0.01, 0.001, 0.0001) == [15016, 6961, 2837, 1515]


def test_mkda_as_elsewhere(as_talairach):
    result = mkda(as_talairach, reference_mask(), weighting="equal")
    assert result.total.max() == 14
    assert result.total.sum() == 165_698
    assert result.p.min() == pytest.approx(3.040794e-18, rel=1e-5)
    assert below(result.p, 0.05, 0.01, 0.001) == [16294, 8702, 4893]


@every_set
def test_a_few_draws_are_of_the_right_size(name):
    """1 000 draws are compared where there is time (test_monte_carlo_at_full_length)."""
    there = expected(name)["montecarlo"]
    draws = draw(design_of(mapped(name)), seed=42, first=0, count=25)
    assert np.median(draws.value) < there["ale_voxel_fwe_0_05"] < 1.5 * np.median(draws.value)
    assert 0.35 < np.median(draws.size) / there["cluster_size_fwe_0_05_voxels"] < 1.1


@pytest.mark.services
@every_set
def test_monte_carlo_at_full_length(name):
    result, there = mapped(name), expected(name)
    count = there["montecarlo"]["n_iterations"]
    design = design_of(result)
    half = count // 2
    draws = joined([draw(design, 42, half, count - half), draw(design, 42, 0, half)])
    stands = corrected(result, "size", draws=draws)
    published = there["montecarlo"]
    assert stands.least_value == pytest.approx(published["ale_voxel_fwe_0_05"], rel=0.04)
    assert stands.least_size == pytest.approx(published["cluster_size_fwe_0_05_voxels"], rel=0.12)
    places = [(c.cluster.peak.x, c.cluster.peak.y, c.cluster.peak.z) for c in stands.clusters]
    assert set(places) == {tuple(one["peak_xyz"]) for one in there["clusters"]}
    by_place = dict(zip(places, stands.clusters, strict=True))
    for one in there["clusters"]:
        found = by_place[tuple(one["peak_xyz"])]
        assert found.p_size == pytest.approx(one["p_fwe_size"], abs=near(one["p_fwe_size"], count))
        assert found.p_mass == pytest.approx(one["p_fwe_mass"], abs=near(one["p_fwe_mass"], count))


def near(p, count):
    """0.01, as the README has it, or where two runs differ by more: three standard errors."""
    return max(0.01, 3 * np.sqrt(2 * p * (1 - p) / count))


@pytest.mark.parametrize("name", AUTHORS or [NONE])
def test_what_the_authors_published_from_gingerale(name):
    """Another mask and rounding: ALE within 8 %, sizes within 12 %, alone or with neighbours."""
    result = mapped(name.split(".")[0])
    formed = [one.cluster for one in corrected(result, "none").clusters]
    volume = result.mask.volume(result.value)
    with (FOLDER / f"{name}_clusters.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            place = [float(row[axis]) for axis in "xyz"]
            at = tuple(result.mask.voxel_of(place)[0])
            assert volume[at] == pytest.approx(float(row["ale"]), rel=0.08)
            holding = [
                one
                for one in formed
                if at in {tuple(ijk) for ijk in result.mask.voxels[one.members]}
            ]
            there = pytest.approx(float(row["mm3"]), rel=0.12)
            size = holding[0].mm3
            assert size == there or joined_to(holding[0], formed, result.mask) == there


def joined_to(cluster, formed, mask):
    """mm3 of the cluster with all it touches, corners too: another program may join them."""
    own = mask.voxels[cluster.members]
    touched = [
        one
        for one in formed
        if np.abs(own[:, None] - mask.voxels[one.members][None]).max(axis=-1).min() <= 1
    ]
    return sum(one.mm3 for one in touched)
