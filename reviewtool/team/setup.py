"""The first account, made through a page that only the token ``up`` prints can open."""

import secrets
from pathlib import Path

from sqlmodel import Session

from reviewtool import private
from reviewtool.db.engine import Database
from reviewtool.errors import NotFound
from reviewtool.settings import Settings
from reviewtool.team import queries


def token_path(settings: Settings) -> Path:
    """The file that keeps the one-time token until it is used."""
    return settings.data.resolve() / "setup-token"


def setup_url(settings: Settings) -> str | None:
    """The set-up page's address with its token; None once somebody has an account."""
    database = Database.of(settings)
    try:
        with database.session(write=False) as db:
            if queries.has_users(db):
                token_path(settings).unlink(missing_ok=True)
                return None
    finally:
        database.dispose()
    path = token_path(settings)
    if not path.exists():
        private.write(path, secrets.token_urlsafe(24))
    return f"{settings.address}/setup?token={path.read_text().strip()}"


def check(db: Session, settings: Settings, token: str) -> None:
    """Raises NotFound unless this is the token and nobody has an account yet."""
    path = token_path(settings)
    expected = path.read_text().strip() if path.exists() else ""
    if not expected or not secrets.compare_digest(expected, token) or queries.has_users(db):
        raise NotFound(
            "The set-up page opens once, with the address that `reviewtool up` prints. "
            "If an account exists already, sign in."
        )


def finish(settings: Settings) -> None:
    """The token has done its work."""
    token_path(settings).unlink(missing_ok=True)
