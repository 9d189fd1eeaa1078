"""Pages of records: the list, one record, entering and correcting."""

from flask import flash, g, request, url_for
from flask.typing import ResponseReturnValue

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid
from reviewtool.permissions import Action, require
from reviewtool.references.forms.records import NewRecordForm, RecordForm, RemoveForm
from reviewtool.references.models import Record
from reviewtool.references.queries import imports as imports_queries
from reviewtool.references.queries import records as records_queries
from reviewtool.references.services import records as records_services
from reviewtool.references.views.blueprint import bp, crumbs, stage_tabs
from reviewtool.team import queries as team_queries
from reviewtool.web.forms import choices
from reviewtool.web.render import redirect_to, render
from reviewtool.web.revisions import shown_as

MISSING = {"abstract": "an abstract", "title": "a title", "doi": "a DOI", "year": "a year"}


@bp.get("/records")
def records() -> ResponseReturnValue:
    """The records of the review, searched and filtered, fifty at a time."""
    db = request_session()
    state = request.args.get("state", "active")
    chosen = records_queries.Filter(
        words=request.args.get("q", "").strip(),
        state=state if state in records_queries.STATES else "active",
        search_id=request.args.get("search", type=int),
        import_id=request.args.get("import", type=int),
        first_year=request.args.get("from", type=int),
        last_year=request.args.get("to", type=int),
        missing=request.args.get("missing", ""),
    )
    return render(
        "references/records.html",
        page=records_queries.records(
            db,
            g.member,
            chosen,
            after=request.args.get("after", type=int),
            before=request.args.get("before", type=int),
        ),
        chosen=chosen,
        states=records_queries.STATES,
        missing=MISSING,
        searches={s.id: s for s in imports_queries.searches(db, g.member)},
        tabs=stage_tabs("records"),
        breadcrumb=crumbs(("Records", "")),
    )


@bp.get("/records/<int:record_id>")
def record(record_id: int) -> ResponseReturnValue:
    """One record with where it came from and how it changed."""
    db = request_session()
    row = records_queries.record(db, g.member, record_id)
    search, file = records_queries.origin(db, row)
    return render(
        "references/record.html",
        record=row,
        search=search,
        file=file,
        changes=records_queries.changes(db, row),
        merged=records_queries.merged_into(db, row),
        survivor=db.get(Record, row.merged_into_id) if row.merged_into_id else None,
        merge=records_queries.last_merge(db, row) if row.merged_into_id else None,
        names=team_queries.names(db, g.member),
        labels={f.name: f.label.text for f in RecordForm()},
        remove_form=RemoveForm(),
        reasons=records_services.REASONS,
        breadcrumb=crumbs(("Records", url_for(".records")), (f"#{row.number}", "")),
    )


@bp.route("/records/new", methods=["GET", "POST"])
def new_record() -> ResponseReturnValue:
    """Enter one record by hand."""
    require(g.member, Action.IMPORT)
    form = NewRecordForm()
    found = imports_queries.searches(request_session(), g.member)
    form.search_id.choices = choices([(s.id, s.database) for s in found])
    if found and form.validate_on_submit():
        try:
            with transaction() as db:
                source = imports_queries.search(db, g.member, form.search_id.data)
                row = records_services.add_record(db, g.member, source, **form.values())
            flash(f"Record #{row.number} stored.")
            return redirect_to(".record", record_id=row.id)
        except Invalid as error:
            form.title.errors = [error.message]
    return render(
        "references/edit_record.html",
        422 if request.method == "POST" else 200,
        form=form,
        record=None,
        searches=found,
        breadcrumb=crumbs(("Records", url_for(".records")), ("New record", "")),
    )


@bp.route("/records/<int:record_id>/edit", methods=["GET", "POST"])
def edit_record(record_id: int) -> ResponseReturnValue:
    """Correct a record; the old values stay in its history."""
    require(g.member, Action.EDIT_RECORD)
    row = records_queries.record(request_session(), g.member, record_id)
    form = RecordForm(data=None if request.method == "POST" else row.model_dump())
    shown_as(
        lambda: RecordForm(
            data=records_queries.record(request_session(), g.member, record_id).model_dump(),
            formdata=None,
        )
    )
    if form.validate_on_submit():
        try:
            with transaction() as db:
                fresh = records_queries.record(db, g.member, record_id)
                names = records_services.edit_record(db, g.member, fresh, **form.values())
            flash("Record saved." if names else "Nothing was changed.")
            return redirect_to(".record", record_id=record_id)
        except Invalid as error:
            form.title.errors = [error.message]
    return render(
        "references/edit_record.html",
        422 if request.method == "POST" else 200,
        form=form,
        record=row,
        searches=[],
        breadcrumb=crumbs(
            ("Records", url_for(".records")),
            (f"#{row.number}", url_for(".record", record_id=row.id)),
            ("Edit", ""),
        ),
    )


@bp.post("/records/<int:record_id>/remove")
def remove_record(record_id: int) -> ResponseReturnValue:
    """Take a record out before screening."""
    form = RemoveForm()
    with transaction() as db:
        row = records_queries.record(db, g.member, record_id)
        records_services.remove_record(db, g.member, row, form.reason.data, form.note.data or "")
    flash(f"Record #{row.number} removed before screening.")
    return redirect_to(".record", record_id=record_id)


@bp.post("/records/<int:record_id>/bring-back")
def bring_back_record(record_id: int) -> ResponseReturnValue:
    """Put a removed record back."""
    with transaction() as db:
        row = records_queries.record(db, g.member, record_id)
        records_services.bring_back_record(db, g.member, row)
    flash(f"Record #{row.number} is back in the review.")
    return redirect_to(".record", record_id=record_id)
