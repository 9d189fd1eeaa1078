"""JSON: criteria, outcomes, comparisons and planned analyses, by the rules of the pages.

What does not fit is answered with 422: ``fields`` names each part and what would fit.
"""

from typing import Any, TypeVar

from flask import g
from pydantic import BaseModel, Field

from reviewtool.db.engine import request_session, transaction
from reviewtool.protocol import queries, services
from reviewtool.protocol.api.blueprint import WhyIn, bp
from reviewtool.protocol.models import (
    Criterion,
    OutcomeKind,
    OutcomeRole,
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
)
from reviewtool.protocol.rules.fitting import COMMON
from reviewtool.protocol.rules.times import Stands
from reviewtool.stats import guidance
from reviewtool.stats.measures import REGISTRY
from reviewtool.web.api import Out

R = TypeVar("R", Criterion, PlannedAnalysis, PlannedComparison, PlannedOutcome)


class CriterionOut(Out):
    """One eligibility criterion."""

    id: int
    revision: int = Field(description="send it back with a change, as If-Match")
    name: str = Field(description="such as Include 1")
    position: int
    include: bool = Field(description="false for a criterion that excludes")
    aspect: str
    text: str


class OutcomeOut(Out):
    """A planned outcome."""

    id: int
    revision: int = Field(description="send it back with a change, as If-Match")
    position: int
    name: str
    kind: OutcomeKind
    role: OutcomeRole
    measure: str = Field(description="the effect measure, such as RR")
    unit: str
    lower_is_better: bool = Field(description="which direction counts as good")
    timepoints: list[str]
    windows: dict[str, str] = Field(description="time point -> times that count: 3 to 6 weeks")
    window_rule: Stands = Field(description="which of several reported times in a window stands")
    minimal_important_difference: float | None = Field(description="in ``unit``")
    definition: str
    belongs_to: str = Field(description="the set that it is shown side by side with")
    modality: str = Field(description="of brain coordinates; empty for any")
    direction: str = Field(description="of brain coordinates: increase, decrease; empty for any")


class ComparisonOut(Out):
    """Treatments to be compared, by name; without comparators one group is described."""

    id: int
    revision: int = Field(description="send it back with a change, as If-Match")
    position: int
    name: str
    experimental: list[str]
    comparator: list[str]


class PlannedAnalysisOut(Out):
    """A planned synthesis."""

    id: int
    revision: int = Field(description="send it back with a change, as If-Match")
    name: str = Field(description="its outcome and comparison")
    position: int
    timepoint: str
    kind: str = Field(description="pairwise, network, times, coordinates or narrative")
    measure: str
    model: str
    method: str
    test: str
    level: float = Field(description="of its intervals, per cent")
    subgroup: str
    moderators: list[str]
    sensitivity: list[str]
    map: dict[str, Any] = Field(description="choices of a coordinates analysis; else empty")
    joint: dict[str, Any] = Field(description="choices of an analysis over time; else empty")
    network: dict[str, Any] = Field(description="choices of a network that are not the usual ones")
    post_hoc: bool


class MeasureOut(Out):
    """An effect measure, and what it fits."""

    name: str
    heading: str = Field(description="such as Odds ratio")
    kinds: list[str] = Field(description="kinds of outcomes that it can be planned for")
    groups: int = Field(description="2: it compares two groups; 1: it describes one")
    pools: list[str] = Field(description="inverse variance, Mantel-Haenszel (MH), Peto")


class MeasuresOut(Out):
    """Every effect measure."""

    measures: list[MeasureOut]


class RowIn(BaseModel):
    """What every row may say; parts that are left out stay, or take their usual value."""

    position: int = 0
    why: WhyIn = Field(default_factory=WhyIn)

    def values(self) -> dict[str, Any]:
        """What was sent, as the services take it."""
        return self.model_dump(exclude_unset=True, exclude={"why"})


class CriterionIn(RowIn):
    """An eligibility criterion."""

    include: bool = True
    aspect: str = Field(default="", max_length=40)
    text: str = Field(min_length=1)


class OutcomeIn(RowIn):
    """An outcome. ``lower_is_better`` must be said of a new one, but of brain coordinates."""

    name: str = Field(min_length=1, max_length=300)
    kind: OutcomeKind
    role: OutcomeRole = OutcomeRole.PRIMARY
    measure: str = Field(default="", description="empty: the usual one of the kind")
    unit: str = Field(default="", max_length=100)
    lower_is_better: bool | None = None
    belongs_to: str = Field(default="", max_length=200)
    modality: str = Field(default="", max_length=40, description="of brain coordinates")
    direction: str = Field(default="", max_length=40, description="of brain coordinates")
    timepoints: list[str] = Field(default_factory=list, max_length=100)
    windows: dict[str, str] = Field(default_factory=dict)
    window_rule: Stands = Stands.NEAREST
    minimal_important_difference: float | None = None
    definition: str = Field(default="", max_length=5000)


