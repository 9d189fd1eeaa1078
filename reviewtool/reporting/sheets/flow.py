"""The flow diagram of a review: its picture, and the identities that do not hold."""

from collections.abc import Mapping
from typing import Any, cast

from sqlmodel import Session

from reviewtool.charts import Format, Theme
from reviewtool.charts import flow as chart
from reviewtool.charts.kept import drawing
from reviewtool.reporting import queries
from reviewtool.reporting.rules import flow
from reviewtool.storage import drawings_folder
from reviewtool.web.addresses import path_to


def template(counts: Mapping[str, Any]) -> flow.Template:
    """The PRISMA template that fits: with the other-methods column only when it is used."""
    other = ("website_results", "organisation_results", "citations_results")
    used = any(counts.get(key) for key in other)
    return flow.Template.NEW_V2 if used else flow.Template.NEW_V1


def broken(counts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(identity, sentence) of each identity of the method page that does not hold."""
    return [(one.id, one.message) for one in flow.check(counts, template(counts))]


def draw(counts: Mapping[str, Any], kind: str, links: Mapping[str, str]) -> bytes:
    """The diagram as a file of any format; with links (on screen) each number opens its list."""
    figure = chart.Flow(template=template(counts).value, counts=dict(counts), links=dict(links))
    theme: Theme = "screen" if links else "print"
    return drawing(drawings_folder(), figure, cast(Format, kind), theme, "flow")


def links(review_id: int) -> dict[str, str]:
    """Box key -> address of its list."""
    return {key: path_to("reporting.box", review_id=review_id, key=key) for key in queries.BOXES}


def prepare(db: Session, review_id: int) -> None:
    """Draw what the page shows, so that the first reader does not wait."""
    draw(queries.counts(db, review_id), "svg", links(review_id))
