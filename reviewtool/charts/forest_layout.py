"""Where everything in a forest plot stands: columns as wide as what is in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from reviewtool.charts import page
from reviewtool.charts.axis import Axis
from reviewtool.charts.forest_parts import Forest, Study, Summary
from reviewtool.words import confidence

GAP = 14.0  # between columns
LABEL_MIN, LABEL_MAX = 90.0, 210.0
PLOT = 214.0
SMALL = 8.0
SIDE = 10.0


@dataclass(frozen=True)
class Line:
    """One line of the body. kind: title, note, study, summary, overall or prediction."""

    y: float
    kind: str
    item: Study | Summary | str


@dataclass(frozen=True)
class Layout:
    """Positions in points. ``*_at`` are where text is anchored (numbers at their right)."""

    wide: float
    high: float
    left: float
    right: float
    top: float
    label_at: float
    label_room: float
    cells_at: tuple[float, ...]
    plot_left: float
    plot_right: float
    weight_at: float
    effect_at: float
    body_top: float
    row: float
    square: float
    lines: tuple[Line, ...]
    rule_y: float
    axis_y: float
    notes_y: float
    notes: tuple[str, ...]
    small: float = SMALL

    def x(self, scale: Axis, value: float) -> float:
        """The plot's x of ``value``, also outside the plot; far away rather than infinite."""
        share = min(max(scale.share(value), -9.0), 10.0)
        inner = 5.0  # squares at the limits stay inside
        return self.plot_left + inner + share * (self.plot_right - self.plot_left - 2 * inner)


@dataclass(frozen=True)
class Columns:
    """How wide the columns of a plot without arm columns are, in points."""

    label: float
    plot: float
    effect: float
    weighted: bool

    @classmethod
    def of(cls, charts: Sequence[Forest]) -> "Columns":
        """Wide enough for every one of ``charts``, so that their columns stand in line."""
        return cls(
            max(_label_room(chart) for chart in charts),
            max(_plot_width(chart) for chart in charts),
            max(_effect_width(chart) for chart in charts),
            any(chart.weighted for chart in charts),
        )


def lay_out(chart: Forest, shared: Columns | None = None, top: float = SIDE) -> Layout:
    """Measure every text, then place columns and lines.

    shared: widths that several plots have in common. top: where the plot begins.
    """
    row = 15.0 if len(chart.studies) <= 40 else 13.0
    shared = shared or Columns.of([chart])
    label_room = shared.label
    at = SIDE + 4 + label_room
    cells = []
    for i, column in enumerate(chart.columns):
        at += GAP + _cell_width(chart, i, column.heading, column.under)
        cells.append(at)
    plot_left = at + GAP + 4
    plot_right = plot_left + shared.plot
    weight_at = plot_right
    if shared.weighted:
        weight_at += GAP + page.width("Weight, %", bold=True)
    effect_at = weight_at + GAP + 2 + shared.effect
    right = effect_at + 4
    body_top = top + 33.0
    lines, y = _lines(chart, body_top + row * 0.6, row)
    axis_y = y + 2
    notes_y = axis_y + (40.0 if any(chart.favours) else 27.0)
    notes = tuple(
        piece for note in chart.notes for piece in page.wrap(note, right - SIDE - 8, SMALL)
    )
    high = notes_y + 11.5 * len(notes) + (2 if notes else -6)
    return Layout(
        wide=right + SIDE,
        high=high,
        left=SIDE,
        right=right,
        top=top,
        label_at=SIDE + 4,
        label_room=label_room,
        cells_at=tuple(cells),
        plot_left=plot_left,
        plot_right=plot_right,
        weight_at=weight_at,
        effect_at=effect_at,
        body_top=body_top,
        row=row,
        square=row * 0.72,
        lines=tuple(lines),
        rule_y=notes_y - 8 if notes else high - 3,
        axis_y=axis_y,
        notes_y=notes_y + 4,
        notes=notes,
    )


def _plot_width(chart: Forest) -> float:
    title = page.width(f"{chart.about.axis_title} ({confidence(chart.level)})", bold=True)
    favours = 2 * max(page.width(words, SMALL) for words in chart.favours) + 20
    return max(PLOT, title + 10, min(favours, 2 * PLOT))


def _label_room(chart: Forest) -> float:
    wanted = [page.width(s.label) for s in chart.studies]
    wanted.append(page.width(chart.study_heading, bold=True))
    wanted += [page.width(s.label, bold=True) for s in chart.summaries]
    wanted += [page.width("Prediction interval") for s in chart.summaries if s.prediction]
    return min(max([*wanted, LABEL_MIN]) + 2, LABEL_MAX)


def _cell_width(chart: Forest, i: int, heading: str, under: str) -> float:
    cells = [page.width(s.cells[i]) for s in chart.studies if len(s.cells) > i]
    cells += [page.width(s.cells[i], bold=True) for s in chart.summaries if len(s.cells) > i]
    return max([page.width(heading, bold=True), page.width(under, SMALL), *cells])


def _effect_width(chart: Forest) -> float:
    texts = [page.width(chart.written(s)) for s in chart.studies]
    texts += [page.width(chart.written(s), bold=True) for s in chart.summaries]
    texts += [page.width(chart.span(s.prediction)) for s in chart.summaries if s.prediction]
    heading = page.width(f"{chart.about.short} ({confidence(chart.level)})", bold=True)
    return max([heading, *texts])


def _lines(chart: Forest, y: float, row: float) -> tuple[list[Line], float]:
    lines: list[Line] = []

    def add(kind: str, item: Study | Summary | str, step: float = row) -> None:
        nonlocal y
        lines.append(Line(y, kind, item))
        y += step

    def add_summary(summary: Summary, kind: str) -> None:
        add(kind, summary)
        if summary.prediction:
            add("prediction", summary)
        for note in summary.notes:
            add("note", note, row * 0.85)

    for i, section in enumerate(chart.sections):
        if i:
            y += row * 0.45
        if section.title:
            add("title", section.title)
        for study in section.studies:
            add("study", study)
        if section.summary:
            add_summary(section.summary, "summary")
    for summary in chart.overall:
        y += row * 0.4
        add_summary(summary, "overall")
    return lines, y - row * 0.4
