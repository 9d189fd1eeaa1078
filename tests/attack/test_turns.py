"""Others write at the same moment: what lost its turn is done again as a whole, or told so.

Nothing is doubled by that: one row, one entry of the log, one word to those who listen.
"""

import io
import threading
import time

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from reviewtool import audit, jobs
from reviewtool.acts import Act
from reviewtool.audit import AuditEntry
from reviewtool.db import engine, faults, turns
from reviewtool.db.engine import transaction
from reviewtool.errors import Busy
from reviewtool.protocol import services as protocol
from reviewtool.references.models import Import
from reviewtool.screening.models import Decision
from reviewtool.team.models import Review
from reviewtool.verification import chains
from tests import build
from tests.conftest import POSTGRES

sqlite_only = pytest.mark.skipif(bool(POSTGRES), reason="SQLite's single writer")
postgres_only = pytest.mark.skipif(not POSTGRES, reason="PostgreSQL's waiting transactions")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """SQLite itself gives up at once, so that our own turns are what is tried."""
    monkeypatch.setattr(engine, "BUSY_MS", 20)


class Writer:
    """Somebody who holds the database's only pen."""

    def __init__(self, database):
        self.connection = database.writer.connect()
        self.connection.begin()

    def end(self):
        self.connection.rollback()
        self.connection.close()

    def end_after(self, seconds):
        """From another thread, while the test waits for its turn."""
        timer = threading.Timer(seconds, self.end)
        timer.start()
        return timer


@sqlite_only
def test_a_vote_waits_for_its_turn_and_is_stored_once(db, database, review, sign_in):
    record = build.record(db, review.review)
    ben = sign_in(review.ben)
    timer = Writer(database).end_after(0.4)
    address = f"/api/v1/reviews/{record.review_id}/screening/records/{record.id}/vote"
    answer = ben.post(address, json={"vote": "include"})
    timer.join()
    assert answer.status_code == 200
    assert len(db.exec(select(Decision)).all()) == 1
    acts = db.exec(select(AuditEntry).where(AuditEntry.action == Act.SCREENING_DECIDE.value)).all()
    assert len(acts) == 1
    assert chains(db) == []


@sqlite_only
def test_a_form_that_makes_something_waits_with_its_number(db, database, review, sign_in):
    ann = sign_in(review.ann)
    timer = Writer(database).end_after(0.4)
    answer = ann.post("/reviews", data={"title": "Waited for", "once": "n1"})
    timer.join()
    assert answer.status_code == 303
    assert len(db.exec(select(Review).where(Review.title == "Waited for")).all()) == 1
    db.commit()  # reading here holds the pen too
    again = ann.post("/reviews", data={"title": "Waited for", "once": "n1"})
    assert again.status_code == 303
    assert again.location == answer.location


@sqlite_only
def test_a_file_is_read_again_from_its_beginning(db, database, review, sign_in):
    ann = sign_in(review.ann)
    timer = Writer(database).end_after(0.4)
    content = b"TY  - JOUR\nTI  - One\nER  - \n"
    sent = {"files": (io.BytesIO(content), "one.ris")}
    answer = ann.post(f"/reviews/{review.review.id}/references/imports/new", data=sent)
    timer.join()
    assert answer.status_code == 303
    assert [row.size for row in db.exec(select(Import)).all()] == [len(content)]


@sqlite_only
@pytest.mark.parametrize("kind", ["page", "fragment", "api"])
def test_who_waits_in_vain_is_told_in_a_sentence(db, database, review, sign_in, monkeypatch, kind):
    monkeypatch.setattr("reviewtool.web.repeating.REQUEST_PATIENCE", 0.2)
    record = build.record(db, review.review)
    ben = sign_in(review.ben)
    writer = Writer(database)
    base = f"/reviews/{record.review_id}/screening/records/{record.id}"
    headers = {"HX-Request": "true"} if kind == "fragment" else {}
    if kind == "api":
        answer = ben.post(f"/api/v1{base}/vote", json={"vote": "include"})
        assert answer.content_type == "application/problem+json"
        assert answer.json["code"] == "busy"
        assert answer.json["title"] == Busy.message
    else:
        answer = ben.post("/reviews", data={"title": "Never"}, headers=headers)
        assert ("<html" in answer.text) is (kind == "page")
    assert answer.status_code == 503
    assert Busy.message in answer.text
    writer.end()
    assert db.exec(select(Decision)).all() == []
    assert db.exec(select(Review).where(Review.title == "Never")).all() == []


@sqlite_only
def test_a_job_waits_for_its_turn(app, db, database, monkeypatch):
    ran = []
    monkeypatch.setitem(jobs.REGISTRY, "test.turn", lambda run: ran.append(run.job_id))
    with app.app_context():
        row = jobs.Job(name="test.turn", title="Turn")
        db.add(row)
        db.commit()
        timer = Writer(database).end_after(0.3)
        jobs.run(row.id)
        timer.join()
    db.expire_all()
    assert (ran, row.state, row.attempts) == ([row.id], jobs.JobState.DONE, 1)


