"""The base of every table."""

from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import MetaData
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, Session, SQLModel

from reviewtool.db.types import UtcDateTime, now
from reviewtool.errors import NotFound

# Alembic needs names for constraints that it may have to drop on SQLite.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
metadata: MetaData = SQLModel.metadata


def snake(name: str) -> str:
    """``ExclusionReason`` -> ``exclusion_reason``."""
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class Row(SQLModel):
    """A table row: its id and when it was made. Table models do not validate."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805
        return snake(cls.__name__)

    id: int = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, nullable=False)


LARGEST_ID = 2**63 - 1  # what both databases can look for
R = TypeVar("R", bound=Row)


class InReview(Protocol):
    """What is needed of a member."""

    review_id: int


def mine(
    db: Session, member: InReview, model: type[R], row_id: int, *, unless: str | None = None
) -> R:
    """The row with this id, if it belongs to the member's review.

    unless: a column of times; a row where it is filled is gone. Raises NotFound, for
    another review's row as for one that never was.
    """
    found = db.get(model, row_id) if 0 < row_id <= LARGEST_ID else None
    if found is None or getattr(found, "review_id", None) != member.review_id:
        raise NotFound()
    if unless is not None and getattr(found, unless, None) is not None:
        raise NotFound()
    return found
