"""Cells of brain coordinates: experiments of a study, their foci, and two copies of them.

An experiment is one contrast of a study; a focus is one peak, its x, y and z one value.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from reviewtool import reading
from reviewtool.formats.foci import Experiment as Read
from reviewtool.formats.foci import number_text, pieces
from reviewtool.protocol.rules.brains import OPTIONS, understood
from reviewtool.stats.coordinates import brain_mask, to_mni

EXPERIMENT_PARTS = {
    "name": "Contrast",
    "n": "People",
    "modality": "Modality",
    "direction": "Direction",
    "space": "Space",
    "threshold": "Threshold",
}
FOCUS_PARTS = {"at": "x, y, z (mm)", "statistic": "Statistic", "size": "Cluster size"}
NEEDED = ("name", "n", "modality", "direction", "space")
MOST_EXPERIMENTS = 60
MOST_FOCI = 400
FURTHEST = 150.0  # mm from the origin: no brain of either space reaches so far
NEAR = 8.0  # mm: two foci this close are taken for one that was read in two ways

Point = tuple[float, float, float]


class BadPoint(ValueError):  # noqa: N818
    """A text that gives no coordinate of a brain; the message says why."""


def experiment_path(experiment: int, part: str) -> str:
    """The cell of an experiment: name, n, modality, direction, space or threshold."""
    return f"experiment.{experiment}.{part}"


def focus_path(experiment: int, focus: int, part: str) -> str:
    """The cell of a focus: at (x, y and z), statistic or size."""
    return f"experiment.{experiment}.focus.{focus}.{part}"


def point_text(text: str) -> str:
    """x, y and z as they are stored, each with the digits it was written with. Raises BadPoint.

    >>> point_text("\u221212,5; 34; 7"), point_text("(4, -8, 20)")
    ('-12.5 34 7', '4 -8 20')
    """
    cells = [cell for cell in pieces(text) if cell]
    if len(cells) != 3:
        raise BadPoint(
            f"“{text}” has {len(cells)} {'value' if len(cells) == 1 else 'values'}. Write x, y and "
            "z in millimetres, such as -34 12 4."
        )
    try:
        found = [number_text(cell) for cell in cells]
    except reading.BadNumber as error:
        raise BadPoint(str(error)) from None
    for axis, value in zip("xyz", found, strict=True):
        if abs(float(value)) > FURTHEST:
            raise BadPoint(
                f"{axis} = {value} mm lies outside every brain: coordinates are millimetres from "
                f"the origin, {reading.written(FURTHEST)} at most. Check the sign and the decimal "
                "mark."
            )
    return " ".join(found)


def point_of(text: str) -> Point:
    """A stored coordinate as numbers."""
    x, y, z = (float(part) for part in text.split())
    return x, y, z


def word_text(part: str, text: str) -> str:
    """A modality, direction or space as it is stored. Raises BadPoint."""
    found = understood(part, text)
    if not found:
        raise BadPoint(f"“{text}” is not one of: {', '.join(OPTIONS[part])}.")
    return found


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def same_point(first: str, second: str) -> bool:
    """Whether two copies mean the same focus: equal within the coarser one's rounding.

    >>> same_point("12 34 -5", "12.4 34.00 -5"), same_point("12 34 -5", "13 34 -5")
    (True, False)
    """
    for one, other in zip(first.split(), second.split(), strict=True):
        half = 0.5 * 10.0 ** -min(_decimals(one), _decimals(other))
        apart = abs(float(one) - float(other))
        if apart > half * (1 + 1e-9) or (apart and _decimals(one) == _decimals(other)):
            return False
    return True


def finer(first: str, second: str) -> str:
    """Of two texts of one focus the one with more digits, the first of equals.

    >>> finer("12 34 -5", "12.4 34 -5")
    '12.4 34 -5'
    """
    more = sum(map(_decimals, second.split())) > sum(map(_decimals, first.split()))
    return second if more else first


@dataclass
class Held:
    """An experiment as a copy has it: its parts, and the parts of its foci by number."""

    parts: dict[str, str] = field(default_factory=dict)
    foci: dict[int, dict[str, str]] = field(default_factory=dict)

    def points(self) -> dict[int, str]:
        """Number -> coordinates of the foci that have some."""
        return {number: parts["at"] for number, parts in self.foci.items() if parts.get("at")}


def held(values: Mapping[str, str]) -> dict[int, Held]:
    """The experiments of a copy by number; ``values`` are its filled cells by path."""
    found: dict[int, Held] = {}
    for path, value in values.items():
        parts = path.split(".")
        if parts[0] != "experiment" or not value:
            continue
        one = found.setdefault(int(parts[1]), Held())
        if len(parts) == 3:
            one.parts[parts[2]] = value
        else:
            one.foci.setdefault(int(parts[3]), {})[parts[4]] = value
    return {number: found[number] for number in sorted(found)}


def _apart(first: str, second: str) -> tuple[int, float]:
    """How unlike two coordinates are: how many of the three differ, and by how much."""
    one, other = point_of(first), point_of(second)
    differ = sum(a != b for a, b in zip(one, other, strict=True))
    return differ, math.dist(one, other)


def paired(first: Mapping[int, str], second: Mapping[int, str]) -> dict[int, int]:
    """Which focus of ``second`` is which of ``first``, in whatever order they stand.

    Equal ones first; then the nearest within 8 mm, and those that differ in one coordinate
    alone (a slip of a sign or a digit). The others are left without a partner.

    >>> paired({1: "1 2 3", 2: "40 5 6"}, {1: "-40 5 6", 2: "1 2 3", 3: "70 70 7"})
    {2: 1, 1: 2}
    """
    found: dict[int, int] = {}
    free = dict(first)
    for theirs, point in second.items():
        mine = next((n for n, other in free.items() if same_point(other, point)), None)
        if mine is not None:
            found[theirs] = mine
            del free[mine]
    close = []
    for theirs, point in second.items():
        if theirs in found:
            continue
        for mine, other in free.items():
            differ, distance = _apart(other, point)
            if distance <= NEAR or differ == 1:
                close.append((distance > NEAR, distance, mine, theirs))
    for _, _, mine, theirs in sorted(close):
        if mine in free and theirs not in found:
            found[theirs] = mine
            del free[mine]
    return found


def _likeness(first: Held, second: Held) -> tuple[float, int]:
    """How sure it is that two experiments are one: by foci that agree, then by their words."""
    mine, theirs = first.points(), second.points()
    both = min(len(mine), len(theirs))
    equal = sum(same_point(mine[m], theirs[t]) for t, m in paired(mine, theirs).items())
    words = sum(
        " ".join(first.parts.get(part, "").casefold().split())
        == " ".join(second.parts.get(part, "").casefold().split())
        != ""
        for part in EXPERIMENT_PARTS
    )
    return (equal / both if both else 0.0), words


def aligned(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str]:
    """Path of a cell of ``second`` -> the path where ``first`` has the same thing.

    Experiments are matched by their foci and words, foci by where they lie; what has no
    partner gets a number that ``first`` does not use. Other cells keep their path.
    """
    here, there = held(first), held(second)
    pairs = sorted(
        ((_likeness(a, b), -abs(m - t), m, t) for m, a in here.items() for t, b in there.items()),
        reverse=True,
    )
    experiments: dict[int, int] = {}
    for (share, words), _, mine, theirs in pairs:
        alike = share >= 0.5 or words >= 3 or mine == theirs
        if alike and mine not in experiments.values() and theirs not in experiments:
            experiments[theirs] = mine
    free = _free(here)
    moved = {}
    for theirs, one in there.items():
        mine = experiments.get(theirs) or next(free)
        other = here.get(mine) if theirs in experiments else None
        foci = paired(other.points(), one.points()) if other else {}
        numbers = _free(other.foci if other else {})
        for part in one.parts:
            moved[experiment_path(theirs, part)] = experiment_path(mine, part)
        for number, parts in one.foci.items():
            new = foci.get(number) or next(numbers)
            for part in parts:
                moved[focus_path(theirs, number, part)] = focus_path(mine, new, part)
    return {path: moved.get(path, path) for path in second}


def _free(used: Iterable[int]) -> Iterator[int]:
    """Numbers above those used."""
    number = max(used, default=0)
    while True:
        number += 1
        yield number


@dataclass(frozen=True)
class AgreedFocus:
    """A focus as the consensus has it, in the experiment's own space, millimetres."""

    number: int
    x: float
    y: float
    z: float
    statistic: float | None = None
    size: float | None = None


