"""The protocol: a draft, then version 1.0, then dated amendments."""

from datetime import date

import pytest

from reviewtool.errors import Conflict, Forbidden
from reviewtool.extraction.services import copies, fields, studies
from reviewtool.protocol import queries, rules, services
from reviewtool.protocol.models import (
    OutcomeKind,
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
)
from reviewtool.protocol.rules import AmendmentReasonRequired, NotReady, Why
from reviewtool.protocol.rules.document import SECTIONS
from reviewtool.protocol.rules.fitting import DoesNotFit
from tests import build


@pytest.fixture
def complete(db, review):
    """A protocol with every required field and one main outcome."""
    for section in SECTIONS:
        values = {f.key: f"{f.label} text" for f in section.fields if f.required}
        if values:
            services.save_section(db, review.ann, section.key, values)
    services.save_row(
        db,
        review.ann,
        PlannedOutcome(),
        {"name": "Pain", "kind": "continuous", "role": "primary", "lower_is_better": True},
    )
    return review


def register(db, team):
    return services.register(db, team.ann, "PROSPERO", "CRD420261", date(2026, 2, 1))


def test_an_incomplete_protocol_names_what_is_missing(db, review):
    with pytest.raises(NotReady, match="Review title.*Main outcomes"):
        register(db, review)


def test_registering_freezes_version_one(db, complete):
    register(db, complete)
    version = queries.version(db, complete.ann, "1.0")
    assert version.content["outcomes"][0]["name"] == "Pain"
    assert version.content_hash == rules.content_hash(version.content)
    with pytest.raises(Conflict):
        register(db, complete)


def test_a_registered_protocol_changes_only_with_a_reason(db, complete):
    register(db, complete)
    with pytest.raises(AmendmentReasonRequired):
        services.save_section(db, complete.ann, "eligibility", {"population": "Adults"})


def test_an_amendment_keeps_old_and_new_and_the_old_version_stays_readable(db, complete):
    register(db, complete)
    services.save_section(
        db,
        complete.ann,
        "eligibility",
        {"population": "Adults only"},
        Why("Children respond otherwise"),
    )
    (amendment,) = queries.amendments(db, complete.ann)
    assert (amendment.from_version, amendment.to_version) == ("1.0", "2.0")
    assert "Adults only" in amendment.new_text
    assert "Adults only" not in amendment.old_text
    old, new = queries.versions(db, complete.ann)
    changed = {
        label: rows for label, rows, _ in rules.differences(old.content, new.content) if rows
    }
    assert list(changed) == ["Eligibility"]


def test_a_change_of_contact_is_a_minor_version(db, complete):
    register(db, complete)
    services.save_section(db, complete.ann, "people", {"contact_name": "Ben"}, Why("Ann left"))
    assert queries.versions(db, complete.ann)[-1].number == "1.1"


def test_saving_the_same_again_amends_nothing(db, complete):
    register(db, complete)
    title = queries.protocol(db, complete.review.id).document["title"]
    services.save_section(db, complete.ann, "question", {"title": title})
    assert len(queries.versions(db, complete.ann)) == 1


def test_a_post_hoc_analysis_is_no_amendment(db, complete):
    register(db, complete)
    outcome = queries.outcomes(db, complete.review.id)[0]
    comparison = build.comparison(db, complete.review)
    services.save_row(
        db,
        complete.statistician,
        PlannedAnalysis(),
        {"outcome_id": outcome.id, "comparison_id": comparison.id, "post_hoc": True},
    )
    assert queries.amendments(db, complete.ann) == []


def test_an_outcome_in_use_cannot_be_removed(db, complete):
    outcome = queries.outcomes(db, complete.review.id)[0]
    build.analysis(db, outcome, build.comparison(db, complete.review))
    with pytest.raises(Conflict, match="Pain"):
        services.remove_row(db, complete.ann, outcome)


def test_a_reviewer_cannot_edit(db, review):
    with pytest.raises(Forbidden):
        services.save_section(db, review.ben, "question", {"title": "x"})


def outcome(db, team, name="Pain", **values):
    values = {"kind": "continuous", "role": "primary", "lower_is_better": True} | values
    return services.save_row(db, team.ann, PlannedOutcome(), {"name": name, **values})


def pair(db, team, experimental=("a",), comparator=("b",)):
    values = {"name": "Pair", "experimental": list(experimental), "comparator": list(comparator)}
    return services.save_row(db, team.ann, PlannedComparison(), values)


def analysis(db, team, of, pair, **values):
    values = {"outcome_id": of.id, "comparison_id": pair.id} | values
    return services.save_row(db, team.ann, PlannedAnalysis(), values)


def test_an_outcome_without_a_measure_gets_the_usual_one(db, review):
    assert outcome(db, review).measure == "MD"
    assert outcome(db, review, "Falls", kind="rate").measure == "IRR"
    assert outcome(db, review, "Death", kind="dichotomous", measure="rr").measure == "RR"


