"""Writing the zip with everything."""

import io
import json
import zipfile

from pydantic import BaseModel
from sqlmodel import Session, select

from reviewtool import __version__
from reviewtool.charts import PACKED
from reviewtool.db.engine import current_database
from reviewtool.db.types import now
from reviewtool.errors import NotFound
from reviewtool.jobs import Run, job
from reviewtool.permissions import Action, allows, require
from reviewtool.references.models import Import
from reviewtool.references.queries import imports as imports_queries
from reviewtool.reporting import queries
from reviewtool.reporting.exports import EXPORTS
from reviewtool.reporting.sheets import flow as flowchart
from reviewtool.storage import current_storage
from reviewtool.team.models import Member, Review
from reviewtool.web.addresses import path_to


class Zip(BaseModel):
    """Where the zip of a finished job lies, and under which name it is sent."""

    sha256: str
    size: int
    file_name: str


@job("reporting.bundle")
def bundle(run: Run, member_id: int) -> None:
    """Every export, the flow diagram, figures, scripts and the original import files."""
    with current_database().session(write=False) as db:
        member = db.get(Member, member_id)
        if member is None or member.removed_at is not None:
            raise NotFound("The person who asked for this zip is no longer on the team.")
        require(member, Action.EXPORT)
        content = write(db, member, run)
        title = db.get_one(Review, member.review_id).title
    sha256, size = current_storage().put(content)
    slug = "".join(c if c.isalnum() else "-" for c in title.lower())[:60].strip("-")
    run.result = Zip(sha256=sha256, size=size, file_name=f"{slug or 'review'}.zip").model_dump()
    run.result_url = path_to("reporting.bundle_file", review_id=run.review_id, job_id=run.job_id)


def write(db: Session, member: Member, run: Run | None = None) -> bytes:
    """The zip's bytes, with a manifest that names every file."""
    stream = io.BytesIO()
    names: list[dict[str, str]] = []
    parts = [*EXPORTS]
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name: str, content: bytes, label: str) -> None:
            archive.writestr(name, content)
            names.append({"file": name, "content": label})

        for number, one in enumerate(parts):
            add(f"data/{one.file_name}", one.write(db, member), one.label)
            if run is not None:
                run.report(number + 1, len(parts) + 2, one.label)
        counts = queries.counts(db, member.review_id)
        for kind in PACKED:
            add(f"figures/prisma_flow.{kind}", flowchart.draw(counts, kind, {}), "PRISMA 2020 flow")
        for name, figure, label in _figures(db, member):
            add(name, figure, label)
        for row in db.exec(select(Import).where(Import.review_id == member.review_id)).all():
            name = f"imports/{row.id}_{row.file_name.replace('/', '_')}"
            if not allows(member, imports_queries.original_needs(db, member, row)):
                label = "Left out: it may hold votes. An owner or lead can have it."
                names.append({"file": name, "content": label})
                continue
            add(
                name,
                current_storage().read(row.sha256),
                f"Imported file of search {row.search_id}, as uploaded",
            )
        manifest = {
            "schema": "reviewtool-bundle/1",
            "software": f"reviewtool {__version__}",
            "written_at": now().isoformat(),
            "files": names,
        }
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    return stream.getvalue()


def _figures(db: Session, member: Member) -> list[tuple[str, bytes, str]]:
    """Forest plots, scripts and data of every analysis, from the synthesis stage."""
    from reviewtool.synthesis import bundle as synthesis

    return list(synthesis.files(db, member))
