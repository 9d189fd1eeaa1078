"""JSON: ratings with their evidence and suggestions."""

from dataclasses import asdict
from typing import Any

from flask import g
from pydantic import BaseModel, Field

from reviewtool.certainty import queries, services
from reviewtool.certainty.queries import Line
from reviewtool.certainty.rules.evidence import suggestions
from reviewtool.certainty.rules.level import Design
from reviewtool.certainty.rules.suggestions import Suggestion
from reviewtool.certainty.services import Taken
from reviewtool.certainty.sheets.summary import risks, statement
from reviewtool.db.engine import request_session, transaction
from reviewtool.team.access import review_api

bp = review_api("certainty", __name__, "/certainty", "Certainty")


class StepIn(BaseModel):
    """Levels taken (or given) in one domain, with the footnote."""

    steps: int = Field(default=0, ge=0, le=3)
    footnote: str = ""


class RatingIn(BaseModel):
    """A rating: the design, and the steps by domain."""

    design: Design = Design.RANDOMISED
    steps: dict[str, StepIn] = Field(default_factory=dict)
    comment: str = ""


class RiskIn(BaseModel):
    """An assumed risk per 1,000 and its source; null takes it away."""

    per_1000: float | None = Field(default=None, ge=0, le=1000)
    source: str = ""


class DetailsIn(BaseModel):
    """What the suggestions need to be told; see the fields of ``details``."""

    details: dict[str, Any] = Field(default_factory=dict)


def _whole(line: Line) -> dict[str, Any]:
    db = request_session()
    evidence = queries.evidence(db, line)
    taken = {key: step.steps for key, step in line.steps.items()}
    found = suggestions(evidence, line.details, line.assumed_risk, taken)
    return {
        "analysis_id": line.analysis.id if line.analysis else None,
        "outcome": line.outcome.name,
        "timepoint": line.planned.timepoint,
        "comparison": line.comparison.name,
        "measure": line.planned.measure,
        "certainty": line.level.value if line.level else None,
        "design": line.rating.design if line.rating else None,
        "stale": line.stale,
        "steps": {
            key: {"steps": step.steps, "footnote": step.footnote}
            for key, step in line.steps.items()
            if step.steps
        },
        "suggestions": {
            key: {
                "steps": one.steps if isinstance(one, Suggestion) else None,
                "because": one.because,
            }
            for key, one in found.items()
        },
        "participants": evidence.participants,
        "studies": len(evidence.studies),
        "absolute": [
            {
                "label": one.label,
                "assumed_per_1000": 1000 * one.risk,
                "source": one.source,
                "effect": asdict(one.effect) if one.effect else None,
            }
            for one in risks(line, evidence)
        ],
        "details": line.details.model_dump(mode="json"),
        "statement": statement(line, evidence),
    }


@bp.get("/")
def listing() -> Any:
    """Every planned analysis with its rating."""
    return {"ratings": [_whole(line) for line in queries.lines(request_session(), g.member)]}


@bp.get("/<int:analysis_id>")
def show(analysis_id: int) -> Any:
    """One rating."""
    return _whole(queries.line(request_session(), g.member, analysis_id))


@bp.put("/<int:analysis_id>")
@bp.input(RatingIn)
def rate(analysis_id: int, json_data: RatingIn) -> Any:
    """Store a rating."""
    with transaction() as db:
        line = queries.line(db, g.member, analysis_id)
        services.rate(
            db,
            g.member,
            line,
            json_data.design,
            {key: Taken(one.steps, one.footnote) for key, one in json_data.steps.items()},
            json_data.comment,
        )
    return _whole(line)


@bp.put("/<int:analysis_id>/risk")
@bp.input(RiskIn)
def risk(analysis_id: int, json_data: RiskIn) -> Any:
    """Store the assumed risk."""
    share = None if json_data.per_1000 is None else json_data.per_1000 / 1000
    with transaction() as db:
        line = queries.line(db, g.member, analysis_id)
        services.set_assumed_risk(db, g.member, line, share, json_data.source)
    return _whole(line)


@bp.put("/<int:analysis_id>/details")
@bp.input(DetailsIn)
def details(analysis_id: int, json_data: DetailsIn) -> Any:
    """Store what the suggestions need to be told."""
    with transaction() as db:
        line = queries.line(db, g.member, analysis_id)
        services.set_details(db, g.member, line, json_data.details)
    return _whole(line)
