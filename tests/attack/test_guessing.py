"""Guessing is slowed down for an address and for an account, and the answer says so."""

import subprocess
import time

import pytest

from reviewtool import broker
from reviewtool.app import create_app
from reviewtool.db.migrate import upgrade
from reviewtool.permissions import Role
from reviewtool.settings import Settings
from reviewtool.team import services
from reviewtool.web.limits import LONGEST_WAIT, wait_after

PASSWORD = "correct horse"


@pytest.fixture
def ida(db):
    user = services.create_user(db, "ida@example.org", "Ida", PASSWORD)
    db.commit()
    return user


def attempt(app, email="ida@example.org", password="wrong", address="203.0.113.5", **more):
    return app.test_client().post(
        "/sign-in",
        data={"email": email, "password": password},
        environ_overrides={"REMOTE_ADDR": address},
        **more,
    )


def let_the_wait_pass(app, times=1):
    """As if the wait were over: the count stays."""
    storage = app.extensions["limits"].storage
    for key in [k for k in storage.storage if k.endswith("/wait")]:
        storage.clear(key)


def test_thirty_wrong_passwords_are_not_all_looked_at(app, ida):
    answers = [attempt(app).status_code for _ in range(30)]
    assert answers[:5] == [200] * 5
    assert set(answers[5:]) == {429}


def test_the_wait_is_said_and_grows(app, ida):
    for _ in range(5):
        attempt(app)
    waits = []
    for turn in range(5):
        answer = attempt(app, address=f"203.0.113.{turn + 10}")
        assert answer.status_code == 429
        waits.append(int(answer.headers["Retry-After"]))
        let_the_wait_pass(app)
        attempt(app, address=f"203.0.113.{turn + 10}")
    assert "Try again in" in answer.text
    assert waits == sorted(waits)
    assert waits[-1] > 8 * waits[0] / 2
    assert wait_after(1000) == LONGEST_WAIT


def test_the_right_password_is_not_looked_at_during_the_wait_but_after_it(app, ida):
    for _ in range(5):
        attempt(app)
    assert attempt(app, password=PASSWORD).status_code == 429
    let_the_wait_pass(app)
    assert attempt(app, password=PASSWORD).status_code == 302
    assert attempt(app, password=PASSWORD).status_code == 302  # and the count began anew


def test_a_stranger_does_not_shut_the_person_out(app, ida):
    assert attempt(app, password=PASSWORD, address="192.0.2.1").status_code == 302
    for turn in range(12):
        attempt(app, address=f"203.0.113.{turn}")
    assert attempt(app, address="203.0.113.99").status_code == 429
    assert attempt(app, password=PASSWORD, address="192.0.2.1").status_code == 302


def test_an_unknown_address_is_treated_as_a_known_one(app, ida):
    known = [attempt(app).status_code for _ in range(8)]
    unknown = [attempt(app, "nobody@example.org", address="203.0.113.6") for _ in range(8)]
    assert known == [answer.status_code for answer in unknown]


def test_one_address_that_tries_many_accounts_is_stopped(app, ida):
    answers = [attempt(app, f"person{n}@example.org") for n in range(25)]
    assert [a.status_code for a in answers[:20]] == [200] * 20
    assert {a.status_code for a in answers[20:]} == {429}
    assert int(answers[-1].headers["Retry-After"]) <= 301
    assert attempt(app, password=PASSWORD, address="192.0.2.7").status_code == 302


def test_forty_people_of_one_house_sign_in_together(app, db):
    for n in range(40):
        services.create_user(db, f"p{n}@example.org", f"P{n}", PASSWORD)
    db.commit()
    answers = {attempt(app, f"p{n}@example.org", PASSWORD).status_code for n in range(40)}
    assert answers == {302}


def test_a_program_is_told_as_a_problem(app, ida):
    for _ in range(6):
        answer = app.test_client().post(
            "/sign-in",
            json={"email": ida.email, "password": "wrong"},
            headers={"Accept": "application/json"},
        )
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert answer.json["retry_after"] == int(answer.headers["Retry-After"])


def test_the_present_password_is_not_guessed_on_the_page_that_changes_it(app, ida):
    browser = app.test_client()
    browser.post("/sign-in", data={"email": ida.email, "password": PASSWORD})
    data = {"password": "wrong", "new_password": "battery staple"}
    answers = [
        browser.post("/password/change", data=data | {"new_password_confirm": "battery staple"})
        for _ in range(8)
    ]
    assert [a.status_code for a in answers[:5]] == [200] * 5
    assert answers[-1].status_code == 429


