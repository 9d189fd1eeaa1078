"""Pages outside any review: home, set-up, invitations, the account."""

from datetime import timedelta

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user
from wtforms import Form

from reviewtool import acts, disk, jobs
from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import NotFound
from reviewtool.team import queries, services, setup
from reviewtool.team.access import current_person, require_administrator, require_person
from reviewtool.team.forms import (
    AccountForm,
    ConfirmForm,
    ProfileForm,
    ReviewForm,
    TokenForm,
)
from reviewtool.team.models import ApiToken, Review, SignIn, User
from reviewtool.team.rules import Scope, clean_email
from reviewtool.web import health
from reviewtool.web.render import redirect_to, render
from reviewtool.words import plural

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    """My reviews, my open tasks, and what to do next."""
    db = request_session()
    if current_person() is None and not queries.has_users(db):
        return render("team/closed.html")
    person = require_person()
    tasks = current_app.extensions["open_tasks"]
    rows = [
        {"review": review, "member": member, "tasks": tasks(db, member)}
        for review, member in queries.reviews_of(db, person)
    ]
    return render("team/home.html", rows=rows, form=ReviewForm(), confirm=ConfirmForm())


@bp.post("/reviews")
def create_review() -> ResponseReturnValue:
    """A new review; its creator is the owner."""
    person, form = require_person(), ReviewForm()
    if not form.validate_on_submit():
        return render("team/new_review.html", status=422, form=form)
    with transaction() as db:
        member = services.create_review(db, person, form.title.data or "")
    return redirect_to("team.dashboard", review_id=member.review_id)


@bp.post("/demo")
def load_demo() -> ResponseReturnValue:
    """Build the demonstration reviews with a worker."""
    person = require_person()
    if not ConfirmForm().validate_on_submit():
        return redirect_to("home.index")
    with transaction() as db:
        job = queries.unfinished_job(db, person, "demo.build") or jobs.enqueue(
            db,
            "demo.build",
            title="Demonstration reviews",
            user_id=person.id,
            user=person.id,
        )
    return redirect_to("home.job", job_id=job.id)


@bp.get("/jobs/<int:job_id>")
def job(job_id: int) -> ResponseReturnValue:
    """A job of mine that belongs to no review."""
    row = queries.own_job(request_session(), require_person(), job_id)
    return render("team/job.html", job=row, job_url=url_for("home.job", job_id=job_id))


@bp.post("/jobs/<int:job_id>/resume")
def resume_job(job_id: int) -> ResponseReturnValue:
    """Go on with a paused job of mine now."""
    person = require_person()
    with transaction() as db:
        jobs.resume(db, queries.own_job(db, person, job_id))
    return redirect_to("home.job", job_id=job_id)


@bp.route("/setup", methods=["GET", "POST"])
def first_account() -> ResponseReturnValue:
    """Make the first account; opens only with the token that ``up`` printed."""
    settings, form = current_app.extensions["settings"], AccountForm()
    token = request.values.get("token", "")
    setup.check(request_session(), settings, token)
    if not form.validate_on_submit():
        return render(
            "team/setup.html",
            422 if form.errors else 200,
            form=form,
            token=token,
            invitation=None,
        )
    with transaction() as db:
        setup.check(db, settings, token)
        user = services.create_user(
            db, form.email.data or "", form.name.data or "", form.password.data or ""
        )
        services.make_administrator(db, user)
    setup.finish(settings)
    login_user(user, authn_via=["setup"])
    _commit_tracking()
    return redirect_to("home.index")


@bp.route("/invitations/<token>", methods=["GET", "POST"])
def invitation(token: str) -> ResponseReturnValue:
    """Join a review, with an account made here if there is none yet."""
    db = request_session()
    row = queries.invitation(db, token)
    review = db.get_one(Review, row.review_id)
    person = current_person()
    has_account = queries.user_by_email(db, row.email) is not None
    form: Form = ConfirmForm() if person else AccountForm(email=row.email)
    context = {"invitation": row, "joining": review, "form": form, "person": person}
    if person is not None and clean_email(person.email) != row.email:
        return render("team/invitation.html", 403, other=person.email, **context)
    if person is None and has_account:
        return redirect(url_for("security.login", next=url_for("home.invitation", token=token)))
    if not form.validate_on_submit():
        return render("team/invitation.html", 422 if form.errors else 200, **context)
    with transaction() as db:
        if person is None:
            person = services.create_user(db, row.email, form.data["name"], form.data["password"])
            made = True
        else:
            made = False
        services.accept(db, person, row)
    if made:
        login_user(person, authn_via=["invitation"])
        _commit_tracking()
    flash(f"You are now a member of “{review.title}”.")
    return redirect_to("team.dashboard", review_id=review.id)


