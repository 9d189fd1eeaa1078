"""What commands that use the database share: settings, application, database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewtool.cli.commands import stop

if TYPE_CHECKING:
    from reviewtool.db.engine import Database
    from reviewtool.settings import Settings


def settings() -> Settings:
    """The settings, or one line that says which of them is wrong."""
    from reviewtool.settings import Settings, explain

    try:
        return Settings()
    except ValueError as error:
        stop(explain(error))
        raise


def app() -> Any:
    """The application, for commands that use its services, over a database that is ready."""
    chosen = settings()
    check(chosen)
    from reviewtool.app import create_app

    return create_app(chosen)


def database() -> Database:
    """The database, or one line that says what to run first."""
    return check(settings())


def check(chosen: Settings) -> Database:
    """The database of ``chosen`` when it is at the newest version; else a sentence, exit 1."""
    from sqlalchemy.exc import OperationalError

    from reviewtool.db.engine import Database
    from reviewtool.db.migrate import current, is_current

    found = Database.of(chosen)
    if not chosen.database_url and not chosen.data.exists():
        stop(f"There is no database yet in {chosen.data.resolve()}. Run: reviewtool migrate")
    try:
        version = current(found)
    except OperationalError as error:
        stop(f"The database cannot be opened: {error.orig}. Check REVIEWTOOL_DATABASE_URL.")
        raise
    if version is None:
        stop("The database is empty. Run: reviewtool migrate (reviewtool up does it as well).")
    if not is_current(found):
        stop("The database belongs to another version of reviewtool. Run: reviewtool migrate")
    return found
