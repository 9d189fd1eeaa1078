"""Uploads are what they say and run nothing; what lies on disk is nobody else's to read."""

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from reviewtool import mail, private
from reviewtool.db.engine import Database
from reviewtool.db.migrate import upgrade
from reviewtool.launch import Console
from reviewtool.screening import errors
from reviewtool.screening import services as screening
from reviewtool.settings import Settings
from reviewtool.storage import Storage
from tests import build

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PAGE = b"<html><script>alert(document.cookie)</script></html>"


@pytest.fixture
def report(db, review):
    found = build.report(db, build.record(db, review.review, "A trial"))
    db.commit()
    return found


@pytest.mark.parametrize(
    "content",
    [PAGE, PAGE + PDF, b"\n" + PDF, b"\xef\xbb\xbf" + PDF, b"GIF89a" + PDF, b"%PDF", b""],
    ids=["page", "page first", "line first", "mark first", "picture first", "cut", "empty"],
)
def test_only_what_begins_as_a_pdf_is_taken(app, db, review, report, content):
    storage = Storage(app.extensions["settings"].files)
    with pytest.raises(errors.NotAPdf):
        screening.attach(db, review.ben, report, storage, "trial.pdf", content)
    placed = screening.attach_many(db, review.ben, storage, [("trial.pdf", content)])
    assert [name for name, _ in placed.refused] == ["trial.pdf"]
    assert not list(storage.folder.rglob("*")) if storage.folder.exists() else True


def test_an_upload_is_saved_or_read_in_the_page_and_runs_nothing(app, db, review, report, sign_in):
    storage = Storage(app.extensions["settings"].files)
    document = screening.attach(db, review.ben, report, storage, 'a"><b>.pdf', PDF).id
    db.commit()
    path = f"/reviews/{review.review.id}/full-text/documents/{document}"
    for query in ("", "?save=1", "?save=0", "?download="):
        answer = sign_in(review.ben).get(path + query)
        answer.close()
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox;")


def test_an_uploaded_file_of_references_is_only_saved(app, review, sign_in):
    ben, base = sign_in(review.ben), f"/reviews/{review.review.id}/references/imports"
    data = {"file": (io.BytesIO(PAGE), "records.html"), "database": "PubMed"}
    ben.post(f"/api/v1{base}", data=data, content_type="multipart/form-data")
    answer = ben.get(f"{base}/1/original")
    assert answer.status_code == 200
    assert answer.data == PAGE
    answer.close()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


# ---- on disk ----


@pytest.fixture
def loose():
    """A process whose new files everybody may read, as most shells start them."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def others_may(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) & 0o077


def test_the_database_and_the_secrets_are_ours_alone(tmp_path, loose):
    from reviewtool.team.setup import setup_url

    data = tmp_path / "data"
    settings = Settings(data=data, database_url="")
    upgrade(settings)
    database = Database.of(settings)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_head SET sequence = sequence")
        assert settings.session_secret
        assert setup_url(settings)
        found = {path.name: others_may(path) for path in data.iterdir()}
    database.dispose()
    assert {"reviewtool.sqlite3", "secret", "setup-token"} <= set(found)
    assert any(name.endswith("-wal") for name in found)
    assert others_may(data) == 0
    assert not any(found.values()), found


def test_uploads_lie_in_folders_that_are_ours_alone(tmp_path, loose):
    sha256, _ = Storage(tmp_path / "files").put(PDF)
    for path in (tmp_path / "files", *(tmp_path / "files").rglob("*")):
        assert others_may(path) == 0, path
    assert Storage(tmp_path / "files").read(sha256) == PDF


def test_what_an_earlier_version_left_open_is_closed(tmp_path, loose):
    (tmp_path / "logs").mkdir(mode=0o755)
    for name in ("reviewtool.sqlite3", "secret", "logs/web.log"):
        (tmp_path / name).write_text("x")
    private.tighten(tmp_path)
    for path in (tmp_path, *tmp_path.rglob("*")):
        assert others_may(path) == 0, path


# ---- links that open accounts ----


@pytest.fixture
def unmailed(app):
    """An app without a mail server, in its context."""
    app.extensions.pop("outbox")
    with app.app_context():
        yield app


LINK = "http://127.0.0.1:8080/password/reset/abc"


def test_at_the_terminal_of_up_the_link_is_shown_and_no_log_has_it(unmailed, capfd):
    console = Console(unmailed.extensions["settings"].data.resolve())
    assert others_may(console.path) == 0
    assert mail.send("ida@example.org", "New password", LINK) is mail.Delivery.SHOWN
    said, logged = capfd.readouterr()
    assert LINK not in said + logged  # nothing of the child's own output, which is logged
    console.show()
    assert LINK in capfd.readouterr()[0]
    console.show()
    console.close()
    assert not console.path.exists()


def test_an_error_stream_that_is_a_file_does_not_get_the_link(unmailed, tmp_path, monkeypatch):
    log = tmp_path / "web.log"
    with log.open("w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        mail.send("ida@example.org", "New password", LINK)
    assert "New password" in log.read_text()
    assert "REVIEWTOOL_SMTP_HOST" in log.read_text()
    assert LINK not in log.read_text()


def test_without_up_the_terminal_still_shows_it(unmailed, monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    mail.send("ida@example.org", "New password", LINK)
    assert LINK in sys.stderr.getvalue()
