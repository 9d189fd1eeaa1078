"""What the ledger counts a record as."""

import pytest

from reviewtool.screening.rules.outcome import (
    InvalidVote,
    Outcome,
    Phase,
    Vote,
    full_text_exclusion_reason,
    outcome,
    title_abstract_state,
)

YES, MAYBE, NO = Vote.INCLUDE, Vote.MAYBE, Vote.EXCLUDE


def test_a_record_nobody_voted_on_is_unscreened() -> None:
    assert outcome([]) is Outcome.UNSCREENED


def test_one_vote_of_two_waits_for_the_second() -> None:
    assert outcome([NO]) is Outcome.AWAITING_SECOND


def test_a_maybe_and_an_include_go_forward() -> None:
    assert outcome([MAYBE, YES]) is Outcome.INCLUDE


def test_unlike_votes_are_a_conflict_until_a_third_person_decides() -> None:
    assert outcome([YES, NO]) is Outcome.CONFLICT
    assert outcome([YES, NO], adjudication=NO) is Outcome.EXCLUDE
    assert outcome([YES, NO], adjudication=YES) is Outcome.INCLUDE


def test_two_unlike_votes_of_three_are_already_a_conflict() -> None:
    assert outcome([YES, NO], required=3) is Outcome.CONFLICT


def test_an_adjudication_does_not_overturn_an_agreement() -> None:
    assert title_abstract_state([NO, NO], adjudication=YES).decision is NO


def test_two_exclusions_for_unlike_reasons_are_a_reason_conflict_at_full_text() -> None:
    votes, reasons = [NO, NO], [1, 2]
    assert outcome(votes, phase=Phase.FULL_TEXT, reasons=reasons) is Outcome.REASON_CONFLICT
    assert outcome(votes, phase=Phase.FULL_TEXT, reasons=[1, 1]) is Outcome.EXCLUDE


def test_choosing_a_reason_settles_the_reason_conflict() -> None:
    found = outcome([NO, NO], phase=Phase.FULL_TEXT, reasons=[1, 2], adjudication=NO)
    assert found is Outcome.EXCLUDE


def test_maybe_is_refused_at_full_text() -> None:
    with pytest.raises(InvalidVote, match="no maybe"):
        outcome([MAYBE], phase=Phase.FULL_TEXT)


def test_a_reason_outside_the_list_is_named() -> None:
    with pytest.raises(InvalidVote, match="weather"):
        full_text_exclusion_reason(["weather"], ["population"])


def test_an_exclusion_without_a_reason_is_refused() -> None:
    with pytest.raises(InvalidVote, match="without a reason"):
        full_text_exclusion_reason([], ["population"])
