"""ALE and MKDA against the definition, worked out voxel by voxel."""

import numpy as np
import pytest
from scipy import ndimage, stats

from reviewtool.stats.coordinates import ale, corrected, experiment, mkda, peaks_of
from reviewtool.stats.coordinates.kernels import fwhm, gaussian, sphere
from reviewtool.stats.coordinates.null import ale_null, density_null, false_discovery
from reviewtool.stats.errors import UnknownChoice
from tests.stats.coordinates.foci_sets import made_up, small_mask


@pytest.mark.parametrize("n", [1, 8, 16, 200])
def test_the_kernel_is_a_filtered_point(n):
    delta = np.zeros((41, 41, 41))
    delta[20, 20, 20] = 1
    sigma = fwhm(n) / np.sqrt(8 * np.log(2)) / 2
    filtered = ndimage.gaussian_filter(delta, sigma, mode="constant", truncate=4)
    ours = gaussian(n, (2, 2, 2))
    reach = ours.shape[0] // 2
    middle = slice(20 - reach, 21 + reach)
    assert ours == pytest.approx(filtered[middle, middle, middle], rel=1e-10)
    assert ours.sum() == pytest.approx(1)


def by_definition(used, mask):
    """ALE voxel by voxel: no canvas, no boxes, no logarithms."""
    rest = np.ones(mask.size)
    for one in used:
        kernel = gaussian(one.n, mask.sides)
        reach = np.array(kernel.shape) // 2
        activation = np.zeros(mask.size)
        for focus in mask.voxel_of(one.foci):
            away = mask.voxels - focus
            near = np.all(np.abs(away) <= reach, axis=1)
            at = tuple((away[near] + reach).T)
            activation[near] = np.maximum(activation[near], kernel[at])
        rest *= 1 - activation
    return 1 - rest


def test_ale_is_what_its_definition_says():
    mask, used = small_mask(), made_up(6)
    assert ale(used, mask).value == pytest.approx(by_definition(used, mask), abs=1e-14)


def test_a_focus_beside_the_edge_of_the_image_is_cut_and_nothing_else():
    mask = small_mask()
    # The image ends at 48 mm: one focus beside its edge, one just beyond it.
    used = [experiment("Ada", "", 10, [(-44, 0, 0), (30, 0, 0), (0, 0, 50)]), *made_up(3)]
    assert ale(used, mask).value == pytest.approx(by_definition(used, mask), abs=1e-14)


def test_the_order_of_experiments_and_foci_does_not_matter():
    mask, used = small_mask(), made_up(8)
    turned = [experiment(o.study, o.contrast, o.n, o.foci[::-1]) for o in reversed(used)]
    one, other = ale(used, mask), ale(turned, mask)
    assert one.value == pytest.approx(other.value, abs=1e-14)
    # Values are put into bins after each experiment, so the order shows in the fourth digit.
    assert np.allclose(one.p, other.p, rtol=5e-3, atol=0)


def test_the_same_focus_twice_in_an_experiment_counts_once():
    mask = small_mask()
    once = ale([experiment("Ada", "", 10, [(6, 6, 6)])], mask)
    twice = ale([experiment("Ada", "", 10, [(6, 6, 6), (6, 6, 6)])], mask)
    assert np.array_equal(once.value, twice.value)


def test_the_distribution_by_chance_is_that_of_random_voxels():
    rng = np.random.default_rng(1)
    layers = [rng.choice([0.0, 0.004, 0.012], 4000, p=[0.9, 0.07, 0.03]) for _ in range(6)]
    null = ale_null(layers)
    drawn = 1 - np.prod([1 - rng.choice(layer, 200_000) for layer in layers], axis=0)
    for value in (0.004, 0.008, 0.016, 0.024):
        assert null.p_of(value) == pytest.approx(np.mean(drawn >= value - 5e-6), rel=0.06)
    assert null.tail[0] == pytest.approx(1)
    assert np.all(np.diff(null.tail) <= 0)


