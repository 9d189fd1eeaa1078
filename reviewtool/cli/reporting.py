"""``reviewtool export``: take a review, or one part of it, out without a browser."""

from pathlib import Path

import click

from reviewtool import words
from reviewtool.errors import ReviewToolError


@click.command("export")
@click.option("--review", "review_id", type=int, required=True, help="The review's number.")
@click.option("--as", "email", required=True, help="Account of the member who exports.")
@click.option("--only", default="", help="One export by its key, such as records or analyses.")
@click.option(
    "--analysis", type=int, default=None, help="Data and scripts that reproduce one analysis."
)
@click.option("--crate", is_flag=True, help="The review as an RO-Crate, every file described.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File to write."
)
def export(
    review_id: int, email: str, only: str, analysis: int | None, crate: bool, out: Path | None
) -> None:
    """Write a review's zip, or one part of it. What is blind to the member is left out."""
    from reviewtool.cli import running
    from reviewtool.cli.commands import stop
    from reviewtool.db.engine import current_database
    from reviewtool.db.turns import turns
    from reviewtool.permissions import Action, require
    from reviewtool.reporting import exports, jobs
    from reviewtool.reporting.exports import crate as crates
    from reviewtool.synthesis import bundle, queries
    from reviewtool.team import services
    from reviewtool.team.queries import member_by_email

    with running.app().app_context(), current_database().session(write=False) as db:
        try:
            member = member_by_email(db, review_id, email)
            require(member, Action.EXPORT)
            if only:
                one = exports.export(only)
                content, target = one.write(db, member), out or Path(one.file_name)
            elif analysis is not None:
                line = queries.line(db, member, analysis)
                content = bundle.reproduction(line, line.run)
                target = out or Path(f"{bundle.slug(line)}.zip")
            elif crate:
                content = crates.write(db, member, jobs.quietly)
                target = out or Path(f"review-{review_id}-ro-crate.zip")
            else:
                content, target = jobs.write(db, member), out or Path(f"review-{review_id}.zip")
        except ReviewToolError as error:
            stop(error.message)
            return
        for turn in turns():
            with turn as writing:
                services.note_download(writing, member, target.name)
    target.write_bytes(content)
    click.echo(f"{target}: {words.keyboard(words.thousands(len(content)))} bytes")
