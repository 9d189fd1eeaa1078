"""Votes, conflicts and full texts through the services."""

import pytest
from sqlmodel import select

from reviewtool import events
from reviewtool.audit import AuditEntry
from reviewtool.errors import Conflict, Forbidden, Invalid, NotFound, ReasonRequired
from reviewtool.references.models import Retrieval
from reviewtool.screening import errors, queries, services
from reviewtool.screening.models import Decision
from reviewtool.screening.rules.outcome import InvalidVote, Outcome, Phase, Vote
from reviewtool.storage import current_storage
from tests import build
from tests.screening.conftest import PDF

FULL = Phase.FULL_TEXT
TITLES = Phase.TITLE_ABSTRACT


def outcome(db, record, phase=TITLES):
    found = queries.standing(db, record.id, phase)
    return found.outcome if found else Outcome.UNSCREENED


def test_one_vote_of_two_decides_nothing(db, review, record):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    assert outcome(db, record) is Outcome.AWAITING_SECOND
    assert queries.report_of(db, record.id) is None


def test_two_like_votes_decide_and_make_a_report(db, review, record):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.MAYBE)
    assert outcome(db, record) is Outcome.INCLUDE
    assert queries.report_of(db, record.id).set_aside_at is None


def test_unlike_votes_send_the_record_to_a_third_reviewer(db, review, record):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.EXCLUDE)
    assert outcome(db, record) is Outcome.CONFLICT
    assert queries.conflict_count(db, review.dora, TITLES) == 1
    assert queries.conflict_count(db, review.ben, TITLES) == 0


def test_a_third_vote_is_not_stored_once_two_are_in(db, review, record):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.INCLUDE)
    with pytest.raises(errors.EnoughVotes, match="record 1|Record 1"):
        services.decide(db, review.dora, record, Vote.EXCLUDE)
    assert len(db.exec(select(Decision)).all()) == 2


def test_undo_takes_back_my_vote_and_leaves_the_others(db, review, record):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.INCLUDE)
    assert services.undo(db, review.ben, record)
    left = db.exec(select(Decision)).all()
    assert [one.member_id for one in left] == [review.cem.id]
    assert outcome(db, record) is Outcome.AWAITING_SECOND
    assert queries.report_of(db, record.id).set_aside_at is not None


def test_a_report_comes_back_with_its_file_when_the_votes_do(db, review, record, report):
    services.undo(db, review.ben, record)
    services.decide(db, review.ben, record, Vote.MAYBE)
    assert queries.report_of(db, record.id).set_aside_at is None
    assert [d.file_name for d in queries.documents(db, review.ann, report.id)] == ["visser.pdf"]


def test_neither_voter_settles_their_own_conflict_not_even_as_owner(db, review, record):
    services.decide(db, review.ann, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.EXCLUDE)
    for voter in (review.ann, review.cem):
        with pytest.raises(errors.OwnConflict):
            services.resolve(db, voter, record, Vote.INCLUDE)


def test_a_third_person_settles_and_the_votes_stay(db, review, record):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.EXCLUDE)
    services.resolve(db, review.dora, record, Vote.EXCLUDE, comment="Letter")
    assert outcome(db, record) is Outcome.EXCLUDE
    assert {one.vote for one in db.exec(select(Decision)).all()} == {Vote.INCLUDE, Vote.EXCLUDE}
    with pytest.raises(errors.Settled):
        services.undo(db, review.ben, record)
    services.reopen(db, review.dora, record)
    assert outcome(db, record) is Outcome.CONFLICT


def test_what_is_not_in_conflict_cannot_be_settled(db, review, record):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    with pytest.raises(errors.NoConflict):
        services.resolve(db, review.dora, record, Vote.INCLUDE)


@pytest.mark.parametrize("who", ["extractor", "statistician", "observer"])
def test_roles_without_screening_cannot_vote(db, review, record, who):
    with pytest.raises(Forbidden):
        services.decide(db, getattr(review, who), record, Vote.INCLUDE)


def test_a_member_of_another_review_finds_no_record(db, review, record):
    stranger = build.team(db, "Another review").ann
    with pytest.raises(NotFound):
        services.decide(db, stranger, record, Vote.INCLUDE)
    with pytest.raises(NotFound):
        queries.record(db, stranger, record.id)
    assert queries.votes(db, stranger, record, TITLES) == []


