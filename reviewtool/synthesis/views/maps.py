"""A brain map as files: images, clusters, foci."""

import io

from flask import request, send_file
from flask.typing import ResponseReturnValue

from reviewtool.errors import NotFound
from reviewtool.storage import current_storage
from reviewtool.synthesis import bundle, queries
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.results import MapResult
from reviewtool.synthesis.scripts import coordinates
from reviewtool.synthesis.views import looks
from reviewtool.synthesis.views.blueprint import bp


def _map_run(analysis_id: int) -> tuple[queries.Line, AnalysisRun, MapResult]:
    """An analysis with the asked-for run of a brain map. Raises NotFound for anything else."""
    line, run = looks.asked(analysis_id)
    if run is None or not isinstance(run.result, MapResult):
        raise NotFound("This analysis has no brain map yet.")
    return line, run, run.result


@bp.get("/<int:analysis_id>/<any(value, shown, z):what>.nii.gz")
def image(analysis_id: int, what: str) -> ResponseReturnValue:
    """A brain map as a NIfTI file: all values, those that stand, or their z values."""
    line, _, result = _map_run(analysis_id)
    content = current_storage().read(result.images[what])
    name = f"{bundle.slug(line)}-{what}.nii.gz"
    return send_file(io.BytesIO(content), "application/gzip", True, name)


@bp.get("/<int:analysis_id>/clusters.csv")
def clusters(analysis_id: int) -> ResponseReturnValue:
    """The clusters of a brain map as a table."""
    line, _, result = _map_run(analysis_id)
    content = coordinates.clusters_csv(result)
    name = f"{bundle.slug(line)}-clusters.csv"
    return send_file(io.BytesIO(content), "text/csv", True, name)


@bp.get("/<int:analysis_id>/foci.txt")
def foci(analysis_id: int) -> ResponseReturnValue:
    """The experiments of a brain map as Sleuth text; ``?side=2`` those of the other map."""
    line, run, _ = _map_run(analysis_id)
    second = request.args.get("side", type=int) == 2
    found = run.inputs.others if second else run.inputs.experiments
    name = f"{bundle.slug(line)}{'-other' if second else ''}.sleuth.txt"
    text = coordinates.as_sleuth(found).encode()
    return send_file(io.BytesIO(text), "text/plain", True, name)
