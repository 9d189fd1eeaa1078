"""Who is asking, for which review: fills ``g.user``, ``g.review`` and ``g.member``."""

import hashlib
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Blueprint, abort, g, request
from flask_security import current_user
from sqlmodel import Session, col, select

from reviewtool.db.engine import request_session
from reviewtool.db.types import now
from reviewtool.errors import NotFound, ReviewToolError
from reviewtool.jobs import Job
from reviewtool.permissions import Action, allows
from reviewtool.team.errors import TokenReadsOnly
from reviewtool.team.models import ApiToken, Member, Review, UnfinishedReview, User
from reviewtool.team.rules import Scope, steering
from reviewtool.web.api import api_blueprint, bearer_token, protect_session


class SignInFirst(ReviewToolError):
    """Nobody is signed in and no valid token came along."""

    code, status = "sign-in", 401
    message = "Sign in first, or send a valid token."


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def current_person() -> User | None:
    """The signed-in person, or the owner of the request's token."""
    if "user" in g:
        person: User | None = g.user
        return person
    token = bearer_token() if request.path.startswith("/api/") else None
    if token:
        g.by_token = True
        g.user = _by_token(request_session(), token)
    else:
        g.user = current_user._get_current_object() if current_user.is_authenticated else None
    found: User | None = g.user
    return found


def _by_token(db: Session, token: str) -> User | None:
    row = db.exec(
        select(ApiToken).where(
            ApiToken.token_hash == token_hash(token),
            ApiToken.revoked_at == None,  # noqa: E711
        )
    ).one_or_none()
    user = db.get(User, row.user_id) if row is not None and row.expires_at > now() else None
    if row is None or user is None or not user.active:
        return None
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        if row.scope is not Scope.WRITE:
            raise TokenReadsOnly()
        token_id = row.id

        def used(db: Session) -> None:
            db.get_one(ApiToken, token_id).last_used_at = now()

        g.along = [used]
    return user


def require_person() -> User:
    """The person asking; a browser is sent to sign in, a program gets 401."""
    person = current_person()
    if person is None:
        if request.path.startswith("/api/"):
            raise SignInFirst()
        from flask import redirect, url_for
        from flask_security.decorators import handle_csrf  # noqa: F401  (loads the extension)

        abort(redirect(url_for("security.login", next=request.full_path.rstrip("?"))))
    return person


def require_administrator() -> User:
    """The administrator asking. To anyone else there is nothing here. Raises NotFound."""
    person = require_person()
    if not person.is_administrator:
        raise NotFound()
    return person


def enter(review_id: int) -> None:
    """Let a member into their review. Anyone else gets 404: not even its name leaks."""
    person = require_person()
    whose, where, member, review = g.get("part", (None, None, None, None))
    if (whose, where) != (person.id, review_id):  # it is no cookie that says who asks
        member, review = _part(request_session(), person, review_id)
    if member is None or review is None:
        raise NotFound()
    g.member, g.review = member, review
    g.kept, g.still = (person, member, review), _still_the_same


def _part(db: Session, person: User, review_id: int) -> tuple[Member, Review] | tuple[None, None]:
    found = db.exec(
        select(Member, Review)
        .join(Review, Review.id == Member.review_id)  # type: ignore[arg-type]
        .where(
            Member.review_id == review_id,
            Member.user_id == person.id,
            Member.removed_at == None,  # noqa: E711
            col(Review.id).not_in(select(UnfinishedReview.review_id)),
        )
    ).one_or_none()
    return (found[0], found[1]) if found is not None else (None, None)


_REVISION = sa.select(col(Member.revision)).where(col(Member.id) == sa.bindparam("member"))


def _still_the_same(db: Session) -> None:
    """Behind the lock of a change: whoever was removed meanwhile, or may do less, is told."""
    member = g.member
    known = db.execute(_REVISION, {"member": member.id}).scalar_one()
    if known != member.revision and member not in db.dirty:
        db.refresh(member)
        if member.removed_at is not None:
            raise NotFound()


def can(action: Action | str) -> bool:
    """For templates: whether the member asking may do ``action`` (a name or an Action)."""
    if isinstance(action, str):
        action = Action[action] if action in Action.__members__ else Action(action)
    return allows(g.get("member"), action)


def may_steer(job: Job) -> bool:
    """For templates: whether who asks may stop this job or go on with it."""
    if member := g.get("member"):
        return allows(member, steering(member.user_id, job))
    return bool(job.user_id == current_user.id)


def _inside_review(bp: Any) -> Any:
    def pull(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.review_id = values.pop("review_id") if values else None

    def push(_endpoint: str, values: dict[str, Any]) -> None:
        if "review_id" not in values and g.get("review_id") is not None:
            values["review_id"] = g.review_id

    def check() -> None:
        enter(g.review_id)

    bp.url_value_preprocessor(pull)
    bp.url_defaults(push)
    bp.before_request(check)
    return bp


def review_blueprint(name: str, import_name: str, path: str) -> Blueprint:
    """Pages below ``/reviews/<id>/<path>``; views get no ``review_id``, it is in ``g``."""
    bp = Blueprint(name, import_name, url_prefix=f"/reviews/<int:review_id>{path}")
    checked: Blueprint = _inside_review(bp)
    return checked


def review_api(name: str, import_name: str, path: str, tag: str) -> APIBlueprint:
    """JSON below ``/api/v1/reviews/<id>/<path>``, for members only."""
    bp = api_blueprint(f"api_{name}", import_name, f"/reviews/<int:review_id>{path}", tag)
    checked: APIBlueprint = _inside_review(bp)
    checked.before_request(protect_session)
    return checked


def signed_in(bp: Any) -> Any:
    """Make every view of the API blueprint ``bp`` ask for a signed-in person first."""

    def check() -> None:
        require_person()

    bp.before_request(check)
    bp.before_request(protect_session)
    return bp


View = Callable[..., Any]
