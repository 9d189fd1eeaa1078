"""``up``: broker, worker and web under one supervisor."""

import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from reviewtool import broker, mail, private, processes, server
from reviewtool.errors import ReviewToolError
from reviewtool.settings import Settings
from reviewtool.words import duration

READY_WITHIN = 60.0
STOP_WITHIN = 7.0


class CannotStart(ReviewToolError):  # noqa: N818
    """Something on this machine stands in the way; the message says what."""

    code = "cannot-start"


def _library() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL(None)
    except OSError:
        return None


_LIBRARY = _library()
_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Linux ends the child when the supervisor is killed outright; elsewhere nothing does."""
    if _LIBRARY is not None:
        _LIBRARY.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process of ours, started again when it dies, with growing pauses."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str]
    record: processes.Record
    process: "subprocess.Popen[bytes] | None" = None
    deaths: int = 0
    started: float = 0.0
    next_start: float = 0.0

    def start(self) -> None:
        """Run the command in a process group of its own, its output in the log."""
        private.folder(self.log.parent)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self.record.note(self.process.pid)
        self.started = time.monotonic()

    def watch(self) -> None:
        """Start again what died; says so once per death."""
        if self.process is None:
            if time.monotonic() >= self.next_start:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.kill_group()  # a killed worker leaves its pool and its scheduler behind
        if time.monotonic() - self.started > 60:
            self.deaths = 0
        self.deaths += 1
        pause = min(30.0, 0.5 * 2**self.deaths)
        print(
            f"The {self.name} stopped (exit {code}); starting it again in {duration(pause)}. "
            f"Log: {self.log}",
            flush=True,
        )
        self.process, self.next_start = None, time.monotonic() + pause

    def last_words(self) -> str:
        """The last line of the log, for a message of one line."""
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        last = next((line.strip() for line in reversed(lines) if "rror" in line), "")
        return last[:300].rstrip(".") + "." if last else ""

    def ask_to_end(self) -> None:
        """Tell the process itself; it ends its own children in good order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill_group(self) -> None:
        """End what is left of the process and its children."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Supervisor:
    """The three processes and when to stop."""

    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    def stop(self, *_: Any) -> None:
        """Asked to end; the loop does the rest."""
        self.stopping = True

    def shut_down(self) -> None:
        """Web and worker first (a job that does not end in time runs again), then the broker."""
        deadline = time.monotonic() + STOP_WITHIN
        brokers = [child for child in self.children if child.name == "broker"]
        others = [child for child in self.children if child.name != "broker"]
        for group in (others, brokers):
            for child in group:
                child.ask_to_end()
            end = deadline if group is others else time.monotonic() + 1.5
            while any(c.process and c.process.poll() is None for c in group):
                if time.monotonic() > end:
                    break
                time.sleep(0.05)
            for child in group:
                child.kill_group()


class Console:
    """What the children say to the person at the terminal and no log file keeps.

    A message that nobody mails holds a link that opens an account: its reader is here.
    """

    def __init__(self, data: Path) -> None:
        self.path = mail.console_path(data)
        private.folder(self.path.parent)
        self.path.unlink(missing_ok=True)
        os.mkfifo(self.path, private.FILE)
        # Open for both, so that it never ends when a writer closes it.
        self.pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def show(self) -> None:
        """Print what has come in."""
        with contextlib.suppress(BlockingIOError):
            print(os.read(self.pipe, 1 << 16).decode(errors="replace"), end="", flush=True)

    def close(self) -> None:
        """Nobody is at the terminal any more."""
        self.path.unlink(missing_ok=True)
        os.close(self.pipe)


def up(settings: Settings) -> int:
    """Start everything, print the address, wait for Ctrl-C. Returns the exit code."""
    private.only_mine()
    server.allow_connections()
    try:
        lock = _check(settings)
        _migrate(settings)
    except ReviewToolError as error:
        print(error.message, file=sys.stderr)
        return 1
    supervisor = Supervisor()
    signal.signal(signal.SIGTERM, supervisor.stop)
    signal.signal(signal.SIGINT, supervisor.stop)
    try:
        console = Console(settings.data.resolve())
        try:
            return _run(settings, supervisor, console)
        finally:
            console.close()
    except ReviewToolError as error:
        print(error.message, file=sys.stderr)
        return 1
    finally:
        supervisor.shut_down()
        lock.close()


def newest_migration() -> str:
    """The revision that the newest migration's file name begins with."""
    folder = Path(__file__).parent / "db" / "migrations" / "versions"
    return max(path.name.split("_")[0] for path in folder.glob("[0-9]*_*.py"))


def is_migrated(file: Path) -> bool:
    """Whether a SQLite file is at the newest version, without loading every table's class.

    Saves a second at each start. Any doubt is a no: then Alembic looks itself.
    """
    if not file.is_file():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error:
        return False
    return found == [(newest_migration(),)]


