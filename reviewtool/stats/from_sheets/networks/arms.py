"""Rows of arms to contrasts, or to the counts that Mantel and Haenszel's method needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from reviewtool.reading import written
from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import BadCell, BadSheet
from reviewtool.stats.from_sheets.groups import arm_numbers
from reviewtool.stats.from_sheets.networks.rows import Say, refuse_unused, rows_of, study_names
from reviewtool.stats.results import LeftOut
from reviewtool.stats.sheets import Sheet

if TYPE_CHECKING:
    from reviewtool.stats.network.contrasts import Contrasts


class Counted(NamedTuple):
    """Events of people, a value per arm; and the studies that only report an effect."""

    study: list[str]
    treatment: list[str]
    event: Vector
    n: Vector
    without: list[LeftOut]


def network_counts(sheet: Sheet, *, say: Say = lambda _: None, strict: bool = False) -> Counted:
    """The arms of a network of counts. Raises BadCell, BadSheet."""
    arms, pairs, spelled = rows_of(sheet, "OR", say)
    if arms is None:
        raise BadSheet(
            problem="The Mantel-Haenszel method needs the counts of every arm, and the table has "
            "none.",
            remedy="Give events and people, in a row per arm (treatment, event, n) or per "
            "comparison (treat1, event1, n1, treat2, event2, n2), or leave --method MH out.",
        )
    refuse_unused(sheet, "OR", arms, None, None)
    event, n = arms.numbers("event"), arms.numbers("n")
    if strict:
        check_arms(arms, {"event": event, "n": n})
    names = study_names(arms)
    reported = [] if pairs is None else study_names(pairs)
    why = "it has no counts, which the Mantel-Haenszel method needs"
    without = [LeftOut(name, why) for name in dict.fromkeys(reported) if name not in names]
    return Counted(names, [spelled[t] for t in arms.named("treatment")], event, n, without)


def from_arms(
    sheet: Sheet, measure: str, spelled: dict[str, str], strict: bool, say: Say
) -> Contrasts:
    from reviewtool.stats.network.contrasts import NEEDS, arm_contrasts

    treatment = [spelled[name] for name in sheet.named("treatment")]
    columns: dict[str, Any] = {}
    for name in NEEDS[measure]:
        columns[name], said = arm_numbers(sheet, name)
        if said:
            say(said)
    if strict:
        check_arms(sheet, columns)
    return arm_contrasts(study_names(sheet), treatment, measure=measure, strict=strict, **columns)


def check_arms(sheet: Sheet, columns: dict[str, Any]) -> None:
    """Raises BadCell for an impossible arm, by row: the contrasts would only know the study."""
    from reviewtool.stats.network.contrasts import impossible_arms

    for i, name, reason in impossible_arms(columns):
        raise BadCell(
            row=sheet.lines[i],
            column=sheet.find(name) or name,
            problem=f"{written(columns[name][i])}: {reason}.",
            remedy="Correct the number, or leave the cell empty.",
        )