@dataclass(frozen=True)
class AgreedExperiment:
    """An experiment as the consensus has it."""

    number: int
    name: str
    n: int
    modality: str
    direction: str
    space: str
    threshold: str = ""
    foci: tuple[AgreedFocus, ...] = ()


def agreed(values: Mapping[str, str]) -> list[AgreedExperiment]:
    """The typed experiments of a complete copy."""

    def number(text: str) -> float | None:
        return reading.number(text) if text else None

    return [
        AgreedExperiment(
            place,
            one.parts["name"],
            int(reading.number(one.parts["n"])),
            one.parts["modality"],
            one.parts["direction"],
            one.parts["space"],
            one.parts.get("threshold", ""),
            tuple(
                AgreedFocus(
                    focus,
                    *point_of(parts["at"]),
                    number(parts.get("statistic", "")),
                    number(parts.get("size", "")),
                )
                for focus, parts in sorted(one.foci.items())
                if parts.get("at")
            ),
        )
        for place, one in held(values).items()
    ]


def lacking(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """(path, sentence) of everything an experiment needs and does not have."""
    found = []
    for number, one in held(values).items():
        name = one.parts.get("name") or f"Experiment {number}"
        for part in NEEDED:
            if not one.parts.get(part):
                word = EXPERIMENT_PARTS[part].lower() if part != "n" else "number of people"
                found.append((experiment_path(number, part), f"{name} has no {word}."))
        if not one.points():
            found.append((focus_path(number, 1, "at"), f"{name} has no focus."))
        found += [
            (focus_path(number, focus, "at"), f"{name}: focus {focus} has no coordinates.")
            for focus, parts in one.foci.items()
            if not parts.get("at")
        ]
    return found


def outside_brain(one: Held) -> list[tuple[int, str]]:
    """(focus, coordinates) of the foci outside the brain mask, once the space is known."""
    points = one.points()
    if not points or not one.parts.get("space"):
        return []
    places = np.array([point_of(text) for text in points.values()])
    if one.parts["space"] == "Talairach":
        places = to_mni(places)
    inside = brain_mask().in_brain(places)
    return [pair for pair, brain in zip(points.items(), inside, strict=True) if not brain]


def doubts(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """(path, sentence) of what is possible but looks wrong beside the rest of a copy."""
    found = []
    every = held(values)
    spaces = {one.parts["space"] for one in every.values() if one.parts.get("space")}
    names: dict[str, int] = {}
    for number, one in every.items():
        if len(spaces) > 1:
            found.append(
                (
                    experiment_path(number, "space"),
                    "This study has experiments in MNI and in Talairach space. Check that each has "
                    "the space its report names.",
                )
            )
        name = one.parts.get("name", "").casefold()
        other = names.setdefault(name, number) if name else number
        if other != number:
            found.append(
                (
                    experiment_path(number, "name"),
                    f"Experiments {other} and {number} are both called “{one.parts['name']}”. Give "
                    "each a name of its own.",
                )
            )
        found += [
            (
                focus_path(number, focus, "at"),
                f"{point} lies outside the brain in {one.parts['space']} space. Check the sign, "
                "the order of x, y and z, and the space.",
            )
            for focus, point in outside_brain(one)
        ]
        seen: dict[Point, int] = {}
        for focus, text in one.points().items():
            twin = seen.setdefault(point_of(text), focus)
            if twin != focus:
                found.append(
                    (
                        focus_path(number, focus, "at"),
                        f"Foci {twin} and {focus} are the same point. Check both.",
                    )
                )
    return found


def laid_out(
    found: Sequence[Read],
    taken: Mapping[int, Held],
    usual: Mapping[str, str],
    into: int = 0,
) -> dict[str, str]:
    """Cells that hold experiments as they were read, beside those a copy has already.

    usual: modality, direction and space where the file says none. into: the experiment that
    foci without a heading are added to; 0 for a new one.
    """
    cells: dict[str, str] = {}
    fresh = _free(taken)
    for one in found:
        named = bool(one.study or one.contrast)
        number = into if into and not named else next(fresh)
        before = taken.get(number, Held())
        parts = {
            "name": one.contrast or one.study,
            "n": str(one.n) if one.n else "",
            "space": one.space,
            "modality": one.modality,
            "direction": one.direction,
        }
        for part, text in parts.items():
            text = text or ("" if before.parts.get(part) else usual.get(part, ""))
            if text:
                cells[experiment_path(number, part)] = text
        numbers = _free(before.foci)
        for focus in one.foci:
            place = next(numbers)
            cells[focus_path(number, place, "at")] = focus.at
            if focus.statistic:
                cells[focus_path(number, place, "statistic")] = focus.statistic
            if focus.size:
                cells[focus_path(number, place, "size")] = focus.size
    return cells
