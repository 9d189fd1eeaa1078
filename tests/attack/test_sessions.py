"""A cookie works while its sign-in lasts, whoever kept a copy of it."""

import pytest

from reviewtool.team import queries, services

PASSWORD = "correct horse"


@pytest.fixture
def ida(db):
    user = services.create_user(db, "ida@example.org", "Ida", PASSWORD)
    db.commit()
    return user


@pytest.fixture
def enter(app, ida):
    """``enter()``: a browser in which Ida signed in with her password."""

    def make(remember=False, password=PASSWORD, agent="Mozilla/5.0 (X11; Linux) Firefox/130.0"):
        browser = app.test_client()
        data = {"email": ida.email, "password": password} | ({"remember": "y"} if remember else {})
        answer = browser.post("/sign-in", data=data, headers={"User-Agent": agent})
        assert answer.status_code == 302, answer.text
        return browser

    return make


def copy_of(app, browser):
    """A thief's browser, with every cookie that ``browser`` holds now."""
    thief = app.test_client()
    for cookie in list(browser._cookies.values()):
        thief.set_cookie(cookie.key, cookie.value)
    return thief


def is_in(browser):
    return browser.get("/account").status_code == 200


@pytest.mark.parametrize("remember", [False, True])
def test_a_cookie_saved_before_signing_out_opens_nothing(app, enter, remember):
    browser = enter(remember)
    thief = copy_of(app, browser)
    assert is_in(thief)
    browser.post("/sign-out")
    assert not is_in(thief)
    assert not is_in(browser)


def test_signing_out_here_leaves_other_devices_signed_in(enter):
    first, second = enter(), enter()
    first.post("/sign-out")
    assert not is_in(first)
    assert is_in(second)


def test_staying_signed_in_needs_no_second_cookie(enter):
    browser = enter(remember=True)
    assert [c.key for c in browser._cookies.values()] == ["reviewtool"]
    assert browser.get_cookie("reviewtool").expires is not None


def test_a_well_signed_cookie_without_a_sign_in_opens_nothing(app, ida, sign_in):
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update({"_user_id": ida.fs_uniquifier, "_fresh": True})
    assert not is_in(browser)


def test_nobody_uses_the_sign_in_of_somebody_else(app, db, ida, review, enter):
    browser = enter()
    with browser.session_transaction() as session:
        session["_user_id"] = review.ann.user.fs_uniquifier
    assert not is_in(browser)


def test_a_sign_in_ends_by_itself(db, enter, ida):
    from datetime import timedelta

    from reviewtool.db.types import now

    browser = enter()
    row = queries.sign_ins_of(db, ida)[0]
    row.expires_at = now() - timedelta(seconds=1)
    db.add(row)
    db.commit()
    assert not is_in(browser)


def test_the_account_page_lists_browsers_and_signs_them_out(db, ida, enter):
    here, there = enter(), enter(agent="Mozilla/5.0 (iPhone) Version/17 Safari/605")
    page = here.get("/account").text
    assert "Safari on iPhone" in page
    assert "Firefox on Linux <b>(this one)</b>" in page
    other = next(r.id for r in queries.sign_ins_of(db, ida) if "iPhone" in r.device)
    db.rollback()
    here.post(f"/account/sign-ins/{other}/end")
    assert not is_in(there)
    assert is_in(here)


def test_everywhere_else_is_one_button(enter):
    browsers = [enter() for _ in range(3)]
    browsers[0].post("/account/sign-ins/end")
    assert [is_in(one) for one in browsers] == [True, False, False]


def test_nobody_ends_the_sign_in_of_somebody_else(db, ida, review, sign_in, enter):
    browser = enter()
    row, ann = queries.sign_ins_of(db, ida)[0].id, sign_in(review.ann)
    db.rollback()
    assert ann.post(f"/account/sign-ins/{row}/end").status_code == 404
    assert is_in(browser)


def test_a_changed_password_ends_every_other_sign_in_and_every_token(app, db, ida, enter):
    here, there = enter(), enter()
    token = services.create_token(db, ida, "notebook")
    db.commit()
    before = copy_of(app, here)
    new = {"password": PASSWORD, "new_password": "battery staple"}
    here.post("/password/change", data=new | {"new_password_confirm": "battery staple"})
    assert is_in(here)
    assert not is_in(there)
    assert not is_in(before)
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/v1/reviews/", headers=headers).status_code == 401


def test_a_password_set_by_an_administrator_ends_everything(app, db, ida, enter):
    browser = enter()
    token = services.create_token(db, ida, "notebook")
    services.set_password(db, queries.user_by_email(db, ida.email), "battery staple")
    db.commit()
    assert not is_in(browser)
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/v1/reviews/", headers=headers).status_code == 401


def test_a_switched_off_account_is_out_at_once(db, ida, enter):
    browser = enter()
    ida.active = False
    db.add(ida)
    db.commit()
    assert not is_in(browser)


def test_no_other_kind_of_token_lets_in(app, enter, ida):
    """Flask-Security could hand out tokens of its own; nothing takes them."""
    answer = app.test_client().post(
        "/sign-in?include_auth_token", json={"email": ida.email, "password": PASSWORD}
    )
    token = (answer.json or {}).get("response", {}).get("user", {}).get("authentication_token", "")
    thief = app.test_client()
    assert thief.get("/account", headers={"Authentication-Token": token}).status_code == 302
    assert thief.get(f"/account?auth_token={token}").status_code == 302
    api = thief.get("/api/v1/reviews/", headers={"Authentication-Token": token})
    assert api.status_code == 401
