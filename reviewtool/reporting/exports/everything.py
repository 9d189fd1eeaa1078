"""Every file that a member can take out of a review, one after the other."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlmodel import Session, col, select

from reviewtool.charts import PACKED
from reviewtool.permissions import allows
from reviewtool.references.models import Import
from reviewtool.references.queries import imports as imports_queries
from reviewtool.reporting import queries
from reviewtool.reporting.exports import EXPORTS
from reviewtool.reporting.sheets import flow as flowchart
from reviewtool.storage import current_storage
from reviewtool.synthesis import bundle as synthesis
from reviewtool.team.models import Member

Progress = Callable[[int, int, str], None]


class File(NamedTuple):
    """A file by its path in the zip, and what it is. Without content it was left out, and the
    label says why."""

    path: str
    content: bytes | None
    label: str


def contents(db: Session, member: Member, report: Progress) -> Iterator[File]:
    """Exports, flow diagram, figures, what reproduces each analysis, the imported files."""
    for number, one in enumerate(EXPORTS, 1):
        yield File(f"data/{one.file_name}", one.write(db, member), one.label)
        report(number, len(EXPORTS) + 2, one.label)
    counts = queries.counts(db, member.review_id)
    for kind in PACKED:
        drawn = flowchart.draw(counts, kind, {})
        yield File(f"figures/prisma_flow.{kind}", drawn, "PRISMA 2020 flow")
    for path, content, label in synthesis.files(db, member):
        yield File(path, content, label)
    imported = select(Import).where(Import.review_id == member.review_id).order_by(col(Import.id))
    for row in db.exec(imported).all():
        path = f"imports/{row.id}_{row.file_name.replace('/', '_')}"
        if not allows(member, imports_queries.original_needs(db, member, row)):
            label = "Left out: it may hold votes. An owner or lead can have it."
            yield File(path, None, label)
            continue
        label = f"Imported file of search {row.search_id}, as uploaded"
        yield File(path, current_storage().read(row.sha256), label)
