"""What the groups of a study gave: a row per study, or a row per arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import BadCell, BadSheet, UnknownChoice
from reviewtool.stats.from_sheets.names import one_spelling
from reviewtool.stats.from_sheets.suggestion import ARM_ROLES, estimate_heading
from reviewtool.stats.measures import Data, EffectSizes, Measure, effect_sizes
from reviewtool.stats.sheets import Sheet
from reviewtool.words import plain

ARMS = ("Group 1", "Group 2")


@dataclass(frozen=True, slots=True)
class Zeros:
    """The zero-cell policy, in R metafor's words; keep00 keeps studies without events."""

    add: float = 0.5
    to: str = "only0"
    keep00: bool = False


class Grouped(NamedTuple):
    """A table by study: its rows, the studies' names, the columns of their groups."""

    sheet: Sheet
    names: tuple[str, ...]
    columns: dict[str, Vector]
    notes: tuple[str, ...] = ()
    arms: tuple[str, str] = ARMS


def from_rows(sheet: Sheet, chosen: Measure, by_estimate: bool = False) -> Grouped:
    """A row per study: the columns of its groups, as far as the table has them.

    by_estimate: the estimates were chosen, and groups that are there are not used.
    """
    heading = sheet.find("study")
    names = sheet.cells(heading) if heading else [""] * len(sheet.lines)
    called = tuple(n or f"Row {line}" for n, line in zip(names, sheet.lines, strict=True))
    if chosen.data is Data.ESTIMATE:
        return Grouped(sheet, called, {})
    roles = [role for need in chosen.needs for role in need.split("|")]
    there = {role: found for role in roles if (found := sheet.find(role))}
    if by_estimate:
        said = f"The columns {', '.join(there.values())} were not used: the estimates were chosen."
        return Grouped(sheet, called, {}, (said,) if there else ())
    lacking = [n for n in chosen.needs if not any(r in there for r in n.split("|"))]
    if lacking:
        notes: tuple[str, ...] = ()
        if there and estimate_heading(sheet):
            missing = ", ".join(n.replace("|", " or ") for n in lacking)
            notes = (
                f"The columns {', '.join(there.values())} were not used: {chosen.plural} "
                f"need {missing} as well.",
            )
        return Grouped(sheet, called, {}, notes)
    columns = {role: sheet.numbers(role) for role in there}
    _check_totals(sheet, there, columns)
    return Grouped(sheet, called, columns)


def _check_totals(sheet: Sheet, there: Mapping[str, str], columns: Mapping[str, Vector]) -> None:
    """Events and the rest must make up the total, where a table gives all three."""
    for events, rest, total in (("ai", "bi", "n1i"), ("ci", "di", "n2i"), ("xi", "mi", "ni")):
        if not {events, rest, total} <= columns.keys():
            continue
        off = np.abs(columns[events] + columns[rest] - columns[total]) > 1e-6
        for i in np.flatnonzero(off).tolist():
            raise BadCell(
                row=sheet.lines[i],
                column=there[total],
                problem=f"{there[events]} and {there[rest]} make "
                f"{plain(columns[events][i] + columns[rest][i], 10)}, "
                f"not {plain(columns[total][i], 10)}.",
                remedy="Correct them, or take one of the columns out.",
            )


def from_arms(sheet: Sheet, chosen: Measure, control: str | None) -> Grouped:
    """A row per arm: the experimental and the control arm of every study."""
    treatments, alike = one_spelling(sheet.named("treatment"))
    arms: dict[str, list[int]] = {}
    for i, name in enumerate(sheet.named("study")):
        arms.setdefault(" ".join(name.split()), []).append(i)
    for name, rows in arms.items():
        if len(rows) != 2:
            raise BadCell(
                row=sheet.lines[rows[-1]],
                column=sheet.need("study"),
                problem=f"{name} has {'one arm' if len(rows) == 1 else f'{len(rows)} arms'}.",
                remedy="Give two arms per study, or use the network command.",
            )
    pairs, notes = _oriented(arms, treatments, control)
    first, second = (sheet.at(pair[side] for pair in pairs) for side in (0, 1))
    columns = {}
    needed = {role for need in chosen.needs for role in need.split("|")}
    for part, (one, two) in ((p, c) for p, c in chosen.data.parts.items() if len(c) == 2):
        if {one, two} & needed:
            role = ARM_ROLES[part]
            columns[one], columns[two] = first.numbers(role), second.numbers(role)
    called = [{treatments[pair[side]] for pair in pairs} for side in (0, 1)]
    names = [one.pop() if len(one) == 1 else arm for one, arm in zip(called, ARMS, strict=True)]
    return Grouped(first, tuple(arms), columns, (*alike, *notes), (names[0], names[1]))


def _oriented(
    arms: Mapping[str, list[int]], treatments: Sequence[str], control: str | None
) -> tuple[list[list[int]], list[str]]:
    """Rows of each study, the control last; and what is compared, in words."""
    order = list(dict.fromkeys(treatments))
    if control is not None:
        known = {t.casefold(): t for t in order}
        last = known.get(" ".join(control.split()).casefold())
        if last is None:
            raise UnknownChoice(what="Treatment", given=control, choices=", ".join(order))
    elif len(order) == 2:
        last = treatments[next(iter(arms.values()))[1]]
    else:
        last = None
    pairs, turned, without = [], [], []
    for name, rows in arms.items():
        if treatments[rows[0]] == treatments[rows[1]]:
            raise BadSheet(
                problem=f"Both arms of {name} are called {treatments[rows[0]]}.",
                remedy="Name two treatments.",
            )
        own = list(rows)
        if last is not None and last not in (treatments[rows[0]], treatments[rows[1]]):
            without.append(name)
        elif last is not None and treatments[rows[0]] == last:
            own.reverse()
            turned.append(name)
        pairs.append(own)
    if without:
        raise BadSheet(
            problem=f"No arm is called {last} in: {', '.join(without)}.",
            remedy="Leave these studies out, or use the network command.",
        )
    if last is not None:
        other = next((t for t in order if t != last), "")
        said = [f"{other if len(order) == 2 else 'Each treatment'} versus {last}."]
        if turned:
            said.append(f"The order of the arms was turned for: {', '.join(turned)}.")
        return pairs, said
    return pairs, _several(pairs, treatments)


def _several(pairs: Sequence[Sequence[int]], treatments: Sequence[str]) -> list[str]:
    """More than two treatments without a common control: first versus second, as listed."""
    seen = list(dict.fromkeys((treatments[a], treatments[b]) for a, b in pairs))
    both_ways = [f"{a} versus {b}" for a, b in seen if (b, a) in seen]
    if both_ways:
        raise BadSheet(
            problem=f"The table compares in both directions: {' and '.join(both_ways)}.",
            remedy="Name the comparator with --control, or use the network command.",
        )
    said = "; ".join(f"{a} versus {b}" for a, b in seen)
    return [f"The first arm of each study versus its second: {said}."]


def group_effects(
    chosen: Measure, columns: Mapping[str, Vector], zeros: Zeros, labels: list[str]
) -> EffectSizes | None:
    if not columns:
        return None
    drop = False if zeros.keep00 else None
    given: dict[str, Any] = dict(columns)
    return effect_sizes(
        chosen.name, add=zeros.add, to=zeros.to, drop00=drop, labels=labels, **given
    )
