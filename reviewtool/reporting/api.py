"""JSON: the flow diagram's counts and lists, and every export."""

import io
from typing import Any

from flask import g, request, send_file

from reviewtool.db.engine import request_session
from reviewtool.errors import NotFound
from reviewtool.permissions import Action, require
from reviewtool.reporting import queries
from reviewtool.reporting.exports import EXPORTS, export
from reviewtool.reporting.sheets import flow as flowchart
from reviewtool.team.access import review_api

bp = review_api("reporting", __name__, "/report", "Report")


@bp.get("/flow")
def flow() -> Any:
    """Every box and the identities that do not hold."""
    counts = queries.counts(request_session(), g.member.review_id)
    return {"counts": counts, "broken": [{"id": i, "text": t} for i, t in flowchart.broken(counts)]}


@bp.get("/flow/<key>")
def box(key: str) -> Any:
    """What one number counts; ``?after=`` the last id of the page before."""
    if key not in queries.BOXES:
        raise NotFound("The flow diagram has no such box.")
    after = request.args.get("after", 0, type=int)
    items = queries.items(request_session(), g.member, key, after=after)
    return {"unit": queries.BOXES[key].unit, "items": items}


@bp.get("/exports")
def exports() -> Any:
    """What can be exported."""
    require(g.member, Action.EXPORT)
    return {"exports": [{"key": e.key, "label": e.label, "file": e.file_name} for e in EXPORTS]}


@bp.get("/exports/<key>")
def export_file(key: str) -> Any:
    """One export as a file."""
    require(g.member, Action.EXPORT)
    one = export(key)
    content = one.write(request_session(), g.member)
    return send_file(io.BytesIO(content), one.media_type, True, one.file_name)
