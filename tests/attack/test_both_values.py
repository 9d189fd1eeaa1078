"""The page of both values speaks as the form does, and hides nothing that would be lost."""

import lxml.html
import pytest

from reviewtool.certainty import queries as certainty
from reviewtool.certainty import services as rating
from reviewtool.extraction import services as extraction
from reviewtool.protocol import services as protocol
from reviewtool.protocol.models import Criterion
from reviewtool.screening import queries as screening
from reviewtool.screening import services as voting
from tests import build
from tests.certainty.conftest import case as rated  # noqa: F401  (a fixture)


def as_it_is(page, action=""):
    """name -> values of what a browser would send, as the page came with its form."""
    found = {}
    form = next(
        one
        for one in lxml.html.fromstring(page.text).forms
        if one.method == "POST" and "revision" in one.fields and (one.action or "") == action
    )
    for one in form.inputs:
        kind = one.get("type", one.tag)
        if one.name and kind not in {"submit", "button", "file"}:
            values = [] if kind in {"checkbox", "radio"} and not one.checked else None
            if values is None:
                values = [one.get("value", "y") if kind == "checkbox" else one.value or ""]
            if kind == "radio" and one.checked:
                values = [one.get("value")]
            found.setdefault(one.name, []).extend(values)
    return {name: values for name, values in found.items() if values}


def shown(answer):
    """legend -> (what I sent, what stands) on a page of both values."""
    assert answer.status_code == 409, answer.text
    return {
        both.find("legend").text: tuple(one.text_content() for one in both.find_class("both-text"))
        for both in lxml.html.fromstring(answer.text).find_class("both")
    }


def choose(answer, which):
    """What the page of both values sends when every choice is ``which``."""
    form = next(one for one in lxml.html.fromstring(answer.text).forms if "chosen" in one.fields)
    sent = {}
    for one in form.inputs:
        if one.name and one.get("type") != "radio":
            sent.setdefault(one.name, []).append(one.value)
        elif one.name:
            sent[one.name] = [which]
    return sent


@pytest.fixture
def plan(db, review, sign_in):
    """(browser, address, its form as it came); Dora then settles, three votes are needed."""
    before = {"screener_ids": [review.ben.id, review.cem.id], "votes_required": 2}
    voting.change_plan(db, review.ann, **before)
    browser, address = sign_in(review.ann), f"/reviews/{review.review.id}/screening/settings"
    came = as_it_is(browser.get(address))
    voting.change_plan(db, review.ann, resolver_ids=[review.dora.id], votes_required=1)
    db.commit()
    return browser, address, came


def test_an_emptied_group_of_people_is_offered_by_their_names(db, review, plan):
    browser, address, came = plan
    del came["screener_ids"]
    late = browser.post(address, data=came)
    assert shown(late) == {
        "Votes for each record at title and abstract": (
            "2: dual, independent",
            "1: single screening",
        ),
        "Who screens titles and abstracts": ("(empty)", "Ben\nCem"),
        "Who settles conflicts": ("(empty)", "Dora"),
    }


@pytest.mark.parametrize("which", ["mine", "stands"])
def test_an_empty_group_can_be_chosen_as_well_as_left(db, review, plan, which):
    browser, address, came = plan
    del came["screener_ids"]
    late = browser.post(address, data=came)
    assert browser.post(address, data=choose(late, which)).status_code == 303
    now = screening.plan(db, review.ann)
    people = [review.ben.id, review.cem.id]
    assert now.screener_ids == ([] if which == "mine" else people)
    assert now.resolver_ids == ([] if which == "mine" else [review.dora.id])


def test_which_direction_is_good_is_not_overwritten_unseen(db, review, sign_in):
    outcome = build.outcome(db, review.review, "Pain", lower_is_better=True, measure="OR")
    browser = sign_in(review.ann)
    address = f"/reviews/{review.review.id}/protocol/outcomes/{outcome.id}"
    came = as_it_is(browser.get(address))
    protocol.save_row(db, review.dora, outcome, {"lower_is_better": False})
    db.commit()
    late = browser.post(address, data=came)
    assert shown(late) == {
        "Which direction is good": ("Lower values are better", "Higher values are better")
    }
    assert browser.post(address, data=choose(late, "stands")).status_code == 303
    db.refresh(outcome)
    assert outcome.lower_is_better is False


def test_what_stands_of_a_criterion_is_sent_as_its_form_sends_it(db, review, sign_in):
    row = protocol.save_row(db, review.ann, Criterion(), {"include": True, "text": "Adults"})
    browser = sign_in(review.ann)
    address = f"/reviews/{review.review.id}/protocol/criteria/{row.id}"
    came = as_it_is(browser.get(address))
    protocol.save_row(db, review.dora, row, {"include": False, "text": "Children"})
    db.commit()
    late = browser.post(address, data=came)
    assert shown(late) == {"Kind": ("Include", "Exclude"), "Criterion": ("Adults", "Children")}
    assert browser.post(address, data=choose(late, "stands")).status_code == 303
    db.refresh(row)
    assert (row.include, row.text) == (False, "Children")


def test_a_box_that_was_unticked_is_offered(db, review, sign_in):
    row = extraction.fields.add(db, review.ann, "Country", section="Methods", kind="text")
    browser = sign_in(review.ann)
    address = f"/reviews/{review.review.id}/extraction/fields/{row.id}"
    came = as_it_is(browser.get(address))
    extraction.fields.change(
        db, review.dora, row, label="Country", section="Methods", options=[], required=True
    )
    db.commit()
    late = browser.post(address, data=came)
    assert shown(late) == {"A copy is not finished without it": ("no", "yes")}
    assert browser.post(address, data=choose(late, "mine")).status_code == 303
    db.refresh(row)
    assert row.required is False


def test_the_details_of_a_rating_are_shown_not_overwritten(db, review, rated, sign_in):  # noqa: F811
    line = certainty.line(db, review.ann, rated.analysis.id)
    rating.set_details(db, review.ann, line, {})
    browser = sign_in(review.ann)
    address = f"/reviews/{review.review.id}/certainty/{rated.analysis.id}"
    came = as_it_is(browser.get(address), f"{address}/details")
    line = certainty.line(db, review.ann, rated.analysis.id)
    rating.set_details(db, review.ann, line, {"known_missing_results": True})
    db.commit()
    late = browser.post(f"{address}/details", data=came)
    assert shown(late) == {"Registered results are known to be missing": ("no", "yes")}
