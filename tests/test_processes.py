"""What the last run left behind is found by what it wrote down, and no stranger is ended."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from reviewtool import processes
from reviewtool.processes import Record

STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def start():
    """Start a process that does not end when asked to."""
    started = []

    def make(**environment):
        process = subprocess.Popen(
            [sys.executable, "-c", STUBBORN],
            stdout=subprocess.PIPE,
            env=dict(os.environ) | environment,
        )
        process.stdout.readline()
        started.append(process)
        return process

    yield make
    for process in started:
        process.kill()
        process.communicate()


def test_what_is_left_is_ended_and_strangers_are_not(start, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "END_WITHIN", 0.2)
    record, another = Record(tmp_path), Record(tmp_path)
    ours = start(**record.environment)  # nobody wrote it down: a child of a child
    noted = start()
    record.note(noted.pid)
    stranger, elsewhere = start(), start(**another.environment)
    record.started[stranger.pid] = "1"  # the number was given to somebody else since
    record.note(noted.pid)
    assert Record.last(tmp_path) == record
    assert record.alive() == sorted([ours.pid, noted.pid])
    assert processes.end_leftovers(tmp_path) == sorted([ours.pid, noted.pid])
    assert (ours.wait(5), noted.wait(5)) == (-signal.SIGKILL, -signal.SIGKILL)
    assert (stranger.poll(), elsewhere.poll()) == (None, None)
    assert processes.end_leftovers(tmp_path) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"word": 1, "started": []}', "\0"])
def test_a_record_that_cannot_be_read_ends_nobody(tmp_path, text):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "processes.json").write_text(text)
    assert processes.end_leftovers(tmp_path) == []
    assert processes.end_leftovers(tmp_path / "absent") == []


def test_who_holds_a_port_has_a_name():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert processes.holder(port).endswith(f"(process {os.getpid()})")
        assert "python" in processes.holder(port)
    assert processes.holder(port) == ""


def test_a_process_that_ended_has_not_begun(start):
    process = start()
    assert processes.began(process.pid)
    process.kill()
    process.wait()
    assert processes.began(process.pid) == ""