def _commit_tracking() -> None:
    with transaction():
        pass


@bp.route("/account", methods=["GET", "POST"])
def account() -> ResponseReturnValue:
    """My name, time zone, password and tokens."""
    person = require_person()
    form = ProfileForm(obj=person)
    if form.validate_on_submit():
        with transaction() as db:
            services.update_profile(db, person, form.name.data or "", form.time_zone.data or "")
        flash("Saved.")
        return redirect_to("home.account")
    return _account_page(person, 422 if form.errors else 200, form=form)


def _account_page(person: User, status: int = 200, **shown: object) -> ResponseReturnValue:
    db = request_session()
    context = {
        "form": ProfileForm(obj=person, formdata=None),
        "token_form": TokenForm(formdata=None),
        "tokens": queries.tokens_of(db, person),
        "sign_ins": queries.sign_ins_of(db, person),
        "this_one": g.get("sign_in"),
        "entries": queries.account_log(db, person),
        "words": acts.words,
        "new_token": None,
    }
    return render("team/account.html", status, **(context | shown))


@bp.post("/account/tokens")
def create_token() -> ResponseReturnValue:
    """Make a token; this page shows it once."""
    person, form = require_person(), TokenForm()
    if not form.validate_on_submit():
        return _account_page(person, 422, token_form=form)
    with transaction() as db:
        token = services.create_token(
            db,
            person,
            form.name.data or "",
            Scope(form.scope.data),
            timedelta(days=int(form.days.data)),
        )
    return _account_page(person, new_token=token)


@bp.post("/account/sign-ins/<int:sign_in_id>/end")
def end_sign_in(sign_in_id: int) -> ResponseReturnValue:
    """Sign out one of my other browsers."""
    person = require_person()
    with transaction() as db:
        row = db.get(SignIn, sign_in_id)
        if row is None or row.user_id != person.id:
            raise NotFound()
        services.sign_out(db, row)
    flash(f"{row.device} is signed out.")
    return redirect_to("home.account")


@bp.post("/account/sign-ins/end")
def end_other_sign_ins() -> ResponseReturnValue:
    """Sign out every browser of mine but this one."""
    person = require_person()
    with transaction() as db:
        ended = services.end_sign_ins(db, person, keep=g.get("sign_in"))
    flash(f"{plural(ended, 'other browser was', 'other browsers were')} signed out.")
    return redirect_to("home.account")


@bp.post("/account/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Make one of my tokens useless."""
    person = require_person()
    with transaction() as db:
        row = db.get(ApiToken, token_id)
        if row is None or row.user_id != person.id:
            raise NotFound()
        services.revoke_token(db, person, row)
    return redirect_to("home.account")


@bp.get("/server")
def server() -> ResponseReturnValue:
    """For administrators: the room that is left, and the jobs that wait."""
    require_administrator()
    return render(
        "team/server.html",
        disks=disk.disks(current_app.extensions["settings"]),
        checks=health.checks(),
        paused=jobs.paused(request_session()),
    )


@bp.post("/server/jobs/resume")
def resume_jobs() -> ResponseReturnValue:
    """For administrators: every paused job goes on now."""
    require_administrator()
    with transaction() as db:
        found = jobs.paused(db)
        for row in found:
            jobs.resume(db, row)
    flash(f"{plural(len(found), 'job is', 'jobs are')} tried again.")
    return redirect_to("home.server")


@bp.get("/help/keys")
def keys() -> ResponseReturnValue:
    """The keyboard shortcuts, also without JavaScript."""
    g.setdefault("member", None)
    return render("team/keys.html")
