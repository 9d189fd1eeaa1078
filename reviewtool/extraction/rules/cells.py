"""Which cells a copy has: the path of a cell, and the form a study is asked for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reviewtool.errors import Invalid
from reviewtool.extraction.rules.foci import (
    EXPERIMENT_PARTS,
    FOCUS_PARTS,
    MOST_EXPERIMENTS,
    MOST_FOCI,
    Held,
)
from reviewtool.protocol.rules.brains import COORDINATES
from reviewtool.protocol.rules.fitting import measure_or_none
from reviewtool.protocol.rules.times import days_of, tidy_time
from reviewtool.stats.measures import KINDS, Data, Measure

ARM_PARTS = {"name": "Name", "treatment": "Treatment", "dose": "Dose", "n": "Randomised"}
PART_WORDS = {
    "events": "Events",
    "total": "Total",
    "time": "Person-time",
    "mean": "Mean",
    "sd": "SD",
    "n": "N",
    "correlation": "Correlation",
}
CONTRAST_PARTS = {
    "estimate": "Estimate",
    "se": "SE",
    "ci_low": "CI low",
    "ci_high": "CI high",
    "p": "p",
    "favours": "Favours",
}
# A group may do without, where the report says no more than whom its result favours.
SPREAD = frozenset({"sd", "sd_before"})
BEFORE = "_before"  # of a part that one group gives twice


def columns_of(asker: Data | Measure) -> dict[str, tuple[str, ...]]:
    """Part of a group's result -> the columns of a measure that it fills.

    What one group gives twice is its value after, then its value before.

    >>> columns_of(Data.CHANGES)["mean_before"], columns_of(Data.COUNTS)["events"]
    (('m2i',), ('ai', 'ci'))
    """
    found: dict[str, tuple[str, ...]] = {}
    for part, columns in asker.parts.items():
        if len(columns) > asker.groups:
            found[part + BEFORE], found[part] = columns[1:], columns[:1]
        else:
            found[part] = columns
    return found


def _parts_of(kind: str) -> dict[str, str]:
    """What each group is asked for an outcome of ``kind``: part -> label."""
    groups = [data for data in Data if data.kind == kind and data is not Data.ESTIMATE]
    asked = dict.fromkeys(part for data in groups for part in columns_of(data))
    twice = {part.removesuffix(BEFORE) for part in asked if part.endswith(BEFORE)}
    labels = {}
    for part in sorted(asked, key=lambda p: p.removesuffix(BEFORE) not in twice):
        base = part.removesuffix(BEFORE)
        when = "" if base not in twice else (" before" if part != base else " after")
        labels[part] = PART_WORDS[base] + when
    return labels


GROUP_PARTS = {kind: _parts_of(kind) for kind in KINDS} | {COORDINATES: {}}
EVERY_PART = dict.fromkeys(part for parts in GROUP_PARTS.values() for part in parts)
MOST_ARMS = 12

_STUDY = re.compile(r"study\.([a-z0-9_]{1,60})")
_ARM = re.compile(r"arm\.([1-9]\d?)\.(name|treatment|dose|n)")
_EXPERIMENT = re.compile(rf"experiment\.([1-9]\d?)\.({'|'.join(EXPERIMENT_PARTS)})")
_FOCUS = re.compile(rf"experiment\.([1-9]\d?)\.focus\.([1-9]\d{{0,2}})\.({'|'.join(FOCUS_PARTS)})")
_RESULT = re.compile(r"result\.(\d+)\.(.*)\.([1-9]\d?)(?:v([1-9]\d?))?\.([a-z_]+)", flags=re.DOTALL)


class UnknownCell(Invalid):
    """A path that no form of this review has."""

    code = "unknown-cell"
    message = "The form has no cell “{path}”."


@dataclass(frozen=True)
class Cell:
    """A parsed path. ``kind`` is study, arm, group, contrast, experiment or focus."""

    path: str
    kind: str
    part: str
    arm: int = 0
    reference: int = 0
    outcome_id: int = 0
    timepoint: str = ""
    experiment: int = 0
    focus: int = 0


def study_path(key: str) -> str:
    """The cell of a study characteristic."""
    return f"study.{key}"


def arm_path(arm: int, part: str) -> str:
    """The cell of an arm: name, treatment, dose or n."""
    return f"arm.{arm}.{part}"


def group_path(outcome_id: int, timepoint: str, arm: int, part: str) -> str:
    """The cell of one arm's result."""
    return f"result.{outcome_id}.{timepoint}.{arm}.{part}"


