"""JSON: the protocol, its versions and amendments."""

from datetime import date, datetime
from typing import Any

from flask import g
from pydantic import BaseModel, Field

from reviewtool.db.engine import request_session, transaction
from reviewtool.protocol import queries, services
from reviewtool.protocol.api.blueprint import WhyIn, bp
from reviewtool.protocol.api.rows import (
    ComparisonOut,
    CriterionOut,
    OutcomeOut,
    PlannedAnalysisOut,
)
from reviewtool.web.api import Out


class SectionIn(BaseModel):
    """Values of one section, by field key."""

    values: dict[str, str]
    why: WhyIn = Field(default_factory=WhyIn)


class ProtocolOut(Out):
    """The plan of a review."""

    revision: int = Field(description="of the document; send it back with a section, as If-Match")
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
    return queries.as_it_stands(request_session(), g.member.review_id)


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
            json_data.why.as_why(),
        )
    return queries.as_it_stands(request_session(), g.member.review_id)


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
