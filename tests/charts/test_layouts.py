"""The forest plot in the manner of each journal: what it says, that it fits, over pages."""

import re

import pytest

from reviewtool.charts import forest_pages, render
from reviewtool.charts.forest import Forest, Section, Study, axis_of, draw
from reviewtool.charts.layouts import LAYOUTS, NARROW, style_of
from reviewtool.charts.layouts.style import Pooling, Wording
from tests.charts import samples, svg

WHOLE = "Odds ratio (95\u2009% CI)"
KEYS = [*LAYOUTS, NARROW.key]


def joined(chart: Forest) -> str:
    return " ".join(svg.texts(chart)).replace("\u202f", " ")


@pytest.mark.parametrize(("k", "groups"), [(1, 1), (2, 2), (17, 3)])
@pytest.mark.parametrize("layout", KEYS)
def test_no_texts_overlap_or_leave_the_sheet(layout, k, groups):
    sheet = draw(samples.forest(k, layout, groups=groups))
    found = svg.labels_of(sheet)
    assert svg.overlapping(found) == []
    assert svg.leaving(found, sheet) == []


SLOW = [pytest.param(key, marks=pytest.mark.services) for key in KEYS if key not in ("", "revman")]


@pytest.mark.parametrize("layout", ["", "revman", *SLOW])
def test_nothing_overlaps_on_any_page_of_200_studies(layout):
    whole = layout == "revman"
    chart = samples.forest(200, layout, groups=4, lights=whole, more=whole)
    pages = forest_pages.draw(chart)
    words = []
    for sheet in pages:
        found = svg.labels_of(sheet)
        assert svg.overlapping(found) == []
        assert svg.leaving(found, sheet) == []
        words.append([label.text for label in found])
    heading = {"revman": "Odds ratio", "jama": WHOLE, "bmj": WHOLE}
    for i, page in enumerate(words, 1):
        assert f"Page {i} of {len(pages)}" in page
        assert heading.get(layout, "OR (95\u2009% CI)") in page
    ends = [any("subgroup differences" in text for text in page) for page in words]
    assert ends == [False] * (len(pages) - 1) + [True]
    total = "All studies" if layout in ("", "narrow") else "Total"
    assert any(text.startswith(total) for text in words[-1])
    assert sum(text.startswith("Cady 1991") for page in words for text in page) == 33


@pytest.mark.parametrize("k", [1, 17, 200])
def test_a_pdf_is_of_a4_pages(k):
    content = render(samples.forest(k, "bmj", long=False, lights=False, more=False), "pdf")
    boxes = re.findall(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", content)
    assert boxes
    assert {tuple(sorted(round(float(x)) for x in box)) for box in boxes} == {(595, 842)}
    assert (len(boxes) > 1) is (k == 200)


def test_revman_sets_the_numbers_of_an_arm_apart_and_speaks_of_chi2_and_z():
    words = joined(samples.forest(5, "revman", groups=2))
    for expected in (
        "Acupuncture",
        "Events",
        "Total events",
        "0.60 [0.48, 0.75]",
        "Total (95 % CI)",
        "Subtotal (95 % CI)",
        "IV, Random, 95 % CI",
        "Heterogeneity: Tau² = 0.021; Chi² = 14.31, df = 4 (P = 0.04); I² = 34 %",
        "Test for overall effect: Z = −2.61 (P = 0.009)",
        "Test for subgroup differences: Chi² = 3.21, df = 1 (P = 0.07)",
        "1.0 %",
        "A: Randomisation process",
    ):
        assert expected in words
    assert "10/50" not in words


def test_jama_writes_p_without_a_zero_and_favors_above_the_plot():
    chart = samples.forest(5, "jama", groups=2)
    words = joined(chart)
    for expected in (
        "Source",
        "No. of events/total",
        "10/50",
        "0.60 (0.48-0.75)",
        "Heterogeneity: τ² = 0.021; χ² = 14.31, df = 4, P = .04; I² = 34 %",
        "Test for overall effect: z = −2.61, P = .009",
        "Favors acupuncture",
    ):
        assert expected in words
    places = {label.text: label.top for label in svg.labels(chart)}
    assert places["Favors acupuncture"] < places["Visser 1996"]


def test_limits_below_zero_are_not_joined_by_a_dash():
    wording = style_of("jama").wording
    assert wording.written(-1.0, -2.0, -0.1, 2) == "−1.00 (−2.00 to −0.10)"
    assert wording.interval(0.1, 0.4, 1) == "(0.1-0.4)"


def test_the_bmj_has_no_spaces_around_signs_and_the_effect_at_the_right():
    chart = samples.forest(5, "bmj", groups=2)
    words = joined(chart)
    for expected in (
        "No of events/total",
        "Weight (%)",
        "Test for heterogeneity: τ²=0.021, χ²=14.31, df=4, P=0.04, I²=34 %",
        "Test for overall effect: z=−2.61, P=0.009",
    ):
        assert expected in words
    places = {label.text: label for label in svg.labels(chart)}
    assert places["Weight (%)"].right < places["0.60 (0.48 to 0.75)"].left


def test_a_common_effect_has_no_tau2_and_mantel_haenszel_is_named():
    wording = style_of("bmj").wording
    (line, *_) = wording.lines(Pooling(0.0, 3.2, 3, 0.36, 6.1, model="common", method="MH"), 4)
    assert "τ²" not in line
    assert Pooling(method="MH", model="common").how == "M-H, Fixed"


def test_one_study_is_said_to_have_no_heterogeneity():
    assert Wording().lines(Pooling(q=0.0, q_df=0), 1) == ()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_study_that_gave_a_comparison_alone_has_empty_arms(layout):
    chart = samples.forest(5, layout, long=False)
    y = next(label.top for label in svg.labels(chart) if label.text == "Study 5")
    same = {label.text for label in svg.labels(chart) if abs(label.top - y) < 3}
    assert not {text for text in same if "/" in text or text == "49"}
    assert "1994" in same


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_judgement_is_a_sign_and_an_absent_one_a_dash(layout):
    words = svg.texts(samples.forest(3, layout))
    high = "−" if layout == "revman" else "×"
    assert {"+", "?", high, "–", "Some concerns"} <= set(words)


def test_on_a_telephone_the_effect_is_beside_the_name_and_there_is_no_wide_column():
    chart = samples.forest(6, "narrow")
    wide, _ = svg.size(chart)
    assert wide < 270
    places = {label.text: label for label in svg.labels(chart)}
    assert abs(places["Visser 1996"].top - places["0.60 (0.48 to 0.75)"].top) < 1
    assert "10/50" not in places


def test_ratios_have_plain_numbers_under_the_axis():
    wide = Forest("OR", (Section((Study("A", 0.1, 0.1, 10.0), Study("B", 9.0, 0.2, 10.0))),))
    scale = axis_of(wide)
    assert [scale.label(tick) for tick in scale.ticks] == ["0.1", "0.2", "0.5", "1", "2", "5", "10"]
