"""The disk runs full under a running server: sentences, pauses, and nothing lost.

A real file system of some megabytes holds the data folder (root can mount one; elsewhere
SQLite is told how many pages it may use). Under ``make test-services`` the PostgreSQL
database lies on it too.
"""

import errno
import io
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_security import hash_password
from sqlmodel import select

from reviewtool import disk, jobs
from reviewtool.acts import Act
from reviewtool.app import create_app
from reviewtool.audit import AuditEntry
from reviewtool.checkpoints import Checkpoints
from reviewtool.db import faults
from reviewtool.db.types import now
from reviewtool.errors import DiskFull
from reviewtool.jobs import Job, JobState
from reviewtool.references.models import Import, ImportState, Record
from reviewtool.references.services import imports
from reviewtool.screening.models import Decision
from reviewtool.settings import Settings
from reviewtool.team import home
from reviewtool.team import services as team
from reviewtool.team.models import Review, SignIn
from reviewtool.verification import verify
from tests import build
from tests.conftest import POSTGRES, Browser, administer, postgres_url

ROOT = Path(__file__).parents[2]
ENTRIES = 2500
PASSWORD = "a long enough one"


class SmallDisk:
    """A file system that can be filled and emptied."""

    def __init__(self, folder):
        self.folder, self.filler = folder, folder / "filler"

    def fill(self, leave=0):
        """Let ``leave`` bytes be free, to the page."""
        with self.filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 16, 1 << 12):
                while shutil.disk_usage(self.folder).free >= leave + size:
                    try:
                        file.write(b"\0" * size)
                    except OSError:
                        break

    def make_room(self):
        self.filler.unlink()


@pytest.fixture
def small():
    """A mounted file system of 48 MB; where that is not allowed the test is skipped."""
    folder = Path(tempfile.mkdtemp(prefix="reviewtool-small-"))
    folder.chmod(0o755)
    command = ["mount", "-t", "tmpfs", "-o", "size=48m,mode=755", "tmpfs", folder]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        folder.rmdir()
        pytest.skip("no file system can be mounted here")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()


@pytest.fixture
def settings(small, request):
    """A server whose data folder, and whose database, lie on the small disk."""
    data = small.folder / "data"
    data.mkdir()
    if not POSTGRES:
        empty = request.getfixturevalue("empty_database")
        for suffix in ("", "-wal"):
            source = empty.with_name(empty.name + suffix)
            if source.exists():
                shutil.copy(source, data / source.name)
        yield Settings(environment="test", data=data, database_url="", disk_warning_mb=10)
        return
    space, name = small.folder / "space", f"full_{os.getpid()}"
    space.mkdir()
    try:
        shutil.chown(space, "postgres", "postgres")
        administer(f"CREATE TABLESPACE {name} LOCATION '{space}'")
    except (LookupError, PermissionError, sa.exc.DBAPIError):
        pytest.skip("the database server cannot use a small disk of ours")
    template = request.getfixturevalue("empty_postgres")
    # Copied pages take their room only when they are written: by a checkpoint, now.
    administer(f"CREATE DATABASE {name} TEMPLATE {template} TABLESPACE {name}", "CHECKPOINT")
    yield Settings(
        environment="test", data=data, database_url=postgres_url(name), disk_warning_mb=10
    )
    administer(f"DROP DATABASE {name} WITH (FORCE)", f"DROP TABLESPACE {name}")


@pytest.fixture
def app(settings):
    application = create_app(settings)
    application.extensions["outbox"] = []
    application.extensions["send_job"] = lambda _id: None
    application.test_client_class = Browser
    yield application
    application.extensions["database"].dispose()


def file_of(entries):
    """A RIS file with so many entries, each with an abstract of a kilobyte."""
    words = "headache " * 110
    return "".join(
        f"TY  - JOUR\nTI  - Trial number {n} of a long series\nAU  - Visser, W{n}\n"
        f"PY  - 1996\nDO  - 10.1000/{n}\nAB  - {n} {words}\nER  - \n\n"
        for n in range(entries)
    ).encode()


def begin_import(db, review, content):
    with jobs.held():
        row = imports.import_bytes(db, review.ann, "many.ris", content, database="MEDLINE")
        db.commit()
    return row


