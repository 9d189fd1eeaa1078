"""Who works on which review."""

from datetime import datetime
from typing import Any

from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy import UniqueConstraint
from sqlalchemy.ext.mutable import MutableList
from sqlmodel import Field, Relationship, SQLModel

from reviewtool.db.row import Row, Versioned
from reviewtool.db.types import UtcDateTime, now, text_enum
from reviewtool.permissions import Role
from reviewtool.team.rules import Scope

ADMINISTRATOR = "admin"


class UserSiteRole(Row, table=True):
    """Which account has which site-wide role."""

    __table_args__ = (UniqueConstraint("user_id", "site_role_id"),)

    user_id: int = Field(foreign_key="user.id", index=True)
    site_role_id: int = Field(foreign_key="site_role.id")


class SiteRole(Row, RoleMixin, table=True):
    """A role on the whole installation; ``admin`` is the only one in use."""

    name: str = Field(max_length=40, unique=True)
    description: str | None = None
    permissions: Any = Field(
        default_factory=list, sa_type=MutableList.as_mutable(AsaList()), nullable=True
    )


class User(Row, UserMixin, table=True):
    """An account. Passwords are argon2 hashes made by Flask-Security."""

    email: str = Field(max_length=255, unique=True, index=True)
    name: str = Field(default="", max_length=200)
    password: str | None = Field(default=None, max_length=255)
    active: bool = True
    fs_uniquifier: str = Field(max_length=64, unique=True)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_login_at: datetime | None = Field(  # type: ignore[assignment]
        default=None, sa_type=UtcDateTime
    )
    current_login_at: datetime | None = Field(  # type: ignore[assignment]
        default=None, sa_type=UtcDateTime
    )
    last_login_ip: str | None = Field(default=None, max_length=64)
    current_login_ip: str | None = Field(default=None, max_length=64)
    login_count: int = 0
    time_zone: str = Field(default="", max_length=64)
    # Hash of the one link to choose a new password that still works.
    reset_hash: str | None = Field(default=None, max_length=64)
    roles: list[SiteRole] = Relationship(  # type: ignore[assignment]
        link_model=UserSiteRole, sa_relationship_kwargs={"lazy": "selectin"}
    )

    @property
    def is_administrator(self) -> bool:
        """Whether this person looks after the server, and is warned when its disk runs short."""
        return any(role.name == ADMINISTRATOR for role in self.roles)

    @property
    def display_name(self) -> str:
        """The name people see; the address before one is given."""
        return self.name or self.email


class Review(Versioned, table=True):
    """One systematic review: the wall around everything that belongs to it."""

    title: str = Field(max_length=500)
    is_demo: bool = False
    note: str = ""
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_by_id: int | None = Field(default=None, foreign_key="user.id")


class UnfinishedReview(SQLModel, table=True):
    """A review that a process is still making; nobody enters it before it is whole."""

    __tablename__ = "unfinished_review"

    review_id: int = Field(foreign_key="review.id", primary_key=True)
    job_id: int | None = None
    host: str = Field(max_length=255)
    process: int
    seen_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, nullable=False)


class Member(Versioned, table=True):
    """A person's part in one review. A removed member keeps their votes."""

    __table_args__ = (UniqueConstraint("review_id", "user_id"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    role: Role = Field(sa_type=text_enum(Role))
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    user: User = Relationship(sa_relationship_kwargs={"lazy": "joined"})

    @property
    def name(self) -> str:
        """The name people see."""
        return self.user.display_name


class Invitation(Row, table=True):
    """A mailed link that makes its holder a member. Only the token's hash is kept."""

    review_id: int = Field(foreign_key="review.id", index=True)
    email: str = Field(max_length=255)
    role: Role = Field(sa_type=text_enum(Role))
    token_hash: str = Field(max_length=64, unique=True)
    invited_by_id: int = Field(foreign_key="member.id")
    expires_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignIn(Row, table=True):
    """One browser that is signed in; its cookie works only while this row lasts.

    ``device`` says in words what the browser called itself.
    """

    user_id: int = Field(foreign_key="user.id", index=True)
    key_hash: str = Field(max_length=64, unique=True)
    device: str = Field(default="", max_length=100)
    address: str = Field(default="", max_length=64)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiToken(Row, table=True):
    """A token for programs acting as this person. Only its hash is kept."""

    user_id: int = Field(foreign_key="user.id", index=True)
    name: str = Field(max_length=100)
    token_hash: str = Field(max_length=64, unique=True)
    scope: Scope = Field(sa_type=text_enum(Scope))
    expires_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
