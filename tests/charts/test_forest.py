"""The forest plot: what it says, in what order, and with odd numbers."""

import math
from dataclasses import replace

import pytest

from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.forest import (
    Column,
    Forest,
    Section,
    Study,
    Summary,
    axis_of,
    draw,
)
from tests.charts import svg


def study(i: int, **fields: object) -> Study:
    base = Study(f"Study {i}", 1.2 + i / 10, 0.8, 2.5 + i / 10, 10.0, ("12/50", "8/49"))
    return replace(base, **fields)  # type: ignore[arg-type]


def plot(*studies: Study, **fields: object) -> Forest:
    summary = Summary(
        "All studies", 1.4, 1.1, 1.8, 100.0, prediction=(0.7, 2.9), notes=("I² = 34%",)
    )
    base = Forest(
        "OR",
        (Section(studies),),
        (summary,),
        (Column("Triptan", "Events/total"), Column("Placebo", "Events/total")),
        ("Favours placebo", "Favours triptan"),
        notes=("Random effects, REML.",),
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def test_every_number_a_reader_checks_is_real_text():
    words = svg.texts(plot(study(1), study(2)))
    for expected in (
        "Study 1",
        "12/50",
        "8/49",
        "10.0",
        "1.30 (0.80 to 2.60)",
        "All studies",
        "1.40 (1.10 to 1.80)",
        "(0.70 to 2.90)",
        "I² = 34%",
        "Favours placebo",
        "Favours triptan",
        "Odds ratio (95\u202f% CI)",
        "Random effects, REML.",
    ):
        assert expected in words


def test_studies_stand_in_the_given_order_above_the_diamond():
    places = {label.text: label.top for label in svg.labels(plot(study(3), study(1), study(2)))}
    order = [
        "Study 3",
        "Study 1",
        "Study 2",
        "All studies",
        "Prediction interval",
        "Favours placebo",
    ]
    tops = [places[text] for text in order]
    assert tops == sorted(tops)


@pytest.mark.parametrize("k", [1, 2, 12, 100])
def test_no_texts_overlap_or_leave_the_sheet(k):
    chart = plot(*(study(i) for i in range(k)))
    assert svg.collisions(chart) == []
    assert svg.outside(chart) == []


def test_subgroups_have_titles_and_subtotals_of_their_own():
    sections = tuple(
        Section((study(1), study(2)), name, Summary(f"Subtotal, {name}", 1.2, 1.0, 1.5))
        for name in "AB"
    )
    chart = plot(sections=sections)
    words = svg.texts(chart)
    assert (
        words.index("A")
        < words.index("Subtotal, A")
        < words.index("B")
        < words.index("Subtotal, B")
    )
    assert svg.collisions(chart) == []


def test_a_huge_interval_is_cut_and_does_not_flatten_the_others():
    chart = plot(study(1), study(2), study(3, low=1e-9, high=1e9))
    scale = axis_of(chart)
    assert scale.low > 0.01
    assert scale.high < 100
    assert svg.collisions(chart) == []
    assert svg.outside(chart) == []
    assert "<0.001 to 1.0\u202f×\u202f10⁹)" in "".join(svg.texts(chart))


def test_a_subgroup_of_two_studies_does_not_flatten_the_others_either():
    wide = Summary("Subtotal", 1.2, 1e-6, 1e6)
    scale = axis_of(plot(sections=(Section((study(1), study(2)), "A", wide),)))
    assert scale.low > 0.01
    assert scale.high < 100


def test_there_is_room_on_both_sides_of_no_effect():
    scale = axis_of(plot(study(1, estimate=5.0, low=3.0, high=8.0), overall=()))
    assert scale.low < 0.9
    linear = axis_of(plot(study(1, estimate=5.0, low=3.0, high=8.0), measure="MD", overall=()))
    assert linear.low < 0


def test_the_axis_shows_every_estimate_and_no_effect():
    scale = axis_of(plot(study(1, estimate=0.02, low=0.01, high=0.5), study(2)))
    for value in (0.02, 1.0, 1.4):
        assert scale.low <= value <= scale.high
    linear = axis_of(
        plot(study(1, estimate=-30.0, low=-40.0, high=-20.0), measure="MD", overall=())
    )
    assert linear.low <= -30.0
    assert linear.high >= 0.0
    assert not linear.log


def test_no_effect_is_one_for_ratios_and_zero_for_differences():
    assert plot(study(1)).null == 1.0
    assert plot(study(1), measure="MD").null == 0.0


def test_a_study_that_cannot_be_estimated_is_listed_without_a_square():
    chart = plot(study(1), study(2, estimate=None, low=None, high=None, weight=None))
    assert "Not estimable" in svg.texts(chart)


@pytest.mark.parametrize(
    "odd",
    [
        {"low": 1.3, "high": 1.3, "estimate": 1.3},
        {"weight": None},
        {"weight": 0.0},
        {"low": None, "high": None},
        {"low": 0.0, "high": math.inf},
        {"label": "x" * 400},
        {"label": "Ørsted & <Müller> 1999"},
    ],
)
def test_odd_numbers_and_names_still_make_a_plot(odd):
    chart = plot(study(1), study(2, **odd))
    assert svg.outside(chart) == []
    assert svg.collisions(chart) == []


def test_long_names_stand_in_several_lines_and_only_endless_ones_are_cut():
    name = "A trial of a great many things in a great many places, 2001"
    words = svg.texts(plot(study(1, label=name)))
    first = next(i for i, word in enumerate(words) if word.startswith("A trial of"))
    assert " ".join(words[first : first + 2]) == name
    endless = svg.texts(plot(study(1, label=f"{name} {name} {name}")))
    assert any(word.endswith("…") for word in endless)


def test_minus_signs_are_true_minus_signs():
    words = svg.texts(plot(study(1, estimate=-1.5, low=-2.0, high=-1.0), measure="MD", overall=()))
    assert "\u22121.50 (\u22122.00 to \u22121.00)" in words


def test_heavier_studies_have_larger_squares():
    def areas(chart: Forest) -> list[float]:
        squares = [p.get_xy() for p in draw(chart).axes.patches if len(p.get_xy()) == 5]
        sides = [
            (max(xs) - min(xs), max(ys) - min(ys))
            for xs, ys in (zip(*xy, strict=False) for xy in squares)
        ]
        return [wide * high for wide, high in sides if abs(wide - high) < 1e-6]

    small, large = areas(plot(study(1, weight=20.0), study(2, weight=80.0), overall=()))
    assert large / small == pytest.approx(4.0)


def test_nothing_to_draw_is_said():
    with pytest.raises(NothingToDraw, match="no studies"):
        svg.texts(plot())
