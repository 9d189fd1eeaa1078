"""A line in front of SQLite's one pen: whoever wants to write waits for their turn.

SQLite itself keeps no line: who finds somebody writing looks again after pauses that grow to
0.1 s, and who came last may well be first. So each process lets one of its threads at a time
look, often, at a lock on a file beside the database; and a process that has just written lets
the others look before it takes the next turn. The lock ends with the process that holds it,
however that ends. Where there can be no such file, SQLite's own waiting remains.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from reviewtool import private
from reviewtool.errors import Busy

LOOK = 0.001  # seconds between two looks
REST = 0.002  # seconds that a process leaves to the others; more than one look


class Line:
    """The line of one database, as one process stands in it."""

    def __init__(self, database: Path) -> None:
        self._file = database.with_name(f"{database.name}-line")
        self._one = threading.Lock()
        self._left = 0.0

    def enter(self, patience: float) -> Callable[[], None]:
        """Wait for the turn, ``patience`` seconds at most; returns how to leave. Raises Busy."""
        end = time.monotonic() + patience
        if not self._one.acquire(timeout=patience):
            raise Busy()
        handle = -1
        try:
            with suppress(OSError):  # no room or no right to make the file
                handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, private.FILE)
            if (rest := self._left + REST - time.monotonic()) > 0:
                time.sleep(rest)
            while handle >= 0 and not _is_ours(handle):
                if time.monotonic() > end:
                    raise Busy()
                time.sleep(LOOK)
        except BaseException:
            self._leave(handle)
            raise
        return lambda: self._leave(handle)

    def _leave(self, handle: int) -> None:
        if handle >= 0:
            os.close(handle)
        self._left = time.monotonic()
        self._one.release()


def _is_ours(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
