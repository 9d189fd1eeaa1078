"""JSON: analyses, their runs, and running them."""

from typing import Any

from flask import g

from reviewtool.db.engine import request_session, transaction
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.queries import Line
from reviewtool.team.access import review_api

bp = review_api("synthesis", __name__, "/analyses", "Synthesis")


def _shown(line: Line, *, full: bool = False) -> dict[str, Any]:
    shown = {
        "id": line.analysis.id,
        "title": line.title,
        "state": line.analysis.state.value,
        "stale_because": line.analysis.stale_because,
        "error": line.analysis.error,
        "post_hoc": line.planned.post_hoc,
        "pooled": (line.run.result.get("pooled") if line.run else None),
    }
    if full and line.run:
        shown["run"] = line.run.model_dump(mode="json", exclude={"review_id"})
    return shown


@bp.get("/")
def analyses() -> Any:
    """Every analysis with its pooled numbers."""
    return {"analyses": [_shown(x) for x in queries.lines(request_session(), g.member.review_id)]}


@bp.get("/<int:analysis_id>")
def analysis(analysis_id: int) -> Any:
    """One analysis with inputs, settings, software and result of its newest run."""
    return _shown(queries.line(request_session(), g.member, analysis_id), full=True)


@bp.post("/<int:analysis_id>/run")
def run(analysis_id: int) -> Any:
    """Run an analysis now; answers with the job."""
    with transaction() as db:
        job = services.request_run(db, g.member, queries.line(db, g.member, analysis_id))
    return {"job": job.id}, 202
