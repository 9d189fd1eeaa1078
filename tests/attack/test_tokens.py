"""Tokens and mailed links: bound to a person, limited, and ended by what should end them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic import command

from reviewtool.db.migrate import config
from reviewtool.db.types import now
from reviewtool.settings import Settings
from reviewtool.team import queries, services
from reviewtool.team.models import ApiToken
from reviewtool.team.rules import Scope


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def members(review):
    return f"/api/v1/reviews/{review.review.id}/members"


def test_a_token_for_reading_changes_nothing(db, review, client, members):
    token = services.create_token(db, review.ann.user, "dashboard", Scope.READ)
    db.commit()
    assert client.get(members, headers=bearer(token)).status_code == 200
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)(f"{members}/{review.ben.id}", headers=bearer(token))
        assert answer.status_code in {403, 405}, method
    answer = client.delete(f"{members}/{review.ben.id}", headers=bearer(token))
    assert answer.status_code == 403
    assert answer.json["code"] == "token-reads-only"


def test_a_token_ends(db, review, client, members):
    token = services.create_token(db, review.ann.user, "notebook", lasts=timedelta(seconds=-1))
    db.commit()
    assert client.get(members, headers=bearer(token)).status_code == 401


def test_a_token_is_kept_as_a_hash_and_shown_once(app, db, review, sign_in):
    ann = sign_in(review.ann)
    form = {"name": "notebook", "scope": "read", "days": "30"}
    page = ann.post("/account/tokens", data=form).text
    token = page.split('<code class="long">')[1].split("<")[0]
    assert token.startswith("rt_")
    assert token not in ann.get("/account").text
    row = db.exec(sa.select(ApiToken)).scalar_one()
    assert row.token_hash != token
    assert timedelta(days=29) < row.expires_at - now() < timedelta(days=31)
    assert row.scope is Scope.READ


def test_a_token_outside_the_api_is_nobody(db, review, client):
    token = services.create_token(db, review.ann.user, "notebook")
    db.commit()
    assert client.get("/account", headers=bearer(token)).status_code == 302


def test_nobody_revokes_the_token_of_somebody_else(db, review, sign_in):
    services.create_token(db, review.ann.user, "notebook")
    db.commit()
    row, ben = queries.tokens_of(db, review.ann.user)[0].id, sign_in(review.ben)
    db.rollback()
    assert ben.post(f"/account/tokens/{row}/revoke").status_code == 404


# ---- links to choose a new password ----


def ask(app, email):
    app.test_client().post("/password/reset", data={"email": email})
    link = next(
        w for w in app.extensions["outbox"][-1].get_content().split() if "/password/reset/" in w
    )
    return "/" + link.split("/", 3)[3]


NEW = {"password": "battery staple", "password_confirm": "battery staple"}


@pytest.fixture
def ida(db):
    user = services.create_user(db, "ida@example.org", "Ida", "correct horse")
    db.commit()
    return user


def enters(app, password):
    data = {"email": "ida@example.org", "password": password}
    return app.test_client().post("/sign-in", data=data).status_code == 302


def test_a_reset_ends_sign_ins_and_tokens(app, db, ida):
    token = services.create_token(db, ida, "notebook")
    db.commit()
    browser = app.test_client()
    browser.post("/sign-in", data={"email": ida.email, "password": "correct horse"})
    app.test_client().post(ask(app, ida.email), data=NEW)
    assert browser.get("/account").status_code == 302
    assert app.test_client().get("/api/v1/reviews/", headers=bearer(token)).status_code == 401
    assert enters(app, "battery staple")


def test_a_reset_link_works_once(app, ida):
    link = ask(app, ida.email)
    app.test_client().post(link, data=NEW)
    app.test_client().post(link, data={"password": "third time", "password_confirm": "third time"})
    assert enters(app, "battery staple")
    assert not enters(app, "third time")


def test_of_two_reset_links_only_the_newer_works(app, ida, monkeypatch):
    import itsdangerous.timed

    first = ask(app, ida.email)
    clock = itsdangerous.timed.TimestampSigner.get_timestamp
    monkeypatch.setattr(
        itsdangerous.timed.TimestampSigner, "get_timestamp", lambda self: clock(self) + 5
    )
    second = ask(app, ida.email)
    app.test_client().post(first, data=NEW)
    assert not enters(app, "battery staple")
    app.test_client().post(second, data=NEW)
    assert enters(app, "battery staple")


def test_a_reset_link_ends_when_the_password_changes_otherwise(app, db, ida):
    link = ask(app, ida.email)
    services.set_password(db, queries.user_by_email(db, ida.email), "a third one")
    db.commit()
    app.test_client().post(link, data=NEW)
    assert not enters(app, "battery staple")


def test_asking_for_a_link_changes_nothing_for_who_is_signed_in(app, ida):
    browser = app.test_client()
    browser.post("/sign-in", data={"email": ida.email, "password": "correct horse"})
    ask(app, ida.email)
    assert browser.get("/account").status_code == 200
    assert enters(app, "correct horse")


def test_tokens_made_before_tokens_ended_end_in_ninety_days(tmp_path):
    settings = Settings(environment="test", data=tmp_path, database_url="")
    steps = config(settings.database)
    command.upgrade(steps, "0011")
    engine = sa.create_engine(settings.database)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO user (id, created_at, email, name, active, fs_uniquifier, login_count, "
            "time_zone) VALUES (1, '2026-01-01 00:00:00', 'a@example.org', 'A', 1, 'u', 0, '')"
        )
        connection.exec_driver_sql(
            "INSERT INTO api_token (id, created_at, user_id, name, token_hash) "
            "VALUES (1, '2026-01-01 00:00:00', 1, 'old', 'h')"
        )
    command.upgrade(steps, "head")
    with engine.connect() as connection:
        row = connection.execute(sa.select(ApiToken)).one()
    engine.dispose()
    assert row.scope is Scope.WRITE
    assert timedelta(days=89) < row.expires_at - now() < timedelta(days=91)
