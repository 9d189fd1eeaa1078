"""Migrations without an ini file."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from reviewtool import private
from reviewtool.db.engine import Database
from reviewtool.errors import Passing
from reviewtool.settings import Settings


def config(url: str) -> Config:
    """Alembic's configuration for the database at ``url``."""
    result = Config()
    result.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    result.attributes["url"] = url
    return result


def upgrade(settings: Settings) -> None:
    """Bring the database to the newest version; does nothing when it is there."""
    if not settings.database_url:
        private.folder(settings.data)
        private.touch(settings.data / "reviewtool.sqlite3")
    database = Database.of(settings)
    before = current(database)
    command.upgrade(config(settings.database), "head")
    if before is not None and before != current(database):
        _begin_checkpoints(database)
    database.dispose()


def _begin_checkpoints(database: Database) -> None:
    """Sign every chain that an upgrade sealed anew, or that was never signed."""
    checkpoints = database.checkpoints
    if checkpoints is None:
        return
    there = {one.chain for one in checkpoints.signed() if one.genuine}
    with database.engine.connect() as connection:
        heads = connection.execute(sa.text("SELECT chain, sequence, hash FROM audit_head")).all()
    for chain, sequence, end in heads:
        if chain not in there:
            checkpoints.keep(chain, sequence, end)


def current(database: Database) -> str | None:
    """The version the database is at, or None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """Whether the database is at the newest version."""
    head = ScriptDirectory.from_config(config(str(database.engine.url))).get_current_head()
    try:
        return current(database) == head
    except (sa.exc.OperationalError, Passing):
        return False
