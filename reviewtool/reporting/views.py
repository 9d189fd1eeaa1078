"""Pages of the report: flow diagram and its lists, checklist, exports."""

import io
from typing import Any

from flask import flash, g, request, send_file, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from reviewtool.charts import MEDIA
from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import NotFound
from reviewtool.permissions import Action, require
from reviewtool.reporting import jobs, queries, services
from reviewtool.reporting.exports import DOCX, EXPORTS, export
from reviewtool.reporting.sheets import differences as differing
from reviewtool.reporting.sheets import flow as flowchart
from reviewtool.reporting.sheets.checklist import ITEMS
from reviewtool.storage import current_storage
from reviewtool.team import queries as team
from reviewtool.team.access import review_blueprint
from reviewtool.web.forms import Form
from reviewtool.web.render import redirect_to, render

bp = review_blueprint("reporting", __name__, "/report")


class SnapshotForm(Form):
    """A name for the counts as they are now."""

    name = StringField("Name", [DataRequired("Name the snapshot."), Length(max=200)])


def tabs() -> list[tuple[str, str, bool]]:
    """The parts of this stage."""
    parts = (
        ("Flow diagram", ".index"),
        ("Checklist", ".checklist"),
        ("Differences", ".differences"),
        ("Exports", ".exports"),
    )
    return [
        (label, url_for(endpoint), request.endpoint == f"reporting{endpoint}")
        for label, endpoint in parts
    ]


@bp.get("/")
def index() -> ResponseReturnValue:
    """The PRISMA 2020 flow diagram, its identities, and what is still open."""
    db = request_session()
    counts = queries.counts(db, g.member.review_id)
    return render(
        "reporting/flow.html",
        tabs=tabs(),
        counts=counts,
        svg=flowchart.draw(counts, "svg", flowchart.links(g.member.review_id)).decode(),
        broken=flowchart.broken(counts),
        pending=[
            (queries.BOXES[k].label, counts[k], url_for(".box", key=k))
            for k in queries.PENDING
            if counts[k]
        ],
        snapshots=queries.snapshots(db, g.member),
        form=SnapshotForm(formdata=None),
    )


@bp.get("/differences")
def differences() -> ResponseReturnValue:
    """What was amended, planned and not done, or done and not planned."""
    found = differing.differences(request_session(), g.member)
    return render(
        "reporting/differences.html", tabs=tabs(), found=found, lede=differing.status(found)
    )


@bp.get("/differences.docx")
def differences_file() -> ResponseReturnValue:
    """The section for the manuscript, in Word."""
    content = differing.as_docx(request_session(), g.member)
    return send_file(io.BytesIO(content), DOCX, True, "differences_from_protocol.docx")


@bp.get("/flow.<any(svg, pdf, png, tiff):kind>")
def flow_file(kind: str) -> ResponseReturnValue:
    """The diagram as a file, always in light colours."""
    counts = queries.counts(request_session(), g.member.review_id)
    return send_file(
        io.BytesIO(flowchart.draw(counts, kind, {})), MEDIA[kind], True, f"prisma_flow.{kind}"
    )


@bp.get("/flow/<key>")
def box(key: str) -> ResponseReturnValue:
    """The records, reports or studies behind one number."""
    if key not in queries.BOXES:
        raise NotFound("The flow diagram has no such box.")
    db = request_session()
    reason = request.args.get("reason", "")
    after = request.args.get("after", 0, type=int)
    items = queries.items(db, g.member, key, reason=reason, after=after)
    return render(
        "reporting/box.html",
        box=queries.BOXES[key],
        items=items,
        total=queries.count(db, g.member.review_id, key),
        reasons=queries.reasons(db, g.member.review_id, key) if key in queries.MAPS else {},
        reason=reason,
        next_after=items[-1]["id"] if len(items) == 100 else None,
        numbers=_survivors(items),
    )


def _survivors(items: list[dict[str, Any]]) -> dict[int, int]:
    """Record id -> number of the records that duplicates were merged into."""
    from sqlmodel import col, select

    from reviewtool.references.models import Record

    wanted = {i["merged_into_id"] for i in items if i.get("merged_into_id")}
    if not wanted:
        return {}
    rows = request_session().exec(
        select(Record.id, Record.number).where(col(Record.id).in_(wanted))
    )
    return dict(rows.all())


@bp.post("/snapshots")
def snapshot() -> ResponseReturnValue:
    """Keep the counts as they are now."""
    form = SnapshotForm()
    if form.validate_on_submit():
        with transaction() as db:
            services.keep_snapshot(db, g.member, form.name.data or "")
        flash("The counts are kept.")
    else:
        flash("Name the snapshot.", "error")
    return redirect_to(".index")


@bp.route("/checklist", methods=["GET", "POST"])
def checklist() -> ResponseReturnValue:
    """Where the manuscript reports each PRISMA 2020 item."""
    if request.method == "POST":
        require(g.member, Action.REPORT)
        sent = {
            key: (request.form.get(f"location-{key}", ""), request.form.get(f"note-{key}", ""))
            for key, _, _ in ITEMS
        }
        with transaction() as db:
            services.answer_items(db, g.member, sent)
        flash("The checklist is saved.")
        return redirect_to(".checklist")
    answers = queries.checklist(request_session(), g.member)
    return render(
        "reporting/checklist.html",
        tabs=tabs(),
        items=ITEMS,
        answers=answers,
        revision=queries.checklist_revision(answers),
    )


@bp.get("/exports")
def exports() -> ResponseReturnValue:
    """Everything that can be taken out."""
    require(g.member, Action.EXPORT)
    db = request_session()
    bundles = [
        j
        for j in team.jobs(db, g.member)
        if j.name in jobs.TITLES and j.user_id == g.member.user_id
    ]
    return render("reporting/exports.html", tabs=tabs(), exports=EXPORTS, bundles=bundles[:5])


@bp.get("/exports/<key>")
def export_file(key: str) -> ResponseReturnValue:
    """One export."""
    require(g.member, Action.EXPORT)
    one = export(key)
    content = one.write(request_session(), g.member)
    return send_file(io.BytesIO(content), one.media_type, True, one.file_name)


@bp.post("/bundle")
def bundle() -> ResponseReturnValue:
    """Write one zip with everything; a job, because a large review takes a while."""
    return _begin(jobs.BUNDLE)


@bp.post("/crate")
def crate() -> ResponseReturnValue:
    """Write the review as an RO-Crate."""
    return _begin(jobs.CRATE)


def _begin(name: str) -> ResponseReturnValue:
    with transaction() as db:
        row = jobs.begin(db, g.member, name)
    return redirect_to("team.job", job_id=row.id)


@bp.get("/bundle/<int:job_id>.zip")
def bundle_file(job_id: int) -> ResponseReturnValue:
    """The zip that a job wrote, for the person who asked for it (it shows what they may see)."""
    written = jobs.written(request_session(), g.member, job_id)
    path = current_storage().path(written.sha256)
    return send_file(path, "application/zip", True, written.file_name)