def _migrate(settings: Settings) -> None:
    if not settings.database_url and is_migrated(settings.data.resolve() / "reviewtool.sqlite3"):
        return
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from reviewtool.db.migrate import upgrade

    try:
        upgrade(settings)
    except SQLAlchemyError as error:
        url = make_url(settings.database).render_as_string(hide_password=True)
        why = str(getattr(error, "orig", None) or error).strip().splitlines()
        raise CannotStart(
            f"The database {url} cannot be used: {why[0] if why else type(error).__name__}"
        ) from error


def _check(settings: Settings) -> IO[str]:
    data = settings.data.resolve()
    try:
        private.tighten(data)
        lock = (data / "up.lock").open("a+")
    except OSError as error:
        raise CannotStart(
            f"The data folder {data} cannot be written ({error.strerror}). "
            "Choose another with REVIEWTOOL_DATA."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        who = f" (process {found})" if (found := lock.read().strip()) else ""
        raise CannotStart(
            f"reviewtool is already running on {data}{who}. Stop it first."
        ) from error
    with contextlib.suppress(OSError):  # a full disk
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
    left = processes.end_leftovers(data)
    if left:
        numbers = ", ".join(map(str, left))
        print(f"Ended what the last run had left behind: processes {numbers}.", flush=True)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where, who = f"Port {settings.port} on {settings.host}", processes.holder(settings.port)
            if who and error.errno == errno.EADDRINUSE:
                raise CannotStart(
                    f"{where} is in use by {who}. Stop it, or choose another with REVIEWTOOL_PORT."
                ) from error
            raise CannotStart(
                f"{where} cannot be used ({error.strerror}). Choose another with REVIEWTOOL_PORT."
            ) from error
    return lock


def _run(settings: Settings, supervisor: Supervisor, console: Console) -> int:
    data, logs = settings.data.resolve(), settings.data.resolve() / "logs"
    record = processes.Record(data)
    environment = os.environ | record.environment
    environment |= {
        "REVIEWTOOL_DATA": str(data),
        "REVIEWTOOL_PORT": str(settings.port),
        "REVIEWTOOL_HOST": settings.host,
        "REVIEWTOOL_LOG_LEVEL": settings.log_level,
    }
    url, command = settings.broker_url, None
    if not url:
        command, url = broker.prepare(data)
        supervisor.children.append(
            Child("broker", command, logs / "broker.log", environment, record)
        )
        supervisor.children[0].start()
    environment["REVIEWTOOL_BROKER_URL"] = url
    _wait(supervisor, lambda: broker.ping(url), "broker", READY_WITHIN if command else 10.0)
    if command:
        broker.empty(url)
    python = sys.executable
    supervisor.children += [
        Child(
            "worker",
            [
                python,
                "-m",
                "celery",
                "-A",
                "worker",
                "worker",
                "--beat",
                "--loglevel=WARNING",
                f"--concurrency={settings.worker_processes}",
                "-Q",
                "reviewtool",
                f"--schedule={data / 'run' / 'schedule'}",
                "--without-gossip",
                "--without-mingle",
            ],
            logs / "worker.log",
            environment,
            record,
        ),
        Child(
            "web",
            server.command(settings.host, settings.port, settings.web_processes),
            logs / "web.log",
            environment,
            record,
        ),
    ]
    for child in supervisor.children[-2:]:
        child.start()
    # Loaded while the children start.
    from celery import Celery

    from reviewtool.team.setup import setup_url

    celery = Celery("reviewtool", broker=url)
    _wait(supervisor, lambda: _web_ready(settings), "web")
    _wait(supervisor, lambda: _worker_ready(celery), "worker")
    # Our own queue was emptied, and whoever did a job before was stopped.
    celery.send_task("resend_stranded", args=[True], queue="reviewtool")
    _announce(settings, setup_url(settings))
    while not supervisor.stopping:
        console.show()
        for child in supervisor.children:
            child.watch()
        time.sleep(0.2)
    print("Stopping.", flush=True)
    return 0


def _wait(
    supervisor: Supervisor, ready: Callable[[], bool], name: str, within: float = READY_WITHIN
) -> None:
    deadline = time.monotonic() + within
    while not ready():
        if supervisor.stopping:
            raise CannotStart("Stopped before it was ready.")
        for child in supervisor.children:
            if child.process is not None and child.process.poll() is not None:
                raise CannotStart(
                    f"The {child.name} did not start: {child.last_words()} Its log: {child.log}"
                )
        if time.monotonic() > deadline:
            raise CannotStart(f"The {name} does not answer after {duration(within)}.")
        time.sleep(0.1)


def _web_ready(settings: Settings) -> bool:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host
    try:
        with urllib.request.urlopen(f"http://{host}:{settings.port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _worker_ready(celery: Any) -> bool:
    return bool(celery.control.broadcast("ping", reply=True, timeout=0.5, limit=1))


def _announce(settings: Settings, first: str | None) -> None:
    print(f"reviewtool is ready: {settings.address}", flush=True)
    if first is not None:
        print(f"Make the first account here (works once): {first}", flush=True)
    print("Ctrl-C stops it.", flush=True)
