"""``/healthz``: the process answers. ``/readyz``: database and broker answer too.

``disk`` names what little room is left; a server that can only be read still answers.
"""

import sqlalchemy as sa
from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from reviewtool import disk
from reviewtool.db import current_database
from reviewtool.db.migrate import is_current
from reviewtool.errors import Passing
from reviewtool.words import filesize

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process is alive."""
    return jsonify(status="ok")


def checks() -> dict[str, str]:
    """Part of the server -> "ok", or what is wrong with it."""
    found: dict[str, str] = {}
    try:
        with current_database().engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
        found["database"] = "ok" if is_current(current_database()) else "needs `reviewtool migrate`"
    except (sa.exc.SQLAlchemyError, Passing):
        found["database"] = "does not answer"
    ping = current_app.extensions.get("ping_broker")
    if ping is not None:
        try:
            ping()
            found["broker"] = "ok"
        except Exception:
            found["broker"] = "does not answer"
    return found


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Everything needed to work answers; 503 names what does not."""
    found = checks()
    ready = all(value == "ok" for value in found.values())
    short = disk.short(current_app.extensions["settings"])
    found["disk"] = f"{short[0].state.value}, {filesize(short[0].free)} left" if short else "ok"
    return jsonify(status="ok" if ready else "unavailable", **found), 200 if ready else 503
