"""Pages of one review's team: dashboard, members, audit log, jobs."""

from flask import flash, g, request, url_for
from flask.typing import ResponseReturnValue

from reviewtool import acts
from reviewtool.db.engine import request_session, transaction
from reviewtool.db.row import LARGEST_ID, mine
from reviewtool.mail import Delivery
from reviewtool.permissions import DESCRIPTIONS, TABLE, Action, Role
from reviewtool.stages import FRAME
from reviewtool.team import queries, services
from reviewtool.team.access import review_blueprint
from reviewtool.team.forms import ConfirmForm, InviteForm, ReviewForm, RoleForm
from reviewtool.team.models import Invitation
from reviewtool.web.render import redirect_to, render

bp = review_blueprint("team", __name__, "")


@bp.get("/")
def dashboard() -> ResponseReturnValue:
    """How far the review is, and what waits for me."""
    from flask import current_app

    tasks = current_app.extensions["open_tasks"](request_session(), g.member)
    return render("team/dashboard.html", tasks=tasks)


def _team_page(status: int = 200, address: str = "", **forms: object) -> ResponseReturnValue:
    db = request_session()
    context = {
        "form": InviteForm(formdata=None),
        "title_form": ReviewForm(formdata=None, obj=g.review),
    }
    return render(
        "team/members.html",
        status,
        members=queries.members(db, g.member, removed=True),
        invitations=queries.open_invitations(db, g.member),
        roles=list(Role),
        descriptions=DESCRIPTIONS,
        table=TABLE,
        actions=list(Action),
        address=address,
        **(context | forms),
    )


@bp.get("/team")
def members() -> ResponseReturnValue:
    """Who is on the team, in which role, and who is invited."""
    return _team_page()


@bp.post("/team/invitations")
def invite() -> ResponseReturnValue:
    """Invite somebody; the link is shown here only where no mail server took it.

    Who reads the mail proves that the address is theirs; a link handed on proves nothing.
    """
    form = InviteForm()
    if not form.validate_on_submit():
        return _team_page(422, form=form)
    with transaction() as db:
        invited = services.invite(
            db, g.member, g.review, form.email.data or "", Role(form.role.data)
        )
    if invited.delivery is Delivery.FAILED:
        flash(f"The mail server refused the invitation to {form.email.data}.", "error")
    elif invited.delivery is Delivery.SHOWN:
        flash(f"Invitation made for {form.email.data}.")
    else:
        flash(f"Invitation sent to {form.email.data}.")
    return _team_page(
        address="" if invited.delivery is Delivery.MAILED else invited.address,
        invited=form.email.data,
    )


@bp.post("/team/invitations/<int:invitation_id>/revoke")
def revoke_invitation(invitation_id: int) -> ResponseReturnValue:
    """Withdraw an invitation."""
    with transaction() as db:
        row = mine(db, g.member, Invitation, invitation_id)
        services.revoke_invitation(db, g.member, row)
    return redirect_to(".members")


@bp.post("/team/members/<int:member_id>/role")
def change_role(member_id: int) -> ResponseReturnValue:
    """Give a member another role."""
    form = RoleForm()
    if not form.validate_on_submit():
        return _team_page(422)
    with transaction() as db:
        member = queries.member_of_review(db, g.member, member_id)
        services.change_role(db, g.member, member, Role(form.role.data))
    flash(f"{member.name} is now {member.role.value}.")
    return redirect_to(".members")


@bp.post("/team/members/<int:member_id>/remove")
def remove(member_id: int) -> ResponseReturnValue:
    """Take a member off the team; or leave it."""
    with transaction() as db:
        member = queries.member_of_review(db, g.member, member_id)
        services.remove(db, g.member, member)
    if member.id == g.member.id:
        return redirect_to("home.index")
    flash(f"{member.name} was removed. Their votes stay; an invitation brings them back.")
    return redirect_to(".members")


@bp.post("/title")
def rename() -> ResponseReturnValue:
    """Another title for the review."""
    form = ReviewForm()
    if not form.validate_on_submit():
        return _team_page(422, title_form=form)
    with transaction() as db:
        services.rename_review(db, g.member, g.review, form.title.data or "")
    return redirect_to(".members")


@bp.post("/archive")
def archive() -> ResponseReturnValue:
    """Take the review off everybody's list."""
    if ConfirmForm().validate_on_submit():
        with transaction() as db:
            services.archive_review(db, g.member, g.review)
        flash(f"“{g.review.title}” was archived.")
    return redirect_to("home.index")


@bp.get("/audit")
def audit() -> ResponseReturnValue:
    """The log of who changed what, as this member may see it."""
    skip = min(max(request.args.get("skip", 0, type=int), 0), LARGEST_ID)
    action = request.args.get("action", "")
    size = queries.ENTRIES_A_PAGE
    found = queries.audit_entries(
        request_session(), g.member, skip=skip, action=action, size=size + 1
    )
    choices = [("team.", "Team")] + [
        (stage.endpoint.partition(".")[0] + ".", stage.label) for stage in FRAME
    ]
    return render(
        "team/audit.html",
        entries=found[:size],
        action=action,
        skip=skip,
        older=skip + size if len(found) > size else 0,
        choices=choices,
        words=acts.words,
    )


@bp.get("/jobs")
def job_list() -> ResponseReturnValue:
    """What the workers did and are doing for this review."""
    return render("team/jobs.html", jobs=queries.jobs(request_session(), g.member))


@bp.get("/jobs/<int:job_id>")
def job(job_id: int) -> ResponseReturnValue:
    """One job's card; htmx asks for it again until it is over."""
    row = queries.job(request_session(), g.member, job_id)
    return render("team/job.html", job=row, job_url=url_for("team.job", job_id=job_id))


@bp.post("/jobs/<int:job_id>/cancel")
def cancel_job(job_id: int) -> ResponseReturnValue:
    """Ask a job to stop."""
    with transaction() as db:
        services.cancel_job(db, g.member, queries.job(db, g.member, job_id))
    return redirect_to(".job", job_id=job_id)


@bp.post("/jobs/<int:job_id>/resume")
def resume_job(job_id: int) -> ResponseReturnValue:
    """Go on with a paused job now, not only when it is its time."""
    with transaction() as db:
        services.resume_job(db, g.member, queries.job(db, g.member, job_id))
    return redirect_to(".job", job_id=job_id)
