"""Risk-of-bias pages as browsers get them."""

import re

import pytest

from reviewtool.bias import queries, services
from reviewtool.team.services import create_token
from tests import build
from tests.bias.conftest import LOW, SOME_D1, a_study, assess

HTMX = {"HX-Request": "true"}


@pytest.fixture
def path(db, review, key):
    db.commit()
    return f"/reviews/{review.review.id}/bias"


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def begin(client, path, key):
    response = client.post(
        f"{path}/results/{key.study_id}/{key.outcome_id}/start",
        data={"instrument": "rob2", "variant": "assignment"},
    )
    assert response.status_code == 303, response.text
    return response.location


def test_a_review_without_results_says_what_will_be_here(db, review, sign_in):
    db.commit()
    page = sign_in(review.ann).get(f"/reviews/{review.review.id}/bias/")
    assert "will be here" in page.text


def test_the_table_lists_each_study_and_what_can_be_done(path, review, sign_in):
    page = sign_in(review.ben).get(f"{path}/")
    assert "Visser 1996" in page.text
    assert "0 of 2" in page.text
    assert ">Assess<" in page.text
    assert ">Assess<" not in sign_in(review.observer).get(f"{path}/").text


def test_an_unknown_outcome_is_not_found(path, review, sign_in):
    assert sign_in(review.ben).get(f"{path}/?outcome=999999").status_code == 404


def test_the_set_up_starts_from_the_extracted_numbers(path, review, key, sign_in):
    page = sign_in(review.ben).get(f"{path}/results/{key.study_id}/{key.outcome_id}/start")
    assert "acupuncture 10 of 50; sham 10 of 50" in page.text


def test_adhering_without_a_type_of_deviation_is_sent_back(path, review, key, sign_in):
    page = sign_in(review.ben).post(
        f"{path}/results/{key.study_id}/{key.outcome_id}/start",
        data={"instrument": "rob2", "variant": "adhering"},
    )
    assert page.status_code == 422
    assert "at least one type" in page.text


def test_answers_open_further_questions_and_the_proposal_appears(path, review, key, sign_in):
    ben = sign_in(review.ben)
    copy = begin(ben, path, key)
    assert "question-3.2" not in ben.get(copy).text
    first = ben.post(f"{copy}/domains/D3", data={"q-3.1": "N", "part": "live"}, headers=HTMX)
    assert "question-3.2" in first.text
    assert 'id="overall"' in first.text
    second = ben.post(
        f"{copy}/domains/D3", data={"q-3.1": "N", "q-3.2": "Y", "part": "live"}, headers=HTMX
    )
    assert "Proposed: Low" in text(second)
    closed = ben.post(
        f"{copy}/domains/D3", data={"q-3.1": "Y", "q-3.2": "Y", "part": "live"}, headers=HTMX
    )
    assert "question-3.2" not in closed.text


def test_the_same_works_without_javascript(path, review, key, sign_in):
    ben = sign_in(review.ben)
    copy = begin(ben, path, key)
    done = ben.post(f"{copy}/domains/D3", data={"q-3.1": "N", "q-3.2": ""})
    assert done.status_code == 303
    assert "question-3.2" in ben.get(copy).text


def test_support_is_stored_without_redrawing_the_domain(path, review, key, sign_in, db):
    ben = sign_in(review.ben)
    copy = begin(ben, path, key)
    said = {"q-1.1": "Y", "support-1.1": "By computer", "quote-1.1": "random", "page-1.1": "4"}
    answer = ben.post(f"{copy}/domains/D1", data={**said, "part": "text"}, headers=HTMX)
    assert "<form" not in answer.text
    assert "Stored" in answer.text
    assert "By computer" in ben.get(copy).text


def test_an_override_without_a_reason_is_sent_back_with_the_choice_kept(path, review, key, sign_in):
    ben = sign_in(review.ben)
    copy = begin(ben, path, key)
    answers = {f"q-{q}": code for q, code in LOW["D1"].items()}
    refused = ben.post(f"{copy}/domains/D1", data={**answers, "final": "High"}, headers=HTMX)
    assert refused.status_code == 422
    assert "say why your judgement differs" in refused.text
    assert "<option selected>High" in refused.text
    stored = ben.post(
        f"{copy}/domains/D1", data={**answers, "final": "High", "reason": "Torn envelopes"}
    )
    assert stored.status_code == 303
    assert "you judged High" in text(ben.get(copy))


