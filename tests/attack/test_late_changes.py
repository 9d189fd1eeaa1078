"""Two people change the same thing: the slower one is told, sees both values, loses nothing."""

import re

import pytest
import sqlalchemy as sa

from reviewtool.extraction import queries as extraction
from reviewtool.extraction.models import Study
from reviewtool.extraction.services import copies
from reviewtool.extraction.services import studies as study_services
from reviewtool.protocol import services as protocol
from reviewtool.protocol.models import Criterion
from reviewtool.screening import queries as screening
from reviewtool.screening import services as voting
from reviewtool.screening.rules.outcome import Phase, Vote
from tests import build
from tests.certainty.conftest import case as rated  # noqa: F401  (a fixture)


def base(review):
    return f"/reviews/{review.review.id}"


def hidden(page, name, action=""):
    """The value of a hidden field, of the form that goes to ``action``."""
    at = page.index(f'action="{action}"') if action else 0
    return re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', page[at:])[1]


@pytest.fixture
def conflict(db, review):
    record = build.record(db, review.review, "Needling")
    voting.decide(db, review.ben, record, Vote.INCLUDE)
    voting.decide(db, review.cem, record, Vote.EXCLUDE)
    db.commit()
    return record


def test_of_two_resolvers_the_second_is_told(db, review, conflict, sign_in):
    address = f"{base(review)}/screening/conflicts/{conflict.id}"
    dora, ann = sign_in(review.dora), sign_in(review.ann)
    seen = [browser.get(address).text for browser in (dora, ann)]
    revision = [hidden(page, "revision", f"{address}") for page in seen]
    first = dora.post(address, data={"vote": "include", "revision": revision[0], "comment": "yes"})
    late = ann.post(address, data={"vote": "exclude", "revision": revision[1], "comment": "no"})
    assert (first.status_code, late.status_code) == (303, 409)
    assert "exclude" in late.text
    assert "include" in late.text
    assert screening.standing(db, conflict.id, Phase.TITLE_ABSTRACT).outcome.value == "include"
    db.rollback()  # reading holds the one pen of SQLite, which the browser needs
    # From the page of both, the one that was chosen is stored.
    sent = {
        "chosen": "1",
        "revision": hidden(late.text, "revision"),
        "mine:vote": "exclude",
        "stands:vote": "include",
        "both:vote": "mine",
        "mine:comment": "no",
        "stands:comment": "yes",
        "both:comment": "stands",
    }
    assert ann.post(address, data=sent).status_code == 303
    final = screening.adjudication(db, review.ann, conflict, Phase.TITLE_ABSTRACT)
    assert (final.vote.value, final.comment) == ("exclude", "yes")


def test_a_program_that_resolves_late_gets_both_values(db, review, conflict, sign_in):
    address = f"/api/v1{base(review)}/screening/records/{conflict.id}/resolution"
    dora, ann = sign_in(review.dora), sign_in(review.ann)
    assert dora.post(address, json={"vote": "include"}).status_code == 200
    late = ann.post(address, json={"vote": "exclude"})
    assert late.status_code == 409
    assert late.content_type == "application/problem+json"
    assert late.json["code"] == "changed-meanwhile"
    assert late.json["stands"]["vote"] == "include"
    assert late.json["yours"]["vote"] == "exclude"
    again = ann.post(address, json={"vote": "exclude"}, headers={"If-Match": late.headers["ETag"]})
    assert again.status_code == 200


def test_a_section_of_the_protocol(db, review, sign_in):
    there = f"/api/v1{base(review)}/protocol/"
    ann, dora = sign_in(review.ann), sign_in(review.dora)
    seen = {"If-Match": str(dora.get(there).json["revision"])}
    address = f"{there}sections/question"
    ann.put(address, json={"values": {"rationale": "Ann’s"}}, headers=seen)
    seen = {"If-Match": "1"}
    done = ann.put(address, json={"values": {"rationale": "Ann’s second"}}, headers=seen)
    late = dora.put(address, json={"values": {"rationale": "Dora’s"}}, headers=seen)
    assert (done.status_code, late.status_code) == (200, 409), done.text
    assert late.json["stands"]["rationale"] == "Ann’s second"
    assert late.json["yours"]["values"] == {"rationale": "Dora’s"}
    assert dora.get(there).json["document"]["rationale"] == "Ann’s second"
    page = dora.get(f"{base(review)}/protocol/sections/question").text
    assert hidden(page, "revision") == "2"


