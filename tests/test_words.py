"""Numbers, times and counts as people read them: alike in every place they stand."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewtool import words
from reviewtool.certainty.rules.suggestions import suggest_publication_bias, suggest_risk_of_bias
from reviewtool.charts.forest import Forest, Section, Study
from reviewtool.charts.network import Edge, Geometry, Node
from reviewtool.cli.statistics import text as terminal
from tests.charts import svg


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


# (estimate, lower, upper) of a mean difference -> what every reader sees.
READ = [
    ((-0.254, -0.5, -0.0004), "−0.25 (−0.50 to >−0.001)"),
    ((0.0004, 0.004, 0.0), "<0.001 (0.004 to 0.00)"),
    ((0.49, 0.34, 0.7), "0.49 (0.34 to 0.70)"),
    ((2.5e12, -3e9, 9e99), "2.5\u202f×\u202f10¹² (−3.0\u202f×\u202f10⁹ to 9.0\u202f×\u202f10⁹⁹)"),
    ((999.994, -999.994, 999.996), "999.99 (−999.99 to 1\u202f000)"),
]
PS = [
    (0.0, "p < 0.001"),
    (0.0004, "p < 0.001"),
    (0.0071, "p = 0.007"),
    (0.031, "p = 0.03"),
    (0.0496, "p = 0.050"),
    (0.09, "p = 0.09"),
]


def page(app, source, **values):
    """What a template makes of ``source``, without its markup."""
    with app.test_request_context():
        return unescape(re.sub(r"<[^>]+>", "", app.jinja_env.from_string(source).render(**values)))


@pytest.mark.parametrize(("values", "read"), READ, ids=[read for _, read in READ])
def test_an_estimate_reads_alike_in_plot_page_and_terminal(app, values, read):
    plot = Forest("MD", (Section((Study("Visser 1996", *values),)),))
    assert read in svg.texts(plot)
    shown = '{% from "synthesis/_numbers.html" import value %}{{ value(a) }} ({{ interval(b, c) }})'
    named = dict(zip("abc", values, strict=True))
    assert page(app, shown, **named) == read
    assert page(app, "{{ estimate(a, b, c) }}", **named) == read
    numbers = dict(zip(("estimate", "ci_low", "ci_high"), values, strict=True))
    assert terminal.effect(numbers, 2) in {
        words.keyboard(read),
        "999.99 (-999.99 to 1000.00)",  # a person who asked for two decimals gets them
    }


@pytest.mark.parametrize(("value", "read"), PS, ids=[read for _, read in PS])
def test_a_p_value_reads_alike_on_page_in_sentence_and_terminal(app, value, read):
    assert page(app, "{{ x|p }}", x=value) == read
    assert page(app, "{{ x|p_cell }}", x=value) == read.removeprefix("p ").replace(
        "= ", ""
    ).replace("< ", "<")
    assert read in suggest_publication_bias(12, value, True).because
    assert terminal.p_value(value) == read


def test_a_share_a_level_and_a_count_read_alike_in_plot_page_and_sentence(app):
    plot = Forest("MD", (Section((Study("Visser 1996", 1.0, 0.5, 1.5),)),), level=97.5)
    assert "MD (97.5\u202f% CI)" in svg.texts(plot)
    assert page(app, "{{ x|confidence }}", x=97.5) == "97.5\u202f% CI"
    said = suggest_risk_of_bias([1, 1], ["High", "Low"]).because
    assert said.startswith(page(app, "{{ x|percent }}", x=0.5) + " of the weight")
    nodes = (Node("placebo", 5120), Node("aspirin", 80))
    chart = Geometry(nodes, (Edge("placebo", "aspirin", 1),))
    assert f"n = {page(app, '{{ x|thousands }}', x=5120)}" in svg.texts(chart)
