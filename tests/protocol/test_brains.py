"""Brain coordinates and their maps in the plan: what fits, what is refused, by every door."""

import pytest

from reviewtool.errors import Conflict
from reviewtool.extraction import services as extraction
from reviewtool.protocol import rules, services
from reviewtool.protocol.models import PlannedAnalysis, PlannedComparison, PlannedOutcome
from reviewtool.protocol.rules.fitting import DoesNotFit
from tests.extraction import people


def save(db, actor, model, **values):
    return services.save_row(db, actor, model(), values)


@pytest.fixture
def outcome(db, review):
    return save(
        db,
        review.ann,
        PlannedOutcome,
        name="Grey matter",
        kind="coordinates",
        modality="structural",
        direction="decrease",
    )


@pytest.fixture
def pair(db, review):
    return save(
        db,
        review.ann,
        PlannedComparison,
        name="Pain against none",
        experimental=["chronic pain"],
        comparator=["none"],
    )


def analysis(db, review, outcome, pair, **values):
    values = {"kind": "coordinates", **values}
    return save(
        db, review.ann, PlannedAnalysis, outcome_id=outcome.id, comparison_id=pair.id, **values
    )


def test_coordinates_have_modality_and_direction_and_no_measure(outcome):
    assert (outcome.measure, outcome.modality, outcome.direction) == ("", "structural", "decrease")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "coordinates", "measure": "OR"}, "measure"),
        ({"kind": "coordinates", "modality": "x-ray"}, "modality"),
        ({"kind": "coordinates", "direction": "sideways"}, "direction"),
        ({"kind": "continuous", "modality": "structural", "lower_is_better": True}, "modality"),
    ],
)
def test_what_does_not_go_with_coordinates_is_refused(db, review, values, field):
    with pytest.raises(DoesNotFit) as refused:
        save(db, review.ann, PlannedOutcome, name="Odd", **values)
    assert [one.field for one in refused.value.misfits] == [field]


def test_a_map_is_planned_with_usual_choices(db, review, outcome, pair):
    row = analysis(db, review, outcome, pair)
    assert (row.map["algorithm"], row.map["draws"], row.map["seed"]) == ("ALE", 1000, 1)
    assert row.measure == ""
    said = rules.section_text({"analyses": [{"name": "Map", **row.model_dump()}]}, "analyses")
    assert "ALE, cluster-level FWE 0.05 (voxels p < 0.001), 1000 draws, seed 1" in said


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "pairwise"}, "kind"),
        ({"measure": "MD"}, "measure"),
        ({"subgroup": "bias"}, "subgroup"),
        ({"map": {"draws": 10}}, "draws"),
        ({"map": {"draws": 1e9}}, "draws"),
        ({"map": {"seed": -1}}, "seed"),
        ({"map": {"algorithm": "SDM"}}, "algorithm"),
        ({"map": {"correction": "hope"}}, "correction"),
        ({"map": {"forming": 0.5}}, "forming"),
        ({"map": {"level": 0}}, "level"),
        ({"map": {"colour": "red"}}, "map"),
        ({"map": {"combine": "conjunction"}}, "other_id"),
        ({"map": {"combine": "conjunction", "other_id": 999}}, "other_id"),
        ({"map": {"combine": "contrast", "other_id": 1, "correction": "fdr"}}, "correction"),
    ],
)
def test_a_map_that_cannot_be_is_refused_beside_its_field(db, review, outcome, pair, values, field):
    with pytest.raises(DoesNotFit) as refused:
        analysis(db, review, outcome, pair, **values)
    assert field in {one.field for one in refused.value.misfits}


def test_numbers_do_not_become_a_map(db, review, pair):
    pain = save(
        db, review.ann, PlannedOutcome, name="Pain", kind="continuous", lower_is_better=True
    )
    with pytest.raises(DoesNotFit, match="a brain map needs coordinates"):
        analysis(db, review, pain, pair)


def test_a_map_that_another_one_uses_stays(db, review, outcome, pair):
    first = analysis(db, review, outcome, pair)
    second = analysis(
        db, review, outcome, pair, map={"combine": "conjunction", "other_id": first.id}
    )
    with pytest.raises(Conflict, match="uses this map"):
        services.remove_row(db, review.ann, first)
    with pytest.raises(DoesNotFit, match="made of two itself"):
        analysis(db, review, outcome, pair, map={"combine": "conjunction", "other_id": second.id})
    services.remove_row(db, review.ann, second)
    services.remove_row(db, review.ann, first)


def test_an_outcome_with_foci_keeps_its_kind(db, review, outcome):
    study = people.study(db, review)
    copy = extraction.copies.take(db, review.ben, study)
    extraction.foci.take_in(db, review.ben, copy, "1 2 3")
    with pytest.raises(Conflict, match="Visser 1996"):
        services.save_row(
            db, review.ann, outcome, {"kind": "continuous", "modality": "", "direction": ""}
        )


def test_the_page_plans_a_map_and_says_it_in_words(db, review, outcome, pair, sign_in):
    ann, base = sign_in(review.ann), f"/reviews/{review.review.id}/protocol"
    page = ann.get(f"{base}/analyses/new").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    sent = {
        "csrf_token": token,
        "outcome_id": outcome.id,
        "comparison_id": pair.id,
        "kind": "coordinates",
        "algorithm": "MKDA",
        "correction": "voxel",
        "draws": "5000",
        "seed": "42",
    }
    assert ann.post(f"{base}/analyses/new", data={**sent, "draws": "5"}).status_code == 422
    assert ann.post(f"{base}/analyses/new", data=sent).status_code == 303
    told = ann.get(f"{base}/").text
    assert "MKDA, voxel-level FWE 0.05, 5000 draws, seed 42" in told
    assert "structural, decrease" in told
    row = ann.get(f"{base}/analyses/1").text
    assert 'value="5000"' in row


def test_the_api_plans_an_outcome_of_coordinates_and_its_map(db, review, pair, sign_in):
    ann, base = sign_in(review.ann), f"/api/v1/reviews/{review.review.id}/protocol"
    page = ann.get(f"/reviews/{review.review.id}/protocol/outcomes/new").text
    headers = {"X-CSRFToken": page.split('name="csrf_token" value="')[1].split('"')[0]}
    body = {"name": "Activation", "kind": "coordinates", "direction": "increase"}
    made = ann.post(f"{base}/outcomes", json=body, headers=headers)
    assert made.status_code == 201, made.text
    plan = {
        "outcome_id": made.json["id"],
        "comparison_id": pair.id,
        "kind": "coordinates",
        "map": {"draws": 2000, "seed": 3},
    }
    planned = ann.post(f"{base}/analyses", json=plan, headers=headers)
    assert planned.status_code == 201, planned.text
    assert (planned.json["map"]["draws"], planned.json["map"]["algorithm"]) == (2000, "ALE")
    plan["map"] = {"draws": 3}
    refused = ann.post(f"{base}/analyses", json=plan, headers=headers)
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["draws"])
