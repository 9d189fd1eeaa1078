"""Whoever writes to SQLite stands in line, across threads and processes."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from reviewtool.db.engine import BUSY_MS, after_commit, transaction
from reviewtool.db.line import Line
from reviewtool.errors import Busy

HOLDER = """
import sys, time
from pathlib import Path
from reviewtool.db.line import Line
leave = Line(Path(sys.argv[1])).enter(5)
print("mine", flush=True)
time.sleep(60)
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "reviewtool.sqlite3"


def test_one_at_a_time_and_the_file_is_ours_alone(file):
    leave = Line(file).enter(1)
    with pytest.raises(Busy):
        Line(file).enter(0.05)  # as another process
    leave()
    Line(file).enter(1)()
    assert file.with_name("reviewtool.sqlite3-line").stat().st_mode & 0o077 == 0


def test_two_threads_of_a_process_wait_for_each_other(file):
    line = Line(file)
    leave = line.enter(1)
    with pytest.raises(Busy):
        line.enter(0.05)
    leave()
    line.enter(1)()


def test_a_killed_process_gives_its_place_up(file):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "mine\n"
        with pytest.raises(Busy):
            Line(file).enter(0.05)
        holder.send_signal(signal.SIGKILL)
    Line(file).enter(5)()


def test_who_writes_again_and_again_lets_the_others_in(file):
    turns, over = {"a": 0, "b": 0}, time.monotonic() + 1

    def write(name, line):
        while time.monotonic() < over:
            leave = line.enter(5)
            turns[name] += 1
            time.sleep(0.003)
            leave()

    lines = {"a": Line(file), "b": Line(file)}
    threads = [
        threading.Thread(target=write, args=(name, lines[name])) for name in ("a", "a", "a", "b")
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert turns["b"] > turns["a"] / 5


def test_without_a_place_for_the_file_sqlite_itself_makes_us_wait(tmp_path):
    Line(tmp_path / "nowhere" / "reviewtool.sqlite3").enter(1)()


def test_work_after_a_commit_may_write_at_once(app, db, review):
    db.commit()
    found = []

    def write():
        with transaction(app.extensions["database"]) as again:
            found.append(again.get(type(review.review), review.review.id) is not None)

    began = time.monotonic()
    with transaction(app.extensions["database"]) as first:
        first.get(type(review.review), review.review.id)
        after_commit(first, write)
    assert found == [True]
    assert time.monotonic() - began < BUSY_MS / 1000


def test_a_transaction_that_ends_leaves_the_line(app, db, review):
    database = app.extensions["database"]
    for end in ("commit", "rollback", "close"):
        with database.session(write=True) as writer:
            writer.get(type(review.review), review.review.id)
            getattr(writer, end)()
            with database.session(write=True) as next_one:
                next_one.get(type(review.review), review.review.id)
