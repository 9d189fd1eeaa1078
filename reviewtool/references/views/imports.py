"""Pages of searches and imports: upload, look, map columns, store, undo."""

from datetime import date
from typing import Any

from flask import Response, flash, g, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from reviewtool import table_files
from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import ReviewToolError
from reviewtool.formats.csv.columns import FIELDS
from reviewtool.jobs import Job, JobState
from reviewtool.permissions import Action, require
from reviewtool.references import errors
from reviewtool.references.forms.imports import NEW, FileForm, SearchForm, TogetherForm, UploadForm
from reviewtool.references.models import Import, ImportState
from reviewtool.references.queries import imports as imports_queries
from reviewtool.references.rules import sources
from reviewtool.references.services import imports as imports_services
from reviewtool.references.views.blueprint import bp, crumbs, stage_tabs
from reviewtool.storage import current_storage
from reviewtool.team import queries as team_queries
from reviewtool.web.forms import choices
from reviewtool.web.render import redirect_to, render
from reviewtool.web.security import SANDBOX
from reviewtool.words import plural

LABELS = imports_services.FORMAT_LABELS
UNREADABLE = ("empty", "unknown")
# A log of decisions has no source to name, and an unreadable file cannot be imported.
EARLIER = (
    ("title_abstract:exclude", "Excluded at title and abstract"),
    ("title_abstract:include", "Passed title and abstract"),
    ("full_text:exclude", "Excluded at full text"),
    ("full_text:include", "Included at full text"),
)
Prefixed = tuple[Import, Any, FileForm | None]


@bp.get("/")
def index() -> ResponseReturnValue:
    """Searches with their files, and the history of imports."""
    db = request_session()
    running = imports_queries.running(db, g.member)
    return render(
        "references/index.html",
        searches=imports_queries.overview(db, g.member),
        waiting=imports_queries.waiting_files(db, g.member),
        running=running,
        paused={job.id for job in running if job.state is JobState.PAUSED},
        names=team_queries.names(db, g.member),
        labels=LABELS,
        tabs=stage_tabs("index"),
    )


@bp.route("/imports/new", methods=["GET", "POST"])
def upload() -> ResponseReturnValue:
    """Choose files; each is kept and looked at, nothing is stored as records yet."""
    require(g.member, Action.IMPORT)
    form = UploadForm()
    if request.method == "POST":
        files = [f for f in request.files.getlist("files") if f and f.filename]
        if not files:
            form.files.errors = [errors.NothingUploaded.message]
        elif form.validate():
            with transaction() as db:
                for file in files:
                    imports_services.upload_files(
                        db,
                        g.member,
                        file.filename or "",
                        file.stream,  # type: ignore[arg-type]
                    )
            return redirect_to(".check")
    return render(
        "references/upload.html",
        422 if form.errors or form.files.errors else 200,
        form=form,
        breadcrumb=crumbs(("Import", "")),
    )


def _forms(rows: Any) -> list[Prefixed]:
    """Each waiting file with its look and its form, prefilled with what it says itself."""
    db = request_session()
    known = [
        (s.id, f"{s.database}, {s.searched_on:%d %b %Y}" if s.searched_on else s.database)
        for s in imports_queries.searches(db, g.member)
    ]
    found: list[Prefixed] = []
    for row in rows:
        look = imports_queries.preview(row)
        if row.is_log or look.format in UNREADABLE:
            found.append((row, look, None))
            continue
        database = sources.guess(look, row.file_name)
        kind = "register" if sources.is_register(database) else "database"
        form = FileForm(
            prefix=f"f{row.id}-",
            data=None
            if request.method == "POST"
            else {"database": database, "kind": kind, "search_id": NEW, "update": True},
        ).offering(known)
        found.append((row, look, form))
    # First what needs a person before anything can be stored.
    return sorted(found, key=lambda one: not (one[1].needs_mapping and not one[0].column_mapping))


@bp.route("/imports/check", methods=["GET", "POST"])
def check() -> ResponseReturnValue:
    """What each file seems to be, and which search it belongs to."""
    require(g.member, Action.IMPORT)
    db = request_session()
    rows = imports_queries.waiting_files(db, g.member)
    if not rows:
        return redirect_to(".upload")
    found = _forms(rows)
    together = TogetherForm(prefix="all-")
    ready = [one for one in found if one[1].format not in UNREADABLE]
    if request.method == "POST" and not ready:  # pressed twice: the first one began them
        return redirect_to(".index")
    if request.method == "POST" and _all_valid(ready) and together.validate() and ready:
        try:
            last = _start_all(ready, together.searched_on.data)
        except ReviewToolError as error:
            flash(error.message, "error")
        else:
            return (
                redirect_to(".import_page", import_id=last.id)
                if len(found) == 1
                else redirect_to(".index")
            )
    return render(
        "references/check.html",
        422 if request.method == "POST" else 200,
        files=found,
        ready=ready,
        together=together,
        faults=[
            (row.file_name, form[name].id, text)
            for row, _, form in ready
            if form is not None
            for name, texts in form.errors.items()
            for text in texts
        ],
        labels=LABELS,
        fields=FIELDS,
        databases=sources.DATABASES + sources.REGISTERS,
        platforms=sources.PLATFORMS,
        twins={row.id: imports_queries.same_file(db, row) for row, _, _ in found},
        breadcrumb=crumbs(("Import", "")),
    )


