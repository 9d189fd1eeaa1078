"""Draws: the same however they are divided, and what chance really does."""

import json

import numpy as np
import pytest
from scipy import ndimage

from reviewtool.stats.coordinates import (
    Draws,
    UnlikeDraws,
    ale,
    corrected,
    described,
    design_of,
    draw,
    experiment,
    joined,
    mkda,
)
from reviewtool.stats.coordinates.clusters import touching
from reviewtool.stats.errors import BadInput, UnknownChoice
from tests.stats.coordinates.foci_sets import made_up, small_mask


@pytest.fixture(scope="module")
def result():
    return ale(made_up(20), small_mask())


@pytest.fixture(scope="module")
def design(result):
    return design_of(result)


@pytest.fixture(scope="module")
def draws(design):
    return draw(design, seed=5, first=0, count=120)


def same(one, other):
    return (
        np.array_equal(one.value, other.value)
        and np.array_equal(one.size, other.size)
        and np.array_equal(one.mass, other.mass)
    )


def test_parts_in_any_order_are_the_whole(design, draws):
    parts = [draw(design, 5, first, count) for first, count in ((70, 50), (0, 33), (33, 37))]
    assert same(joined(parts), draws)


def test_parts_survive_being_stored(design, draws):
    stored = json.dumps(draw(design, 5, 0, 30).to_json())
    again = Draws.from_json(json.loads(stored))
    assert same(joined([again, draw(design, 5, 30, 90)]), draws)


def test_a_part_done_twice_counts_once(design, draws):
    first, second = draw(design, 5, 0, 60), draw(design, 5, 60, 60)
    assert same(joined([second, first, second]), draws)


def test_a_worker_that_makes_the_design_again_makes_the_same_draws(design):
    again = design_of(ale(made_up(20), small_mask()))
    assert again.key == design.key
    assert same(draw(again, 5, 0, 5), draw(design, 5, 0, 5))


def test_another_seed_gives_other_draws(design, draws):
    assert not same(draw(design, 6, 0, 120), draws)


def test_gaps_overlaps_and_strangers_are_refused(design):
    first = draw(design, 5, 0, 4)
    with pytest.raises(UnlikeDraws, match="draw 4 is missing"):
        joined([first, draw(design, 5, 6, 2)])
    with pytest.raises(UnlikeDraws, match="there twice"):
        joined([first, draw(design, 5, 2, 4)])
    with pytest.raises(UnlikeDraws, match="another seed"):
        joined([first, draw(design, 6, 4, 2)])
    other = design_of(ale(made_up(12), small_mask()))
    with pytest.raises(UnlikeDraws, match="other settings"):
        joined([first, draw(other, 5, 4, 2)])
    with pytest.raises(UnlikeDraws, match="at least one part"):
        joined([])


def test_draws_of_another_analysis_are_not_used(result):
    other = draw(design_of(ale(made_up(12), small_mask())), 5, 0, 4)
    with pytest.raises(UnlikeDraws, match="Run the Monte Carlo again"):
        corrected(result, "size", draws=other)
    with pytest.raises(UnlikeDraws, match="Run the Monte Carlo first"):
        corrected(result, "voxel")


def test_a_part_can_be_stopped(design):
    class Stopped(Exception):
        pass

    done = []

    def stop(count):
        done.append(count)
        if count == 3:
            raise Stopped

    with pytest.raises(Stopped):
        draw(design, 5, 0, 100, stop)
    assert done == [1, 2, 3]


@pytest.mark.parametrize("method", [ale, mkda])
def test_a_draw_is_an_analysis_of_foci_at_random(method):
    """One draw again by the slow road: experiments made up from its foci, all voxels labelled."""
    mask, used = small_mask(), made_up(9)
    result = method(used, mask)
    design = design_of(result, 0.01)
    drawn = draw(design, seed=11, first=4, count=1)
    rng = np.random.default_rng(np.random.SeedSequence(11, spawn_key=(4,)))
    voxels = mask.voxels[rng.integers(0, mask.size, result.foci)]
    places, begin, fake = mask.place_of(voxels), 0, []
    for one, foci in zip(result.experiments, design.foci, strict=True):
        fake.append(experiment(one.study, "", one.n, places[begin : begin + foci]))
        begin += foci
    value = method(fake, mask).value
    assert drawn.value[0] == pytest.approx(value.max(), rel=1e-5)
    image = mask.volume(value) * mask.inside
    labels, count = ndimage.label(image > design.threshold * (1 + 1e-9))
    sizes = np.bincount(labels.ravel())[1:]
    assert drawn.size[0] == sizes.max()
    masses = ndimage.sum(image - design.threshold, labels, range(1, count + 1))
    assert drawn.mass[0] == pytest.approx(masses.max(), rel=1e-3)


