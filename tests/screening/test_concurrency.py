"""Several people, or one impatient one, vote on the same record at the same moment."""

from concurrent.futures import ThreadPoolExecutor

from sqlmodel import select

from reviewtool.screening import queries
from reviewtool.screening.models import Decision, Standing
from reviewtool.screening.rules.outcome import Outcome, Phase
from reviewtool.team.services import rename_review
from tests import build


def at_once(clients, address, data):
    """One POST of each client, all released together; the status codes."""
    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(lambda c: c.post(address, json=data).status_code, clients))


def test_of_three_votes_at_once_two_are_stored_and_one_is_told(db, review, record, sign_in):
    people = [review.ben, review.cem, review.dora]
    clients = [sign_in(one) for one in people]
    address = f"/api/v1/reviews/{record.review_id}/screening/records/{record.id}/vote"
    codes = at_once(clients, address, {"vote": "include"})
    assert sorted(codes) == [200, 200, 409]
    assert len(db.exec(select(Decision)).all()) == 2
    assert queries.standing(db, record.id, Phase.TITLE_ABSTRACT).outcome is Outcome.INCLUDE


def test_a_vote_sent_twice_is_one_vote(db, review, record, sign_in):
    clients = [sign_in(review.ben) for _ in range(4)]
    address = f"/api/v1/reviews/{record.review_id}/screening/records/{record.id}/vote"
    assert set(at_once(clients, address, {"vote": "exclude"})) == {200}
    assert len(db.exec(select(Decision)).all()) == 1
    assert db.exec(select(Standing)).one().votes == 1


def test_the_first_votes_of_a_review_come_at_one_moment(db, review, sign_in):
    """The closed part of the log has no entry yet: all begin it, and none is turned away."""
    rename_review(db, review.ann, review.review, "Needling")  # the open part has begun
    records = [build.record(db, review.review) for _ in range(4)]
    clients = [sign_in(one) for one in (review.ann, review.ben, review.cem, review.dora)]
    base = f"/api/v1/reviews/{review.review.id}/screening/records"
    with ThreadPoolExecutor(4) as pool:
        votes = pool.map(
            lambda c, r: c.post(f"{base}/{r.id}/vote", json={"vote": "include"}).status_code,
            clients,
            records,
        )
        assert list(votes) == [200] * 4
