"""No change passes that does not say what it was made from, and none that says it wrongly.

The list of routes is the app's own: a new one that changes something has to stand in
``web/carrying.py``, its form has to carry what is asked, and what it carries is compared.
"""

import re

import pytest
from flask import render_template_string

from reviewtool.extraction.services import copies, studies
from reviewtool.screening import queries as screening
from reviewtool.screening.rules.outcome import Vote
from reviewtool.screening.services import decide
from reviewtool.web.carrying import CELLS, FREE, ONCE, REVISION
from tests import build, whole
from tests.attack.test_grid import MARK, SEEN, inside

WRONG = "999999"
APART = {
    "api_screening.resolve": "from its being open: test_settling_anew_by_a_program",
    "certainty.risk": "wants a number: test_an_assumed_risk",
    "extraction.cell": "names its cell in the address: test_where_a_value_was_read",
    "extraction.study": "wants a year: test_forms_that_want_numbers",
    "references.edit_record": "wants a year: test_forms_that_want_numbers",
}

# Whatever the forms ask that this review has no page for now.
SENT = {"vote": "include", "judgement": "low", "text": "A note", "reason": "Seen anew"}


def changing(app):
    return {
        rule.endpoint for rule in app.url_map.iter_rules() if rule.methods - SEEN and rule.endpoint
    }


def test_every_route_that_changes_something_says_what_it_asks_for(app):
    places = [REVISION, CELLS, ONCE, set(FREE)]
    named = [endpoint for place in places for endpoint in place]
    assert len(named) == len(set(named)), "an endpoint stands in two places"
    assert set(named) == changing(app), "say in web/carrying.py what the change brings along"


@pytest.fixture
def strict(app):
    app.config["REVISIONS_REQUIRED"] = True
    return app


@pytest.fixture
def ids(app, db, review):
    return whole.fill(app, db, review, MARK)


@pytest.fixture
def asked(strict, client, review, ids, sign_in):
    """(endpoint, method, path, form or JSON) of every change that somebody is offered."""
    document = client.get("/api/v1/openapi.json").json
    rules = {(r.endpoint, m): r.rule for r in strict.url_map.iter_rules() for m in r.methods}
    found, forms = [], {}
    browsers = [sign_in(review.ann), sign_in(review.ben)]
    for method, path, _ in inside(strict, ids):
        if method == "GET" and not path.startswith("/api/"):
            for browser in browsers:
                answer = browser.get(path, buffered=True)
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    for to, fields in whole.forms_on(answer.text, path):
                        forms.setdefault(to.partition("?")[0], []).append(fields)
    for method, path, endpoint in inside(strict, ids):
        if method in SEEN:
            continue
        if path.startswith("/api/"):
            body = whole.body_of(document, rules[endpoint, method], method)
            found.append((endpoint, method, path, {"json": body}))
        found += [(endpoint, method, path, {"data": one}) for one in forms.get(path, [])]
    return browsers, found


def test_forms_of_home_and_account_carry_it_too(strict, review, sign_in):
    ann, seen = sign_in(review.ann), set()
    for page in ("/", "/account"):
        for to, fields in whole.forms_on(ann.get(page).text, page):
            endpoint, _ = strict.url_map.bind("").match(to.partition("?")[0], method="POST")
            if endpoint in ONCE:
                assert fields.get("once"), f"{endpoint} carries no number"
                seen.add(endpoint)
    assert seen == {"home.create_review", "home.create_token"}


@pytest.mark.services
def test_every_form_carries_what_its_route_asks_for(asked):
    _, found = asked
    pages = [(endpoint, sent["data"]) for endpoint, _, _, sent in found if "data" in sent]
    assert len(pages) > 100
    for endpoint, sent in pages:
        if endpoint in REVISION:
            assert str(sent.get("revision", "")).isdecimal(), f"{endpoint} carries no revision"
        if endpoint in ONCE:
            assert sent.get("once"), f"{endpoint} carries no number"


@pytest.fixture
def unoffered(strict, ids, asked):
    """The same, of changes that no page offers as things stand: as a stale tab sends them."""
    offered = {endpoint for endpoint, *_ in asked[1]}
    return [
        (endpoint, method, path, {"data": SENT})
        for method, path, endpoint in inside(strict, ids)
        if method not in SEEN and endpoint not in offered
    ]


def test_a_change_without_it_is_refused_and_one_made_from_elsewhere_too(asked, unoffered):
    browsers, found = asked
    reached, wrong, told = set(), [], {}
    for endpoint, method, path, sent in [*found, *unoffered]:
        if endpoint not in REVISION:
            continue
        [kind] = sent
        plain = {k: v for k, v in (sent[kind] or {}).items() if k != "revision"}
        elsewhere = plain if kind == "json" else plain | {"revision": WRONG}
        header = {"If-Match": WRONG} if kind == "json" else {}
        for browser in browsers:
            bare = browser.open(path, method=method, buffered=True, **{kind: plain})
            assert bare.status_code in {403, 404, 409, 422, 428}, (endpoint, bare.status_code)
            late = browser.open(
                path, method=method, buffered=True, headers=header, **{kind: elsewhere}
            )
            told.setdefault(endpoint, set()).add((bare.status_code, late.status_code))
            if late.status_code < 400:
                wrong.append((endpoint, late.status_code))
            if bare.status_code == 428:
                reached.add(endpoint)
    assert wrong == [], "a revision that never was is taken"
    assert {one: told.get(one) for one in REVISION - reached - set(APART)} == {}


