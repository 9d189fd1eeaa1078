"""Column types that behave alike on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
import sqlalchemy.dialects.postgresql as pg
from pydantic import TypeAdapter
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


class TypedJson(sa.types.TypeDecorator[Any]):
    """JSON of one type: a pydantic model, a dataclass or a union of them, in and out.

    What is stored is checked on the way in and on the way out, so that nothing downstream
    reads by key. A changed value must be assigned anew, or the change is not seen.
    """

    impl = sa.JSON
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        self.shape = shape
        self._adapter: TypeAdapter[Any] = TypeAdapter(shape)
        super().__init__()

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """JSONB on PostgreSQL, as all other JSON."""
        return dialect.type_descriptor(pg.JSONB() if dialect.name == "postgresql" else sa.JSON())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return self._adapter.dump_python(self._adapter.validate_python(value), mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self._adapter.validate_python(value)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self.impl_instance


def typed_json(shape: Any) -> Any:
    """Use as ``Field(sa_type=typed_json(Settings))``."""
    return TypedJson(shape)
