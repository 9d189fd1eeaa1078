"""JSON: my reviews, the team, invitations, jobs, the audit log."""

from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from flask import g
from pydantic import BaseModel, EmailStr, Field

from reviewtool import audit as log
from reviewtool.db.engine import request_session, transaction
from reviewtool.mail import Delivery
from reviewtool.permissions import Action, Role, require
from reviewtool.team import queries, services
from reviewtool.team.access import require_person, review_api, signed_in
from reviewtool.web.api import api_blueprint

reviews: APIBlueprint = signed_in(api_blueprint("api_reviews", __name__, "/reviews", "Reviews"))
bp = review_api("team", __name__, "", "Team")
blueprints = (reviews, bp)


class ReviewIn(BaseModel):
    """A new review."""

    title: str = Field(min_length=1, max_length=500)


class ReviewOut(BaseModel):
    """A review and the asking person's role in it."""

    id: int
    title: str
    role: Role
    is_demo: bool


class MemberOut(BaseModel):
    """A member of the team."""

    id: int
    name: str
    role: Role
    removed_at: datetime | None


class InvitationIn(BaseModel):
    """Whom to invite as what."""

    email: EmailStr
    role: Role = Role.REVIEWER


class RoleIn(BaseModel):
    """A member's new role."""

    role: Role


class JobOut(BaseModel):
    """A job and how far it is."""

    id: int
    name: str
    title: str
    state: str
    done: int
    total: int
    message: str
    error: str
    result: Any


@reviews.get("/")
def list_reviews() -> Any:
    """The reviews I am a member of."""
    rows = queries.reviews_of(request_session(), require_person())
    return {
        "reviews": [
            ReviewOut(id=r.id, title=r.title, role=m.role, is_demo=r.is_demo).model_dump()
            for r, m in rows
        ]
    }


@reviews.post("/")
@reviews.input(ReviewIn)
def create_review(json_data: ReviewIn) -> Any:
    """Create a review; I become its owner."""
    with transaction() as db:
        member = services.create_review(db, require_person(), json_data.title)
    return {
        "id": member.review_id,
        "title": json_data.title,
        "role": member.role.value,
    }, 201


@bp.get("/members")
def list_members() -> Any:
    """The team, removed members included."""
    rows = queries.members(request_session(), g.member, removed=True)
    return {
        "members": [
            MemberOut(id=m.id, name=m.name, role=m.role, removed_at=m.removed_at).model_dump(
                mode="json"
            )
            for m in rows
        ]
    }


@bp.post("/invitations")
@bp.input(InvitationIn)
def invite(json_data: InvitationIn) -> Any:
    """Invite somebody; answers with the link where no mail server took it."""
    with transaction() as db:
        invited = services.invite(db, g.member, g.review, json_data.email, json_data.role)
    mailed = invited.delivery is Delivery.MAILED
    return {
        "delivery": invited.delivery.value,
        "address": None if mailed else invited.address,
    }, 201


@bp.patch("/members/<int:member_id>")
@bp.input(RoleIn)
def change_role(member_id: int, json_data: RoleIn) -> Any:
    """Give a member another role."""
    with transaction() as db:
        member = queries.member_of_review(db, g.member, member_id)
        services.change_role(db, g.member, member, json_data.role)
    return {"id": member.id, "role": member.role.value}


@bp.delete("/members/<int:member_id>")
def remove(member_id: int) -> Any:
    """Take a member off the team; their votes stay."""
    with transaction() as db:
        services.remove(db, g.member, queries.member_of_review(db, g.member, member_id))
    return "", 204


@bp.get("/jobs/<int:job_id>")
def show_job(job_id: int) -> Any:
    """One job and its progress."""
    row = queries.job(request_session(), g.member, job_id)
    return JobOut.model_validate(row, from_attributes=True).model_dump()


@bp.get("/audit")
def audit() -> Any:
    """The newest hundred entries of the log that I may see, and whether the chain is sound."""
    db = request_session()
    require(g.member, Action.SEE_AUDIT)
    entries = queries.audit_entries(db, g.member)
    faults = log.verify(db, g.member.review_id)
    return {
        "sound": not faults,
        "faults": [fault.message for fault in faults],
        "entries": [
            entry.model_dump(mode="json", exclude={"created_at", "id"}) for entry in entries
        ],
    }
