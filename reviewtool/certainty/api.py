"""JSON: ratings with their evidence and suggestions."""

from dataclasses import asdict
from typing import Any

from flask import g
from pydantic import BaseModel, Field

from reviewtool.certainty import queries, services
from reviewtool.certainty.queries import Line
from reviewtool.certainty.rules.absolute import AbsoluteEffect
from reviewtool.certainty.rules.details import Details
from reviewtool.certainty.rules.evidence import suggestions
from reviewtool.certainty.rules.level import Design, Level
from reviewtool.certainty.rules.suggestions import Suggestion
from reviewtool.certainty.services import Taken
from reviewtool.certainty.sheets import side_by_side as sheets
from reviewtool.certainty.sheets.summary import effect_of, risks, statement
from reviewtool.certainty.sheets.treatments import against_reference
from reviewtool.db.engine import request_session, transaction
from reviewtool.synthesis.rules.importance import Reached
from reviewtool.synthesis.rules.selection import LeftOut
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


class StepOut(BaseModel):
    """Levels taken (or given) in one domain, with the footnote."""

    steps: int
    footnote: str


class SuggestionOut(BaseModel):
    """Levels suggested, with the reason; null where only a person can tell."""

    steps: int | None
    because: str


class NaturalOut(BaseModel):
    """The effect on the scale people read; ``text`` is how tables print it."""

    text: str
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    level: float


class AbsoluteOut(BaseModel):
    """An assumed risk and what follows from it, per 1,000."""

    label: str
    assumed_per_1000: float
    source: str
    effect: AbsoluteEffect | None


class AgainstOut(BaseModel):
    """A treatment of a network against its reference, on the natural scale.

    direct: studies that compare the two head to head; share: of the evidence that is
    direct, 0..1; rank: 1 is the best by P-score.
    """

    treatment: str
    reference: str
    effect: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    direct: int
    share: float | None
    studies: int
    participants: float | None
    rank: int
    of: int
    p_score: float | None
    sucra: float | None


class RatingOut(BaseModel):
    """A planned analysis with its evidence, suggestions and rating.

    participants: people in the studies that say how many they had; uncounted: how many do
    not. left_out: studies with this comparison whose numbers could not be used.
    """

    analysis_id: int | None
    revision: int = Field(description="of the rating, 0 without one; send it back as If-Match")
    outcome: str
    timepoint: str
    comparison: str
    measure: str
    natural: NaturalOut
    treatments: list[AgainstOut] = []
    certainty: Level | None
    design: Design | None
    stale: bool
    steps: dict[str, StepOut]
    suggestions: dict[str, SuggestionOut]
    participants: int
    uncounted: int
    studies: int
    left_out: list[LeftOut]
    absolute: list[AbsoluteOut]
    details: Details
    statement: str


class RatingsOut(BaseModel):
    """Every planned analysis with its rating."""

    ratings: list[RatingOut]


class InSetOut(RatingOut):
    """An outcome of a set. reached: how the interval stands to the difference that matters."""

    i2: float | None
    tau2: float | None
    minimal_important_difference: float | None
    reached: Reached | None


class SideBySideOut(BaseModel):
    """A set of outcomes that are read beside each other."""

    name: str
    outcomes: list[InSetOut]


def _whole(line: Line) -> RatingOut:
    db = request_session()
    evidence = queries.evidence(db, line)
    taken = {key: step.steps for key, step in line.steps.items()}
    found = suggestions(evidence, line.details, line.assumed_risk, taken)
    estimate, low, high = evidence.natural or (None, None, None)
    return RatingOut(
        analysis_id=line.analysis.id if line.analysis else None,
        outcome=line.outcome.name,
        timepoint=line.planned.timepoint,
        comparison=line.comparison.name,
        measure="" if evidence.is_map else evidence.measure.name,
        natural=NaturalOut(
            text=effect_of(line, evidence),
            estimate=estimate,
            ci_low=low,
            ci_high=high,
            level=evidence.level,
        ),
        treatments=[AgainstOut(**asdict(one)) for one in against_reference(line)],
        certainty=line.level,
        design=Design(line.rating.design) if line.rating else None,
        stale=line.stale,
        revision=line.rating.revision if line.rating else 0,
        steps={
            key: StepOut(steps=step.steps, footnote=step.footnote)
            for key, step in line.steps.items()
            if step.steps
        },
        suggestions={
            key: SuggestionOut(
                steps=one.steps if isinstance(one, Suggestion) else None, because=one.because
            )
            for key, one in found.items()
        },
        participants=evidence.participants,
        uncounted=evidence.uncounted,
        studies=len(evidence.studies),
        left_out=list(evidence.left_out),
        absolute=[
            AbsoluteOut(
                label=one.label,
                assumed_per_1000=1000 * one.risk,
                source=one.source,
                effect=one.effect,
            )
            for one in risks(line, evidence)
        ],
        details=line.details,
        statement=statement(line, evidence),
    )


@bp.get("/")
@bp.output(RatingsOut)
def listing() -> Any:
    """Every planned analysis with its rating."""
    return {"ratings": [_whole(line) for line in queries.lines(request_session(), g.member)]}


@bp.get("/side-by-side/<int:outcome_id>")
@bp.output(SideBySideOut)
def side_by_side(outcome_id: int) -> Any:
    """The outcomes of the set that an outcome belongs to, with everything about each."""
    found = sheets.side_by_side(request_session(), g.member, outcome_id)
    return SideBySideOut(
        name=found.name,
        outcomes=[_in_set(row) for group in found.groups for row in group.rows],
    )


def _in_set(row: sheets.Row) -> InSetOut:
    pooled, reached = (row.result.pooled if row.result else None), row.importance
    return InSetOut(
        **_whole(row.line).model_dump(),
        i2=pooled.i2 if pooled else None,
        tau2=pooled.tau2 if pooled else None,
        minimal_important_difference=row.line.outcome.minimal_important_difference,
        reached=reached.reached if reached else None,
    )


@bp.get("/<int:analysis_id>")
@bp.output(RatingOut)
def show(analysis_id: int) -> Any:
    """One rating."""
    return _whole(queries.line(request_session(), g.member, analysis_id))


@bp.put("/<int:analysis_id>")
@bp.input(RatingIn)
@bp.output(RatingOut)
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
@bp.output(RatingOut)
def risk(analysis_id: int, json_data: RiskIn) -> Any:
    """Store the assumed risk."""
    share = None if json_data.per_1000 is None else json_data.per_1000 / 1000
    with transaction() as db:
        line = queries.line(db, g.member, analysis_id)
        services.set_assumed_risk(db, g.member, line, share, json_data.source)
    return _whole(line)


@bp.put("/<int:analysis_id>/details")
@bp.input(DetailsIn)
@bp.output(RatingOut)
def details(analysis_id: int, json_data: DetailsIn) -> Any:
    """Store what the suggestions need to be told."""
    with transaction() as db:
        line = queries.line(db, g.member, analysis_id)
        services.set_details(db, g.member, line, json_data.details)
    return _whole(line)
