"""``user``: accounts from the command line."""

import click

from reviewtool.cli import running
from reviewtool.cli.commands import stop


@click.group()
def user() -> None:
    """Accounts."""


@user.command("add")
@click.argument("email")
@click.option("--name", default="", help="How the person is named.")
@click.password_option()
def user_add(email: str, name: str, password: str) -> None:
    """Make an account."""
    from reviewtool.db.turns import turns
    from reviewtool.team import services

    with running.app().app_context():
        for turn in turns():
            with turn as db:
                services.create_user(db, email, name, password)
    click.echo(f"{email} can sign in now.")


@user.command("administrator")
@click.argument("email")
def user_administrator(email: str) -> None:
    """Let an account look after the server: the room on its disks, paused jobs."""
    from reviewtool.db.turns import turns
    from reviewtool.team import queries, services
    from reviewtool.team.rules import clean_email

    with running.app().app_context():
        for turn in turns():
            with turn as db:
                found = queries.user_by_email(db, clean_email(email))
                if found is None:
                    stop(f"{email} has no account. Make one with: reviewtool user add {email}")
                    return
                services.make_administrator(db, found)
    click.echo(f"{email} is warned when a disk runs short, and sees the page “Server”.")


@user.command("password")
@click.argument("email")
@click.password_option()
def user_password(email: str, password: str) -> None:
    """Set somebody's password; their sign-ins and tokens end."""
    from reviewtool.db.turns import turns
    from reviewtool.team import queries, services
    from reviewtool.team.rules import clean_email

    with running.app().app_context():
        for turn in turns():
            with turn as db:
                found = queries.user_by_email(db, clean_email(email))
                if found is None:
                    stop(f"{email} has no account. Make one with: reviewtool user add {email}")
                    return
                services.set_password(db, found, password)
    click.echo("The password is set. Every sign-in and every token of the account has ended.")


@user.command("log")
@click.argument("email")
@click.option("--last", type=int, default=50, show_default=True, help="How many entries.")
def user_log(email: str, last: int) -> None:
    """Show what happened to an account: sign-ins, refusals, passwords, tokens."""
    from reviewtool import acts, words
    from reviewtool.team import queries
    from reviewtool.team.rules import clean_email

    with running.database().session(write=False) as db:
        found = queries.user_by_email(db, clean_email(email))
        if found is None:
            stop(f"{email} has no account. Make one with: reviewtool user add {email}")
            return
        for entry in reversed(queries.account_log(db, found, last)):
            details = ", ".join(f"{key} {pair[1]}" for key, pair in entry.changes.items())
            said = f"{words.minute(entry.at)} UTC  {acts.words(entry.action)}"
            click.echo(f"{said} ({details})" if details else said)
