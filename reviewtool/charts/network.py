"""The geometry of a network: treatments as circles, direct comparisons as lines."""

import math
from dataclasses import dataclass

from reviewtool.charts import page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.words import thousands

RADIUS = 140.0


@dataclass(frozen=True)
class Node:
    """A treatment and how many were randomised to it (sets the circle's area)."""

    name: str
    participants: float | None = None


@dataclass(frozen=True)
class Edge:
    """A direct comparison of two treatments and its number of studies (sets the width)."""

    first: str
    second: str
    studies: int


@dataclass(frozen=True)
class Geometry:
    """The network graph, treatments on a circle in the order given."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    title: str = "Network of comparisons"
    notes: tuple[str, ...] = ()


def draw(chart: Geometry) -> page.Page:
    """The graph as a sheet. Raises NothingToDraw without treatments."""
    if not chart.nodes:
        raise NothingToDraw(what="the network has no treatments", remedy="Extract a study first.")
    side = max(page.width(node.name) for node in chart.nodes) + 44
    side = min(side, 190.0)
    wide, high = 2 * (RADIUS + side), 2 * RADIUS + 96
    words = f"Network of {len(chart.nodes)} treatments and {len(chart.edges)} direct comparisons."
    notes = [line for note in chart.notes for line in page.wrap(note, wide - 30, 8)]
    sheet = page.Page(wide, high + 11 * len(notes), chart.title, words)
    for i, note in enumerate(notes):
        sheet.text(14, high - 4 + 11 * i, note, size=8, colour=page.MUTED)
    place = {}
    for i, node in enumerate(chart.nodes):
        angle = math.tau * i / len(chart.nodes) - math.pi / 2
        place[node.name] = (
            wide / 2 + RADIUS * math.cos(angle),
            high / 2 + RADIUS * math.sin(angle),
        )
    most = max((e.studies for e in chart.edges), default=1)
    for edge in chart.edges:
        (ax, ay), (bx, by) = place[edge.first], place[edge.second]
        thick = 0.8 + 6.0 * edge.studies / most
        sheet.line([ax, bx], [ay, by], colour=page.SOFT, thick=thick, order=1)
    if len(chart.edges) <= 24:
        _counts(sheet, chart, place)
    largest = max((n.participants or 0 for n in chart.nodes), default=0)
    for node in chart.nodes:
        _node(sheet, node, place[node.name], (wide / 2, high / 2), largest, side)
    return sheet


def _counts(sheet: page.Page, chart: Geometry, place: dict[str, tuple[float, float]]) -> None:
    """The number of studies on each line, off its middle where lines cross."""
    for edge in chart.edges:
        (ax, ay), (bx, by) = place[edge.first], place[edge.second]
        x, y = ax + 0.4 * (bx - ax), ay + 0.4 * (by - ay)
        label = str(edge.studies)
        half = page.width(label, 8) / 2 + 2.5
        sheet.box(x - half, y - 6, 2 * half, 12, fill=page.SURFACE, order=1.5)
        sheet.text(x, y, label, align="center", size=8)


def _node(
    sheet: page.Page,
    node: Node,
    at: tuple[float, float],
    centre: tuple[float, float],
    largest: float,
    side: float,
) -> None:
    x, y = at
    share = (node.participants or 0) / largest if largest else 0.3
    radius = 4 + 10 * share**0.5
    sheet.circle(x, y, radius, fill=page.ACCENT, edge=page.SURFACE, thick=1.0, order=3)
    away = math.atan2(y - centre[1], x - centre[0])
    tx, ty = x + (radius + 7) * math.cos(away), y + (radius + 10) * math.sin(away)
    cos = math.cos(away)
    align: page.Align = "center" if abs(cos) < 0.2 else ("left" if cos > 0 else "right")
    second = f"n = {thousands(node.participants)}" if node.participants is not None else ""
    shift = 5.5 if second else 0.0
    if abs(cos) < 0.2:  # above or below the circle: both lines on the outer side
        ty += -shift if math.sin(away) < 0 else shift
    sheet.text(tx, ty - shift, page.clip(node.name, side - 20), align=align)
    sheet.text(tx, ty + shift, second, align=align, size=8, colour=page.MUTED)
