"""JSON: the protocol, its versions and amendments."""

from typing import Any

from flask import g
from pydantic import BaseModel, Field

from reviewtool.db.engine import request_session, transaction
from reviewtool.protocol import queries, services
from reviewtool.protocol.rules import Why
from reviewtool.team.access import review_api

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


@bp.get("/")
def show() -> Any:
    """The working copy: document, criteria, outcomes, comparisons, analyses."""
    return queries.content(request_session(), g.member.review_id)


@bp.put("/sections/<section>")
@bp.input(SectionIn)
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
def versions() -> Any:
    """Frozen versions and the amendments between them."""
    db = request_session()
    skip = {"content", "review_id"}
    return {
        "versions": [
            v.model_dump(mode="json", exclude=skip) for v in queries.versions(db, g.member)
        ],
        "amendments": [
            a.model_dump(mode="json", exclude={"review_id"})
            for a in queries.amendments(db, g.member)
        ],
    }


@bp.get("/versions/<number>")
def version(number: str) -> Any:
    """One frozen version."""
    found = queries.version(request_session(), g.member, number)
    return {
        "number": found.number,
        "content_hash": found.content_hash,
        "content": found.content,
    }
