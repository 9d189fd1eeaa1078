"""JSON: searches, imports and records."""

from datetime import date
from typing import Any, BinaryIO, cast

from flask import g, request
from pydantic import BaseModel, Field

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid
from reviewtool.permissions import Action, require
from reviewtool.references import errors
from reviewtool.references.api.duplicates import bp as duplicates
from reviewtool.references.models import Import, Record, Search
from reviewtool.references.queries import imports as imports_queries
from reviewtool.references.queries import records as records_queries
from reviewtool.references.queries.records import Filter
from reviewtool.references.services import imports as imports_services
from reviewtool.references.services import records as records_services
from reviewtool.team.access import review_api

bp = review_api("references", __name__, "/references", "References")
blueprints = (bp, duplicates)


class RecordIn(BaseModel):
    """Fields of a record; those left out stay as they are."""

    title: str | None = None
    authors: str | None = Field(default=None, description="separated by semicolons")
    year: int | None = None
    journal: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    registry_number: str | None = None
    abstract: str | None = None
    keywords: str | None = None


class NewRecordIn(RecordIn):
    """A record entered by hand."""

    search_id: int


def _search(row: Search) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude={"review_id"})


def _import(row: Import) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude={"review_id", "promoted"})


def _record(row: Record) -> dict[str, Any]:
    return {**row.model_dump(mode="json", exclude={"review_id"}), "active": row.is_active}


@bp.get("/searches")
def searches() -> Any:
    """All searches with their PRISMA-S items."""
    return {"searches": [_search(s) for s in imports_queries.searches(request_session(), g.member)]}


@bp.post("/imports")
def add_import() -> Any:
    """Upload one file and import it: multipart with ``file``, ``database`` and, if known,
    ``platform``, ``kind``, ``searched_on``, ``strategy``, ``limits``, ``hits``."""
    require(g.member, Action.IMPORT)
    file = request.files.get("file")
    if file is None or not file.filename:
        raise errors.NothingUploaded()
    names = ("database", "platform", "kind", "strategy", "limits", "note")
    values: dict[str, Any] = {n: request.form[n] for n in names if request.form.get(n)}
    values.setdefault("database", "")
    try:
        if day := request.form.get("searched_on"):
            values["searched_on"] = date.fromisoformat(day)
        if hits := request.form.get("hits"):
            values["hits"] = int(hits)
    except ValueError:
        raise Invalid("searched_on is a date such as 2026-01-15 and hits a whole number.") from None
    with transaction() as db:
        row = imports_services.import_bytes(
            db,
            g.member,
            file.filename,
            cast(BinaryIO, file.stream),
            **values,
        )
    return _import(row), 202


@bp.get("/imports/<int:import_id>")
def show_import(import_id: int) -> Any:
    """One import: its state, the accounting line and the rejects."""
    db = request_session()
    row = imports_queries.import_(db, g.member, import_id)
    rejects = imports_queries.rejected(db, row, limit=1000)
    return {
        **_import(row),
        "rejects": [{"line": r.line, "reason": r.reason, "excerpt": r.excerpt} for r in rejects],
    }


@bp.post("/imports/<int:import_id>/undo")
def undo_import(import_id: int) -> Any:
    """Set the import's records aside; returns what was counted."""
    with transaction() as db:
        return imports_services.undo(db, g.member, imports_queries.import_(db, g.member, import_id))


@bp.post("/imports/<int:import_id>/restore")
def restore_import(import_id: int) -> Any:
    """Bring an undone import back."""
    with transaction() as db:
        return imports_services.restore(
            db, g.member, imports_queries.import_(db, g.member, import_id)
        )


@bp.get("/records")
def records() -> Any:
    """A page of records: ``q``, ``state``, ``after`` (the last number of the page before)."""
    state = request.args.get("state", "active")
    page = records_queries.records(
        request_session(),
        g.member,
        Filter(
            words=request.args.get("q", ""),
            state=state if state in records_queries.STATES else "active",
            search_id=request.args.get("search", type=int),
            import_id=request.args.get("import", type=int),
        ),
        after=request.args.get("after", type=int),
    )
    return {
        "total": page.total,
        "next_after": page.next_after,
        "records": [_record(row) for row in page.rows],
    }


@bp.get("/records/<int:record_id>")
def show_record(record_id: int) -> Any:
    """One record with its history."""
    db = request_session()
    row = records_queries.record(db, g.member, record_id)
    history = records_queries.changes(db, row)
    return {
        **_record(row),
        "history": [c.model_dump(mode="json", exclude={"record_id"}) for c in history],
    }


@bp.post("/records")
@bp.input(NewRecordIn)
def add_record(json_data: NewRecordIn) -> Any:
    """Enter one record by hand."""
    values = json_data.model_dump(exclude_none=True)
    with transaction() as db:
        search = imports_queries.search(db, g.member, values.pop("search_id"))
        row = records_services.add_record(db, g.member, search, **values)
    return _record(row), 201


@bp.patch("/records/<int:record_id>")
@bp.input(RecordIn)
def edit_record(record_id: int, json_data: RecordIn) -> Any:
    """Correct a record; every old value stays in its history."""
    values = json_data.model_dump(exclude_unset=True)
    with transaction() as db:
        row = records_queries.record(db, g.member, record_id)
        records_services.edit_record(db, g.member, row, **values)
    return _record(row)
