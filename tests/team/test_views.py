"""Team pages as a browser gets them."""

import pytest

from reviewtool.team import services


@pytest.fixture
def path(review):
    return f"/reviews/{review.review.id}"


@pytest.mark.parametrize("page", ["/", "/team", "/jobs", "/audit", "/protocol/"])
def test_the_owner_can_open_every_page(db, review, sign_in, path, page):
    response = sign_in(review.ann).get(path + page)
    assert response.status_code == 200
    assert b"<h1>" in response.data


@pytest.mark.parametrize("page", ["/", "/team", "/jobs", "/protocol/"])
def test_nobody_is_sent_to_sign_in(client, review, path, page):
    response = client.get(path + page)
    assert response.status_code == 302
    assert "/sign-in" in response.location


def test_home_lists_my_reviews_with_my_tasks(review, sign_in):
    page = sign_in(review.ann).get("/").get_data(as_text=True)
    assert "Acupuncture for chronic pain" in page
    assert "Protocol to register" in page


def test_before_any_account_home_explains_the_set_up(client):
    assert "one-time token" in client.get("/").get_data(as_text=True)


def test_the_set_up_page_makes_the_first_account_once(app, settings, client):
    from reviewtool.team.setup import setup_url

    address = setup_url(settings)
    assert address is not None
    query = address.split("?", 1)[1]
    assert client.get("/setup?token=wrong").status_code == 404
    form = {
        "name": "Ann",
        "email": "Ann@example.org",
        "password": "correct horse",
        "password_again": "correct horse",
    }
    assert client.post(f"/setup?{query}", data=form).status_code == 303
    assert "New review" in client.get("/").get_data(as_text=True)
    assert app.test_client().get(f"/setup?{query}").status_code == 404
    assert setup_url(settings) is None


def test_a_person_signs_in_with_their_password_and_out(app, db):
    services.create_user(db, "ida@example.org", "Ida", "correct horse")
    db.commit()
    browser = app.test_client()
    wrong = browser.post("/sign-in", data={"email": "ida@example.org", "password": "nonsense"})
    assert wrong.status_code in {200, 401, 422}
    right = browser.post("/sign-in", data={"email": "IDA@example.org", "password": "correct horse"})
    assert right.status_code == 302
    assert browser.get("/account").status_code == 200
    browser.post("/sign-out")
    assert browser.get("/account").status_code == 302


def test_a_forgotten_password_is_reset_by_mail(app, db):
    services.create_user(db, "ida@example.org", "Ida", "correct horse")
    db.commit()
    app.test_client().post("/password/reset", data={"email": "ida@example.org"})
    (message,) = app.extensions["outbox"]
    link = next(w for w in message.get_content().split() if "/password/reset/" in w)
    browser = app.test_client()
    path = "/" + link.split("/", 3)[3]
    browser.post(path, data={"password": "battery staple", "password_confirm": "battery staple"})
    again = app.test_client().post(
        "/sign-in", data={"email": "ida@example.org", "password": "battery staple"}
    )
    assert again.status_code == 302


def test_an_invited_person_without_account_makes_one_and_joins(app, db, review, sign_in, path):
    page = sign_in(review.ann).post(
        f"{path}/team/invitations",
        data={"email": "new@example.org", "role": "reviewer"},
    )
    assert page.status_code == 200
    (message,) = app.extensions["outbox"]
    link = next(w for w in message.get_content().split() if "/invitations/" in w)
    browser = app.test_client()
    invitation = "/" + link.split("/", 3)[3]
    assert "Acupuncture" in browser.get(invitation).get_data(as_text=True)
    form = {
        "name": "Newton",
        "email": "new@example.org",
        "password": "correct horse",
        "password_again": "correct horse",
    }
    assert browser.post(invitation, data=form).status_code == 303
    assert browser.get(path + "/team").status_code == 200
    assert browser.get(invitation).status_code == 404


def test_an_observer_cannot_change_the_team(review, sign_in, path):
    response = sign_in(review.observer).post(
        f"{path}/team/invitations", data={"email": "x@example.org", "role": "owner"}
    )
    assert response.status_code == 403
