"""Votes that came along in another tool's export become votes here."""

import pytest

from reviewtool import events
from reviewtool.references.models import CarriedVote, Import
from reviewtool.screening import queries, services
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from tests import build

TITLES, FULL = Phase.TITLE_ABSTRACT, Phase.FULL_TEXT


@pytest.fixture
def imported(db, review):
    """An import row to hang carried votes on."""
    row = Import(
        review_id=review.review.id,
        search_id=build.search(db, review.review).id,
        file_name="export.csv",
        sha256="0" * 64,
    )
    db.add(row)
    db.flush()
    return row


def carry(db, imported, record, reviewer, vote, **fields):
    row = CarriedVote(
        review_id=record.review_id,
        import_id=imported.id,
        record_id=record.id,
        reviewer=reviewer,
        vote=vote,
        **fields,
    )
    db.add(row)
    db.flush()
    return row


def take(db, review, *rows, whose=None, phase=TITLES):
    brought = events.VotesBrought([row.id for row in rows], whose or {}, phase.value)
    [counts] = events.ask(db, review.ann, brought)
    return counts


def test_a_member_and_an_outsider_decide_together(db, review, record, imported):
    rows = [
        carry(db, imported, record, "ben", "include", labels=["dose"], note="Check"),
        carry(db, imported, record, "someone", "maybe"),
    ]
    counts = take(db, review, *rows, whose={"ben": review.ben.id})
    assert (counts["votes"], counts["labels"]) == (2, 1)
    assert queries.standing(db, record.id, TITLES).outcome is Outcome.INCLUDE
    assert {v.name for v in queries.votes(db, review.dora, record, TITLES)} == {"Ben", "someone"}
    assert queries.my_labels(db, review.dora, record) == ["dose"]


def test_running_twice_takes_nothing_twice(db, review, record, imported):
    row = carry(db, imported, record, "ben", "exclude")
    assert take(db, review, row, whose={"ben": review.ben.id})["votes"] == 1
    assert take(db, review, row, whose={"ben": review.ben.id})["votes"] == 0


def test_a_vote_given_here_wins_over_the_file(db, review, record, imported):
    services.decide(db, review.ben, record, Vote.EXCLUDE)
    counts = take(
        db, review, carry(db, imported, record, "b", "include"), whose={"b": review.ben.id}
    )
    assert (counts["votes"], counts["left"]) == (0, 1)
    assert queries.my_decision(db, review.ben, record.id, TITLES).vote is Vote.EXCLUDE


def test_full_text_votes_bring_their_reason_and_their_report(db, review, record, imported):
    row = carry(db, imported, record, "ben", "exclude", phase="full_text", reasons=["Wrong dose"])
    assert take(db, review, row, whose={"ben": review.ben.id})["votes"] == 1
    assert [r.label for r in queries.reasons(db, review.ann)] == ["Wrong dose"]
    assert queries.standing(db, record.id, FULL).outcome is Outcome.AWAITING_SECOND
    assert queries.votes(db, review.cem, record, FULL) == []


def test_a_record_taken_out_before_screening_takes_its_report_along(db, review, record, report):
    record.removed_reason = "other"
    db.add(record)
    events.tell(db, review.ann, events.RecordRemoved(record_id=record.id))
    assert queries.report_of(db, record.id).set_aside_at is not None
    record.removed_reason = ""
    db.add(record)
    events.tell(db, review.ann, events.RecordBroughtBack(record_id=record.id))
    assert queries.report_of(db, record.id).set_aside_at is None


def test_an_import_says_how_many_votes_hang_on_it(db, review, record, imported):
    record.import_id = imported.id
    db.add(record)
    for voter in (review.ben, review.cem):
        services.decide(db, voter, record, Vote.INCLUDE)
    [counts] = events.ask(db, review.ann, events.HangingOnImport(imported.id))
    assert counts == {"votes": 2, "reports": 1}


def test_what_a_team_decided_stands_for_every_vote(db, review, record, imported):
    row = carry(db, imported, record, "", "exclude", phase="abstract", final=True)
    assert take(db, review, row)["votes"] == 1
    assert queries.standing(db, record.id, TITLES).outcome is Outcome.EXCLUDE
    assert len(queries.votes(db, review.ann, record, TITLES)) == 2


def test_a_teams_exclusion_at_full_text_is_final_and_keeps_its_reason(db, review, record, imported):
    row = carry(
        db, imported, record, "", "exclude", phase="full_text", reasons=["Wrong drug"], final=True
    )
    take(db, review, row)
    stands = queries.standing(db, record.id, FULL)
    assert stands.outcome is Outcome.EXCLUDE
    labels = {r.id: r.label for r in queries.reasons(db, review.ann)}
    assert labels[stands.reason_id] == "Wrong drug"
    assert queries.standing(db, record.id, TITLES).outcome is Outcome.INCLUDE


def test_a_teams_decision_adds_only_the_votes_that_are_missing(db, review, record, imported):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    take(db, review, carry(db, imported, record, "", "include", final=True))
    assert len(queries.votes(db, review.ann, record, TITLES)) == 2
    later = carry(db, imported, record, "", "exclude", final=True)
    assert take(db, review, later) == {"votes": 0, "left": 1, "labels": 0}
