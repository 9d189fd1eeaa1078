"""``reviewtool import``: store export files in a review without a browser."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from reviewtool.errors import ReviewToolError


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--review", "review_id", type=int, required=True, help="The review's number.")
@click.option("--as", "email", required=True, help="Account of the member who imports.")
@click.option("--database", required=True, help="Database or register the files come from.")
@click.option("--platform", default="", help="Such as Ovid or EBSCOhost.")
@click.option(
    "--date", "searched_on", type=click.DateTime(["%Y-%m-%d"]), help="Date of the search."
)
@click.option("--strategy", type=click.File(encoding="utf-8"), help="File with the strategy.")
def import_file(
    files: tuple[Path, ...],
    review_id: int,
    email: str,
    database: str,
    platform: str,
    searched_on: datetime | None,
    strategy: Any,
) -> None:
    """Store FILES in a review; each line adds up: read = stored + rejected."""
    from reviewtool.cli import running
    from reviewtool.cli.commands import stop

    search = {
        "database": database,
        "platform": platform,
        "searched_on": searched_on.date() if searched_on else None,
        "strategy": strategy.read() if strategy else "",
    }
    with running.app().app_context():
        for file in files:
            try:
                click.echo(_import(file, review_id, email, search))
            except ReviewToolError as error:
                stop(f"{file.name}: {error.message}")


def _import(file: Path, review_id: int, email: str, search: dict[str, Any]) -> str:
    """Upload ``file``, run its jobs here, and say what became of it."""
    from reviewtool import jobs
    from reviewtool.db.engine import current_database
    from reviewtool.db.turns import turns
    from reviewtool.references.models import Import, ImportState
    from reviewtool.references.services import imports as imports_services
    from reviewtool.team.queries import member_by_email

    with jobs.held() as waiting:
        for turn in turns():
            with turn as db, file.open("rb") as content:
                actor = member_by_email(db, review_id, email)
                row = imports_services.import_bytes(db, actor, file.name, content, **search)
                import_id, job_id = row.id, row.job_id
        while waiting:
            jobs.run(waiting.pop(0))
    with current_database().session(write=False) as db:
        done = db.get_one(Import, import_id)
        if done.state is not ImportState.DONE:
            job = db.get_one(jobs.Job, job_id or 0)
            waits = " It is kept, and goes on by itself while `reviewtool up` runs."
            said = waits if job.state is jobs.JobState.PAUSED else ""
            raise ReviewToolError((job.error or "It was not imported.") + said)
        return f"{file.name}: {done.entries} read = {done.stored} stored + {done.rejected} rejected"
