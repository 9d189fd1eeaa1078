"""What may stand in a cell, and what looks wrong beside its neighbours."""

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from reviewtool import reading
from reviewtool.extraction.rules.cells import (
    Asked,
    Cell,
    Form,
    arm_count,
    arm_names,
    arm_path,
    columns_of,
    parse,
)
from reviewtool.extraction.rules.directions import FAVOURS, BadTold, favours_text, p_text
from reviewtool.extraction.rules.foci import BadPoint, point_text, word_text
from reviewtool.extraction.rules.foci import doubts as doubtful_foci
from reviewtool.protocol.rules.brains import OPTIONS
from reviewtool.protocol.rules.treatments import plain as plain_name
from reviewtool.protocol.rules.treatments import tidy
from reviewtool.reading import written
from reviewtool.stats.conversions.checks import doubts
from reviewtool.words import plain

COUNTS = frozenset({"events", "total", "n"})
LONGEST_TEXT = 5000


@dataclass(frozen=True)
class Problem:
    """Something about a cell. ``refused`` values are not stored, others are flagged."""

    path: str
    message: str
    refused: bool = False


class BadValue(ValueError):  # noqa: N818
    """A text that cannot be the value of its cell; the message says why."""


def number(text: str) -> float:
    """Read a number as people write it. Raises BadValue.

    >>> number("12,5"), number("\u22121.25"), number("1 204"), number("1.204,5")
    (12.5, -1.25, 1204.0, 1204.5)
    """
    try:
        return reading.number(text)
    except reading.BadNumber as error:
        raise BadValue(str(error)) from None


def is_number(cell: Cell, form: Form) -> bool:
    """Whether the cell holds a number."""
    if cell.kind == "study":
        return form.by_key[cell.part].kind == "number"
    if cell.kind in {"experiment", "focus"}:
        return cell.part in {"n", "statistic", "size"}
    if cell.kind == "contrast":
        return cell.part not in {"p", "favours"}
    return cell.kind != "arm" or cell.part == "n"


def options_of(cell: Cell, form: Form) -> Sequence[str]:
    """The values that a cell chooses between, none where it is free."""
    if cell.kind == "study":
        return form.by_key[cell.part].options if cell.part in form.by_key else ()
    if cell.kind == "experiment" and cell.part in OPTIONS:
        return OPTIONS[cell.part]
    return FAVOURS if cell.part == "favours" else ()


def normalise(cell: Cell, form: Form, text: str) -> str:
    """The value as it is stored. Raises BadValue; an empty text stays empty."""
    text = text.strip()
    if not text:
        return ""
    if is_number(cell, form):
        value = number(text)
        _check_range(cell, form, value, text)
        # The digits as typed are kept: 12.50 says more than 12.5.
        typed = text.replace("\u2212", "-")
        return typed if reading.is_plain(typed) else written(value)
    if cell.kind == "contrast":
        try:
            return p_text(text) if cell.part == "p" else favours_text(text)
        except BadTold as error:
            raise BadValue(str(error)) from None
    if cell.part == "at" or (cell.kind == "experiment" and cell.part in OPTIONS):
        try:
            return point_text(text) if cell.part == "at" else word_text(cell.part, text)
        except BadPoint as error:
            raise BadValue(str(error)) from None
    if cell.kind == "experiment" and len(text) > 200:
        raise BadValue("A contrast or a threshold has 200 characters at most.")
    if len(text) > LONGEST_TEXT:
        raise BadValue(f"The text has {len(text)} characters; {LONGEST_TEXT} fit.")
    if cell.kind == "arm" and len(text) > 200:
        raise BadValue("An arm's name, treatment or dose has 200 characters at most.")
    if cell.kind == "study":
        known = form.by_key[cell.part]
        if known.kind == "choice" and known.options and text not in known.options:
            raise BadValue(f"“{text}” is not one of: {', '.join(known.options)}.")
        if known.kind == "date":
            _check_date(text)
    return text


def _check_date(text: str) -> None:
    if re.fullmatch(r"\d{4}(-\d{2})?", text) and text[5:] in {
        "",
        *(f"{m:02}" for m in range(1, 13)),
    }:
        return
    try:
        date.fromisoformat(text)
    except ValueError:
        raise BadValue(f"“{text}” is not a date. Write 2026-11-22, 2026-11 or 2026.") from None


def _check_range(cell: Cell, form: Form, value: float, text: str) -> None:
    if cell.kind == "study":
        return
    if cell.part in COUNTS:
        if reading.is_per_cent(text):
            raise BadValue(f"“{text}” is a percentage. Write the number of people.")
        if value < 0 or value != int(value):
            raise BadValue(f"“{text}” is not a count of people. Write a whole number, 0 or more.")
        if value == 0 and cell.kind == "experiment":
            raise BadValue("An experiment of 0 people has no result. Leave the cell empty.")
        if value == 0 and cell.part in {"total", "n"} and cell.kind == "group":
            raise BadValue("A group of 0 people has no result. Leave the cell empty.")
    elif cell.part == "size" and value <= 0:
        raise BadValue("A cluster size is above 0. Leave the cell empty when it is not reported.")
    elif cell.part in {"sd", "sd_before", "se"} and value < 0:
        raise BadValue(f"A{'n SE' if cell.part == 'se' else 'n SD'} is never below 0.")
    elif cell.part == "time" and value <= 0:
        raise BadValue("Person-time is above 0. Leave the cell empty when it is not reported.")
    elif cell.part == "correlation" and not -1 <= value <= 1:
        raise BadValue(f"“{text}” is no correlation: it lies between \u22121 and 1.")
    elif cell.part == "se" and value == 0:
        raise BadValue("An SE of 0 would make this study infinitely precise.")
    elif cell.part in {"estimate", "ci_low", "ci_high"}:
        _check_estimate(form.by_outcome.get(cell.outcome_id), cell.part, value)


