"""Votes given on a duplicate count for the record it was merged into, and come back."""

import pytest
from sqlmodel import Session, col, select

from reviewtool import events
from reviewtool.db.types import now
from reviewtool.references.models import CarriedVote, Import, Record
from reviewtool.references.services import duplicates
from reviewtool.screening import queries, services
from reviewtool.screening.models import BlindVote, Decision
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.screening.services import carried
from reviewtool.storage import current_storage
from reviewtool.team.models import Member
from tests import build
from tests.build import Team

TA = Phase.TITLE_ABSTRACT


@pytest.fixture
def records(db: Session, review: Team) -> list[Record]:
    return [build.record(db, review.review, f"Needling for migraine {n}") for n in range(3)]


def _file(db: Session, review: Team) -> Import:
    row = Import(
        review_id=review.review.id,
        search_id=build.search(db, review.review).id,
        file_name="export.csv",
        sha256="0" * 64,
    )
    db.add(row)
    db.flush()
    return row


def _rows(db: Session) -> list[dict[str, object]]:
    """Every vote that was given (no copies), with all its columns."""
    found = db.exec(
        select(Decision).where(col(Decision.copied_from_id).is_(None)).order_by(col(Decision.id))
    ).all()
    return [row.model_dump() for row in found]


def _votes(db: Session, record: Record) -> list[tuple[int | None, Vote]]:
    found = db.exec(
        select(Decision).where(Decision.record_id == record.id).order_by(col(Decision.id))
    ).all()
    return [(d.member_id, d.vote) for d in found]


def _outcome(db: Session, record: Record) -> Outcome:
    stands = queries.standing(db, record.id, TA)
    return stands.outcome if stands else Outcome.UNSCREENED


def _vote(db: Session, who: Member, record: Record, vote: Vote = Vote.INCLUDE) -> None:
    services.decide(db, who, record, vote)


def test_two_peoples_votes_on_two_copies_decide_the_record_that_stays(db, review, records):
    kept, gone, _ = records
    _vote(db, review.ben, kept)
    _vote(db, review.cem, gone)
    before = _rows(db)
    merge = duplicates.merge(db, review.ann, kept, gone)
    assert _outcome(db, kept) is Outcome.INCLUDE
    assert _votes(db, kept) == [(review.ben.id, Vote.INCLUDE), (review.cem.id, Vote.INCLUDE)]
    assert _rows(db) == before
    shown = queries.votes(db, review.ann, kept, TA)
    assert [(v.name, v.given_on) for v in shown] == [("Ben", None), ("Cem", gone.number)]
    duplicates.undo_merge(db, review.ann, merge.id)
    assert _outcome(db, kept) is _outcome(db, gone) is Outcome.AWAITING_SECOND
    assert _rows(db) == before
    assert db.exec(select(BlindVote)).all() == []
    assert queries.report_of(db, kept.id).set_aside_at is not None


def test_a_persons_vote_on_the_record_that_stays_is_the_one_that_counts(db, review, records):
    kept, gone, _ = records
    _vote(db, review.ben, kept, Vote.EXCLUDE)
    _vote(db, review.ben, gone, Vote.INCLUDE)
    duplicates.merge(db, review.ann, kept, gone)
    assert _votes(db, kept) == [(review.ben.id, Vote.EXCLUDE)]
    assert _outcome(db, kept) is Outcome.AWAITING_SECOND


def test_a_record_with_all_its_votes_gets_no_more(db, review, records):
    kept, gone, _ = records
    _vote(db, review.ben, kept)
    _vote(db, review.cem, kept)
    _vote(db, review.ann, gone, Vote.EXCLUDE)
    duplicates.merge(db, review.ann, kept, gone)
    assert _outcome(db, kept) is Outcome.INCLUDE
    assert len(_votes(db, kept)) == 2


def test_votes_follow_through_a_chain_of_merges_and_back(db, review, records):
    first, second, third = records
    _vote(db, review.cem, third)
    before = _rows(db)
    inner = duplicates.merge(db, review.ann, second, third)
    outer = duplicates.merge(db, review.ann, first, second)
    assert _votes(db, first) == [(review.cem.id, Vote.INCLUDE)]
    assert _votes(db, second) == []
    duplicates.undo_merge(db, review.ann, outer.id)
    assert _votes(db, first) == []
    assert _votes(db, second) == [(review.cem.id, Vote.INCLUDE)]
    duplicates.undo_merge(db, review.ann, inner.id)
    assert _votes(db, second) == []
    assert _rows(db) == before


def test_a_copy_its_voter_changes_is_their_own_from_then_on(db, review, records):
    kept, gone, _ = records
    _vote(db, review.ben, gone)
    merge = duplicates.merge(db, review.ann, kept, gone)
    _vote(db, review.ben, kept, Vote.MAYBE)
    duplicates.undo_merge(db, review.ann, merge.id)
    assert _votes(db, kept) == [(review.ben.id, Vote.MAYBE)]
    assert _votes(db, gone) == [(review.ben.id, Vote.INCLUDE)]


def test_votes_that_led_to_a_judged_full_text_stay(db, review, records):
    kept, gone, _ = records
    _vote(db, review.ben, kept)
    _vote(db, review.cem, gone)
    merge = duplicates.merge(db, review.ann, kept, gone)
    report = queries.report_of(db, kept.id)
    services.attach(db, review.ben, report, current_storage(), "a.pdf", b"%PDF-1.4\n%%EOF\n")
    services.decide(db, review.ben, kept, Vote.INCLUDE, phase=Phase.FULL_TEXT)
    duplicates.undo_merge(db, review.ann, merge.id)
    assert _outcome(db, kept) is Outcome.INCLUDE
    assert _votes(db, gone) == [(review.cem.id, Vote.INCLUDE)]


def test_the_votes_of_an_undone_import_no_longer_count_and_come_back(db, review, records):
    kept, gone, _ = records
    _vote(db, review.ben, kept)
    _vote(db, review.cem, gone)
    duplicates.merge(db, review.ann, kept, gone)
    file = _file(db, review)
    gone.import_id, gone.set_aside_at = file.id, now()
    db.add(gone)
    db.flush()
    events.tell(db, review.ann, events.ImportUndone(file.id))
    assert _outcome(db, kept) is Outcome.AWAITING_SECOND
    gone.set_aside_at = None
    db.add(gone)
    db.flush()
    events.tell(db, review.ann, events.ImportRestored(file.id))
    assert _outcome(db, kept) is Outcome.INCLUDE


def test_votes_of_a_file_on_a_duplicate_count_for_the_record_that_stays(db, review, records):
    kept, gone, _ = records
    duplicates.merge(db, review.ann, kept, gone)
    row = CarriedVote(
        review_id=review.review.id,
        import_id=_file(db, review).id,
        record_id=gone.id,
        reviewer="Zoe",
        vote="include",
        labels=["sham"],
    )
    db.add(row)
    db.flush()
    counts = carried.take(db, review.ann, [row.id], {"Zoe": None}, TA)
    assert counts == {"votes": 1, "left": 0, "labels": 1}
    assert _votes(db, kept) == [(None, Vote.INCLUDE)]
    assert _votes(db, gone) == [(None, Vote.INCLUDE)]
