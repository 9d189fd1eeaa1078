"""Where the lines of a forest plot stand, and how high the sheet becomes."""

from collections.abc import Iterator
from dataclasses import dataclass

from reviewtool.charts import page
from reviewtool.charts.axis import Axis
from reviewtool.charts.forest_axis import axis_of
from reviewtool.charts.forest_columns import (
    SIDE,
    SMALL,
    Columns,
    Shared,
    bias_names,
    columns_of,
    wrapped,
)
from reviewtool.charts.forest_parts import Forest, Study, Summary

LEAD = 11.0  # from one line of text to the next
INNER = 5.0  # squares at the limits of the axis stay inside the plot


@dataclass(frozen=True)
class Line:
    """One line of the body. kind: title, note, study, summary, overall, events or prediction.

    y: its middle; tall: how high it is; label: the name in one line of text or more.
    more: further columns, each in lines of text. plot_y: where its interval is drawn.
    """

    y: float
    kind: str
    item: Study | Summary | str
    tall: float
    plot_y: float
    label: tuple[str, ...] = ()
    more: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Layout:
    """Positions in points from the top left of the sheet."""

    wide: float
    high: float
    left: float
    right: float
    top: float
    columns: Columns
    scale: Axis
    favours: tuple["Favour", ...]
    span_y: float
    head_y: float
    body_top: float
    row: float
    lines: tuple[Line, ...]
    axis_y: float
    notes_y: float
    notes: tuple[str, ...]
    lights: bool

    def x(self, value: float) -> float:
        """The plot's x of ``value``, also outside the plot; far away rather than infinite."""
        share = min(max(self.scale.share(value), -9.0), 10.0)
        plot = self.columns.plot
        return plot.left + INNER + share * (plot.room - 2 * INNER)

    @property
    def bands(self) -> list[tuple[float, float]]:
        """From where to where upright lines are drawn: all the way, or beside no text."""
        if self.columns.plot.left > self.columns.study.left:
            return [(self.body_top, self.axis_y)]
        drawn = [line for line in self.lines if not isinstance(line.item, str)]
        return [(line.plot_y - 6.5, line.plot_y + 6.5) for line in drawn if line.kind != "events"]


@dataclass(frozen=True)
class Favour:
    """Words on one side of no effect, in lines of text."""

    x: float
    align: page.Align
    lines: tuple[str, ...]


def lay_out(chart: Forest, shared: Shared | None = None, top: float = SIDE) -> Layout:
    """Place columns and lines.

    shared: widths that several plots have in common. top: where the plot begins.
    """
    columns, scale = columns_of(chart, shared), axis_of(chart)
    row = 15.0 if len(chart.studies) <= 40 else 13.0
    left = SIDE / 2 if chart.style.stacked else SIDE
    right = columns.right
    favours = tuple(_favours(chart, columns, scale, left, right))
    words = max((len(one.lines) for one in favours), default=0) * 9.5
    above = words if chart.style.favours == "above" else 0.0
    spans = max((len(span.head) for span in columns.spans), default=0) * LEAD
    heads = max(len(p.head) * LEAD + (LEAD if p.under else 0) for p in columns.headed())
    heads = max(heads, above + len(columns.plot.head) * LEAD)
    span_y = top + 5 + spans
    head_y = span_y + (5 if spans else 0) + heads
    body_top = head_y + 5
    lines, y = _lines(chart, columns, body_top + 3, row)
    axis_y = y + 3
    below = words if words and chart.style.favours == "below" else 0.0
    notes_y = axis_y + 17 + (below + 5 if below else 0) + 10
    notes = _notes(chart, right - left - 8)
    lights = bool(chart.bias) and not chart.style.stacked
    high = notes_y + 11.5 * len(notes) + (16 if lights else 0) + (2 if notes else -2)
    return Layout(
        wide=right + left,
        high=high,
        left=left,
        right=right,
        top=top,
        columns=columns,
        scale=scale,
        favours=favours,
        span_y=span_y,
        head_y=head_y,
        body_top=body_top,
        row=row,
        lines=tuple(lines),
        axis_y=axis_y,
        notes_y=notes_y,
        notes=notes,
        lights=lights,
    )


def _notes(chart: Forest, room: float) -> tuple[str, ...]:
    found = [*chart.notes]
    if chart.bias and not chart.style.stacked:
        pairs = zip(bias_names(chart), chart.bias, strict=True)
        named = [f"{name}: {domain.label or domain.key}" for name, domain in pairs]
        found.append(f"Risk of bias. {'; '.join(named)}.")
    return tuple(piece for note in found for piece in page.wrap(note, room, SMALL))


