"""JSON: analyses, their runs, and running them.

Effects are on the analysis scale (log for ratios) except where they are called natural.
"""

import io
from dataclasses import asdict
from datetime import datetime
from typing import Any

from apiflask.schemas import FileSchema
from flask import g, send_file
from pydantic import BaseModel

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import NotFound
from reviewtool.permissions import Action, require
from reviewtool.stats.network import contributions, net_heat, study_shares
from reviewtool.storage import current_storage
from reviewtool.synthesis import bundle, queries, services
from reviewtool.synthesis.api.blueprint import bp
from reviewtool.synthesis.models import AnalysisRun, AnalysisState
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import (
    AnyResult,
    Directions,
    Effect,
    MapResult,
    NetworkResult,
    PairwiseResult,
    Pooled,
)
from reviewtool.synthesis.rules.importance import Reached
from reviewtool.synthesis.rules.parts import of_part
from reviewtool.synthesis.rules.pooling import Inputs, Settings
from reviewtool.synthesis.rules.refit import against, fitted
from reviewtool.synthesis.rules.selection import LeftOut
from reviewtool.synthesis.scripts import coordinates
from reviewtool.synthesis.sheets.directions import ToldWords
from reviewtool.synthesis.sheets.standing import Standing
from reviewtool.web.api import StartedOut


class ImportanceOut(BaseModel):
    """How the pooled effect stands to the minimal important difference, in the unit."""

    difference: float
    reached: Reached
    sentence: str


class DirectionsOut(BaseModel):
    """Studies by direction of effect, where they are not all pooled.

    sentence: the votes in words. items: how the synthesis was made, by reporting item (SWiM).
    found: effects of studies are on the analysis scale.
    """

    sentence: str
    p_values: str
    items: dict[str, str]
    found: Directions


class AnalysisOut(BaseModel):
    """An analysis with its numbers in short, and whom they leave out.

    standing: the state in words. pooled: None for networks, and before the first run;
    natural: the same effect on the scale people read. studies: how many are in it.
    """

    id: int
    title: str
    kind: str
    measure: str
    state: AnalysisState
    standing: str
    stale_because: str
    error: str
    post_hoc: bool
    studies: int | None = None
    pooled: Pooled | None = None
    natural: Effect | None = None
    minimal_important_difference: ImportanceOut | None = None
    directions: DirectionsOut | None = None
    left_out: list[LeftOut] = []
    warnings: list[str] = []
    notes: list[str] = []


class AnalysesOut(BaseModel):
    """Every analysis of a review."""

    analyses: list[AnalysisOut]


class ChoiceIn(BaseModel):
    """A reported time ("" for the result without one), and why it stands."""

    time: str | None = None
    reason: str = ""


class StoodOut(BaseModel):
    """Which of a study's results stands; null where none of them is in the analysis."""

    study_id: int
    study: str
    reported: list[str]
    stands: str | None
    because: str
    chosen: bool
    revision: int


class StoodListOut(BaseModel):
    """Studies with several results to choose from."""

    studies: list[StoodOut]


class RunOut(BaseModel):
    """One computation: what went in, by which settings and software, what came out."""

    id: int
    created_at: datetime
    inputs: Inputs
    inputs_hash: str
    settings: Settings
    software: dict[str, str]
    result: AnyResult
    seconds: float
    job_id: int | None


class AnalysisWithRunOut(AnalysisOut):
    """An analysis with everything that its newest run holds."""

    run: RunOut | None = None


class SharesOut(BaseModel):
    """What one estimate is made of, in per cent, in the order of the columns."""

    first: str
    second: str
    comparisons: list[float]
    studies: list[float]


class HeatOut(BaseModel):
    """Designs that can disagree, most inconsistent first. inconsistency: parts of Q between
    designs; change: of the row's part when the column's design is detached; weight: of the
    column's direct evidence in the row's estimate."""

    designs: list[str]
    inconsistency: list[float]
    change: list[list[float]]
    weight: list[list[float]]


class NetworkOut(BaseModel):
    """A network seen from one reference. effects: of each treatment against it, natural.

    parts: treatments of each part, this one first, where the network falls apart.
    comparisons, studies: the columns of the shares; judgements: study -> overall risk of bias.
    """

    reference: str
    parts: list[list[str]]
    effects: dict[str, Effect]
    comparisons: list[str]
    studies: list[str]
    judgements: dict[str, str]
    contributions: list[SharesOut]
    net_heat: HeatOut | None


class ReferenceIn(BaseModel):
    """Another treatment that effects are given against, the analysis' own by default; and a
    treatment of another part, where the network falls apart."""

    reference: str = ""
    part: str = ""


def _shown(line: Line) -> dict[str, Any]:
    result = line.run.result if line.run else None
    shown: dict[str, Any] = {
        "id": line.analysis.id,
        "title": line.title,
        "kind": line.planned.kind,
        "measure": result.measure if result else line.planned.measure,
        "state": line.analysis.state,
        "standing": Standing.of(line.analysis, result).words,
        "stale_because": line.analysis.stale_because,
        "error": line.analysis.error,
        "post_hoc": line.planned.post_hoc,
    }
    if result is None:
        return shown
    shown |= {
        "studies": result.study_count,
        "left_out": result.left_out,
        "warnings": result.warnings,
        "notes": result.notes,
    }
    if told := ToldWords.of(line, line.run):
        shown["directions"] = DirectionsOut(
            sentence=told.sentence,
            p_values=told.p_values,
            items=dict(told.swim),
            found=told.found,
        )
    if isinstance(result, PairwiseResult):
        found = line.importance
        shown |= {
            "pooled": result.pooled,
            "natural": result.shown(result.pooled),
            "minimal_important_difference": asdict(found) if found else None,
        }
    return shown


