"""From a sheet to the contrasts of a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from reviewtool.reading import written
from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import BadCell, BadSheet, UnknownChoice
from reviewtool.stats.from_sheets.names import one_spelling
from reviewtool.stats.from_sheets.suggestion import estimate_heading
from reviewtool.stats.measures import measure as measure_named
from reviewtool.stats.sheets import Sheet

if TYPE_CHECKING:
    from reviewtool.stats.network.contrasts import Contrasts


def network_contrasts(
    sheet: Sheet, measure: str, say: Callable[[str], None] = lambda _: None
) -> Contrasts:
    """Contrasts of a network from arms or contrasts. Raises BadCell, BadSheet, BadStudy.

    say: told what a reader should know.
    """
    from reviewtool.stats.network.contrasts import NEEDS, arm_contrasts

    if sheet.find("treat1") and sheet.find("treat2"):
        return _contrast_rows(sheet, measure, say)
    if measure not in NEEDS:
        raise UnknownChoice(what="Measure", given=measure, choices=", ".join(NEEDS))
    study = [" ".join(name.split()) for name in sheet.named("study")]
    treatment, joined = one_spelling(sheet.named("treatment"))
    for words in joined:
        say(words)
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


def _contrast_rows(sheet: Sheet, measure: str, say: Callable[[str], None]) -> Contrasts:
    from reviewtool.stats.network.contrasts import given_contrasts

    heading = estimate_heading(sheet)
    if heading is None:
        sheet.need("yi")
    chosen = measure_named(measure)
    if chosen.is_ratio and sheet.find("yi") is None:
        raise BadSheet(
            problem=f"The column {heading} may hold {chosen.heading.lower()}s or their logarithms.",
            remedy=f"A network takes logarithms: choose them with --col-yi {heading}.",
        )
    te = sheet.choosing({"yi": heading or ""}).numbers("yi")
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
    study = [" ".join(name.split()) for name in sheet.named("study")]
    both, joined = one_spelling([*sheet.named("treat1"), *sheet.named("treat2")])
    for words in joined:
        say(words)
    one, two = both[: len(study)], both[len(study) :]
    for i, (a, b) in enumerate(zip(one, two, strict=True)):
        if a == b:
            raise BadCell(
                row=sheet.lines[i],
                column=sheet.need("treat2"),
                problem=f"{a} is compared with itself.",
                remedy="Name two treatments.",
            )
    return given_contrasts(study, one, two, te, se, measure)