def test_settings_can_name_who_screens_and_who_settles(db, review, record):
    services.change_plan(
        db, review.ann, screener_ids=[review.ben.id], resolver_ids=[review.dora.id]
    )
    with pytest.raises(errors.NotAScreener):
        services.decide(db, review.cem, record, Vote.INCLUDE)
    assert services.hand_out(db, review.cem, TITLES) is None
    assert queries.may_resolve(db, review.dora)
    assert not queries.may_resolve(db, review.cem)


def test_single_screening_decides_with_one_vote(db, review, record):
    services.change_plan(db, review.ann, votes_required=1)
    services.decide(db, review.ben, record, Vote.MAYBE)
    assert outcome(db, record) is Outcome.INCLUDE


def test_asking_for_more_votes_reopens_what_has_too_few(db, review, record):
    services.change_plan(db, review.ann, votes_required=1)
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.change_plan(db, review.ann, votes_required=2)
    assert outcome(db, record) is Outcome.AWAITING_SECOND
    assert queries.report_of(db, record.id).set_aside_at is not None


def test_asking_for_more_votes_is_refused_where_it_would_throw_work_away(db, review, record):
    services.change_plan(db, review.ann, votes_required=1)
    services.decide(db, review.ben, record, Vote.INCLUDE)
    report = queries.report_of(db, record.id)
    services.attach(db, review.ben, report, current_storage(), "a.pdf", PDF)
    services.decide(db, review.ben, record, Vote.INCLUDE, phase=FULL)
    with pytest.raises(Invalid, match="1 has fewer than 2 votes"):
        services.change_plan(db, review.ann, votes_required=2)


def test_a_merged_record_takes_no_votes(db, review, records):
    first, second = records[:2]
    second.merged_into_id = first.id
    db.add(second)
    with pytest.raises(errors.NotActive):
        services.decide(db, review.ben, second, Vote.INCLUDE)


def test_a_merge_sets_the_report_aside_and_unmerging_brings_it_back(db, review, record, report):
    other = build.record(db, review.review, "The survivor")
    facts = {"survivor_id": other.id, "removed_id": record.id}
    record.merged_into_id = other.id
    db.add(record)
    events.tell(db, review.ann, events.RecordMerged(**facts))
    assert queries.report_of(db, record.id).set_aside_at is not None
    record.merged_into_id = None
    db.add(record)
    events.tell(db, review.ann, events.RecordUnmerged(**facts))
    assert queries.report_of(db, record.id).set_aside_at is None


def test_every_vote_is_in_the_log_with_old_and_new(db, review, record):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.ben, record, Vote.EXCLUDE)
    entry = db.exec(
        select(AuditEntry)
        .where(AuditEntry.action == "screening.decide")
        .order_by(AuditEntry.sequence.desc())
    ).first()
    assert entry.changes["vote"] == ["include", "exclude"]
    assert entry.subject_id == record.id


# ---- full text ----


def test_a_full_text_exclusion_needs_a_reason_of_the_list(db, review, record, report, reasons):
    with pytest.raises(ReasonRequired):
        services.decide(db, review.ben, record, Vote.EXCLUDE, phase=FULL)
    other = services.add_reason(db, build.team(db, "Another review").ann, "Foreign")
    db.flush()
    with pytest.raises(Invalid):
        services.decide(db, review.ben, record, Vote.EXCLUDE, phase=FULL, reason_id=other.id)
    services.archive_reason(db, review.ann, reasons[0])
    with pytest.raises(Invalid, match="taken off"):
        services.decide(db, review.ben, record, Vote.EXCLUDE, phase=FULL, reason_id=reasons[0].id)


def test_there_is_no_maybe_at_full_text(db, review, record, report):
    with pytest.raises(InvalidVote):
        services.decide(db, review.ben, record, Vote.MAYBE, phase=FULL)


def test_a_report_without_its_full_text_cannot_be_judged(db, review, record, report):
    [document] = queries.documents(db, review.ann, report.id)
    services.detach(db, review.ann, document)
    assert report.retrieval is Retrieval.SOUGHT
    with pytest.raises(errors.NotRetrieved):
        services.decide(db, review.ben, record, Vote.INCLUDE, phase=FULL)


def test_unlike_reasons_are_a_conflict_of_their_own(db, review, record, report, reasons):
    first, second = reasons
    services.decide(db, review.ben, record, Vote.EXCLUDE, phase=FULL, reason_id=first.id)
    services.decide(db, review.cem, record, Vote.EXCLUDE, phase=FULL, reason_id=second.id)
    assert outcome(db, record, FULL) is Outcome.REASON_CONFLICT
    services.resolve(db, review.dora, record, Vote.EXCLUDE, phase=FULL, reason_id=first.id)
    stands = queries.standing(db, record.id, FULL)
    assert (stands.outcome, stands.reason_id) == (Outcome.EXCLUDE, first.id)


