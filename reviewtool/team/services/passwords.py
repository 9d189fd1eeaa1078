"""Passwords. A new one ends what the old one had opened: other sign-ins and every token."""

import secrets

from flask_security import hash_password
from sqlmodel import Session

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.db.types import now
from reviewtool.team import queries
from reviewtool.team.models import SignIn, User
from reviewtool.team.services.sign_ins import end_sign_ins


def expect_reset(db: Session, uniquifier: str, link_hash: str) -> None:
    """A link to choose a new password was made; the one before it works no more."""
    user = queries.user_by_uniquifier(db, uniquifier)
    if user is not None:
        user.reset_hash = link_hash
        db.add(user)
        audit.append(db, user, Act.TEAM_ASK_PASSWORD, user, chain=audit.SYSTEM)


def password_changed(db: Session, user: User, *, keep: SignIn | None) -> None:
    """The person changed their password; ``keep`` is the sign-in they did it in."""
    _end_the_old(db, user, keep)
    audit.append(db, user, Act.TEAM_CHANGE_PASSWORD, user, chain=audit.SYSTEM)


def password_reset(db: Session, user: User) -> None:
    """The person chose a new password with a mailed link."""
    _end_the_old(db, user, None)
    audit.append(db, user, Act.TEAM_RESET_PASSWORD, user, chain=audit.SYSTEM)


def set_password(db: Session, user: User, password: str) -> None:
    """An administrator sets the password."""
    user.password = hash_password(password)
    user.fs_uniquifier = secrets.token_hex(32)
    _end_the_old(db, user, None)
    audit.append(db, user, Act.TEAM_SET_PASSWORD, user, chain=audit.SYSTEM)


def _end_the_old(db: Session, user: User, keep: SignIn | None) -> None:
    user.reset_hash = None
    db.add(user)
    end_sign_ins(db, user, keep=keep)
    for token in queries.tokens_of(db, user):
        token.revoked_at = now()
        db.add(token)
        audit.append(db, user, Act.TEAM_REVOKE_TOKEN, token, chain=audit.SYSTEM, why="new password")
