"""What the synthesis puts into the zip with everything."""

from collections.abc import Iterator

from sqlmodel import Session

from reviewtool.synthesis import pictures, queries, r_script
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.rules.pairwise import ENOUGH_FOR_FUNNEL
from reviewtool.team.models import Member


def slug(line: Line) -> str:
    """A file name of an analysis that stays unique."""
    plain = "".join(c if c.isalnum() else "-" for c in line.title.lower())
    return f"{line.analysis.id:03d}-{'-'.join(p for p in plain.split('-') if p)[:70]}"


def files(db: Session, member: Member) -> Iterator[tuple[str, bytes, str]]:
    """(path in the zip, content, label) of plots, data and scripts of every analysis."""
    for line in queries.lines(db, member.review_id):
        run = line.run
        if run is None or "studies" not in run.result or not run.result["studies"]:
            continue
        name = slug(line)
        for kind in pictures.MEDIA:
            yield (
                f"figures/{name}-forest.{kind}",
                pictures.forest(line, run, kind),
                f"Forest plot: {line.title}",
            )
        if len(run.result["studies"]) >= ENOUGH_FOR_FUNNEL:
            yield (
                f"figures/{name}-funnel.svg",
                pictures.funnel(line, run, "svg"),
                f"Funnel plot: {line.title}",
            )
        if line.planned.kind == "pairwise":
            yield f"scripts/{name}.csv", r_script.data_csv(run), f"Data of the script: {line.title}"
            script = r_script.script(line, run, f"{name}.csv")
            yield f"scripts/{name}.R", script.encode(), f"Reproduces: {line.title}"