def test_a_transaction_that_lost_is_done_again_whole_and_once(app, db, database, review):
    review_id, told, tries = review.review.id, [], []
    events_before = len(db.exec(select(AuditEntry)).all())
    db.commit()
    with app.app_context():
        for turn in turns.turns(database):
            with turn as mine:
                row = mine.get_one(Review, review_id)
                row.note += "x"
                audit.append(mine, "test", Act.TEAM_RENAME_REVIEW, row, chain=review_id)
                engine.after_commit(mine, lambda: told.append(1))
                mine.flush()
                tries.append(row.note)
                if len(tries) < 3:
                    raise Busy()
    db.expire_all()
    assert tries == ["x", "x", "x"], "each try begins with what is stored"
    assert db.get_one(Review, review_id).note == "x"
    assert told == [1]
    assert len(db.exec(select(AuditEntry)).all()) == events_before + 1
    assert chains(db) == []


def test_other_errors_are_not_tried_again(app, database):
    tries = []

    def fail():
        for turn in turns.turns(database):
            with turn:
                tries.append(1)
                raise ValueError("mine")

    with app.app_context(), pytest.raises(ValueError, match="mine"):
        fail()
    assert tries == [1]


def test_pauses_grow_differ_and_end():
    slept = []
    waits = turns.Waits(60, sleep=slept.append)
    for _ in range(12):
        waits.rest()
    assert slept[0] < slept[5] < slept[9] <= turns.LONGEST_PAUSE
    assert len(set(slept)) == 12
    assert waits.are_left
    assert not turns.Waits(0).are_left


def deadlocked(app, database, review, other, barrier):
    """Change two reviews, the second one when the other transaction holds it."""
    tries = 0
    with app.app_context():
        for turn in turns.turns(database):
            with turn as mine:
                tries += 1
                mine.execute(sa.update(Review).where(col(Review.id) == review).values(note="a"))
                if tries == 1:
                    barrier.wait(10)
                mine.execute(
                    sa.update(Review).where(col(Review.id) == other).values(title=f"By {review}")
                )
    return tries


@postgres_only
def test_two_that_wait_for_each_other_are_both_stored_on_postgresql(app, db, database, review):
    other = build.team(db).review.id
    one = review.review.id
    db.commit()
    barrier, tries = threading.Barrier(2), []

    def both(first, second):
        tries.append(deadlocked(app, database, first, second, barrier))

    threads = [
        threading.Thread(
            target=lambda a=a, b=b: tries.append(deadlocked(app, database, a, b, barrier))
        )
        for a, b in ((one, other), (other, one))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(tries) == [1, 2]
    db.expire_all()
    assert db.get_one(Review, one).title == f"By {other}"
    assert db.get_one(Review, other).title == f"By {one}"


@postgres_only
def test_a_request_that_the_database_ended_is_carried_out_again(db, review, sign_in, monkeypatch):
    ann = sign_in(review.ann)
    save, tries = protocol.save_row, []

    def unlucky(session, *args, **more):
        tries.append(1)
        found = save(session, *args, **more)
        if len(tries) == 1:
            session.execute(
                sa.text("DO $$ BEGIN RAISE EXCEPTION 'chosen' USING ERRCODE = '40P01'; END $$")
            )
        return found

    monkeypatch.setattr(protocol, "save_row", unlucky)
    address = f"/api/v1/reviews/{review.review.id}/protocol/criteria"
    sent = {"include": True, "aspect": "population", "text": "Adults"}
    assert ann.post(address, json=sent).status_code == 201
    assert len(tries) == 2
    [row] = ann.get(f"/api/v1/reviews/{review.review.id}/protocol/").json["criteria"]
    assert row["text"] == "Adults"
    acts = db.exec(
        select(AuditEntry).where(AuditEntry.action == Act.PROTOCOL_ADD_CRITERION.value)
    ).all()
    assert len(acts) == 1
    assert chains(db) == []


def test_what_each_database_says_becomes_one_kind():
    class Said(Exception):
        def __init__(self, sqlstate):
            self.sqlstate = sqlstate

    kinds = {"40001": "busy", "40P01": "busy", "55P03": "busy", "53100": "disk-full"}
    assert {state: faults.of_database(Said(state)).code for state in kinds} == kinds
    assert faults.of_database(Said("23505")) is None
    refused = Said(None)
    refused.args = ("FATAL:  could not write init file",)
    assert faults.of_database(refused).code == "disk-full"


def test_a_reading_session_never_writes_on_sqlite_after_it_has_read(database):
    """A read that turns into a write fails at once there, whatever the time-out says."""
    if not database.is_sqlite:
        pytest.skip("only SQLite has that trap")
    with database.session(write=True) as db:
        db.connection()
        start = time.monotonic()
        with pytest.raises(Busy), database.session(write=True) as second:
            second.connection()
        assert time.monotonic() - start < 2
    assert transaction  # every writer begins with BEGIN IMMEDIATE, in one place
