"""The protocol: a draft, then version 1.0, then dated amendments."""

from datetime import date

import pytest

from reviewtool.errors import Conflict, Forbidden
from reviewtool.protocol import queries, rules, services
from reviewtool.protocol.models import PlannedAnalysis, PlannedOutcome
from reviewtool.protocol.rules import AmendmentReasonRequired, NotReady, Why
from reviewtool.protocol.rules.document import SECTIONS
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
        {"name": "Pain", "kind": "continuous", "role": "primary"},
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