def test_forms_that_want_numbers(strict, db, review, sign_in):
    study = studies.create(db, review.ann, "Visser 1996", [])
    record = build.record(db, review.review, "Needling")
    ann, there = sign_in(review.ann), f"/reviews/{review.review.id}"
    for address, sent in (
        (f"{there}/extraction/studies/{study.id}", {"label": "Visser 1997", "design": ""}),
        (f"{there}/references/records/{record.id}/edit", {"title": "Sham"}),
    ):
        answer = ann.post(address, data=sent)
        assert answer.status_code == 428, answer.text
        assert "Open the page again" in answer.text
        assert ann.post(address, data=sent | {"revision": WRONG}).status_code == 409
        assert ann.post(address, data=sent | {"revision": "1"}).status_code == 303


def test_an_assumed_risk_is_refused_without_it_and_from_elsewhere(strict, review, ids, sign_in):
    ann = sign_in(review.ann)
    page = f"/reviews/{review.review.id}/certainty/{ids['analysis_id']}"

    def carried():
        return dict(whole.forms_on(ann.get(page).text, page))[f"{page}/risk"]["revision"]

    sent, stands = {"source": "external", "risk": "120", "citation": "A registry"}, carried()
    bare = ann.post(f"{page}/risk", data=sent)
    assert bare.status_code == 428
    assert "Open the page again" in bare.text
    assert ann.post(f"{page}/risk", data=sent | {"revision": WRONG}).status_code == 409
    assert carried() == stands
    assert ann.post(f"{page}/risk", data=sent | {"revision": stands}).status_code == 303
    late = ann.post(f"{page}/risk", data=sent | {"risk": "200", "revision": stands})
    assert late.status_code == 409
    assert ann.post(f"{page}/risk", data=sent | {"revision": carried()}).status_code == 303


def test_settling_anew_by_a_program_names_what_it_replaces(strict, db, review, sign_in):
    record = build.record(db, review.review, "Needling")
    for voter, vote in ((review.ben, Vote.INCLUDE), (review.cem, Vote.EXCLUDE)):
        decide(db, voter, record, vote)
    ann = sign_in(review.ann)
    to = f"/api/v1/reviews/{review.review.id}/screening/records/{record.id}/resolution"
    assert ann.post(to, json={"vote": "include"}).status_code == 200
    assert ann.post(to, json={"vote": "exclude"}).status_code == 409
    late = ann.post(to, json={"vote": "exclude"}, headers={"If-Match": WRONG})
    assert late.status_code == 409
    now = {"If-Match": str(late.json["revision"])}
    assert ann.post(to, json={"vote": "exclude"}, headers=now).status_code == 200


def test_cells_say_each_what_they_were_made_from(strict, db, review, sign_in):
    copy = copies.take(db, review.ben, studies.create(db, review.ann, "Visser 1996", []))
    ben, there = sign_in(review.ben), f"/reviews/{review.review.id}/extraction/copies/{copy.id}"
    api = f"/api/v1{there}/cells"
    bare = ben.put(api, json={"cells": {"arm.1.n": {"value": "40"}}})
    assert bare.status_code == 428
    assert "revision" in bare.json["title"]
    assert (
        ben.put(api, json={"cells": {"arm.1.n": {"value": "40", "revision": 0}}}).status_code == 200
    )
    assert ben.post(there, data={"cell:arm.1.n": "41"}).status_code == 428
    seen = {"cell:arm.1.n": "41", "from:arm.1.n": "1|40"}
    assert ben.post(there, data=seen).status_code == 303


def test_a_form_that_makes_something_without_a_number_makes_nothing(strict, db, review, sign_in):
    address = f"/reviews/{review.review.id}/full-text/reasons"
    ann = sign_in(review.ann)
    assert ann.post(address, data={"label": "Wrong dose"}).status_code == 428
    assert screening.reasons(db, review.ann) == []


def test_what_a_program_sends_twice_with_one_key_is_made_once(strict, db, review, sign_in):
    address = f"/api/v1/reviews/{review.review.id}/protocol/criteria"
    ann = sign_in(review.ann)
    sent = {"include": True, "aspect": "population", "text": "adults"}
    key = {"Idempotency-Key": "a1b2c3"}
    first = ann.post(address, json=sent, headers=key)
    again = ann.post(address, json=sent, headers=key)
    assert (first.status_code, again.status_code) == (201, 409), first.text
    assert again.json["code"] == "already-done"
    assert ann.post(address, json=sent, headers={"Idempotency-Key": "other"}).status_code == 201
    known = ann.get(f"/api/v1/reviews/{review.review.id}/protocol/").json["criteria"]
    assert len(known) == 2


def test_a_page_sent_back_keeps_the_revision_of_the_form_that_was_sent_only(app, review):
    """Other forms beside it say the revision of what they change."""
    sent = {"revision": "7", "revision_of": f"member-{review.ben.id}"}
    text = "{% from '_macros/forms.html' import csrf with context %}{{ csrf(ben) }}{{ csrf(cem) }}"
    with app.test_request_context("/", method="POST", data=sent):
        page = render_template_string(text, ben=review.ben, cem=review.cem)
    assert re.findall(r'name="revision" value="(\d+)"', page) == ["7", str(review.cem.revision)]


def test_where_a_value_was_read_says_what_it_was_made_from(strict, db, review, sign_in):
    copy = copies.take(db, review.ben, studies.create(db, review.ann, "Visser 1996", []))
    ben, there = sign_in(review.ben), f"/reviews/{review.review.id}/extraction/copies/{copy.id}"
    page, sent = f"{there}/cell?path=arm.1.n", {"value": "40", "page": "3"}
    assert ben.post(page, data=sent).status_code == 428
    assert ben.post(page, data=sent | {"revision": WRONG}).status_code == 409
    assert ben.post(page, data=sent | {"revision": "0"}).status_code == 303
    assert ben.post(page, data=sent | {"value": "41", "revision": "0"}).status_code == 409
