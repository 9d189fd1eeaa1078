"""Finding, merging, telling apart, and taking back: on the database."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import Session, col, select

from reviewtool import jobs, verification
from reviewtool.db.types import now
from reviewtool.errors import Forbidden, NotFound
from reviewtool.permissions import Role
from reviewtool.references.jobs.duplicates import search  # noqa: F401
from reviewtool.references.models import DuplicatePair, Merge, PairState, Record
from reviewtool.references.queries import duplicates as queries
from reviewtool.references.services import duplicates as services
from reviewtool.screening.models import Decision
from reviewtool.screening.rules.outcome import Phase, Vote
from tests import build
from tests.build import Team

TITLE = "Acupuncture for chronic low back pain in adults: a randomised controlled trial"
FIELDS: dict[str, Any] = {
    "authors": "Brinkhaus, B.; Witt, C. M.; Jena, S.",
    "year": 2006,
    "journal": "Archives of Internal Medicine",
    "volume": "166",
    "issue": "4",
    "pages": "450-457",
}


def record(db: Session, team: Team, title: str = TITLE, **changes: Any) -> Record:
    return build.record(db, team.review, title, **(FIELDS | changes))


def find(db: Session, team: Team) -> None:
    """Run the job as the worker would, after commit."""
    services.start(db, team.ann)
    db.commit()
    last = db.exec(select(jobs.Job).order_by(col(jobs.Job.id).desc()).limit(1)).one()
    assert last.state is jobs.JobState.DONE, last.error
    db.commit()
    forget(db)


def forget(db: Session) -> None:
    """Read records, pairs and merges anew; people stay known, so the database is let go."""
    for row in list(db):
        if isinstance(row, (Record, DuplicatePair, Merge, Decision)):
            db.expire(row)


def vote(db: Session, team: Team, on: Record, member: Any, choice: Vote) -> Decision:
    row = Decision(
        review_id=team.review.id,
        phase=Phase.TITLE_ABSTRACT,
        record_id=on.id,
        member_id=member.id,
        vote=choice,
        voted_at=now(),
    )
    db.add(row)
    db.flush()
    return row


def dump(db: Session) -> str:
    """Every vote and record, as bytes would be compared; a revision only ever grows."""
    forget(db)
    rows: list[Any] = []
    for table in (Decision, Record):
        found = db.exec(select(table).order_by(col(table.id))).all()
        rows += [
            {k: str(v) for k, v in row.model_dump(exclude={"revision"}).items()} for row in found
        ]
    return json.dumps(rows, sort_keys=True)


def uncertain_pair(db: Session, team: Team) -> tuple[Record, Record, DuplicatePair]:
    one = record(db, team, doi="10.1000/a")
    other = record(db, team, pages="900-907", abstract="An abstract.", doi="")
    find(db, team)
    pair = db.exec(select(DuplicatePair).where(DuplicatePair.state == PairState.UNCERTAIN)).one()
    return db.get_one(Record, one.id), db.get_one(Record, other.id), pair


def test_certain_duplicates_are_merged_and_the_survivor_shows_where_it_came_from(
    db: Session, review: Team
) -> None:
    poor = record(db, review, pages="450-7", journal="Arch Intern Med", doi="10.1000/A")
    rich = record(db, review, abstract="Background. " * 20, pmid="123")
    alone = record(db, review, "Massage for something else entirely, in children", pages="1-2")
    find(db, review)
    poor, rich = db.get_one(Record, poor.id), db.get_one(Record, rich.id)
    assert poor.merged_into_id == rich.id
    assert rich.is_active
    assert rich.doi == "10.1000/A"
    assert db.get_one(Record, alone.id).is_active
    [shown] = queries.merged_into(db, review.ann, rich.id)
    assert shown.removed.id == poor.id
    assert "Same title" in shown.merge.evidence[0]
    assert queries.counts(db, review.ann)["certain"] == 1


def test_a_second_search_without_new_records_changes_nothing(db: Session, review: Team) -> None:
    record(db, review)
    record(db, review)
    find(db, review)
    before = dump(db)
    find(db, review)
    assert dump(db) == before
    assert len(db.exec(select(Merge)).all()) == 1


def test_a_later_file_is_joined_to_the_record_that_was_there_first(
    db: Session, review: Team
) -> None:
    first = record(db, review)
    find(db, review)
    later = record(db, review, abstract="Much more is known here. " * 9, pmid="5", doi="10.1000/b")
    assert queries.uncompared(db, review.ann) == 1
    find(db, review)
    assert db.get_one(Record, later.id).merged_into_id == first.id
    assert db.get_one(Record, first.id).abstract.startswith("Much more")


def test_undoing_a_merge_restores_every_vote_and_value_byte_for_byte(
    db: Session, review: Team
) -> None:
    one, other, pair = uncertain_pair(db, review)
    vote(db, review, one, review.ann, Vote.INCLUDE)
    vote(db, review, other, review.ann, Vote.EXCLUDE)
    vote(db, review, other, review.ben, Vote.MAYBE)
    db.commit()
    before = dump(db)
    merge = services.merge_pair(db, review.ben, pair.id, keep=one.id, choices={"pages": "second"})
    db.commit()
    assert db.get_one(Record, one.id).pages == "900-907"
    assert db.get_one(Record, one.id).abstract == "An abstract."
    given = db.exec(select(Decision).where(Decision.copied_from_id == None)).all()  # noqa: E711
    assert len(given) == 3
    services.undo_merge(db, review.cem, merge.id)
    db.commit()
    assert dump(db) == before
    assert verification.chains(db, review.review.id) == []


def test_undoing_keeps_what_a_person_edited_after_the_merge(db: Session, review: Team) -> None:
    one, _, pair = uncertain_pair(db, review)
    merge = services.merge_pair(db, review.ben, pair.id, keep=one.id)
    one.abstract = "Corrected by hand."
    services.undo_merge(db, review.ben, merge.id)
    assert db.get_one(Record, one.id).abstract == "Corrected by hand."


def test_an_undone_merge_is_not_made_again_by_a_later_search(db: Session, review: Team) -> None:
    one, two = record(db, review), record(db, review)
    find(db, review)
    services.undo_merge(db, review.ann, db.exec(select(Merge)).one().id)
    third = record(db, review)
    find(db, review)
    active = [r.id for r in (one, two) if db.get_one(Record, r.id).is_active]
    assert active == [one.id, two.id]
    assert db.get_one(Record, third.id).merged_into_id in active


def test_not_a_duplicate_lasts_and_can_be_taken_back(db: Session, review: Team) -> None:
    _, _, pair = uncertain_pair(db, review)
    services.tell_apart(db, review.ben, pair.id)
    assert queries.next_uncertain(db, review.ann) is None
    record(db, review, "Massage in pregnancy, a report of two cases from Chile", pages="77")
    find(db, review)
    assert queries.uncertain_count(db, review.ann) == 0
    services.reopen(db, review.ben, pair.id)
    assert queries.uncertain_count(db, review.ann) == 1


def test_merging_a_survivor_takes_its_own_duplicates_along_and_brings_them_back(
    db: Session, review: Team
) -> None:
    top, middle, leaf = record(db, review), record(db, review), record(db, review)
    services.merge(db, review.ann, middle, leaf)
    second = services.merge(db, review.ann, top, middle)
    assert db.get_one(Record, leaf.id).merged_into_id == top.id
    services.undo_merge(db, review.ann, second.id)
    db.flush()
    assert db.get_one(Record, leaf.id).merged_into_id == middle.id
    assert db.get_one(Record, middle.id).is_active


def test_two_people_merging_at_once_leave_one_merge(db: Session, review: Team) -> None:
    one, _, pair = uncertain_pair(db, review)
    services.merge_pair(db, review.ann, pair.id, keep=one.id)
    with pytest.raises(services.AlreadyMerged):
        services.merge_pair(db, review.ben, pair.id, keep=one.id)
    merge = db.exec(select(Merge)).one()
    services.undo_merge(db, review.ann, merge.id)
    with pytest.raises(services.NotMerged):
        services.undo_merge(db, review.ben, merge.id)


def test_an_observer_may_look_and_not_merge_and_a_stranger_finds_nothing(
    db: Session, review: Team
) -> None:
    _, _, pair = uncertain_pair(db, review)
    stranger = build.member(db, build.team(db, "Another review").review, "Zoe", Role.OWNER)
    assert queries.pair(db, review.observer, pair.id)
    for work in (services.merge_pair, services.tell_apart):
        with pytest.raises(Forbidden):
            work(db, review.observer, pair.id)
        with pytest.raises(NotFound):
            work(db, stranger, pair.id)


def test_a_neither_record_to_keep_is_refused(db: Session, review: Team) -> None:
    _, _, pair = uncertain_pair(db, review)
    with pytest.raises(services.NotOneOfThem):
        services.merge_pair(db, review.ann, pair.id, keep=999_999)


def test_the_same_title_under_an_erratum_is_related_and_stays(db: Session, review: Team) -> None:
    record(db, review)
    notice = record(db, review, f"Erratum: {TITLE}", pages="999", issue="9")
    find(db, review)
    assert db.get_one(Record, notice.id).is_active
    assert queries.counts(db, review.ann) == {
        "uncertain": 0,
        "certain": 0,
        "related": 1,
        "undone": 0,
    }


def test_of_two_duplicates_the_one_people_have_voted_on_is_kept(db: Session, review: Team) -> None:
    voted = record(db, review)
    rich = record(db, review, abstract="Background. " * 20, pmid="123", doi="10.1000/a")
    vote(db, review, voted, review.ann, Vote.INCLUDE)
    find(db, review)
    assert db.get_one(Record, rich.id).merged_into_id == voted.id
    assert db.get_one(Record, voted.id).pmid == "123"
