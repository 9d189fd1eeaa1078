"""How an earlier stage tells later ones that something happened.

Imports point from later stages to earlier ones; news travels the other way through
here. A handler runs in the announcer's transaction, so it sees what is announced and
is rolled back with it. Long work belongs into a job that the handler enqueues.
"""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

Handler = Callable[..., None]
_handlers: dict[str, list[Handler]] = {}


def on(name: str) -> Callable[[Handler], Handler]:
    """Register ``handler(db, actor, **facts)`` for an event such as ``extraction.agreed``."""

    def register(handler: Handler) -> Handler:
        known = _handlers.setdefault(name, [])
        if handler not in known:
            known.append(handler)
        return handler

    return register


def announce(db: Session, name: str, actor: Any, **facts: Any) -> None:
    """Tell every handler of ``name``, in the order they were registered."""
    for handler in _handlers.get(name, ()):
        handler(db, actor, **facts)
