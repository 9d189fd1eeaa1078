"""Teams: who may do what to whom."""

import pytest

from reviewtool.errors import Forbidden, NotFound
from reviewtool.permissions import Role
from reviewtool.team import queries, services
from reviewtool.team.rules import LastOwner, RoleTooHigh
from tests import build


def test_a_new_review_belongs_to_its_creator(db):
    person = build.user(db, "Ida")
    member = services.create_review(db, person, " Yoga for sleep ")
    assert member.role is Role.OWNER
    assert [r.title for r, _ in queries.reviews_of(db, person)] == ["Yoga for sleep"]


def test_the_last_owner_stays(db, review):
    with pytest.raises(LastOwner):
        services.remove(db, review.ann, review.ann)
    with pytest.raises(LastOwner):
        services.change_role(db, review.ann, review.ann, Role.LEAD)


def test_a_lead_cannot_make_owners(db, review):
    with pytest.raises(RoleTooHigh):
        services.change_role(db, review.dora, review.ben, Role.OWNER)


def test_a_reviewer_cannot_manage_the_team(db, review):
    with pytest.raises(Forbidden):
        services.remove(db, review.ben, review.cem)


def test_a_member_of_another_review_is_not_found(db, review):
    other = build.team(db, "Another")
    with pytest.raises(NotFound):
        queries.member_of_review(db, review.ann, other.ben.id)


def test_an_invitation_is_mailed_and_makes_a_member_once(app, db, review):
    with app.test_request_context():
        invited = services.invite(db, review.ann, review.review, "Hal@Example.org", Role.EXTRACTOR)
        db.commit()
    assert [m["To"] for m in app.extensions["outbox"]] == ["hal@example.org"]
    token = invited.address.rsplit("/", 1)[1]
    person = services.create_user(db, "hal@example.org", "Hal", "correct horse")
    member = services.accept(db, person, queries.invitation(db, token))
    assert member.role is Role.EXTRACTOR
    with pytest.raises(NotFound):
        queries.invitation(db, token)


def test_an_invitation_that_was_rolled_back_is_not_mailed(app, db, review):
    with app.test_request_context():
        services.invite(db, review.ann, review.review, "x@example.org", Role.OBSERVER)
    db.rollback()
    assert app.extensions["outbox"] == []


def test_a_removed_member_is_out_on_the_next_request(db, review, sign_in):
    browser = sign_in(review.ben)
    assert browser.get(f"/api/v1/reviews/{review.review.id}/members").status_code == 200
    services.remove(db, review.ann, review.ben)
    db.commit()
    assert browser.get(f"/api/v1/reviews/{review.review.id}/members").status_code == 404


def test_a_stranger_gets_404_and_nobody_401(db, review, sign_in, client):
    stranger = build.user(db)
    db.commit()
    path = f"/api/v1/reviews/{review.review.id}/members"
    assert sign_in(stranger).get(path).status_code == 404
    assert client.get(path).status_code == 401


def test_a_token_acts_as_its_owner_until_revoked(db, review, client):
    token = services.create_token(db, review.ben.user, "notebook")
    db.commit()
    path, headers = (
        f"/api/v1/reviews/{review.review.id}/members",
        {"Authorization": f"Bearer {token}"},
    )
    assert client.get(path, headers=headers).status_code == 200
    services.revoke_token(db, review.ben.user, queries.tokens_of(db, review.ben.user)[0])
    db.commit()
    assert client.get(path, headers=headers).status_code == 401
