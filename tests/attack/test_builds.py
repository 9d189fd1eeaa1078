"""A review made in many transactions is whole or gone, whatever happens meanwhile."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from reviewtool import jobs
from reviewtool.acts import Act
from reviewtool.audit import AuditEntry
from reviewtool.db.row import metadata
from reviewtool.demo import acupuncture, fibromyalgia, triptans
from reviewtool.demo import build as demo
from reviewtool.errors import DiskFull
from reviewtool.team import queries
from reviewtool.team import services as team
from reviewtool.team.errors import BeingBuilt, BuildWasRemoved
from reviewtool.team.models import Review, UnfinishedReview
from reviewtool.team.services import unfinished
from reviewtool.verification import verify
from tests import build

ROOT = Path(__file__).parents[2]
KEEPS = {"audit_entry", "audit_head", "user_site_role"}  # the log cannot forget


def rows(database):
    """How many rows each table has, and which files are stored."""
    with database.engine.connect() as connection:
        return {
            table.name: connection.execute(
                sa.select(sa.func.count()).select_from(table)
            ).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in KEEPS
        }


def files(settings):
    return sorted(p for p in settings.files.rglob("*") if p.is_file())


class Stopped(Exception):
    pass


def stop_at(words, error=Stopped):
    def report(_done, _total, message=""):
        if message.startswith(words):
            raise error()

    return report


def silent(_done, _total, _message=""):
    pass


@pytest.fixture
def person(db):
    found = build.user(db, "Paula")
    db.commit()
    return found


@pytest.fixture
def small(monkeypatch):
    """Sixty citations are enough to fail between."""
    some = triptans.citations()[:60]
    monkeypatch.setattr(triptans, "citations", lambda: some)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("error", [Stopped, pytest.param(DiskFull, marks=pytest.mark.services)])
def test_a_build_that_fails_in_the_middle_leaves_nothing(
    app, db, database, settings, person, error
):
    before = rows(database)
    with app.app_context():
        with pytest.raises(error):
            demo.build(person.id, stop_at("Screening full texts", error))
        assert rows(database) == before
        assert files(settings) == []
        last = db.exec(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert last.action == Act.TEAM_REMOVE_UNFINISHED.value
        assert last.changes["rows"][1] > 500
        assert verify(db) == []
        db.commit()
        again = team.create_review(db, person, "The next one")
        assert again.review_id != last.chain, "no review goes on with another one's log"


@pytest.mark.usefixtures("small")
def test_what_a_killed_process_left_is_found_and_removed(
    app, db, database, person, monkeypatch, sign_in
):
    before = rows(database)
    with app.app_context():
        with monkeypatch.context() as killed:
            killed.setattr(demo, "clear", lambda _review: None)
            with pytest.raises(Stopped):
                demo.build(person.id, stop_at("Screening titles"))
        [left] = db.exec(select(UnfinishedReview)).all()
        db.commit()
        assert demo.clear_left_behind() == [], "its process lives"
        assert sign_in(person).get(f"/reviews/{left.review_id}/").status_code == 404
        assert queries.reviews_of(db, person) == []
        with pytest.raises(BeingBuilt):
            demo.build(person.id, silent)
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        left.process = gone.pid
        db.commit()
        review_id = left.review_id
        assert demo.clear_left_behind() == [review_id]
        assert rows(database) == before
        db.expire_all()
        with pytest.raises(BuildWasRemoved):
            unfinished.go_on(db, review_id)


@pytest.mark.usefixtures("small")
def test_a_job_that_is_tried_again_begins_anew_at_once(app, db, database, person, monkeypatch):
    """Its first try was killed with its worker, whose process number somebody else has now."""
    ends = []
    for module in (triptans, fibromyalgia, acupuncture):
        monkeypatch.setattr(module, "build", lambda stage: ends.append(stage.review_id))
    monkeypatch.setattr(demo.appraisal, "triptans", lambda _stage: None)
    monkeypatch.setattr(demo.appraisal, "fibromyalgia", lambda _stage: None)
    monkeypatch.setattr(demo.appraisal, "acupuncture", lambda _stage: None)
    with app.app_context():
        with monkeypatch.context() as killed:
            killed.setattr(demo, "clear", lambda _review: None)
            killed.setattr(triptans, "build", lambda _stage: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                demo.build(person.id, silent, job_id=7)
        demo.build(person.id, silent, job_id=7)
        assert len(db.exec(select(Review)).all()) == 3
        assert db.exec(select(UnfinishedReview)).all() == []
        assert sorted(ends) == [review.id for review in db.exec(select(Review).order_by(Review.id))]


def test_the_button_pressed_twice_shows_the_same_job(app, db, person, sign_in):
    app.extensions["send_job"] = lambda _id: None
    browser = sign_in(person)
    first, second = (browser.post("/demo", data={"confirm": "1"}).location for _ in range(2))
    assert first == second
    assert len(db.exec(select(jobs.Job)).all()) == 1


@pytest.mark.services
def test_two_builds_at_once_are_both_whole(app, db, database, settings):
    people = [build.user(db, name) for name in ("Paula", "Pedro")]
    db.commit()
    errors = []

    def one(person_id):
        with app.app_context():
            try:
                demo.build(person_id, silent)
            except BaseException as error:
                errors.append(error)

    threads = [threading.Thread(target=one, args=(person.id,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    db.expire_all()
    for person in people:
        assert len(queries.reviews_of(db, person)) == 3
    per_review = [
        tuple(
            db.execute(
                sa.select(sa.func.count()).select_from(table).where(table.c.review_id == review.id)
            ).scalar_one()
            for table in metadata.sorted_tables
            if "review_id" in table.c and table.name != "job"
        )
        for review in db.exec(select(Review).order_by(Review.title, Review.id)).all()
    ]
    assert per_review[0] == per_review[1]
    assert per_review[2] == per_review[3]
    assert per_review[4] == per_review[5]
    assert verify(db) == []


@pytest.mark.services
def test_a_build_killed_outright_is_removed_at_the_next_start(app, db, database, settings, person):
    environment = os.environ | {
        "REVIEWTOOL_ENVIRONMENT": "test",
        "REVIEWTOOL_DATA": str(settings.data),
        "REVIEWTOOL_DATABASE_URL": settings.database_url,
    }
    before = rows(database)
    command = [sys.executable, "-m", "reviewtool", "demo", person.email]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 120
    while rows(database)["blind_vote"] + rows(database)["decision"] < 50:
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert rows(database)["unfinished_review"] == 1
    with app.app_context():
        assert len(demo.clear_left_behind()) == 1
    assert rows(database) == before
    assert files(settings) == []
    assert verify(db) == []
