"""What a design allows, and what is refused in words."""

import pytest

from reviewtool.certainty.rules.level import DOMAINS, Design, Level, certainty
from reviewtool.errors import Invalid


def test_levels_end_at_very_low_however_many_concerns_there_are() -> None:
    found = certainty(Design.RANDOMISED, {"risk_of_bias": 2, "imprecision": 3})
    assert found.level is Level.VERY_LOW


def test_randomised_evidence_cannot_be_rated_up() -> None:
    found = certainty(Design.RANDOMISED, {}, {"large_effect": 1})
    assert found.level is None
    assert found.error == "upgrade_not_allowed_for_randomised"


def test_three_levels_of_bias_are_for_robins_i_only() -> None:
    assert DOMAINS["risk_of_bias"].most(Design.NONRANDOMISED_ROBINS_I) == 3
    with pytest.raises(Invalid, match="Risk of bias takes 0 to 2"):
        certainty(Design.RANDOMISED, {"risk_of_bias": 3})


def test_an_unknown_domain_is_named() -> None:
    with pytest.raises(Invalid, match="weather"):
        certainty(Design.RANDOMISED, {"weather": 1})


def test_levels_are_written_with_circles() -> None:
    assert Level.MODERATE.symbols == "⊕⊕⊕◯"
