"""What reports keep of their own: frozen counts and checklist answers."""

from typing import Any

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from reviewtool.db.row import Row, Versioned
from reviewtool.db.types import Json


class Snapshot(Row, table=True):
    """The flow diagram's counts at one moment, for comparing later."""

    review_id: int = Field(foreign_key="review.id", index=True)
    name: str = Field(max_length=200)
    counts: Any = Field(sa_type=Json, nullable=False)
    member_id: int = Field(foreign_key="member.id")


class ChecklistAnswer(Versioned, table=True):
    """Where the manuscript reports one PRISMA item."""

    __table_args__ = (UniqueConstraint("review_id", "item"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    item: str = Field(max_length=10)
    location: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
