"""Drawings that are kept: drawn once, and anew when anything that they show has changed."""

from dataclasses import replace

import pytest

from reviewtool.charts import kept, render
from reviewtool.charts.funnel import Funnel, Point

CHART = Funnel("OR", tuple(Point(f"S{i}", 0.1 * i, 0.1 + 0.05 * i) for i in range(10)), 0.3)


@pytest.fixture
def drawn(monkeypatch):
    """The charts that were really drawn."""
    made = []

    def draw(*asked):
        made.append(asked)
        return render(*asked)

    monkeypatch.setattr(kept, "render", draw)
    return made


def test_a_chart_is_drawn_once_and_its_file_is_the_same(tmp_path, drawn):
    first = kept.drawing(tmp_path, CHART)
    assert kept.drawing(tmp_path, replace(CHART)) == first == render(CHART)
    assert len(drawn) == 1


@pytest.mark.parametrize(
    "other",
    [
        (replace(CHART, title="Pain, 2 h"),),
        (replace(CHART, points=CHART.points[1:]),),
        (CHART, "pdf"),
        (CHART, "svg", "screen"),
        (CHART, "svg", "print", "second"),
    ],
    ids=["words", "numbers", "format", "theme", "name"],
)
def test_another_chart_is_drawn(tmp_path, drawn, other):
    kept.drawing(tmp_path, CHART)
    assert kept.drawing(tmp_path, *other) == render(*other)
    assert len(drawn) == 2


def test_new_code_draws_anew(tmp_path, drawn, monkeypatch):
    kept.drawing(tmp_path, CHART)
    monkeypatch.setattr(kept, "_code", lambda: "tomorrow's")
    kept.drawing(tmp_path, CHART)
    assert len(drawn) == 2


def test_a_folder_that_cannot_be_written_costs_no_page(tmp_path, drawn):
    (tmp_path / "file").write_text("")
    assert kept.drawing(tmp_path / "file", CHART) == render(CHART)
    assert kept.drawing(None, CHART) == render(CHART)
