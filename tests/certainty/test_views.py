"""Certainty pages as browsers get them."""

import re

import pytest

from reviewtool.certainty import queries
from reviewtool.team.services import create_token
from tests import build

HTMX = {"HX-Request": "true"}


@pytest.fixture
def path(db, review, case):
    db.commit()
    return f"/reviews/{review.review.id}/certainty"


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def test_a_review_without_analyses_says_what_will_be_here(db, review, sign_in):
    db.commit()
    page = sign_in(review.ann).get(f"/reviews/{review.review.id}/certainty/")
    assert "will be a row here" in page.text


def test_the_table_offers_rating_only_to_those_who_may(path, review, sign_in):
    assert ">Rate<" in sign_in(review.statistician).get(f"{path}/").text
    page = sign_in(review.observer).get(f"{path}/")
    assert ">Rate<" not in page.text
    assert "RR 1.50 (95\u202f% CI 1.10 to 2.10)" in page.text


def test_the_rating_page_shows_suggestions_with_their_reasons(path, review, case, sign_in):
    page = text(sign_in(review.statistician).get(f"{path}/{case.analysis.id}"))
    assert "Suggested: −1. There are 40 events, fewer than 300." in page
    assert "no agreed judgement" in page


def test_every_form_of_the_rating_page_leads_to_its_own_address(path, review, case, sign_in):
    page = sign_in(review.statistician).get(f"{path}/{case.analysis.id}").text
    one = f"{path}/{case.analysis.id}"
    actions = re.findall(r'<form method="post" action="([^"]*/certainty[^"]*)"', page)
    assert actions == [f"{one}/risk", f"{one}/details", one]


def test_the_median_comparator_risk_is_offered_first_and_stored_with_its_source(
    db, path, review, case, sign_in
):
    fay = sign_in(review.statistician)
    assert "200 per 1000" in fay.get(f"{path}/{case.analysis.id}").text
    done = fay.post(f"{path}/{case.analysis.id}/risk", data={"source": "median"})
    assert done.status_code == 303
    page = text(fay.get(f"{path}/{case.analysis.id}"))
    assert "100 more per 1000 (from 20 more to 220 more)" in page
    assert "Median of the comparator groups" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"source": "external"}, "Give the risk"),
        ({"source": "external", "risk": "120"}, "Say where the assumed risk comes from"),
        ({"source": "external", "risk": "1200", "citation": "x"}, "0 to 1000"),
        ({}, "Choose a source"),
    ],
)
def test_a_risk_without_number_or_source_is_sent_back(path, review, case, sign_in, data, said):
    page = sign_in(review.statistician).post(f"{path}/{case.analysis.id}/risk", data=data)
    assert page.status_code == 422
    assert said in page.text


def test_the_level_follows_the_steps_before_anything_is_stored(path, review, case, sign_in):
    fay = sign_in(review.statistician)
    steps = {"design": "randomised", "steps-imprecision": "2"}
    shown = fay.post(f"{path}/{case.analysis.id}/preview", data=steps, headers=HTMX)
    assert "Low" in shown.text
    assert "<form" not in shown.text
    up = {"design": "randomised", "steps-large_effect": "1"}
    refused = fay.post(f"{path}/{case.analysis.id}/preview", data=up, headers=HTMX)
    assert "cannot be rated up" in refused.text
    assert "Not rated" not in fay.get(f"{path}/").text


def test_a_step_without_a_footnote_keeps_what_was_chosen(path, review, case, sign_in):
    fay = sign_in(review.statistician)
    data = {"design": "randomised", "steps-imprecision": "1", "comment": "Small trials"}
    page = fay.post(f"{path}/{case.analysis.id}", data=data)
    assert page.status_code == 422
    assert 'id="footnote-imprecision-error"' in page.text
    assert re.search(r'id="steps-imprecision-1"[^>]*checked', page.text)
    assert "Small trials" in page.text


def test_a_rating_appears_in_the_table_with_its_footnote(path, review, case, sign_in):
    fay = sign_in(review.statistician)
    data = {
        "design": "randomised",
        "steps-imprecision": "1",
        "footnote-imprecision": "Forty events",
    }
    assert fay.post(f"{path}/{case.analysis.id}", data=data).status_code == 303
    page = text(sign_in(review.observer).get(f"{path}/"))
    assert "⊕⊕⊕◯ Moderate" in page
    assert "Imprecision, down 1 level: Forty events" in page


