"""The pages and the API of extraction, as a browser and a program meet them."""

import re

import pytest

from reviewtool.extraction import queries, services
from reviewtool.extraction.models import CopyKind
from tests import build
from tests.extraction import people


@pytest.fixture
def outcome(db, review):
    return build.outcome(db, review.review)


@pytest.fixture
def study(db, review, outcome):
    found = people.study(db, review)
    db.commit()
    return found


@pytest.fixture
def copy(db, review, study):
    found = services.copies.take(db, review.ben, study)
    db.commit()
    return found


def address(review, path=""):
    return f"/reviews/{review.review.id}/extraction/{path}"


def api(review, path):
    return f"/api/v1/reviews/{review.review.id}/extraction/{path}"


@pytest.fixture(autouse=True)
def without_tokens(app):
    """The CSRF check has tests of its own."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False


def test_an_empty_stage_says_what_will_be_here(review, sign_in):
    page = sign_in(review.ann).get(address(review))
    assert "Studies will be here" in page.text


def test_included_reports_become_studies_with_one_button(db, review, sign_in):
    people.included(db, review, "A trial", authors="Visser, W", year=1996)
    db.commit()
    browser = sign_in(review.ann)
    assert "Make one study for each report" in browser.get(address(review)).text
    assert browser.post(address(review, "reports/each")).status_code == 303
    assert "Visser 1996" in browser.get(address(review)).text


def test_a_report_is_linked_to_a_study_that_is_there(db, review, study, sign_in):
    report = people.included(db, review, "Another report")
    db.commit()
    browser = sign_in(review.ann)
    assert "Another report" in browser.get(address(review, "reports")).text
    browser.post(address(review, "reports"), data={"report_id": report.id, "study_id": study.id})
    assert "Another report" in browser.get(address(review, f"studies/{study.id}")).text


@pytest.mark.parametrize(
    "path", ["", "reports", "fields", "studies/new", "studies/{study}", "copies/{copy}"]
)
def test_a_stranger_gets_404(db, review, study, copy, sign_in, path):
    stranger = build.team(db, "Another review")
    path = path.format(study=study.id, copy=copy.id)
    assert sign_in(stranger.ann).get(address(review, path)).status_code == 404


def test_the_form_keeps_what_was_typed_and_says_what_was_refused(review, copy, outcome, sign_in):
    browser = sign_in(review.ben)
    events = f"cell:result.{outcome.id}..1.events"
    page = browser.post(
        address(review, f"copies/{copy.id}"), data={"cell:arm.1.treatment": "drug", events: "many"}
    )
    assert page.status_code == 422
    assert "“many” is not a number" in page.text
    assert re.search(r'value="many"[^>]*aria-invalid="true"', page.text)
    assert 'value="drug"' in browser.get(address(review, f"copies/{copy.id}")).text


def test_an_arm_more_is_asked_for_on_the_next_page(review, copy, sign_in):
    browser = sign_in(review.ben)
    answer = browser.post(address(review, f"copies/{copy.id}?arms=2"), data={"then": "add_arm"})
    assert "arm.3.treatment" in browser.get(answer.location).text


def test_nobody_else_opens_an_unfinished_copy_by_page_or_api(review, copy, sign_in):
    for member in (review.ann, review.cem, review.dora):
        browser = sign_in(member)
        assert browser.get(address(review, f"copies/{copy.id}")).status_code == 403
        assert (
            browser.get(address(review, f"copies/{copy.id}/cell?path=arm.1.n")).status_code == 403
        )
        assert browser.get(api(review, f"copies/{copy.id}")).status_code == 403
        changed = browser.put(api(review, f"copies/{copy.id}/cells"), json={"cells": {}})
        assert changed.status_code == 403


def test_the_list_names_no_values_of_others(db, review, study, outcome, sign_in):
    people.filled(
        db, review.ben, study, people.numbers(outcome) | {"arm.1.treatment": "secretdrug"}
    )
    db.commit()
    for path in ("", f"studies/{study.id}"):
        assert "secretdrug" not in sign_in(review.cem).get(address(review, path)).text


def test_autosave_answers_what_was_stored_refused_and_flagged(review, copy, outcome, sign_in):
    base = f"result.{outcome.id}..1"
    cells = {
        "arm.1.n": {"value": "60"},
        f"{base}.events": {"value": "70", "quote": "70 of 60", "page": "3"},
        f"{base}.total": {"value": "60"},
        "arm.2.n": {"value": "NaN"},
    }
    told = (
        sign_in(review.ben).put(api(review, f"copies/{copy.id}/cells"), json={"cells": cells}).json
    )
    assert set(told["stored"]) == {"arm.1.n", f"{base}.events", f"{base}.total"}
    assert list(told["refused"]) == ["arm.2.n"]
    assert list(told["flagged"]) == [f"{base}.events"]


def test_a_cell_outside_the_form_is_named(review, copy, sign_in):
    told = sign_in(review.ben).put(
        api(review, f"copies/{copy.id}/cells"), json={"cells": {"arm.1.colour": {"value": "red"}}}
    )
    assert told.status_code == 422
    assert "arm.1.colour" in told.text


def test_the_source_page_keeps_quote_and_page(review, copy, sign_in):
    browser = sign_in(review.ben)
    page = address(review, f"copies/{copy.id}/cell?path=arm.1.n")
    browser.post(page, data={"value": "60", "quote": "sixty were randomised", "page": "2"})
    assert "sixty were randomised" in browser.get(address(review, f"copies/{copy.id}")).text


def test_the_calculator_fills_the_cell_and_names_what_is_wrong(review, copy, outcome, sign_in):
    browser = sign_in(review.ben)
    path = f"result.{outcome.id}..1.events"
    page = address(review, f"copies/{copy.id}/cell?path={path}")
    wrong = browser.post(
        page,
        data={
            "formula": "events_from_percent",
            "events_from_percent.percent": "x",
            "events_from_percent.total": "60",
        },
    )
    assert wrong.status_code == 422
    assert "Per cent: write a number" in wrong.text
    assert 'value="60"' in wrong.text
    browser.post(
        page,
        data={
            "formula": "events_from_percent",
            "events_from_percent.percent": "50",
            "events_from_percent.total": "60",
        },
    )
    shown = browser.get(address(review, f"copies/{copy.id}")).text
    assert 'value="30"' in shown
    assert "the count printed as this percentage" in shown


def test_finishing_lists_what_is_missing(review, copy, sign_in):
    page = sign_in(review.ben).post(address(review, f"copies/{copy.id}"), data={"then": "done"})
    assert page.status_code == 422
    assert "Arm 1 has no treatment" in page.text


def test_the_consensus_shows_both_counts_agreement_and_completes(
    db, review, study, outcome, sign_in
):
    people.both(db, review, study, outcome)
    db.commit()
    browser = sign_in(review.ann)
    page = address(review, f"studies/{study.id}/consensus")
    assert "Begin" in browser.get(page).text
    browser.post(page + "/begin")
    shown = browser.get(page).text
    assert re.search(r"<b>8</b>\s*<span>fields", shown)
    assert re.search(r"<b>7</b>\s*<span>match", shown)
    assert "87.5" in shown
    path = f"result.{outcome.id}..1.events"
    browser.post(page, data={"adopt": f"second|{path}"})
    answer = browser.post(page, data={"then": "complete"})
    assert answer.status_code == 303
    final = queries.copies(db, study.id)[CopyKind.CONSENSUS]
    assert people.values(db, final)[path] == "31"
    db.commit()
    assert "1 of 1 study agreed" in browser.get(address(review)).text


def test_an_extractor_reads_the_consensus_but_does_not_settle_it(
    db, review, study, outcome, sign_in
):
    people.both(db, review, study, outcome)
    services.agreeing.begin(db, review.ann, study)
    db.commit()
    browser = sign_in(review.ben)
    page = address(review, f"studies/{study.id}/consensus")
    assert "a third person settles" in browser.get(page).text
    assert browser.post(page, data={"cell:arm.1.n": "1"}).status_code == 403


def test_the_consensus_stays_closed_until_both_are_done(review, copy, study, sign_in):
    assert (
        sign_in(review.ann).get(address(review, f"studies/{study.id}/consensus")).status_code == 409
    )


def test_taking_a_value_by_api_answers_it(db, review, study, outcome, sign_in):
    people.both(db, review, study, outcome)
    final = services.agreeing.begin(db, review.ann, study)
    db.commit()
    path = f"result.{outcome.id}..1.events"
    told = sign_in(review.ann).post(
        api(review, f"copies/{final.id}/adopt"), json={"path": path, "copy_kind": "first"}
    )
    assert told.json["value"] == "30"


def test_characteristics_are_added_changed_and_asked_no_more(db, review, sign_in):
    browser = sign_in(review.ann)
    browser.post(address(review, "fields/usual"))
    browser.post(
        address(review, "fields"), data={"label": "Blinding", "section": "Methods", "kind": "text"}
    )
    assert "Blinding" in browser.get(address(review, "fields")).text
    field = queries.fields(db, review.review.id)[-1]
    db.commit()
    browser.post(
        address(review, f"fields/{field.id}"), data={"label": "Masking", "section": "Methods"}
    )
    assert "Masking" in browser.get(address(review, "fields")).text
    browser.post(address(review, f"fields/{field.id}/archive"))
    assert "Masking</td>" not in browser.get(address(review, "fields")).text


def test_the_api_makes_studies_and_takes_copies(db, review, sign_in):
    report = people.included(db, review)
    db.commit()
    browser = sign_in(review.ben)
    made = browser.post(
        api(review, "studies"), json={"label": "Visser 1996", "report_ids": [report.id]}
    )
    assert made.status_code == 201
    taken = browser.post(api(review, f"studies/{made.json['id']}/copies"))
    assert taken.json["kind"] == "first"
    assert browser.get(api(review, "studies")).json[0]["copies"]["first"]["state"] == "in_progress"


def test_pages_open_after_outcomes_and_characteristics_went(db, review, study, outcome, sign_in):
    field = services.fields.add(db, review.ann, "Country")
    cells = people.numbers(outcome) | {"study.country": "Italy"}
    people.filled(db, review.ben, study, cells)
    people.filled(db, review.cem, study, cells)
    final = services.agreeing.begin(db, review.ann, study)
    services.fields.archive(db, review.ann, field)
    outcome.timepoints = ["2 h"]
    db.add(outcome)
    db.commit()
    browser = sign_in(review.ann)
    assert browser.get(address(review, f"studies/{study.id}/consensus")).status_code == 200
    page = browser.get(address(review, f"copies/{final.id}"))
    assert "5 values are no longer asked for" in page.text
    assert "Italy" in page.text


def test_a_reported_time_is_added_where_the_protocol_has_windows(
    db, review, outcome, copy, sign_in
):
    outcome.timepoints, outcome.windows = ["1 month"], {"1 month": "3 to 6 weeks"}
    db.commit()
    browser = sign_in(review.ben)
    at = f"/reviews/{review.review.id}/extraction/copies/{copy.id}"
    sent = {f"new-time:{outcome.id}": "6wk", "then": f"add_time:{outcome.id}"}
    page = browser.post(at, data=sent, follow_redirects=True).text
    assert "Pain free, 6 weeks" in page
    cell = f"cell:result.{outcome.id}.6 weeks.1.events"
    assert cell in page
    browser.post(at, data={cell: "4"})
    assert "Pain free, 6 weeks" in browser.get(at).text
    refused = browser.post(at, data=sent | {f"new-time:{outcome.id}": "soon"})
    assert refused.status_code == 422
    assert "“soon” is not a time" in refused.text
