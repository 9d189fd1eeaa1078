"""Effects over time: places, words, what is cut and what is not."""

import pytest

from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.over_time import Moment, OverTime, Series, places
from tests.charts import svg

MONTHS = (
    Moment("1 month", -0.5, -0.9, -0.1, 4, 30.0),
    Moment("3 months", -0.8, -1.4, -0.2, 3, 91.0),
    Moment("6 months", None, None, None, 0, 182.0),
)
CHART = OverTime("MD", (Series("By itself", MONTHS),), ("Favours needles", "Favours sham"))


def test_every_time_is_there_with_its_studies_and_nothing_overlaps():
    texts = svg.texts(CHART)
    for words in ("1 month", "3 months", "6 months", "4 studies", "3 studies"):
        assert words in texts
    labels = svg.labels(CHART)
    assert not [(a, b) for i, a in enumerate(labels) for b in labels[i + 1 :] if a.overlaps(b)]


def test_times_stand_at_their_true_distance_where_they_can():
    found, true = places(CHART)
    first, second, third = found.values()
    assert true
    assert (third - second) / (second - first) == pytest.approx(91 / 61)


def test_times_that_are_unknown_or_too_close_are_spaced_evenly_and_it_says_so():
    close = (Moment("3 weeks", 1.0, 0.5, 1.5, 2, 21.0), *MONTHS)
    words = (Moment("Discharge", 1.0, 0.5, 1.5, 2), MONTHS[0])
    for moments in (close, words):
        chart = OverTime("MD", (Series("By itself", moments),))
        found, true = places(chart)
        xs = list(found.values())
        assert not true
        assert len({round(b - a, 6) for a, b in zip(xs, xs[1:], strict=False)}) == 1
        assert "Time points are spaced evenly." in svg.texts(chart)


def test_two_models_are_told_apart_by_a_legend():
    both = OverTime(
        "OR",
        (
            Series("By itself", (Moment("1 h", 2.0, 1.0, 4.0, 2, 0.04),)),
            Series("Jointly", (Moment("1 h", 1.8, 1.0, 3.5, 2, 0.04),)),
        ),
    )
    assert {"By itself", "Jointly"} <= set(svg.texts(both))


def test_nothing_to_draw_is_said():
    with pytest.raises(NothingToDraw):
        svg.texts(OverTime("MD", (Series("By itself", MONTHS[2:]),)))