def contrast_path(outcome_id: int, timepoint: str, arm: int, reference: int, part: str) -> str:
    """The cell of a comparison of ``arm`` with ``reference``."""
    return f"result.{outcome_id}.{timepoint}.{arm}v{reference}.{part}"


def parse(path: str) -> Cell:
    """Read a path. Raises UnknownCell.

    >>> cell = parse("result.4.2.5 h.1v2.se")
    >>> cell.outcome_id, cell.timepoint, cell.arm, cell.reference, cell.part
    (4, '2.5 h', 1, 2, 'se')
    """
    if match := _STUDY.fullmatch(path):
        return Cell(path, "study", match[1])
    if match := _ARM.fullmatch(path):
        return Cell(path, "arm", match[2], int(match[1]))
    if match := _EXPERIMENT.fullmatch(path):
        return Cell(path, "experiment", match[2], experiment=int(match[1]))
    if match := _FOCUS.fullmatch(path):
        return Cell(path, "focus", match[3], experiment=int(match[1]), focus=int(match[2]))
    if match := _RESULT.fullmatch(path):
        outcome_id, timepoint, arm, reference, part = match.groups()
        kind = "contrast" if reference else "group"
        known = CONTRAST_PARTS if reference else EVERY_PART
        if part in known and arm != reference:
            return Cell(path, kind, part, int(arm), int(reference or 0), int(outcome_id), timepoint)
    raise UnknownCell(path=path)


@dataclass(frozen=True)
class Characteristic:
    """A study characteristic as the form asks for it."""

    key: str
    label: str
    kind: str = "text"
    options: Sequence[str] = ()
    required: bool = False
    section: str = "Methods"


@dataclass(frozen=True)
class Asked:
    """An outcome as the form asks for it. ``kind`` as in ``OutcomeKind``.

    any_time: whether a study may also give it at the times that it reports, because the
    protocol has windows for them.
    """

    id: int
    name: str
    kind: str
    measure: str = ""
    unit: str = ""
    timepoints: Sequence[str] = ("",)
    modality: str = ""
    direction: str = ""
    any_time: bool = False

    @property
    def of_foci(self) -> bool:
        """Whether it is asked for as brain coordinates."""
        return self.kind == COORDINATES

    def takes(self, experiment: Held) -> bool:
        """Whether an experiment is of the modality and direction that are asked for."""
        return all(
            not wanted or experiment.parts.get(part) == wanted
            for part, wanted in (("modality", self.modality), ("direction", self.direction))
        )

    def has_time(self, timepoint: str) -> bool:
        """Whether the form has a place for this time."""
        return timepoint in self.timepoints or (
            self.any_time and days_of(timepoint) is not None and tidy_time(timepoint) == timepoint
        )

    def times(self, paths: Iterable[str]) -> list[str]:
        """The planned time points, then the times that ``paths`` speak of, by length."""
        cells = [parse(path) for path in paths if path.startswith(f"result.{self.id}.")]
        reported = {c.timepoint for c in cells if c.outcome_id == self.id} - {*self.timepoints}
        return [*self.timepoints, *sorted(filter(self.has_time, reported), key=_length)]

    @property
    def effect(self) -> Measure | None:
        """Its measure; None where an older plan names none."""
        return measure_or_none(self.measure)

    @property
    def is_ratio(self) -> bool:
        """Whether its estimates multiply: above 0, analysed on the log scale."""
        return self.effect is not None and self.effect.is_ratio

    @property
    def takes_estimates(self) -> bool:
        """Whether a comparison as reported can stand in for the groups' numbers."""
        if self.of_foci:
            return False
        return self.effect is None or "estimate" in self.effect.kinds

    @property
    def parts(self) -> dict[str, str]:
        """What each group is asked: part -> label."""
        return GROUP_PARTS[self.kind]

    @property
    def needed(self) -> list[str]:
        """Parts without which a group has no result; its measure may do without some."""
        if self.effect is None or self.effect.data.kind != self.kind:
            return list(self.parts)
        used = columns_of(self.effect)
        return [
            part
            for part in self.parts
            if part in used and not set(used[part]) <= set(self.effect.unused)
        ]

    def head(self, timepoint: str) -> str:
        """Outcome and time point in words."""
        return f"{self.name}, {timepoint}" if timepoint else self.name


