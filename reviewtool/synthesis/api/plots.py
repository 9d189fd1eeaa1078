"""JSON and files: the plots of an analysis, as anybody wants them to look."""

import io
from typing import Any, Literal

from apiflask.schemas import FileSchema
from flask import g, send_file
from pydantic import BaseModel

from reviewtool.charts import MEDIA
from reviewtool.charts.layouts import LAYOUTS
from reviewtool.db.engine import request_session
from reviewtool.errors import NotFound
from reviewtool.synthesis import bundle, queries
from reviewtool.synthesis.api.blueprint import bp
from reviewtool.synthesis.plots import pictures
from reviewtool.synthesis.rules.dress import Dress


class PlotOut(BaseModel):
    """A plot by its key."""

    key: str
    label: str


class PlotsOut(BaseModel):
    """The plots of the newest run; layouts and columns are those a forest plot can have."""

    plots: list[PlotOut]
    formats: list[str]
    layouts: list[PlotOut]
    columns: list[PlotOut]


class DressIn(BaseModel):
    """How a plot is written. columns: keys with commas between them."""

    format: Literal["svg", "pdf", "png", "tiff"] = "svg"
    layout: str = ""
    columns: str = ""
    bias: bool = False
    run: int | None = None


@bp.get("/<int:analysis_id>/plots")
@bp.output(PlotsOut)
def plots(analysis_id: int) -> PlotsOut:
    """Which plots an analysis has, and what a forest plot can be made of."""
    db = request_session()
    line = queries.line(db, g.member, analysis_id)
    beside = queries.beside(db, line)
    found = pictures.choice(line.run, beside) if line.run else {}
    return PlotsOut(
        plots=[PlotOut(key=key, label=label) for key, label in found.items()],
        formats=list(MEDIA),
        layouts=[PlotOut(key=key, label=one.label) for key, one in LAYOUTS.items()],
        columns=[PlotOut(key=key, label=label) for key, label in beside.fields.items()],
    )


@bp.get("/<int:analysis_id>/plots/<what>")
@bp.input(DressIn, location="query")
@bp.output(FileSchema(type="string", format="binary"), content_type="image/svg+xml")
def plot(analysis_id: int, what: str, query_data: DressIn) -> Any:
    """A plot as a file of the asked-for format."""
    db = request_session()
    line = queries.line(db, g.member, analysis_id)
    run = queries.run(db, line.analysis, query_data.run) if query_data.run else line.run
    beside = queries.beside(db, line)
    if run is None or what not in pictures.choice(run, beside):
        raise NotFound("This analysis has no such plot.")
    columns = [key.strip() for key in query_data.columns.split(",") if key.strip()]
    dress = Dress.of(query_data.layout, columns, bias=query_data.bias, beside=beside)
    kind = query_data.format
    content = pictures.drawn(line, run, what, kind, dress, beside)
    return send_file(io.BytesIO(content), MEDIA[kind], True, f"{bundle.slug(line)}-{what}.{kind}")