def _favours(
    chart: Forest, columns: Columns, scale: Axis, left: float, right: float
) -> Iterator[Favour]:
    """Beside no effect where there is room for the words, else in the halves of the plot."""
    if chart.null is None or not any(chart.favours):
        return
    plot = columns.plot
    if chart.style.favours == "above":
        left, right = plot.left, plot.right
    at = plot.left + INNER + min(max(scale.share(chart.null), 0.0), 1.0) * (plot.room - 2 * INNER)
    rooms = (at - 6 - left, right - at - 6)
    needed = [
        max((page.width(word, SMALL) for word in words.split(" ")), default=0.0)
        for words in chart.sides
    ]
    beside = all(
        room >= max(need, min(page.width(words, SMALL), 70.0))
        for room, need, words in zip(rooms, needed, chart.sides, strict=True)
    )
    if not beside:
        half = plot.room / 2 - 5
        rooms = (half, half)
    places: tuple[tuple[float, page.Align], ...] = (
        ((at - 6, "right"), (at + 6, "left"))
        if beside
        else ((plot.left, "left"), (plot.right, "right"))
    )
    for words, room, (x, align) in zip(chart.sides, rooms, places, strict=True):
        if words:
            yield Favour(x, align, tuple(page.wrap(words, min(room, 190.0), SMALL)[:3]))


class _Lines:
    """The body's lines, one after the other."""

    def __init__(self, chart: Forest, columns: Columns, y: float, row: float) -> None:
        self.chart, self.columns, self.y, self.row = chart, columns, y, row
        self.found: list[Line] = []
        self.room = self._notes_room()

    def _notes_room(self) -> float:
        study, plot = self.columns.study, self.columns.plot
        if self.chart.style.stacked:
            return self.columns.right - study.left
        return plot.left - study.left - 8

    def add(self, kind: str, item: Study | Summary | str, label: str, *, bold: bool) -> None:
        """A line with the name ``label``."""
        names = wrapped(label, self.columns.study.room, bold=bold)
        cells = item.more if isinstance(item, Study) else ()
        more = tuple(
            tuple(wrapped(cell, place.room))
            for cell, place in zip(cells, self.columns.more, strict=False)
        )
        count = max(len(names), *(len(m) for m in more), 1)
        tall = max(self.row, LEAD * count + self.row - LEAD)
        middle = self.y + tall / 2
        plot_y = middle
        if self.chart.style.stacked and not isinstance(item, str) and kind != "events":
            plot_y = self.y + tall + 5
            tall += 14
        self.found.append(Line(middle, kind, item, tall, plot_y, tuple(names), more))
        self.y += tall

    def note(self, text: str) -> None:
        """Small words that run under several columns."""
        for piece in page.wrap(text, self.room, SMALL):
            tall = self.row * 0.8
            self.found.append(Line(self.y + tall / 2, "note", piece, tall, self.y))
            self.y += tall

    def title(self, text: str) -> None:
        """The name of a subgroup."""
        for piece in page.wrap(text, self.room, bold=True)[:3]:
            self.found.append(Line(self.y + self.row / 2, "title", piece, self.row, self.y))
            self.y += self.row

    def summary(self, summary: Summary, kind: str) -> None:
        """A diamond and what stands under it."""
        chart = self.chart
        self.add(kind, summary, chart.label(summary, overall=kind == "overall"), bold=True)
        if chart.style.events_below and any(c.parts[:1] == ("Events",) for c in chart.columns):
            self.add("events", summary, "Total events", bold=False)
        if summary.prediction:
            self.add("prediction", summary, chart.style.wording.prediction, bold=False)
        for note in chart.lines_under(summary):
            self.note(note)


def _lines(chart: Forest, columns: Columns, y: float, row: float) -> tuple[list[Line], float]:
    body = _Lines(chart, columns, y, row)
    for i, section in enumerate(chart.sections):
        if i:
            body.y += row * 0.45
        if section.title:
            body.title(section.title)
        for study in section.studies:
            body.add("study", study, study.label, bold=False)
        if section.summary:
            body.summary(section.summary, "summary")
    for summary in chart.overall:
        body.y += row * 0.4
        body.summary(summary, "overall")
    return body.found, body.y