def _check_estimate(asked: Asked | None, part: str, value: float) -> None:
    """An estimate as its measure can have it; limits of a difference may lie beyond."""
    effect = asked.effect if asked else None
    if effect is None:
        return
    low, high = effect.scale.bounds
    if effect.is_ratio and value <= 0:
        raise BadValue(
            f"A ratio ({effect.name}) is above 0. Write it as reported, not its logarithm."
        )
    if part == "estimate" and not low <= value <= high:
        raise BadValue(
            f"{effect.heading} ({effect.name}) lies between {plain(low)} and {plain(high)}. Write "
            "0.12 for 12 percentage points."
        )


def check(form: Form, values: Mapping[str, str]) -> list[Problem]:
    """What looks wrong in a copy whose single values were accepted, cell by cell."""
    groups: dict[tuple[int, str, int, int], dict[str, tuple[str, float]]] = defaultdict(dict)
    randomised: dict[int, float] = {}
    for path, text in values.items():
        cell = parse(path)
        if not text or cell.kind in {"study", "experiment", "focus"} or cell.part == "favours":
            continue
        try:
            read = number(text) if cell.kind != "arm" or cell.part == "n" else math.nan
        except BadValue:
            continue
        if cell.kind == "arm":
            if cell.part == "n":
                randomised[cell.arm] = read
            continue
        key = (cell.outcome_id, cell.timepoint, cell.arm, cell.reference)
        groups[key][cell.part] = (path, read)
    problems = []
    for (outcome_id, _, arm, reference), parts in groups.items():
        numbers = {part: value for part, (_, value) in parts.items()}
        paths = {part: path for part, (path, _) in parts.items()}
        asked = form.by_outcome.get(outcome_id)
        if reference:
            problems += _check_contrast(numbers, paths, bool(asked and asked.is_ratio))
        else:
            problems += _check_group(numbers, paths, randomised.get(arm))
            problems += _check_measure(numbers, paths, asked)
    if form.asks_foci:
        problems += [Problem(path, message) for path, message in doubtful_foci(values)]
    return problems + _check_names(values)


def _check_group(
    numbers: Mapping[str, float], paths: Mapping[str, str], randomised: float | None
) -> list[Problem]:
    found = []
    if numbers.get("events", 0) > numbers.get("total", math.inf):
        found.append(
            Problem(
                paths["events"],
                f"{plain(numbers['events'])} events among {plain(numbers['total'])} people: "
                "there cannot be more events than people. Check both.",
            )
        )
    for part in ("total", "n"):
        if randomised is not None and numbers.get(part, 0) > randomised:
            found.append(
                Problem(
                    paths[part],
                    f"{plain(numbers[part])} people analysed, but {plain(randomised)} "
                    "randomised to this arm. Check both.",
                )
            )
    for part in ("sd", "sd_before"):
        if numbers.get(part) == 0:
            found.append(
                Problem(paths[part], "An SD of 0 means that all had the same value. Check it.")
            )
    if abs(numbers.get("correlation", 0)) == 1:
        found.append(
            Problem(
                paths["correlation"],
                "A correlation of exactly 1 or \u22121 leaves no variance, so that the study could "
                "not be pooled. Check it.",
            )
        )
    return found


def _check_measure(
    numbers: Mapping[str, float], paths: Mapping[str, str], asked: Asked | None
) -> list[Problem]:
    """Numbers that are possible, but not for the measure that the protocol plans."""
    effect = asked.effect if asked else None
    if effect is None:
        return []
    above_zero = [
        part
        for part, columns in columns_of(effect).items()
        if set(columns) & set(effect.above_zero)
    ]
    return [
        Problem(
            paths[part],
            f"{effect.heading} ({effect.name}) needs a value above 0; with {plain(numbers[part])} "
            "the study gives no effect. Check it.",
        )
        for part in above_zero
        if part in numbers and numbers[part] <= 0
    ]


def _check_contrast(
    numbers: Mapping[str, float], paths: Mapping[str, str], ratio: bool
) -> list[Problem]:
    parts = (numbers.get(part) for part in ("estimate", "ci_low", "ci_high", "se"))
    found = doubts(*parts, ratio=ratio)
    return [Problem(paths[doubt.part], doubt.message) for doubt in found]


def _check_names(values: Mapping[str, str]) -> list[Problem]:
    seen: dict[str, int] = {}
    found = []
    for arm, name in sorted(arm_names(values).items()):
        other = seen.setdefault(name.casefold(), arm)
        if other != arm:
            found.append(
                Problem(
                    f"arm.{arm}.name",
                    f"Arms {other} and {arm} are both called “{name}”. Give each a name of its "
                    "own, such as with its dose.",
                )
            )
    spelled: dict[str, tuple[int, str]] = {}
    for arm in range(1, arm_count(values) + 1):
        treatment = values.get(arm_path(arm, "treatment"), "")
        first, spelling = spelled.setdefault(plain_name(treatment), (arm, treatment))
        if treatment and tidy(spelling) != tidy(treatment):
            found.append(
                Problem(
                    arm_path(arm, "treatment"),
                    f"Arms {first} and {arm} received “{spelling}” and “{treatment}”, which is one "
                    "treatment spelled two ways. Write it the same way, or name what sets them "
                    "apart.",
                )
            )
    return found


def by_path(problems: Sequence[Problem]) -> dict[str, str]:
    """Path -> everything said about it."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in problems:
        found[one.path].append(one.message)
    return {path: " ".join(messages) for path, messages in found.items()}