def test_votes_sign_ins_and_uploads_are_told_that_the_disk_is_full(app, db, small, review, sign_in):
    record = build.record(db, review.review)
    review.cem.user.password = hash_password(PASSWORD)
    db.add(review.cem.user)
    ben, dora = sign_in(review.ben), sign_in(review.dora)
    votes = f"/api/v1/reviews/{record.review_id}/screening/records/{record.id}/vote"
    sign_ins = len(db.exec(select(SignIn)).all())
    db.commit()
    small.fill()

    told = ben.post(votes, json={"vote": "include"})
    assert (told.status_code, told.content_type) == (507, "application/problem+json")
    assert told.json["code"] == "disk-full"
    assert told.json["title"] == DiskFull.message

    page = f"/reviews/{record.review_id}/screening/records/{record.id}/decision"
    told = ben.post(page, data={"vote": "include"})
    assert told.status_code == 507
    assert DiskFull.message in told.text
    assert "<html" in told.text

    told = ben.post(page, data={"vote": "include"}, headers={"HX-Request": "true"})
    assert told.status_code == 507
    assert DiskFull.message in told.text
    assert "<html" not in told.text

    account = {"email": review.cem.user.email, "password": PASSWORD}
    stranger = app.test_client()
    told = stranger.post("/sign-in", data=account)
    assert told.status_code == 507
    assert DiskFull.message in told.text

    upload = f"/reviews/{record.review_id}/references/imports/new"
    told = dora.post(upload, data={"files": (io.BytesIO(file_of(300)), "many.ris")})
    assert told.status_code == 507
    assert DiskFull.message in told.text

    assert ben.get(f"/reviews/{record.review_id}/").status_code == 200, "reading goes on"
    db.expire_all()
    assert db.exec(select(Decision)).all() == []
    assert db.exec(select(Import)).all() == []
    assert len(db.exec(select(SignIn)).all()) == sign_ins
    db.commit()

    small.make_room()
    assert ben.post(votes, json={"vote": "include"}).status_code == 200
    assert stranger.post("/sign-in", data=account).status_code == 302
    told = dora.post(upload, data={"files": (io.BytesIO(file_of(300)), "many.ris")})
    assert told.status_code == 303
    assert len(db.exec(select(Decision)).all()) == 1
    assert verify(db) == []


@pytest.mark.parametrize("by", ["the schedule", "the button", "the API", "the administrator"])
def test_an_import_pauses_with_its_reason_and_goes_on_to_the_end(
    app, db, small, settings, review, sign_in, by
):
    entries = ENTRIES if by == "the schedule" else 1200
    content = file_of(entries)
    team.make_administrator(db, review.dora.user)
    ann, dora = sign_in(review.ann), sign_in(review.dora)
    row = begin_import(db, review, content)
    base = f"/reviews/{row.review_id}"
    small.fill(leave=1_500_000)
    jobs.run(row.job_id)
    db.expire_all()

    job = db.get_one(Job, row.job_id)
    assert (job.state, job.error) == (JobState.PAUSED, "Paused: the server’s disk is full.")
    assert job.resume_at > now()
    assert row.state is ImportState.RUNNING
    db.commit()
    page = ann.get(f"{base}/references/imports/{row.id}").text
    assert "Paused" in page
    assert job.error in page
    assert "Try again now" in page
    assert ">paused<" in ann.get(f"{base}/references/").text
    told = ann.get(f"/api/v1{base}/jobs/{job.id}").json
    assert (told["state"], told["error"]) == ("paused", job.error)
    assert "the server’s disk is full" in dora.get("/server").text
    active = "SELECT count(*) FROM record WHERE set_aside_at IS NULL"
    assert db.execute(sa.text(active)).scalar_one() == 0, "half an import is never seen"
    db.commit()

    small.make_room()
    match by:
        case "the schedule":
            assert jobs.resume_due() == [], "it is not time yet"
            db.get_one(Job, job.id).resume_at = now()
            db.commit()
            assert disk.has_room(settings)
            assert jobs.resume_due() == [job.id]
        case "the button":
            assert ann.post(f"{base}/jobs/{job.id}/resume").status_code == 303
            assert ann.post(f"{base}/jobs/{job.id}/resume").status_code == 409
        case "the API":
            told = ann.post(f"/api/v1{base}/jobs/{job.id}/resume")
            assert (told.status_code, told.json["state"]) == (200, "queued")
        case "the administrator":
            assert ann.post("/server/jobs/resume").status_code == 404
            assert dora.post("/server/jobs/resume").status_code == 303
    with jobs.held():
        jobs.run(job.id)
    db.expire_all()
    assert (job.state, job.error, job.attempts) == (JobState.DONE, "", 2)
    assert row.state is ImportState.DONE
    assert (row.entries, row.stored, row.rejected) == (entries, entries, 0)
    assert len(db.exec(select(Record.id)).all()) == entries
    stored = select(AuditEntry).where(AuditEntry.action == Act.REFERENCES_STORED.value)
    assert len(db.exec(stored).all()) == 1
    assert verify(db) == []


@pytest.mark.skipif(bool(POSTGRES), reason="what PostgreSQL frees by itself is its own")
def test_a_disk_too_full_even_for_that_leaves_a_job_that_is_found(app, db, small, review):
    row = begin_import(db, review, file_of(1500))
    small.fill(leave=900_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "_pause", lambda *_: small.fill())
        jobs.run(row.job_id)
    job = db.get_one(Job, row.job_id)
    db.expire_all()
    assert job.state is JobState.RUNNING
    assert job.id in jobs.lost(db)
    db.commit()
    small.make_room()
    with jobs.held():
        jobs.run(job.id)
    db.expire_all()
    assert (job.state, row.stored) == (JobState.DONE, 1500)