@bp.get("/")
@bp.output(AnalysesOut)
def analyses() -> Any:
    """Every analysis with its numbers and whom they leave out."""
    return {"analyses": [_shown(x) for x in queries.lines(request_session(), g.member.review_id)]}


@bp.get("/<int:analysis_id>")
@bp.output(AnalysisWithRunOut)
def analysis(analysis_id: int) -> Any:
    """One analysis with inputs, settings, software and result of its newest run."""
    line = queries.line(request_session(), g.member, analysis_id)
    run = RunOut.model_validate(line.run, from_attributes=True) if line.run else None
    return {**_shown(line), "run": run}


@bp.get("/<int:analysis_id>/network")
@bp.input(ReferenceIn, location="query")
@bp.output(NetworkOut)
def network(analysis_id: int, query_data: ReferenceIn) -> NetworkOut:
    """Effects against any treatment, contributions and net heat of the newest run."""
    line = queries.line(request_session(), g.member, analysis_id)
    result = line.run.result if line.run else None
    if not isinstance(result, NetworkResult) or not result.contrasts:
        raise NotFound("This analysis has no network.")
    if query_data.part and line.run is not None:
        comparison = line.comparison
        result = of_part(
            result,
            line.run.inputs,
            line.run.settings,
            query_data.part,
            [*comparison.experimental, *comparison.comparator],
            comparison.comparator,
        )
    net = fitted(result)
    found = contributions(net, result.model)
    studies = study_shares(net, found, result.model)
    seen = against(result, query_data.reference or result.reference)
    heat = net_heat(net, result.model)
    return NetworkOut(
        reference=seen.reference,
        parts=[list(one.treatments) for one in result.parts],
        effects={
            one.name: seen.shown(one) for one in seen.treatments if one.name != seen.reference
        },
        comparisons=[f"{a} versus {b}" for a, b in found.comparisons],
        studies=[study.name for study in net.evidence.studies],
        judgements=dict(result.judgements),
        contributions=[
            SharesOut(first=a, second=b, comparisons=row.tolist(), studies=own.tolist())
            for (a, b), row, own in zip(found.estimates, found.shares, studies, strict=True)
        ],
        net_heat=HeatOut(
            designs=list(heat.designs),
            inconsistency=heat.inconsistency.tolist(),
            change=heat.change.tolist(),
            weight=heat.weight.tolist(),
        )
        if len(heat.designs) > 1
        else None,
    )


@bp.get("/<int:analysis_id>/results")
@bp.output(StoodListOut)
def which_stands(analysis_id: int) -> StoodListOut:
    """Studies with several results for this analysis, which one stands and why."""
    db = request_session()
    found = queries.which_stands(db, queries.line(db, g.member, analysis_id))
    return StoodListOut(
        studies=[
            StoodOut(
                study_id=one.study_id,
                study=one.study,
                reported=list(one.place.times),
                stands=one.taken,
                because=one.place.because,
                chosen=one.place.choice is not None,
                revision=one.revision,
            )
            for one in found
        ]
    )


@bp.put("/<int:analysis_id>/results/<int:study_id>")
@bp.input(ChoiceIn)
@bp.output(StoodListOut)
def choose_result(analysis_id: int, study_id: int, json_data: ChoiceIn) -> StoodListOut:
    """Let another result of a study stand, with the reason; null goes by the plan again."""
    with transaction() as db:
        line = queries.line(db, g.member, analysis_id)
        services.choose_result(db, g.member, line, study_id, json_data.time, json_data.reason)
    return which_stands(analysis_id)


@bp.get("/<int:analysis_id>/images/<what>")
@bp.output(FileSchema(type="string", format="binary"), content_type="application/gzip")
def image(analysis_id: int, what: str) -> Any:
    """A brain map as a NIfTI image: ``value`` (all), ``shown`` (what stands) or its ``z``."""
    _, result = _map(analysis_id)
    if what not in result.images:
        raise NotFound(f"Choose one of the images: {', '.join(result.images)}.")
    content = current_storage().read(result.images[what])
    return send_file(io.BytesIO(content), "application/gzip", True, f"{analysis_id}-{what}.nii.gz")


@bp.get("/<int:analysis_id>/foci.txt")
@bp.output(FileSchema(type="string", format="binary"), content_type="text/plain")
def foci(analysis_id: int) -> Any:
    """The experiments of a brain map as Sleuth text, as reported."""
    run, _ = _map(analysis_id)
    text = coordinates.as_sleuth(run.inputs.experiments).encode()
    return send_file(io.BytesIO(text), "text/plain", True, f"{analysis_id}.sleuth.txt")


def _map(analysis_id: int) -> tuple[AnalysisRun, MapResult]:
    run = queries.line(request_session(), g.member, analysis_id).run
    if run is None or not isinstance(run.result, MapResult):
        raise NotFound("This analysis has no brain map yet.")
    return run, run.result


@bp.get("/<int:analysis_id>/reproduce")
@bp.output(FileSchema(type="string", format="binary"), content_type="application/zip")
def reproduce(analysis_id: int) -> Any:
    """A zip with data, scripts in R and Python, expected numbers and versions of the newest run."""
    require(g.member, Action.EXPORT)
    line = queries.line(request_session(), g.member, analysis_id)
    content = bundle.reproduction(line, line.run)
    return send_file(io.BytesIO(content), "application/zip", True, f"{bundle.slug(line)}.zip")


@bp.post("/<int:analysis_id>/run")
@bp.output(StartedOut, status_code=202)
def run(analysis_id: int) -> StartedOut:
    """Run an analysis now; answers with the job."""
    with transaction() as db:
        job = services.request_run(db, g.member, queries.line(db, g.member, analysis_id))
    return StartedOut(job=job.id)
