"""The form of a copy as pages and API show it: sections, arms, grids, cell by cell."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reviewtool.extraction.models import Entry
from reviewtool.extraction.rules import cells as paths
from reviewtool.extraction.rules import foci
from reviewtool.extraction.rules.cells import (
    ARM_PARTS,
    CONTRAST_PARTS,
    MOST_ARMS,
    Asked,
    Form,
)
from reviewtool.extraction.rules.formulas import formulas_for
from reviewtool.extraction.rules.values import Problem, by_path, is_number, options_of

SPARE = 5  # empty rows below the foci of an experiment


@dataclass(frozen=True)
class CellView:
    """One cell with everything a page says about it."""

    path: str
    label: str
    head: str
    kind: str = "text"
    options: Sequence[str] = ()
    required: bool = False
    value: str = ""
    problem: str = ""
    quote: str = ""
    page: str = ""
    derived: str = ""
    note: str = ""
    report_id: int | None = None
    can_compute: bool = False
    revision: int = 0
    stored: str = ""

    @property
    def made_from(self) -> str:
        """What a form says its cell was made from: the revision, and the value it showed."""
        return f"{self.revision}|{self.stored}"

    @property
    def id(self) -> str:
        """An id for HTML: every path gives another one."""
        return "c-" + re.sub(r"[^\w-]", lambda m: f"_{ord(m[0]):x}_", self.path)

    @property
    def has_source(self) -> bool:
        """Whether quote, page, formula or note is known."""
        return bool(self.quote or self.page or self.derived or self.note)


@dataclass(frozen=True)
class ArmLine:
    """A row of a grid."""

    number: int
    name: str
    cells: Sequence[CellView]


@dataclass(frozen=True)
class ExperimentView:
    """An experiment with its foci, and rows for more of them."""

    number: int
    name: str
    cells: Sequence[CellView]
    foci: Sequence[ArmLine]
    filled: int


@dataclass(frozen=True)
class Grid:
    """An outcome at a time point: groups by row, and comparisons."""

    asked: Asked
    timepoint: str
    heads: Sequence[str]
    groups: Sequence[ArmLine]
    contrast_heads: Sequence[str]
    contrasts: Sequence[ArmLine]
    closes: bool = False

    @property
    def title(self) -> str:
        """Outcome and time point in words."""
        return self.asked.head(self.timepoint)

    @property
    def is_last(self) -> bool:
        """Whether another time of its outcome may be added below it."""
        return self.closes and self.asked.any_time

    @property
    def has_contrast(self) -> bool:
        """Whether any comparison is filled."""
        return any(cell.value for line in self.contrasts for cell in line.cells)


View = Callable[[str, str], CellView]


@dataclass
class Sheet:
    """The whole form of one copy."""

    sections: list[tuple[str, list[CellView]]] = field(default_factory=list)
    arms: list[ArmLine] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    experiments: list[ExperimentView] = field(default_factory=list)

    @property
    def may_add_arm(self) -> bool:
        """Whether there is room for another arm."""
        return len(self.arms) < MOST_ARMS

    def cells(self) -> Iterable[CellView]:
        """Every cell in the order of the form."""
        for _, views in self.sections:
            yield from views
        for line in self.arms:
            yield from line.cells
        for grid in self.grids:
            for line in (*grid.groups, *grid.contrasts):
                yield from line.cells
        for one in self.experiments:
            yield from one.cells
            for line in one.foci:
                yield from line.cells


def cell_view(
    form: Form,
    path: str,
    entries: Mapping[str, Entry],
    problems: Mapping[str, str],
    typed: Mapping[str, str],
    names: Mapping[int, str],
    head: str = "",
) -> CellView:
    """One cell; ``typed`` holds values that were refused and are shown again."""
    cell, entry = paths.parse(path), entries.get(path)
    known = form.by_key.get(cell.part) if cell.kind == "study" else None
    kind = known.kind if known else ("number" if is_number(cell, form) else "text")
    options = options_of(cell, form)
    if options and cell.kind != "study":
        kind = "choice"
    elif cell.kind == "focus" and cell.part == "at":
        kind = "point"
    needed = cell.kind == "experiment" and cell.part in foci.NEEDED
    return CellView(
        path,
        form.label(path, names),
        head or (known.label if known else ""),
        kind,
        options,
        bool(known and known.required) or needed or (cell.kind, cell.part) == ("arm", "treatment"),
        typed.get(path, entry.value if entry else ""),
        problems.get(path, ""),
        entry.quote if entry else "",
        entry.page if entry else "",
        entry.derived if entry else "",
        entry.note if entry else "",
        entry.report_id if entry else None,
        bool(formulas_for(form, path)),
        entry.revision if entry else 0,
        entry.value if entry else "",
    )


def sheet(
    form: Form,
    entries: Mapping[str, Entry],
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
    arms: int = 1,
    experiments: int = 1,
    rows: int = SPARE,
    times: Mapping[int, Sequence[str]] | None = None,
) -> Sheet:
    """The form filled with a copy's cells.

    arms, experiments: how many of them are shown at least. rows: empty rows below the foci.
    times: outcome id -> further reported times that are shown without any value yet.
    """
    said, shown = by_path(problems), typed or {}
    values = {path: entry.value for path, entry in entries.items() if entry.value}
    filled = [*values, *(path for path, text in shown.items() if text)]
    least = max(form.usual_arms, arms) if form.least_arms or arms > 1 else 0
    count = min(MOST_ARMS, paths.arm_count(filled, least))
    names = paths.arm_names(values)

    def view(path: str, head: str = "") -> CellView:
        return cell_view(form, path, entries, said, shown, names, head)

    result = Sheet()
    sections: dict[str, list[CellView]] = {}
    for one in form.characteristics:
        sections.setdefault(one.section, []).append(view(paths.study_path(one.key)))
    result.sections = list(sections.items())
    numbers = range(1, count + 1)
    result.arms = [
        ArmLine(n, f"Arm {n}", [view(paths.arm_path(n, p), h) for p, h in ARM_PARTS.items()])
        for n in numbers
    ]
    if form.asks_foci:
        have = foci.held(dict.fromkeys(filled, "x"))
        wanted = range(1, min(foci.MOST_EXPERIMENTS, max([experiments, *have])) + 1)
        shown_numbers = [n for n in wanted if n in have or n > max(have, default=0) or n == 1]
        result.experiments = [
            _experiment(n, have.get(n, foci.Held()), values, rows, view) for n in shown_numbers
        ]
    for asked in form.outcomes:
        if asked.of_foci:
            continue
        more = [paths.group_path(asked.id, t, 1, "n") for t in (times or {}).get(asked.id, ())]
        for timepoint in asked.times([*filled, *more]):
            result.grids.append(_grid(asked, timepoint, numbers, names, view))
        result.grids[-1] = replace(result.grids[-1], closes=True)
    return result


def _experiment(
    number: int, have: foci.Held, values: Mapping[str, str], rows: int, view: View
) -> ExperimentView:
    numbers = sorted(have.foci)
    last = max(numbers, default=0)
    numbers += range(last + 1, min(foci.MOST_FOCI, last + rows) + 1)
    return ExperimentView(
        number,
        values.get(foci.experiment_path(number, "name"), "") or f"Experiment {number}",
        [view(foci.experiment_path(number, p), h) for p, h in foci.EXPERIMENT_PARTS.items()],
        [
            ArmLine(
                focus,
                str(focus),
                [view(foci.focus_path(number, focus, p), h) for p, h in foci.FOCUS_PARTS.items()],
            )
            for focus in numbers
        ],
        len(have.foci),
    )


def _grid(
    asked: Asked, timepoint: str, numbers: range, names: Mapping[int, str], view: View
) -> Grid:
    def name(number: int) -> str:
        return names.get(number) or f"Arm {number}"

    parts = asked.parts
    heads, reported = dict(CONTRAST_PARTS), asked.takes_estimates
    if asked.measure:
        heads["estimate"] = asked.measure
    if asked.is_ratio:
        heads["se"] = f"SE of log {asked.measure}"

    def group(number: int) -> ArmLine:
        cells = [
            view(paths.group_path(asked.id, timepoint, number, p), h) for p, h in parts.items()
        ]
        return ArmLine(number, name(number), cells)

    def contrast(number: int, other: int) -> ArmLine:
        cells = [
            view(paths.contrast_path(asked.id, timepoint, number, other, part), head)
            for part, head in heads.items()
        ]
        return ArmLine(number, f"{name(number)} against {name(other)}", cells)

    return Grid(
        asked,
        timepoint,
        list(parts.values()),
        [group(n) for n in numbers if parts],
        list(heads.values()),
        [contrast(n, other) for n in numbers for other in numbers if n < other and reported],
    )
