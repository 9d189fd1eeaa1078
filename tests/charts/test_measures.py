"""Every measure can be drawn: on its natural scale, with its own words, null and limits."""

import math

import numpy as np
import pytest

from reviewtool.charts.bubble import Bubble, BubbleStudy, LinePoint
from reviewtool.charts.forest import Forest, Section, Study, Summary, axis_of
from reviewtool.charts.funnel import Funnel, Point
from reviewtool.stats.measures import REGISTRY, measure
from tests.charts import svg

EVERY = pytest.mark.parametrize("name", sorted(REGISTRY))


def forest(name: str) -> Forest:
    scale = measure(name).scale.at(40.0)
    middle = float(scale.forward(0.3))
    effects = np.array([middle - 0.1, middle, middle + 0.1])
    lows, points, highs = (scale.back(effects + shift) for shift in (-0.2, 0.0, 0.2))
    studies = tuple(
        Study(f"Study {i}", float(points[i]), float(lows[i]), float(highs[i]), 33.3)
        for i in range(3)
    )
    overall = Summary("All studies", float(points[1]), float(lows[0]), float(highs[2]), 100.0)
    return Forest(name, (Section(studies),), (overall,), favours=("Favours A", "Favours B"))


def funnel(name: str) -> Funnel:
    middle = float(measure(name).scale.forward(0.3, 40.0))
    points = tuple(Point(f"S{i}", middle + 0.02 * (i - 5), 0.02 + 0.01 * i) for i in range(10))
    return Funnel(name, points, middle, size=40.0)


def bubble(name: str) -> Bubble:
    middle = float(measure(name).scale.forward(0.3, 40.0))
    return Bubble(
        name,
        "Year",
        (BubbleStudy("A", 1990, middle, 30), BubbleStudy("B", 2000, middle + 0.1, 70)),
        (
            LinePoint(1990, middle, middle - 0.1, middle + 0.1),
            LinePoint(2000, middle + 0.1, middle, middle + 0.2),
        ),
        size=40.0,
    )


@EVERY
def test_a_forest_plot_has_the_words_null_and_limits_of_its_measure(name):
    chart, about = forest(name), measure(name)
    words, axis = svg.texts(chart), axis_of(chart)
    assert f"{about.axis_title} (95\u202f% CI)" in " ".join(words)
    assert axis.log == about.is_ratio
    low, high = about.scale.bounds
    assert axis.low >= low - 1e-9
    assert axis.high <= high + 1e-9
    assert all(axis.low <= s.estimate <= axis.high for s in chart.studies if s.estimate)
    assert ("Favours A" in words) == (about.null is not None)


@pytest.mark.parametrize("name", ["OR", "CVR", "OR2DN", "PFT"])
def test_headings_of_any_length_fit(name):
    assert svg.collisions(forest(name)) == []
    assert svg.outside(forest(name)) == []


@pytest.mark.parametrize("name", sorted({m.scale.name: m.name for m in REGISTRY.values()}.values()))
def test_funnel_and_bubble_show_natural_values(name):
    about = measure(name)
    for chart in (funnel(name), bubble(name)):
        assert about.axis_title in svg.texts(chart)
        assert chart.shown(about.scale.forward(0.3, 40.0)) == pytest.approx(0.3)


def test_a_proportion_is_printed_in_per_cent_and_ends_at_none_and_all():
    chart = Forest("PLO", (Section((Study("Ada 1990", 0.42, 0.3, 0.96),)),))
    words = svg.texts(chart)
    assert "42.0 (30.0 to 96.0)" in words
    assert "Proportion (95\u202f% CI)" in words
    assert [w for w in words if w.isdigit()] == ["20", "40", "60", "80", "100"]
    assert (axis_of(chart).low, axis_of(chart).high) == (0.2, 1.0)


def test_one_proportion_shows_its_whole_interval():
    chart = Forest("PFT", (Section((Study("Ada 1990", 0.5, 0.3, 0.7),)),))
    assert (axis_of(chart).low, axis_of(chart).high) == pytest.approx((0.3, 0.7))


def test_a_correlation_is_compared_with_none_on_a_linear_axis():
    chart = Forest("ZCOR", (Section((Study("Ada 1990", 0.5, 0.3, 0.7),)),))
    assert chart.null == 0.0
    assert not chart.log
    assert "r (95\u202f% CI)" in svg.texts(chart)


def test_a_funnel_of_proportions_has_no_contours_of_no_effect():
    assert funnel("OR").shaded
    assert not funnel("PLO").shaded
    assert not any("bands" in text for text in svg.texts(funnel("PLO")))


def test_a_log_ratio_far_out_stays_a_number():
    assert math.isfinite(Funnel("CVR", ()).shown(4000.0))
