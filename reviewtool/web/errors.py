"""One handler for every error: a page, a fragment, or ``application/problem+json``."""

import logging
from typing import Any

from apiflask import APIFlask
from flask import current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session
from werkzeug.exceptions import HTTPException, SecurityError

from reviewtool import __version__
from reviewtool.db import faults
from reviewtool.errors import Busy, DatabaseAway, NotFound, Passing, ReviewToolError, TooMany
from reviewtool.web import limits
from reviewtool.web.render import page_before, wants_fragment

log = logging.getLogger(__name__)

WORDS = {
    400: "The request could not be understood. Go back, reload the page and try again.",
    401: "Sign in first.",
    403: "You are not allowed to do this.",
    404: NotFound.message,
    405: "This address does not answer that kind of request.",
    413: "The file is larger than this server accepts. Split it, or ask the administrator.",
    415: "This address does not accept that kind of content.",
}

PASSING = {"disk-full": "The disk is full", "disk-failing": "The disk fails", "busy": "Busy"}


def wants_json() -> bool:
    """Whether a program is asking."""
    return request.path.startswith("/api/") or (request.accept_mimetypes.best == "application/json")


def answer(status: int, code: str, message: str, **more: Any) -> ResponseReturnValue:
    """The error in the form the asker understands; ``more`` is for programs."""
    request_id = g.get("request_id", "")
    if wants_json():
        body = {"type": f"about:{code}", "title": message, "status": status, "code": code} | more
        response = jsonify(body | {"request_id": request_id})
        response.content_type = "application/problem+json"
        return response, status
    template = "errors/_message.html" if wants_fragment() else "errors/page.html"
    return (
        render_template(template, status=status, code=code, message=message, request_id=request_id),
        status,
    )


def _without_database(error: Passing) -> ResponseReturnValue:
    """A page that asks the database nothing: it may not answer, or only after a wait."""
    message = error.message
    if g.get("stored"):
        message = (
            "What you sent was stored, but the server could not finish what comes after it: "
            f"{error.why}. Reload the page to see what stands."
        )
    if wants_json():
        return answer(error.status, error.code, message)
    name = "errors/_message.html" if wants_fragment() else "errors/passing.html"
    page = current_app.jinja_env.get_template(name).render(
        status=error.status,
        code=error.code,
        title=PASSING.get(error.code, "Not available"),
        message=message,
        request_id=g.get("request_id", ""),
        csp_nonce=g.get("csp_nonce", ""),
        version=__version__,
        back=page_before() or "/",
        again=request.path if request.method == "GET" else "",
    )
    return make_response(page, error.status)


def _begin_anew() -> None:
    """Leave the transaction that failed, so that the page which says so can be read from."""
    db: Session | None = g.get("db")
    if db is not None:
        db.rollback()


def register(app: APIFlask) -> None:
    """Install the handlers."""

    @app.errorhandler(ReviewToolError)
    def known(error: ReviewToolError) -> ResponseReturnValue:
        fields = error.details.get("fields")
        more = {"fields": fields} if fields else {}
        return answer(error.status, error.code, error.message, **more)

    @app.errorhandler(Passing)
    def passing(error: Passing) -> ResponseReturnValue:
        log.warning("%s %s: %s", g.get("request_id", ""), error.code, error.__cause__ or error)
        return _without_database(error)

    @app.errorhandler(OSError)
    def system(error: OSError) -> ResponseReturnValue:
        found = faults.of_system(error)
        return unknown(error) if found is None else passing(found)

    @app.errorhandler(PoolTimeout)
    def waited_in_vain(_error: Exception) -> ResponseReturnValue:
        return passing(Busy())

    @app.errorhandler(OperationalError)
    def away(error: OperationalError) -> ResponseReturnValue:
        log.error("the database does not answer: %s", error.orig)
        return passing(DatabaseAway())

    @app.errorhandler(TooMany)
    def too_many(error: TooMany) -> ResponseReturnValue:
        response = make_response(
            answer(429, error.code, error.message, retry_after=error.retry_after)
        )
        response.headers["Retry-After"] = str(error.retry_after)
        return response

    @app.errorhandler(RateLimitExceeded)
    def limited(_error: RateLimitExceeded) -> ResponseReturnValue:
        return too_many(TooMany(limits.seconds_left(app)))

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> ResponseReturnValue:
        return answer(
            400, "csrf", "This page was open for too long. Reload it and send the form again."
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if isinstance(error, SecurityError):  # asked by a strange name: no page can be built
            return error.get_response()
        if error.response is not None:
            return error.response
        status = error.code or 500
        if 300 <= status < 400:
            return error
        return answer(status, f"http-{status}", WORDS.get(status, error.description or "Error."))

    @app.errorhandler(DataError)
    def too_large(_error: Exception) -> ResponseReturnValue:
        _begin_anew()
        return answer(
            422,
            "too-large",
            "A number or a text sent here is larger than can be stored. Correct it and send it "
            "again.",
        )

    @app.errorhandler(OverflowError)
    def overflow(error: OverflowError) -> ResponseReturnValue:
        # What SQLite says where PostgreSQL has a DataError.
        return too_large(error) if "SQLite INTEGER" in str(error) else unknown(error)

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> ResponseReturnValue:
        log.exception("unexpected error")
        if app.testing:
            raise error
        _begin_anew()
        return answer(
            500,
            "unexpected",
            "Something went wrong on the server; nothing was stored. Try again, and if it happens "
            f"again tell the administrator this number: {g.get('request_id', '')}.",
        )
