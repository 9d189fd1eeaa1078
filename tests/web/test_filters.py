"""Numbers, times and words as people read them."""

from datetime import UTC, date, datetime

import pytest

from reviewtool.web import filters


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (-0.254, 2, "−0.25"),
        (-0.001, 2, "0.00"),
        (0.7, 2, "0.70"),
        (12345.6, 1, "12\u202f345.6"),
        (1996, 0, "1996"),
        (None, 2, "–"),
        (float("nan"), 2, "not estimable"),
        (float("inf"), 2, "∞"),
        (float("-inf"), 2, "−∞"),
    ],
)
def test_numbers_keep_their_decimals_and_get_a_true_minus(value, digits, expected):
    assert filters.num(value, digits) == expected


def test_counts_are_grouped_with_a_thin_space():
    assert filters.thousands(5120) == "5\u202f120"
    assert filters.thousands(999) == "999"
    assert filters.thousands(-1234567) == "−1\u202f234\u202f567"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0009, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0301, "p = 0.03"),
        (0.0496, "p = 0.050"),
        (0.049, "p = 0.049"),
        (0.21, "p = 0.21"),
        (1.0, "p > 0.99"),
        (None, "p not estimable"),
    ],
)
def test_p_values_never_round_across_five_per_cent(value, expected):
    assert filters.p(value) == expected


def test_an_effect_reads_as_journals_print_it():
    assert filters.effect(0.49, 0.34, 0.7, "RR") == "RR 0.49 (95\u202f% CI 0.34 to 0.70)"
    assert filters.effect(-1.5, -2, -1, "MD", level=0.9) == "MD −1.50 (90\u202f% CI −2.00 to −1.00)"
    assert filters.effect(float("nan"), 0, 0, "OR") == "OR not estimable"


def test_times_are_utc_on_hover_and_local_in_the_text():
    at = datetime(2026, 1, 15, 23, 30, tzinfo=UTC)
    tag = filters.time_tag(at, "Europe/Zurich")
    assert ">2026-01-16 00:30<" in tag
    assert 'title="2026-01-15 23:30 UTC"' in tag
    assert "data-local" not in tag
    assert "data-local" in filters.time_tag(at)
    assert filters.time_tag(date(2026, 1, 15)) == '<time datetime="2026-01-15">2026-01-15</time>'
    assert filters.time_tag(None) == "–"


def test_an_unknown_zone_falls_back_to_utc():
    assert ">2026-01-15 12:00<" in filters.time_tag(
        datetime(2026, 1, 15, 12, tzinfo=UTC), "Mars/North"
    )


def test_unlike_words_are_marked_and_markup_in_them_is_text():
    marked = filters.unlike("<b>Trial</b> 1996", "<b>Trial</b> 1997")
    assert str(marked).endswith('<mark class="diff">1996</mark>')
    assert "<b>" not in marked
    assert filters.unlike("same", "same") == "same"
    assert filters.unlike("given", None) == '<mark class="diff">given</mark>'


def test_very_long_texts_are_compared_whole():
    assert filters.unlike("x" * 30_000, "y").startswith('<mark class="diff">')
