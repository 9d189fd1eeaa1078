"""The searches as PRISMA-S asks to report them: one table, and an appendix for Word."""

import io
from typing import Any

from docx import Document
from sqlmodel import Session

from reviewtool import table_files
from reviewtool.references.queries import imports as imports_queries
from reviewtool.references.queries.imports import SearchSummary
from reviewtool.team.models import Member, Review
from reviewtool.words import day, thousands

COLUMNS = (
    "database",
    "platform",
    "kind",
    "searched_on",
    "updates_search_of",
    "results_reported",
    "strategy",
    "limits",
    "note",
    "files",
    "entries_read",
    "stored",
    "rejected",
    "active",
)


def table(db: Session, member: Member) -> bytes:
    """One row per search, oldest first."""
    return table_files.write(COLUMNS, [_row(one) for one in imports_queries.overview(db, member)])


def _row(one: SearchSummary) -> dict[str, Any]:
    search = one.search
    earlier = one.updates
    return {
        "database": search.database,
        "platform": search.platform,
        "kind": search.kind,
        "searched_on": search.searched_on,
        "updates_search_of": earlier.searched_on or earlier.database if earlier else "",
        "results_reported": search.hits,
        "strategy": search.strategy,
        "limits": search.limits,
        "note": search.note,
        "files": "; ".join(file.file_name for file in one.imports),
        "entries_read": one.entries,
        "stored": one.stored,
        "rejected": one.rejected,
        "active": one.active,
    }


def as_docx(db: Session, member: Member) -> bytes:
    """Each search with its strategy as it was run, for the appendix of a report."""
    document = Document()
    title = db.get_one(Review, member.review_id).title
    document.add_heading(f"Searches: {title}", level=1)
    found = imports_queries.overview(db, member)
    if not found:
        document.add_paragraph("No search has been recorded yet.")
    for one in found:
        search = one.search
        document.add_heading(
            f"{search.database} ({search.platform})" if search.platform else search.database, 2
        )
        for label, value in _facts(one):
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{label}: ").bold = True
            paragraph.add_run(value)
        if search.strategy:
            document.add_paragraph().add_run("Strategy").bold = True
            for line in search.strategy.splitlines():
                run = document.add_paragraph().add_run(line)
                run.font.name = "Courier New"
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _facts(one: SearchSummary) -> list[tuple[str, str]]:
    search = one.search
    when = day(search.searched_on) if search.searched_on else "not recorded"
    counts = (
        f"{thousands(one.entries)} read = {thousands(one.stored)} stored "
        f"+ {thousands(one.rejected)} rejected"
    )
    facts = [("Date", when), ("Kind of source", search.kind.value)]
    if one.updates:
        earlier = one.updates.searched_on
        facts.append(
            ("Update of", f"the search of {day(earlier)}" if earlier else one.updates.database)
        )
    if search.hits is not None:
        facts.append(("Results reported by the source", thousands(search.hits)))
    facts.append(("Imported", counts))
    if search.limits:
        facts.append(("Limits and filters", search.limits))
    if search.note:
        facts.append(("Note", search.note))
    return facts
