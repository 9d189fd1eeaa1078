"""Whoever is not in an analysis is named with the reason, on pages, in the API and in exports."""

import csv
import io
import json
import re

import pytest

from reviewtool.reporting.exports import EXPORTS
from reviewtool.synthesis import services
from reviewtool.synthesis.sheets.standing import Left, Standing
from reviewtool.team.services import create_token
from tests import build
from tests.synthesis.conftest import agree, counts, line, trial


@pytest.fixture
def mixed(db, review, outcome, trials):
    """Three usable trials, one without events, one of other treatments, one without a result."""
    everybody = [
        *trials,
        trial(db, outcome, "Quiet 2009", counts((0, 30), (0, 31))),
        trial(db, outcome, "Elsewhere 2010", {"diet": {"events": 3, "total": 9}}),
        trial(db, outcome, "Silent 2011", {"acupuncture": {}, "sham": {}}),
    ]
    for study in everybody:
        agree(db, review.ann, study)
    db.commit()
    return line(db, review)


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.get_data(as_text=True)))


def test_the_page_names_each_study_with_its_reason(db, review, mixed, sign_in):
    path = f"/reviews/{review.review.id}/synthesis/{mixed.analysis.id}"
    page = sign_in(review.observer).get(path)
    said = words(page)
    assert "Current; 1 study left out, 1 study not in this comparison, 1 without a result" in said
    assert "Left out of this analysis" in said
    assert re.search(r"Quiet 2009 ?No events in either arm\.", said)
    assert re.search(r"Elsewhere 2010 ?No group with a result received acupuncture", said)
    assert "1 study reports no result for this outcome" in said
    assert "Silent 2011" in said


def test_the_list_never_says_current_alone(db, review, mixed, sign_in):
    said = words(sign_in(review.observer).get(f"/reviews/{review.review.id}/synthesis/"))
    assert "Current; 1 study left out; 1 study not in this comparison, 1 without a result" in said


def test_an_analysis_of_everybody_is_simply_current(db, review, trials, sign_in):
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    found = line(db, review)
    page = sign_in(review.observer).get(
        f"/reviews/{review.review.id}/synthesis/{found.analysis.id}"
    )
    assert "left out" not in words(page).lower()
    assert Standing.of(found.analysis, found.run.result).words == "Current"


def test_the_api_names_them_too_and_loses_nobody(db, review, mixed, client):
    head = {"Authorization": f"Bearer {create_token(db, review.statistician.user, 'robot')}"}
    db.commit()
    path = f"/api/v1/reviews/{review.review.id}/analyses/"
    (short,) = client.get(path, headers=head).json["analyses"]
    assert (
        short["standing"]
        == "Current; 1 study left out, 1 study not in this comparison, 1 without a result"
    )
    reasons = {one["label"]: (one["stage"], one["reason"]) for one in short["left_out"]}
    assert reasons["Quiet 2009"] == ("numbers", "no events in either arm")
    assert reasons["Elsewhere 2010"][0] == "comparison"
    assert reasons["Silent 2011"][0] == "unreported"
    whole = client.get(f"{path}{mixed.analysis.id}", headers=head).json
    pooled = {one["study_id"] for one in whole["run"]["result"]["studies"]}
    named = {one["study_id"] for one in whole["left_out"]}
    assert (len(pooled), len(named), pooled & named) == (3, 3, set())
    assert whole["studies"] == 3
    assert whole["natural"]["estimate"] == pytest.approx(2.56, abs=0.01)


def test_the_api_describes_results_as_they_are(client):
    document = client.get("/api/v1/openapi.json").get_json()
    path = "/api/v1/reviews/{review_id}/analyses/{analysis_id}"
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    text = json.dumps(schema) + json.dumps(document["components"]["schemas"])
    for name in ("PairwiseResult", "NetworkResult", "LeftOut", "StudyEffect"):
        assert name in text


def test_exports_carry_them_and_the_natural_scale(db, review, mixed):
    def exported(key):
        return next(e for e in EXPORTS if e.key == key).write(db, review.observer)

    (row,) = csv.DictReader(io.StringIO(exported("analyses").decode("utf-8-sig")))
    assert "Quiet 2009: no events in either arm" in row["left_out"]
    assert float(row["natural_estimate"]) == pytest.approx(2.56, abs=0.01)
    assert float(row["estimate"]) == pytest.approx(0.94, abs=0.01)
    assert (row["k"], row["studies"]) == ("3", "3")
    (analysis,) = json.loads(exported("analyses_json"))["analyses"]
    assert {one["label"] for one in analysis["result"]["left_out"]} == {
        "Quiet 2009",
        "Elsewhere 2010",
        "Silent 2011",
    }
    (findings,) = csv.DictReader(io.StringIO(exported("certainty").decode("utf-8-sig")))
    assert findings["left_out"] == "Quiet 2009: no events in either arm"
    assert findings["effect"].startswith("OR 2.56 (95\u202f% CI")


def test_a_single_study_is_never_called_pooled(db, review, outcome, sign_in):
    agree(db, review.ann, trial(db, outcome, "Only 2001", counts((14, 40), (6, 41))))
    db.commit()
    found = line(db, review)
    path = f"/reviews/{review.review.id}"
    browser = sign_in(review.statistician)
    for address in (
        f"/synthesis/{found.analysis.id}",
        "/synthesis/",
        "/certainty/",
        f"/certainty/{found.analysis.id}",
    ):
        said = words(browser.get(path + address)).lower()
        said = said.replace("nothing is pooled", "").replace("not pooled", "")
        assert "pooled" not in said, address
    said = words(browser.get(f"{path}/synthesis/{found.analysis.id}"))
    assert "Prediction interval" not in said
    assert "I²" not in said


def test_a_reported_effect_is_marked_beside_computed_ones(db, review, outcome, trials, sign_in):
    outcome.measure = "OR"
    arms = {"acupuncture": {"estimate": 0.6, "se": 0.3}, "sham": {}}
    study = trial(db, outcome, "Reported 2012", arms, contrast=True)
    for one in (*trials, study):
        agree(db, review.ann, one)
    db.commit()
    found = line(db, review)
    said = words(
        sign_in(review.observer).get(f"/reviews/{review.review.id}/synthesis/{found.analysis.id}")
    )
    assert "4 studies, 3 effects computed, 1 as reported" in said
    assert re.search(r"Reported 2012 1\.82 1\.01 to 3\.28 [\d.]+ % as reported", said)


def test_a_network_page_says_who_was_left_out_and_which_direction_is_good(
    db, review, outcome, mixed, sign_in
):
    build.analysis(db, outcome, mixed.comparison, kind="network", position=1)
    services.refresh(db, review.ann, review.review.id, "the plan changed")
    db.commit()
    found = line(db, review, "network")
    page = sign_in(review.observer).get(
        f"/reviews/{review.review.id}/synthesis/{found.analysis.id}"
    )
    said = words(page)
    assert "Current; 1 study left out, 1 study not in this comparison, 1 without a result" in said
    assert "Quiet 2009" in said
    assert "higher is better, as planned" in said
    assert Left.of(found.run.result).urgent == "1 study left out"