def _length(time: str) -> float:
    return days_of(time) or 0.0


@dataclass(frozen=True)
class Form:
    """Everything a study of this review is asked for."""

    characteristics: Sequence[Characteristic] = ()
    outcomes: Sequence[Asked] = ()
    least_arms: int = 2  # 1 where the review describes single groups, 0 for coordinates alone
    by_key: dict[str, Characteristic] = field(init=False)
    by_outcome: dict[int, Asked] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {c.key: c for c in self.characteristics})
        object.__setattr__(self, "by_outcome", {o.id: o for o in self.outcomes})

    @property
    def usual_arms(self) -> int:
        """How many arms a study is expected to have: 1 where no outcome compares two."""
        compares = [
            one.effect is None or one.effect.groups == 2 for one in self.outcomes if not one.of_foci
        ]
        return 2 if self.least_arms == 2 or any(compares) else self.least_arms

    @property
    def asks_foci(self) -> bool:
        """Whether any outcome is of brain coordinates."""
        return any(one.of_foci for one in self.outcomes)

    def cell(self, path: str) -> Cell:
        """A path of this form. Raises UnknownCell."""
        cell = parse(path)
        if cell.arm > MOST_ARMS or cell.reference > MOST_ARMS:
            raise UnknownCell(path=path)
        if cell.kind == "study" and cell.part not in self.by_key:
            raise UnknownCell(path=path)
        if cell.kind in {"experiment", "focus"} and (
            not self.asks_foci or cell.experiment > MOST_EXPERIMENTS or cell.focus > MOST_FOCI
        ):
            raise UnknownCell(path=path)
        if cell.kind in {"group", "contrast"}:
            asked = self.by_outcome.get(cell.outcome_id)
            if asked is None or not asked.has_time(cell.timepoint):
                raise UnknownCell(path=path)
            if cell.kind == "group" and cell.part not in asked.parts:
                raise UnknownCell(path=path)
            if cell.kind == "contrast" and not asked.takes_estimates:
                raise UnknownCell(path=path)
        return cell

    def knows(self, path: str) -> bool:
        """Whether the form still asks for this cell.

        Outcomes, time points and characteristics can go after values were entered.
        """
        try:
            self.cell(path)
        except UnknownCell:
            return False
        return True

    def label(self, path: str, arms: Mapping[int, str] | None = None) -> str:
        """The cell in words, such as "Pain free, 2 h: sumatriptan, Events"."""
        cell = parse(path)
        names = arms or {}

        def arm(number: int) -> str:
            return names.get(number) or f"arm {number}"

        if cell.kind == "study":
            known = self.by_key.get(cell.part)
            return known.label if known else cell.part
        if cell.kind == "arm":
            return f"Arm {cell.arm}: {ARM_PARTS[cell.part]}"
        if cell.kind == "experiment":
            return f"Experiment {cell.experiment}: {EXPERIMENT_PARTS[cell.part]}"
        if cell.kind == "focus":
            part = FOCUS_PARTS[cell.part]
            return f"Experiment {cell.experiment}, focus {cell.focus}: {part}"
        asked = self.by_outcome.get(cell.outcome_id)
        head = asked.head(cell.timepoint) if asked else f"Outcome {cell.outcome_id}"
        if cell.kind == "contrast":
            pair = f"{arm(cell.arm)} against {arm(cell.reference)}"
            return f"{head}: {pair}, {CONTRAST_PARTS[cell.part]}"
        parts = asked.parts if asked else {}
        return f"{head}: {arm(cell.arm)}, {parts.get(cell.part, cell.part)}"

    def order(self, path: str) -> tuple[int, ...]:
        """Where the cell stands on the form, for sorting."""
        cell = parse(path)
        kinds = {"study": 0, "arm": 1, "group": 2, "contrast": 2}
        if cell.kind == "study":
            keys = list(self.by_key)
            return (0, keys.index(cell.part) if cell.part in keys else len(keys), 0, 0, 0, 0)
        if cell.kind in {"experiment", "focus"}:
            known = [*EXPERIMENT_PARTS, *FOCUS_PARTS]
            return (3, cell.experiment, cell.focus, known.index(cell.part), 0, 0)
        parts = [*ARM_PARTS, *(p for p in EVERY_PART if p != "n"), *CONTRAST_PARTS]
        ids = list(self.by_outcome)
        asked = self.by_outcome.get(cell.outcome_id)
        return (
            kinds[cell.kind],
            ids.index(cell.outcome_id) if cell.outcome_id in ids else 0,
            list(asked.timepoints).index(cell.timepoint)
            if asked and cell.timepoint in asked.timepoints
            else len(asked.timepoints) + round(1440 * _length(cell.timepoint))
            if asked and asked.any_time
            else 0,
            cell.reference,
            cell.arm,
            parts.index(cell.part),
        )