def _all_valid(found: list[Prefixed]) -> bool:
    """Check every form, so that all faults are shown at once."""
    valid = True
    for _, _, form in found:
        valid = (form is None or form.validate()) and valid
    return valid


def _start_all(found: list[Prefixed], searched_on: date | None) -> Import:
    with transaction() as db:
        kept: dict[tuple[Any, ...], Any] = {}
        row = None
        # Logs last: they speak of records of the other files.
        for seen, _, form in sorted(found, key=lambda one: one[2] is None):
            row = imports_queries.import_(db, g.member, seen.id)
            if form is None:
                search = None
            elif form.search_id.data:
                search = imports_queries.search(db, g.member, form.search_id.data)
            else:
                values = form.values()
                values["searched_on"] = values["searched_on"] or searched_on
                # Two files with one source and day are two parts of one search.
                same = tuple(values[k] for k in ("database", "platform", "searched_on"))
                search = kept.get(same) or imports_services.add_search(
                    db, g.member, file=row.file_name, **values
                )
                kept[same] = search
            imports_services.start(db, g.member, row, search)
        assert row is not None
        return row


@bp.route("/imports/<int:import_id>/columns", methods=["GET", "POST"])
def columns(import_id: int) -> ResponseReturnValue:
    """Say what the columns of a table mean."""
    require(g.member, Action.IMPORT)
    row = imports_queries.import_(request_session(), g.member, import_id)
    if row.state not in {ImportState.PREVIEW, ImportState.FAILED}:
        return redirect_to(".import_page", import_id=row.id)
    look = imports_queries.preview(row)
    names = [f"c{i}" for i in range(len(look.header))]
    current = row.column_mapping or look.mapping or {}
    options = choices([("", "Leave out"), *FIELDS.items()])
    pickers = []
    for name, column in zip(names, look.header, strict=True):
        field = SelectField(column, choices=options)
        pickers.append((name, column, field, request.form.get(name, current.get(column, ""))))
    problem = ""
    if request.method == "POST":
        mapping = {column: value for _, column, _, value in pickers if value in FIELDS}
        try:
            with transaction() as db:
                fresh = imports_queries.import_(db, g.member, import_id)
                imports_services.map_columns(db, g.member, fresh, mapping)
            return redirect_to(".check")
        except errors.ColumnsUnknown as error:
            problem = error.message
    return render(
        "references/columns.html",
        422 if problem else 200,
        row=row,
        look=look,
        pickers=[(name, column, value) for name, column, _, value in pickers],
        samples=_samples(row, look),
        fields=FIELDS,
        problem=problem,
        breadcrumb=crumbs(("Import", url_for(".check")), ("Columns", "")),
    )


def _samples(row: Import, look: Any) -> dict[str, list[str]]:
    """Up to three values of each column."""
    from reviewtool.formats import ParsedRecord, Problem, preview

    raw = (
        preview(current_storage().path(row.sha256), row.file_name, {look.header[0]: "note"}, 3)
        if look.header
        else None
    )
    found: dict[str, list[str]] = {column: [] for column in look.header}
    for entry in raw.first if raw else ():
        record = entry.record if isinstance(entry, Problem) else entry
        if not isinstance(record, ParsedRecord):
            continue
        for column, values in record.raw.items():
            if column in found and values:
                found[column].append(values[0][:80])
        if record.note and look.header:
            found[look.header[0]].append(record.note[:80])
    return found


@bp.post("/imports/<int:import_id>/discard")
def discard(import_id: int) -> ResponseReturnValue:
    """Forget a file that was not stored."""
    with transaction() as db:
        row = imports_queries.import_(db, g.member, import_id)
        imports_services.discard(db, g.member, row)
    flash(f"{row.file_name}: removed, nothing was stored.")
    return redirect_to(".check" if imports_queries.waiting_files(db, g.member) else ".index")


@bp.get("/imports/<int:import_id>")
def import_page(import_id: int) -> ResponseReturnValue:
    """One import: progress, then the accounting line, rejects, notes, votes and undo."""
    db = request_session()
    row = imports_queries.import_(db, g.member, import_id)
    if row.state is ImportState.PREVIEW:
        return redirect(url_for(".check"))
    search = imports_queries.search(db, g.member, row.search_id) if row.search_id else None
    return render(
        "references/import.html",
        row=row,
        search=search,
        updates=imports_queries.search(db, g.member, search.updates_id)
        if search and search.updates_id
        else None,
        job=db.get(Job, row.job_id) if row.job_id else None,
        label=LABELS.get(row.format, row.format),
        rejects=imports_queries.rejected(db, row, limit=20),
        records=imports_queries.first_records(db, row),
        voters=imports_queries.voters(db, g.member, row),
        labelled=imports_queries.labelled(db, row),
        taken=imports_queries.taken(db, row),
        earlier=EARLIER,
        members=team_queries.members(db, g.member),
        names=team_queries.names(db, g.member),
        counts=imports_services.counted(db, g.member, row)
        if row.state in (ImportState.DONE, ImportState.UNDONE)
        else {},
        words=imports_services.WORDS,
        breadcrumb=crumbs((row.file_name, "")),
    )