def test_two_experiments_are_joined_exactly():
    layers = [np.array([0.0, 0.0, 0.1, 0.1]), np.array([0.0, 0.2, 0.2, 0.2])]
    null = ale_null(layers)
    assert null.p_of(0.1) == pytest.approx(1 - 0.5 * 0.25)
    assert null.p_of(0.28) == pytest.approx(0.375)


def test_many_experiments_keep_small_p_values_positive():
    layers = [np.array([0.0] * 99 + [0.015])] * 60
    null = ale_null(layers)
    assert null.tail.min() > 0
    assert null.tail.min() < 1e-25


def test_mkda_is_the_weighted_share_of_experiments_nearby():
    mask, used = small_mask(), made_up(7)
    result = mkda(used, mask, radius=9.0)
    weights = np.sqrt([one.n for one in used])
    places = mask.place_of(mask.voxels)
    share = np.zeros(mask.size)
    for one, weight in zip(used, weights, strict=True):
        foci = mask.place_of(mask.voxel_of(one.foci))
        near = np.linalg.norm(places[:, None] - foci, axis=2).min(axis=1) <= 9.0
        share += weight * near
    assert result.value == pytest.approx(share / weights.sum(), abs=1e-4)


def test_mkda_with_equal_weights_is_binomial_when_all_cover_as_much():
    null = density_null([1] * 12, [0.1] * 12)
    expected = stats.binom.sf(np.arange(-1, 12), 12, 0.1)
    assert null.tail == pytest.approx(expected, rel=1e-9)


def test_mkda_p_values_match_random_draws():
    mask, used = small_mask(), made_up(9)
    result = mkda(used, mask, radius=9.0)
    rng = np.random.default_rng(2)
    layers = list(result.model.layers(result.voxels))
    drawn = np.sum([rng.choice(layer, 100_000) for layer in layers], axis=0)
    for quantile in (0.7, 0.9, 0.99):
        at = int(np.argsort(result.total)[int(quantile * mask.size)])
        assert result.p[at] == pytest.approx(np.mean(drawn >= result.total[at]), abs=0.006)


def test_unknown_weighting_is_refused_by_name():
    with pytest.raises(UnknownChoice, match="root n, equal"):
        mkda(made_up(3), small_mask(), weighting="cubic")


def test_a_sphere_holds_what_is_near():
    assert sphere(4, (4, 4, 4)).sum() == 7
    assert sphere(6, (2, 2, 2)).shape == (7, 7, 7)


def test_false_discovery_is_monotone_and_never_below_p():
    p = np.random.default_rng(3).uniform(size=500) ** 2
    q = false_discovery(p)
    assert np.all(q >= p)
    order = np.argsort(p)
    assert np.all(np.diff(q[order]) >= -1e-15)
    assert q == pytest.approx(stats.false_discovery_control(p))


def test_the_peak_is_where_the_foci_are():
    mask = small_mask()
    result = ale(made_up(20, at=(10, 10, 2)), mask)
    peak = peaks_of(mask, result.value, result.p, result.z, result.threshold())[0]
    assert np.linalg.norm(np.array([peak.x, peak.y, peak.z]) - (10, 10, 2)) < 6
    assert peak.p < 1e-6
    assert peak.deviate == pytest.approx(stats.norm.isf(peak.p), rel=1e-9)


def test_the_sentence_states_all_that_is_needed_to_repeat_it():
    result = ale(made_up(20), small_mask())
    for part in ("20 experiments", "ball", "64 mm³", "halves", "Eickhoff", "exact distribution"):
        assert part in result.sentence
    assert "10 mm" in mkda(made_up(20), small_mask()).sentence


def test_every_cluster_is_inside_the_threshold():
    result = ale(made_up(20), small_mask())
    stands = corrected(result, "none")
    held = np.concatenate([one.cluster.members for one in stands.clusters])
    assert sorted(held) == np.flatnonzero(result.value > result.threshold()).tolist()
