"""The rows of a network's table: those of arms, and those that compare two treatments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from reviewtool.stats.columns import ROLES
from reviewtool.stats.errors import BadCell, BadSheet
from reviewtool.stats.from_sheets.estimates import PRECISION
from reviewtool.stats.from_sheets.names import one_spelling
from reviewtool.stats.from_sheets.suggestion import error_of, estimate_heading, has_role
from reviewtool.stats.measures import measure as measure_named
from reviewtool.stats.sheets import Sheet

if TYPE_CHECKING:
    pass


Say = Callable[[str], None]


class Rows(NamedTuple):
    """The rows of a network's table: those of arms, and those that compare two treatments.

    Both keep the rows of their file. ``spelled``: treatment as written -> its one spelling.
    """

    arms: Sheet | None
    pairs: Sheet | None
    spelled: dict[str, str]


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
    if all(has_role(sheet, role) for role in needed):
        return True
    return all(has_role(sheet, side) for role in needed for side in SIDES[role])


def rows_of(sheet: Sheet, measure: str, say: Say) -> Rows:
    """The rows of arms and of comparisons. Raises BadSheet, BadCell."""
    from reviewtool.stats.network.contrasts import NEEDS

    needs = NEEDS.get(measure, ())
    study = sheet.need("study")
    names, joined = one_spelling(sheet.named("study"))
    for words in joined:
        say(words)
    sheet = sheet.with_cells(study, names)
    wide = bool(needs) and all(
        has_role(sheet, r) for role in ("treatment", *needs) for r in SIDES[role]
    )
    arms: Sheet | None = None
    pairs: Sheet | None = None
    if wide:
        arms, pairs = _side_by_side(sheet, needs, say)
    elif sheet.find("treatment") is None and sheet.find("treat1") and sheet.find("treat2"):
        pairs = sheet
    else:
        by_pair, by_arm = _split(sheet)
        if by_arm and not (needs and all(has_role(sheet, role) for role in needs)):
            _refuse_arms(sheet, measure, needs)
        arms = sheet.at(by_arm) if by_arm else None
        pairs = _with_two(sheet, by_pair) if by_pair else None
    return Rows(arms, pairs, _spelled(arms, pairs, say))


def _refuse_arms(sheet: Sheet, measure: str, needs: Sequence[str]) -> None:
    """Raises BadSheet for arms that the measure cannot be computed from."""
    from reviewtool.stats.network.contrasts import NEEDS

    if needs:
        for role in needs:
            if not has_role(sheet, role):
                sheet.need(role)
    plural = measure_named(measure).plural
    raise BadSheet(
        problem=f"The table has a row per arm, and {plural} cannot be computed from arms: "
        "studies report them.",
        remedy="Give a row per comparison (study, treat1, treat2, the effect and its interval or "
        f"standard error), or choose a measure of arms: {', '.join(NEEDS)}.",
    )


def _side_by_side(
    sheet: Sheet, needs: Sequence[str], say: Say
) -> tuple[Sheet | None, Sheet | None]:
    """A table with all arms of a study in one row: a row per arm, and what rows report."""
    roles = ("treatment", *needs)
    sides = [[_heading(sheet, SIDES[role][i]) for role in roles] for i in (0, 1)]
    more = 3
    while further := [sheet.numbered(name, more) for name in (SIDES[r][0] for r in roles)]:
        if None in further:
            break
        sides.append([heading for heading in further if heading])
        more += 1
    study, effect = sheet.need("study"), estimate_heading(sheet)
    header = [role if has_sd(sheet, role) else "sem" for role in roles]
    rows, lines, reported = [], [], []
    for i, line in enumerate(sheet.lines):
        given = [side for side in sides if not all(sheet.is_blank(i, h) for h in side[1:])]
        if effect is not None and not sheet.is_blank(i, effect):
            reported.append(i)
            if not given:
                continue
        for side in sides:
            cells = [sheet.cells(heading)[i] for heading in side]
            if any(cells):
                rows.append((sheet.cells(study)[i], *cells))
                lines.append(line)
    say(f"Each row was read as a study with {len(sides)} arms or fewer.")
    apart = replace(
        sheet, header=("study", *header), rows=tuple(rows), lines=tuple(lines), chosen={}
    )
    return apart if rows else None, sheet.at(reported) if reported else None


def has_sd(sheet: Sheet, role: str) -> bool:
    """Whether the sides of a table give a number itself; an SD may follow from its error."""
    return role != "sd" or sheet.find(SIDES[role][0]) is not None


def _heading(sheet: Sheet, role: str) -> str:
    """A role's column, or that of the standard error an SD follows from."""
    instead = error_of(sheet, role) if sheet.find(role) is None else None
    return instead[0] if instead else sheet.need(role)


