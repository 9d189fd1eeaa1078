"""From a sheet to the contrasts of a network: rows of arms, of contrasts, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reviewtool.reading import written
from reviewtool.stats.arrays import Vector
from reviewtool.stats.columns import ROLES
from reviewtool.stats.errors import BadCell, BadSheet
from reviewtool.stats.from_sheets.estimates import PRECISION, checked, examined, given_effects
from reviewtool.stats.from_sheets.groups import arm_numbers
from reviewtool.stats.from_sheets.names import one_spelling
from reviewtool.stats.from_sheets.suggestion import error_of, estimate_heading, has_role
from reviewtool.stats.measures import measure as measure_named
from reviewtool.stats.results import LeftOut
from reviewtool.stats.sheets import Sheet, row_labels

if TYPE_CHECKING:
    from reviewtool.stats.network.contrasts import Contrasts

Say = Callable[[str], None]


class Parts(NamedTuple):
    """The rows of a network's table: those of arms, and those that compare two treatments.

    Both keep the rows of their file. ``spelled``: treatment as written -> its one spelling.
    """

    arms: Sheet | None
    pairs: Sheet | None
    spelled: dict[str, str]


def network_contrasts(
    sheet: Sheet,
    measure: str,
    *,
    interval_level: float | None = None,
    say: Say = lambda _: None,
    warn: Say = lambda _: None,
    strict: bool = False,
) -> Contrasts:
    """Contrasts of a network. A study's arms come before the contrasts it reports.

    interval_level: of reported intervals. say, warn: told what a reader should know, and
    look at. strict: a study whose numbers cannot be raises; otherwise it is left out by
    name. Raises BadCell, BadSheet, BadStudy, UnknownChoice.
    """
    arms, pairs, spelled = _parts(sheet, measure, say)
    _refuse_unused(sheet, measure, arms, pairs, interval_level)
    found = []
    if arms is not None:
        found.append(_from_arms(arms, measure, spelled, strict, say))
    if pairs is not None:
        found.append(_from_pairs(pairs, measure, interval_level, spelled, say, warn, strict))
    return found[0] if len(found) == 1 else _together(found[0], found[1], say)


class Counted(NamedTuple):
    """Events of people, a value per arm; and the studies that only report an effect."""

    study: list[str]
    treatment: list[str]
    event: Vector
    n: Vector
    without: list[LeftOut]


def network_counts(sheet: Sheet, *, say: Say = lambda _: None, strict: bool = False) -> Counted:
    """The arms of a network of counts. Raises BadCell, BadSheet."""
    arms, pairs, spelled = _parts(sheet, "OR", say)
    if arms is None:
        raise BadSheet(
            problem="The Mantel-Haenszel method needs the counts of every arm, and the table has "
            "none.",
            remedy="Give events and people, in a row per arm (treatment, event, n) or per "
            "comparison (treat1, event1, n1, treat2, event2, n2), or leave --method MH out.",
        )
    _refuse_unused(sheet, "OR", arms, None, None)
    event, n = arms.numbers("event"), arms.numbers("n")
    if strict:
        _check_arms(arms, {"event": event, "n": n})
    names = study_names(arms)
    reported = [] if pairs is None else study_names(pairs)
    why = "it has no counts, which the Mantel-Haenszel method needs"
    without = [LeftOut(name, why) for name in dict.fromkeys(reported) if name not in names]
    return Counted(names, [spelled[t] for t in arms.named("treatment")], event, n, without)


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


def _parts(sheet: Sheet, measure: str, say: Say) -> Parts:
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
    return Parts(arms, pairs, _spelled(arms, pairs, say))


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


def _refuse_unused(
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


def _from_arms(
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
        _check_arms(sheet, columns)
    return arm_contrasts(study_names(sheet), treatment, measure=measure, strict=strict, **columns)


def _check_arms(sheet: Sheet, columns: dict[str, Any]) -> None:
    """Raises BadCell for an impossible arm, by row: the contrasts would only know the study."""
    from reviewtool.stats.network.contrasts import impossible_arms

    for i, name, reason in impossible_arms(columns):
        raise BadCell(
            row=sheet.lines[i],
            column=sheet.find(name) or name,
            problem=f"{written(columns[name][i])}: {reason}.",
            remedy="Correct the number, or leave the cell empty.",
        )


def _from_pairs(
    sheet: Sheet,
    measure: str,
    interval_level: float | None,
    spelled: dict[str, str],
    say: Say,
    warn: Say,
    strict: bool,
) -> Contrasts:
    from reviewtool.stats.network.contrasts import Contrasts

    chosen, labels = measure_named(measure), row_labels(sheet)
    one, two = ([spelled[name] for name in sheet.named(role)] for role in ("treat1", "treat2"))
    names = study_names(sheet)
    given = given_effects(sheet, chosen, interval_level, labels, strict=strict)
    if given is None:
        sheet.need("yi")
        raise AssertionError
    seen = examined(given, chosen, labels, np.ones(len(labels), bool), strict)
    stars = _stars(names, one, two)
    sizes = _Sizes.of(sheet, names, one, two)
    known = {study: base for study, base in stars.items() if sizes.known(study, base)}
    effects = seen.given.effects.without(_not_pairs(sheet, names, one, two, strict, stars, known))
    for words in given.notes:
        say(words)
    for words in checked(seen, ~effects.missing, chosen, labels):
        warn(words)
    usable = np.isin(np.arange(len(labels)), effects.usable)
    found = Contrasts(
        tuple(names),
        tuple(one),
        tuple(two),
        np.where(usable, effects.y, np.nan),
        np.where(usable, effects.v, np.nan) ** 0.5,
        chosen.name,
        reasons=effects.reasons,
    )
    return _with_every_pair(found, known, sizes, say)


def _stars(names: Sequence[str], one: Sequence[str], two: Sequence[str]) -> dict[str, str]:
    """Studies that report three arms or more against one only -> that arm."""
    from reviewtool.stats.network.baseline import common_arm

    pairs: dict[str, list[tuple[str, str]]] = {}
    for name, a, b in zip(names, one, two, strict=True):
        pairs.setdefault(name, []).append((a, b))
    return {name: base for name, own in pairs.items() if (base := common_arm(own))}


@dataclass(frozen=True)
class _Sizes:
    """What a table of contrasts says of the arms of its studies: (study, treatment) -> people,
    and study -> the variance of its common arm."""

    people: dict[tuple[str, str], float]
    baseline: dict[str, float]
    arms: dict[str, set[str]]

    @classmethod
    def of(
        cls, sheet: Sheet, names: Sequence[str], one: Sequence[str], two: Sequence[str]
    ) -> _Sizes:
        people: dict[tuple[str, str], float] = {}
        baseline: dict[str, float] = {}
        arms: dict[str, set[str]] = {}
        for role, side in (("n1i", one), ("n2i", two)):
            if sheet.find(role):
                for name, arm, n in zip(names, side, sheet.numbers(role), strict=True):
                    if n > 0:
                        people[name, arm] = float(n)
        if sheet.find("se_baseline"):
            for name, se in zip(names, sheet.numbers("se_baseline"), strict=True):
                if se > 0:
                    baseline[name] = float(se) ** 2
        for name, a, b in zip(names, one, two, strict=True):
            arms.setdefault(name, set()).update((a, b))
        return cls(people, baseline, arms)

    def known(self, study: str, base: str) -> bool:
        """Whether the variance of the common arm is given or follows from the arms' sizes."""
        return study in self.baseline or all((study, a) in self.people for a in self.arms[study])

    def variance(self, study: str, base: str, errors: dict[str, float]) -> float | None:
        """Of the common arm. errors: other arm -> standard error of its contrast."""
        from reviewtool.stats.network.baseline import variance_by_sizes

        if study in self.baseline:
            return self.baseline[study]
        sizes = {arm: self.people[study, arm] for arm in self.arms[study]}
        return variance_by_sizes(base, errors, sizes)


