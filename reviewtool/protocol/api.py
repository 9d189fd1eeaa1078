"""JSON: the protocol, its versions and amendments."""

from datetime import date, datetime
from typing import Any

from flask import g
from pydantic import BaseModel, Field

from reviewtool.db.engine import request_session, transaction
from reviewtool.protocol import queries, services
from reviewtool.protocol.models import OutcomeKind, OutcomeRole
from reviewtool.protocol.rules import Why
from reviewtool.team.access import review_api
from reviewtool.web.api import Out

bp = review_api("protocol", __name__, "/protocol", "Protocol")


class WhyIn(BaseModel):
    """The reason of an amendment; needed once the protocol is registered."""

    reason: str = ""
    stage_reached: str = ""
    knew_results: bool = False
    effect_on_work: str = ""


class SectionIn(BaseModel):
    """Values of one section, by field key."""

    values: dict[str, str]
    why: WhyIn = Field(default_factory=WhyIn)


class CriterionOut(Out):
    """One eligibility criterion."""

    id: int
    name: str = Field(description="such as Include 1")
    position: int
    include: bool = Field(description="false for a criterion that excludes")
    aspect: str
    text: str


class OutcomeOut(Out):
    """A planned outcome."""

    id: int
    position: int
    name: str
    kind: OutcomeKind
    role: OutcomeRole
    measure: str = Field(description="the effect measure, such as RR")
    unit: str
    lower_is_better: bool
    timepoints: list[str]
    minimal_important_difference: float | None = Field(description="in ``unit``")
    definition: str


class ComparisonOut(Out):
    """Treatments to be compared, by name."""

    id: int
    position: int
    name: str
    experimental: list[str]
    comparator: list[str]


class PlannedAnalysisOut(Out):
    """A planned synthesis."""

    id: int
    name: str = Field(description="its outcome and comparison")
    position: int
    timepoint: str
    kind: str = Field(description="pairwise, network or narrative")
    measure: str
    model: str
    method: str
    test: str
    level: float = Field(description="of its intervals, per cent")
    subgroup: str
    moderators: list[str]
    sensitivity: list[str]
    post_hoc: bool


class ProtocolOut(Out):
    """The plan of a review."""

    document: dict[str, Any] = Field(description="the text of each section, by field key")
    criteria: list[CriterionOut]
    outcomes: list[OutcomeOut]
    comparisons: list[ComparisonOut]
    analyses: list[PlannedAnalysisOut]


class VersionLineOut(Out):
    """A frozen version, without its content."""

    id: int
    created_at: datetime
    number: str
    content_hash: str
    approved_by_id: int


class AmendmentOut(Out):
    """A dated change to a registered protocol."""

    id: int
    created_at: datetime
    from_version: str
    to_version: str
    member_id: int
    section: str
    old_text: str
    new_text: str
    reason: str
    stage_reached: str
    knew_results: bool = Field(description="whether results were known when it was made")
    effect_on_work: str
    amended_on: date


class VersionsOut(Out):
    """Versions and the amendments between them, oldest first."""

    versions: list[VersionLineOut]
    amendments: list[AmendmentOut]


class VersionOut(Out):
    """A frozen version with its content."""

    number: str
    content_hash: str = Field(description="SHA-256 of the content")
    content: dict[str, Any] = Field(description="the protocol as it was")


@bp.get("/")
@bp.output(ProtocolOut)
def show() -> Any:
    """The working copy: document, criteria, outcomes, comparisons, analyses."""
    return queries.content(request_session(), g.member.review_id)


@bp.put("/sections/<section>")
@bp.input(SectionIn)
@bp.output(ProtocolOut)
def save_section(section: str, json_data: SectionIn) -> Any:
    """Store values of one section."""
    with transaction() as db:
        services.save_section(
            db,
            g.member,
            section,
            dict(json_data.values),
            Why(**json_data.why.model_dump()),
        )
    return queries.content(request_session(), g.member.review_id)


@bp.get("/versions")
@bp.output(VersionsOut)
def versions() -> VersionsOut:
    """Frozen versions and the amendments between them."""
    db = request_session()
    return VersionsOut(
        versions=[VersionLineOut.of(row) for row in queries.versions(db, g.member)],
        amendments=[AmendmentOut.of(row) for row in queries.amendments(db, g.member)],
    )


@bp.get("/versions/<number>")
@bp.output(VersionOut)
def version(number: str) -> VersionOut:
    """One frozen version."""
    return VersionOut.of(queries.version(request_session(), g.member, number))
