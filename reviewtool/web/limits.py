"""How often one may knock: so many times from an address, ever more slowly for an account.

Counters lie with the broker, so that all web processes share them; while it does not
answer, each process counts for itself.
"""

import contextlib
import hashlib
import time
from collections.abc import Callable
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import Response, g, request, session
from flask_limiter import Limiter
from limits.storage import MemoryStorage, Storage

from reviewtool.errors import TooMany
from reviewtool.settings import Settings
from reviewtool.web.api import bearer_token

FREE = 5  # wrong passwords before one has to wait
FIRST_WAIT, LONGEST_WAIT = 5, 900  # seconds
REMEMBERED = 24 * 3600

GUESSES = "20 per 5 minutes; 100 per hour; 300 per day"
MAILS = "10 per hour; 30 per day"
INVITATIONS = "60 per hour; 300 per day"


def wait_after(tries: int, free: int = FREE) -> int:
    """Seconds to wait after so many wrong tries: doubled each time, a quarter of an hour at most.

    >>> [wait_after(n) for n in (4, 5, 6, 7, 13)]
    [0, 5, 10, 20, 900]
    """
    if tries < free:
        return 0
    return int(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries - free, 20)))


class Patience:
    """Counts tries for one key, such as an account, and makes each wait longer."""

    def __init__(self, storage: Storage) -> None:
        self._storages = (storage, MemoryStorage())

    def _do(self, work: Callable[[Storage], Any]) -> Any:
        storage, spare = self._storages
        try:
            return work(storage)
        except Exception:  # a broker that is away shuts nobody out and lets nobody guess
            return work(spare)

    def knock(self, key: str, free: int = FREE) -> None:
        """Count a try before it is made. Raises TooMany while the last wait lasts."""
        until = self._do(lambda s: s.get_expiry(f"{key}/wait") if s.get(f"{key}/wait") else 0)
        if until > time.time():
            raise TooMany(until - time.time())
        tries = self._do(lambda s: s.incr(key, REMEMBERED))
        if wait_after(tries, free):
            self._do(lambda s: s.incr(f"{key}/wait", wait_after(tries, free)))

    def forget(self, key: str) -> None:
        """The try was right: the count begins anew."""
        self._do(lambda s: s.clear(key))
        self._do(lambda s: s.clear(f"{key}/wait"))


def client() -> str:
    """The address that asks."""
    return request.remote_addr or "unknown"


def caller() -> str:
    """Whose request it is, as far as can be told without asking the database.

    As a hash: the broker has no business with tokens.
    """
    token = bearer_token()
    person = session.get("_user_id")
    found = token or person
    return hashlib.sha256(found.encode()).hexdigest() if found else client()


def _refused(response: Response) -> bool:
    return not (300 <= response.status_code < 400 or g.get("let_in"))


def _unknown(response: Response) -> bool:
    return response.status_code in {401, 404}


# Endpoint: methods, limit for each address, and which answers count (all, where none is named).
DOORS: dict[str, tuple[list[str], str, Callable[[Response], bool] | None]] = {
    "security.login": (["POST"], GUESSES, _refused),
    "security.verify": (["POST"], GUESSES, _refused),
    "security.change_password": (["POST"], GUESSES, _refused),
    "security.forgot_password": (["POST"], MAILS, None),
    "security.reset_password": (["GET", "POST"], GUESSES, None),
    "home.first_account": (["GET", "POST"], GUESSES, _unknown),
    "home.invitation": (["GET", "POST"], GUESSES, _unknown),
    "team.invite": (["POST"], INVITATIONS, None),
    "api_team.invite": (["POST"], INVITATIONS, None),
}


def storage_uri(broker_url: str) -> str:
    """Where the counters lie, as the limits library names it.

    >>> storage_uri("redis+socket:///data/run/broker.sock"), storage_uri("")
    ('redis+unix:///data/run/broker.sock', 'memory://')
    """
    return broker_url.replace("redis+socket://", "redis+unix://") or "memory://"


def register(app: APIFlask, settings: Settings) -> None:
    """Put the limits on the doors; call it once all blueprints are registered."""
    uri = storage_uri(settings.broker_url)
    options = {"socket_timeout": 2, "socket_connect_timeout": 2} if uri != "memory://" else {}
    limiter = Limiter(
        client,
        app=app,
        storage_uri=uri,
        storage_options=dict(options),
        strategy="fixed-window",
        in_memory_fallback_enabled=True,
        key_prefix="reviewtool",
    )
    app.extensions["limits"] = limiter
    app.extensions["patience"] = Patience(limiter.storage)
    for endpoint, (methods, limit, counted) in DOORS.items():
        if endpoint in app.view_functions:
            view: Any = app.view_functions[endpoint]
            app.view_functions[endpoint] = limiter.limit(
                limit, methods=methods, deduct_when=counted
            )(view)
    for blueprint in app.blueprints.values():
        if isinstance(blueprint, APIBlueprint):
            limiter.shared_limit(
                f"{settings.api_requests_per_minute} per minute", scope="api", key_func=caller
            )(blueprint)
            limiter.shared_limit(GUESSES, scope="tokens", deduct_when=_wrong_token)(blueprint)


def _wrong_token(response: Response) -> bool:
    return response.status_code == 401 and bearer_token() is not None


def seconds_left(app: Any) -> float:
    """How long the limit that was just reached still lasts."""
    limiter: Limiter = app.extensions["limits"]
    with contextlib.suppress(Exception):  # a broker that has gone meanwhile
        reached = limiter.current_limit
        if reached is not None:
            return max(1.0, reached.reset_at - time.time())
    return 60.0
