"""The pages of screening, with and without htmx."""

import io

import pytest

from reviewtool.references.models import Report, Retrieval
from reviewtool.screening import queries, services
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from tests import build
from tests.screening.conftest import PDF

FULL, TITLES = Phase.FULL_TEXT, Phase.TITLE_ABSTRACT


@pytest.fixture
def base(review):
    return f"/reviews/{review.review.id}"


def test_after_a_vote_the_next_record_comes_with_an_offer_to_undo(
    db, review, records, base, sign_in
):
    ben = sign_in(review.ben)
    assert "Trial 1" in ben.get(f"{base}/screening/next").text
    first = records[0].id
    answer = ben.post(
        f"{base}/screening/records/{first}/decision",
        data={"vote": "exclude"},
        follow_redirects=True,
    )
    assert "Trial 2" in answer.text
    assert "Excluded: " in answer.text
    ben.post(f"{base}/screening/records/{first}/undo")
    assert "Trial 1" in ben.get(f"{base}/screening/next").text


def test_htmx_gets_the_record_alone(review, record, base, sign_in):
    page = sign_in(review.ben).get(f"{base}/screening/next", headers={"HX-Request": "true"}).text
    assert page.lstrip().startswith('<div id="record"')
    assert "<html" not in page


def test_the_record_page_has_criteria_highlights_and_why_this_order(db, review, base, sign_in):
    row = build.record(
        db, review.review, "A randomised trial in rats", abstract="METHODS: Random. RESULTS: None."
    )
    services.change_plan(db, review.ann, include_terms=["random*"], exclude_terms=["rats"])
    db.commit()
    page = sign_in(review.ben).get(f"{base}/screening/records/{row.id}").text
    assert '<mark class="term include">randomised' in page
    assert '<mark class="term exclude">rats' in page
    assert "Why this order" in page
    assert '<b class="abstract-head">Methods</b>' in page


def test_authors_can_be_hidden_until_the_record_is_decided(db, review, record, base, sign_in):
    services.change_plan(db, review.ann, show_authors=False)
    db.commit()
    ben = sign_in(review.ben)
    assert "Visser" not in ben.get(f"{base}/screening/records/{record.id}").text
    db.commit()
    for voter in (review.ben, review.cem):
        services.decide(db, voter, record, Vote.INCLUDE)
    db.commit()
    assert "Visser" in ben.get(f"{base}/screening/records/{record.id}").text


def test_titles_from_files_are_text_never_markup(db, review, base, sign_in):
    row = build.record(
        db, review.review, "<script>alert(1)</script>", abstract="<img src=x onerror=y>"
    )
    db.commit()
    page = sign_in(review.ben).get(f"{base}/screening/records/{row.id}").text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_a_vote_without_a_choice_is_refused_in_words(review, record, base, sign_in):
    answer = sign_in(review.ben).post(f"{base}/screening/records/{record.id}/decision", data={})
    assert answer.status_code == 422
    assert "Choose include, maybe or exclude" in answer.text


def test_somebody_too_late_is_told_and_goes_on(db, review, records, base, sign_in):
    for voter in (review.ben, review.cem):
        services.decide(db, voter, records[0], Vote.INCLUDE)
    db.commit()
    answer = sign_in(review.dora).post(
        f"{base}/screening/records/{records[0].id}/decision",
        data={"vote": "exclude"},
        follow_redirects=True,
    )
    assert "already has all its votes" in answer.text
    assert "Trial 2" in answer.text


def test_my_votes_can_be_searched(db, review, records, base, sign_in):
    for row in records[:3]:
        services.decide(db, review.ben, row, Vote.EXCLUDE)
    db.commit()
    page = sign_in(review.ben).get(f"{base}/screening/mine?q=trial+2").text
    assert "Trial 2" in page
    assert "Trial 3" not in page


def test_a_resolver_sees_names_first_and_votes_when_asking(db, review, record, base, sign_in):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.EXCLUDE)
    db.commit()
    dora, address = sign_in(review.dora), f"{base}/screening/conflicts/{record.id}"
    page = dora.get(address).text
    assert "Ben" in page
    assert 'class="vote' not in page
    assert 'class="vote exclude"' in dora.get(f"{address}?show=votes").text
    answer = dora.post(
        address, data={"vote": "include", "comment": "A trial"}, follow_redirects=True
    )
    assert "Settled" in answer.text
    assert queries.standing(db, record.id, TITLES).outcome is Outcome.INCLUDE


def test_a_voter_is_not_offered_the_decision(db, review, record, base, sign_in):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.EXCLUDE)
    db.commit()
    ben, address = sign_in(review.ben), f"{base}/screening/conflicts/{record.id}"
    assert "a third person settles this" in ben.get(address).text
    assert ben.post(address, data={"vote": "include"}).status_code == 403


