"""Forest plots under each other, with their columns in line."""

import re
from dataclasses import replace

import pytest

from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.forest import Forest, Section, Study, Summary
from reviewtool.charts.panels import Panel, Panels
from tests.charts import svg


def plot(label: str, at: float) -> Forest:
    return Forest(
        "MD",
        (Section((Study(label, at, at - 1, at + 1, 60.0),)),),
        (Summary("Random effects", at, at - 1, at + 1, 100.0),),
        important=(-2.0, 2.0),
    )


PANELS = Panels(
    (
        Panel("Insula", plot("Lee 2001", -0.5), "1 study, high certainty"),
        Panel("Thalamus", plot("A study whose first author has a very long name 2001", 40.0)),
    )
)


def test_every_panel_is_there_with_its_title_and_numbers():
    texts = svg.texts(PANELS)
    for words in ("Insula", "Thalamus", "1 study, high certainty", "Lee 2001"):
        assert words in texts
    assert any(text.startswith("−0.50") for text in texts)
    assert any(text.startswith("40.00") for text in texts)


def test_columns_stand_in_line_and_nothing_overlaps():
    labels = svg.labels(PANELS)
    headings = [one for one in labels if one.text == "Study"]
    assert len({round(one.left, 1) for one in headings}) == 1
    effects = [one for one in labels if one.text.startswith("MD (")]
    assert len({round(one.right, 1) for one in effects}) == 1
    pairs = [(a, b) for i, a in enumerate(labels) for b in labels[i + 1 :] if a.overlaps(b)]
    assert not pairs


def test_nothing_to_draw_is_said():
    with pytest.raises(NothingToDraw):
        svg.texts(Panels(()))
    with pytest.raises(NothingToDraw):
        svg.texts(Panels((Panel("Empty", Forest("MD", (Section(()),))),)))


def test_the_minimal_important_difference_is_a_line_where_it_is_in_sight():
    """The side of benefit always is; harm of that size is far from this study."""
    near = svg.tree(plot("Lee 2001", -0.5))
    bare = svg.tree(Forest("MD", plot("Lee 2001", -0.5).sections, plot("x", -0.5).overall))
    dashed = [sum("dasharray" in (n.get("style") or "") for n in t.iter()) for t in (near, bare)]
    assert dashed[0] == dashed[1] + 1


def test_plots_that_can_be_compared_share_their_axis():
    """The ticks under every panel are the same; otherwise each has its own."""

    def ticks(chart: Panels) -> list[list[str]]:
        labels = [x for x in svg.labels(chart) if re.fullmatch(r"−?\d+(\.\d+)?", x.text)]
        rows: dict[float, list[str]] = {}
        for one in labels:
            rows.setdefault(round(one.top, 1), []).append(one.text)
        return [row for row in rows.values() if len(row) > 2]

    assert len({tuple(row) for row in ticks(PANELS)}) == 2
    assert len({tuple(row) for row in ticks(replace(PANELS, one_axis=True))}) == 1
