"""Run by Alembic: online only, batch mode for SQLite."""

from typing import Any

import sqlalchemy as sa
from alembic import context

import reviewtool.models  # noqa: F401  (fills the metadata)
from reviewtool.db.row import metadata


def include(object_: Any, name: str | None, type_: str, *_: Any) -> bool:
    """Leave out the full-text search tables that migrations write by hand."""
    return not (type_ == "table" and name is not None and name.startswith("record_search"))


def run() -> None:
    """Migrate inside one transaction."""
    engine = sa.create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            include_object=include,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
