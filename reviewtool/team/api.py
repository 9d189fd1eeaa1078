"""JSON: my reviews, the team, invitations, jobs, the audit log."""

from datetime import datetime
from typing import Any

from apiflask import APIBlueprint, EmptySchema
from flask import g
from pydantic import BaseModel, EmailStr, Field

from reviewtool import jobs, verification
from reviewtool.db.engine import request_session, transaction
from reviewtool.mail import Delivery
from reviewtool.permissions import Action, Role, require
from reviewtool.team import queries, services
from reviewtool.team.access import require_person, review_api, signed_in
from reviewtool.web.api import Out, api_blueprint

reviews: APIBlueprint = signed_in(api_blueprint("api_reviews", __name__, "/reviews", "Reviews"))
bp = review_api("team", __name__, "", "Team")
blueprints = (reviews, bp)


class ReviewIn(BaseModel):
    """A new review."""

    title: str = Field(min_length=1, max_length=500)


class ReviewOut(Out):
    """A review and the asking person's role in it."""

    id: int
    title: str
    role: Role
    is_demo: bool = Field(description="whether it came with the product, to try things on")


class ReviewsOut(Out):
    """The reviews of a person."""

    reviews: list[ReviewOut]


class MemberOut(Out):
    """A member of the team."""

    id: int
    revision: int = Field(description="send it back with a change, as If-Match")
    name: str
    role: Role
    removed_at: datetime | None = Field(description="null while the member belongs to the team")


class MembersOut(Out):
    """A team."""

    members: list[MemberOut]


class MemberRoleOut(Out):
    """A member and the role they have now."""

    id: int
    role: Role


class InvitedOut(Out):
    """How an invitation went out."""

    delivery: Delivery
    address: str | None = Field(description="the link to pass on; null where it was mailed")


class InvitationIn(BaseModel):
    """Whom to invite as what."""

    email: EmailStr
    role: Role = Role.REVIEWER


class RoleIn(BaseModel):
    """A member's new role."""

    role: Role


class JobOut(Out):
    """A job and how far it is."""

    id: int
    name: str = Field(description="what runs, such as references.import")
    title: str
    state: jobs.JobState
    done: int = Field(description="how much of ``total`` is done")
    total: int
    message: str
    trouble: str = Field(description="why it does not move, such as no worker; else empty")
    error: str = Field(description="why it failed or is paused, in words; else empty")
    resume_at: datetime | None = Field(description="when a paused job is tried again by itself")
    result: jobs.Counts | None = Field(
        description="what the job counted, by name; null until it is done"
    )


class EntryOut(Out):
    """One entry of the log: who changed what.

    Not where it stands in its chain, which would tell how much others have done meanwhile.
    """

    at: datetime
    user_id: int | None
    member_id: int | None
    actor: str = Field(description="the person's address; empty where the rules acted")
    action: str = Field(description="what was done, such as screening.decide")
    subject: str = Field(description="the kind of thing it was done to")
    subject_id: int | None
    changes: dict[str, Any] = Field(description="field: [old, new]")


class LogOut(Out):
    """The newest entries of the log, and whether its chain holds."""

    sound: bool
    faults: list[str] = Field(description="each break of the chain, in words")
    entries: list[EntryOut]


@reviews.get("/")
@reviews.output(ReviewsOut)
def list_reviews() -> ReviewsOut:
    """The reviews I am a member of."""
    rows = queries.reviews_of(request_session(), require_person())
    return ReviewsOut(reviews=[ReviewOut.of(review, role=m.role) for review, m in rows])


@reviews.post("/")
@reviews.input(ReviewIn)
@reviews.output(ReviewOut, 201)
def create_review(json_data: ReviewIn) -> ReviewOut:
    """Create a review; I become its owner."""
    with transaction() as db:
        member = services.create_review(db, require_person(), json_data.title)
    return ReviewOut(id=member.review_id, title=json_data.title, role=member.role, is_demo=False)


@bp.get("/members")
@bp.output(MembersOut)
def list_members() -> MembersOut:
    """The team, removed members included."""
    rows = queries.members(request_session(), g.member, removed=True)
    return MembersOut(members=[MemberOut.of(row) for row in rows])


@bp.post("/invitations")
@bp.input(InvitationIn)
@bp.output(InvitedOut, 201)
def invite(json_data: InvitationIn) -> InvitedOut:
    """Invite somebody; answers with the link where no mail server took it."""
    with transaction() as db:
        invited = services.invite(db, g.member, g.review, json_data.email, json_data.role)
    mailed = invited.delivery is Delivery.MAILED
    return InvitedOut(delivery=invited.delivery, address=None if mailed else invited.address)


@bp.patch("/members/<int:member_id>")
@bp.input(RoleIn)
@bp.output(MemberRoleOut)
def change_role(member_id: int, json_data: RoleIn) -> MemberRoleOut:
    """Give a member another role."""
    with transaction() as db:
        member = queries.member_of_review(db, g.member, member_id)
        services.change_role(db, g.member, member, json_data.role)
    return MemberRoleOut.of(member)


@bp.delete("/members/<int:member_id>")
@bp.output(EmptySchema, 204)
def remove(member_id: int) -> Any:
    """Take a member off the team; their votes stay."""
    with transaction() as db:
        services.remove(db, g.member, queries.member_of_review(db, g.member, member_id))
    return "", 204


@bp.get("/jobs/<int:job_id>")
@bp.output(JobOut)
def show_job(job_id: int) -> JobOut:
    """One job and its progress."""
    row = queries.job(request_session(), g.member, job_id)
    return JobOut.of(row, trouble=jobs.trouble(row))


@bp.post("/jobs/<int:job_id>/resume")
@bp.output(JobOut)
def resume_job(job_id: int) -> JobOut:
    """Go on with a paused job now; 409 when it is not paused."""
    with transaction() as db:
        row = queries.job(db, g.member, job_id)
        services.resume_job(db, g.member, row)
    return JobOut.of(row, trouble=jobs.trouble(row))


@bp.get("/audit")
@bp.output(LogOut)
def audit() -> LogOut:
    """The newest hundred entries of the log that I may see, and whether the chain is sound."""
    db = request_session()
    require(g.member, Action.SEE_AUDIT)
    entries = queries.audit_entries(db, g.member)
    faults = verification.chains(db, g.member.review_id)
    open_chain = [fault.message for fault in faults if fault.chain == g.member.review_id]
    closed = ["The chain of blinded acts is broken."] if len(faults) > len(open_chain) else []
    return LogOut(
        sound=not faults,
        faults=[*open_chain, *closed],
        entries=[EntryOut.of(entry) for entry in entries],
    )
