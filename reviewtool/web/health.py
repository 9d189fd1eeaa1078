"""``/healthz``: the process answers. ``/readyz``: database and broker answer too."""

import sqlalchemy as sa
from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from reviewtool.db import current_database
from reviewtool.db.migrate import is_current

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process is alive."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Everything needed to work answers; 503 names what does not."""
    checks: dict[str, str] = {}
    try:
        with current_database().engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
        checks["database"] = (
            "ok" if is_current(current_database()) else "needs `reviewtool migrate`"
        )
    except sa.exc.SQLAlchemyError:
        checks["database"] = "does not answer"
    ping = current_app.extensions.get("ping_broker")
    if ping is not None:
        try:
            ping()
            checks["broker"] = "ok"
        except Exception:
            checks["broker"] = "does not answer"
    ready = all(value == "ok" for value in checks.values())
    return jsonify(status="ok" if ready else "unavailable", **checks), 200 if ready else 503
