"""Who is handed which record next: nobody votes in vain, and nothing tells of a vote."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from reviewtool.db.types import now
from reviewtool.permissions import Role
from reviewtool.screening import services
from reviewtool.screening.models import Lease
from reviewtool.screening.rules.outcome import Phase, Vote
from reviewtool.storage import current_storage
from tests import build
from tests.screening.conftest import PDF

TITLES, FULL = Phase.TITLE_ABSTRACT, Phase.FULL_TEXT


@pytest.fixture
def crowd(db, review):
    """Six reviewers, Ben and Cem among them."""
    more = [build.member(db, review.review, f"R{n}", Role.REVIEWER) for n in range(4)]
    db.commit()
    return [review.ben, review.cem, *more]


@pytest.fixture(params=[TITLES, FULL])
def phase(request):
    return request.param


@pytest.fixture
def pile(db, review, records, phase):
    """Five records that wait in the phase: at full text they have passed and have their PDF."""
    if phase is FULL:
        from reviewtool.screening import queries

        for record in records:
            for voter in (review.ann, review.dora):
                services.decide(db, voter, record, Vote.INCLUDE)
            report = queries.report_of(db, record.id)
            services.attach(db, review.ann, report, current_storage(), "a.pdf", PDF)
    db.commit()
    return records


def handed(db, people, phase):
    return [services.hand_out(db, one, phase).number for one in people]


def test_two_are_handed_each_record_and_in_its_order(db, crowd, pile, phase):
    assert handed(db, crowd, phase) == [1, 1, 2, 2, 3, 3]


def test_who_asks_again_is_handed_the_same(db, crowd, pile, phase):
    first, second = handed(db, crowd, phase), handed(db, crowd, phase)
    assert first == second


def test_a_vote_takes_the_place_of_the_hold(db, crowd, pile, phase):
    handed(db, crowd[:2], phase)
    services.decide(db, crowd[0], pile[0], Vote.INCLUDE, phase=phase)
    assert handed(db, crowd[2:3], phase) == [2], "one voted and one has it open"
    services.decide(db, crowd[1], pile[0], Vote.INCLUDE, phase=phase)
    assert handed(db, crowd[:2], phase) == [2, 3]


def test_one_vote_lacking_is_one_person_asked(db, review, crowd, pile, phase):
    services.decide(db, crowd[5], pile[0], Vote.INCLUDE, phase=phase)
    assert handed(db, crowd[:3], phase) == [1, 2, 2]


def test_who_passes_over_makes_room(db, crowd, pile, phase):
    handed(db, crowd[:2], phase)
    assert services.hand_out(db, crowd[0], phase, after=1).number == 2
    assert handed(db, crowd[2:3], phase) == [1]


def test_what_was_passed_over_comes_again_at_the_end(db, crowd, pile, phase):
    after, seen = None, []
    for _ in range(6):
        found = services.hand_out(db, crowd[0], phase, after=after)
        after = found.number
        seen.append(after)
    assert seen == [1, 2, 3, 4, 5, 1]


def test_who_leaves_the_page_makes_room(db, crowd, pile, phase):
    handed(db, crowd[:2], phase)
    services.give_back(db, crowd[0], pile[3], phase)
    assert handed(db, crowd[2:3], phase) == [2], "what one does not hold is not given back"
    services.give_back(db, crowd[0], pile[0], phase)
    assert handed(db, crowd[3:4], phase) == [1]


def test_time_makes_room(db, crowd, pile, phase):
    handed(db, crowd[:2], phase)
    db.execute(sa.update(Lease).values(until=now() - timedelta(seconds=1)))
    db.expire_all()
    assert handed(db, crowd[2:3], phase) == [1]


def test_a_hold_in_one_phase_is_none_in_the_other(db, review, crowd, pile, phase):
    for one in crowd[:2]:
        services.hand_out(db, one, FULL if phase is TITLES else TITLES)
    assert handed(db, crowd[2:4], phase) == [1, 1]


def test_a_small_pile_is_handed_out_to_everybody_and_evenly(db, review, crowd, pile, phase):
    for record in pile[2:]:
        for voter in (review.ann, review.dora):
            services.decide(
                db, voter, record, Vote.EXCLUDE, phase=phase, reason_id=reason(db, review)
            )
    assert Counter(handed(db, crowd, phase)) == {1: 3, 2: 3}


def reason(db, review):
    from reviewtool.screening import queries

    known = queries.reasons(db, review.ann)
    return (known[0] if known else services.add_reason(db, review.ann, "Wrong design")).id


def test_alone_nobody_learns_from_the_order_who_voted(db, crowd, pile, phase):
    """Without another person's hold every vote leaves the order as it is."""
    before = services.hand_out(db, crowd[0], phase).number
    db.execute(sa.delete(Lease))
    for record in pile[:3]:
        services.decide(db, crowd[5], record, Vote.INCLUDE, phase=phase)
    assert services.hand_out(db, crowd[0], phase).number == before


