"""Full texts: finding them, reading them, judging them."""

from typing import Any

from flask import flash, g, request, send_file, url_for
from flask.typing import ResponseReturnValue

from reviewtool.db.engine import request_session, transaction
from reviewtool.db.paging import PAGE_SIZE
from reviewtool.errors import NotFound, ReviewToolError
from reviewtool.permissions import Action, require
from reviewtool.references.models import Record, Retrieval
from reviewtool.screening import errors, queries, services
from reviewtool.screening.forms import (
    AssignForm,
    DecisionForm,
    NoteForm,
    ReasonForm,
    RetrievalForm,
    UploadForm,
)
from reviewtool.screening.rules.outcome import Outcome, Phase
from reviewtool.screening.views.common import (
    Done,
    add_common,
    at_address,
    shown_record,
    tabs,
    undo_offer,
    vote_and_go_on,
)
from reviewtool.screening.views.common import next_record as next_for_me
from reviewtool.storage import current_storage
from reviewtool.team.access import review_blueprint
from reviewtool.web.render import redirect_to, render, wants_fragment
from reviewtool.web.security import SANDBOX

PHASE = Phase.FULL_TEXT
bp = review_blueprint("fulltext", __name__, "/full-text")
add_common(bp, PHASE)


@bp.get("/")
def index() -> ResponseReturnValue:
    """The reports, by where their full texts stand."""
    db = request_session()
    show, words = request.args.get("show", ""), request.args.get("q", "")
    retrieval = Retrieval(show) if show in {r.value for r in Retrieval} else None
    outcome = Outcome(show) if show in ("include", "exclude") else None
    after = request.args.get("after", type=int)
    rows = queries.reports(
        db, g.member, retrieval=retrieval, outcome=outcome, words=words, after=after
    )
    return render(
        "screening/fulltext/index.html",
        rows=rows[:PAGE_SIZE],
        more=rows[PAGE_SIZE - 1][1].number if len(rows) > PAGE_SIZE else None,
        show=show,
        q=words,
        counts=queries.retrievals(db, g.member),
        progress=queries.progress(db, g.member, PHASE),
        may_screen=queries.may_screen(db, g.member, PHASE),
        tabs=tabs(PHASE, "index"),
    )


@bp.get("/next")
def next_report() -> ResponseReturnValue:
    """The next retrieved report that waits for my vote."""
    return _next_page(next_for_me(PHASE))


def _next_page(record: Record | None, done: Done | None = None) -> ResponseReturnValue:
    """The next report, or that none is left. done: what I have just judged."""
    db = request_session()
    if record is None:
        return render(
            "screening/fulltext/done.html",
            progress=queries.progress(db, g.member, PHASE),
            counts=queries.retrievals(db, g.member),
            undo=undo_offer(PHASE, done),
            tabs=tabs(PHASE, "index"),
        )
    found = queries.report_of(db, record.id)
    assert found is not None
    return _report_page(found.id, done=done)


@bp.get("/reports/<int:report_id>")
def report(report_id: int) -> ResponseReturnValue:
    """One report: its PDF, and my decision."""
    return _report_page(report_id)


@bp.get("/records/<int:record_id>")
def of_record(record_id: int) -> ResponseReturnValue:
    """The report of a record."""
    db = request_session()
    record = queries.record(db, g.member, record_id)
    found = queries.report_of(db, record.id)
    if found is None:
        raise NotFound(
            f"Record {record.number} has not passed title and abstract, so it has no report."
        )
    return redirect_to(".report", report_id=found.id)


