"""Two groups compared, two maps joined, and the analysis without each experiment."""

import json

import numpy as np
import pytest

from reviewtool.stats.coordinates import (
    Deals,
    UnlikeDraws,
    ale,
    compare,
    conjunction,
    contributions,
    corrected,
    deal,
    experiment,
    focus_counts,
    jackknife,
    joined_deals,
    large_clusters,
    mkda,
    standing,
    subtracted,
)
from reviewtool.stats.errors import BadInput, TooFewStudies, UnknownChoice
from tests.stats.coordinates.foci_sets import made_up, small_mask

HERE, THERE = (14.0, 10.0, 2.0), (-14.0, -10.0, 2.0)


@pytest.fixture(scope="module", params=["ALE", "MKDA", "chi-square"])
def two(request):
    method = ale if request.param == "ALE" else mkda
    first = method(made_up(14, 1, HERE), small_mask())
    second = method(made_up(12, 2, THERE), small_mask())
    kind = "chi-square" if request.param == "chi-square" else "difference"
    return first, second, compare(first, second, kind=kind)


def at(mask, place):
    voxel = mask.voxel_of([place])[0]
    return int(np.flatnonzero((mask.voxels == voxel).all(axis=1))[0])


def test_each_group_stands_where_its_foci_are(two):
    _, _, comparison = two
    found = subtracted(comparison, deal(comparison, 3, 0, 400))
    here, there = at(found.mask, HERE), at(found.mask, THERE)
    assert found.p_first[here] < 0.01
    assert found.p_second[there] < 0.01
    assert found.fwe_first[here] < 0.05
    assert found.z[here] > 2 > -2 > found.z[there]
    assert np.all(found.fwe_first[comparison.where] >= found.p_first[comparison.where] - 1e-12)
    assert "14 against 12 experiments" in found.sentence


def test_clusters_larger_than_those_of_chance_stand_on_their_side(two):
    _, _, comparison = two
    whole = deal(comparison, 3, 0, 200, forming=0.01)
    assert (whole.size_first.size, whole.size_second.size) == (200, 200)
    up, down = large_clusters(comparison, whole, 0.01)
    mask = comparison.mask
    assert up[at(mask, HERE)] > 0 == down[at(mask, HERE)]
    assert down[at(mask, THERE)] > 0 == up[at(mask, THERE)]
    stored = [
        json.loads(json.dumps(deal(comparison, 3, first, 100, forming=0.01).to_json()))
        for first in (100, 0)
    ]
    again = joined_deals(Deals.from_json(one) for one in stored)
    assert again.size_first.tolist() == whole.size_first.tolist()
    assert np.array_equal(large_clusters(comparison, again, 0.01)[0], up)
    with pytest.raises(BadInput, match="between 0 and 0.5"):
        deal(comparison, 3, 0, 1, forming=0.7)


def test_groups_of_one_kind_have_no_large_cluster():
    seen = 0
    for number in range(3):
        one, other = (ale(made_up(10, 50 + 2 * number + n), small_mask()) for n in (0, 1))
        comparison = compare(one, other, where=np.ones(small_mask().size, bool))
        deals = deal(comparison, number, 0, 60, forming=0.01)
        seen += any(image.any() for image in large_clusters(comparison, deals, 0.01, 0.025))
    assert seen <= 1  # 5 in 100 are expected


def test_what_stands_is_in_clusters_on_its_side(two):
    _, _, comparison = two
    found = subtracted(comparison, deal(comparison, 3, 0, 400))
    first, second = standing(found)
    assert np.linalg.norm(np.array(first[0].centre) - HERE) < 10
    assert np.linalg.norm(np.array(second[0].centre) - THERE) < 10
    assert all(found.difference[one.members].min() > 0 for one in first)
    assert all(found.difference[one.members].max() < 0 for one in second)
    strict = standing(found, family_wise=True)
    assert sum(one.voxels for one in strict[0]) < sum(one.voxels for one in first)
    large = standing(found, least=first[0].mm3)
    assert len(large[0]) == sum(one.mm3 >= first[0].mm3 for one in first)


def test_voxels_not_compared_have_no_difference(two):
    _, _, comparison = two
    found = subtracted(comparison, deal(comparison, 3, 0, 20))
    rest = np.ones(found.mask.size, bool)
    rest[comparison.where] = False
    assert np.all(found.p_first[rest] == 1)
    assert np.all(found.difference[rest] == 0)


def test_the_groups_can_be_swapped(two):
    first, second, comparison = two
    other = compare(second, first, kind=comparison.kind)
    assert other.observed == pytest.approx(-comparison.observed, abs=1e-6)


def test_the_observed_difference_is_that_of_the_maps():
    mask = small_mask()
    first, second = ale(made_up(9, 1), mask), ale(made_up(7, 2), mask)
    everywhere = np.ones(mask.size, bool)
    difference = compare(first, second, everywhere).observed
    assert difference == pytest.approx(first.value - second.value, abs=1e-6)


