"""The page of adverse events, and its files."""

import io

from flask import g, send_file
from flask.typing import ResponseReturnValue

from reviewtool.db.engine import request_session
from reviewtool.synthesis.sheets import harms as sheets
from reviewtool.synthesis.sheets.tables import MEDIA
from reviewtool.synthesis.views.blueprint import bp
from reviewtool.web.render import render
from reviewtool.words import confidence


@bp.get("/harms")
def harms() -> ResponseReturnValue:
    """Every outcome that the protocol marks as a harm, counted over studies."""
    return render(
        "synthesis/harms.html",
        harms=sheets.harms(request_session(), g.member),
        method=sheets.METHOD,
        confidence=confidence(sheets.LEVEL),
    )


@bp.get("/harms.<any(csv, docx):kind>")
def harms_table(kind: str) -> ResponseReturnValue:
    """The same as a file."""
    found = sheets.harms(request_session(), g.member)
    content = sheets.as_docx(found) if kind == "docx" else sheets.table(found)
    return send_file(io.BytesIO(content), MEDIA[kind], True, f"adverse-events.{kind}")
