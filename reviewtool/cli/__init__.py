"""The command line: what an administrator and a script can do without a browser."""

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from reviewtool import __version__
from reviewtool.errors import ReviewToolError
from reviewtool.settings import Settings


def fail(message: str, code: int = 1) -> None:
    """One clear line on the error stream, then stop."""
    click.echo(message, err=True)
    raise SystemExit(code)


def settings() -> Settings:
    """The settings, or one line that says which of them is wrong."""
    try:
        return Settings()
    except ValueError as error:
        problems: list[dict[str, Any]] = getattr(error, "errors", list)()
        lines = [f"REVIEWTOOL_{'_'.join(map(str, p['loc'])).upper()}: {p['msg']}" for p in problems]
        fail("\n".join(lines) or str(error))
        raise


def app() -> Any:
    """The application, for commands that use its services."""
    from reviewtool.app import create_app

    return create_app(settings())


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """reviewtool: systematic reviews, from question to published evidence."""


@cli.command()
def up() -> None:
    """Start broker, worker and web on this machine; Ctrl-C stops them."""
    from reviewtool.launch import up as launch

    sys.exit(launch(settings()))


@cli.command()
def migrate() -> None:
    """Bring the database to the newest version."""
    from reviewtool.db.migrate import upgrade

    upgrade(settings())
    click.echo("The database is up to date.")


@cli.command()
@click.option("--review", "review_id", type=int, default=None, help="Only this review's chain.")
def verify(review_id: int | None) -> None:
    """Check the audit log's hash chains; exit 1 names every break."""
    from reviewtool import audit
    from reviewtool.db import Database

    database = Database(settings().database)
    with database.session(write=False) as db:
        faults = audit.verify(db, review_id)
    for fault in faults:
        where = "system" if fault.chain == audit.SYSTEM else f"review {fault.chain}"
        click.echo(f"{where}: {fault.message}", err=True)
    if faults:
        raise SystemExit(1)
    click.echo("The audit log is sound.")


@cli.group()
def user() -> None:
    """Accounts."""


@user.command("add")
@click.argument("email")
@click.option("--name", default="", help="How the person is named.")
@click.password_option()
def user_add(email: str, name: str, password: str) -> None:
    """Make an account."""
    from reviewtool.db import transaction
    from reviewtool.team import services

    with app().app_context(), transaction() as db:
        services.create_user(db, email, name, password)
    click.echo(f"{email} can sign in now.")


@user.command("password")
@click.argument("email")
@click.password_option()
def user_password(email: str, password: str) -> None:
    """Set somebody's password."""
    from flask_security import hash_password

    from reviewtool.db import transaction
    from reviewtool.team import queries
    from reviewtool.team.rules import clean_email

    with app().app_context(), transaction() as db:
        found = queries.user_by_email(db, clean_email(email))
        if found is None:
            fail(f"{email} has no account. Make one with: reviewtool user add {email}")
            return
        found.password = hash_password(password)
        db.add(found)
    click.echo("The password is set.")


@cli.command()
@click.argument("email")
def demo(email: str) -> None:
    """Build the demonstration reviews for the account EMAIL."""
    from reviewtool.demo.build import build
    from reviewtool.team import queries
    from reviewtool.team.rules import clean_email

    application = app()
    with application.app_context():
        with application.extensions["database"].session(write=False) as db:
            found = queries.user_by_email(db, clean_email(email))
        if found is None:
            fail(f"{email} has no account. Make one with: reviewtool user add {email}")
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


# Commands of the pure libraries and of single stages, each in a file of its own.
PLUGINS = {
    "reviewtool.cli.stats": ("pool", "network"),
    "reviewtool.cli.dedupe": ("dedupe",),
    "reviewtool.cli.references": ("import_file",),
    "reviewtool.cli.reporting": ("export",),
}


def _load_plugins() -> None:
    for module, names in PLUGINS.items():
        loaded = importlib.import_module(module)
        for name in names:
            cli.add_command(getattr(loaded, name))


def main() -> None:
    """Entry point. Known errors are one line and exit 1, never a traceback."""
    _load_plugins()
    try:
        cli()
    except ReviewToolError as error:
        fail(error.message)
    except OSError as error:
        where = f" {Path(str(error.filename))}" if error.filename else ""
        fail(f"{error.strerror or error}{where}")
