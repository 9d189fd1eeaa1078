"""The PRISMA 2020 flow diagram, from counts by the names of its boxes.

Source of boxes and templates: Page et al. 2021, BMJ 372:n71, figure 1 and its variants.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reviewtool.charts import page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.flow_boxes import Box, columns_of, text_of

BOX, GAP, PAD = 164.0, 26.0, 7.0
SIZE, STEP = 8.5, 11.5
BAND_WIDE, HEAD_HIGH = 17.0, 22.0
Counts = Mapping[str, int | Mapping[str, int]]
TEMPLATES = ("new_v1", "new_v2", "updated_v1", "updated_v2")


@dataclass(frozen=True)
class Flow:
    """A flow diagram. counts: by box key (absent ones are 0; reasons are a mapping).

    links: box key -> address of the list behind the number. wrong: keys of counts that
    do not add up, drawn in the warning colour with a note.
    """

    template: str
    counts: Counts
    links: Mapping[str, str] = field(default_factory=dict)
    wrong: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    title: str = "PRISMA 2020 flow diagram"


@dataclass(frozen=True)
class Placed:
    """A box with its lines, in points."""

    box: Box
    left: float
    top: float
    high: float
    lines: tuple[tuple[str, str], ...]  # (key, text)

    @property
    def middle(self) -> float:
        """Half its height down."""
        return self.top + self.high / 2


def place(chart: Flow) -> tuple[list[Placed], dict[int, tuple[float, float]]]:
    """Every box with its place, and the top and bottom of each row."""
    boxes = columns_of(chart.template, chart.counts)
    broken = {}
    for box in boxes:
        lines = []
        for key, text, indent in text_of(box, chart.counts):
            room = BOX - 2 * PAD - (8 if indent else 0)
            for part in page.wrap(text, room, SIZE):
                lines.append((key, ("\u2003" if indent else "") + part))
        broken[box.name] = tuple(lines)
    rows: dict[int, tuple[float, float]] = {}
    top = 10 + HEAD_HIGH + 12.0
    for row in sorted({box.row for box in boxes}):
        high = max(
            (
                len(broken[b.name]) * STEP + 2 * PAD - 1
                for b in boxes
                if b.row == row and b.span == 1
            ),
            default=34.0,
        )
        rows[row] = (top, top + max(high, 34.0))
        top = rows[row][1] + 20
    placed = []
    for box in boxes:
        left = 10 + BAND_WIDE + 10 + box.column * (BOX + GAP)
        start, end = rows[box.row][0], rows[box.row + box.span - 1][1]
        placed.append(Placed(box, left, start, end - start, broken[box.name]))
    return placed, rows


def draw(chart: Flow) -> page.Page:
    """The diagram as a sheet. Raises NothingToDraw for an unknown template."""
    if chart.template not in TEMPLATES:
        raise NothingToDraw(
            what=f"there is no template {chart.template!r}",
            remedy=f"Choose one of {', '.join(TEMPLATES)}.",
        )
    placed, rows = place(chart)
    columns = max(p.box.column for p in placed) + 1
    wide = 10 + BAND_WIDE + 10 + columns * BOX + (columns - 1) * GAP + 10
    notes = [line for note in chart.notes for line in page.wrap(note, wide - 20, 8)]
    if chart.wrong:
        notes.insert(0, "Numbers marked † do not add up.")
    bottom = max(end for _, end in rows.values())
    sheet = page.Page(
        wide,
        bottom + 12 + (6 + 11 * len(notes) if notes else 0),
        chart.title,
        describe(chart, placed),
    )
    _phases(sheet, rows)
    _heads(sheet, placed)
    for one in placed:
        _box(sheet, chart, one)
    _arrows(sheet, placed)
    for i, line in enumerate(notes):
        sheet.text(12, bottom + 18 + 11 * i, line, size=8, colour=page.MUTED)
    return sheet


def describe(chart: Flow, placed: list[Placed]) -> str:
    """Every box in words, in reading order."""
    texts = []
    for one in placed:
        texts.append(" ".join(text.strip() for _, text in one.lines) + ".")
    return " ".join(texts)


def _phases(sheet: page.Page, rows: dict[int, tuple[float, float]]) -> None:
    last = max(rows)
    groups = (
        ("Identification", [0]),
        ("Screening", [r for r in rows if 0 < r <= 3]),
        ("Included", [r for r in rows if r > 3]),
    )
    for words, members in groups:
        if not members:
            continue
        start, end = rows[min(members)][0], rows[max(members)][1]
        sheet.box(10, start, BAND_WIDE, end - start, fill=page.SHADE)
        size = 8.5 if page.width(words, 8.5, True) < end - start - 4 else 6.5
        sheet.text(
            10 + BAND_WIDE / 2,
            (start + end) / 2,
            words,
            align="center",
            bold=True,
            turned=True,
            size=size,
        )
    assert last in rows


def _heads(sheet: page.Page, placed: list[Placed]) -> None:
    words = {
        "previous": "Previous studies",
        "dbr": "New studies via databases and registers",
        "other": "New studies via other methods",
    }
    updated = any(p.box.stream == "previous" for p in placed)
    for stream, text in words.items():
        mine = [p for p in placed if p.box.stream == stream]
        if not mine:
            continue
        if not updated:
            text = text.replace("New studies", "Studies identified")
        left, right = min(p.left for p in mine), max(p.left for p in mine) + BOX
        sheet.box(left, 10, right - left, HEAD_HIGH, fill=page.SHADE)
        sheet.text(
            (left + right) / 2,
            10 + HEAD_HIGH / 2,
            page.clip(text, right - left - 8, SIZE, True),
            align="center",
            bold=True,
            size=SIZE,
        )


def _box(sheet: page.Page, chart: Flow, one: Placed) -> None:
    sheet.box(
        one.left,
        one.top,
        BOX,
        one.high,
        fill="none",
        edge=page.INK,
        thick=0.8,
        name=f"box-{one.box.name}",
    )
    top = one.middle - (len(one.lines) - 1) * STEP / 2
    named: set[str] = set()
    for i, (key, text) in enumerate(one.lines):
        url = chart.links.get(key, "")
        wrong = key in chart.wrong
        ends = i + 1 == len(one.lines) or one.lines[i + 1][0] != key
        colour = page.HIGH if wrong else page.ACCENT if url else page.INK
        sheet.text(
            one.left + PAD + (8 if text.startswith("\u2003") else 0),
            top + i * STEP,
            text.strip() + (" †" if wrong and ends else ""),
            size=SIZE,
            colour=colour,
            url=url,
            name=f"count-{key}" if key and key not in named else "",
        )
        named.add(key)


def _arrows(sheet: page.Page, placed: list[Placed]) -> None:
    at = {one.box.name: one for one in placed}
    for one in placed:
        for name in one.box.to:
            if name not in at:
                continue
            other = at[name]
            if other.box.column == one.box.column:
                x = one.left + BOX / 2
                sheet.arrow([x, x], [one.top + one.high, other.top - 0.5])
            elif other.box.row == one.box.row:
                y = min(one.middle, other.middle) if one.high != other.high else one.middle
                sheet.arrow([one.left + BOX, other.left - 0.5], [y, y])
            else:  # down, then across into the side of the box
                x = one.left + BOX / 2
                edge = other.left + BOX + 0.5 if other.left < one.left else other.left - 0.5
                sheet.arrow([x, x, edge], [one.top + one.high, other.middle, other.middle])
