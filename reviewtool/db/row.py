"""The base of every table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, TypeVar

from sqlalchemy import MetaData, event
from sqlalchemy.orm import declared_attr, object_session
from sqlmodel import Field, Session, SQLModel

from reviewtool.db.types import UtcDateTime, now
from reviewtool.errors import ChangedMeanwhile, NotFound

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


LARGEST_ID = 2**31 - 1  # what a column of ids holds on PostgreSQL, and is asked for
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


class Versioned(Row):
    """A row that people edit: ``revision`` counts its changes.

    A page or an API answer carries the revision it shows; a change carries the one it was
    made from, and ``hold`` refuses it once somebody else was faster.
    """

    revision: int = Field(default=1, nullable=False, sa_column_kwargs={"server_default": "1"})

    def stands(self) -> dict[str, Any]:
        """The row as it is now, for who must choose between this and their own."""
        hidden = {"id", "created_at", "revision", "review_id"}
        return {
            name: value.value if isinstance(value, Enum) else value
            for name, value in self.model_dump(exclude=hidden).items()
        }


@event.listens_for(Versioned, "before_update", propagate=True)
def _count(_mapper: Any, _connection: Any, row: Versioned) -> None:
    session = object_session(row)
    if session is not None and session.is_modified(row):
        row.revision += 1


@dataclass
class MadeFrom:
    """The revision that a request's change was made from: asked once, of the first row held."""

    revision: int
    used: bool = False


def touch(row: Versioned) -> None:
    """Count a change of what belongs to the row but stands in other tables."""
    row.revision += 1


def hold(
    db: Session,
    row: Versioned,
    *,
    stands: Callable[[], Mapping[str, Any]] | None = None,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Keep the row for this change, read as it is now, until the transaction ends.

    stands: what to show beside what was sent; the row's own fields if left out.
    Raises ChangedMeanwhile when the transaction says (``made_from``) that its change was
    made from another revision. It says so of one row: the first one held.
    """
    if row.id is not None:
        db.flush()
        # Of the row alone: PostgreSQL locks nothing that was only joined to be read.
        db.refresh(row, with_for_update={"of": type(row)})
    made_from(db, row.revision if row.id is not None else 0, stands or row.stands, labels)


def made_from(
    db: Session,
    revision: int,
    stands: Callable[[], Mapping[str, Any]],
    labels: Mapping[str, str] | None = None,
) -> None:
    """Compare what the change was made from with the revision now. Raises ChangedMeanwhile."""
    origin: MadeFrom | None = db.info.get("made_from")
    if origin is None or origin.used:
        return
    origin.used = True
    if origin.revision != revision:
        raise ChangedMeanwhile(stands(), revision, labels)
