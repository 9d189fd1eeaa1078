"""Who came in, who was refused and what was taken out stand in the log of those who may see it."""

import io

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from reviewtool import audit, verification
from reviewtool.acts import Act
from reviewtool.audit import AuditEntry
from reviewtool.cli import running
from reviewtool.cli.accounts import user as user_commands
from reviewtool.storage import Storage
from reviewtool.team import queries, services
from tests import build
from tests.attack.test_files import PDF

PASSWORD = "correct horse"


@pytest.fixture
def ida(db):
    user = services.create_user(db, "ida@example.org", "Ida", PASSWORD)
    db.commit()
    return user


def acts_of(db, chain, user):
    rows = db.exec(
        select(AuditEntry.action)
        .where(AuditEntry.chain == chain, AuditEntry.user_id == user.id)
        .order_by(col(AuditEntry.sequence))
    ).all()
    db.commit()
    return list(rows)


def test_what_happens_to_an_account_is_logged_and_its_owner_sees_it(app, db, ida):
    browser = app.test_client()
    browser.post("/sign-in", data={"email": ida.email, "password": "wrong"})
    browser.post("/sign-in", data={"email": ida.email, "password": PASSWORD})
    new = {"password": PASSWORD, "new_password": "battery staple"}
    browser.post("/password/change", data=new | {"new_password_confirm": "battery staple"})
    browser.post("/account/tokens", data={"name": "notebook", "scope": "read", "days": "30"})
    page = browser.get("/account").text
    browser.post("/sign-out")
    logged = acts_of(db, audit.SYSTEM, ida)
    for act in (
        Act.TEAM_SIGN_IN_FAILED,
        Act.TEAM_SIGN_IN,
        Act.TEAM_CHANGE_PASSWORD,
        Act.TEAM_CREATE_TOKEN,
        Act.TEAM_SIGN_OUT,
    ):
        assert act.value in logged, act
        if act is not Act.TEAM_SIGN_OUT:
            assert act.words[0].upper() + act.words[1:] in page
    assert verification.chains(db, audit.SYSTEM) == []


def test_nobody_else_sees_it(app, db, ida, review, sign_in):
    app.test_client().post("/sign-in", data={"email": ida.email, "password": "wrong"})
    base = f"/reviews/{review.review.id}"
    ann = sign_in(review.ann)
    for page in ("/account", f"{base}/audit", f"{base}/report/exports/audit"):
        assert ida.email not in ann.get(page).text


def test_an_administrator_sees_it_at_the_command_line(app, ida, database, monkeypatch):
    app.test_client().post(
        "/sign-in",
        data={"email": ida.email, "password": "wrong"},
        environ_overrides={"REMOTE_ADDR": "203.0.113.5"},
    )
    monkeypatch.setattr(running, "database", lambda: database)
    done = CliRunner().invoke(user_commands, ["log", ida.email])
    assert done.exit_code == 0, done.output
    assert "was refused: wrong password (address 203.0.113.5)" in done.output


def test_no_password_and_no_token_is_in_the_log(app, db, ida):
    browser = app.test_client()
    browser.post("/sign-in", data={"email": ida.email, "password": "a secret typo"})
    browser.post("/sign-in", data={"email": ida.email, "password": PASSWORD})
    page = browser.post("/account/tokens", data={"name": "n", "scope": "read", "days": "30"}).text
    token = page.split('<code class="long">')[1].split("<")[0]
    everything = "".join(str(e.changes) for e in db.exec(select(AuditEntry)).all())
    for secret in ("a secret typo", PASSWORD, token):
        assert secret not in everything


def test_tries_for_accounts_that_do_not_exist_do_not_fill_the_log(app, db, ida):
    before = len(db.exec(select(AuditEntry)).all())
    db.commit()
    app.test_client().post("/sign-in", data={"email": "nobody@example.org", "password": "x"})
    assert len(db.exec(select(AuditEntry)).all()) == before


# ---- files ----


