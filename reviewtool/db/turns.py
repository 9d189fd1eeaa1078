"""Taking turns: a transaction that lost against somebody else's is carried out again.

SQLite has one writer at a time; PostgreSQL ends one of two transactions that wait for each
other. Both are ``Busy``. What has not been stored is done again as a whole, in a session
that remembers nothing, after a pause that grows and is never the same twice; when patience
ends, the error says in a sentence that nothing was stored.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType

from flask import has_request_context
from sqlmodel import Session

from reviewtool.db.engine import Database, current_database, transaction
from reviewtool.errors import Busy

REQUEST_PATIENCE = 20.0  # seconds that a person waits
JOB_PATIENCE = 120.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 2.0
LONGEST_REST = 0.12  # seconds; SQLite lets those who wait look again every 0.1 s


class Waits:
    """Pauses that grow, until ``patience`` seconds have gone since the first try."""

    def __init__(self, patience: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self._end, self._pause, self._sleep = time.monotonic() + patience, FIRST_PAUSE, sleep

    @property
    def are_left(self) -> bool:
        """Whether it makes sense to try again."""
        return time.monotonic() < self._end

    def rest(self) -> None:
        """Wait a while; two who lost at one moment do not wait equally long."""
        self._sleep(random.uniform(self._pause / 2, self._pause))  # noqa: S311
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)


class Turn:
    """One try at a transaction. Losing it to others is no error while ``waits`` are left."""

    def __init__(self, database: Database | None, waits: Waits) -> None:
        self.over = False
        self._waits = waits
        self._transaction: AbstractContextManager[Session] = transaction(database)

    def __enter__(self) -> Session:
        return self._transaction.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        # An error of the commit itself is raised here and told: the block may have returned.
        self._transaction.__exit__(kind, error, trace)
        if isinstance(error, Busy) and self._waits.are_left:
            self._waits.rest()
            return True
        self.over = kind is None
        return False


def turns(database: Database | None = None, patience: float = JOB_PATIENCE) -> Iterator[Turn]:
    """For what writes outside requests: ``for turn in turns():`` and ``with turn as db:``.

    The block runs until one of its tries is stored, so it leaves nothing behind elsewhere
    before it is (counts it returns are added up after it). Raises Busy when patience ends.

    On SQLite, work that writes again and again rests half as long as it wrote: those who
    wait are in no line there, and would find the pen taken each time they look.
    """
    waits = Waits(patience)
    while True:
        turn = Turn(database, waits)
        began = time.monotonic()
        yield turn
        if turn.over:
            if (database or current_database()).is_sqlite and not has_request_context():
                time.sleep(min(LONGEST_REST, (time.monotonic() - began) / 2))
            return
