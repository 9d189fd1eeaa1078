"""An invitation lets in the address it was given to, once, while its giver may still give it."""

import pytest

from reviewtool.permissions import Role
from reviewtool.team import services
from tests import build


@pytest.fixture
def give(app, db, review):
    """``give(giver, address, role)`` answers with the invitation's path."""

    def make(giver, email="new@example.org", role=Role.REVIEWER):
        with app.test_request_context():
            invited = services.invite(db, giver, review.review, email, role)
            db.commit()
        return "/" + invited.address.split("/", 3)[3]

    return make


FORM = {"name": "New", "password": "correct horse", "password_again": "correct horse"}


def account(db, email):
    person = build.user(db, "Hal")
    person.email = email
    db.add(person)
    db.commit()
    return person


def test_a_stranger_who_is_signed_in_is_told_whose_it_is(db, review, sign_in, give):
    link = give(review.ann, "hal@example.org")
    browser = sign_in(account(db, "mallory@example.org"))
    for answer in (browser.get(link), browser.post(link)):
        assert answer.status_code == 403
        assert "hal@example.org" in answer.text
        assert "mallory@example.org" in answer.text
        assert review.review.title not in answer.text
    assert browser.get(f"/reviews/{review.review.id}/").status_code == 404


def test_a_removed_lead_does_not_come_back_through_what_she_gave_another_address(
    db, review, sign_in, give
):
    link = give(review.dora, "hal@example.org", Role.LEAD)
    services.remove(db, review.ann, review.dora)
    db.commit()
    dora = sign_in(review.dora)
    assert dora.post(link).status_code == 404
    assert dora.get(f"/reviews/{review.review.id}/").status_code == 404


def test_it_ends_when_its_giver_is_removed_and_stays_ended_when_she_returns(
    app, db, review, client, give
):
    link = give(review.dora)
    services.remove(db, review.ann, review.dora)
    db.commit()
    assert client.post(link, data=FORM).status_code == 404
    review.dora.removed_at = None
    db.add(review.dora)
    db.commit()
    answer = client.get(link)
    assert answer.status_code == 404
    assert "withdrawn" in answer.text


def test_it_ends_when_its_giver_may_no_longer_give_that_role(db, review, client, give):
    owners = give(review.ann, "boss@example.org", Role.OWNER)
    reviewers = give(review.ann, "new@example.org", Role.REVIEWER)
    services.change_role(db, review.ann, review.dora, Role.OWNER)
    services.change_role(db, review.dora, review.ann, Role.LEAD)
    db.commit()
    assert client.get(owners).status_code == 404  # a lead gives no owner's role
    assert client.get(reviewers).status_code == 200  # but a reviewer's


def test_a_giver_demoted_behind_the_services_back_gives_nothing(db, review, client, give):
    link = give(review.dora)
    review.dora.role = Role.OBSERVER
    db.add(review.dora)
    db.commit()
    answer = client.post(link, data=FORM)
    assert answer.status_code == 404
    assert "may no longer give it" in answer.text


def test_a_removed_member_does_not_return_through_an_older_invitation(db, review, sign_in, give):
    link = give(review.ann, "hal@example.org")
    hal = account(db, "hal@example.org")
    later = build.member(db, review.review, "Hal", Role.REVIEWER)
    later.user_id, later.user = hal.id, hal
    db.add(later)
    db.commit()
    services.remove(db, review.ann, later)
    db.commit()
    assert sign_in(hal).post(link).status_code == 404


def test_a_newer_one_takes_the_place_of_an_older_one(client, review, give):
    first, second = give(review.ann), give(review.dora)
    answer = client.get(first)
    assert answer.status_code == 404
    assert "replaced" in answer.text
    assert client.get(second).status_code == 200


def test_it_works_once_and_says_so(app, review, give):
    link = give(review.ann)
    assert app.test_client().post(link, data=FORM).status_code == 303
    answer = app.test_client().get(link)
    assert answer.status_code == 404
    assert "used already" in answer.text


def test_it_ends_with_the_review(db, review, client, give):
    link = give(review.ann)
    services.archive_review(db, review.ann, review.review)
    db.commit()
    assert client.get(link).status_code == 404


def test_the_account_made_with_it_has_the_invited_address_whatever_the_form_says(
    app, db, review, give
):
    from reviewtool.team import queries

    link = give(review.ann, "new@example.org")
    app.test_client().post(link, data=FORM | {"email": "other@example.org"})
    assert queries.user_by_email(db, "new@example.org") is not None
    assert queries.user_by_email(db, "other@example.org") is None


def test_where_mail_is_sent_the_giver_does_not_see_the_link(app, review, sign_in, monkeypatch):
    settings = app.extensions["settings"]
    monkeypatch.setattr(settings, "smtp_host", "mail.example.org")
    base = f"/reviews/{review.review.id}"
    page = sign_in(review.ann).post(
        f"{base}/team/invitations", data={"email": "new@example.org", "role": "reviewer"}
    )
    assert page.status_code == 200
    assert "/invitations/" not in page.text.replace("/team/invitations", "")
    answer = sign_in(review.ann).post(
        f"/api/v1{base}/invitations", json={"email": "next@example.org"}
    )
    assert answer.status_code == 201
    assert answer.json["address"] is None


def test_a_removed_member_is_out_on_the_next_request_of_every_kind(db, review, sign_in):
    browser = sign_in(review.ben)
    base = f"/reviews/{review.review.id}"
    doors = (f"{base}/", f"{base}/screening/", f"{base}/report/exports", f"/api/v1{base}/members")
    for door in doors:
        assert browser.get(door).status_code == 200, door
    services.remove(db, review.ann, review.ben)
    db.commit()
    for door in doors:
        assert browser.get(door).status_code == 404, door


def test_the_form_as_the_page_offers_it_is_answered_with_the_page(review, sign_in):
    """It carries a number of its own, and its answer reads from the database once more."""
    ann, path = sign_in(review.ann), f"/reviews/{review.review.id}/team/invitations"
    form = {"once": "a-number", "email": "new@example.org", "role": "reviewer"}
    answer = ann.post(path, data=form)
    assert answer.status_code == 200
    assert "new@example.org" in answer.text
    assert ann.post(path, data=form).status_code == 303