def test_a_row_of_the_protocol_and_its_removal(db, review, sign_in):
    row = protocol.save_row(
        db, review.ann, Criterion(), {"include": True, "aspect": "population", "text": "adults"}
    )
    db.commit()
    api = f"/api/v1{base(review)}/protocol/criteria/{row.id}"
    ann, dora = sign_in(review.ann), sign_in(review.dora)
    sent = {"include": True, "aspect": "population"}
    first = ann.put(api, json=sent | {"text": "people"}, headers={"If-Match": '"1"'})
    assert first.status_code == 200, first.text
    assert first.json["revision"] == 2
    late = dora.put(api, json=sent | {"text": "children"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json["stands"]["text"]) == (409, "people")
    gone = f"{base(review)}/protocol/criteria/{row.id}/remove"
    assert dora.post(gone, data={"revision": "1"}).status_code == 409
    assert dora.post(gone, data={"revision": "2"}).status_code == 303


@pytest.fixture
def copy(db, review):
    study = study_services.create(db, review.ann, "Visser 1996", [])
    row = copies.take(db, review.ben, study)
    copies.save(db, review.ben, row, {"arm.1.treatment": "needles", "arm.1.n": "40"})
    db.commit()
    return row


def copy_id_of(copy):
    return sa.inspect(copy).identity[0]


def cell(db, copy, path="arm.1.n"):
    found = extraction.entries(db, copy_id_of(copy), fresh=True)[path]
    said = found.value, found.revision
    db.rollback()  # reading holds the one pen of SQLite, which the browser needs
    return said


def test_a_stale_tab_does_not_overwrite_a_cell(db, review, copy, sign_in):
    address = f"{base(review)}/extraction/copies/{copy.id}"
    api = f"/api/v1{address}/cells"
    ben = sign_in(review.ben)
    stale = ben.get(address).text
    assert hidden(stale, "from:arm.1.n") == "1|40"
    saved = ben.put(api, json={"cells": {"arm.1.n": {"value": "41", "revision": 1}}})
    assert saved.json["revisions"] == {"arm.1.n": 2}
    late = ben.put(api, json={"cells": {"arm.1.n": {"value": "39", "revision": 1}}})
    assert (late.status_code, late.json["stands"]) == (409, {"cell:arm.1.n": "41"})
    assert late.json["revision"] == {"arm.1.n": 2}
    late = ben.post(address, data={"cell:arm.1.n": "39", "from:arm.1.n": "1|40"})
    assert late.status_code == 409
    assert cell(db, copy)[0] == "41"
    chosen = {
        "chosen": "1",
        "both:cell:arm.1.n": "mine",
        "mine:cell:arm.1.n": "39",
        "stands:cell:arm.1.n": "41",
        "from:arm.1.n": hidden(late.text, "from:arm.1.n"),
    }
    assert ben.post(address, data=chosen).status_code in {302, 303}
    assert cell(db, copy)[0] == "39"


def test_a_cell_left_alone_is_not_written_by_a_stale_page(db, review, copy, sign_in):
    address = f"{base(review)}/extraction/copies/{copy.id}"
    ben = sign_in(review.ben)
    copies.save(db, review.ben, copy, {"arm.1.n": "41"})
    db.commit()
    sent = {
        "cell:arm.1.n": "40",
        "from:arm.1.n": "1|40",
        "cell:arm.1.treatment": "pins",
        "from:arm.1.treatment": "1|needles",
    }
    assert ben.post(address, data=sent).status_code in {302, 303}
    assert cell(db, copy)[0] == "41"
    assert cell(db, copy, "arm.1.treatment")[0] == "pins"


def test_a_late_batch_of_cells_stores_none_of_them(db, review, copy, sign_in):
    api = f"/api/v1{base(review)}/extraction/copies/{copy.id}/cells"
    cells = {
        "arm.1.n": {"value": "39", "revision": 7},
        "arm.1.treatment": {"value": "pins", "revision": 1},
    }
    assert sign_in(review.ben).put(api, json={"cells": cells}).status_code == 409
    assert cell(db, copy, "arm.1.treatment")[0] == "needles"


def test_the_same_value_sent_late_is_no_conflict(db, review, copy, sign_in):
    api = f"/api/v1{base(review)}/extraction/copies/{copy.id}/cells"
    cells = {"arm.1.n": {"value": "40", "revision": 0}}
    assert sign_in(review.ben).put(api, json={"cells": cells}).status_code == 200


def test_roles_titles_settings_and_studies(db, review, copy, sign_in):
    """One after the other: the first goes through, the second is told and changes nothing."""
    study_id, cem = copy.study_id, review.cem
    there = base(review)
    cases = [
        (f"{there}/team/members/{review.cem.id}/role", {"role": "observer"}, {"role": "lead"}, "1"),
        (f"{there}/title", {"title": "One title"}, {"title": "Another title"}, "1"),
    ]
    settings = {"votes_required": "2", "fulltext_votes_required": "2", "show_authors": "yes"}
    cases.append(
        (
            f"{there}/screening/settings",
            settings | {"include_terms": "random*"},
            settings | {"include_terms": "sham"},
            "0",
        )
    )
    ann, dora = sign_in(review.ann), sign_in(review.dora)
    for address, first, second, revision in cases:
        done = ann.post(address, data=first | {"revision": revision})
        assert done.status_code in {302, 303}, (address, done.status_code)
        late = dora.post(address, data=second | {"revision": revision})
        assert late.status_code == 409, address
    db.expire_all()
    assert cem.role.value == "observer"
    assert review.review.title == "One title"
    assert db.get(Study, study_id).revision == 1


def test_what_was_read_before_is_kept_apart_from_what_is_new(db, review, copy):
    """The counter counts changes, not saves."""
    copies.save(db, review.ben, copy, {"arm.1.n": "40"})
    db.commit()
    assert cell(db, copy) == ("40", 1)
    copies.save(db, review.ben, copy, {"arm.1.n": "42"})
    db.commit()
    assert cell(db, copy) == ("42", 2)


def test_a_form_that_makes_something_makes_it_once(db, review, sign_in):
    ann, address = sign_in(review.ann), f"{base(review)}/full-text/reasons"
    once = hidden(ann.get(address).text, "once", address)
    sent = {"label": "Wrong dose", "once": once}
    first, second = ann.post(address, data=sent), ann.post(address, data=sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert "sent twice" in ann.get(second.location).text
    assert [one.label for one in screening.reasons(db, review.ann)].count("Wrong dose") == 1


def test_a_form_that_was_refused_can_be_sent_again(db, review, sign_in):
    ann, address = sign_in(review.ann), f"{base(review)}/protocol/criteria/new"
    sent = {"include": "1", "aspect": "", "once": "abc", "revision": "0"}
    for _ in range(2):
        assert ann.post(address, data=sent).status_code == 422
    page = ann.post(address, data=sent | {"aspect": "Population", "text": "adults"})
    assert page.status_code == 303, page.text


@pytest.fixture
def assessment(db, review):
    from reviewtool.bias import services as bias
    from reviewtool.bias.queries import Key
    from tests.bias.conftest import a_study

    outcome = build.outcome(db, review.review, "Pain free")
    study = a_study(db, review.review.id, "Visser 1996", outcome.id)
    setup = {"options": [], "experimental": "needles", "comparator": "sham", "result": "x"}
    copy = bias.start(db, review.ben, Key(study.id, outcome.id, ""), setup=setup)
    db.commit()
    return copy.id


def test_answers_of_a_domain(db, review, assessment, sign_in):
    """Two tabs of one assessor: the page, its fragments and the API keep one count."""
    there = f"{base(review)}/bias/assessments/{assessment}"
    ben = sign_in(review.ben)
    page = ben.get(there)
    assert page.status_code == 200, "the address of an assessment"
    assert hidden(page.text, "revision", f"{there}/domains/D1") == "0"
    live = {"HX-Request": "true"}
    sent = {"q-1.1": "Y", "revision": "0", "part": "text", "support-1.1": "by computer"}
    stored = ben.post(f"{there}/domains/D1", data=sent, headers=live)
    assert stored.status_code == 200
    newer = hidden(stored.text, "revision")
    assert int(newer) > 0
    again = sent | {"revision": newer, "support-1.1": "by a table of numbers"}
    assert ben.post(f"{there}/domains/D1", data=again, headers=live).status_code == 200
    late = sent | {"q-1.1": "N", "support-1.1": ""}
    answer = ben.post(f"{there}/domains/D1", data=late, headers=live)
    assert answer.status_code == 409
    assert "by a table of numbers" in answer.text
    api = f"/api/v1{base(review)}/bias/{assessment}/domains/D1"
    answer = ben.put(api, json={"answers": {"1.1": "N"}}, headers={"If-Match": "0"})
    assert (answer.status_code, answer.json["stands"]["q-1.1"]) == (409, "Y")
    other = ben.put(
        api.replace("D1", "D3"), json={"answers": {"3.1": "Y"}}, headers={"If-Match": "0"}
    )
    assert other.status_code == 200, "another domain is another thing"


def test_a_rating_with_its_steps(db, review, rated, sign_in):  # noqa: F811
    address = f"/api/v1{base(review)}/certainty/{rated.analysis.id}"
    fay, ann = sign_in(review.statistician), sign_in(review.ann)
    db.commit()
    seen = {"If-Match": str(fay.get(address).json["revision"])}
    step = {"risk_of_bias": {"steps": 1, "footnote": "Two trials at high risk."}}
    sent = {"design": "randomised", "steps": step, "comment": "Fay’s"}
    first = fay.put(address, json=sent, headers=seen)
    late = ann.put(address, json=sent | {"steps": {}, "comment": "Ann’s"}, headers=seen)
    assert (first.status_code, late.status_code) == (200, 409), first.text
    assert late.json["stands"]["comment"] == "Fay’s"
    assert late.json["stands"]["steps-risk_of_bias"] in (1, -1)
    # A change of a step alone counts as a change of the rating.
    seen = {"If-Match": str(late.json["revision"])}
    step["risk_of_bias"]["footnote"] = "Two of three trials at high risk."
    assert fay.put(address, json=sent, headers=seen).status_code == 200
    assert ann.put(address, json=sent, headers=seen).status_code == 409