@bp.get("/imports/<int:import_id>/original")
def original(import_id: int) -> ResponseReturnValue:
    """The file as it was uploaded, byte for byte."""
    db = request_session()
    row = imports_queries.import_(db, g.member, import_id)
    require(g.member, imports_queries.original_needs(db, g.member, row), row)
    response = send_file(
        current_storage().path(row.sha256),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=row.file_name,
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


@bp.get("/imports/<int:import_id>/rejected.csv")
def rejected_csv(import_id: int) -> ResponseReturnValue:
    """The rejected entries: line, reason, beginning."""
    db = request_session()
    row = imports_queries.import_(db, g.member, import_id)
    content = table_files.write(
        ["file", "line", "reason", "begins with"],
        (
            [row.file_name, entry.line, entry.reason, entry.excerpt]
            for entry in imports_queries.rejected(db, row)
        ),
    )
    stem = row.file_name.rsplit(".", 1)[0]
    return Response(
        content,
        mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="rejected-{row.id}.csv"',
            "X-Original-Name": stem.encode("ascii", "ignore").decode(),
        },
    )


@bp.post("/imports/<int:import_id>/undo")
def undo_import(import_id: int) -> ResponseReturnValue:
    """Set the import's records aside."""
    with transaction() as db:
        row = imports_queries.import_(db, g.member, import_id)
        counts = imports_services.undo(db, g.member, row)
    flash(f"{_listed(counts)} of {row.file_name} set aside. Nothing was deleted.")
    return redirect_to(".import_page", import_id=import_id)


@bp.post("/imports/<int:import_id>/restore")
def restore_import(import_id: int) -> ResponseReturnValue:
    """Bring an undone import back."""
    with transaction() as db:
        row = imports_queries.import_(db, g.member, import_id)
        counts = imports_services.restore(db, g.member, row)
    flash(f"{_listed(counts)} of {row.file_name} are back.")
    return redirect_to(".import_page", import_id=import_id)


def _listed(counts: dict[str, int]) -> str:
    parts = [
        plural(n, word.removesuffix("s"), word)
        for word, n in counts.items()
        if n or word == "records"
    ]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


@bp.post("/imports/<int:import_id>/again")
def again(import_id: int) -> ResponseReturnValue:
    """Run a failed import once more."""
    with transaction() as db:
        row = imports_queries.import_(db, g.member, import_id)
        search = None if row.is_log else imports_queries.search(db, g.member, row.search_id or 0)
        imports_services.start(db, g.member, row, search)
    return redirect_to(".import_page", import_id=import_id)


@bp.post("/imports/<int:import_id>/votes")
def votes(import_id: int) -> ResponseReturnValue:
    """Say whose votes came along, and hand them to screening."""
    with transaction() as db:
        row = imports_queries.import_(db, g.member, import_id)
        whose: dict[str, int | None] = {}
        named = [v for v in imports_queries.voters(db, g.member, row) if not v.final]
        for i, voter in enumerate(named):
            chosen = request.form.get(f"who{i}", "")
            whose[voter.reviewer] = int(chosen) if chosen.isdigit() else None
        phase = request.form.get("phase", "title_abstract")
        imports_services.bring_votes(
            db, g.member, row, whose, "full_text" if phase == "full_text" else "title_abstract"
        )
    flash("The votes are being brought along.")
    return redirect_to(".import_page", import_id=import_id)


@bp.post("/imports/<int:import_id>/decided")
def decided(import_id: int) -> ResponseReturnValue:
    """Say what was decided elsewhere about all records of a file."""
    phase, _, vote = request.form.get("decided", "").partition(":")
    with transaction() as db:
        row = imports_queries.import_(db, g.member, import_id)
        imports_services.carry_decision(db, g.member, row, phase, vote)
    flash("The decisions are being brought along.")
    return redirect_to(".import_page", import_id=import_id)


@bp.route("/searches/<int:search_id>", methods=["GET", "POST"])
def search(search_id: int) -> ResponseReturnValue:
    """What is reported about one search."""
    row = imports_queries.search(request_session(), g.member, search_id)
    form = SearchForm(
        data=None
        if request.method == "POST"
        else {
            **row.model_dump(),
            "kind": row.kind.value,
            "update": row.updates_id is not None,
        }
    )
    if form.validate_on_submit():
        with transaction() as db:
            fresh = imports_queries.search(db, g.member, search_id)
            values = form.values()
            if not values.pop("update"):
                values["updates_id"] = None
            imports_services.change_search(db, g.member, fresh, **values)
        flash("Search saved.")
        return redirect_to(".index")
    return render(
        "references/search.html",
        422 if form.errors else 200,
        form=form,
        search=row,
        databases=sources.DATABASES + sources.REGISTERS,
        platforms=sources.PLATFORMS,
        breadcrumb=crumbs((row.database, "")),
    )
