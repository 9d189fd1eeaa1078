"""A forest plot over A4 pages: headings and axis on each, what is pooled at the end."""

from dataclasses import replace

from reviewtool.charts import forest, page
from reviewtool.charts.forest_layout import Layout, Line, lay_out
from reviewtool.charts.forest_parts import Forest

SHORT, LONG = 595.28, 841.89  # A4, in points
MARGIN, HEAD, FOOT = 34.0, 20.0, 14.0
LEAST = 0.8  # text is not set smaller than this part of its size on an upright page


def draw(chart: Forest) -> list[page.Page]:
    """The plot on as many pages as it takes. Raises NothingToDraw when no study is given."""
    forest.check(chart)
    layout = lay_out(chart, top=HEAD)
    scale, wide, high = _paper(layout.wide)
    room = (high - 2 * MARGIN) / scale - FOOT
    parts = _parts(layout, room)
    description = forest.describe(chart)
    pages = []
    for number, lines in enumerate(parts, 1):
        last = number == len(parts)
        shown = _moved(layout, lines, last=last)
        sheet = page.Page(wide / scale, high / scale, chart.title, description, scale)
        sheet.move((wide / scale - layout.wide) / 2, MARGIN / scale)
        title = page.clip(chart.title, layout.right - layout.left - 8, 10.5, bold=True)
        sheet.text(layout.columns.study.left, 9, title, size=10.5, bold=True)
        forest.put(sheet, chart, shown)
        if len(parts) > 1:
            words = f"Page {number} of {len(parts)}"
            sheet.text(layout.right, room + FOOT - 4, words, align="right", size=8)
        pages.append(sheet)
    return pages


def _paper(needed: float) -> tuple[float, float, float]:
    """How much smaller the plot is drawn, and the width and height of the paper."""
    scale = min(1.0, (SHORT - 2 * MARGIN) / needed)
    if scale >= LEAST:
        return scale, SHORT, LONG
    return min(1.0, (LONG - 2 * MARGIN) / needed), LONG, SHORT


def _parts(layout: Layout, room: float) -> list[list[Line]]:
    """The lines of each page. A title stays with the line below it, a diamond with its words."""
    below = layout.high - layout.axis_y  # what stands under the last line
    axis = 45.0  # on the pages before: ticks and the words of both sides
    space = room - layout.body_top
    parts: list[list[Line]] = [[]]
    start = layout.body_top
    groups = _groups(layout.lines)
    for i, group in enumerate(groups):
        end = group[-1].y + group[-1].tall / 2
        needed = below if i == len(groups) - 1 else axis
        if parts[-1] and end - start + needed > space:
            parts.append([])
            start = group[0].y - group[0].tall / 2
        parts[-1] += group
    return parts


def _groups(lines: tuple[Line, ...]) -> list[list[Line]]:
    """Lines that are not parted: titles with the first study, everything from the first
    overall diamond on, and each subtotal with the study before it and the words below it."""
    groups: list[list[Line]] = []
    glued = False
    for line in lines:
        starts = line.kind in ("title", "study") and not glued
        if line.kind == "overall" and not any(x.kind == "overall" for g in groups for x in g):
            starts = True
        if starts or not groups:
            groups.append([line])
        else:
            groups[-1].append(line)
        glued = line.kind == "title"
    return groups


def _moved(layout: Layout, lines: list[Line], *, last: bool) -> Layout:
    """The layout with these lines alone, under the headings."""
    up = lines[0].y - lines[0].tall / 2 - layout.body_top - 3
    moved = tuple(replace(x, y=x.y - up, plot_y=x.plot_y - up) for x in lines)
    axis_y = moved[-1].y + moved[-1].tall / 2 + 3
    shift = axis_y - layout.axis_y
    return replace(
        layout,
        lines=moved,
        axis_y=axis_y,
        notes_y=layout.notes_y + shift,
        notes=layout.notes if last else (),
        lights=layout.lights and last,
    )
