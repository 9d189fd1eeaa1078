"""Numbers, times and counts as people read them: alike in every place they stand."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewtool import words


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (-0.254, 2, "−0.25"),
        (-0.001, 2, "−0.001"),
        (0.004, 2, "0.004"),
        (0.005, 2, "0.01"),
        (0.0004, 2, "<0.001"),
        (-0.0004, 2, ">−0.001"),
        (0.0006, 3, "<0.001"),
        (0.00004, 4, "<0.0001"),
        (0.04, 1, "<0.1"),
        (0.3, 0, "<1"),
        (0.0, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (0.7, 2, "0.70"),
        (999.996, 2, "1\u202f000"),
        (12345.6, 1, "12\u202f346"),
        (-1234.6, 2, "−1\u202f235"),
        (230_000_000, 2, "230\u202f000\u202f000"),
        (2.5e22, 2, "2.5\u202f×\u202f10²²"),
        (None, 2, "–"),
        (float("nan"), 2, "not estimable"),
        (float("inf"), 2, "∞"),
        (float("-inf"), 2, "−∞"),
    ],
)
def test_a_number_is_written_one_way(value, digits, expected):
    assert words.num(value, digits) == expected


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 4))
def test_no_number_but_zero_reads_as_zero(value, digits):
    text = words.num(value, digits)
    assert (set(text) <= set("0.")) == (value == 0)
    assert "-" not in text
    assert ("−" in text.split("×")[0]) == (value < 0)


def test_counts_are_grouped_with_a_narrow_space():
    assert words.thousands(5120) == "5\u202f120"
    assert words.thousands(999) == "999"
    assert words.thousands(-1234567) == "−1\u202f234\u202f567"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "p < 0.001"),
        (0.0009, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0071, "p = 0.007"),
        (0.0301, "p = 0.03"),
        (0.0496, "p = 0.050"),
        (0.049, "p = 0.049"),
        (0.21, "p = 0.21"),
        (0.99, "p = 0.99"),
        (0.993, "p > 0.99"),
        (1.0, "p > 0.99"),
        (None, "p not estimable"),
        (float("nan"), "p not estimable"),
    ],
)
def test_p_values_never_round_across_five_per_cent(value, expected):
    assert words.p(value) == expected
    if value is not None and value == value:
        assert words.p_cell(value) == expected.removeprefix("p ").removeprefix("= ").replace(
            " ", ""
        )


def test_an_effect_reads_as_journals_print_it():
    assert words.effect(0.49, 0.34, 0.7, "RR") == "RR 0.49 (95\u202f% CI 0.34 to 0.70)"
    assert words.effect(-1.5, -2, -1, "MD", level=90) == "MD −1.50 (90\u202f% CI −2.00 to −1.00)"
    assert words.effect(0.9, 0.5, 1.2, level=97.5) == "0.90 (97.5\u202f% CI 0.50 to 1.20)"
    assert words.effect(float("nan"), 0, 0, "OR") == "OR not estimable"


def test_an_unknown_zone_falls_back_to_utc():
    assert words.minute(datetime(2026, 1, 15, 12, tzinfo=UTC), "Mars/North") == "2026-01-15 12:00"
