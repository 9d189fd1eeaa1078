"""Brain coordinates in the browser: from a paste over the consensus to the picture."""

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from reviewtool import jobs
from reviewtool.extraction import services
from reviewtool.extraction.models import Focus
from reviewtool.protocol.models import OutcomeKind
from reviewtool.synthesis import queries
from reviewtool.synthesis import services as synthesis
from reviewtool.synthesis.services import sync
from tests import build
from tests.extraction import people

USUAL = {"modality": "functional", "direction": "increase", "space": "MNI"}
AROUND = ["38 4 2", "36 8 0", "40 2 4", "38 6 -2", "42 4 2"]
TABLE = "Region\tx\ty\tz\tT\nInsula\t\u221238\t4,5\t2\t4,8\nnot\t12\t\t\t\nInsula\t36\t2\t6\t5,1\n"


@pytest.fixture
def outcome(db, review):
    found = build.outcome(
        db, review.review, "Activation", kind=OutcomeKind.COORDINATES, direction="increase"
    )
    pair = build.comparison(db, review.review, ("pain",), ("no pain",))
    choices = {"correction": "none", "forming": 0.001}
    build.analysis(db, found, pair, kind="coordinates", measure="", map=choices)
    sync(db, review.review.id)
    return found


def filled(db, member, study, text):
    copy = services.copies.take(db, member, study)
    services.foci.take_in(db, member, copy, text, usual=USUAL)
    cells = {"experiment.1.name": "pain", "experiment.1.n": "16"}
    assert not services.copies.save(db, member, copy, cells).refused
    services.copies.finish(db, member, copy)


@pytest.fixture
def studies(db, review, outcome):
    """Five agreed studies, and a sixth that Ben begins and Cem has finished."""
    for number, place in enumerate(AROUND, 1):
        study = people.study(db, review, f"Study {number}")
        for member in (review.ben, review.cem):
            filled(db, member, study, place)
        copy = services.agreeing.begin(db, review.dora, study)
        services.agreeing.complete(db, review.dora, copy)
    last = people.study(db, review, "Visser 1996")
    filled(db, review.cem, last, "36 2 6 5.1\n38 4.5 2 4.8")
    db.commit()
    return last


