"""The columns of a forest plot: where each stands and what is written over it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reviewtool.charts import page
from reviewtool.charts.forest_parts import Forest, Study, Summary
from reviewtool.words import num, out_of_hundred

GAP = 13.0  # between columns
LABEL_MIN, LABEL_MAX = 100.0, 176.0
MORE_MAX = 92.0
PLOT = 206.0
NARROW = 252.0  # all of a stacked plot
LIGHT = 13.5  # from one light of bias to the next
SMALL = 8.0
SIDE = 10.0


@dataclass(frozen=True)
class Place:
    """A column. x: where its text is anchored. head: lines over it, the last at the bottom;
    under: a smaller one below these."""

    left: float
    right: float
    align: page.Align
    head: tuple[str, ...] = ()
    under: str = ""

    @property
    def x(self) -> float:
        """Where text is anchored."""
        if self.align == "center":
            return (self.left + self.right) / 2
        return self.left if self.align == "left" else self.right

    @property
    def room(self) -> float:
        """How wide it is."""
        return self.right - self.left


@dataclass(frozen=True)
class Span:
    """A heading over several columns, with a rule below it."""

    left: float
    right: float
    head: tuple[str, ...]


@dataclass(frozen=True)
class Shared:
    """How wide the columns of several plots are that stand in line."""

    label: float
    plot: float
    effect: float
    weighted: bool

    @classmethod
    def of(cls, charts: Sequence[Forest]) -> "Shared":
        """Wide enough for every one of ``charts``."""
        return cls(
            max(_label_room(chart) for chart in charts),
            PLOT,
            max(_effect_width(chart) for chart in charts),
            any(chart.weighted for chart in charts),
        )


@dataclass
class Columns:
    """All columns of one plot, in points from the left of the sheet."""

    study: Place = field(default_factory=lambda: Place(0, 0, "left"))
    more: list[Place] = field(default_factory=list)
    arms: list[Place] = field(default_factory=list)
    weight: Place | None = None
    effect: Place = field(default_factory=lambda: Place(0, 0, "right"))
    plot: Place = field(default_factory=lambda: Place(0, 0, "center"))
    bias: list[Place] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    right: float = 0.0

    def headed(self) -> Iterator[Place]:
        """Every column with a heading of its own."""
        yield from (self.study, *self.more, *self.arms, self.effect, self.plot, *self.bias)
        if self.weight is not None:
            yield self.weight


def arm_cells(chart: Forest, line: Study | Summary) -> list[str]:
    """What stands in the arm columns of a line, joined or not as the layout has it."""
    found, at = [], 0
    for column in chart.columns:
        cells = line.cells[at : at + column.cells]
        at += column.cells
        if chart.style.split and column.parts:
            found += [*cells, *[""] * (column.cells - len(cells))]
        else:
            found.append(column.joined(cells))
    return found


def weight_of(chart: Forest, weight: float | None) -> str:
    """A weight in per cent, with the sign where the layout has it."""
    if weight is None:
        return ""
    return out_of_hundred(weight, 1) if chart.style.percent else num(weight, 1)


def columns_of(chart: Forest, shared: Shared | None = None) -> Columns:
    """Measure every text, then place the columns in the order of the layout."""
    shared = shared or Shared.of([chart])
    found = Columns()
    if chart.style.stacked:
        return _stacked(chart, shared, found)
    at = SIDE + 4
    for kind in chart.style.order:
        start = at
        if kind == "study":
            heading = chart.study_heading
            if heading == "Study":
                heading = chart.style.study or heading
            head = tuple(page.wrap(heading, shared.label, bold=True))
            found.study = Place(at, at + shared.label, "left", head)
            at = found.study.right
        elif kind == "more":
            at = _more(chart, found, at)
        elif kind == "arms":
            at = _arms(chart, found, at)
        elif kind == "weight" and shared.weighted:
            wide = page.width(chart.style.weight, bold=True)
            found.weight = Place(at, at + wide, "right", (chart.style.weight,))
            at += wide
        elif kind == "effect":
            at = _effect(chart, shared, found, at)
        elif kind == "plot":
            at = _plot(chart, shared, found, at)
        elif kind == "bias" and chart.bias:
            at = _bias(chart, found, at)
        at += GAP if at > start else 0
    found.right = at - GAP + 4
    return found


def _stacked(chart: Forest, shared: Shared, found: Columns) -> Columns:
    right = SIDE / 2 + NARROW
    wide = min(shared.effect, NARROW - 60)
    found.study = Place(SIDE / 2, right - wide - 8, "left", (chart.study_heading,))
    head = _heading(chart.heading(chart.style.effect), wide)
    found.effect = Place(right - wide, right, "right", tuple(head))
    found.plot = Place(SIDE / 2, right, "center")
    found.right = right
    return found


def _more(chart: Forest, found: Columns, at: float) -> float:
    for i, column in enumerate(chart.more):
        cells = [s.more[i] for s in chart.studies if len(s.more) > i]
        wide = min(max([_word(column.heading), *map(page.width, cells)]) + 1, MORE_MAX)
        # Numbers end under each other, words begin there.
        numbers = all(
            cell.replace(".", "").strip("\u2212\u2013<>%\u202f ").isdigit()
            for cell in cells
            if cell
        )
        head = tuple(page.wrap(column.heading, wide, bold=True))
        found.more.append(Place(at, at + wide, "right" if numbers else "left", head))
        at += wide + GAP
    return at - GAP if chart.more else at


def _arms(chart: Forest, found: Columns, at: float) -> float:
    if not chart.columns:
        return at
    lines: list[Study | Summary] = [*chart.studies, *chart.summaries]
    cells = [arm_cells(chart, line) for line in lines]
    bold = [isinstance(line, Summary) for line in lines]
    index, start = 0, at
    for column in chart.columns:
        first = at
        names = column.parts if chart.style.split and column.parts else (column.heading,)
        for name in names:
            widths = [page.width(c[index], bold=b) for c, b in zip(cells, bold, strict=True)]
            under = "" if column.parts and chart.style.split else column.under
            if chart.style.over:
                under = ""
            least = max(*widths, _word(name), page.width(under, SMALL), 0.0)
            wide = max(least, min(page.width(name, bold=True), 84.0))
            head = tuple(_few(page.wrap(name, wide, bold=True), wide))
            found.arms.append(Place(at, at + wide, "right", head, under))
            at += wide + GAP * (0.7 if len(names) > 1 else 1)
            index += 1
        if len(names) > 1:
            at += GAP * 0.3
            at = _spanned(found, column.heading, first, at - GAP, len(names)) + GAP
    unders = {column.under for column in chart.columns if column.under}
    if chart.style.over and len(unders) == 1:
        words = unders.pop()
        words = chart.style.under.get(words, words)
        at = _spanned(found, words, start, at - GAP, len(found.arms)) + GAP
    return at - GAP


def _spanned(found: Columns, heading: str, left: float, right: float, count: int) -> float:
    """Put a heading over the last ``count`` columns; they move apart where it is wider."""
    needed = max(_word(heading), min(page.width(heading, bold=True), 110.0))
    spread = max(0.0, needed - (right - left)) / count
    for i, place in enumerate(found.arms[-count:]):
        moved = Place(
            place.left + i * spread,
            place.right + (i + 1) * spread,
            place.align,
            place.head,
            place.under,
        )
        found.arms[i - count] = moved
    right += spread * count
    head = _few(page.wrap(heading, right - left, bold=True), right - left)
    found.spans.append(Span(left, right, tuple(head)))
    return right


def _effect(chart: Forest, shared: Shared, found: Columns, at: float) -> float:
    under = chart.heading(chart.style.effect_under)
    wide = max(shared.effect, page.width(under, SMALL))
    head = _heading(chart.heading(chart.style.effect), wide)
    found.effect = Place(at, at + wide, "right", tuple(head), under)
    return at + wide


def _plot(chart: Forest, shared: Shared, found: Columns, at: float) -> float:
    under = chart.heading(chart.style.plot_under)
    head = tuple(_heading(chart.heading(chart.style.plot), shared.plot))
    found.plot = Place(at, at + shared.plot, "center", head if any(head) else (), under)
    return at + shared.plot


def _bias(chart: Forest, found: Columns, at: float) -> float:
    for i, name in enumerate(bias_names(chart)):
        left = at + i * LIGHT
        found.bias.append(Place(left, left + LIGHT, "center", (name,)))
    wide = LIGHT * len(chart.bias)
    needed = page.width("Risk of", bold=True)
    right = at + max(wide, needed)
    head = page.wrap("Risk of bias", right - at, bold=True)
    found.spans.append(Span(at, right, tuple(head)))
    return right


def bias_names(chart: Forest) -> list[str]:
    """What stands over each light: letters where keys are too long for it."""
    keys = [domain.key for domain in chart.bias]
    if not chart.style.letters and all(page.width(k, bold=True) <= LIGHT - 1 for k in keys):
        return keys
    return [chr(ord("A") + i % 26) for i in range(len(keys))]


def _heading(text: str, room: float) -> list[str]:
    """A heading in lines; the name of the interval stays together."""
    kept = text.replace("% CI", "%\u00a0CI")
    return [line.replace("\u00a0", " ") for line in page.wrap(kept, room, bold=True)]


def _word(text: str) -> float:
    """The widest word of a heading, up to what any column has room for."""
    return min(max((page.width(w, bold=True) for w in text.split(" ")), default=0.0), 84.0)


def _few(lines: Sequence[str], room: float, most: int = 3) -> list[str]:
    """At most ``most`` lines, the last cut where there were more."""
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], page.clip(" ".join(lines[most - 1 :]), room, bold=True)]


def wrapped(text: str, room: float, *, bold: bool = False) -> list[str]:
    """A name in at most three lines."""
    lines = page.wrap(" ".join(text.split()), room, bold=bold)
    if len(lines) <= 3:
        return lines
    return [*lines[:2], page.clip(" ".join(lines[2:]) + " …", room, bold=bold)]


def _label_room(chart: Forest) -> float:
    wanted = [page.width(s.label) for s in chart.studies]
    wanted.append(page.width(chart.study_heading, bold=True))
    wanted += [page.width(chart.label(s, overall=True), bold=True) for s in chart.overall]
    wanted += [
        page.width(chart.label(s.summary, overall=False), bold=True)
        for s in chart.sections
        if s.summary
    ]
    if any(s.prediction for s in chart.summaries):
        wanted.append(page.width(chart.style.wording.prediction))
    return min(max([*wanted, LABEL_MIN]) + 2, LABEL_MAX)


def _effect_width(chart: Forest) -> float:
    texts = [page.width(chart.written(s)) for s in chart.studies]
    texts += [page.width(chart.written(s), bold=True) for s in chart.summaries]
    texts += [page.width(chart.span(s.prediction)) for s in chart.summaries if s.prediction]
    heading = chart.heading(chart.style.effect)
    words = heading.replace("% CI", "%\u00a0CI").split(" ")
    least = max((page.width(w, bold=True) for w in words), default=0.0)
    return max([least, min(page.width(heading, bold=True), 96.0), *texts])
