"""The flow diagram of a review: its picture, and the identities that do not hold."""

from collections.abc import Mapping
from typing import Any

from reviewtool.charts import flow as chart
from reviewtool.charts import render
from reviewtool.reporting.rules import flow

def template(counts: Mapping[str, Any]) -> flow.Template:
    """The PRISMA template that fits: with the other-methods column only when it is used."""
    other = ("website_results", "organisation_results", "citations_results")
    used = any(counts.get(key) for key in other)
    return flow.Template.NEW_V2 if used else flow.Template.NEW_V1


def broken(counts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(identity, sentence) of each identity of the method page that does not hold."""
    return [(one.id, one.message) for one in flow.check(counts, template(counts))]


def draw(counts: Mapping[str, Any], kind: str, links: Mapping[str, str]) -> bytes:
    """The diagram as SVG, PDF or PNG; in SVG each number links to its list."""
    return render(chart.FlowDiagram(counts=counts, template=template(counts).value, links=links), kind)
