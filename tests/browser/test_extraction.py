"""Extraction in the browser: autosave, paste, the consensus with the keyboard, no scripts."""

import re

import pytest
from playwright.sync_api import expect

from reviewtool.extraction import queries, services
from reviewtool.extraction.models import CopyKind
from reviewtool.protocol.models import OutcomeKind
from tests import build
from tests.extraction import people


@pytest.fixture
def outcome(db, review):
    return build.outcome(db, review.review, timepoints=["2 h"])


@pytest.fixture
def study(db, review, outcome):
    build.outcome(db, review.review, "Pain", kind=OutcomeKind.CONTINUOUS, measure="MD")
    services.fields.add_usual(db, review.ann)
    found = people.study(db, review)
    db.commit()
    return found


@pytest.fixture
def form(db, review, study, live):
    copy = services.copies.take(db, review.ben, study)
    db.commit()
    return copy, f"{live}/reviews/{review.review.id}/extraction/copies/{copy.id}"


def stored(db, copy):
    db.commit()
    db.expire_all()
    found = people.values(db, copy)
    db.commit()
    return found


def test_every_change_is_kept_and_what_is_refused_stays_with_its_message(
    db, review, outcome, form, page_of, no_serious_findings
):
    copy, address = form
    page = page_of(review.ben)
    page.goto(address)
    events = f"result.{outcome.id}.2 h.1.events"
    page.locator('[data-cell="arm.1.treatment"]').fill("sumatriptan")
    page.keyboard.press("Tab")
    expect(page.locator("[data-save-state]")).to_contain_text("Saved")
    page.locator(f'[data-cell="{events}"]').fill("many")
    page.keyboard.press("Enter")
    expect(page.locator("[data-save-state]")).to_contain_text("Not stored")
    expect(page.locator(f'[data-problem-of="{events}"]')).to_contain_text("not a number")
    assert page.evaluate("document.activeElement.dataset.cell") == events.replace(".1.e", ".2.e")
    assert page.locator(f'[data-cell="{events}"]').input_value() == "many"
    assert stored(db, copy) == {"arm.1.treatment": "sumatriptan"}
    no_serious_findings(page)


def test_a_block_from_a_spreadsheet_fills_the_grid(db, review, outcome, form, page_of):
    copy, address = form
    page = page_of(review.ben)
    page.goto(address)
    base = f"result.{outcome.id}.2 h"
    page.locator(f'[data-cell="{base}.1.events"]').focus()
    page.evaluate(
        """() => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", "30\\t60\\n10\\t58\\n");
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator("[data-save-state]")).to_contain_text("Saved")
    assert stored(db, copy) == {
        f"{base}.1.events": "30",
        f"{base}.1.total": "60",
        f"{base}.2.events": "10",
        f"{base}.2.total": "58",
    }


def test_the_third_person_takes_a_value_and_jumps_to_the_next_difference(
    db, review, study, outcome, live, page_of, no_serious_findings
):
    base = f"result.{outcome.id}.2 h.1"
    cells = {"arm.1.treatment": "sumatriptan", "arm.2.treatment": "placebo", f"{base}.total": "60"}
    people.filled(db, review.ben, study, cells | {f"{base}.events": "30", "study.country": "Italy"})
    people.filled(db, review.cem, study, cells | {f"{base}.events": "31"})
    services.agreeing.begin(db, review.ann, study)
    db.commit()
    page = page_of(review.ann)
    page.goto(f"{live}/reviews/{review.review.id}/extraction/studies/{study.id}/consensus")
    expect(page.locator("[data-left]")).to_have_text("2")
    page.locator("[data-next-difference]").click()
    expect(page.locator("tr.is-here")).to_contain_text("Country")
    page.keyboard.press("Enter")  # the focus is on the first extractor's button
    expect(page.locator("[data-left]")).to_have_text("1")
    page.locator("[data-next-difference]").click()
    page.locator('tr.is-here [data-adopt="second"]').click()
    expect(page.locator("[data-left]")).to_have_text("0")
    no_serious_findings(page)
    page.get_by_role("button", name="Complete the consensus").click()
    expect(page.locator("main")).to_contain_text(re.compile("is complete"))
    final = queries.copies(db, study.id)[CopyKind.CONSENSUS]
    values = stored(db, final)
    assert (values["study.country"], values[f"{base}.events"]) == ("Italy", "31")


def test_without_scripts_the_form_is_saved_by_its_button(db, review, form, page_of):
    copy, address = form
    page = page_of(review.ben, scripts=False)
    page.goto(address)
    page.locator('[data-cell="arm.1.treatment"]').fill("sumatriptan")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Saved")
    assert stored(db, copy) == {"arm.1.treatment": "sumatriptan"}


def test_on_a_phone_no_page_is_wider_than_the_screen(
    db, review, study, form, live, page_of, no_serious_findings
):
    page = page_of(review.ben, phone=True)
    base = f"{live}/reviews/{review.review.id}/extraction"
    for address in (form[1], base + "/", f"{base}/studies/{study.id}", f"{base}/fields"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        no_serious_findings(page)