class ComparisonIn(RowIn):
    """A comparison. Without comparators it describes one group."""

    name: str = Field(min_length=1, max_length=300)
    experimental: list[str] = Field(min_length=1, max_length=200)
    comparator: list[str] = Field(default_factory=list, max_length=200)


class MapIn(BaseModel):
    """How a brain map is made; parts left out take their usual value."""

    algorithm: str = Field(default="ALE", description="ALE or MKDA")
    correction: str = Field(default="cluster", description="cluster, voxel, fdr or none")
    forming: float = Field(default=0.001, description="p that a voxel needs")
    level: float = Field(default=0.05, description="corrected p, or q of FDR")
    draws: int = Field(default=1000, description="of the Monte Carlo")
    seed: int = Field(default=1, description="the same seed gives the same numbers")
    merged: bool = Field(default=False, description="a study's contrasts are one experiment")
    combine: str = Field(default="", description="empty, contrast or conjunction")
    other_id: int | None = Field(default=None, description="the planned analysis set beside it")


class JointIn(BaseModel):
    """How time points are analysed together; parts left out take their usual value."""

    rho: float = Field(default=0.5, description="correlation of two results of a study")
    pattern: str = Field(default="constant", description="constant, or decaying with time")
    unit: str = Field(default="month", description="of decaying: results this far apart")
    structure: str = Field(default="auto", description="auto, UN, CS, HCS, AR or HAR")


class NetworkIn(BaseModel):
    """What a network does beyond its comparisons; parts left out take their usual value."""

    parts: str = Field(default="one", description="of one that falls apart: one, or each")
    components: bool = Field(default=False, description="combinations are sums of components")
    inactive: str = Field(default="", description="a component without effect, such as placebo")
    interactions: list[str] = Field(default_factory=list, description="pairs, such as A*B")


class AnalysisIn(RowIn):
    """A planned analysis; the measure is the outcome's where none is named."""

    outcome_id: int
    comparison_id: int
    timepoint: str = Field(default="", description="empty: the first that a study reports")
    kind: str = "pairwise"
    measure: str = ""
    model: str = "random"
    method: str = "REML"
    test: str = guidance.TEST
    level: float = 95.0
    subgroup: str = ""
    moderators: list[str] = Field(default_factory=list)
    sensitivity: list[str] = Field(default_factory=list)
    map: MapIn | None = Field(default=None, description="of a coordinates analysis")
    joint: JointIn | None = Field(default=None, description="of an analysis over time")
    network: NetworkIn | None = Field(default=None, description="of a network")

    def values(self) -> dict[str, Any]:
        """What was sent; a method of a common effect says the model too."""
        sent = super().values()
        if "method" in sent and "model" not in sent:
            sent["model"] = "common" if sent["method"] in COMMON else "random"
        for name in ("map", "joint", "network"):
            own = getattr(self, name)
            if own is not None:
                sent[name] = own.model_dump()
            elif name in sent:
                sent[name] = {}
        return sent


class GoneOut(Out):
    """A row that was taken out of the plan."""

    id: int


def _save(model: type[R], sent: RowIn, row_id: int | None = None) -> R:
    empty: Any = model  # tables do not validate; ``save_row`` fills and checks
    with transaction() as db:
        row: R = queries.row(db, g.member, model, row_id) if row_id else empty()
        services.save_row(db, g.member, row, sent.values(), sent.why.as_why())
    return row


def _remove(model: type[R], row_id: int, why: WhyIn) -> GoneOut:
    with transaction() as db:
        services.remove_row(db, g.member, queries.row(db, g.member, model, row_id), why.as_why())
    return GoneOut(id=row_id)


def _name_of(row: PlannedAnalysis) -> str:
    db = request_session()
    outcome = queries.row(db, g.member, PlannedOutcome, row.outcome_id)
    comparison = queries.row(db, g.member, PlannedComparison, row.comparison_id)
    return f"{outcome.name}: {comparison.name}"


