"""Column types that behave alike on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
import sqlalchemy.dialects.postgresql as pg
from sqlalchemy.engine import Dialect


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out; SQLite itself drops the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: give it a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class TextEnum(sa.types.TypeDecorator[Enum]):
    """An enum stored as its value in a text column: new members need no migration."""

    impl = sa.String(40)
    cache_ok = True

    def __init__(self, enum: type[Enum]) -> None:
        self.enum = enum
        super().__init__()

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(self.enum(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Enum | None:
        return None if value is None else self.enum(value)


def text_enum(enum: type[Enum]) -> Any:
    """Use as ``Field(sa_type=text_enum(Phase))``."""
    return TextEnum(enum)


# One JSON type; a changed dict must be assigned anew, or the change is not seen.
Json: Any = sa.JSON().with_variant(pg.JSONB(), "postgresql")
