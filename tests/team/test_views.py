"""Team pages as a browser gets them."""

import pytest

from reviewtool import audit
from reviewtool.acts import Act
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


def test_the_log_is_offered_to_who_may_read_it_and_older_entries_where_there_are_some(
    review, sign_in, path
):
    log = f'href="{path}/audit"'
    assert log not in sign_in(review.observer).get(path + "/").text
    page = sign_in(review.ann).get(path + "/audit").text
    assert log in page
    assert "Older" not in page


@pytest.mark.parametrize("password", ["", "nonsense"])
def test_a_refused_sign_in_is_told_in_our_words_and_once(app, db, password):
    services.create_user(db, "ida@example.org", "Ida", "correct horse")
    db.commit()
    sent = {"email": "ida@example.org", "password": password}
    page = app.test_client().post("/sign-in", data=sent).text
    assert page.count("E-mail address or password is wrong.") == 1
    assert "Authentication" not in page


def test_asking_for_a_link_tells_nobody_who_has_an_account(app, db):
    services.create_user(db, "ida@example.org", "Ida", "correct horse")
    db.commit()
    for address in ("ida@example.org", "nobody@example.org"):
        page = app.test_client().post("/password/reset", data={"email": address}).text
        assert "If this address has an account, a message with a link is on its way" in page
    page = app.test_client().get("/password/reset/nonsense", follow_redirects=True).text
    assert "This link does not work: it was used, or a newer one was sent." in page


def test_the_password_is_asked_for_again_on_a_page_of_ours(review, sign_in):
    page = sign_in(review.ann).get("/verify").text
    assert "Your password again" in page
    assert "Reauthenticate" not in page


def test_the_log_speaks_in_words(db, review, sign_in, path):
    audit.append(
        db,
        review.ann,
        Act.CERTAINTY_DETAILS,
        review.review,
        {"details": ({}, {"size": "large", "known_missing_results": False})},
    )
    page = sign_in(review.ann).get(path + "/audit").text
    assert "size large; known missing results no" in page
    assert "False" not in page