def _criterion(row: Criterion) -> CriterionOut:
    every = [one.id for one in queries.criteria(request_session(), g.member.review_id)]
    number = every.index(row.id) + 1
    return CriterionOut.of(row, name=f"{'Include' if row.include else 'Exclude'} {number}")


@bp.get("/measures")
@bp.output(MeasuresOut)
def measures() -> MeasuresOut:
    """Effect measures with the kinds of outcomes that they fit."""
    return MeasuresOut(
        measures=[
            MeasureOut.of(one, kinds=list(one.kinds), pools=list(one.pools))
            for one in REGISTRY.values()
        ]
    )


@bp.post("/criteria")
@bp.input(CriterionIn)
@bp.output(CriterionOut, 201)
def add_criterion(json_data: CriterionIn) -> CriterionOut:
    """Add an eligibility criterion."""
    return _criterion(_save(Criterion, json_data))


@bp.put("/criteria/<int:row_id>")
@bp.input(CriterionIn)
@bp.output(CriterionOut)
def change_criterion(row_id: int, json_data: CriterionIn) -> CriterionOut:
    """Change an eligibility criterion."""
    return _criterion(_save(Criterion, json_data, row_id))


@bp.post("/outcomes")
@bp.input(OutcomeIn)
@bp.output(OutcomeOut, 201)
def add_outcome(json_data: OutcomeIn) -> OutcomeOut:
    """Plan an outcome; a measure that does not fit its numbers is refused."""
    return OutcomeOut.of(_save(PlannedOutcome, json_data))


@bp.put("/outcomes/<int:row_id>")
@bp.input(OutcomeIn)
@bp.output(OutcomeOut)
def change_outcome(row_id: int, json_data: OutcomeIn) -> OutcomeOut:
    """Change an outcome; refused where analyses or extracted values depend on it."""
    return OutcomeOut.of(_save(PlannedOutcome, json_data, row_id))


@bp.post("/comparisons")
@bp.input(ComparisonIn)
@bp.output(ComparisonOut, 201)
def add_comparison(json_data: ComparisonIn) -> ComparisonOut:
    """Plan a comparison."""
    return ComparisonOut.of(_save(PlannedComparison, json_data))


@bp.put("/comparisons/<int:row_id>")
@bp.input(ComparisonIn)
@bp.output(ComparisonOut)
def change_comparison(row_id: int, json_data: ComparisonIn) -> ComparisonOut:
    """Change a comparison; comparators stay while an analysis compares two groups."""
    return ComparisonOut.of(_save(PlannedComparison, json_data, row_id))


@bp.post("/analyses")
@bp.input(AnalysisIn)
@bp.output(PlannedAnalysisOut, 201)
def add_analysis(json_data: AnalysisIn) -> PlannedAnalysisOut:
    """Plan an analysis; measure, method, names and time point must fit."""
    row = _save(PlannedAnalysis, json_data)
    return PlannedAnalysisOut.of(row, name=_name_of(row))


@bp.put("/analyses/<int:row_id>")
@bp.input(AnalysisIn)
@bp.output(PlannedAnalysisOut)
def change_analysis(row_id: int, json_data: AnalysisIn) -> PlannedAnalysisOut:
    """Change a planned analysis."""
    row = _save(PlannedAnalysis, json_data, row_id)
    return PlannedAnalysisOut.of(row, name=_name_of(row))


@bp.post("/criteria/<int:row_id>/remove")
@bp.input(WhyIn)
@bp.output(GoneOut)
def remove_criterion(row_id: int, json_data: WhyIn) -> GoneOut:
    """Take a criterion out of the plan."""
    return _remove(Criterion, row_id, json_data)


@bp.post("/outcomes/<int:row_id>/remove")
@bp.input(WhyIn)
@bp.output(GoneOut)
def remove_outcome(row_id: int, json_data: WhyIn) -> GoneOut:
    """Take an outcome out of the plan; refused while an analysis uses it."""
    return _remove(PlannedOutcome, row_id, json_data)


@bp.post("/comparisons/<int:row_id>/remove")
@bp.input(WhyIn)
@bp.output(GoneOut)
def remove_comparison(row_id: int, json_data: WhyIn) -> GoneOut:
    """Take a comparison out of the plan; refused while an analysis uses it."""
    return _remove(PlannedComparison, row_id, json_data)


@bp.post("/analyses/<int:row_id>/remove")
@bp.input(WhyIn)
@bp.output(GoneOut)
def remove_analysis(row_id: int, json_data: WhyIn) -> GoneOut:
    """Take an analysis out of the plan."""
    return _remove(PlannedAnalysis, row_id, json_data)
