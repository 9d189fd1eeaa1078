"""Accounts: who a person is, and what lets a program act as them."""

import secrets
from datetime import timedelta

from flask_security import hash_password
from sqlmodel import Session, select

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.audit import changed
from reviewtool.db.types import now
from reviewtool.errors import Invalid
from reviewtool.team import queries, rules
from reviewtool.team.access import token_hash
from reviewtool.team.models import ADMINISTRATOR, ApiToken, SiteRole, User
from reviewtool.team.rules import Scope


def create_user(db: Session, email: str, name: str, password: str) -> User:
    """A new account. Raises Invalid when the address is taken."""
    email = rules.clean_email(email)
    if queries.user_by_email(db, email) is not None:
        raise Invalid(f"{email} already has an account. Sign in with it, or reset its password.")
    user = User(
        email=email,
        name=name.strip(),
        password=hash_password(password),
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=now(),
    )
    db.add(user)
    db.flush()
    audit.append(db, user, Act.TEAM_CREATE_ACCOUNT, user, chain=audit.SYSTEM, email=email)
    return user


def make_administrator(db: Session, user: User) -> None:
    """Let this person look after the server; it opens no review."""
    if user.is_administrator:
        return
    role = db.exec(select(SiteRole).where(SiteRole.name == ADMINISTRATOR)).one_or_none()
    user.roles.append(role or SiteRole(name=ADMINISTRATOR))
    db.add(user)
    audit.append(db, user, Act.TEAM_MAKE_ADMINISTRATOR, user, chain=audit.SYSTEM)


def update_profile(db: Session, user: User, name: str, time_zone: str) -> None:
    """Change how a person is named and in which zone they read times."""
    changes = changed(user, name=name.strip(), time_zone=time_zone)
    db.add(user)
    audit.append(db, user, Act.TEAM_UPDATE_PROFILE, user, changes, chain=audit.SYSTEM)


def create_token(
    db: Session,
    user: User,
    name: str,
    scope: Scope = Scope.WRITE,
    lasts: timedelta = rules.TOKEN_LASTS,
) -> str:
    """A new API token, shown once."""
    token = "rt_" + secrets.token_urlsafe(32)
    row = ApiToken(
        user_id=user.id,
        name=name.strip() or "token",
        token_hash=token_hash(token),
        scope=scope,
        expires_at=now() + lasts,
    )
    db.add(row)
    audit.append(
        db,
        user,
        Act.TEAM_CREATE_TOKEN,
        row,
        chain=audit.SYSTEM,
        name=row.name,
        scope=scope,
        expires_at=row.expires_at,
    )
    return token


def revoke_token(db: Session, user: User, row: ApiToken) -> None:
    """Make a token useless at once."""
    row.revoked_at = now()
    db.add(row)
    audit.append(db, user, Act.TEAM_REVOKE_TOKEN, row, chain=audit.SYSTEM)