def test_touching_is_labelling_by_faces():
    rng = np.random.default_rng(1)
    for share in (0.02, 0.2, 0.35, 0.6):
        volume = np.zeros((13, 12, 11), bool)
        volume[:-1, :-1, :-1] = rng.uniform(size=(12, 11, 10)) < share
        places = np.flatnonzero(volume)
        found = touching(places, (12 * 11, 11, 1))
        labels = ndimage.label(volume)[0].ravel()[places]
        pairs = set(zip(found.tolist(), labels.tolist(), strict=True))
        assert len(pairs) == found.max() + 1 == labels.max()


def test_nothing_touches_nothing():
    assert touching(np.array([], dtype=np.int64), (100, 10, 1)).tolist() == []


def test_where_foci_gather_a_cluster_stands(result, draws):
    stands = corrected(result, "size", draws=draws)
    best = stands.clusters[0]
    assert best.p_size == pytest.approx(1 / 120)
    assert best.p_voxel == pytest.approx(1 / 120)
    assert stands.significant.sum() == sum(one.cluster.voxels for one in stands.clusters)
    assert np.count_nonzero(stands.shown) == stands.significant.sum()
    assert "seed 5" in stands.sentence
    assert "120 draws" in stands.warnings[0]


def test_p_values_are_shares_of_draws(result, draws):
    stands = corrected(result, "size", draws=draws)
    for one in stands.formed:
        share = np.mean(draws.size >= one.cluster.voxels)
        assert one.p_size == pytest.approx(max(share, 1 / 120))
        share = np.mean(draws.value >= one.cluster.peak.value)
        assert one.p_voxel == pytest.approx(max(share, 1 / 120))


@pytest.mark.parametrize("correction", ["size", "mass", "voxel", "FDR", "none"])
def test_every_correction_gives_clusters_of_what_stands(result, draws, correction):
    stands = corrected(result, correction, draws=draws)
    held = np.concatenate([one.cluster.members for one in stands.clusters])
    assert sorted(held) == np.flatnonzero(stands.significant).tolist()
    assert [one.number for one in stands.clusters] == list(range(1, len(stands.clusters) + 1))
    assert stands.sentence.endswith(".")


def test_a_clusters_mass_is_what_exceeds_its_threshold(result, draws):
    for correction in ("size", "voxel", "FDR", "none"):
        stands = corrected(result, correction, draws=draws)
        for one in stands.clusters:
            above = result.value[one.cluster.members] - stands.threshold
            assert one.cluster.mass == pytest.approx(above.sum())
            assert above.min() > 0


def test_where_nothing_stands_there_is_no_cluster(draws):
    mask, rng = small_mask(), np.random.default_rng(3)
    places = mask.place_of(mask.voxels[rng.integers(0, mask.size, 18)])
    apart = ale([experiment(f"S{n}", "", 10, [one]) for n, one in enumerate(places)], mask)
    drawn = draw(design_of(apart), 1, 0, 40)
    for correction in ("size", "voxel", "FDR"):
        stands = corrected(apart, correction, 1e-9 if correction == "FDR" else 0.01, draws=drawn)
        assert stands.clusters == ()
        assert not stands.significant.any()
        assert not stands.shown.any()


def test_stricter_levels_keep_less(result, draws):
    wide = corrected(result, "voxel", 0.2, draws=draws).significant
    narrow = corrected(result, "voxel", 0.02, draws=draws).significant
    assert np.all(wide[narrow])
    assert narrow.sum() < wide.sum()


def test_wrong_settings_are_refused(result, draws, design):
    with pytest.raises(UnknownChoice, match="size, mass, voxel, FDR, none"):
        corrected(result, "Bonferroni", draws=draws)
    with pytest.raises(BadInput, match="between 0 and 1"):
        corrected(result, "size", 1.5, draws=draws)
    with pytest.raises(BadInput, match="0.001 is usual"):
        design_of(result, 0.0)
    with pytest.raises(BadInput, match="at least 0"):
        draw(design, -1, 0, 3)


@pytest.mark.services  # slow, and the same on every machine
def test_random_foci_rarely_give_a_cluster():
    """Family-wise error: about 5 of 100 analyses of foci anywhere have one that stands."""
    mask, rng = small_mask(), np.random.default_rng(8)
    false_alarms = 0
    for _ in range(40):
        used = []
        for one in made_up(10):
            places = mask.place_of(mask.voxels[rng.integers(0, mask.size, len(one.foci))])
            used.append(experiment(one.study, "", one.n, places))
        result = ale(used, mask)
        drawn = draw(design_of(result, 0.01), int(rng.integers(1 << 30)), 0, 60)
        false_alarms += bool(corrected(result, "mass", 0.05, 0.01, drawn).clusters)
    assert false_alarms <= 7  # 99.8 % of binomial(40, 0.05) with 60 draws each


def test_a_described_cluster_names_its_region_and_its_experiments(result, draws):
    row = described(corrected(result, "size", draws=draws))[0]
    assert row.region.words
    assert row.studies >= 10
    assert row.contributing[0].share >= row.contributing[-1].share
    assert sum(one.foci for one in row.contributing) >= 10
