"""What goes wrong below the database and passes by itself: others who write, a full disk.

The engine turns these into ``Passing`` errors, so that pages, API, jobs and command line
meet one kind, with a sentence, whichever database it is and wherever it happens.
"""

import errno
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from reviewtool.errors import Busy, DiskFailing, DiskFull, Passing

# https://www.sqlite.org/rescode.html: what stands in the low byte.
_SQLITE_BUSY = {5, 6}
_SQLITE_FULL = 13
_SQLITE_DISK = 10  # reading or writing failed
_SQLITE_CANNOT_OPEN = 14  # as when there is no room for the journal beside the database

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES_BUSY = {"40001", "40P01", "55P03", "53300"}
_POSTGRES_FULL = "53100"
# A new connection that is refused has no code, only words.
_POSTGRES_FULL_AT_THE_DOOR = ("could not write init file", "No space left on device")

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
NOTHING = 1 << 20  # bytes; with less than this free, a disk is full whatever it says


def no_room(path: Path) -> bool:
    """Whether the disk that ``path`` lies on, or would lie on, has nothing left."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free < NOTHING


def of_system(error: BaseException) -> Passing | None:
    """What an error of the operating system means for people, if it passes by itself."""
    if not isinstance(error, OSError):
        return None
    if error.errno in _NO_ROOM:
        return DiskFull()
    return DiskFailing() if error.errno in {errno.EFBIG, errno.EIO} else None


def of_database(error: BaseException, file: str | None = None) -> Passing | None:
    """What a driver's error means for people, if it passes by itself.

    file: of a SQLite database; it tells a full disk from one that fails.
    """
    state = getattr(error, "sqlstate", None)
    if state in _POSTGRES_BUSY:
        return Busy()
    if state == _POSTGRES_FULL:
        return DiskFull()
    if hasattr(error, "sqlstate") and any(w in str(error) for w in _POSTGRES_FULL_AT_THE_DOOR):
        return DiskFull()
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_BUSY:
        return Busy()
    if code == _SQLITE_FULL:
        return DiskFull()
    if code in {_SQLITE_DISK, _SQLITE_CANNOT_OPEN} and file and no_room(Path(file)):
        return DiskFull()
    return DiskFailing() if code == _SQLITE_DISK else None


def translate(context: Any) -> Passing | None:
    """For the engine's ``handle_error``: the error to raise instead of the driver's."""
    engine: sa.Engine | None = context.engine
    found = of_database(context.original_exception, engine.url.database if engine else None)
    if found is not None:
        found.__cause__ = context.original_exception
    return found
