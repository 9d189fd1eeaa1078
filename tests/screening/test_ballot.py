"""Page, API and service say the same of who may vote now: they ask one ballot."""

import pytest

from reviewtool.db.types import now
from reviewtool.errors import NotFound, ReviewToolError
from reviewtool.references.models import Retrieval
from reviewtool.screening import queries, services
from reviewtool.screening.models import Decision
from reviewtool.screening.rules.outcome import Phase, Vote
from tests import build

TITLES, FULL = Phase.TITLE_ABSTRACT, Phase.FULL_TEXT


def nothing(db, review, record):
    """Nobody voted yet."""


def i_voted(db, review, record):
    services.decide(db, review.ben, record, Vote.INCLUDE)


def one_other_voted(db, review, record):
    services.decide(db, review.cem, record, Vote.INCLUDE)


def two_others_voted(db, review, record):
    for voter in (review.cem, review.dora):
        services.decide(db, voter, record, Vote.EXCLUDE)


def i_and_another_agree(db, review, record):
    for voter in (review.ben, review.cem):
        services.decide(db, voter, record, Vote.EXCLUDE)


def a_third_settled_my_conflict(db, review, record):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.EXCLUDE)
    services.resolve(db, review.dora, record, Vote.EXCLUDE)


def others_screen(db, review, record):
    services.change_plan(db, review.ann, screener_ids=[review.cem.id, review.dora.id])


def it_was_set_aside(db, review, record):
    record.set_aside_at = now()
    db.add(record)


def its_report_was_judged(db, review, record):
    for voter in (review.ben, review.cem):
        services.decide(db, voter, record, Vote.INCLUDE)
    report = queries.report_of(db, record.id)
    services.set_retrieval(db, review.ann, report, Retrieval.RETRIEVED)
    services.decide(db, review.cem, record, Vote.INCLUDE, phase=FULL)


def its_report_was_judged_elsewhere_before_all_votes_were_in(db, review, record):
    db.add(
        Decision(
            review_id=record.review_id,
            record_id=record.id,
            phase=FULL,
            outside_name="Somebody",
            vote=Vote.INCLUDE,
            voted_at=now(),
        )
    )


CASES = {
    nothing: None,
    i_voted: None,
    one_other_voted: None,
    two_others_voted: "enough-votes",
    i_and_another_agree: None,
    a_third_settled_my_conflict: "settled",
    others_screen: "not-a-screener",
    it_was_set_aside: "not-active",
    its_report_was_judged: "judged-in-full",
    its_report_was_judged_elsewhere_before_all_votes_were_in: "judged-in-full",
}


@pytest.mark.parametrize(
    ("arrange", "code"), CASES.items(), ids=lambda c: getattr(c, "__name__", c)
)
def test_page_api_and_service_agree_on_who_may_vote(db, review, record, sign_in, arrange, code):
    arrange(db, review, record)
    db.commit()
    ballot = queries.ballot(db, review.ben, record, TITLES)
    assert getattr(ballot.against_voting, "code", None) == code
    browser, base = sign_in(review.ben), f"/reviews/{review.review.id}/screening/records"
    page = browser.get(f"{base}/{record.id}").text
    assert (f"{base}/{record.id}/decision" in page) is (code is None)
    told = browser.get(f"/api/v1{base}/{record.id}").json
    assert told["may_vote"] is (code is None)
    assert bool(told["why_not"]) is (code is not None)
    if code is None:
        services.decide(db, review.ben, record, Vote.EXCLUDE)
    else:
        with pytest.raises(ReviewToolError) as refused:
            services.decide(db, review.ben, record, Vote.EXCLUDE)
        assert refused.value.code == code


@pytest.mark.parametrize("retrieval", Retrieval)
def test_a_report_is_judged_once_it_can_be_read(db, review, record, sign_in, retrieval):
    for voter in (review.ben, review.cem):
        services.decide(db, voter, record, Vote.INCLUDE)
    report = queries.report_of(db, record.id)
    services.set_retrieval(db, review.ann, report, retrieval)
    db.commit()
    readable = retrieval is Retrieval.RETRIEVED
    ballot = queries.ballot(db, review.ben, record, FULL)
    assert (ballot.against_voting is None) is readable
    base = f"/reviews/{review.review.id}/full-text/reports/{report.id}"
    assert (f"{base}/decision" in sign_in(review.ben).get(base).text) is readable


@pytest.mark.parametrize("who", ["ann", "ben", "dora", "observer"])
def test_page_and_service_agree_on_who_settles(db, review, record, sign_in, who):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.EXCLUDE)
    db.commit()
    member = getattr(review, who)
    refusal = queries.ballot(db, member, record, TITLES).against_settling
    page = sign_in(member).get(f"/reviews/{review.review.id}/screening/conflicts/{record.id}").text
    assert ('value="include"' in page) is (refusal is None)
    if refusal is None:
        services.resolve(db, member, record, Vote.INCLUDE)
    else:
        with pytest.raises(type(refusal)):
            services.resolve(db, member, record, Vote.INCLUDE)


def test_nobody_has_a_ballot_for_another_reviews_record(db, record):
    with pytest.raises(NotFound):
        queries.ballot(db, build.team(db).ben, record, TITLES)
