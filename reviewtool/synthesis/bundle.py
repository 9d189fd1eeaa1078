"""What the synthesis puts into the zip with everything."""

from collections.abc import Callable, Iterator

from sqlmodel import Session

from reviewtool import zip_files
from reviewtool.charts import PACKED
from reviewtool.errors import NotFound
from reviewtool.storage import current_storage
from reviewtool.synthesis import queries
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots import pictures
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import MapResult
from reviewtool.synthesis.rules.dress import Dress
from reviewtool.synthesis.scripts import coordinates, folder
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
        beside = queries.beside(db, line)
        for what, label in pictures.choice(run, beside).items():
            for kind in PACKED:
                yield (
                    f"figures/{name}-{what}.{kind}",
                    pictures.drawn(line, run, what, kind, Dress(), beside),
                    f"{label}: {line.title}",
                )
        for what, table in tables_of(run).items():
            drawn = table(line, run)
            yield f"tables/{name}-{what}.csv", tables.as_file(drawn, "csv"), drawn.title
            if what in IN_WORD:
                yield f"tables/{name}-{what}.docx", tables.as_file(drawn, "docx"), drawn.title
        if folder.reproducible(run):
            for part in folder.parts(line, run):
                yield (
                    f"reproduce/{name}/{part.name}",
                    part.content,
                    f"{part.label}: {line.title}",
                )
        yield from map_files(line, run)


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


def reproduction(line: Line, run: AnalysisRun | None) -> bytes:
    """The zip that reproduces a run. Raises NotFound where it holds no numbers."""
    if run is None:
        raise NotFound(folder.NOTHING)
    name = slug(line)
    return zip_files.write(
        (f"{name}/{part.name}", part.content) for part in folder.parts(line, run)
    )
