"""The PRISMA flow diagram: its boxes, its links, its four templates."""

import pytest

from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.flow import TEMPLATES, Flow
from tests.charts import svg

COUNTS = {
    "previous_studies": 12,
    "previous_reports": 15,
    "database_results": 6710,
    "duplicates": 1003,
    "excluded_automatic": 0,
    "excluded_other": 24,
    "records_screened": 5683,
    "records_excluded": 5459,
    "dbr_sought_reports": 224,
    "dbr_notretrieved_reports": 4,
    "dbr_assessed": 220,
    "dbr_excluded": {"Wrong population": 73, "No outcome of interest": 77},
    "website_results": 3,
    "citations_results": 22,
    "other_sought_reports": 9,
    "other_assessed": 9,
    "other_excluded": {"Wrong design": 9},
    "new_studies": 68,
    "new_reports": 70,
    "total_studies": 80,
    "total_reports": 85,
}
NEW = {k: v for k, v in COUNTS.items() if not k.startswith(("previous", "total"))}


def joined(chart: Flow) -> str:
    return " ".join(svg.texts(chart)).replace("\u00a0", " ")


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_texts_overlap_or_leave_the_sheet(template):
    chart = Flow(template, COUNTS if template.startswith("updated") else NEW)
    assert svg.collisions(chart) == []
    assert svg.outside(chart) == []


def test_the_counts_stand_in_their_boxes():
    words = joined(Flow("new_v1", NEW))
    for expected in (
        "Databases (n = 6\u202f710)",
        "Duplicate records (n = 1\u202f003)",
        "Records screened (n = 5\u202f683)",
        "Reports not retrieved (n = 4)",
        "Reports excluded (n = 150):",
        "Wrong population (n = 73)",
        "Studies included in review (n = 68)",
        "Reports of included studies (n = 70)",
    ):
        assert expected in words


def test_only_the_v2_templates_have_other_methods_and_only_updated_ones_previous_studies():
    assert "Citation searching" not in joined(Flow("new_v1", NEW))
    assert "Citation searching (n = 22)" in joined(Flow("new_v2", NEW))
    assert "previous version" in joined(Flow("updated_v1", COUNTS))
    assert "previous version" not in joined(Flow("new_v2", NEW))
    assert "Total studies included in review (n = 80)" in joined(Flow("updated_v2", COUNTS))


def test_each_number_can_open_its_list():
    chart = Flow("new_v1", NEW, {"records_screened": "/lists/screened", "duplicates": "/lists/dup"})
    addresses = {text.replace("\u00a0", " "): url for text, url in svg.links(chart).items()}
    assert addresses["Records screened (n = 5\u202f683)"] == "/lists/screened"
    assert "/lists/dup" in addresses.values()


def test_each_number_has_an_id():
    ids = {node.get("id") for node in svg.tree(Flow("new_v1", NEW), name="flow").iter()}
    assert {"flow-count-records_screened", "flow-count-new_reports", "flow-box-screened"} <= ids


def test_a_number_that_does_not_add_up_is_marked():
    words = joined(Flow("new_v1", NEW, wrong=frozenset({"records_screened"})))
    assert "Records screened (n = 5\u202f683) †" in words
    assert "Numbers marked † do not add up." in words


def test_an_empty_review_has_a_diagram_of_zeros():
    assert "Records screened (n = 0)" in joined(Flow("new_v1", {}))


def test_many_long_reasons_make_the_box_taller():
    reasons = {f"A rather long reason for exclusion, number {i} of many": i + 1 for i in range(20)}
    few, many = Flow("new_v1", NEW), Flow("new_v1", NEW | {"dbr_excluded": reasons})
    assert svg.size(many)[1] > svg.size(few)[1]
    assert svg.collisions(many) == []


def test_an_unknown_template_names_the_four():
    with pytest.raises(NothingToDraw, match="updated_v2"):
        svg.texts(Flow("old", NEW))
