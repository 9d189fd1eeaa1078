"""Writing the zips with everything."""

import json
from collections.abc import Callable

from pydantic import BaseModel
from sqlmodel import Session

from reviewtool import __version__, zip_files
from reviewtool.db.engine import current_database
from reviewtool.db.types import now
from reviewtool.errors import NotFound
from reviewtool.jobs import Job, Run, enqueue, job
from reviewtool.permissions import Action, require
from reviewtool.reporting.exports import crate as crates
from reviewtool.reporting.exports.everything import Progress, contents
from reviewtool.storage import current_storage
from reviewtool.team import queries as team
from reviewtool.team.models import Member, Review
from reviewtool.web.addresses import path_to

BUNDLE, CRATE = "reporting.bundle", "reporting.crate"


class Zip(BaseModel):
    """Where the zip of a finished job lies, and under which name it is sent."""

    sha256: str
    size: int
    file_name: str


TITLES = {BUNDLE: "One zip with everything", CRATE: "The review as an RO-Crate"}


def begin(db: Session, member: Member, name: str) -> Job:
    """Write a zip for this member in a job, because a large review takes a while."""
    require(member, Action.EXPORT)
    return enqueue(
        db,
        name,
        title=TITLES[name],
        review_id=member.review_id,
        user_id=member.user_id,
        member_id=member.id,
    )


def written(db: Session, member: Member, job_id: int) -> Zip:
    """The zip that a job of this member wrote: it shows what they may see. Raises NotFound."""
    require(member, Action.EXPORT)
    row = team.job(db, member, job_id)
    if row.name not in TITLES or row.user_id != member.user_id or not row.result:
        raise NotFound("There is no such zip, or it is not written yet.")
    return Zip.model_validate(row.result)


@job(BUNDLE)
def bundle(run: Run, member_id: int) -> None:
    """Every export, the flow diagram, figures, scripts and the original import files."""
    _keep(run, member_id, write, "")


@job(CRATE)
def crate(run: Run, member_id: int) -> None:
    """The same as an RO-Crate, in which every file is described."""
    _keep(run, member_id, crates.write, "-ro-crate")


def _keep(
    run: Run, member_id: int, made: Callable[[Session, Member, Progress], bytes], after: str
) -> None:
    with current_database().session(write=False) as db:
        member = db.get(Member, member_id)
        if member is None or member.removed_at is not None:
            raise NotFound("The person who asked for this zip is no longer on the team.")
        require(member, Action.EXPORT)
        content = made(db, member, run.report)
        title = db.get_one(Review, member.review_id).title
    sha256, size = current_storage().put(content)
    slug = "".join(c if c.isalnum() else "-" for c in title.lower())[:60].strip("-")
    name = f"{slug or 'review'}{after}.zip"
    run.result = Zip(sha256=sha256, size=size, file_name=name).model_dump()
    run.result_url = path_to("reporting.bundle_file", review_id=run.review_id, job_id=run.job_id)


def quietly(_done: int, _total: int, _words: str) -> None:
    """Nobody waits to hear how far it is."""


def write(db: Session, member: Member, report: Progress = quietly) -> bytes:
    """The zip's bytes, with a manifest that names every file."""
    names: list[dict[str, str]] = []
    files: list[tuple[str, bytes]] = []
    for one in contents(db, member, report):
        names.append({"file": one.path, "content": one.label})
        if one.content is not None:
            files.append((one.path, one.content))
    manifest = {
        "schema": "reviewtool-bundle/1",
        "software": f"reviewtool {__version__}",
        "written_at": now().isoformat(),
        "files": names,
    }
    files.append(("manifest.json", json.dumps(manifest, indent=1).encode()))
    return zip_files.write(files)
