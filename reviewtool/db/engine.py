"""The engine and its transactions.

SQLite runs in WAL mode. A writing transaction stands in ``line`` and begins with BEGIN
IMMEDIATE, so two writers queue instead of failing in the middle; readers never wait.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app, g, has_request_context, request
from sqlalchemy import event
from sqlmodel import Session

from reviewtool import private
from reviewtool.checkpoints import Checkpoints
from reviewtool.db import faults
from reviewtool.db.line import Line
from reviewtool.errors import Busy, LostTurn, NotFound
from reviewtool.settings import Settings

# How long SQLite itself looks for the writer to end; whole tries are repeated beyond that.
BUSY_MS = 5_000
FRESH = 1.0  # seconds that a connection to PostgreSQL is trusted after its last use

# How many writing transactions are open in this thread: a second one on SQLite would
# wait for the first for ever.
_open: ContextVar[int] = ContextVar("open_transactions", default=0)


class Database:
    """One engine for a process, with sessions for reading and for writing."""

    def __init__(self, url: str, checkpoints: Checkpoints | None = None) -> None:
        self.checkpoints = checkpoints
        sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {}
        if sqlite:
            options["connect_args"] = {"timeout": BUSY_MS / 1000, "check_same_thread": False}
        else:
            options |= {"pool_size": 10, "max_overflow": 20}
        self.engine = sa.create_engine(url, **options)
        file = self.engine.url.database if sqlite else None
        self._line = Line(Path(file)) if file and file != ":memory:" else None
        self.writer = self.engine.execution_options(write=True)
        event.listen(self.engine, "handle_error", faults.translate)
        if not sqlite:
            event.listen(self.engine, "checkin", _note_rest)
            event.listen(self.engine, "checkout", self._still_there)
        else:
            event.listen(self.engine, "do_connect", _sqlite_private)
            event.listen(self.engine, "connect", _sqlite_connect)
            event.listen(self.engine, "begin", self._sqlite_begin)
            event.listen(self.engine, "checkin", _sqlite_leave)
            event.listen(self.engine, "invalidate", _sqlite_leave)
            event.listen(self.engine, "handle_error", _sqlite_too_large)

    @classmethod
    def of(cls, settings: Settings) -> "Database":
        """The database that the settings name, with the checkpoints of its log."""
        return cls(settings.database, Checkpoints.of(settings))

    @property
    def is_sqlite(self) -> bool:
        """Whether this database is the single-machine one."""
        return self.engine.dialect.name == "sqlite"

    def session(self, *, write: bool) -> Session:
        """A new session; objects stay readable after commit."""
        found = Session(self.writer if write else self.engine, expire_on_commit=False)
        found.info["checkpoints"] = self.checkpoints
        return found

    def _still_there(self, connection: Any, record: Any, _proxy: Any) -> None:
        """Ask a connection that has rested whether it still leads anywhere; else make new ones.

        One that was used a moment ago is not asked: a vote takes three, one after the other.
        """
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) < FRESH:
            return
        try:
            self.engine.dialect.do_ping(connection)
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError() from error

    def _sqlite_begin(self, connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("write")
        if write and self._line is not None and "leave" not in connection.info:
            connection.info["leave"] = self._line.enter(BUSY_MS / 1000)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    def settle(self, *tables: str) -> None:
        """After many rows came in: let PostgreSQL count them, and index-only scans work.

        Its own clean-up comes a minute later or more; until then lists would be slow.
        """
        if self.is_sqlite:
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in tables:
                connection.exec_driver_sql(f'VACUUM (ANALYZE) "{table}"')

    def dispose(self) -> None:
        """Close every connection (before a fork, and in tests)."""
        self.engine.dispose()


def _sqlite_private(_dialect: Any, _record: Any, arguments: Any, _options: Any) -> None:
    """The file is ours alone from its first byte; its -wal and -shm take after it."""
    path = Path(str(arguments[0])) if arguments else None
    if path is not None and path.parent.is_dir():
        private.touch(path)


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MS}",
        "cache_size=-32000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _sqlite_leave(_connection: Any, record: Any, *_: Any) -> None:
    """The connection is free again, its transaction stored or undone: the next may write."""
    _leave_line(record.info)


def _leave_line(of_connection: Any) -> None:
    leave = of_connection.pop("leave", None)
    if leave is not None:
        leave()


def _sqlite_too_large(context: Any) -> None:
    """A number that SQLite cannot even compare names no row."""
    if isinstance(context.original_exception, OverflowError):
        raise NotFound() from context.original_exception


@event.listens_for(Session, "after_begin")
def _note_connection(session: Any, _transaction: Any, connection: sa.Connection) -> None:
    session.info["of_connection"] = connection.info


@event.listens_for(Session, "after_commit")
def _run_after_commit(session: Any) -> None:
    _leave_line(session.info.pop("of_connection", {}))  # what runs now may want to write as well
    if has_request_context() and session.get_bind().get_execution_options().get("write"):
        g.stored = True  # from here on the request cannot be carried out again as a whole
    session.info.pop("remembered", None)
    for work in session.info.pop("after_commit", []):
        work()


@event.listens_for(Session, "after_rollback")
def _forget_after_rollback(session: Any) -> None:
    session.info.pop("remembered", None)
    session.info.pop("after_commit", None)
    session.info.pop("chain_ends", None)
    session.info.pop("made_from", None)


def after_commit(db: Session, work: Callable[[], None]) -> None:
    """Do ``work`` once this transaction is safely stored; never if it is rolled back."""
    db.info.setdefault("after_commit", []).append(work)


def current_database() -> Database:
    """The database of the running app."""
    database: Database = current_app.extensions["database"]
    return database


def request_session() -> Session:
    """The session of this request. Inside a review it reads, and writes in ``transaction()``
    only: on SQLite nobody waits while somebody else's page is made.
    """
    if "db" not in g:
        safe = has_request_context() and request.method in {"GET", "HEAD", "OPTIONS"}
        inside = g.get("review_id") is not None
        g.db = current_database().session(write=not safe and not inside)
    db: Session = g.db
    return db


def may_be_repeated() -> bool:
    """Whether this request has patience left, and has neither stored nor mailed anything."""
    return bool(g.get("may_be_repeated")) and not (g.get("stored") or g.get("mailed"))


def in_transaction() -> bool:
    """Whether this thread is inside a ``transaction()`` now."""
    return _open.get() > 0


@contextmanager
def transaction(database: Database | None = None) -> Iterator[Session]:
    """A writing session that commits on the way out, or rolls everything back.

    Inside a request it is the request's own session; elsewhere (jobs, CLI), or for a
    named database, a new one.
    """
    own = database is None and has_request_context()
    db = request_session() if own else (database or current_database()).session(write=True)
    reading = own and db.get_bind().get_execution_options().get("write") is not True
    if reading:
        _write_from_now(db)
    token: Token[int] | None = _open.set(_open.get() + 1)
    try:
        if own:
            _bring_along(db)
        yield db
    except BaseException as error:
        db.rollback()
        if own and isinstance(error, Busy) and may_be_repeated():
            raise LostTurn from error  # which no view takes for a refusal
        raise
    else:
        if token is not None:
            _open.reset(token)
        token = None  # what runs after commit is outside this transaction
        db.commit()
    finally:
        if token is not None:
            _open.reset(token)
        if reading:
            db.bind = current_database().engine  # what follows only reads again
        if not own:
            db.close()


def _write_from_now(db: Session) -> None:
    """Begin anew as a writer; what was read before is read again when it is looked at.

    Who asks was read before as well: ``g.still`` says whether that still holds.
    """
    kept = {id(row) for row in g.get("kept", ())}
    db.commit()
    for row in list(db.identity_map.values()):
        if id(row) not in kept:
            db.expire(row)
    db.bind = current_database().writer


def _bring_along(db: Session) -> None:
    """What the request says of its change: what it was made from, and that it comes once."""
    db.info["made_from"] = g.get("made_from")
    if (still := g.get("still")) is not None:
        still(db)
    if (insist := g.pop("insist", None)) is not None:
        insist()
    for work in g.pop("along", []):
        work(db)
    if (spend := g.pop("spend_form", None)) is not None:
        spend(db)


def close_request_session(_error: BaseException | None = None) -> None:
    """Give the connection back at the end of the request."""
    db: Session | None = g.pop("db", None)
    if db is not None:
        db.close()