def _report_page(
    report_id: int,
    error: str = "",
    upload_form: UploadForm | None = None,
    done: Done | None = None,
) -> ResponseReturnValue:
    db = request_session()
    row, record = queries.report(db, g.member, report_id)
    documents = queries.documents(db, g.member, row.id)
    chosen = request.args.get("document", type=int)
    ballot = queries.ballot(db, g.member, record, PHASE)
    note = queries.my_note(db, g.member, record.id, PHASE)
    criteria = queries.criteria(db, g.member)
    return render(
        "screening/fulltext/report.html",
        422 if error or upload_form else 200,
        report=row,
        record=record,
        shown=shown_record(record, decided=True),
        documents=documents,
        document=next((d for d in documents if d.id == chosen), next(iter(documents), None)),
        ballot=ballot,
        others=[v for v in queries.votes(db, g.member, record, PHASE) if not v.mine],
        previous_id=queries.previous_record(db, g.member, PHASE, record.id),
        reasons=queries.reasons(db, g.member),
        notes=[n for n in queries.notes(db, g.member, record, PHASE) if not n.mine],
        my_note=note,
        note_form=NoteForm(formdata=None, text=note.text if note else ""),
        retrieval_form=RetrievalForm(
            formdata=None,
            retrieval=row.retrieval.value,
            note=row.retrieval_note,
            awaiting=row.awaiting,
        ),
        upload_form=upload_form or UploadForm(formdata=None),
        undo=undo_offer(PHASE, done),
        progress=queries.progress(db, g.member, PHASE),
        include=criteria[0],
        exclude=criteria[1],
        error=error,
    )


@bp.post("/reports/<int:report_id>/decision")
def decide(report_id: int) -> ResponseReturnValue:
    """Store my decision, an exclusion with its reason, and go on."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _report_page(report_id, "Choose include or exclude.")
    try:
        with transaction() as db:
            _, record = queries.report(db, g.member, report_id)
            done, following = vote_and_go_on(db, record, form.chosen, PHASE, form.reason_id.data)
    except ReviewToolError as error:
        if isinstance(error, errors.EnoughVotes | errors.NotActive):
            flash(error.message, "error")
            return redirect_to(".next_report")
        if error.status != 422:
            raise
        return _report_page(report_id, error.message)
    if wants_fragment():
        return at_address(_next_page(following, done=(done, record)), url_for(".next_report"))
    return redirect_to(".next_report", done=record.id)


@bp.post("/reports/<int:report_id>/undo")
def undo(report_id: int) -> ResponseReturnValue:
    """Take my own decision back and show the report again."""
    with transaction() as db:
        _, record = queries.report(db, g.member, report_id)
        services.undo(db, g.member, record, phase=PHASE)
    return redirect_to(".report", report_id=report_id)


@bp.post("/records/<int:record_id>/undo")
def undo_record(record_id: int) -> ResponseReturnValue:
    """The same, for the strip that knows the record."""
    found = queries.report_of(request_session(), record_id)
    if found is None:
        raise NotFound()
    return undo(found.id)


@bp.post("/reports/<int:report_id>/retrieval")
def retrieval(report_id: int) -> ResponseReturnValue:
    """Say where the search for this full text stands."""
    form = RetrievalForm()
    if not form.validate_on_submit():
        return _report_page(report_id, "Choose where the search for the full text stands.")
    with transaction() as db:
        row, _ = queries.report(db, g.member, report_id)
        services.set_retrieval(
            db,
            g.member,
            row,
            Retrieval(form.retrieval.data),
            form.note.data or "",
            form.awaiting.data or "",
        )
    return redirect_to(".report", report_id=report_id)


@bp.post("/reports/<int:report_id>/documents")
def upload(report_id: int) -> ResponseReturnValue:
    """Keep one or more PDFs as this report's full text."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _report_page(report_id, upload_form=form)
    try:
        with transaction() as db:
            row, _ = queries.report(db, g.member, report_id)
            for file in form.files.data:
                services.attach(
                    db, g.member, row, current_storage(), file.filename or "", file.read()
                )
    except errors.NotAPdf as error:
        return _report_page(report_id, error.message)
    return redirect_to(".report", report_id=report_id)


