"""The JSON API: tokens, CSRF for browsers, and how its blueprints are made.

Every API address begins with ``/api/v1``; errors are ``application/problem+json``.
"""

from typing import Any, Self

from apiflask import APIBlueprint, HTTPTokenAuth
from flask import current_app, g, request
from flask_wtf.csrf import CSRFProtect
from pydantic import BaseModel, ConfigDict, Field

csrf = CSRFProtect()
auth = HTTPTokenAuth(
    scheme="Bearer",
    description="A token made under “My account”, to read or to read and write; it ends by itself. "
    "A signed-in browser may use its session.",
)


class Out(BaseModel):
    """What a route answers with. Fields that the model does not name are an error."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        """From the attributes of ``row``; those named in ``more`` are given instead."""
        found = {name: getattr(row, name) for name in cls.model_fields if name not in more}
        return cls.model_validate(found | more)


class StartedOut(Out):
    """A job that was started."""

    job: int = Field(description="id of the job; its address is ``/jobs/<id>`` of the review")


def api_blueprint(name: str, import_name: str, url_prefix: str, tag: str) -> APIBlueprint:
    """A blueprint below ``/api/v1`` whose tokens need no CSRF field; sessions do."""
    bp = APIBlueprint(name, import_name, url_prefix=f"/api/v1{url_prefix}", tag=tag)
    csrf.exempt(bp)
    return bp


def protect_session() -> None:
    """Ask a browser's session for its CSRF token; who came with a token of theirs needs none.

    Run after access was checked: a stranger learns nothing from the difference.
    """
    unsafe = request.method not in {"GET", "HEAD", "OPTIONS"}
    if unsafe and not g.get("by_token") and current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


def bearer_token() -> str | None:
    """The token of this request, if it carries one."""
    header: Any = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
