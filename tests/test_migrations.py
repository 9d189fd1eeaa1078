"""The migrated schema is the models' schema."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import reviewtool.models  # noqa: F401
from reviewtool.db.migrate import is_current, upgrade
from reviewtool.db.row import metadata


def by_hand(object_, name, type_, reflected, compare_to):
    """Leave out what migrations write by hand: full-text search."""
    return not (name or "").startswith(("record_search", "ix_record_search"))


def test_migrations_and_models_agree(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "include_object": by_hand, "include_schemas": False},
        )
        differences = compare_metadata(context, metadata)
    assert differences == []


def test_upgrading_twice_changes_nothing(settings, database):
    upgrade(settings)
    assert is_current(database)
