"""Pages of studies and their reports."""

from collections.abc import Callable, Sequence

from flask import flash, g, request, url_for
from flask.typing import ResponseReturnValue

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Conflict, Invalid
from reviewtool.extraction import queries, services
from reviewtool.extraction.forms import StudyForm
from reviewtool.extraction.models import Study
from reviewtool.extraction.services.studies import suggested_label
from reviewtool.extraction.sheets.vocabulary import PARTS, vocabulary
from reviewtool.extraction.views.blueprint import bp
from reviewtool.permissions import Action, require
from reviewtool.protocol.rules.brains import OPTIONS
from reviewtool.references.models import Report
from reviewtool.team import queries as team
from reviewtool.web.render import redirect_to, render
from reviewtool.web.revisions import shown_as


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every study, how far it is, and what waits for the member."""
    db = request_session()
    lines = queries.lines(db, g.member)
    return render(
        "extraction/index.html",
        lines=lines,
        names=team.names(db, g.member),
        unlinked=queries.unlinked_count(db, g.member.review_id),
        form=queries.form(db, g.member.review_id),
        agreed=sum(line.agreed for line in lines),
        strays=queries.stray_treatments(db, g.member.review_id),
    )


@bp.post("/treatments")
def name_treatment() -> ResponseReturnValue:
    """Call an extracted treatment by the name that a comparison gives it."""
    found, name = request.form.get("found", ""), request.form.get("name", "")
    with transaction() as db:
        studies = services.treatments.use_name(db, g.member, found, name)
    flash(f"“{found}” is called “{name}” now, in {', '.join(s.label for s in studies)}.")
    return redirect_to(".index")


@bp.get("/treatments")
def treatments() -> ResponseReturnValue:
    """Every treatment and dose of agreed studies, how often, and what was merged."""
    return render(
        "extraction/treatments.html",
        found=vocabulary(request_session(), g.member.review_id),
        parts=PARTS,
        breadcrumb=[("Extraction", url_for(".index")), ("Treatments and doses", "")],
    )


def _write_names(
    change: Callable[..., Sequence[Study]], keys: tuple[str, ...], told: str
) -> ResponseReturnValue:
    """Change how a treatment or dose is written; ``told`` says it with what was sent."""
    sent = {key: request.form.get(key, "") for key in keys}
    try:
        with transaction() as db:
            studies = change(db, g.member, **sent)
    except Invalid as error:
        flash(error.message, "error")
    else:
        where = ", ".join(study.label for study in studies)
        flash(f"{told.format(**sent)}, in {where}.")
    return redirect_to(".treatments")


@bp.post("/treatments/merge")
def merge_names() -> ResponseReturnValue:
    """Write one spelling of a treatment or dose as another."""
    return _write_names(
        services.treatments.merge,
        ("part", "found", "name", "treatment"),
        "“{found}” is written “{name}” now",
    )


@bp.post("/treatments/undo")
def undo_merge() -> ResponseReturnValue:
    """Write a merged treatment or dose as it was read."""
    return _write_names(
        services.treatments.undo_merge,
        ("part", "name", "before", "treatment"),
        "“{before}” is written as it was read again",
    )


@bp.route("/foci", methods=["GET", "POST"])
def many_foci() -> ResponseReturnValue:
    """A Sleuth or CSV file of many studies into the member's own copies."""
    require(g.member, Action.EXTRACT)
    message, found = "", None
    sent = request.files.get("file")
    pasted = request.form.get("text", "")
    if request.method == "POST":
        content: bytes | str = sent.read() if sent and sent.filename else pasted
        usual = {part: request.form.get(part, "") for part in OPTIONS}
        usual = {part: word for part, word in usual.items() if word}
        try:
            with transaction() as db:
                found = services.foci.take_in_many(db, g.member, content, usual=usual)
        except Invalid as error:
            message = error.message
    return render(
        "extraction/many_foci.html",
        422 if message else 200,
        message=message,
        pasted=pasted if message else "",
        found=found,
        words=OPTIONS,
        asks_foci=queries.form(request_session(), g.member.review_id).asks_foci,
        breadcrumb=[("Extraction", url_for(".index")), ("Coordinates of many studies", "")],
    )


@bp.route("/reports", methods=["GET", "POST"])
def reports() -> ResponseReturnValue:
    """Included reports that belong to no study yet."""
    if request.method == "POST":
        with transaction() as db:
            report = queries.report(db, g.member, request.form.get("report_id", 0, type=int))
            study_id = request.form.get("study_id", 0, type=int)
            if study_id:
                study = queries.study(db, g.member, study_id)
                services.studies.link(db, g.member, study, report)
            else:
                label = request.form.get("label", "")
                study = services.studies.create(db, g.member, label, [report])
        flash(f"The report belongs to {study.label}.")
        return redirect_to(".reports")
    db = request_session()
    waiting = queries.included_reports(db, g.member.review_id, unlinked=True)
    return render(
        "extraction/reports.html",
        waiting=[(report, record, suggested_label(record)) for report, record in waiting],
        studies=queries.studies(db, g.member.review_id),
        breadcrumb=[("Extraction", url_for(".index")), ("Reports to link", "")],
    )


