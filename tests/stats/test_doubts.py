"""What no report can have meant about an effect and its interval."""

import pytest

from reviewtool.stats.conversions.checks import doubts


@pytest.mark.parametrize(
    ("estimate", "low", "high", "ratio", "part"),
    [
        (0.7, 1.1, 0.5, True, "ci_low"),
        (0.8, 0.9, 1.2, True, "ci_low"),
        (1.3, 0.9, 1.2, True, "ci_high"),
        (-0.2, -0.5, 0.1, True, "estimate"),
        (0.5, 0.5, 0.5, False, "ci_low"),
    ],
)
def test_impossible_intervals_are_named(
    estimate: float, low: float, high: float, ratio: bool, part: str
) -> None:
    found = doubts(estimate, low, high, ratio=ratio)
    assert [d.part for d in found] == [part]
    assert found[0].impossible


def test_an_estimate_far_from_the_middle_is_doubted_on_the_analysis_scale() -> None:
    assert not doubts(0.5, 0.25, 1.0, ratio=True)
    assert [d.impossible for d in doubts(0.5, 0.25, 1.0)] == [False]
    assert [d.part for d in doubts(2.0, 0.25, 4.1, ratio=True)] == ["estimate"]


def test_rounding_alone_raises_no_doubt() -> None:
    assert not doubts(0.98, 0.97, 1.00, ratio=True)
    assert not doubts(0.1, 0.0, 0.3)


def test_an_se_that_the_interval_contradicts_is_doubted_at_the_interval_level() -> None:
    assert [d.part for d in doubts(1.0, 0.0, 2.0, 1.0)] == ["se"]
    assert not doubts(1.0, 0.0, 2.0, 0.51)
    assert not doubts(1.0, 0.0, 2.0, 0.388, level=99)


def test_what_is_not_reported_is_not_doubted() -> None:
    assert not doubts(0.8, None, None, 0.1)
    assert not doubts(None, 0.5, 1.2)
    assert not doubts(0.8, float("nan"), float("nan"))
