"""Suggestions say why, in a sentence with their numbers."""

import pytest

from reviewtool.certainty.rules.suggestions import (
    suggest_imprecision,
    suggest_imprecision_relative,
    suggest_inconsistency,
    suggest_large_effect,
    suggest_publication_bias,
    suggest_risk_of_bias,
)
from reviewtool.errors import Invalid


def test_a_third_of_the_weight_at_high_risk_costs_one_level_and_says_so() -> None:
    found = suggest_risk_of_bias([10, 20], ["High", "Low"])
    assert found.steps == 1
    assert "33\u202f%" in found.because


def test_a_conclusion_that_stands_without_them_takes_the_level_back() -> None:
    assert suggest_risk_of_bias([10, 20], ["High", "Low"], True).steps == 0


def test_i_squared_alone_never_costs_a_level() -> None:
    assert suggest_inconsistency(9, 95, True, (-1, 1), (-2, 2)).steps == 0


def test_asymmetry_is_not_looked_at_below_ten_studies() -> None:
    found = suggest_publication_bias(9, 0.01, True)
    assert found.steps == 0
    assert "ten are needed" in found.because


def test_four_hundred_people_are_wanted_for_a_continuous_outcome() -> None:
    assert suggest_imprecision_relative(people_total=399).steps == 1
    assert suggest_imprecision_relative(people_total=400).steps == 0


def test_crossed_thresholds_cost_at_most_three_levels() -> None:
    found = suggest_imprecision(-100, 100, [-60, -40, -20, 20, 40, 60], None, None, None)
    assert found.steps == 3


def test_a_large_effect_raises_nothing_beside_other_concerns() -> None:
    assert suggest_large_effect(6, 3, 12).steps == 2
    assert suggest_large_effect(6, 3, 12, other_concerns=True).steps == 0


def test_weights_and_judgements_must_match() -> None:
    with pytest.raises(Invalid, match="one weight and one judgement"):
        suggest_risk_of_bias([1, 2], ["Low"])
