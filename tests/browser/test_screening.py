"""Screening with the keyboard, on a phone, without scripts, and under axe."""

import io

import pytest

from reviewtool.screening import queries, services
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.storage import current_storage
from tests import build

TITLES, FULL = Phase.TITLE_ABSTRACT, Phase.FULL_TEXT
ABSTRACT = "METHODS: A randomised, placebo-controlled trial. RESULTS: 62% against 24% (P < 0.001)."


def pdf(words: str = "Headache-free at 2 hours: 37 of 120") -> bytes:
    """A one-page PDF with text in it."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure

    figure, target = Figure((8.27, 11.69)), io.BytesIO()
    figure.text(0.1, 0.9, words)
    FigureCanvasPdf(figure).print_pdf(target)
    return target.getvalue()


@pytest.fixture
def records(db, review):
    """Six records, terms to mark, reasons to choose from."""
    rows = [
        build.record(
            db,
            review.review,
            f"Trial {n} of rats",
            abstract=ABSTRACT,
            authors="Visser, W",
            year=1996,
        )
        for n in range(1, 7)
    ]
    services.change_plan(db, review.ann, include_terms=["random*"], exclude_terms=["rats"])
    services.start_reasons(db, review.ann)
    db.commit()
    return rows


@pytest.fixture
def base(review):
    return f"/reviews/{review.review.id}"


def shown(page):
    """The number of the record on the page."""
    return page.inner_text(".identifiers span")


def press(page, key, record):
    """Press a key and wait until ``record`` is shown."""
    page.keyboard.press(key)
    page.wait_for_function(
        "n => document.querySelector('.identifiers span')?.textContent === n",
        arg=f"Record {record}",
    )


def test_keys_vote_undo_and_move_and_are_silent_while_typing(db, review, records, base, page_of):
    page = page_of(review.ben)
    page.goto(f"{base}/screening/next")
    press(page, "i", 2)
    assert "Included" in page.inner_text(".undo")
    press(page, "e", 3)
    press(page, "u", 4)
    press(page, "z", 3)
    press(page, "ArrowRight", 4)
    page.keyboard.press("n")
    page.keyboard.type("i e u z")
    assert shown(page) == "Record 4"
    assert page.input_value("#note-text") == "i e u z"
    votes = [queries.my_decision(db, review.ben, row.id, TITLES) for row in records[:4]]
    assert [v.vote.value if v else None for v in votes] == ["include", "exclude", None, None]


def test_the_stage_list_counts_along(db, review, records, base, page_of):
    services.decide(db, review.ben, records[0], Vote.EXCLUDE)
    db.commit()
    page = page_of(review.cem)
    page.goto(f"{base}/screening/next")
    assert page.inner_text("#count-screening") == "0 of 6"
    press(page, "e", 2)
    assert page.inner_text("#count-screening") == "1 of 6"


def test_a_key_can_be_changed_and_stays_changed(review, records, base, page_of):
    page = page_of(review.ben)
    page.goto(f"{base}/screening/next")
    page.keyboard.press("?")
    page.focus('[aria-label="Key for: Include"]')
    page.keyboard.press("v")
    page.keyboard.press("Escape")
    page.reload()
    assert page.inner_text(".choice.include kbd") == "V"
    page.keyboard.press("i")
    page.wait_for_timeout(200)
    assert shown(page) == "Record 1"
    press(page, "v", 2)


def test_the_bar_stays_where_it_is_whatever_the_abstract(db, review, records, base, page_of):
    records[1].abstract = ABSTRACT * 40
    db.add(records[1])
    db.commit()
    page = page_of(review.ben, phone=True)
    page.goto(f"{base}/screening/next")
    before = page.locator(".choice.include").bounding_box()
    press(page, "i", 2)
    assert page.locator(".choice.include").bounding_box() == before
    sizes = [box["width"] for box in (c.bounding_box() for c in page.locator(".choice").all())]
    assert max(sizes) - min(sizes) < 1
    assert before["height"] >= 48


def test_everything_works_without_scripts(db, review, records, base, page_of):
    page = page_of(review.ben, scripts=False)
    page.goto(f"{base}/screening/next")
    page.click(".choice.exclude")
    assert shown(page) == "Record 2"
    page.click(".undo button")
    assert shown(page) == "Record 1"
    page.click(".choice.include")
    assert queries.my_decision(db, review.ben, records[0].id, TITLES).vote is Vote.INCLUDE


def test_a_third_person_settles_in_the_browser(db, review, records, base, page_of):
    services.decide(db, review.ben, records[0], Vote.INCLUDE)
    services.decide(db, review.cem, records[0], Vote.EXCLUDE)
    db.commit()
    page = page_of(review.dora)
    page.goto(f"{base}/screening/conflicts")
    page.click("text=Trial 1")
    assert page.locator(".vote.exclude").count() == 0
    page.click("text=Show the votes")
    assert page.locator(".vote.exclude").count() == 1
    page.fill("#comment", "A trial in rats")
    page.keyboard.press("Tab")
    page.click(".settle .exclude")
    assert "Settled" in page.inner_text("#messages")
    assert queries.standing(db, records[0].id, TITLES).outcome is Outcome.EXCLUDE


@pytest.fixture
def report(db, review, records):
    """The report of the first record, with a PDF."""
    for voter in (review.ben, review.cem):
        services.decide(db, voter, records[0], Vote.INCLUDE)
    found = queries.report_of(db, records[0].id)
    services.attach(db, review.ann, found, current_storage(), "Visser 1996.pdf", pdf())
    db.commit()
    return found


def test_a_pdf_is_read_searched_and_judged_in_the_page(db, review, records, report, base, page_of):
    page = page_of(review.ben)
    page.goto(f"{base}/full-text/next")
    page.wait_for_selector(".textLayer span")
    assert "37 of 120" in page.inner_text(".textLayer")
    page.fill("#pdf-search", "headache-free")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('[data-part=found]').textContent === '1 of 1'"
    )
    page.select_option("#reason", label="2. Wrong population")
    page.click(".decision .exclude")
    page.wait_for_selector("text=Nothing left to judge")
    assert queries.my_decision(db, review.ben, records[0].id, FULL).vote is Vote.EXCLUDE


SCREENS = [
    "screening/",
    "screening/next",
    "screening/mine",
    "screening/conflicts",
    "screening/conflicts/{conflict}",
    "screening/agreement",
    "screening/settings",
    "screening/records",
    "full-text/",
    "full-text/next",
    "full-text/upload",
    "full-text/reasons",
    "full-text/conflicts",
]


@pytest.mark.parametrize("look", ["desktop", "phone", "dark"])
def test_axe_finds_nothing_serious_on_any_screen(
    db, review, records, report, base, page_of, no_serious_findings, look
):
    services.decide(db, review.ben, records[1], Vote.INCLUDE)
    services.decide(db, review.cem, records[1], Vote.EXCLUDE)
    services.decide(db, review.ann, records[2], Vote.MAYBE)
    db.commit()
    page = page_of(review.ann, phone=look == "phone", dark=look == "dark")
    for screen in SCREENS:
        answer = page.goto(f"{base}/{screen.format(conflict=records[1].id)}")
        assert answer.status == 200, screen
        no_serious_findings(page)