def test_details_take_numbers_and_refuse_words(path, review, case, sign_in):
    fay = sign_in(review.statistician)
    good = {"thresholds": "−20, 20", "relative_risk_reduction": "25", "size_thresholds": "5 20 50"}
    assert fay.post(f"{path}/{case.analysis.id}/details", data=good).status_code == 303
    bad = fay.post(
        f"{path}/{case.analysis.id}/details",
        data={"thresholds": "twenty", "relative_risk_reduction": "25"},
    )
    assert bad.status_code == 422
    assert "“twenty” is not a number" in bad.text


def test_those_who_may_not_rate_are_refused(path, review, case, sign_in):
    ben = sign_in(review.ben)
    assert ben.get(f"{path}/{case.analysis.id}").status_code == 200
    for part in ("", "/risk", "/details", "/preview"):
        data = {"source": "median", "relative_risk_reduction": "25"}
        assert ben.post(f"{path}/{case.analysis.id}{part}", data=data).status_code == 403, part


def test_a_stranger_gets_404_everywhere(db, path, case, sign_in):
    other = build.team(db, "Elsewhere")
    db.commit()
    stranger = sign_in(other.ann)
    assert stranger.get(f"{path}/").status_code == 404
    assert stranger.get(f"{path}/{case.analysis.id}").status_code == 404
    mine = f"/reviews/{other.review.id}/certainty/{case.analysis.id}"
    assert stranger.get(mine).status_code == 404


def test_the_api_rates_and_reads(db, path, review, case, client):
    head = {"Authorization": f"Bearer {create_token(db, review.statistician.user, 'robot')}"}
    db.commit()
    one = path.replace("/reviews", "/api/v1/reviews") + f"/{case.analysis.id}"
    wrong = client.put(one, json={"steps": {"imprecision": {"steps": 1}}}, headers=head)
    assert (wrong.status_code, wrong.json["code"]) == (422, "footnote-required")
    client.put(f"{one}/risk", json={"per_1000": 200, "source": "Median"}, headers=head)
    steps = {"imprecision": {"steps": 1, "footnote": "Forty events"}}
    done = client.put(one, json={"steps": steps}, headers=head)
    assert done.json["certainty"] == "Moderate"
    assert done.json["absolute"][0]["effect"]["diff"] == pytest.approx(100)


def test_progress_and_tasks_follow_the_newest_run(db, review, case, app):
    from reviewtool.certainty import services
    from reviewtool.certainty.progress import progress, tasks
    from reviewtool.certainty.rules.level import Design
    from tests.certainty.conftest import run

    with app.test_request_context():
        assert progress(db, review.statistician) == (0, 1)
        assert [words for words, _ in tasks(db, review.statistician)] == ["1 result to rate"]
        assert tasks(db, review.ben) == []
        line = queries.line(db, review.statistician, case.analysis.id)
        services.rate(db, review.statistician, line, Design.RANDOMISED, {})
        assert progress(db, review.statistician) == (1, 1)
        run(db, case.analysis, case.studies)
        assert progress(db, review.statistician) == (0, 1)


def test_a_further_assumed_risk_stands_beside_the_first(path, review, case, sign_in):
    fay = sign_in(review.statistician)
    fay.post(f"{path}/{case.analysis.id}/risk", data={"source": "median"})
    more = {"relative_risk_reduction": "25", "other_risks": "High risk; 300; Cohort 2019"}
    assert fay.post(f"{path}/{case.analysis.id}/details", data=more).status_code == 303
    page = text(fay.get(f"{path}/{case.analysis.id}"))
    assert "High risk 300 per 1000 (Cohort 2019)" in page
    assert "150 more per 1000 (from 30 more to 330 more)" in page
    bad = {"relative_risk_reduction": "25", "other_risks": "High risk; many"}
    refused = fay.post(f"{path}/{case.analysis.id}/details", data=bad)
    assert refused.status_code == 422
    assert "needs a name" in refused.text