@bp.post("/reports/each")
def create_missing() -> ResponseReturnValue:
    """One study for each report that belongs to none."""
    with transaction() as db:
        made = services.studies.create_missing(db, g.member)
    flash(f"{len(made)} {'study' if len(made) == 1 else 'studies'} made, one for each report.")
    return redirect_to(".index")


@bp.route("/studies/new", methods=["GET", "POST"])
def new_study() -> ResponseReturnValue:
    """A study that no screened report tells of yet."""
    require(g.member, Action.MANAGE_STUDIES)
    form = StudyForm(data={"design": "randomised"})
    if form.validate_on_submit():
        values = form.values()
        try:
            with transaction() as db:
                study = services.studies.create(db, g.member, values.pop("label"), **values)
        except (Invalid, Conflict) as error:
            form.label.errors = [error.message]
        else:
            return redirect_to(".study", study_id=study.id)
    return render(
        "extraction/new_study.html",
        422 if form.errors else 200,
        form=form,
        breadcrumb=[("Extraction", url_for(".index")), ("New study", "")],
    )


@bp.route("/studies/<int:study_id>", methods=["GET", "POST"])
def study(study_id: int) -> ResponseReturnValue:
    """One study: its reports and copies."""
    db = request_session()
    row = queries.study(db, g.member, study_id)
    form = StudyForm(obj=row)
    shown_as(lambda: StudyForm(obj=queries.study(db, g.member, study_id), formdata=None))
    if form.validate_on_submit():
        try:
            with transaction() as db:
                row = queries.study(db, g.member, study_id)
                services.studies.change(db, g.member, row, **form.values())
        except (Invalid, Conflict) as error:
            form.label.errors = [error.message]
        else:
            flash("Saved.")
            return redirect_to(".study", study_id=study_id)
    return _study_page(row, form)


def _study_page(row: Study, form: StudyForm) -> ResponseReturnValue:
    db = request_session()
    line = queries.StudyLine(row, queries.copies(db, row.id))
    linked = queries.reports_of(db, row.id)
    there = {report.id for _, report, _ in linked}
    included = queries.included_reports(db, g.member.review_id)
    return render(
        "extraction/study.html",
        422 if form.errors else 200,
        study=row,
        line=line,
        form=form,
        reports=linked,
        candidates=[(report, record) for report, record in included if report.id not in there],
        included={report.id for report, _ in included},
        others=[s for s in queries.studies(db, g.member.review_id) if s.id != row.id],
        names=team.names(db, g.member),
        breadcrumb=[("Extraction", url_for(".index")), (row.label, "")],
    )


@bp.post("/studies/<int:study_id>/take")
def take(study_id: int) -> ResponseReturnValue:
    """Begin (or go on with) the member's own copy."""
    with transaction() as db:
        copy = services.copies.take(db, g.member, queries.study(db, g.member, study_id))
    return redirect_to(".copy", copy_id=copy.id)


@bp.post("/studies/<int:study_id>/reports/<any(link, unlink, primary):verb>")
def change_report(study_id: int, verb: str) -> ResponseReturnValue:
    """Add a report, take one off, or choose the primary one."""
    verbs = {
        "link": services.studies.link,
        "unlink": services.studies.unlink,
        "primary": services.studies.make_primary,
    }
    with transaction() as db:
        row = queries.study(db, g.member, study_id)
        report: Report = queries.report(db, g.member, request.form.get("report_id", 0, type=int))
        verbs[verb](db, g.member, row, report)
    return redirect_to(".study", study_id=study_id)


@bp.post("/studies/<int:study_id>/merge")
def merge(study_id: int) -> ResponseReturnValue:
    """This study and another are one; the other's reports move here."""
    with transaction() as db:
        keep = queries.study(db, g.member, study_id)
        other = queries.study(db, g.member, request.form.get("other_id", 0, type=int))
        services.studies.merge(db, g.member, keep, other)
    flash(f"The reports of {other.label} belong to {keep.label} now.")
    return redirect_to(".study", study_id=study_id)


@bp.post("/studies/<int:study_id>/remove")
def remove(study_id: int) -> ResponseReturnValue:
    """Take a study without values out of the review."""
    with transaction() as db:
        row = queries.study(db, g.member, study_id)
        services.studies.remove(db, g.member, row)
    flash(f"{row.label} was removed; its reports wait to be linked.")
    return redirect_to(".index")
