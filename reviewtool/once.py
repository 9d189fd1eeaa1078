"""Forms that make something are carried out once, however often they are sent.

Such a form carries a random number of its own (``csrf(once=true)``). The first time, the
number is stored in the same transaction as the work; a second request with the same number
and content changes nothing and is sent on to where the first one led. A program sends a
number of its own as Idempotency-Key, and is answered 409 the second time.
"""

import contextlib
import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from apiflask import APIFlask
from flask import Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col

from reviewtool.db.engine import transaction
from reviewtool.db.types import UtcDateTime, now
from reviewtool.errors import AlreadyDone, Passing
from reviewtool.web.errors import answer
from reviewtool.web.limits import caller
from reviewtool.web.render import page_before

FIELD = "once"
HEADER = "Idempotency-Key"
TWICE = "This request came before with the same Idempotency-Key, and was carried out then."
KEPT = timedelta(days=2)


class SpentForm(SQLModel, table=True):
    """A form that was carried out: the hash of its number and content, and where it led."""

    __tablename__ = "spent_form"

    key: str = Field(primary_key=True, max_length=64)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True, nullable=False)
    location: str = Field(default="", max_length=500)


def _of_program() -> str:
    """What this request of a program is known by: its key, who sends it, where to and what."""
    parts = [request.headers[HEADER], caller(), request.path]
    return hashlib.sha256("\0".join(parts).encode() + request.get_data()).hexdigest()


def key() -> str:
    """What this request is known by: its number, its address and everything that was sent."""
    parts = [request.path, *(f"{k}={v}" for k, v in sorted(request.form.items(multi=True)))]
    parts += [f"{k}={f.filename}" for k, f in sorted(request.files.items(multi=True))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def spend(db: Session) -> None:
    """Mark this request's form as carried out. Raises AlreadyDone the second time."""
    found = db.get(SpentForm, g.form_key)
    if found is not None:
        raise AlreadyDone(location=found.location)
    db.execute(sa.delete(SpentForm).where(col(SpentForm.at) < now() - KEPT))
    db.add(SpentForm(key=g.form_key))
    try:
        db.flush()
    except IntegrityError as error:  # the first one was being stored at this very moment
        raise AlreadyDone(location="") from error


def register(app: APIFlask) -> None:
    """Watch every form that carries a number; templates get ``once_number``."""
    app.jinja_env.globals["once_number"] = lambda: secrets.token_urlsafe(16)

    @app.before_request
    def watch() -> None:
        if request.method == "POST" and request.form.get(FIELD):
            g.form_key, g.spend_form = key(), spend
        elif request.method == "POST" and request.headers.get(HEADER) and _is_api():
            g.form_key, g.spend_form = _of_program(), spend

    @app.after_request
    def remember(response: Response) -> Response:
        """Where the first one led; a form that was refused may be sent again."""
        if g.get("form_key") and not g.get("spend_form") and not g.get("was_done"):
            with contextlib.suppress(Passing):  # then a second one is sent to the form's page
                _note_end(response)
        return response

    @app.errorhandler(AlreadyDone)
    def told(error: AlreadyDone) -> ResponseReturnValue:
        g.was_done = True
        if _is_api():
            return answer(error.status, error.code, TWICE)
        flash(error.message)
        # The address that this server itself gave the first time, or the page of the form.
        return redirect(error.details["location"] or _page_of_form(), 303)


def _note_end(response: Response) -> None:
    with transaction() as db:  # the request's own: a second writer would wait for it
        row = db.get(SpentForm, g.form_key)
        if row is not None and response.status_code >= 400:
            db.delete(row)
        elif row is not None and response.location:
            row.location = response.location[:500]
            db.add(row)


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _page_of_form() -> str:
    return page_before() or url_for("home.index")
