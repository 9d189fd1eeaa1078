"""Extraction over JSON: what is asked for each kind of numbers, and names of treatments."""

from reviewtool.extraction import services
from reviewtool.protocol.models import OutcomeKind
from tests import build
from tests.extraction import people


def test_the_form_says_which_cells_each_kind_of_outcome_has(db, review, sign_in):
    build.outcome(db, review.review, "Falls", kind=OutcomeKind.RATE, measure="IRR")
    build.outcome(db, review.review, "Change", kind=OutcomeKind.CHANGE, measure="SMCR")
    services.fields.add_usual(db, review.ann)
    db.commit()
    path = f"/api/v1/reviews/{review.review.id}/extraction/form"
    shown = sign_in(review.ben).get(path).json
    falls, change = shown["outcomes"]
    assert falls["parts"] == {"events": "Events", "time": "Person-time"}
    assert (falls["takes_estimates"], change["takes_estimates"]) == (True, False)
    assert "sd" not in change["needed"]
    assert shown["least_arms"] == 1
    assert {one["key"] for one in shown["characteristics"]} >= {"country", "mean_age"}


def test_cells_of_a_rate_are_stored_and_impossible_ones_refused(db, review, sign_in):
    falls = build.outcome(db, review.review, "Falls", kind=OutcomeKind.RATE, measure="IRR")
    copy = services.copies.take(db, review.ben, people.study(db, review))
    db.commit()
    cells = {
        f"result.{falls.id}..1.events": {"value": "12"},
        f"result.{falls.id}..1.time": {"value": "0"},
    }
    path = f"/api/v1/reviews/{review.review.id}/extraction/copies/{copy.id}/cells"
    saved = sign_in(review.ben).put(path, json={"cells": cells}).json
    assert saved["stored"] == [f"result.{falls.id}..1.events"]
    assert "above 0" in saved["refused"][f"result.{falls.id}..1.time"]


def test_a_stray_treatment_is_listed_and_called_by_its_name(db, review, sign_in):
    outcome = build.outcome(db, review.review, "Pain free", measure="OR")
    build.comparison(db, review.review, ("sumatriptan",), ("placebo",))
    study = people.study(db, review)
    cells = people.numbers(outcome) | {"arm.1.treatment": "sumatripan"}
    for member in (review.ben, review.cem):
        people.filled(db, member, study, cells)
    services.agreeing.complete(db, review.dora, services.agreeing.begin(db, review.dora, study))
    db.commit()
    path = f"/api/v1/reviews/{review.review.id}/extraction/treatments"
    dora = sign_in(review.dora)
    (one,) = dora.get(path).json["treatments"]
    assert (one["name"], one["alike"]) == ("sumatripan", ["sumatriptan"])
    left = dora.post(path, json={"found": "sumatripan", "name": "sumatriptan"})
    assert left.json == {"treatments": []}
