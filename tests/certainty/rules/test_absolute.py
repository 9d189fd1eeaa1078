"""Absolute effects: refused in words, shown as tables print them."""

import pytest

from reviewtool.certainty.rules.absolute import absolute_effect, nnt, nnt_interval
from reviewtool.errors import Invalid


def test_a_difference_that_rounds_to_nothing_is_called_fewer() -> None:
    found = absolute_effect("RR", 100, 1.001, 0.9, 1.1)
    assert found.display_diff.startswith("0 fewer per 1000")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("ROM", 100, 1, 0.5, 2), "no absolute effect from ROM"),
        (("RR", 1200, 1, 0.5, 2), "0 to 1000"),
        (("RR", 100, 3, 0.5, 2), "do not enclose"),
        (("RR", 100, 1, -0.5, 2), "cannot be negative"),
    ],
)
def test_what_cannot_be_converted_is_explained(given: tuple[str, float], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        absolute_effect(*given)  # type: ignore[call-arg]


def test_equal_risks_have_no_number_needed() -> None:
    assert nnt(100, 100).number is None


def test_an_interval_with_no_difference_runs_through_infinity() -> None:
    effect = absolute_effect("RR", 100, 0.9, 0.5, 1.5)
    assert nnt_interval(effect) == "NNTB 20 to ∞ to NNTH 20"


def test_an_interval_on_one_side_is_ordered() -> None:
    effect = absolute_effect("RR", 200, 0.5, 0.4, 0.75)
    assert nnt_interval(effect) == "NNTB 9 to 20"
    assert nnt_interval(effect, harmful=False) == "NNTH 9 to 20"