def test_an_odds_ratio_for_a_pain_score_is_refused_by_the_service(db, review):
    with pytest.raises(DoesNotFit, match="does not fit “Pain”") as refused:
        outcome(db, review, measure="OR")
    assert list(refused.value.details["fields"]) == ["measure"]
    with pytest.raises(DoesNotFit, match="does not fit “Pain”"):
        analysis(db, review, outcome(db, review), pair(db, review), measure="OR")


def test_the_direction_that_is_good_is_said_for_every_new_outcome(db, review):
    with pytest.raises(DoesNotFit, match="lower or higher values of “Pain” are better"):
        outcome(db, review, lower_is_better=None)


def test_an_analysis_takes_the_measure_of_its_outcome(db, review):
    death = outcome(db, review, "Death", kind="dichotomous", measure="RR")
    assert analysis(db, review, death, pair(db, review)).measure == "RR"
    alone = analysis(db, review, death, pair(db, review, comparator=()))
    assert alone.measure == "PLO"


def test_subgroups_and_moderators_are_names_of_the_extraction_form(db, review):
    pain, both = outcome(db, review), pair(db, review)
    with pytest.raises(DoesNotFit, match=r"“mean_age”.*treatment, bias"):
        analysis(db, review, pain, both, subgroup="mean_age")
    fields.add_usual(db, review.ann)
    assert analysis(db, review, pain, both, moderators=["mean_age", "year"]).moderators
    with pytest.raises(DoesNotFit, match="no number"):
        analysis(db, review, pain, both, moderators=["country"])
    with pytest.raises(DoesNotFit, match="time point"):
        analysis(db, review, pain, both, timepoint="3 months")


def test_a_kind_that_analyses_depend_on_is_not_changed_in_silence(db, review):
    pain = outcome(db, review, timepoints=["1 month", "3 months"])
    first = analysis(db, review, pain, pair(db, review), timepoint="3 months")
    with pytest.raises(Conflict, match="Pair, MD"):
        services.save_row(db, review.ann, pain, {"kind": "dichotomous", "measure": "OR"})
    with pytest.raises(Conflict, match="Pair at 3 months"):
        services.save_row(db, review.ann, pain, {"timepoints": ["1 month"]})
    services.save_row(db, review.ann, pain, {"measure": "SMD"})
    assert (pain.measure, first.measure) == ("SMD", "MD")
    services.remove_row(db, review.ann, first)
    services.save_row(db, review.ann, pain, {"kind": "dichotomous", "measure": "OR"})
    assert pain.kind is OutcomeKind.DICHOTOMOUS


def test_a_kind_with_extracted_values_stays(db, review):
    death = outcome(db, review, "Death", kind="dichotomous")
    study = studies.create(db, review.ann, "Lee 2001")
    copy = copies.take(db, review.ben, study)
    copies.save(db, review.ben, copy, {f"result.{death.id}..1.events": "3"})
    with pytest.raises(Conflict, match="of Lee 2001"):
        services.save_row(db, review.ann, death, {"kind": "continuous", "measure": "MD"})
    services.save_row(db, review.ann, death, {"measure": "RR"})
    copies.save(db, review.ben, copy, {f"result.{death.id}..1v2.estimate": "0.8"})
    with pytest.raises(Conflict, match="estimate of “Death” as RR was extracted from Lee 2001"):
        services.save_row(db, review.ann, death, {"measure": "OR"})


def test_comparators_stay_while_analyses_compare_two_groups(db, review):
    both = pair(db, review)
    analysis(db, review, outcome(db, review), both)
    with pytest.raises(Conflict, match="Pain, MD"):
        services.save_row(db, review.ann, both, {"comparator": []})


def test_treatments_are_kept_tidy_and_stand_on_one_side(db, review):
    assert pair(db, review, [" sham   needles "], ["none", " "]).experimental == ["sham needles"]
    with pytest.raises(DoesNotFit, match="both sides"):
        pair(db, review, ["Sham"], ["sham "])


def test_a_treatment_of_another_comparison_keeps_its_spelling(db, review):
    for name, arms, control in (
        ("First", ["Drug A"], "Placebo"),
        ("Second", ["DRUG  A", "Drug B"], "placebo "),
    ):
        values = {"name": name, "experimental": arms, "comparator": [control]}
        services.save_row(db, review.ann, PlannedComparison(), values)
    second = next(c for c in queries.comparisons(db, review.review.id) if c.name == "Second")
    assert second.experimental == ["Drug A", "Drug B"]
    assert second.comparator == ["Placebo"]


def test_two_outcomes_of_one_name_are_told_apart_or_refused(db, review):
    values = {"name": "Pain", "kind": "continuous", "lower_is_better": True}
    kept = services.save_row(db, review.ann, PlannedOutcome(), values)
    with pytest.raises(DoesNotFit, match="“Pain” is an outcome already"):
        services.save_row(db, review.ann, PlannedOutcome(), values | {"name": " pain "})
    services.save_row(db, review.ann, kept, {"definition": "VAS"})
