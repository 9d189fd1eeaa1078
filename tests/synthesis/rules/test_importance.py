"""Reached, possibly or not: the interval against the minimal important difference."""

import pytest

from reviewtool.stats.measures import measure
from reviewtool.synthesis.rules.importance import Reached, importance

MID = 1.0
TABLE = [
    # benefit is positive here: estimate, lower, upper limit
    ((2.0, 1.5, 2.5), Reached.YES),
    ((2.0, 1.0, 3.0), Reached.YES),
    ((2.0, 0.9, 3.1), Reached.POSSIBLY),
    ((0.9, 0.2, 1.6), Reached.POSSIBLY),
    ((0.5, 0.1, 0.9), Reached.NO),
    ((0.0, -0.9, 0.9), Reached.NO),
    ((0.0, -1.0, 0.9), Reached.POSSIBLY),
    ((0.0, -1.5, 1.5), Reached.POSSIBLY),
    ((-1.5, -2.5, -0.5), Reached.POSSIBLY),
    ((-2.0, -3.0, -1.0), Reached.HARM),
]


@pytest.mark.parametrize(("effect", "reached"), TABLE)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_interval_decides(effect, reached, sign):
    """The same whichever direction is good, and whatever sign the difference is given."""
    estimate, low, high = effect
    turned = effect if sign == 1 else (-estimate, -high, -low)
    for difference in (MID, -MID):
        found = importance(measure("MD"), turned, difference, lower_is_better=sign == -1)
        assert found is not None
        assert found.reached is reached
        assert found.difference == MID
        assert "1.00" in found.sentence


@pytest.mark.parametrize(
    ("name", "effect", "difference"),
    [
        ("OR", (0.5, 0.3, 0.8), 1.0),  # a ratio has no unit
        ("SMD", (0.5, 0.3, 0.8), 1.0),  # standard deviations are not the outcome's unit
        ("MN", (5.0, 4.0, 6.0), 1.0),  # nothing is compared
        ("MD", (0.5, 0.3, 0.8), None),
        ("MD", (0.5, 0.3, 0.8), 0.0),
        ("MD", (0.5, None, 0.8), 1.0),
    ],
)
def test_what_cannot_be_compared_says_nothing(name, effect, difference):
    assert importance(measure(name), effect, difference, lower_is_better=True) is None