def test_chi_square_is_that_of_the_two_by_two_table():
    from scipy.stats import chi2_contingency

    mask = small_mask()
    first, second = mkda(made_up(14, 1, HERE), mask), mkda(made_up(12, 2, THERE), mask)
    comparison = compare(first, second, kind="chi-square")
    active = [
        np.array([layer > 0 for layer in one.model.layers(one.voxels)]).sum(axis=0)
        for one in (first, second)
    ]
    row = int(np.argmax(comparison.observed))
    a, b = (int(count[comparison.where[row]]) for count in active)
    expected = chi2_contingency([[a, 14 - a], [b, 12 - b]], correction=False).statistic
    assert comparison.observed[row] == pytest.approx(expected, rel=1e-5)


def test_parts_of_deals_are_the_whole_and_survive_being_stored(two):
    _, _, comparison = two
    whole = deal(comparison, 3, 0, 50)
    stored = json.dumps(deal(comparison, 3, 17, 33).to_json())
    parts = [Deals.from_json(json.loads(stored)), deal(comparison, 3, 0, 17)]
    found = joined_deals([*parts, parts[0]])
    assert np.array_equal(found.larger, whole.larger)
    assert np.array_equal(found.smaller, whole.smaller)
    assert found.highest == pytest.approx(whole.highest, rel=1e-6)


def test_foreign_deals_and_gaps_are_refused(two):
    first, second, comparison = two
    other = compare(second, first, kind=comparison.kind)
    with pytest.raises(UnlikeDraws, match="other groups"):
        subtracted(comparison, deal(other, 3, 0, 4))
    with pytest.raises(UnlikeDraws, match="draw 4 is missing"):
        joined_deals([deal(comparison, 3, 0, 4), deal(comparison, 3, 9, 4)])


def test_like_groups_differ_rarely():
    mask = small_mask()
    first, second = ale(made_up(12, 3), mask), ale(made_up(12, 4), mask)
    comparison = compare(first, second)
    found = subtracted(comparison, deal(comparison, 1, 0, 200))
    assert found.fwe_first.min() > 0.02


def test_what_cannot_be_compared_is_said():
    mask = small_mask()
    first, second = ale(made_up(9, 1), mask), mkda(made_up(7, 2), mask)
    with pytest.raises(BadInput, match="same method"):
        compare(first, second)
    with pytest.raises(BadInput, match="chi-square needs MKDA"):
        compare(first, first, kind="chi-square")
    with pytest.raises(UnknownChoice, match="difference, chi-square"):
        compare(first, first, kind="ratio")
    with pytest.raises(TooFewStudies, match="at least 2"):
        compare(first, ale(made_up(1), mask))
    with pytest.raises(BadInput, match="no voxel to compare"):
        compare(first, first, np.zeros(mask.size, bool))


def test_a_conjunction_holds_what_both_hold():
    mask = small_mask()
    a = corrected(ale(made_up(16, 1, HERE) + made_up(8, 5, THERE), mask), "none")
    b = corrected(ale(made_up(16, 2, HERE), mask), "none")
    both = conjunction(a, b)
    stands = a.significant & b.significant
    assert stands.any()
    assert np.array_equal(both.value > 0, stands)
    assert np.all(both.value[stands] <= a.result.value[stands])
    assert np.all(both.p[stands] >= b.result.p[stands])
    assert np.linalg.norm(np.array(both.clusters[0].centre) - HERE) < 8


def test_shares_tell_who_makes_a_cluster():
    mask = small_mask()
    alone = experiment("Alone", "x", 30, [(-22, 18, -10), (-22, 18, -10), (-24, 18, -10)])
    result = ale([*made_up(8), alone], mask)
    value = result.value.copy()
    formed = corrected(result, "none").clusters
    parts = contributions(result, [one.cluster for one in formed])
    for one, shares in zip(formed, parts, strict=True):
        whole = value[one.cluster.members].sum()
        rest = [other for other in result.experiments if other.name != shares[0].experiment]
        without = ale(rest, mask).value[one.cluster.members].sum()
        assert shares[0].share == pytest.approx(1 - without / whole, rel=1e-9)
        assert sum(part.share for part in shares) == pytest.approx(1, abs=0.15)


def test_foci_are_counted_in_their_clusters():
    mask = small_mask()
    result = ale(made_up(20), mask)
    formed = [one.cluster for one in corrected(result, "none").clusters]
    counts = focus_counts(result, formed)
    assert sum(counts[0]) >= 10
    assert all(len(row) == 20 for row in counts)
    assert sum(map(sum, counts)) <= result.foci


def test_a_cluster_of_one_experiment_does_not_outlive_it():
    mask = small_mask()
    alone = experiment("Alone", "x", 200, [(-22, 18, -10)])
    result = ale([*made_up(8), alone], mask)
    formed = [one.cluster for one in corrected(result, "none", forming=0.02).clusters]
    own = next(
        row
        for row, counts in enumerate(focus_counts(result, formed))
        if counts[-1] and sum(counts) == 1
    )
    steps = []
    rows = jackknife(result, formed, 0.02, lambda done, of: steps.append((done, of)))
    assert rows[-1].experiment == "Alone: x"
    assert rows[-1].kept[own] == 0
    assert rows[0].kept[own] > 0.5
    assert steps[-1] == (9, 9)
    with pytest.raises(TooFewStudies):
        jackknife(ale([alone], mask), formed)
