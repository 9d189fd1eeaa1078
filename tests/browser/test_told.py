"""Studies that are not pooled and adverse events, on screens of every kind."""

import pytest
from playwright.sync_api import expect

from reviewtool.extraction import services as extraction
from reviewtool.protocol.models import OutcomeKind
from tests import build
from tests.extraction import people
from tests.synthesis.test_directions import told  # noqa: F401
from tests.synthesis.test_harms import harmful  # noqa: F401


@pytest.fixture
def base(live, review):
    return f"{live}/reviews/{review.review.id}"


def test_an_observer_reads_arrows_and_harms_on_a_phone_and_without_scripts(
    base,
    review,
    told,  # noqa: F811
    harmful,  # noqa: F811
    page_of,
    no_serious_findings,
):
    for looks in ({}, {"phone": True, "dark": True}):
        page = page_of(review.observer, **looks)
        for path in (f"synthesis/{told.analysis.id}", "synthesis/harms", "synthesis/"):
            page.goto(f"{base}/{path}")
            no_serious_findings(page)
    page = page_of(review.observer, scripts=False)
    page.goto(f"{base}/synthesis/")
    page.get_by_role("link", name="Adverse events over studies").click()
    expect(page.get_by_role("cell", name="No event in either group").first).to_be_visible()
    page.get_by_text("4 studies report no result of this").first.click()
    expect(page.get_by_text("Early 2005").first).to_be_visible()
    page.goto(f"{base}/synthesis/{told.analysis.id}")
    expect(page.get_by_label("Effect direction plot")).to_be_visible()
    expect(page.get_by_role("cell", name="Favours sham")).to_be_visible()


def test_an_extractor_says_whom_a_result_favours(db, base, review, page_of):
    build.outcome(db, review.review, "Pain", kind=OutcomeKind.CONTINUOUS, measure="MD")
    study = people.study(db, review)
    db.commit()
    copy = extraction.copies.take(db, review.ben, study)
    db.commit()
    page = page_of(review.ben)
    page.goto(f"{base}/extraction/copies/{copy.id}")
    for arm, name in ((1, "acupuncture"), (2, "sham")):
        page.locator(f'[data-cell="arm.{arm}.treatment"]').fill(name)
        page.keyboard.press("Tab")
    page.get_by_text("Only a comparison is reported, or only whom it favours").click()
    page.locator('[data-cell$=".1v2.p"]').fill("n.s.")
    page.keyboard.press("Tab")
    expect(page.locator('[data-problem-of$=".1v2.p"]')).to_contain_text("no p value")
    page.locator('[data-cell$=".1v2.p"]').fill("p < 0,05")
    page.keyboard.press("Tab")
    page.locator('[data-cell$=".1v2.favours"]').select_option("first")
    expect(page.locator("[data-save-state]")).to_contain_text("Saved")
    db.commit()
    db.expire_all()
    stored = people.values(db, copy)
    assert {"<0.05", "first"} <= set(stored.values())
