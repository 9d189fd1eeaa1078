"""From a sheet to the contrasts of a network: rows of arms, of contrasts, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reviewtool.reading import written
from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import BadCell, BadSheet, UnknownChoice
from reviewtool.stats.from_sheets.estimates import checked, given_effects
from reviewtool.stats.from_sheets.names import one_spelling
from reviewtool.stats.measures import measure as measure_named
from reviewtool.stats.sheets import Sheet, row_labels

if TYPE_CHECKING:
    from reviewtool.stats.network.contrasts import Contrasts

Say = Callable[[str], None]


def network_contrasts(
    sheet: Sheet,
    measure: str,
    *,
    interval_level: float | None = None,
    say: Say = lambda _: None,
    warn: Say = lambda _: None,
) -> Contrasts:
    """Contrasts of a network. A study's arms come before the contrasts it reports.

    interval_level: of reported intervals. say, warn: told what a reader should know, and
    look at. Raises BadCell, BadSheet, BadStudy, UnknownChoice.
    """
    from reviewtool.stats.network.contrasts import NEEDS

    sheet = _as_arms(sheet, measure, say)
    pairs = sheet.find("treat1") is not None and sheet.find("treat2") is not None
    arms = sheet.find("treatment") is not None and measure in NEEDS
    if pairs and arms and all(sheet.find(name) for name in NEEDS[measure]):
        by_pair, by_arm = _split(sheet)
    else:
        every = list(range(len(sheet.lines)))
        by_pair, by_arm = (every, []) if pairs else ([], every)
    if by_arm and measure not in NEEDS:
        raise UnknownChoice(what="Measure", given=measure, choices=", ".join(NEEDS))
    spelled = _spelled(sheet, by_pair, by_arm, say)
    parts = []
    if by_arm:
        parts.append(_from_arms(sheet.at(by_arm), measure, spelled))
    if by_pair:
        parts.append(_from_pairs(sheet.at(by_pair), measure, interval_level, spelled, say, warn))
    return parts[0] if len(parts) == 1 else _together(parts[0], parts[1], say)


# What the arms of a row are called in a table with a row per study: R's netmeta, for one.
SIDES = {
    "treatment": ("treat1", "treat2"),
    "event": ("ai", "ci"),
    "n": ("n1i", "n2i"),
    "mean": ("m1i", "m2i"),
    "sd": ("sd1i", "sd2i"),
    "time": ("t1i", "t2i"),
}


def has_arms(sheet: Sheet, roles: Sequence[str]) -> bool:
    """Whether the table has arms with these numbers, a row for each or side by side."""
    needed = ("treatment", *roles)
    if all(sheet.find(role) for role in needed):
        return True
    return all(sheet.find(side) for role in needed for side in SIDES[role])


def _as_arms(sheet: Sheet, measure: str, say: Say) -> Sheet:
    """A table with all arms of a study in one row as a table with a row per arm."""
    from reviewtool.stats.network.contrasts import NEEDS

    roles = ("treatment", *NEEDS.get(measure, ()))
    if measure not in NEEDS or not all(sheet.find(r) for role in roles for r in SIDES[role]):
        return sheet
    sides = [[sheet.need(SIDES[role][i]) for role in roles] for i in (0, 1)]
    more = 3
    while further := [sheet.numbered(name, more) for name in (SIDES[r][0] for r in roles)]:
        if None in further:
            break
        sides.append([heading for heading in further if heading])
        more += 1
    study = sheet.need("study")
    rows, lines = [], []
    for i, line in enumerate(sheet.lines):
        for side in sides:
            cells = [sheet.cells(heading)[i] for heading in side]
            if any(cells):
                rows.append((sheet.cells(study)[i], *cells))
                lines.append(line)
    say(f"Each row was read as a study with {len(sides)} arms or fewer.")
    return replace(sheet, header=("study", *roles), rows=tuple(rows), lines=tuple(lines), chosen={})


def _split(sheet: Sheet) -> tuple[list[int], list[int]]:
    """Rows that compare two treatments, and rows of one arm. Raises BadCell for others."""
    one, two, own = (sheet.text(role) for role in ("treat1", "treat2", "treatment"))
    by_pair, by_arm = [], []
    for i, line in enumerate(sheet.lines):
        if one[i] and two[i] and not own[i]:
            by_pair.append(i)
        elif own[i] and not one[i] and not two[i]:
            by_arm.append(i)
        else:
            raise BadCell(
                row=line,
                column=sheet.need("treatment"),
                problem="the row names neither one treatment nor two that are compared.",
                remedy=f"Fill {sheet.need('treatment')}, or {sheet.need('treat1')} and "
                f"{sheet.need('treat2')}.",
            )
    return by_pair, by_arm


def _spelled(
    sheet: Sheet, by_pair: Sequence[int], by_arm: Sequence[int], say: Say
) -> dict[str, str]:
    """Treatment as written -> its one spelling."""
    names: list[str] = []
    if by_arm:
        names += sheet.at(by_arm).named("treatment")
    if by_pair:
        names += sheet.at(by_pair).named("treat1") + sheet.at(by_pair).named("treat2")
    found, joined = one_spelling(names)
    for words in joined:
        say(words)
    return dict(zip(names, found, strict=True))


def study_names(sheet: Sheet) -> list[str]:
    """The study of every row, spaces tidied. Raises BadCell, BadSheet."""
    return [" ".join(name.split()) for name in sheet.named("study")]


def _from_arms(sheet: Sheet, measure: str, spelled: dict[str, str]) -> Contrasts:
    from reviewtool.stats.network.contrasts import NEEDS, arm_contrasts

    treatment = [spelled[name] for name in sheet.named("treatment")]
    columns: dict[str, Any] = {name: sheet.numbers(name) for name in NEEDS[measure]}
    for name, values in columns.items():
        _check_arms(sheet, name, values, columns.get("n"))
    return arm_contrasts(study_names(sheet), treatment, measure=measure, **columns)


def _check_arms(sheet: Sheet, name: str, values: Vector, n: Vector | None) -> None:
    """Impossible arms, by row: the contrasts would only know the study."""
    wrong = values < 0 if name != "mean" else np.zeros(values.shape, dtype=bool)
    over = values > n if name == "event" and n is not None else np.zeros(values.shape, dtype=bool)
    for i in np.flatnonzero(wrong | over).tolist():
        problem = "there are more events than people." if over[i] else "it cannot be negative."
        raise BadCell(
            row=sheet.lines[i],
            column=sheet.need(name),
            problem=f"{written(values[i])}: {problem}",
            remedy="Correct the number, or leave the cell empty.",
        )


def _from_pairs(
    sheet: Sheet,
    measure: str,
    interval_level: float | None,
    spelled: dict[str, str],
    say: Say,
    warn: Say,
) -> Contrasts:
    from reviewtool.stats.network.contrasts import Contrasts

    chosen, labels = measure_named(measure), row_labels(sheet)
    one, two = ([spelled[name] for name in sheet.named(role)] for role in ("treat1", "treat2"))
    for i, (a, b) in enumerate(zip(one, two, strict=True)):
        if a == b:
            raise BadCell(
                row=sheet.lines[i],
                column=sheet.need("treat2"),
                problem=f"{a} is compared with itself.",
                remedy="Name two treatments.",
            )
    given = given_effects(sheet, chosen, interval_level, labels)
    if given is None:
        sheet.need("yi")
        raise AssertionError
    usable = np.zeros(len(labels), dtype=bool)
    usable[given.effects.usable] = True
    for words in given.notes:
        say(words)
    for words in checked(given, usable, chosen, labels):
        warn(words)
    return Contrasts(
        tuple(study_names(sheet)),
        tuple(one),
        tuple(two),
        np.where(usable, given.effects.y, np.nan),
        np.where(usable, given.effects.v, np.nan) ** 0.5,
        chosen.name,
        reasons=given.effects.reasons,
    )


def _together(arms: Contrasts, pairs: Contrasts, say: Say) -> Contrasts:
    """Arms and reported contrasts in one network, each study by the best data it has."""
    from reviewtool.stats.network.contrasts import Contrasts

    lost = {one.study for one in arms.left_out}
    own = {name for name in arms.study if name not in lost}
    kept = [i for i, name in enumerate(pairs.study) if name not in own]
    unused = sorted({name for name in pairs.study if name in own})
    if unused:
        say(f"Reported contrasts were not used where arms were: {', '.join(unused)}.")
    reported = pairs.at(kept)
    rows = [i for i, name in enumerate(arms.study) if name in own]
    used = arms.at(rows)
    names = {*reported.study}
    defined = {name for name, why in zip(reported.study, reported.reasons, strict=True) if not why}
    if defined:
        say(f"Contrasts as reported: {', '.join(sorted(defined))}; the others from their arms.")
    left_out = [one for one in arms.left_out if one.study not in names]
    left_out += [one for one in pairs.left_out if one.study not in own]
    return Contrasts(
        (*used.study, *reported.study),
        (*used.treat1, *reported.treat1),
        (*used.treat2, *reported.treat2),
        np.concatenate([used.te, reported.te]),
        np.concatenate([used.se, reported.se]),
        arms.measure,
        arms.corrected,
        (*used.reasons, *reported.reasons),
        tuple(left_out),
    )


def refuse_empty(sheet: Sheet) -> None:
    """Raises BadSheet for a table without arms and without contrasts."""
    raise BadSheet(
        problem="No columns were found that hold arms or contrasts: the columns are "
        f"{', '.join(h for h in sheet.header if h)}.",
        remedy="Name them with options such as --col-treatment, --col-event, --col-n.",
    )
