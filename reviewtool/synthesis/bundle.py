"""What the synthesis puts into the zip with everything."""

from collections.abc import Iterator

from sqlmodel import Session

from reviewtool.synthesis import pictures, queries, r_script
from reviewtool.synthesis.queries import Line
from reviewtool.team.models import Member


def slug(line: Line) -> str:
    """A file name of an analysis that stays unique."""
    plain = "".join(c if c.isalnum() else "-" for c in line.title.lower())
    return f"{line.analysis.id:03d}-{'-'.join(p for p in plain.split('-') if p)[:70]}"


def files(db: Session, member: Member) -> Iterator[tuple[str, bytes, str]]:
    """(path in the zip, content, label) of plots, data and scripts of every analysis."""
    for line in queries.lines(db, member.review_id):
        run = line.run
        if run is None:
            continue
        name = slug(line)
        for what, label in pictures.offered(run).items():
            for kind in pictures.MEDIA:
                yield (
                    f"figures/{name}-{what}.{kind}",
                    pictures.picture(line, run, what, kind),
                    f"{label}: {line.title}",
                )
        if run.result.get("studies"):
            yield f"scripts/{name}.csv", r_script.data_csv(run), f"Data of the script: {line.title}"
            script = r_script.script(line, run, f"{name}.csv")
            yield f"scripts/{name}.R", script.encode(), f"Reproduces: {line.title}"