def test_settings_are_kept_and_refused_to_reviewers(db, review, base, sign_in):
    ann = sign_in(review.ann)
    data = {
        "votes_required": "1",
        "fulltext_votes_required": "2",
        "show_authors": "no",
        "include_terms": "random*\n\nplacebo",
        "exclude_terms": "",
        "resolver_ids": [str(review.dora.id)],
    }
    assert ann.post(f"{base}/screening/settings", data=data).status_code == 303
    plan = queries.plan(db, review.ann)
    assert (plan.votes_required, plan.show_authors) == (1, False)
    assert plan.include_terms == ["random*", "placebo"]
    assert plan.resolver_ids == [review.dora.id]
    assert sign_in(review.ben).get(f"{base}/screening/settings").status_code == 403


def test_a_pdf_is_uploaded_read_and_judged(db, review, record, report, reasons, base, sign_in):
    ben = sign_in(review.ben)
    page = ben.get(f"{base}/full-text/next").text
    [document] = queries.documents(db, review.ben, report.id)
    address = f"{base}/full-text/documents/{document.id}"
    assert f'data-pdf="{address}"' in page
    decision = f"{base}/full-text/reports/{report.id}/decision"
    db.commit()
    with ben.get(address) as file:
        assert (file.data, file.mimetype) == (PDF, "application/pdf")
    refused = ben.post(decision, data={"vote": "exclude"})
    assert refused.status_code == 422
    assert "Choose a reason" in refused.text
    done = ben.post(
        decision, data={"vote": "exclude", "reason_id": reasons[0].id}, follow_redirects=True
    )
    assert "Nothing left to judge" in done.text


def test_what_is_no_pdf_is_refused_by_its_content(db, review, report, base, sign_in):
    answer = sign_in(review.ben).post(
        f"{base}/full-text/reports/{report.id}/documents",
        data={"files": (io.BytesIO(b"MZ\x90"), "virus.pdf")},
    )
    assert answer.status_code == 422
    assert "“virus.pdf” is not a PDF file" in answer.text


def test_many_files_are_listed_with_what_became_of_them(db, review, report, base, sign_in):
    files = [
        (io.BytesIO(PDF + b"x"), "Visser 1996.pdf"),
        (io.BytesIO(PDF + b"y"), "unknown.pdf"),
        (io.BytesIO(b"text"), "notes.txt"),
    ]
    ben = sign_in(review.ben)
    page = ben.post(f"{base}/full-text/upload", data={"files": files}).text
    assert "by first author and year" in page
    assert "its name fits no report" in page
    assert "“notes.txt” is not a PDF file" in page
    [waiting] = queries.loose_files(db, review.ben)
    db.commit()
    ben.post(f"{base}/full-text/files/{waiting.id}", data={"report_id": report.id})
    db.commit()
    assert queries.loose_files(db, review.ben) == []
    assert len(queries.documents(db, review.ben, report.id)) == 3


def test_retrieval_is_noted(db, review, record, base, sign_in):
    for voter in (review.ben, review.cem):
        services.decide(db, voter, record, Vote.INCLUDE)
    found = queries.report_of(db, record.id)
    db.commit()
    sign_in(review.ben).post(
        f"{base}/full-text/reports/{found.id}/retrieval",
        data={"retrieval": "not_retrieved", "note": "No library has it", "awaiting": ""},
    )
    db.commit()
    db.expire_all()
    assert db.get(Report, found.id).retrieval is Retrieval.NOT_RETRIEVED
    assert "1</b> not retrieved" in sign_in(review.ben).get(f"{base}/full-text/").text


def test_reasons_start_from_the_usual_list_and_can_be_ordered(db, review, base, sign_in):
    ann = sign_in(review.ann)
    ann.post(f"{base}/full-text/reasons", data={"usual": "1"})
    second = queries.reasons(db, review.ann)[1]
    db.commit()
    ann.post(f"{base}/full-text/reasons/{second.id}", data={"what": "up"})
    db.commit()
    db.expire_all()
    assert [r.label for r in queries.reasons(db, review.ann)][:2] == [
        "Wrong population",
        "Duplicate report of an excluded item",
    ]


PATHS = [
    "",
    "next",
    "mine",
    "conflicts",
    "agreement",
    "settings",
    "records",
    "records/1",
    "conflicts/1",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stage", ["screening", "full-text"])
def test_a_stranger_finds_nothing(db, review, base, sign_in, stage, path):
    stranger = build.team(db, "Another review").ann
    db.commit()
    assert sign_in(stranger).get(f"{base}/{stage}/{path}").status_code == 404


def test_a_file_of_another_review_is_not_found_under_mine(db, review, report, base, sign_in):
    other = build.team(db, "Another review")
    [document] = queries.documents(db, review.ann, report.id)
    db.commit()
    address = f"/reviews/{other.review.id}/full-text/documents/{document.id}"
    assert sign_in(other.ann).get(address).status_code == 404
