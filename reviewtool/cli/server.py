"""``up``, ``web``, ``migrate``, ``verify`` and ``demo``: the server and its database."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewtool.cli import running
from reviewtool.cli.commands import stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlmodel import Session

    from reviewtool.verification import Fault


@click.command()
def up() -> None:
    """Start broker, worker and web on this machine; Ctrl-C stops them."""
    from reviewtool.launch import up as launch

    sys.exit(launch(running.settings()))


@click.command()
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
def web(processes: int) -> None:
    """Start the web server alone; broker, worker and database are elsewhere."""
    from reviewtool import server

    chosen = running.settings()
    server.allow_connections()
    command = server.command(chosen.host, chosen.port, processes)
    os.execv(command[0], command)


@click.command()
def migrate() -> None:
    """Bring the database to the newest version."""
    from reviewtool.db.migrate import upgrade

    upgrade(running.settings())
    click.echo("The database is up to date.")


@click.command()
@click.option("--review", "review_id", type=int, default=None, help="Only this review.")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An exported audit log instead of the database.",
)
def verify(review_id: int | None, path: Path | None) -> None:
    """Check the log, its checkpoints and what the tables say; exit 1 names every fault."""
    from reviewtool import verification

    if path is not None:
        try:
            faults, entries, read = verification.exported(path.read_text("utf-8"))
        except UnicodeDecodeError:
            stop(f"{path} is not text in UTF-8. Give the audit.csv as it was exported.")
            return
        _tell(faults)
        click.echo(f"{entries} entries follow each other; {read} could be read and are as sealed.")
        return
    with _opened() as db:
        faults = [*_damage(db), *verification.verify(db, review_id)]
    _tell(faults)
    click.echo("The audit log is sound, and the tables say what it does.")


def _tell(faults: list[Fault]) -> None:
    for fault in faults:
        click.echo(f"{fault.where}: {fault.message}", err=True)
    if faults:
        raise SystemExit(1)


@contextmanager
def _opened() -> Iterator[Session]:
    """The database for reading; one too damaged to read ends the command in a sentence."""
    from sqlalchemy.exc import DBAPIError, StatementError

    try:
        database = running.database()
        with database.session(write=False) as db:
            yield db
        database.dispose()
    except (DBAPIError, StatementError, LookupError, ValueError) as error:
        said = " ".join(str(getattr(error, "orig", None) or error).split())[:150]
        stop(f"The database is damaged and cannot be read to its end ({said}). {RESTORE}")


RESTORE = "Keep a copy of it, then restore the newest backup."


def _damage(db: Session) -> list[Fault]:
    """What SQLite itself finds wrong with its file, in a sentence."""
    from sqlalchemy import text

    from reviewtool.verification import Fault

    if db.get_bind().dialect.name != "sqlite":
        return []
    said = db.connection().execute(text("PRAGMA quick_check(1)")).scalar_one()
    if said == "ok":
        return []
    words = " ".join(str(said).split())[:150]
    return [Fault(None, None, f"The file is damaged ({words}). {RESTORE}")]


@click.command()
def checkpoint() -> None:
    """Sign the audit log as it stands, after restoring a backup or an inquiry."""
    from reviewtool import verification
    from reviewtool.db.turns import turns

    database = running.database()
    for turn in turns(database):
        with turn as db:
            signed = verification.sign_as_it_stands(db)
    database.dispose()
    click.echo(f"{signed} chains are signed as they stand.")


@click.command()
@click.argument("email")
def demo(email: str) -> None:
    """Build the demonstration reviews for the account EMAIL."""
    from reviewtool.demo.build import build
    from reviewtool.team import queries
    from reviewtool.team.rules import clean_email

    application = running.app()
    with application.app_context():
        with application.extensions["database"].session(write=False) as db:
            found = queries.user_by_email(db, clean_email(email))
        if found is None:
            stop(f"{email} has no account. Make one with: reviewtool user add {email}")
            return
        with click.progressbar(length=100, label="Demonstration reviews") as bar:
            last = 0

            def report(done: int, total: int, message: str = "") -> None:
                nonlocal last
                percent = int(100 * done / max(total, 1))
                bar.update(percent - last)
                last = percent

            build(found.id, report)
    click.echo("Ready: open the home page.")