def test_a_radio_does_not_trip_over_an_override_being_written(path, review, key, sign_in):
    ben = sign_in(review.ben)
    copy = begin(ben, path, key)
    answers = {f"q-{q}": code for q, code in LOW["D1"].items()}
    live = ben.post(
        f"{copy}/domains/D1",
        data={**answers, "final": "High", "reason": "", "part": "live"},
        headers=HTMX,
    )
    assert live.status_code == 200
    assert "<option selected>High" in live.text


def test_an_unknown_answer_is_refused_in_words(path, review, key, sign_in):
    ben = sign_in(review.ben)
    copy = begin(ben, path, key)
    refused = ben.post(f"{copy}/domains/D3", data={"q-3.1": "maybe"})
    assert refused.status_code == 422
    assert "3.1" in refused.text


def test_a_colleagues_copy_answers_404_until_both_are_done(db, path, review, key, sign_in):
    ben = sign_in(review.ben)
    copy = begin(ben, path, key)
    for who in (review.cem, review.ann, review.observer):
        client = sign_in(who)
        assert client.get(copy).status_code == 404
        assert client.post(f"{copy}/domains/D1", data={"q-1.1": "Y"}).status_code == 404
        number = copy.rsplit("/", 1)[1]
        api = f"/api/v1/reviews/{review.review.id}/bias"
        assert client.get(f"{api}/{number}").status_code == 404
        (result,) = client.get(f"{api}/").json["results"]
        assert result["assessments"] == []


def test_a_stranger_gets_404_everywhere(db, path, review, key, sign_in):
    other = build.team(db, "Elsewhere")
    copy = assess(db, review.ben, key)
    db.commit()
    stranger = sign_in(other.ann)
    for page in (
        "/",
        "/new",
        "/robvis.csv",
        f"/assessments/{copy.id}",
        f"/results/{key.study_id}/{key.outcome_id}/start",
    ):
        assert stranger.get(path + page).status_code == 404, page


def test_two_copies_are_compared_agreed_and_shown_as_lights(db, path, review, key, sign_in):
    assess(db, review.ben, key)
    assess(db, review.cem, key, {"D1": SOME_D1})
    db.commit()
    ann = sign_in(review.ann)
    assert "Compare and agree" in ann.get(f"{path}/").text
    done = ann.post(f"{path}/results/{key.study_id}/{key.outcome_id}/agree")
    copy = done.location
    page = ann.get(copy)
    assert "Both: yes" in text(page)
    assert "Ben" in page.text
    assert "No information" in page.text
    for original in re.findall(r'href="([^"]+)">Assessment by', page.text):
        assert ann.get(original).status_code == 200
        assert "Store D1" not in ann.get(original).text
    assert "Assessment by Ben" in page.text
    assert ann.post(f"{copy}/finish").status_code == 422
    ann.post(f"{copy}/domains/D1", data={"q-1.2": "NI"})
    assert ann.post(f"{copy}/finish").status_code == 303
    table = ann.get(f"{path}/")
    assert "1 of 1 result agreed" in text(table)
    csv = ann.get(f"{path}/robvis.csv").text.splitlines()
    assert csv[0] == "Study,D1,D2,D3,D4,D5,Overall,Weight"
    assert csv[1] == "Visser 1996,Some concerns,Low,Low,Low,Low,Some concerns,1"


def test_several_concerns_are_put_to_the_assessor_on_the_page(db, path, review, key, sign_in):
    copy = services.start(db, review.ben, key)
    for domain, answers in {**LOW, "D1": SOME_D1}.items():
        services.save_domain(db, review.ben, copy, domain, answers)
    services.save_domain(db, review.ben, copy, "D5", {"5.1": "N"})
    db.commit()
    ben = sign_in(review.ben)
    page = ben.get(f"{path}/assessments/{copy.id}")
    assert "Several domains raise some concerns" in page.text
    assert "Keep Some concerns" in page.text
    refused = ben.post(f"{path}/assessments/{copy.id}/overall", data={"final": "High"})
    assert refused.status_code == 422
    kept = ben.post(f"{path}/assessments/{copy.id}/overall", data={"final": "Some concerns"})
    assert kept.status_code == 303
    assert ben.post(f"{path}/assessments/{copy.id}/finish").status_code == 303


