"""Which processes are ours, and who holds a port.

``up`` writes down the processes it starts: each by its number and the moment it began, and
all by a word that only they carry in their environment. After a crash the next ``up`` finds
by this what is left of the last one, and never takes a stranger for it.
"""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from reviewtool import private

MARK = "REVIEWTOOL_RUN"
END_WITHIN = 6.0  # seconds, then without asking
PROC = Path("/proc")


@dataclass
class Record:
    """The processes of one run of ``up``, on a file that outlives it."""

    data: Path
    word: str = field(default_factory=lambda: secrets.token_hex(16))
    started: dict[int, str] = field(default_factory=dict)  # process -> when it began

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return self.data / "run" / "processes.json"

    @property
    def environment(self) -> dict[str, str]:
        """What every process of this run is started with."""
        return {MARK: self.word}

    def note(self, process: int) -> None:
        """Write down a process that has just begun; a full disk keeps nobody from starting."""
        self.started[process] = began(process)
        with contextlib.suppress(OSError):
            private.write(self.path, json.dumps({"word": self.word, "started": self.started}))

    @classmethod
    def last(cls, data: Path) -> "Record | None":
        """What the last run wrote down, if anything."""
        try:
            found = json.loads((data / "run" / "processes.json").read_text())
            started = {int(process): str(when) for process, when in found["started"].items()}
            return cls(data, str(found["word"]), started)
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return None

    def alive(self) -> list[int]:
        """The processes of this run that are still there."""
        ours = {
            process for process, when in self.started.items() if when and began(process) == when
        }
        return sorted((ours | _carrying(f"{MARK}={self.word}")) - {os.getpid()})


def end_leftovers(data: Path) -> list[int]:
    """End what the last run left behind; returns the numbers of the processes."""
    record = Record.last(data)
    found = record.alive() if record else []
    if record is None or not found:
        return []
    deadline = time.monotonic() + END_WITHIN
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in record.alive():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, number)
        while record.alive() and time.monotonic() < deadline:
            time.sleep(0.1)
        deadline = time.monotonic() + 2.0
    return found


def began(process: int) -> str:
    """When a process began, as the system counts it; empty when there is none (or a dead one)."""
    if PROC.is_dir():
        try:
            fields = (PROC / str(process) / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            return ""
        return "" if fields[0] in "ZX" else fields[19]
    return _ps("-p", str(process), "-o", "lstart=").strip()


def _carrying(assignment: str) -> set[int]:
    """The living processes with this in their environment, of those we may look at."""
    if PROC.is_dir():
        found = set()
        for folder in PROC.glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if assignment.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.add(int(folder.name))
        return {process for process in found if began(process)}
    lines = [
        line.split(None, 1) for line in _ps("-A", "-E", "-ww", "-o", "pid=,command=").splitlines()
    ]
    return {int(line[0]) for line in lines if len(line) == 2 and assignment in line[1].split()}


def _ps(*arguments: str) -> str:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(["ps", *arguments], capture_output=True, text=True, timeout=10)
        return done.stdout
    return ""


def holder(port: int) -> str:
    """Who listens on a port, such as ``nginx (process 812)``; empty when nobody can say."""
    process = _listener(port) if PROC.is_dir() else _listed(port)
    if process is None:
        return ""
    return f"{_words(process)} (process {process})"


def _listener(port: int) -> int | None:
    """Linux: the socket is in the kernel's table, and its number among a process's files."""
    numbers = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                row = line.split()
                if row[3] == "0A" and int(row[1].rsplit(":", 1)[1], 16) == port:
                    numbers.add(f"socket:[{row[9]}]")
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for file in (folder / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if os.readlink(file) in numbers:
                        return int(folder.name)
    return None


def _listed(port: int) -> int | None:
    with contextlib.suppress(OSError, subprocess.SubprocessError, ValueError, IndexError):
        done = subprocess.run(
            ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"],
            capture_output=True,
            text=True,
            timeout=10,
        )
        return int(done.stdout.split()[0])
    return None


def _words(process: int) -> str:
    """The first words of its command, without the folders of the program."""
    if PROC.is_dir():
        with contextlib.suppress(OSError):
            text = (PROC / str(process) / "cmdline").read_bytes().replace(b"\0", b" ")
            return _short(text.decode(errors="replace"))
    return _short(_ps("-p", str(process), "-o", "command="))


def _short(command: str) -> str:
    """
    >>> _short("/usr/bin/python3 -m http.server 8080 --bind 127.0.0.1 --directory /srv ")
    'python3 -m http.server 8080 …'
    """
    words = command.split()
    if not words:
        return "something"
    words[0] = words[0].rsplit("/", 1)[-1]
    return " ".join(words[:4]) + (" …" if len(words) > 4 else "")
