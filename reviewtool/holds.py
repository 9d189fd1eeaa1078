"""Who does a job: a lock that ends with the process that took it.

A worker holds its job by a lock of the operating system (SQLite: a byte of a file in the
data folder) or of PostgreSQL (an advisory lock on a connection of its own). Killed, it lets
go at once; busy or asleep, it does not, however long it is silent. A machine that falls
off the network is given up by PostgreSQL after ``SILENT`` seconds.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from reviewtool import private
from reviewtool.db.engine import Database

SPACE = 7261  # our advisory locks among those that others may take in the same database
SILENT = 10  # seconds
TRIES = 20  # another process may look at the lock just now
BETWEEN = 0.05  # seconds


class Holds:
    """The jobs that are being done, by any process on the same database."""

    def __init__(self, database: Database, folder: Path) -> None:
        """folder: where the file of locks lies when the database is SQLite."""
        self.database, self.path = database, folder / "jobs.lock"
        self.mine: set[int] = set()
        self.guard = threading.Lock()
        self.opened: tuple[int, int] | None = None  # process id, file
        self.engine: sa.Engine | None = None

    @contextmanager
    def take(self, job_id: int) -> Iterator[bool]:
        """Hold the job for the length of the block; False when somebody else does."""
        if job_id in self.mine:
            yield False
            return
        release = self._lock_byte(job_id) if self.database.is_sqlite else self._advise(job_id)
        if release is None:
            yield False
            return
        self.mine.add(job_id)
        try:
            yield True
        finally:
            self.mine.discard(job_id)
            release()

    def held(self, job_ids: Iterable[int]) -> set[int]:
        """Those of the jobs that somebody is doing now."""
        wanted = set(job_ids)
        found = wanted & self.mine
        rest = wanted - found
        if not rest:
            return found
        if self.database.is_sqlite:
            return found | {job_id for job_id in rest if not self._is_free(job_id)}
        return found | (rest & self._advised())

    # ---- SQLite: one byte of a file for each job ----

    def _file(self) -> int:
        """The file, opened once in each process: closing it would end all its locks."""
        if self.opened is None or self.opened[0] != os.getpid():
            private.folder(self.path.parent)
            flags = os.O_RDWR | os.O_CREAT
            self.opened = os.getpid(), os.open(self.path, flags, private.FILE)
        return self.opened[1]

    def _lock_byte(self, job_id: int) -> Callable[[], None] | None:
        for _ in range(TRIES):
            with self.guard:
                try:
                    fcntl.lockf(self._file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, job_id)
                except OSError:
                    pass
                else:
                    return lambda: fcntl.lockf(self._file(), fcntl.LOCK_UN, 1, job_id)
            time.sleep(BETWEEN)
        return None

    def _is_free(self, job_id: int) -> bool:
        with self.guard:
            try:
                fcntl.lockf(self._file(), fcntl.LOCK_SH | fcntl.LOCK_NB, 1, job_id)
            except OSError:
                return False
            fcntl.lockf(self._file(), fcntl.LOCK_UN, 1, job_id)
        return True

    # ---- PostgreSQL: an advisory lock for each job ----

    def _advise(self, job_id: int) -> Callable[[], None] | None:
        connection = self._alone().connect()
        got = connection.scalar(
            sa.text("SELECT pg_try_advisory_lock(:space, :job)"), {"space": SPACE, "job": job_id}
        )
        if got:
            return connection.close
        connection.close()
        return None

    def _alone(self) -> sa.Engine:
        """Connections that nobody lends to another: closed, they let go of their lock."""
        if self.engine is None:
            self.engine = sa.create_engine(
                self.database.engine.url,
                poolclass=sa.NullPool,
                isolation_level="AUTOCOMMIT",
                connect_args={
                    "options": f"-c tcp_keepalives_idle={SILENT // 2} "
                    "-c tcp_keepalives_interval=2 -c tcp_keepalives_count=2"
                },
            )
        return self.engine

    def _advised(self) -> set[int]:
        with self.database.engine.connect() as connection:
            rows = connection.execute(
                sa.text(
                    "SELECT objid FROM pg_locks JOIN pg_database d ON d.oid = database "
                    "WHERE locktype = 'advisory' AND classid = :space AND granted "
                    "AND d.datname = current_database()"
                ),
                {"space": SPACE},
            )
            return {int(row[0]) for row in rows}