def arm_count(paths: Iterable[str], least: int = 1) -> int:
    """How many arms the cells speak of, ``least`` of them in any case."""
    numbers = [n for p in paths if (c := parse(p)).arm for n in (c.arm, c.reference)]
    return max([least, *numbers])


def arm_names(values: Mapping[str, str]) -> dict[int, str]:
    """Arm number -> the name it goes by (its treatment when it has no name)."""
    found: dict[int, str] = {}
    for part in ("treatment", "name"):
        for path, value in values.items():
            if value and path.startswith("arm.") and path.endswith(f".{part}"):
                found[parse(path).arm] = value
    return found


def renumbered(values: Mapping[str, str], arms: Mapping[int, int]) -> dict[str, str]:
    """The same copy with other arm numbers; arms that are not named keep theirs."""
    found = {}
    for path, value in values.items():
        cell = parse(path)
        if not cell.arm:
            found[path] = value
            continue
        arm, reference = arms.get(cell.arm, cell.arm), arms.get(cell.reference, cell.reference)
        if cell.kind == "arm":
            path = arm_path(arm, cell.part)
        elif cell.kind == "group":
            path = group_path(cell.outcome_id, cell.timepoint, arm, cell.part)
        else:
            path = contrast_path(cell.outcome_id, cell.timepoint, arm, reference, cell.part)
        found[path] = value
    return found


def align(first: Mapping[str, str], second: Mapping[str, str]) -> dict[int, int]:
    """Which arm of ``second`` is which arm of ``first``, by treatment, dose and name.

    Empty when the arms cannot be told apart: then their numbers stand.
    """

    def known(values: Mapping[str, str]) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for arm in range(1, arm_count(values) + 1):
            said = tuple(
                " ".join(values.get(arm_path(arm, part), "").casefold().split())
                for part in ("treatment", "dose")
            )
            if not said[0] or said in found:
                return {}
            found[(said[0], said[1])] = arm
        return found

    here, there = known(first), known(second)
    if not here or set(here) != set(there):
        return {}
    return {there[said]: arm for said, arm in here.items()}
