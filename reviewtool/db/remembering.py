"""What one page asks several times is asked once."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from sqlmodel import Session

T = TypeVar("T")


def remembered(db: Session, key: Hashable, ask: Callable[[], T]) -> T:
    """The answer that this key got before in the same reading, else that of ``ask``.

    A session that writes asks each time: its own changes may have changed the answer.
    """
    if db.get_bind().get_execution_options().get("write"):
        return ask()
    known = db.info.setdefault("remembered", {})
    if key not in known:
        known[key] = ask()
    found: T = known[key]
    return found
