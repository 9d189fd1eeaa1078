"""From a sheet to an analysis: which columns play which role.

Three forms: one row per study with both arms (ai, n1i, ci, n2i, ...) or an effect
(yi with sei or vi, est with lb and ub), one row per arm (study, treatment, event, n,
...), one row per contrast (study, treat1, treat2, te, se).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reviewtool.reading import written
from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import BadCell, BadSheet, UnknownChoice
from reviewtool.stats.measures import Data, EffectSizes, effect_sizes
from reviewtool.stats.measures import measure as measure_named
from reviewtool.stats.sheets import Sheet, row_labels

if TYPE_CHECKING:
    from reviewtool.stats.network.contrasts import Contrasts

ARM_ROLES = {
    "event": ("ai", "ci"),
    "n": ("n1i", "n2i"),
    "mean": ("m1i", "m2i"),
    "sd": ("sd1i", "sd2i"),
}
RATE_ROLES = {"event": ("x1i", "x2i"), "time": ("t1i", "t2i")}


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """One effect per study: names, effects, rows of the sheet they came from."""

    names: tuple[str, ...]
    effects: EffectSizes
    sheet: Sheet  # one row per study, for subgroups and moderators

    @property
    def used(self) -> np.ndarray:
        """Indices of studies with an effect."""
        return self.effects.usable


@dataclass(frozen=True, slots=True, eq=False)
class PairedColumns:
    """Two-arm columns of every study, by role."""

    columns: dict[str, Any]
    sheet: Sheet
    names: tuple[str, ...]


def study_effects(sheet: Sheet, measure: str, level: float = 95.0) -> Rows:
    """The effect of every study. Raises BadCell, BadSheet, BadStudy, UnknownChoice."""
    measure = measure_named(measure).name
    paired = paired_columns(sheet, measure)
    labels = row_labels(paired.sheet)
    columns = paired.columns
    if "yi" in columns and not ("vi" in columns or "sei" in columns or "lb" in columns):
        paired.sheet.need("sei")
    es = (
        _reported(measure, columns, labels)
        if "yi" in columns and measure_named(measure).data is not Data.ESTIMATE
        else effect_sizes(measure, level=level, labels=labels, **columns)
    )
    return Rows(paired.names, es, paired.sheet)


def paired_columns(sheet: Sheet, measure: str) -> PairedColumns:
    """Columns by role, whether the sheet has a row per study or per arm."""
    roles = sorted({n for need in measure_named(measure).needs for n in need.split("|")})
    roles += ["vi", "sei", "lb", "ub", "yi"]
    arm_level = sheet.find("treatment") is not None and not any(
        sheet.find(role) for role in ("ai", "m1i", "x1i", "yi")
    )
    if arm_level:
        return _from_arms(sheet, measure)
    names = sheet.text("study") if sheet.find("study") else [f"Row {i}" for i in sheet.lines]
    columns = {role: sheet.numbers(role) for role in dict.fromkeys(roles) if sheet.find(role)}
    if not columns.keys() & {"yi"}:
        for need in measure_named(measure).needs:
            if not any(role in columns for role in need.split("|")):
                sheet.need(need.split("|")[-1])
    return PairedColumns(columns, sheet, tuple(names))


def _from_arms(sheet: Sheet, measure: str) -> PairedColumns:
    """The first arm of each study versus its second."""
    roles = RATE_ROLES if measure_named(measure).data is Data.RATES else ARM_ROLES
    arms: dict[str, list[int]] = {}
    for i, name in enumerate(sheet.named("study")):
        arms.setdefault(name, []).append(i)
    for name, rows in arms.items():
        if len(rows) != 2:
            raise BadCell(
                row=sheet.lines[rows[-1]],
                column=sheet.need("study"),
                problem=f"{name} has {len(rows)} arms.",
                remedy="Give two arms per study, or use the network command.",
            )
    first, second = (sheet.at(rows[side] for rows in arms.values()) for side in (0, 1))
    needed = {role for need in measure_named(measure).needs for role in need.split("|")}
    columns = {}
    for name, (one, two) in roles.items():
        if {one, two} & needed:
            columns[one], columns[two] = first.numbers(name), second.numbers(name)
    return PairedColumns(columns, first, tuple(arms))


def _reported(measure: str, columns: dict[str, Vector], labels: list[str]) -> EffectSizes:
    """Effects given on the analysis scale, whatever the measure."""
    given: dict[str, Any] = {
        name: columns[name] for name in ("yi", "vi", "sei", "lb", "ub") if name in columns
    }
    es = effect_sizes("GEN", labels=labels, **given)
    return replace(es, measure=measure)


def network_contrasts(sheet: Sheet, measure: str) -> Contrasts:
    """Contrasts of a network from arms or contrasts. Raises BadCell, BadSheet, BadStudy."""
    from reviewtool.stats.network.contrasts import NEEDS, arm_contrasts

    if sheet.find("treat1") and sheet.find("treat2"):
        return _contrast_rows(sheet, measure)
    if measure not in NEEDS:
        raise UnknownChoice(what="Measure", given=measure, choices=", ".join(NEEDS))
    study, treatment = sheet.named("study"), sheet.named("treatment")
    columns: dict[str, Any] = {name: sheet.numbers(name) for name in NEEDS[measure]}
    for name, values in columns.items():
        _check_arms(sheet, name, values, columns.get("n"))
    return arm_contrasts(study, treatment, measure=measure, **columns)


def _check_arms(sheet: Sheet, name: str, values: Vector, n: Vector | None) -> None:
    """Impossible arms, by row: the contrasts would only know the study."""
    wrong = values < 0 if name == "event" else values <= 0
    if name == "mean":
        wrong = np.zeros(values.shape, dtype=bool)
    over = values > n if name == "event" and n is not None else np.zeros(values.shape, dtype=bool)
    for i in np.flatnonzero(wrong | over).tolist():
        problem = "there are more events than people." if over[i] else "it is too small."
        raise BadCell(
            row=sheet.lines[i],
            column=sheet.need(name),
            problem=f"{written(values[i])}: {problem}",
            remedy="Correct the number, or leave the cell empty.",
        )


def _contrast_rows(sheet: Sheet, measure: str) -> Contrasts:
    from reviewtool.stats.network.contrasts import given_contrasts

    te = sheet.numbers("yi")
    if sheet.find("sei") is None and sheet.find("vi") is None:
        raise BadSheet(
            problem="There is no column with standard errors.", remedy="Add one called se."
        )
    column = "sei" if sheet.find("sei") else "vi"
    spread = sheet.numbers(column)
    for i in np.flatnonzero(spread <= 0).tolist():
        raise BadCell(
            row=sheet.lines[i],
            column=sheet.need(column),
            problem=f"{written(spread[i])} is not above zero.",
            remedy="Correct the number, or leave the row out.",
        )
    se = spread if column == "sei" else np.sqrt(spread)
    study, one, two = (sheet.named(name) for name in ("study", "treat1", "treat2"))
    for i, (a, b) in enumerate(zip(one, two, strict=True)):
        if a == b:
            raise BadCell(
                row=sheet.lines[i],
                column=sheet.need("treat2"),
                problem=f"{a} is compared with itself.",
                remedy="Name two treatments.",
            )
    return given_contrasts(study, one, two, te, se, measure)
