"""The flow diagram of a review: its picture, and the identities that do not hold."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from reviewtool.charts import flow as chart
from reviewtool.charts import Format, render
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
    """The diagram as SVG, PDF or PNG; with links (on screen) each number opens its list."""
    return _drawn(json.dumps(counts, sort_keys=True), kind, tuple(sorted(links.items())))


@lru_cache(maxsize=128)
def _drawn(counts: str, kind: str, links: tuple[tuple[str, str], ...]) -> bytes:
    """Drawing takes a moment and depends on nothing but its arguments."""
    values = json.loads(counts)
    figure = chart.Flow(template=template(values).value, counts=values, links=dict(links))
    return render(figure, cast(Format, kind), "screen" if links else "print", "flow")
