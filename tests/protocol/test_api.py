"""The protocol's rows over JSON: the rules of the pages, with each field named."""

import pytest

PAIN = {"name": "Pain", "kind": "continuous", "lower_is_better": True, "timepoints": ["1 month"]}


@pytest.fixture
def api(review, sign_in):
    """``api("post", "/outcomes", {...})`` as the owner."""
    browser = sign_in(review.ann)

    def send(method, path, body=None):
        where = f"/api/v1/reviews/{review.review.id}/protocol{path}"
        return getattr(browser, method)(where, json=body)

    return send


@pytest.fixture
def planned(api):
    """Ids of an outcome and a comparison."""
    pain = api("post", "/outcomes", PAIN)
    pair = api("post", "/comparisons", {"name": "P", "experimental": ["a"], "comparator": ["b"]})
    assert (pain.status_code, pair.status_code) == (201, 201)
    return {"outcome_id": pain.json["id"], "comparison_id": pair.json["id"]}


def test_an_outcome_gets_the_usual_measure_and_an_analysis_the_outcomes(api, planned):
    one = api("post", "/analyses", planned)
    assert one.status_code == 201
    assert (one.json["measure"], one.json["name"]) == ("MD", "Pain: P")
    shown = api("get", "/").json
    assert [row["measure"] for row in shown["outcomes"]] == ["MD"]
    assert len(shown["analyses"]) == 1


def test_an_odds_ratio_for_a_pain_score_is_refused_with_its_field(api, planned):
    for path, body in (("/outcomes", PAIN | {"name": "Ache"}), ("/analyses", planned)):
        refused = api("post", path, body | {"measure": "OR"})
        assert (refused.status_code, refused.json["code"]) == (422, "does-not-fit")
        assert list(refused.json["fields"]) == ["measure"]
        assert "Mean difference (MD)" in refused.json["fields"]["measure"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"method": "MH"}, "method"),
        ({"timepoint": "2 months"}, "timepoint"),
        ({"subgroup": "dose"}, "subgroup"),
        ({"moderators": ["dose"]}, "moderators"),
        ({"kind": "bayesian"}, "kind"),
        ({"level": 5}, "level"),
    ],
)
def test_what_does_not_fit_is_named(api, planned, change, field):
    refused = api("post", "/analyses", planned | change)
    assert refused.status_code == 422
    assert list(refused.json["fields"]) == [field]


def test_the_direction_must_be_said(api):
    assert api("post", "/outcomes", {"name": "Pain", "kind": "continuous"}).status_code == 422


def test_rows_are_changed_and_removed_under_the_same_rules(api, planned):
    one = api("post", "/analyses", planned).json["id"]
    outcome = f"/outcomes/{planned['outcome_id']}"
    counted = PAIN | {"kind": "dichotomous", "measure": ""}
    kept = api("put", outcome, counted)
    assert (kept.status_code, kept.json["code"]) == (409, "conflict")
    assert api("put", f"/analyses/{one}", planned | {"method": "EE"}).json["model"] == "common"
    assert api("post", f"{outcome}/remove", {}).status_code == 409
    assert api("post", f"/analyses/{one}/remove", {}).json == {"id": one}
    assert (
        api("put", outcome, PAIN | {"kind": "dichotomous", "measure": "RR"}).json["measure"] == "RR"
    )
    assert api("put", "/outcomes/999", PAIN).status_code == 404


def test_a_criterion_is_added_and_changed(api):
    made = api("post", "/criteria", {"text": "Adults"}).json
    assert made["name"] == "Include 1"
    changed = api("put", f"/criteria/{made['id']}", {"text": "Children", "include": False}).json
    assert changed["name"] == "Exclude 1"


def test_measures_say_what_they_fit(api):
    found = {one["name"]: one for one in api("get", "/measures").json["measures"]}
    assert found["IRR"]["kinds"] == ["rate", "estimate"]
    assert (found["PFT"]["groups"], found["OR"]["pools"]) == (1, ["inverse", "MH", "Peto"])


def test_an_observer_plans_nothing(review, sign_in):
    path = f"/api/v1/reviews/{review.review.id}/protocol/outcomes"
    assert sign_in(review.observer).post(path, json=PAIN).status_code == 403
