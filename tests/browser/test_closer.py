"""A closer look in the browser: slow parts arrive by themselves, choices keep the view."""

import re

import pytest
from playwright.sync_api import expect

from tests import build
from tests.synthesis.conftest import agree, counts, line, trial

SIDES = [((14, 40), (6, 41)), ((20, 60), (9, 58)), ((11, 35), (7, 36)), ((5, 30), (2, 31))]


@pytest.fixture
def at(db, review):
    """Where the closer look of an analysis of four trials begins."""
    outcome = build.outcome(db, review.review, lower_is_better=False)
    build.analysis(db, outcome, build.comparison(db, review.review), test="z", method="DL")
    for number, sides in enumerate(SIDES, 1):
        agree(db, review.ann, trial(db, outcome, f"Trial {number}", counts(*sides)))
    db.commit()
    found = line(db, review).analysis.id
    db.commit()
    return f"/reviews/{review.review.id}/synthesis/{found}"


def test_small_studies_from_the_analysis_with_a_study_left_out(
    at, review, page_of, no_serious_findings
):
    page = page_of(review.observer)
    page.goto(at)
    page.locator("[data-look-plot] a:visible", has_text="Trial 4").click()
    expect(page.get_by_text("A look without Trial 4")).to_be_visible()
    page.get_by_role("link", name="Small studies").click()
    expect(page.get_by_text("A look without Trial 4")).to_be_visible()
    methods = page.get_by_role("region", name="Pooled effect by method")
    expect(methods.get_by_role("rowheader", name="Beta selection")).to_be_visible()
    expect(methods.get_by_text("take a moment")).to_have_count(0)
    page.get_by_label("Trim and fill counts by").select_option("R0")
    page.get_by_label("99").uncheck()
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("estimator=R0"))
    expect(page.get_by_text("A look without Trial 4")).to_be_visible()
    expect(page.get_by_label("Trim and fill counts by")).to_have_value("R0")
    expect(page.get_by_label("99")).not_to_be_checked()
    expect(methods.get_by_role("rowheader", name="Beta selection")).to_be_visible()
    no_serious_findings(page)


def test_without_scripts_a_slow_part_is_a_link(at, review, page_of):
    page = page_of(review.observer, phone=True, dark=True, scripts=False)
    page.goto(f"{at}/closer/selection")
    page.get_by_role("link", name="Show it").click()
    expect(page.get_by_role("rowheader", name="Step function selection")).to_be_visible()
