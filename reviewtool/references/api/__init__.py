"""JSON: searches, imports and records."""

from datetime import date
from typing import Any, BinaryIO, cast

from flask import g, request

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid
from reviewtool.permissions import Action, require
from reviewtool.references import errors
from reviewtool.references.api.duplicates import bp as duplicates
from reviewtool.references.api.shapes import (
    ChangeOut,
    ImportCountsOut,
    ImportOut,
    ImportWithRejectsOut,
    NewRecordIn,
    RecordIn,
    RecordOut,
    RecordsOut,
    RecordWithHistoryOut,
    RejectOut,
    SearchesOut,
    SearchOut,
)
from reviewtool.references.queries import imports as imports_queries
from reviewtool.references.queries import records as records_queries
from reviewtool.references.queries.records import Filter
from reviewtool.references.services import imports as imports_services
from reviewtool.references.services import records as records_services
from reviewtool.team.access import review_api

bp = review_api("references", __name__, "/references", "References")
blueprints = (bp, duplicates)


@bp.get("/searches")
@bp.output(SearchesOut)
def searches() -> SearchesOut:
    """All searches with their PRISMA-S items."""
    rows = imports_queries.searches(request_session(), g.member)
    return SearchesOut(searches=[SearchOut.of(row) for row in rows])


@bp.post("/imports")
@bp.output(ImportOut, 202)
def add_import() -> ImportOut:
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
    return ImportOut.of(row)


@bp.get("/imports/<int:import_id>")
@bp.output(ImportWithRejectsOut)
def show_import(import_id: int) -> ImportWithRejectsOut:
    """One import: its state, the accounting line and the rejects."""
    db = request_session()
    row = imports_queries.import_(db, g.member, import_id)
    rejects = imports_queries.rejected(db, row, limit=1000)
    return ImportWithRejectsOut.of(row, rejects=[RejectOut.of(one) for one in rejects])


@bp.post("/imports/<int:import_id>/undo")
@bp.output(ImportCountsOut)
def undo_import(import_id: int) -> Any:
    """Set the import's records aside; returns what was counted."""
    with transaction() as db:
        return imports_services.undo(db, g.member, imports_queries.import_(db, g.member, import_id))


@bp.post("/imports/<int:import_id>/restore")
@bp.output(ImportCountsOut)
def restore_import(import_id: int) -> Any:
    """Bring an undone import back."""
    with transaction() as db:
        return imports_services.restore(
            db, g.member, imports_queries.import_(db, g.member, import_id)
        )


@bp.get("/records")
@bp.output(RecordsOut)
def records() -> RecordsOut:
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
    rows = [RecordOut.of(row) for row in page.rows]
    return RecordsOut(total=page.total, next_after=page.next_after, records=rows)


@bp.get("/records/<int:record_id>")
@bp.output(RecordWithHistoryOut)
def show_record(record_id: int) -> RecordWithHistoryOut:
    """One record with its history."""
    db = request_session()
    row = records_queries.record(db, g.member, record_id)
    history = [ChangeOut.of(one) for one in records_queries.changes(db, row)]
    return RecordWithHistoryOut.of(row, history=history)


@bp.post("/records")
@bp.input(NewRecordIn)
@bp.output(RecordOut, 201)
def add_record(json_data: NewRecordIn) -> RecordOut:
    """Enter one record by hand."""
    values = json_data.model_dump(exclude_none=True)
    with transaction() as db:
        search = imports_queries.search(db, g.member, values.pop("search_id"))
        row = records_services.add_record(db, g.member, search, **values)
    return RecordOut.of(row)


@bp.patch("/records/<int:record_id>")
@bp.input(RecordIn)
@bp.output(RecordOut)
def edit_record(record_id: int, json_data: RecordIn) -> RecordOut:
    """Correct a record; every old value stays in its history."""
    values = json_data.model_dump(exclude_unset=True)
    with transaction() as db:
        row = records_queries.record(db, g.member, record_id)
        records_services.edit_record(db, g.member, row, **values)
    return RecordOut.of(row)