def paste(page, selector, text):
    page.locator(selector).focus()
    page.evaluate(
        """([selector, text]) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.querySelector(selector).dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        [selector, text],
    )


def test_from_a_pasted_table_over_the_consensus_to_the_picture(
    db, review, studies, live, page_of, no_serious_findings
):
    copy = services.copies.take(db, review.ben, studies)
    copy_id, study_id = copy.id, studies.id
    db.commit()
    base = f"{live}/reviews/{review.review.id}"
    page = page_of(review.ben)
    page.goto(f"{base}/extraction/copies/{copy_id}")
    for part, text in (("name", "pain"), ("n", "16")):
        page.locator(f'[data-cell="experiment.1.{part}"]').fill(text)
    for part, text in USUAL.items():
        page.locator(f'[data-cell="experiment.1.{part}"]').select_option(text)
    paste(page, '[data-cell="experiment.1.focus.1.at"]', TABLE)
    expect(page.get_by_text("1 line was not")).to_be_visible()
    assert page.locator("#foci-text").input_value() == "not\t12"
    first = page.locator('[data-cell="experiment.1.focus.1.at"]')
    expect(first).to_have_value("-38 4.5 2")
    expect(page.locator('[data-cell="experiment.1.focus.2.statistic"]')).to_have_value("5.1")
    no_serious_findings(page)
    outside = page.locator('[data-cell="experiment.1.focus.3.at"]')
    outside.fill("0 0 900")
    outside.press("Enter")
    said = page.locator('[data-problem-of="experiment.1.focus.3.at"]')
    expect(said).to_contain_text("outside every brain")
    outside.fill("")
    page.keyboard.press("Tab")
    expect(page.locator("[data-save-state]")).to_contain_text("Saved")
    page.get_by_role("button", name="My copy is done").click()
    expect(page.get_by_text("Your copy is finished")).to_be_visible()

    dora = page_of(review.dora)
    dora.goto(f"{base}/extraction/studies/{study_id}/consensus")
    dora.get_by_role("button", name="Begin").click()
    row = dora.locator('tr[data-row="experiment.1.focus.2.at"]')
    expect(row).to_contain_text("38 4.5 2")
    no_serious_findings(dora)
    row.locator('[data-adopt="first"]').click()
    expect(dora.locator("[data-save-state]")).to_contain_text("Saved")
    dora.get_by_role("button", name="Complete the consensus").click()
    expect(dora.get_by_text("is complete")).to_be_visible()
    db.expire_all()
    assert (38, 4.5, 2) in {(f.x, f.y, f.z) for f in db.exec(select(Focus))}
    db.commit()

    dora.goto(f"{base}/synthesis/")
    dora.get_by_role("link", name="Activation").click()
    expect(dora.locator('figure[aria-label="Glass brain"] svg')).to_be_visible()
    expect(dora.locator('figure[aria-label="Brain slices"] svg')).to_be_visible()
    expect(dora.get_by_role("row", name="Right insula").first).to_be_visible()
    no_serious_findings(dora)
    with dora.expect_download() as loaded:
        dora.get_by_role("link", name="what stands").click()
    assert loaded.value.suggested_filename.endswith("-shown.nii.gz")


def test_on_a_phone_and_in_the_dark_nothing_is_wider_than_the_window(
    db, review, studies, live, page_of, no_serious_findings
):
    copy_id = services.copies.take(db, review.ben, studies).id
    db.commit()
    page = page_of(review.ben, phone=True, dark=True)
    page.goto(f"{live}/reviews/{review.review.id}/extraction/copies/{copy_id}")
    no_serious_findings(page)
    page.goto(f"{live}/reviews/{review.review.id}/protocol/analyses/new")
    page = page_of(review.ann, phone=True, dark=True)
    page.goto(f"{live}/reviews/{review.review.id}/protocol/analyses/new")
    expect(page.get_by_label("Monte Carlo draws")).to_be_visible()
    expect(page.get_by_label("Effect measure")).to_be_hidden()
    no_serious_findings(page)
    page.goto(f"{live}/reviews/{review.review.id}/protocol/outcomes/new")
    page.get_by_label("Kind of numbers").select_option("coordinates")
    expect(page.get_by_label("Modality")).to_be_visible()
    expect(page.get_by_label("Effect measure")).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("Grey matter")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The outcome is saved.")).to_be_visible()


def agreed(db, review, count=6):
    """Studies with foci around one place, all agreed."""
    for number, place in enumerate([*AROUND, "40 4 0"][:count], 1):
        study = people.study(db, review, f"Study {number}")
        for member in (review.ben, review.cem):
            filled(db, member, study, place)
        copy = services.agreeing.begin(db, review.dora, study)
        services.agreeing.complete(db, review.dora, copy)
    db.commit()


def test_a_map_is_planned_in_the_form_runs_and_is_seen(
    db, review, live, page_of, no_serious_findings
):
    build.outcome(
        db, review.review, "Activation", kind=OutcomeKind.COORDINATES, direction="increase"
    )
    build.comparison(db, review.review, ("pain",), ("no pain",))
    db.commit()
    agreed(db, review)
    base = f"{live}/reviews/{review.review.id}"
    page = page_of(review.ann)
    page.goto(f"{base}/protocol/analyses/new")
    page.get_by_label("Outcome", exact=True).select_option(label="Activation")
    page.get_by_label("Kind", exact=True).select_option("coordinates")
    page.get_by_label("Monte Carlo draws").fill("100")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{base}/synthesis/")
    page.get_by_role("link", name="Activation").click()
    expect(page.locator('figure[aria-label="Glass brain"] svg')).to_be_visible()
    no_serious_findings(page)


def test_a_page_of_running_draws_shows_how_far_they_are_and_turns_into_the_map(
    db, review, outcome, live, page_of, no_serious_findings
):
    agreed(db, review)
    (line,) = queries.lines(db, review.review.id)
    line.planned.map = {"correction": "cluster", "draws": 100}
    with jobs.held() as held:
        asked = synthesis.request_run(db, review.ann, line)
        address = f"{live}/reviews/{review.review.id}/synthesis/{line.analysis.id}"
        db.commit()
        jobs.run(asked.id)  # plans the draws, which wait
        page = page_of(review.ann, phone=True)
        page.goto(address)
        expect(page.get_by_text("0 of 100")).to_be_visible()
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        no_serious_findings(page)
        quiet = page_of(review.observer, scripts=False)
        quiet.goto(address)
        expect(quiet.get_by_role("link", name="Look how far it is")).to_be_visible()
        for job_id in [one for one in held if one != asked.id]:
            jobs.run(job_id)
        expect(page.locator('figure[aria-label="Glass brain"] svg')).to_be_visible(timeout=15_000)
        expect(page.get_by_role("button", name="Run again")).to_be_visible()
        held.clear()