def taken(db, review):
    rows = db.exec(
        select(AuditEntry)
        .where(AuditEntry.action == Act.TEAM_DOWNLOAD.value)
        .order_by(col(AuditEntry.sequence))
    ).all()
    found = [(e.member_id, e.changes["file"][1], e.changes.get("via", [0, ""])[1]) for e in rows]
    db.commit()
    return found


def test_every_export_is_logged_with_who_took_it(app, db, review, sign_in):
    from reviewtool.reporting.exports import EXPORTS

    build.record(db, review.review, "A trial")
    db.commit()
    browser, base = sign_in(review.observer), f"/reviews/{review.review.id}/report/exports"
    asked = []
    for one in EXPORTS:
        if browser.get(f"{base}/{one.key}").status_code == 200:
            asked.append((review.observer.id, one.file_name, ""))
    assert len(asked) > 5
    assert taken(db, review) == asked
    assert verification.chains(db, review.review.id) == []


def test_a_program_is_named_as_one(app, db, review, client):
    token = services.create_token(db, review.ben.user, "notebook")
    db.commit()
    path = f"/api/v1/reviews/{review.review.id}/report/exports/records"
    assert client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert taken(db, review) == [(review.ben.id, "records.csv", "API token")]


def test_a_full_text_saved_is_logged_and_one_read_in_the_page_is_not(app, db, review, sign_in):
    from reviewtool.screening import services as screening

    report = build.report(db, build.record(db, review.review, "A trial"))
    storage = Storage(app.extensions["settings"].files)
    document = screening.attach(db, review.ben, report, storage, "Visser 1996.pdf", PDF).id
    db.commit()
    path = f"/reviews/{review.review.id}/full-text/documents/{document}"
    ben = sign_in(review.ben)
    ben.get(path, headers={"Sec-Fetch-Dest": "empty"}).close()
    assert taken(db, review) == []
    ben.get(path, headers={"Sec-Fetch-Dest": "document"}).close()
    assert taken(db, review) == [(review.ben.id, "Visser 1996.pdf", "")]


def test_an_original_and_a_list_of_what_was_rejected_are_logged(app, db, review, sign_in):
    ben, base = sign_in(review.ben), f"/reviews/{review.review.id}/references/imports"
    data = {"file": (io.BytesIO(b"TY  - JOUR\nTI  - A\nER  - \n"), "a.ris"), "database": "PubMed"}
    ben.post(f"/api/v1{base}", data=data, content_type="multipart/form-data")
    ben.get(f"{base}/1/original").close()
    ben.get(f"{base}/1/rejected.csv").close()
    assert len(taken(db, review)) == 2


def test_a_refused_or_unchanged_file_is_not_logged(app, db, review, sign_in, client):
    path = f"/reviews/{review.review.id}/report/exports/records"
    stranger = sign_in(build.user(db, "Stranger"))
    db.commit()
    assert stranger.get(path).status_code == 404
    assert client.get(path).status_code == 302
    assert sign_in(review.ann).get(f"{path}-of-nothing").status_code == 404
    assert taken(db, review) == []


def test_those_who_may_see_the_log_read_it_there(app, db, review, sign_in):
    sign_in(review.ben).get(f"/reviews/{review.review.id}/report/exports/records")
    page = sign_in(review.dora).get(f"/reviews/{review.review.id}/audit").text
    assert "took a file out of the review" in page.lower()
    assert "records.csv" in page
    assert sign_in(review.ben).get(f"/reviews/{review.review.id}/audit").status_code == 403


def test_an_export_at_the_command_line_is_logged(app, db, review, monkeypatch, tmp_path):
    from reviewtool.cli.reporting import export

    monkeypatch.setattr(running, "app", lambda: app)
    monkeypatch.chdir(tmp_path)
    arguments = ["--review", str(review.review.id), "--as", review.ann.user.email]
    db.commit()
    done = CliRunner().invoke(export, [*arguments, "--only", "records"])
    assert done.exit_code == 0, done.output
    assert taken(db, review) == [(review.ann.id, "records.csv", "")]


def test_the_log_of_an_account_is_the_persons_own(db, ida, review):
    assert all(e.user_id == ida.id for e in queries.account_log(db, ida))