def _second(sheet: Sheet) -> tuple[str | None, str | None]:
    """The columns of the two treatments compared: beside a column of arms, the first may be it."""
    one, two = sheet.find("treat1"), sheet.find("treat2")
    return one or (sheet.find("treatment") if two else None), two


def _with_two(sheet: Sheet, rows: Sequence[int]) -> Sheet:
    one, two = _second(sheet)
    chosen = {"treat1": one, "treat2": two}
    of = sheet.at(rows)
    return replace(of, chosen={**of.chosen, **{r: h for r, h in chosen.items() if h}})


def _split(sheet: Sheet) -> tuple[list[int], list[int]]:
    """Rows that compare two treatments, and rows of one arm. Raises BadCell for others."""
    arm, (first, second) = sheet.need("treatment"), _second(sheet)
    if first is None or second is None:
        return [], list(range(len(sheet.lines)))
    by_pair, by_arm = [], []
    for i, line in enumerate(sheet.lines):
        one, two, own = (not sheet.is_blank(i, heading) for heading in (first, second, arm))
        if one and two and (not own or first == arm):
            by_pair.append(i)
        elif own and not two and (not one or first == arm):
            by_arm.append(i)
        else:
            raise BadCell(
                row=line,
                column=arm,
                problem="the row names neither one treatment nor two that are compared.",
                remedy=f"Fill {arm}, or {first} and {second}.",
            )
    return by_pair, by_arm


def refuse_unused(
    sheet: Sheet,
    measure: str,
    arms: Sheet | None,
    pairs: Sheet | None,
    interval_level: float | None,
) -> None:
    """Raises BadSheet for a choice that nothing here asks for."""
    from reviewtool.stats.network.contrasts import NEEDS

    used = {"study"}
    if arms is not None:
        used |= {"treatment", *NEEDS.get(measure, ())}
        used |= {side for role in [*used] for side in SIDES.get(role, ())}
        used |= {"sem", "sem1i", "sem2i"} if "sd" in used else set()
    if pairs is not None:
        used |= {"treatment", "treat1", "treat2", "yi", "est", *PRECISION}
        used |= {"ci_level"} if sheet.find("lb") else set()
        used |= {"se_baseline", "n1i", "n2i"}
    unused = [ROLES[role].option for role in sheet.chosen if role not in used]
    if unused:
        raise BadSheet(
            problem=f"{', '.join(unused)} plays no role in this analysis.", remedy="Leave it out."
        )
    if interval_level is not None and (pairs is None or sheet.find("lb") is None):
        raise BadSheet(
            problem="--interval-level is about reported intervals, and the table has none.",
            remedy="Leave it out; --level is the level of the results.",
        )


def _spelled(arms: Sheet | None, pairs: Sheet | None, say: Say) -> dict[str, str]:
    """Treatment as written -> its one spelling, over the whole table."""
    names = [] if arms is None else arms.named("treatment")
    names += [] if pairs is None else pairs.named("treat1") + pairs.named("treat2")
    found, joined = one_spelling(names)
    for words in joined:
        say(words)
    return dict(zip(names, found, strict=True))


def study_names(sheet: Sheet) -> list[str]:
    """The study of every row. Raises BadCell, BadSheet."""
    return sheet.named("study")


def refuse_empty(sheet: Sheet) -> None:
    """Raises BadSheet for a table without arms and without contrasts."""
    raise BadSheet(
        problem="No columns were found that hold arms or contrasts: the columns are "
        f"{', '.join(h for h in sheet.header if h)}.",
        remedy="Name them with options such as --col-treatment, --col-event, --col-n.",
    )
