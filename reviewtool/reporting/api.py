"""JSON: the flow diagram's counts and lists, and every export."""

import io
from datetime import date
from typing import Any

from apiflask import FileSchema
from flask import g, request, send_file
from pydantic import Field

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import NotFound
from reviewtool.permissions import Action, require
from reviewtool.reporting import jobs, queries
from reviewtool.reporting.exports import EXPORTS, export
from reviewtool.reporting.sheets import differences as differing
from reviewtool.reporting.sheets import flow as flowchart
from reviewtool.storage import current_storage
from reviewtool.team.access import review_api
from reviewtool.web.api import Out, StartedOut

bp = review_api("reporting", __name__, "/report", "Report")


class BrokenOut(Out):
    """A sum of the flow diagram that does not come out."""

    id: str
    text: str


class FlowOut(Out):
    """Every box of the flow diagram."""

    counts: dict[str, int | dict[str, int]] = Field(
        description="box to number; boxes with reasons or sources: each with its number"
    )
    broken: list[BrokenOut]


class ItemOut(Out):
    """A record, report or study behind a number; a study has neither number nor authors."""

    id: int
    kind: str = Field(description="record, report or study")
    title: str
    year: int | None
    record_id: int | None = None
    number: int | None = None
    authors: str = ""
    merged_into_id: int | None = None
    reason: str = Field(default="", description="why it was excluded")


class BoxOut(Out):
    """What one number counts."""

    unit: str = Field(description="record, report or study")
    items: list[ItemOut]


class AmendedOut(Out):
    """A dated change of the registered protocol."""

    section: str
    from_version: str
    to_version: str
    amended_on: date
    reason: str
    stage_reached: str
    knew_results: bool
    effect_on_work: str


class DifferenceOut(Out):
    """Something planned and not done, or done and not planned."""

    what: str
    why: str
    analysis_id: int | None


class DifferencesOut(Out):
    """In what review and protocol differ."""

    sentence: str
    amended: list[AmendedOut]
    undone: list[DifferenceOut]
    added: list[DifferenceOut]


class ExportOut(Out):
    """Something that can be exported."""

    key: str
    label: str
    file: str


class ExportsOut(Out):
    """Everything that can be exported."""

    exports: list[ExportOut]


@bp.get("/flow")
@bp.output(FlowOut)
def flow() -> FlowOut:
    """Every box and the identities that do not hold."""
    counts = queries.counts(request_session(), g.member.review_id)
    broken = [BrokenOut(id=one, text=text) for one, text in flowchart.broken(counts)]
    return FlowOut(counts=counts, broken=broken)


@bp.get("/flow/<key>")
@bp.output(BoxOut)
def box(key: str) -> BoxOut:
    """What one number counts; ``?after=`` the last id of the page before."""
    if key not in queries.BOXES:
        raise NotFound("The flow diagram has no such box.")
    after = request.args.get("after", 0, type=int)
    items = queries.items(request_session(), g.member, key, after=after)
    return BoxOut(unit=queries.BOXES[key].unit, items=[ItemOut(**one) for one in items])


@bp.get("/differences")
@bp.output(DifferencesOut)
def differences() -> DifferencesOut:
    """What was amended, planned and not done, or done and not planned."""
    found = differing.differences(request_session(), g.member)
    return DifferencesOut(
        sentence=differing.status(found),
        amended=[AmendedOut.of(one) for one in found.amended],
        undone=[DifferenceOut.of(one) for one in found.undone],
        added=[DifferenceOut.of(one) for one in found.added],
    )


@bp.get("/exports")
@bp.output(ExportsOut)
def exports() -> ExportsOut:
    """What can be exported."""
    require(g.member, Action.EXPORT)
    return ExportsOut(exports=[ExportOut.of(one, file=one.file_name) for one in EXPORTS])


@bp.get("/exports/<key>")
@bp.output(FileSchema(type="string", format="binary"), content_type="application/octet-stream")
def export_file(key: str) -> Any:
    """One export as a file."""
    require(g.member, Action.EXPORT)
    one = export(key)
    content = one.write(request_session(), g.member)
    return send_file(io.BytesIO(content), one.media_type, True, one.file_name)


@bp.post("/crate")
@bp.output(StartedOut, status_code=202)
def crate() -> StartedOut:
    """Write the review as an RO-Crate; answers with the job."""
    with transaction() as db:
        return StartedOut(job=jobs.begin(db, g.member, jobs.CRATE).id)


@bp.get("/zips/<int:job_id>")
@bp.output(FileSchema(type="string", format="binary"), content_type="application/zip")
def written_zip(job_id: int) -> Any:
    """The zip that a job wrote for you."""
    written = jobs.written(request_session(), g.member, job_id)
    path = current_storage().path(written.sha256)
    return send_file(path, "application/zip", True, written.file_name)