def _with_every_pair(c: Contrasts, stars: dict[str, str], sizes: _Sizes, say: Say) -> Contrasts:
    """The contrasts that follow from those with a common arm, added.

    A study of which one is undefined, or whose common arm varies too much, gives none.
    """
    from reviewtool.stats.network.baseline import all_pairs
    from reviewtool.stats.network.contrasts import Contrasts
    from reviewtool.stats.network.errors import InconsistentStudy

    rows = list(
        zip(c.study, c.treat1, c.treat2, c.te.tolist(), c.se.tolist(), c.reasons, strict=True)
    )
    done = []
    for study, base in stars.items():
        own = [row for row in rows if row[0] == study]
        against = {
            (a if b == base else b): (te if b == base else -te, se) for _, a, b, te, se, _ in own
        }
        if any(row[5] for row in own):
            continue
        variance = sizes.variance(study, base, {arm: se for arm, (_, se) in against.items()})
        at = [i for i, row in enumerate(rows) if row[0] == study]
        try:
            pairs = all_pairs(study, base, against, variance or 0.0)
        except InconsistentStudy as error:
            for i in at:
                rows[i] = (*rows[i][:5], error.reason)
            continue
        rows = [row for row in rows if row[0] != study]
        rows += [(study, *pair, "") for pair in pairs]
        done.append(f"{study} ({base})")
    if done:
        say(f"Every comparison was made from those with one arm: {', '.join(sorted(done))}.")
    if not stars:
        return c
    columns = list(zip(*rows, strict=True))
    return Contrasts(
        columns[0],
        columns[1],
        columns[2],
        np.array([np.nan if row[5] else row[3] for row in rows], dtype=float),
        np.array([np.nan if row[5] else row[4] for row in rows], dtype=float),
        c.measure,
        reasons=columns[5],
    )


def _not_pairs(
    sheet: Sheet,
    names: Sequence[str],
    one: Sequence[str],
    two: Sequence[str],
    strict: bool,
    stars: dict[str, str],
    known: dict[str, str],
) -> dict[int, str]:
    """Rows that compare nothing, or belong to a study that does not compare all its arms."""
    found: dict[int, str] = {}
    rows: dict[str, list[int]] = {}
    for i, (name, a, b) in enumerate(zip(names, one, two, strict=True)):
        rows.setdefault(name, []).append(i)
        if a == b:
            found[i] = f"{a} is compared with itself"
    for own in rows.values():
        pairs = [frozenset((one[i], two[i])) for i in own]
        arms = {arm for pair in pairs for arm in pair}
        needed = len(arms) * (len(arms) - 1) // 2
        if len(set(pairs)) < len(pairs):
            why = "it gives a comparison twice"
        elif len(pairs) < needed and names[own[0]] not in known:
            base = stars.get(names[own[0]])
            remedy = (
                f"give the standard error of its arm {base} (se_baseline), or the people in "
                "each arm (n1, n2)"
                if base
                else "every one is needed"
            )
            why = (
                f"it gives {len(pairs)} of the {needed} comparisons between its {len(arms)} "
                f"treatments; {remedy}"
            )
        else:
            continue
        for i in own:
            found.setdefault(i, why)
    if strict and found:
        i, why = next(iter(sorted(found.items())))
        raise BadCell(
            row=sheet.lines[i],
            column=sheet.need("treat2"),
            problem=f"{names[i]}: {why}.",
            remedy="Correct the row, or leave the study out.",
        )
    return found


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