def test_another_result_can_be_chosen_before_extraction_is_agreed(
    db, path, review, outcome, sign_in
):
    pain = build.outcome(db, review.review, "Pain at 24 hours")
    study = a_study(db, review.review.id, "Adams 2001", outcome.id)
    db.commit()
    sent = sign_in(review.ben).post(
        f"{path}/new", data={"study": study.id, "outcome": pain.id, "timepoint": "24 h"}
    )
    assert sent.status_code == 303
    assert "timepoint=24" in sent.location


def test_the_api_takes_an_assessment_from_start_to_finish(db, path, review, key, client):
    head = {"Authorization": f"Bearer {create_token(db, review.ben.user, 'robot')}"}
    db.commit()
    api = path.replace("/reviews", "/api/v1/reviews")
    result = {"study_id": key.study_id, "outcome_id": key.outcome_id}
    copy = client.post(f"{api}/", json=result, headers=head)
    assert copy.status_code == 201
    one = f"{api}/{copy.json['id']}"
    wrong = {"answers": {"3.1": "N", "3.2": "NI"}}
    refused = client.put(f"{one}/domains/D3", json=wrong, headers=head)
    assert refused.status_code == 422
    assert refused.json["code"] == "invalid-answer"
    for domain, answers in LOW.items():
        body = {"answers": answers}
        assert client.put(f"{one}/domains/{domain}", json=body, headers=head).status_code == 200
    done = client.post(f"{one}/finish", headers=head).json
    assert done["state"] == "done"
    assert {j["domain"]: j["final"] for j in done["judgements"]}["overall"] == "Low"


def test_progress_counts_agreed_results(db, review, key):
    from reviewtool.bias.progress import progress

    assert progress(db, review.ann) == (0, 1)
    assess(db, review.ben, key)
    assess(db, review.cem, key)
    services.finish(db, review.ann, services.agree(db, review.ann, key))
    assert progress(db, review.ann) == (1, 1)


def test_open_work_is_a_task_of_who_can_do_it(db, review, key, app):
    from reviewtool.bias.progress import tasks

    with app.test_request_context():
        services.start(db, review.ben, key)
        assert [words for words, _ in tasks(db, review.ben)] == [
            "1 risk-of-bias assessment to finish"
        ]
        assert tasks(db, review.observer) == []
        queries.target(db, review.ben, key)
        copy = queries.target(db, review.ben, key).mine(review.ben)
        for domain, answers in LOW.items():
            services.save_domain(db, review.ben, copy, domain, answers)
        services.finish(db, review.ben, copy)
        assess(db, review.cem, key)
        assert [words for words, _ in tasks(db, review.ann)] == [
            "1 pair of assessments to agree on"
        ]


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "tiff"])
def test_the_lights_are_drawn_as_a_file(db, path, review, key, sign_in, form):
    assess(db, review.ben, key)
    assess(db, review.cem, key)
    services.finish(db, review.ann, services.agree(db, review.ann, key))
    db.commit()
    for drawing in ("lights", "summary"):
        found = sign_in(review.observer).get(f"{path}/{drawing}.{form}")
        assert found.status_code == 200
        assert len(found.data) > 1000


def test_nothing_is_drawn_before_anything_is_agreed(path, review, sign_in):
    assert sign_in(review.ann).get(f"{path}/lights.svg").status_code == 422


def test_a_study_that_was_not_randomised_is_judged_by_the_assessor(path, review, key, sign_in):
    ben = sign_in(review.ben)
    begun = ben.post(
        f"{path}/results/{key.study_id}/{key.outcome_id}/start",
        data={"instrument": "robins_i", "variant": "adhering"},
    )
    assert begun.status_code == 303
    copy = begun.location
    ben.post(f"{copy}/domains/D3", data={"q-3.1": "Y", "q-3.2": "Y", "q-3.3": "N"})
    assert "judge by its criteria" in ben.get(copy).text
    assert ben.post(f"{copy}/domains/D3", data={"final": "Moderate"}).status_code == 303
    assert "Moderate" in ben.get(copy).text