@bp.get("/documents/<int:document_id>")
def document(document_id: int) -> ResponseReturnValue:
    """The file itself, for the reader in the page or to be saved; never as a page of its own.

    The browser may keep it, and asks each time whether it may still show it: the tag is
    the person's own.
    """
    require(g.member, Action.READ)
    row = queries.document(request_session(), g.member, document_id)
    response = send_file(
        current_storage().path(row.sha256),
        mimetype="application/pdf",
        download_name=row.file_name,
        as_attachment=True,
        etag=f"{row.sha256}-{g.member.id}",
        conditional=True,
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/documents/<int:document_id>/remove")
def detach(document_id: int) -> ResponseReturnValue:
    """Take a file off its report."""
    with transaction() as db:
        row = queries.document(db, g.member, document_id)
        services.detach(db, g.member, row)
    flash(f"“{row.file_name}” was taken off this report.")
    return redirect_to(".report", report_id=row.report_id)


@bp.route("/upload", methods=["GET", "POST"])
def upload_many() -> ResponseReturnValue:
    """Many PDFs at once: matched, ambiguous and unmatched ones are listed."""
    require(g.member, Action.RETRIEVE)
    form = UploadForm()
    placed = None
    if form.validate_on_submit():
        with transaction() as db:
            placed = services.attach_many(
                db,
                g.member,
                current_storage(),
                ((file.filename or "", file.read()) for file in form.files.data),
            )
    return render(
        "screening/fulltext/upload.html",
        422 if form.errors else 200,
        form=UploadForm(formdata=None) if placed else form,
        placed=placed,
        tabs=tabs(PHASE, "upload_many"),
        **_to_place(),
    )


@bp.get("/files")
def loose_files() -> ResponseReturnValue:
    """Files that wait for somebody to say which report they are."""
    return render("screening/fulltext/files.html", tabs=tabs(PHASE, "loose_files"), **_to_place())


def _to_place() -> dict[str, Any]:
    db = request_session()
    known = queries.reports(db, g.member, size=None)
    return {
        "files": queries.loose_files(db, g.member),
        "choices": {report.id: record for report, record, _ in known},
    }


@bp.post("/files/<int:file_id>")
def place(file_id: int) -> ResponseReturnValue:
    """Give a waiting file to a report, or set it aside."""
    with transaction() as db:
        file = queries.loose_file(db, g.member, file_id)
        if request.form.get("discard"):
            services.discard(db, g.member, file)
            flash(f"“{file.file_name}” was set aside.")
        else:
            form = AssignForm()
            if not form.validate_on_submit():
                flash("Choose the report that this file belongs to.", "error")
            else:
                row, record = queries.report(db, g.member, form.report_id.data or 0)
                services.assign(db, g.member, file, row)
                flash(f"“{file.file_name}” now belongs to record {record.number}.")
    return redirect_to(".loose_files")


@bp.get("/reasons")
def reasons() -> ResponseReturnValue:
    """The ordered list of exclusion reasons."""
    db = request_session()
    return render(
        "screening/fulltext/reasons.html",
        reasons=queries.reasons(db, g.member),
        form=ReasonForm(formdata=None),
        begun=queries.progress(db, g.member, PHASE).decided > 0,
        tabs=tabs(PHASE, "reasons"),
    )


@bp.post("/reasons")
def change_reasons() -> ResponseReturnValue:
    """Add a reason, or start from the usual ones."""
    form = ReasonForm()
    try:
        with transaction() as db:
            if request.form.get("usual"):
                services.start_reasons(db, g.member)
            elif form.validate_on_submit():
                services.add_reason(db, g.member, form.label.data or "")
            else:
                flash(" ".join(form.label.errors), "error")
    except ReviewToolError as error:
        if error.status != 422:
            raise
        flash(error.message, "error")
    return redirect_to(".reasons")


@bp.post("/reasons/<int:reason_id>")
def change_reason(reason_id: int) -> ResponseReturnValue:
    """Rename, move or take off one reason."""
    what = request.form.get("what", "")
    try:
        with transaction() as db:
            row = queries.reason(db, g.member, reason_id)
            if what in ("up", "down"):
                services.move_reason(db, g.member, row, -1 if what == "up" else 1)
            elif what == "archive":
                services.archive_reason(db, g.member, row)
            else:
                services.rename_reason(db, g.member, row, request.form.get("label", ""))
    except ReviewToolError as error:
        if error.status != 422:
            raise
        flash(error.message, "error")
    return redirect_to(".reasons")
