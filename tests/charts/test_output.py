"""Every chart as SVG, PDF, PNG and TIFF: readable by all, the same bytes each time."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from reviewtool.charts import CHARTS, output, render
from reviewtool.charts.baujat import Baujat, BaujatStudy
from reviewtool.charts.bias import Domain, StudyBias, SummaryBars, TrafficLights
from reviewtool.charts.bias_shares import BiasShare, BiasShares
from reviewtool.charts.brain import BrainSlices, GlassBrain, Mark
from reviewtool.charts.bubble import Bubble, BubbleStudy, LinePoint
from reviewtool.charts.densities import Densities, Density
from reviewtool.charts.directions import Arrows, EffectDirections
from reviewtool.charts.directions import Mark as Arrow
from reviewtool.charts.errors import NothingToDraw, UnknownFormat
from reviewtool.charts.flow import Flow
from reviewtool.charts.forest import Forest, Section, Study
from reviewtool.charts.funnel import Funnel, Point
from reviewtool.charts.heat import Heat, HeatRow
from reviewtool.charts.labbe import Labbe, LabbeStudy
from reviewtool.charts.network import Edge, Geometry, Node
from reviewtool.charts.over_time import Moment, OverTime, Series
from reviewtool.charts.panels import Panel, Panels
from reviewtool.charts.ranks import Rankogram, Ranks
from reviewtool.stats.coordinates import brain_mask
from tests.charts import svg

DOMAINS = (Domain("D1", "Randomisation process"), Domain("Overall", "Overall"))
JUDGED = (
    StudyBias("Visser 1996", {"D1": "low", "Overall": "some concerns"}),
    StudyBias("Cady 1991", {"D1": "high", "Overall": "high"}),
)
BRAIN = brain_mask()
BALL = np.maximum(0.0, 12 - np.linalg.norm(BRAIN.place_of(BRAIN.voxels) - (38, 4, 2), axis=1))
NOTHING = np.zeros(BRAIN.size)
MARKS = (Mark(1, 38, 4, 2, "right insula"), Mark(2, 36, 6, 2))
RISING = ((1.0, 0.1), (1.5, 0.8), (2.0, 0.9), (3.0, 0.2))
EXAMPLES = [
    Forest("OR", (Section((Study("Visser 1996", 1.2, 0.8, 1.9, 100.0),)),)),
    Flow("new_v1", {"database_results": 3}),
    Funnel("OR", tuple(Point(f"S{i}", 0.1 * i, 0.1 + 0.05 * i) for i in range(10)), 0.3),
    TrafficLights(DOMAINS, JUDGED),
    SummaryBars(DOMAINS, JUDGED),
    Geometry(
        (Node("Placebo", 900), Node("A", 400), Node("B", 300)),
        (Edge("Placebo", "A", 3), Edge("A", "B", 1)),
    ),
    Rankogram((Ranks("A", (0.7, 0.3), 0.7), Ranks("B", (0.3, 0.7), 0.3))),
    Bubble(
        "OR",
        "Year",
        (BubbleStudy("A", 1990, 0.1, 30), BubbleStudy("B", 2000, 0.4, 70)),
        (LinePoint(1990, 0.1, -0.1, 0.3), LinePoint(2000, 0.4, 0.2, 0.6)),
    ),
    Baujat((BaujatStudy("A", 3.2, 0.4), BaujatStudy("B", 0.1, 0.02))),
    Labbe(
        (LabbeStudy("A", 0.1, 0.2, 200), LabbeStudy("B", 0.12, 0.31, 80)),
        ((0.0, 0.0), (0.2, 0.1), (0.4, 0.25)),
    ),
    EffectDirections(("Pain",), (Arrows("A", (Arrow("benefit", 60, "Low"),)),)),
    Panels((Panel("Pain", Forest("OR", (Section((Study("A", 1.2, 0.8, 1.9, 100.0),)),))),)),
    OverTime("MD", (Series("", (Moment("1 month", -2.1, -3, -1.2, 4), Moment("1 year", -1.0))),)),
    Heat(
        (HeatRow("A versus B", (3.2, -1.4), (0.5, 0.1)), HeatRow("A, B, C", (-1.4, 0.0))),
        ("A versus B", "A, B, C"),
        "Design",
        "Detached design",
        digits=1,
        notes=("What the colours mean.",),
    ),
    BiasShares(
        (
            BiasShare("A versus B", {"low": 40.0, "some": 35.0, "high": 25.0}),
            BiasShare("A versus C", {"low": 96.0, "none": 4.0}),
        ),
        notes=("By the agreed overall judgement.",),
    ),
    Densities(
        (
            Density("Odds ratio", RISING, (), 1.2, 1.8, 2.6, (1.0,), log=True),
            Density("τ", RISING, RISING[::-1], 1.2, 1.8, 2.6, from_zero=True, digits=3),
        ),
        notes=("Prior of τ: half-normal(0.5).",),
    ),
    GlassBrain(BALL, BRAIN, marks=MARKS, notes=("Voxels with p < 0.001.",)),
    BrainSlices(BALL, BRAIN, marks=MARKS, other=BALL[::-1], names=("more", "less")),
]
NAMES = [type(chart).__name__ for chart in EXAMPLES]
EMPTY = [
    Forest("OR", ()),
    Funnel("OR", ()),
    TrafficLights((), ()),
    SummaryBars((), ()),
    Geometry((), ()),
    Rankogram(()),
    Bubble("OR", "Year", ()),
    Baujat(()),
    Labbe(()),
    Panels(()),
    Heat((), ()),
    BiasShares(()),
    Densities(()),
]


def test_every_chart_of_the_registry_is_tried_here():
    assert {type(chart) for chart in EXAMPLES} == set(CHARTS)


@pytest.mark.parametrize("chart", EXAMPLES, ids=NAMES)
def test_each_format_has_its_own_bytes(chart):
    assert render(chart, "png").startswith(b"\x89PNG")
    assert render(chart, "pdf").startswith(b"%PDF")
    assert render(chart, "tiff").startswith(b"II*\x00")
    assert render(chart, "svg").startswith(b"<svg")


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
@pytest.mark.parametrize("chart", EXAMPLES, ids=NAMES)
def test_the_same_chart_gives_the_same_bytes(chart, format):
    assert render(chart, format) == render(chart, format)


@pytest.mark.parametrize("chart", EXAMPLES, ids=NAMES)
def test_an_svg_says_what_it_shows(chart):
    root = svg.tree(chart, name="fig")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "fig-title fig-desc"
    assert root.find(f"{svg.SVG}title").text == chart.title
    assert len(root.find(f"{svg.SVG}desc").text) > 20
    assert root.find(f".//{svg.SVG}metadata") is None


@pytest.mark.parametrize("chart", EXAMPLES, ids=NAMES)
def test_two_charts_on_a_page_share_no_ids(chart):
    first = {n.get("id") for n in svg.tree(chart, name="one").iter()} - {None}
    second = {n.get("id") for n in svg.tree(chart, name="two").iter()} - {None}
    assert first
    assert not first & second


@pytest.mark.parametrize("chart", EXAMPLES, ids=NAMES)
def test_on_screen_the_colours_are_the_pages_and_in_files_they_are_light(chart):
    screen = render(chart, "svg", theme="screen").decode()
    assert "var(--ink, #1d1f23)" in screen
    bare = re.sub(r"var\([^)]*\)", "", screen)
    assert set(re.findall(r"#[0-9a-f]{6}\b", bare)) == set()
    assert "var(" not in render(chart, "svg").decode()


@pytest.mark.parametrize("chart", EXAMPLES, ids=NAMES)
def test_no_texts_overlap_or_leave_the_sheet(chart):
    assert svg.collisions(chart) == []
    assert svg.outside(chart) == []


@pytest.mark.parametrize("chart", EMPTY, ids=[type(c).__name__ for c in EMPTY])
def test_an_empty_chart_says_so_and_what_to_do(chart):
    with pytest.raises(NothingToDraw, match=r"\. [A-Z]"):
        output.CHARTS[type(chart)](chart)


def test_other_formats_are_refused_by_name():
    with pytest.raises(UnknownFormat, match="gif"):
        render(EXAMPLES[0], "gif")


@pytest.mark.parametrize("format", ["png", "tiff"])
def test_pictures_have_300_dots_to_the_inch_and_say_what_they_show(format):
    chart = EXAMPLES[0]
    picture = Image.open(io.BytesIO(render(chart, format)))
    sheet = output.CHARTS[type(chart)](chart)
    assert [round(float(x)) for x in picture.info["dpi"]] == [300, 300]
    assert abs(picture.width - sheet.wide / 72 * 300) <= 1
    said = picture.tag_v2[270] if format == "tiff" else picture.info["Description"]
    assert "Forest plot of 1 study" in said


def test_a_tiff_is_packed_without_loss_and_has_no_transparency():
    assert render(EXAMPLES[0], "tiff") == render(EXAMPLES[0], "tiff")
    picture = Image.open(io.BytesIO(render(EXAMPLES[0], "tiff")))
    assert picture.tag_v2[259] == 5  # LZW
    assert picture.mode == "RGB"
    drawn = Image.open(io.BytesIO(render(EXAMPLES[0], "png"))).convert("RGB")
    assert picture.tobytes() == drawn.tobytes()


def test_a_pdf_has_a_title_and_a_description():
    content = render(EXAMPLES[0], "pdf")
    assert b"/Title (Forest plot)" in content
    assert b"/Subject (Forest plot of 1 study" in content