def test_nobody_clears_the_count_of_an_account_with_a_sign_in_of_their_own(app, ida, db):
    services.create_user(db, "mallory@example.org", "Mallory", PASSWORD)
    db.commit()
    mallory = app.test_client()
    mallory.post("/sign-in", data={"email": "mallory@example.org", "password": PASSWORD})
    for _ in range(5):
        attempt(app)
        mallory.post("/sign-in", data={"email": ida.email, "password": "wrong"})
    assert attempt(app, address="203.0.113.77").status_code == 429


@pytest.mark.parametrize("email", ["ida@example.org", "nobody@example.org"])
def test_a_mailbox_is_not_flooded_with_links(app, ida, email):
    answers = [
        app.test_client().post(
            "/password/reset",
            data={"email": email},
            environ_overrides={"REMOTE_ADDR": f"203.0.113.{n}"},
        )
        for n in range(6)
    ]
    assert [a.status_code for a in answers] == [200, 200, 429, 429, 429, 429]
    assert len(app.extensions["outbox"]) <= 2


@pytest.mark.parametrize(
    "path", ["/invitations/{}", "/password/reset/{}", "/setup?token={}"], ids=str
)
def test_tokens_in_addresses_are_not_guessed(client, path):
    answers = [client.get(path.format(f"guess{n}")).status_code for n in range(25)]
    assert 429 not in answers[:20]
    assert set(answers[20:]) == {429}


def test_tokens_of_the_api_are_not_guessed(client):
    answers = [
        client.get("/api/v1/reviews/", headers={"Authorization": f"Bearer rt_{n}"})
        for n in range(25)
    ]
    assert {a.status_code for a in answers[:20]} == {401}
    assert {a.status_code for a in answers[20:]} == {429}


def test_the_api_has_a_pace(app, settings, db, review):
    token = services.create_token(db, review.ann.user, "loop")
    other = services.create_token(db, review.ben.user, "another")
    db.commit()
    slow = create_app(settings.model_copy(update={"api_requests_per_minute": 10}))

    def ask(token):
        return slow.test_client().get(
            "/api/v1/reviews/", headers={"Authorization": f"Bearer {token}"}
        )

    answers = [ask(token) for _ in range(12)]
    assert [a.status_code for a in answers] == [200] * 10 + [429] * 2
    assert answers[-1].json["code"] == "too-many"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    assert ask(other).status_code == 200
    counted = slow.extensions["limits"].storage.storage
    assert counted
    assert not [key for key in counted if token in key or other in key]
    slow.extensions["database"].dispose()


def test_invitations_are_not_sent_without_end(app, review, sign_in):
    ann, path = sign_in(review.ann), f"/api/v1/reviews/{review.review.id}/invitations"
    answers = [
        ann.post(path, json={"email": f"p{n}@example.org", "role": Role.OBSERVER.value})
        for n in range(61)
    ]
    assert {a.status_code for a in answers[:60]} == {201}
    assert answers[60].status_code == 429


def test_a_broker_that_is_away_shuts_nobody_out(tmp_path):
    settings = Settings(
        environment="test",
        data=tmp_path,
        database_url="",
        broker_url=f"redis+socket://{tmp_path}/nobody.sock",
    )
    upgrade(settings)
    app = create_app(settings)
    with app.app_context(), app.extensions["database"].session(write=True) as db:
        services.create_user(db, "ida@example.org", "Ida", PASSWORD)
        db.commit()
    assert attempt(app, password=PASSWORD).status_code == 302
    answers = [attempt(app, address="192.0.2.9").status_code for _ in range(8)]
    assert 429 in answers
    app.extensions["database"].dispose()


def test_web_processes_count_together_over_the_broker(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # the server that the package brings along
    command, url = broker.prepare(tmp_path / "data")
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while not broker.ping(url):
            assert time.monotonic() < end
            time.sleep(0.05)
        settings = Settings(
            environment="test", data=tmp_path / "data", database_url="", broker_url=url
        )
        upgrade(settings)
        apps = [create_app(settings) for _ in range(2)]
        answers = [attempt(apps[n % 2]).status_code for n in range(8)]
        assert answers == [200] * 5 + [429] * 3
        kept = broker._client(url).keys("*account/ida@example.org*")
        assert kept
        for app in apps:
            app.extensions["database"].dispose()
    finally:
        server.terminate()
        server.wait()
