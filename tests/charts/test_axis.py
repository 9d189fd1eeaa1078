"""Axes: round ticks around the numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewtool.charts.axis import linear, logarithmic

numbers = st.floats(-1e6, 1e6, allow_nan=False)
ratios = st.floats(1e-4, 1e4)


@given(st.lists(numbers, max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_linear_axis_holds_every_value_and_a_few_ticks(values):
    scale = linear(values)
    assert all(-1e-9 <= scale.share(v) <= 1 + 1e-9 for v in values)
    assert 2 <= len(scale.ticks) <= 8
    assert len({scale.label(t) for t in scale.ticks}) == len(scale.ticks)


@given(st.lists(ratios, max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_log_axis_holds_every_value_no_effect_and_a_few_ticks(values):
    scale = logarithmic(values)
    assert all(-1e-9 <= scale.share(v) <= 1 + 1e-9 for v in [*values, 1.0])
    assert 2 <= len(scale.ticks) <= 8


@pytest.mark.parametrize(
    ("values", "ticks"),
    [([0.2, 5.0], ("0.2", "0.5", "1", "2", "5")), ([0.9, 1.1], ("0.5", "0.7", "1", "1.5"))],
)
def test_log_ticks_are_the_ones_journals_print(values, ticks):
    scale = logarithmic(values)
    assert tuple(scale.label(t) for t in scale.ticks) == ticks


def test_negative_ticks_have_a_true_minus():
    scale = linear([-2.0, 2.0])
    assert scale.label(-2.0) == "\u22122"


def test_ticks_between_whole_numbers_keep_their_half():
    scale = linear([-4.0, 4.0])
    assert [scale.label(t) for t in scale.ticks] == ["−4", "−2", "0", "2", "4"]
    scale = linear([-5.0, 5.0], ticks=5)
    assert [scale.label(t) for t in scale.ticks] == ["−5.0", "−2.5", "0.0", "2.5", "5.0"]


def test_years_are_not_set_apart_by_thousands():
    scale = linear([1990.0, 2000.0])
    assert scale.label(1990.0) == "1990"
    assert linear([0.0, 20_000.0]).label(5000.0) == "5 000"
