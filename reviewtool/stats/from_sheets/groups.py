"""What the groups of a study gave: a row per study, or a row per arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import BadCell, BadSheet, UnknownChoice
from reviewtool.stats.from_sheets.names import one_spelling
from reviewtool.stats.from_sheets.suggestion import ARM_ROLES, error_of, estimate_heading
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


@dataclass(frozen=True, slots=True)
class Grouped:
    """A table by study: its rows, the studies' names, the columns of their groups.

    wrong: why the groups of a row cannot be used, whatever their numbers.
    """

    sheet: Sheet
    names: tuple[str, ...]
    columns: dict[str, Vector]
    notes: tuple[str, ...] = ()
    arms: tuple[str, str] = ARMS
    wrong: dict[int, str] = field(default_factory=dict)


def from_rows(
    sheet: Sheet, chosen: Measure, by_estimate: bool = False, strict: bool = False
) -> Grouped:
    """A row per study: the columns of its groups, as far as the table has them.

    by_estimate: the estimates were chosen, and groups that are there are not used. strict:
    impossible numbers raise.
    """
    heading = sheet.find("study")
    names = sheet.cells(heading) if heading else [""] * len(sheet.lines)
    called = tuple(n or f"Row {line}" for n, line in zip(names, sheet.lines, strict=True))
    if chosen.data is Data.ESTIMATE:
        return Grouped(sheet, called, {})
    roles = [role for need in chosen.needs for role in need.split("|")]
    there = {role: found for role in roles if (found := sheet.find(role))}
    errors = {role: of for role in roles if role not in there and (of := error_of(sheet, role))}
    there |= {role: heading for role, (heading, _) in errors.items()}
    said: tuple[str, ...] = ()
    if by_estimate:
        columns_there = ", ".join(there.values())
        unused = f"The columns {columns_there} were not used: the estimates were chosen."
        return Grouped(sheet, called, {}, (unused,) if there else ())
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
    columns = {role: sheet.numbers_of(role, there[role]) for role in there}
    for role, (heading, size) in errors.items():
        columns[role] = columns[role] * np.sqrt(sheet.numbers(size))
        said = (*said, sd_said(heading))
    wrong = _totals(sheet, there, columns, strict)
    out = np.isin(np.arange(len(called)), list(wrong))
    columns = {role: np.where(out, np.nan, values) for role, values in columns.items()}
    return Grouped(sheet, called, columns, said, wrong=wrong)


def sd_said(heading: str) -> str:
    """How SDs came from standard errors (Cochrane Handbook 6.5, section 6.5.2.2)."""
    return f"SDs were computed from the standard errors of the means ({heading}): SE times √n."


def _totals(
    sheet: Sheet, there: Mapping[str, str], columns: Mapping[str, Vector], strict: bool
) -> dict[int, str]:
    """Rows whose events and the rest do not make up the total, and how. Raises BadCell."""
    found: dict[int, str] = {}
    for events, rest, total in (("ai", "bi", "n1i"), ("ci", "di", "n2i"), ("xi", "mi", "ni")):
        if not {events, rest, total} <= columns.keys():
            continue
        off = np.abs(columns[events] + columns[rest] - columns[total]) > 1e-6
        for i in np.flatnonzero(off).tolist():
            made = plain(columns[events][i] + columns[rest][i], 10)
            said = f"{there[events]} and {there[rest]} make {made}, "
            said += f"not {plain(columns[total][i], 10)}"
            if strict:
                raise BadCell(
                    row=sheet.lines[i],
                    column=there[total],
                    problem=f"{said}.",
                    remedy="Correct them, or take one of the columns out.",
                )
            found.setdefault(i, said)
    return found


class ByArm(NamedTuple):
    """The rows of one study in a table by arm: its arms, and the row with what it reports."""

    arms: list[int]
    reported: int | None


def from_arms(sheet: Sheet, chosen: Measure, control: str | None, strict: bool = False) -> Grouped:
    """A row per arm: the experimental and the control arm of every study.

    A study may report its effect instead, or as well, in a row of its own or beside an arm.
    strict: a study without two arms raises BadCell; otherwise it is left out.
    """
    parts = _parts(chosen)
    numbers = {part: arm_numbers(sheet, ARM_ROLES[part]) for part in parts}
    called, written_alike = one_spelling(sheet.named("study"))
    studies = _by_study(sheet, called, numbers)
    own = [i for one in studies.values() for i in one.arms]
    at = sheet.at(own)
    found, alike = one_spelling(at.named("treatment"))
    treatments = dict(zip(own, found, strict=True))
    wrong = _not_two(sheet, studies, treatments, strict)
    arms = {n: one.arms for n, one in studies.items() if one.arms and n not in wrong}
    sides, notes, lacking = _oriented(arms, treatments, control)
    if lacking and strict:
        raise BadSheet(
            problem=" ".join(f"{name}: {why}." for name, why in lacking.items()),
            remedy="Leave these studies out, or use the network command.",
        )
    wrong |= lacking
    pairs = [sides.get(name, (-1, -1)) for name in studies]
    columns = {}
    for part, (one, two) in parts.items():
        values = np.append(numbers[part].values, np.nan)
        columns[one], columns[two] = (values[[pair[side] for pair in pairs]] for side in (0, 1))
    for said in dict.fromkeys(numbers[part].said for part in parts):
        notes += [said] if said else []
    sides_named = [{treatments[pair[side]] for pair in sides.values()} for side in (0, 1)]
    names = [
        one.pop() if len(one) == 1 else arm for one, arm in zip(sides_named, ARMS, strict=True)
    ]
    alone = [n for n, one in studies.items() if one.reported is not None and n not in sides]
    if alone:
        versus = f"{names[0]} versus {names[1]}" if sides else "as they stand"
        notes.append(f"Reported effects were taken as they stand, {versus}: {', '.join(alone)}.")
    return Grouped(
        _one_row_each(sheet, studies, pairs),
        tuple(studies),
        columns,
        (*written_alike, *alike, *notes),
        (names[0], names[1]),
        {i: wrong[name] for i, name in enumerate(studies) if name in wrong},
    )


def _parts(chosen: Measure) -> dict[str, tuple[str, str]]:
    """What an arm gives -> the columns of the two groups, as far as the measure needs them."""
    needed = {role for need in chosen.needs for role in need.split("|")}
    return {
        part: (columns[0], columns[1])
        for part, columns in chosen.data.parts.items()
        if len(columns) == 2 and needed & {*columns}
    }


class Numbers(NamedTuple):
    """A number of every row, shape (rows,), and how it was computed where it was."""

    values: Vector
    said: str = ""


def arm_numbers(sheet: Sheet, role: str) -> Numbers:
    """A number of every arm; an SD also from the standard error of the mean."""
    instead = error_of(sheet, role) if sheet.find(role) is None else None
    if instead is None:
        return Numbers(sheet.numbers(role))
    heading, size = instead
    values = sheet.numbers_under(heading) * np.sqrt(sheet.numbers(size))
    return Numbers(values, sd_said(heading))


def _by_study(
    sheet: Sheet, called: Sequence[str], numbers: Mapping[str, Numbers]
) -> dict[str, ByArm]:
    """The rows of every study, in the order of the table. Raises BadCell.

    called: the study of each row.
    """
    effects = [h for role in ("yi", "est", "effect") for h in sheet.candidates(role)]
    given = [any(not sheet.is_blank(i, h) for h in effects) for i in range(len(sheet.lines))]
    counted = ~np.logical_and.reduce([np.isnan(one.values) for one in numbers.values()])
    rows: dict[str, list[int]] = {}
    for i, name in enumerate(called):
        rows.setdefault(name, []).append(i)
    found = {}
    for name, own in rows.items():
        reported = [i for i in own if given[i]]
        said = {tuple(sheet.rows[i][sheet.header.index(h)] for h in effects) for i in reported}
        if len(said) > 1 and sum(counted[i] for i in own) == 2:
            reported = []  # a number of each arm; the arms themselves are there
        elif len(said) > 1:
            raise BadCell(
                row=sheet.lines[reported[-1]],
                column=effects[0],
                problem=f"{name} reports {len(said)} effects.",
                remedy="Keep the one that is to be pooled.",
            )
        arms = [i for i in own if counted[i] or not given[i]]
        found[name] = ByArm(arms, reported[0] if reported else None)
    return found


def _not_two(
    sheet: Sheet, studies: Mapping[str, ByArm], treatments: Mapping[int, str], strict: bool
) -> dict[str, str]:
    """Studies that cannot be compared, and why. Raises BadCell for more than two arms."""
    found = {}
    for name, (arms, reported) in studies.items():
        if not arms or len(arms) == 2 and treatments[arms[0]] != treatments[arms[1]]:
            continue
        if len(arms) == 2:
            why = f"both its arms are called {treatments[arms[0]]}"
        else:
            why = f"it has {'one arm' if len(arms) == 1 else f'{len(arms)} arms'}"
        if len(arms) > 2 or (strict and reported is None):
            raise BadCell(
                row=sheet.lines[arms[-1]],
                column=sheet.need("study"),
                problem=f"{name}: {why}.",
                remedy="Give two arms per study, or use the network command.",
            )
        found[name] = why
    return found


def _one_row_each(
    sheet: Sheet, studies: Mapping[str, ByArm], pairs: Sequence[tuple[int, int]]
) -> Sheet:
    """A row per study: of its experimental arm, with the effect that the study reports."""
    effects = {
        sheet.header.index(heading)
        for role in ("yi", "est", "effect", "vi", "sei", "lb", "ub", "ci_level", "pval")
        for heading in sheet.candidates(role)
    }
    rows, lines = [], []
    for (arms, reported), (first, _) in zip(studies.values(), pairs, strict=True):
        own = first if first >= 0 else reported if reported is not None else arms[0]
        of = own if reported is None else reported
        cells = enumerate(zip(sheet.rows[own], sheet.rows[of], strict=True))
        rows.append(tuple(theirs if at in effects else mine for at, (mine, theirs) in cells))
        lines.append(sheet.lines[own])
    return replace(sheet, rows=tuple(rows), lines=tuple(lines))


def _oriented(
    arms: Mapping[str, list[int]], treatments: Mapping[int, str], control: str | None
) -> tuple[dict[str, tuple[int, int]], list[str], dict[str, str]]:
    """Rows of each study, the control last; what is compared, in words; who has no control."""
    order = list(dict.fromkeys(treatments[i] for rows in arms.values() for i in rows))
    if control is not None:
        known = {t.casefold(): t for t in order}
        last = known.get(" ".join(control.split()).casefold())
        if last is None:
            raise UnknownChoice(what="Treatment", given=control, choices=", ".join(order))
    elif len(order) == 2:
        last = treatments[next(iter(arms.values()))[1]]
    else:
        last = None
    pairs: dict[str, tuple[int, int]] = {}
    turned, without = [], {}
    for name, (first, second) in arms.items():
        pair = (first, second)
        if last is not None and last not in (treatments[first], treatments[second]):
            without[name] = f"it has no arm called {last}"
            continue
        if last is not None and treatments[first] == last:
            pair = (second, first)
            turned.append(name)
        pairs[name] = pair
    if last is not None:
        other = next((t for t in order if t != last), "")
        said = [f"{other if len(order) == 2 else 'Each treatment'} versus {last}."]
        if turned:
            said.append(f"The order of the arms was turned for: {', '.join(turned)}.")
        return pairs, said, without
    return pairs, _several(list(pairs.values()), treatments) if pairs else [], without


def _several(pairs: Sequence[tuple[int, int]], treatments: Mapping[int, str]) -> list[str]:
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
    chosen: Measure,
    grouped: Grouped,
    zeros: Zeros,
    labels: list[str],
    strict: bool = False,
) -> EffectSizes | None:
    """The effects that the groups of the studies give; None without groups."""
    if not grouped.columns:
        return None
    drop = False if zeros.keep00 else None
    given: dict[str, Any] = dict(grouped.columns)
    own = effect_sizes(
        chosen.name,
        add=zeros.add,
        to=zeros.to,
        drop00=drop,
        labels=labels,
        strict=strict,
        **given,
    )
    return own.without(grouped.wrong)
