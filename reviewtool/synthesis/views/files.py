"""An analysis as files: its plots, its tables, what reproduces it."""

import io

from flask import g, send_file
from flask.typing import ResponseReturnValue

from reviewtool.charts import MEDIA
from reviewtool.db.engine import request_session
from reviewtool.errors import NotFound
from reviewtool.permissions import Action, require
from reviewtool.synthesis import bundle, queries
from reviewtool.synthesis.plots import pictures
from reviewtool.synthesis.sheets import tables
from reviewtool.synthesis.views import looks
from reviewtool.synthesis.views.blueprint import bp


@bp.get("/<int:analysis_id>/<what>.<any(svg, pdf, png, tiff):kind>")
def picture(analysis_id: int, what: str, kind: str) -> ResponseReturnValue:
    """A plot as a file, in light colours; ``?run=`` names an earlier run, ``?layout=``,
    ``?column=`` and ``?bias=1`` how a forest plot looks."""
    line, run = looks.asked(analysis_id)
    run = looks.seen_from(looks.seen_part(line, run)) if run is not None else None
    beside = queries.beside(request_session(), line)
    if run is None or what not in pictures.choice(run, beside):
        raise NotFound("This analysis has no such plot.")
    name = f"{bundle.slug(line)}-{what}.{kind}"
    content = pictures.drawn(line, run, what, kind, looks.dress(beside), beside)
    return send_file(io.BytesIO(content), MEDIA[kind], True, name)


@bp.get("/<int:analysis_id>/tables/<what>.<any(csv, docx):kind>")
def table(analysis_id: int, what: str, kind: str) -> ResponseReturnValue:
    """A table as a file; ``?run=`` names an earlier run, ``?reference=`` a view of a network."""
    line, run = looks.asked(analysis_id)
    if run is None or what not in bundle.tables_of(run):
        raise NotFound("This analysis has no such table.")
    run = looks.seen_from(looks.seen_part(line, run))
    content = tables.as_file(bundle.tables_of(run)[what](line, run), kind)
    name = f"{bundle.slug(line)}-{what}.{kind}"
    return send_file(io.BytesIO(content), tables.MEDIA[kind], True, name)


@bp.get("/<int:analysis_id>/reproduce.zip")
def reproduce(analysis_id: int) -> ResponseReturnValue:
    """Data, scripts, expected numbers and versions; ``?run=`` names an earlier run."""
    require(g.member, Action.EXPORT)
    line, run = looks.asked(analysis_id)
    content = bundle.reproduction(line, run)
    return send_file(io.BytesIO(content), "application/zip", True, f"{bundle.slug(line)}.zip")
