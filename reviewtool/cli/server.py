"""``up``, ``migrate``, ``verify`` and ``demo``: the server and its database."""

import sys

import click

from reviewtool.cli import running
from reviewtool.cli.commands import stop


@click.command()
def up() -> None:
    """Start broker, worker and web on this machine; Ctrl-C stops them."""
    from reviewtool.launch import up as launch

    sys.exit(launch(running.settings()))


@click.command()
def migrate() -> None:
    """Bring the database to the newest version."""
    from reviewtool.db.migrate import upgrade

    upgrade(running.settings())
    click.echo("The database is up to date.")


@click.command()
@click.option("--review", "review_id", type=int, default=None, help="Only this review's chain.")
def verify(review_id: int | None) -> None:
    """Check the audit log's hash chains; exit 1 names every break."""
    from reviewtool import audit

    with running.database().session(write=False) as db:
        faults = audit.verify(db, review_id)
    for fault in faults:
        where = "system" if fault.chain == audit.SYSTEM else f"review {fault.chain}"
        click.echo(f"{where}: {fault.message}", err=True)
    if faults:
        raise SystemExit(1)
    click.echo("The audit log is sound.")


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