def test_a_cancelled_pause_clears_what_was_begun(app, db, small, review, sign_in):
    ann = sign_in(review.ann)
    row = begin_import(db, review, file_of(1200))
    small.fill(leave=1_500_000)
    jobs.run(row.job_id)
    small.make_room()
    assert ann.post(f"/reviews/{row.review_id}/jobs/{row.job_id}/cancel").status_code == 303
    with jobs.held():
        jobs.run(row.job_id)
    db.expire_all()
    assert db.get_one(Job, row.job_id).state is JobState.CANCELLED
    assert row.state is ImportState.FAILED
    assert db.exec(select(Record)).all() == []


def test_administrators_are_warned_before_the_disk_is_full(
    app, db, small, settings, review, sign_in, caplog
):
    team.make_administrator(db, review.ann.user)
    ann, ben = sign_in(review.ann), sign_in(review.ben)
    home = f"/reviews/{review.review.id}/"
    assert "Make room on it" not in ann.get(home).text
    assert ann.get("/readyz").json["disk"] == "ok"
    small.fill(leave=5_000_000)
    assert "of 50 MB. Make room on it." in ann.get(home).text
    assert "Make room on it" not in ben.get(home).text
    assert "Running short" in ann.get("/server").text
    assert ben.get("/server").status_code == 404
    ready = ann.get("/readyz")
    assert (ready.status_code, ready.json["status"]) == (200, "ok")
    assert ready.json["disk"].startswith("low, ")
    with caplog.at_level(logging.INFO):
        disk.watch(settings)
        disk.watch(settings)
    assert sum("Make room on it" in line for line in caplog.messages) == 1
    small.fill()
    assert "Full: nothing can be stored" in ann.get("/server").text
    assert not disk.has_room(settings)
    small.make_room()


@pytest.mark.services
def test_commands_end_with_a_sentence(app, db, small, settings, review, tmp_path):
    owner, number = review.ann.user.email, review.review.id
    db.commit()
    app.extensions["database"].dispose()
    environment = os.environ | {
        "REVIEWTOOL_ENVIRONMENT": "test",
        "REVIEWTOOL_DATA": str(settings.data),
        "REVIEWTOOL_DATABASE_URL": settings.database_url,
    }
    source = tmp_path / "many.ris"
    source.write_bytes(file_of(3000))
    target = small.folder / "out.zip"

    def command(*words):
        return subprocess.run(
            [sys.executable, "-m", "reviewtool", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )

    made = ("user", "add", "new@example.org", "--password", PASSWORD)
    taken = ("export", "--review", str(number), "--as", owner, "--out", str(target))
    brought = ("import", str(source), "--review", str(number), "--as", owner, "--database", "X")
    small.fill()
    for words in (made, brought):
        told = command(*words)
        assert told.returncode == 1, told.stdout
        assert told.stderr.strip().endswith(DiskFull.message)
    told = command(*taken)
    assert told.returncode == 1
    assert "disk is full" in told.stderr
    assert "Traceback" not in told.stderr
    small.make_room()
    small.fill(leave=5_500_000)
    told = command(*brought)
    assert told.returncode == 1
    assert "Paused: the server’s disk is full. It is kept" in told.stderr
    small.make_room()
    assert command(*made).returncode == 0
    assert command(*taken).returncode == 0
    assert target.stat().st_size > 1000


def test_a_checkpoint_that_found_no_room_is_made_up_for(tmp_path):
    kept = Checkpoints([tmp_path / "checkpoints"], "secret")
    kept.folders[0].write_text("in the way")
    kept.keep(1, 7, "a" * 64)
    kept.keep(1, 8, "b" * 64)
    kept.keep(-1, 3, "c" * 64)
    kept.folders[0].unlink()
    assert kept.signed() == []
    kept.keep(2, 1, "d" * 64)
    assert {(one.chain, one.sequence) for one in kept.signed()} == {(1, 8), (-1, 3), (2, 1)}


def test_who_stored_and_then_lost_the_disk_is_told_so(app, db, review, sign_in, monkeypatch):
    """The review stands already when the page after it cannot be made."""
    ann = sign_in(review.ann)

    def full(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(home, "redirect_to", full)
    told = ann.post("/reviews", data={"title": "Stored all the same"})
    assert told.status_code == 507
    assert "What you sent was stored" in told.text
    assert len(db.exec(select(Review).where(Review.title == "Stored all the same")).all()) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_every_way_to_say_that_there_is_no_room_is_understood(number):
    assert isinstance(faults.of_system(OSError(number, "")), DiskFull)
    assert faults.of_system(OSError(errno.ENOENT, "")) is None


@pytest.mark.skipif(bool(POSTGRES), reason="SQLite's own limit")
def test_without_a_small_disk_sqlite_says_the_same(tmp_path, empty_database):
    """Where nothing can be mounted: a database that may not grow."""
    shutil.copy(empty_database, tmp_path / "reviewtool.sqlite3")
    application = create_app(Settings(environment="test", data=tmp_path, database_url=""))
    database = application.extensions["database"]

    @sa.event.listens_for(database.engine, "connect")
    def limit(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    def grow():
        with database.session(write=True) as db:
            for _ in range(200):
                db.add(Review(title="x" * 400, note="y" * 2000))
                db.flush()

    with pytest.raises(DiskFull):
        grow()
    database.dispose()
