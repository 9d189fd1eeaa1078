"""Which numbers represent a study in a comparison."""

from math import sqrt

import pytest

from reviewtool.synthesis.rules.selection import ArmNumbers, Group, combine, select


def arm(study, number, treatment, events=None, total=None, timepoint="", **more):
    return ArmNumbers(
        study, f"Study {study}", 2000, number, treatment, timepoint, events, total, **more
    )


def test_two_arms_make_a_row():
    (row,) = select(
        [arm(1, 1, "Drug", 5, 20), arm(1, 2, "placebo", 3, 21)], ["drug"], ["Placebo"], [""]
    ).rows
    assert (row.group1, row.group2) == (Group(5, 20), Group(3, 21))


def test_experimental_arms_are_combined_so_that_nobody_counts_twice():
    arms = [arm(1, 1, "a", 5, 20), arm(1, 2, "b", 6, 30), arm(1, 3, "placebo", 3, 20)]
    found = select(arms, ["a", "b"], ["placebo"], [""])
    assert [r.group1 for r in found.rows] == [Group(11, 50)]
    assert "2 experimental arms were combined" in found.notes[0]


def test_subgroups_by_treatment_divide_the_comparator():
    arms = [arm(1, 1, "a", 5, 20), arm(1, 2, "b", 6, 30), arm(1, 3, "placebo", 3, 20)]
    found = select(arms, ["a", "b"], ["placebo"], [""], by_treatment=True)
    assert [(r.treatment, r.group2.events, r.group2.total) for r in found.rows] == [
        ("a", 1.5, 10),
        ("b", 1.5, 10),
    ]
    assert "divided among 2 treatments" in found.notes[0]


def test_two_doses_of_one_treatment_stay_one_row():
    arms = [arm(1, 1, "a", 5, 20), arm(1, 2, "a", 6, 30), arm(1, 3, "placebo", 3, 20)]
    (row,) = select(arms, ["a"], ["placebo"], [""], by_treatment=True).rows
    assert (row.group1.events, row.group2.total) == (11, 20)


def test_combined_means_and_sds_are_those_of_the_pooled_people():
    a, b = [1.0, 2.0, 3.0, 6.0], [2.0, 8.0, 5.0]

    def group(values):
        mean = sum(values) / len(values)
        sd = sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
        return Group(None, len(values), mean, sd)

    both, joined = group(a + b), combine([group(a), group(b)])
    assert (joined.mean, joined.sd) == pytest.approx((both.mean, both.sd))


def test_the_first_acceptable_time_point_is_taken():
    arms = [
        arm(1, 1, "a", 1, 10, "1 month"),
        arm(1, 2, "p", 2, 10, "1 month"),
        arm(1, 1, "a", 3, 10, "3 months"),
        arm(1, 2, "p", 4, 10, "3 months"),
        arm(2, 1, "a", 5, 10, "1 month"),
        arm(2, 2, "p", 6, 10, "1 month"),
    ]
    rows = select(arms, ["a"], ["p"], ["3 months", "1 month"]).rows
    assert [r.group1.events for r in rows] == [3, 5]
    assert [r.study_id for r in select(arms, ["a"], ["p"], ["3 months"]).rows] == [1]


def test_a_contrast_the_other_way_round_is_turned():
    one = ArmNumbers(1, "S", 2000, 1, "placebo", estimate=0.4, se=0.1, reference="drug")
    (row,) = select([one], ["drug"], ["placebo"], [""]).rows
    assert (row.estimate, row.se) == (-0.4, 0.1)


def test_a_study_without_the_comparator_is_not_in():
    assert (
        select([arm(1, 1, "a", 1, 10), arm(1, 2, "b", 2, 10)], ["a"], ["placebo"], [""]).rows == ()
    )
