"""What the synthesis puts into the zip with everything."""

from collections.abc import Callable, Iterator

from sqlmodel import Session

from reviewtool.charts import PACKED
from reviewtool.storage import current_storage
from reviewtool.synthesis import queries
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots import pictures
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import (
    MapResult,
    NarrativeResult,
    NetworkResult,
    OverTimeResult,
    PairwiseResult,
)
from reviewtool.synthesis.scripts import coordinates, network, over_time, pairwise
from reviewtool.synthesis.sheets import directions, tables
from reviewtool.synthesis.sheets.tables import Table
from reviewtool.team.models import Member

IN_WORD = {"league", "directions"}  # tables that papers print


def tables_of(run: AnalysisRun) -> dict[str, Callable[[Line, AnalysisRun], Table]]:
    """The tables that a run has as files: key -> what writes it."""
    told = {"directions": directions.table} if directions.directions_of(run.result) else {}
    return tables.offered(run.result) | told


def plain_name(title: str) -> str:
    """A title as a part of a file name.

    >>> plain_name("Pain (VAS), 3 months: acupuncture versus sham")
    'pain-vas-3-months-acupuncture-versus-sham'
    """
    plain = "".join(c if c.isalnum() else "-" for c in title.lower())
    return "-".join(p for p in plain.split("-") if p)[:70]


def slug(line: Line) -> str:
    """A file name of an analysis that stays unique."""
    return f"{line.analysis.id:03d}-{plain_name(line.title)}"


def files(db: Session, member: Member) -> Iterator[tuple[str, bytes, str]]:
    """(path in the zip, content, label) of plots, data and scripts of every analysis."""
    for line in queries.lines(db, member.review_id):
        run = line.run
        if run is None:
            continue
        name = slug(line)
        for what, label in pictures.offered(run).items():
            for kind in PACKED:
                yield (
                    f"figures/{name}-{what}.{kind}",
                    pictures.picture(line, run, what, kind),
                    f"{label}: {line.title}",
                )
        for what, table in tables_of(run).items():
            drawn = table(line, run)
            yield f"tables/{name}-{what}.csv", tables.as_file(drawn, "csv"), drawn.title
            if what in IN_WORD:
                yield f"tables/{name}-{what}.docx", tables.as_file(drawn, "docx"), drawn.title
        if scripted(run):
            yield f"scripts/{name}.csv", data(run), f"Data of the script: {line.title}"
            text = script(line, run).encode()
            yield f"scripts/{name}.{language(run)}", text, f"Reproduces: {line.title}"
        yield from map_files(line, run)


def scripted(run: AnalysisRun) -> bool:
    """Whether the run holds the numbers a script starts from."""
    result = run.result
    if isinstance(result, MapResult):
        return True
    if isinstance(result, NarrativeResult):
        return False
    return bool(result.contrasts if isinstance(result, NetworkResult) else result.studies)


def language(run: AnalysisRun) -> str:
    """The ending of a run's script: R, or Python for brain maps."""
    return "py" if isinstance(run.result, MapResult) else "R"


def map_files(line: Line, run: AnalysisRun) -> Iterator[tuple[str, bytes, str]]:
    """Clusters, foci and images of a brain map; nothing for other runs."""
    result, name = run.result, slug(line)
    if not isinstance(result, MapResult):
        return
    clusters = coordinates.clusters_csv(result)
    yield f"brain/{name}-clusters.csv", clusters, f"Clusters: {line.title}"
    foci = coordinates.as_sleuth(run.inputs.experiments).encode()
    yield f"brain/{name}.sleuth.txt", foci, f"Foci as Sleuth text: {line.title}"
    for what, sha256 in result.images.items():
        image = current_storage().read(sha256)
        yield f"brain/{name}-{what}.nii.gz", image, f"NIfTI image ({what}): {line.title}"


def script(line: Line, run: AnalysisRun) -> str:
    """The script that reproduces a run; it reads ``data`` from a file beside it."""
    name = f"{slug(line)}.csv"
    if isinstance(run.result, MapResult):
        return coordinates.script(line, run, run.result, name)
    if isinstance(run.result, NetworkResult):
        return network.script(line, run, run.result, name)
    if isinstance(run.result, OverTimeResult):
        return over_time.script(line, run, run.result, name)
    return pairwise.script(line, run, _pooled(run), name)


def data(run: AnalysisRun) -> bytes:
    """The data of the script, as CSV."""
    if isinstance(run.result, MapResult):
        return coordinates.data_csv(run)
    if isinstance(run.result, NetworkResult):
        return network.data_csv(run.result)
    if isinstance(run.result, OverTimeResult):
        return over_time.data_csv(run.result)
    return pairwise.data_csv(run, _pooled(run))


def _pooled(run: AnalysisRun) -> PairwiseResult:
    if not isinstance(run.result, PairwiseResult):
        raise TypeError("this run has no numbers that a script could reproduce")
    return run.result