def test_who_takes_a_vote_back_holds_the_record(db, crowd, pile, phase):
    services.decide(db, crowd[0], pile[0], Vote.INCLUDE, phase=phase)
    handed(db, crowd[1:2], phase)
    services.undo(db, crowd[0], pile[0], phase=phase)
    assert handed(db, crowd[2:3], phase) == [2]
    assert handed(db, crowd[:1], phase) == [1]


def address(review, phase, api):
    inside = f"reviews/{review.review.id}"
    if api:
        return f"/api/v1/{inside}/screening/next?phase={phase.value}"
    return f"/{inside}/{'full-text' if phase is FULL else 'screening'}/next"


@pytest.mark.parametrize("api", [True, False], ids=["api", "page"])
def test_many_who_ask_at_one_moment_share_the_pile(db, review, crowd, pile, phase, api, sign_in):
    browsers = [sign_in(one) for one in crowd]
    db.commit()
    with ThreadPoolExecutor(len(browsers)) as pool:
        answers = list(pool.map(lambda b: b.get(address(review, phase, api)), browsers))
    assert {one.status_code for one in answers} == {200}
    held = db.execute(sa.select(col(Lease.record_id), sa.func.count()).group_by("record_id")).all()
    assert sorted(count for _, count in held) == [2, 2, 2]


def test_a_page_that_is_left_and_a_program_that_gives_back(db, review, crowd, pile, phase, sign_in):
    there = f"reviews/{review.review.id}"
    page, program = sign_in(crowd[0]), sign_in(crowd[1])
    for browser, api in ((page, False), (program, True)):
        browser.get(address(review, phase, api))
    room = "full-text" if phase is FULL else "screening"
    assert page.post(f"/{there}/{room}/records/{pile[0].id}/leave").status_code == 204
    given = program.delete(
        f"/api/v1/{there}/screening/records/{pile[0].id}/lease?phase={phase.value}"
    )
    assert given.status_code == 204
    assert db.execute(sa.select(Lease)).all() == []


def test_any_record_opens_by_its_address(review, crowd, pile, phase, sign_in):
    browsers = [sign_in(one) for one in crowd]
    room = "full-text" if phase is FULL else "screening"
    for browser in browsers:
        page = browser.get(
            f"/reviews/{review.review.id}/{room}/records/{pile[0].id}", follow_redirects=True
        )
        assert page.status_code == 200
        assert 'class="decision"' in page.text


def test_a_script_is_answered_with_the_next_record_at_once(review, crowd, records, sign_in):
    ben = sign_in(crowd[0])
    there = f"/reviews/{review.review.id}/screening"
    answer = ben.post(
        f"{there}/records/{records[0].id}/decision",
        data={"vote": "include"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert answer.headers["HX-Replace-Url"] == f"{there}/next"
    assert f'action="{there}/records/{records[1].id}/decision"' in answer.text
    assert "Included" in answer.text, "the vote can be taken back"