def test_title_votes_are_closed_once_the_report_was_judged(db, review, record, report):
    services.decide(db, review.ben, record, Vote.INCLUDE, phase=FULL)
    with pytest.raises(errors.JudgedInFull):
        services.undo(db, review.ben, record)


def test_a_judged_report_stays_retrieved(db, review, record, report):
    services.decide(db, review.ben, record, Vote.INCLUDE, phase=FULL)
    with pytest.raises(Conflict):
        services.set_retrieval(db, review.ben, report, Retrieval.NOT_RETRIEVED)


def test_only_pdf_content_is_kept_whatever_the_name(db, review, report):
    with pytest.raises(errors.NotAPdf, match="paper.pdf"):
        services.attach(db, review.ben, report, current_storage(), "paper.pdf", b"PK\x03\x04")


def test_the_same_file_is_kept_once(db, review, report):
    again = services.attach(db, review.ben, report, current_storage(), "copy.pdf", PDF)
    assert [d.id for d in queries.documents(db, review.ann, report.id)] == [again.id]


def test_many_files_end_up_placed_waiting_or_refused_and_none_is_lost(db, review):
    people = [("Visser, W", 1996, "10.1/a"), ("Olesen, J", 2001, ""), ("Olesen, J", 2001, "")]
    for author, year, doi in people:
        row = build.record(db, review.review, f"By {author}", authors=author, year=year, doi=doi)
        for voter in (review.ben, review.cem):
            services.decide(db, voter, row, Vote.INCLUDE)
    files = [
        ("Visser 1996.pdf", PDF),
        ("olesen_2001.pdf", PDF + b"1"),
        ("thesis.pdf", PDF + b"2"),
        ("table.pdf", b"not a pdf"),
    ]
    placed = services.attach_many(db, review.ben, current_storage(), files)
    assert [name for name, _, _ in placed.attached] == ["Visser 1996.pdf"]
    assert [len(file.candidate_ids) for file in placed.waiting] == [2, 0]
    assert [name for name, _ in placed.refused] == ["table.pdf"]
    assert placed.total == len(files)
    ambiguous = placed.waiting[0]
    target, _ = queries.report(db, review.ben, ambiguous.candidate_ids[1])
    services.assign(db, review.ben, ambiguous, target)
    assert target.retrieval is Retrieval.RETRIEVED
    assert [file.file_name for file in queries.loose_files(db, review.ben)] == ["thesis.pdf"]


# ---- reasons ----


def test_reasons_keep_their_order_and_can_be_moved_and_renamed(db, review, reasons):
    services.add_reason(db, review.ann, "Language")
    db.flush()
    services.move_reason(db, review.ann, reasons[1], -1)
    services.rename_reason(db, review.ann, reasons[0], "Not adults")
    labels = [one.label for one in queries.reasons(db, review.ben)]
    assert labels == ["Wrong design", "Not adults", "Language"]


def test_a_reason_is_on_the_list_once(db, review, reasons):
    with pytest.raises(Invalid, match="already"):
        services.add_reason(db, review.ann, "wrong  POPULATION")


def test_only_those_who_manage_screening_change_the_list(db, review, reasons):
    with pytest.raises(Forbidden):
        services.add_reason(db, review.ben, "Mine")


# ---- agreement ----


def test_changing_a_vote_after_the_blind_is_lifted_does_not_change_kappa(db, review, records):
    pairs = [
        ("include", "include"),
        ("exclude", "exclude"),
        ("include", "exclude"),
        ("exclude", "exclude"),
    ]
    for row, (one, other) in zip(records, pairs, strict=False):
        services.decide(db, review.ben, row, Vote(one))
        services.decide(db, review.cem, row, Vote(other))
    [before] = queries.agreement(db, review.ann, TITLES)
    services.decide(db, review.cem, records[2], Vote.INCLUDE)
    [after] = queries.agreement(db, review.ann, TITLES)
    assert before.table == after.table == [[1, 1], [0, 2]]
    assert before.kappa.kappa == pytest.approx(0.5)


def test_agreement_is_shown_only_to_those_who_may_see_it(db, review, record):
    with pytest.raises(Forbidden):
        queries.agreement(db, review.ben, TITLES)
    assert queries.agreement(db, review.statistician, TITLES) == []
