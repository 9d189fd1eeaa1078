"""From a sheet to the studies of an analysis: which columns play which role.

Three forms: one row per study with its groups (ai, n1i, ci, n2i, ...) or an effect (yi
with sei or vi, est with lb and ub) or both; one row per arm (study, treatment, event, n,
...); one row per contrast (study, treat1, treat2, te, se). In a table with groups and
effects each study gives its effect by the best data it has: its groups, else its
estimate.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.columns import COUNTS, ROLES
from reviewtool.stats.errors import BadSheet, BadStudy
from reviewtool.stats.from_sheets.estimates import (
    PRECISION,
    Examined,
    Given,
    checked,
    examined,
    given_effects,
    of_another_measure,
)
from reviewtool.stats.from_sheets.groups import (
    ARMS,
    Grouped,
    Zeros,
    from_arms,
    from_rows,
    group_effects,
)
from reviewtool.stats.from_sheets.names import refuse_sums, told_apart
from reviewtool.stats.from_sheets.suggestion import (
    ARM_ROLES,
    ERRORS,
    chosen_by_estimate,
    is_by_arm,
    suggested,
    with_times,
)
from reviewtool.stats.measures import EffectSizes, Measure
from reviewtool.stats.sheets import Sheet, row_labels
from reviewtool.words import plural

__all__ = ["LeftOut", "Studies", "Zeros", "study_effects"]


class LeftOut(NamedTuple):
    """A study that is not pooled: its name, its row in the table, and why."""

    study: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Studies:
    """Every study of a table, pooled or not.

    studies: the study of each row, where some give several. sheet: one row per study, for
    subgroups and moderators. columns: what the groups of
    the studies gave, by role, NaN where they gave nothing; empty for tables of
    estimates. reported: which studies are used by the estimate they report. arms: what
    the groups are called. notes: what was understood, for the reader; mixture: which
    studies are used by their groups, which by their estimate; warnings: what the reader
    should look at.
    """

    measure: Measure
    names: tuple[str, ...]
    studies: tuple[str, ...]
    effects: EffectSizes
    sheet: Sheet
    columns: dict[str, Vector]
    reported: np.ndarray
    arms: tuple[str, str] = ARMS
    notes: tuple[str, ...] = ()
    mixture: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def used(self) -> np.ndarray:
        """Indices of studies with an effect."""
        return self.effects.usable

    @property
    def corrected(self) -> tuple[str, ...]:
        """The studies whose zero cells were adjusted for their own effect."""
        rows = np.flatnonzero(self.effects.corrected & ~self.effects.missing).tolist()
        return tuple(self.names[i] for i in rows)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Every study without an effect."""
        return tuple(
            LeftOut(name, line, reason)
            for name, line, reason in zip(
                self.names, self.sheet.lines, self.effects.reasons, strict=True
            )
            if reason
        )


def study_effects(
    sheet: Sheet,
    measure: str | None = None,
    *,
    interval_level: float | None = None,
    zeros: Zeros | None = None,
    control: str | None = None,
    reserved: Iterable[str] = (),
    strict: bool = False,
) -> Studies:
    """The effect of every study of a table.

    measure: None takes what the table suggests, and says so. interval_level: of reported
    intervals (None: 95, unless their headings speak of another). control: the comparator
    of a table by arms. reserved: headings that play no role because they are subgroups.
    strict: a study whose numbers cannot be raises; otherwise it is left out by name.
    Raises BadCell, BadSheet, BadStudy, UnknownChoice.
    """
    reserved = frozenset(reserved)
    sheet = with_times(replace(sheet, reserved=reserved))
    by_estimate = chosen_by_estimate(sheet)
    by_arm = not by_estimate and is_by_arm(sheet, measure, set(reserved))
    chosen, notes = suggested(sheet, measure, by_arm, by_estimate)
    if control and not by_arm:
        raise BadSheet(
            problem="--control names an arm, and the table has no row per arm.",
            remedy="Leave it out.",
        )
    grouped = (
        from_arms(sheet, chosen, control, strict)
        if by_arm
        else from_rows(sheet, chosen, by_estimate, strict)
    )
    refuse_sums(grouped.names, grouped.sheet.lines)
    labels = row_labels(grouped.sheet)
    with _headings(grouped.sheet):
        own = group_effects(chosen, grouped, zeros or Zeros(), labels, strict)
        unneeded = _unneeded(grouped.sheet, chosen, own)
        needed = own is None or (_effect_columns(grouped.sheet) and not unneeded)
        given = (
            given_effects(grouped.sheet, chosen, interval_level, labels, set(reserved), strict)
            if needed
            else None
        )
    if own is None and given is None:
        _refuse_lacking(grouped.sheet, chosen)
        raise AssertionError
    _refuse_unused(grouped, given, by_arm)
    seen: Examined | None = None
    if given is not None:
        by_groups = np.zeros(len(labels), bool) if own is None else ~own.missing
        seen = examined(given, chosen, labels, ~by_groups, strict)
        given = seen.given
    effects, reported, mixed = _combined(chosen, own, given, labels, _blank(grouped, len(labels)))
    doubtful = checked(seen, reported, chosen, labels) if seen else []
    names, twice = told_apart(grouped.names, grouped.sheet.lines)
    understood = (*sheet.notes, *_settled(grouped, given), *notes, *grouped.notes)
    return Studies(
        chosen,
        names,
        tuple(" ".join(name.split()).casefold() for name in grouped.names),
        replace(effects, labels=names),
        grouped.sheet,
        grouped.columns,
        reported,
        grouped.arms,
        (
            *understood,
            *([unneeded] if unneeded else []),
            *(given.notes if given else ()),
        ),
        tuple(mixed),
        (*twice, *_fractions(grouped, labels), *doubtful),
    )


def _blank(grouped: Grouped, k: int) -> np.ndarray:
    """The studies whose groups give no number at all, shape (k,)."""
    blank = ~np.isin(np.arange(k), list(grouped.wrong))
    for column in grouped.columns.values():
        blank &= np.isnan(column)
    return blank


def _settled(grouped: Grouped, given: Given | None) -> list[str]:
    """What other columns said about numbers that can be read in two ways."""
    roles = (*grouped.columns, *(given.columns if given else ()))
    headings = dict.fromkeys(found for role in roles if (found := grouped.sheet.find(role)))
    return [said for heading in headings if (said := grouped.sheet.settled(heading))]


def _refuse_unused(grouped: Grouped, given: Given | None, by_arm: bool) -> None:
    """Raises BadSheet for a column that was chosen for a role nothing here asks for."""
    used = {"study", *grouped.columns, *(given.columns if given else ())}
    used |= {ERRORS[role][0] for role in grouped.columns if role in ERRORS}
    if by_arm:
        used |= {"treatment", "sem", "sei", *ARM_ROLES.values()}
    elif grouped.columns:
        used |= {"yi", "est", "ci_level", *PRECISION}
    if given is not None and "lb" in given.columns:
        used.add("ci_level")
    unused = [ROLES[role].option for role in grouped.sheet.chosen if role not in used]
    if unused:
        raise BadSheet(
            problem=f"{', '.join(unused)} plays no role in this analysis.", remedy="Leave it out."
        )


@contextmanager
def _headings(sheet: Sheet) -> Iterator[None]:
    """Errors about a study's number name the column as the table does, not by its role."""
    try:
        yield
    except BadStudy as error:

        def called(role: str) -> str:
            heading = sheet.candidates(role)
            return heading[0] if len(heading) == 1 else ROLES[role].words

        details = dict(error.details)
        role, reason = str(details["column"]), str(details["reason"])
        words = [called(word) if word in ROLES else word for word in reason.split(" ")]
        details |= {
            "column": called(role) if role in ROLES else role,
            "reason": " ".join(words),
        }
        raise BadStudy(**details) from None


def _fractions(grouped: Grouped, labels: Sequence[str]) -> list[str]:
    """Counts of people or events that are no whole numbers: adjusted for clusters, or wrong."""
    rows = [
        labels[i]
        for i in range(len(labels))
        if any(
            values[i] != np.round(values[i]) and not np.isnan(values[i])
            for role, values in grouped.columns.items()
            if role in COUNTS
        )
    ]
    if not rows:
        return []
    return [f"Counts that are no whole numbers: {', '.join(rows)}. Check that they are adjusted."]


def _unneeded(sheet: Sheet, chosen: Measure, own: EffectSizes | None) -> str:
    """Why the effects a table reports are not used beside its groups; empty where they may be.

    They are of another measure, every study has its groups, or those that have not
    report no effect either.
    """
    columns = _effect_columns(sheet)
    if own is None or not columns:
        return ""
    for heading in columns:
        named = of_another_measure(sheet, heading, chosen)
        if named is not None:
            return (
                f"The column {heading} was not used: it holds {named.plural}, not {chosen.plural}."
            )
    lacking = [i for i in range(own.y.size) if i not in set(own.usable.tolist())]
    if any(sheet.cells(heading)[i] for heading in columns for i in lacking):
        return ""
    which = "Every study has" if not lacking else "Every study that reports an effect has"
    return f"{which} {chosen.data.words}; the column {', '.join(columns)} was not used."


def _effect_columns(sheet: Sheet) -> list[str]:
    """The columns that hold effects as reported."""
    return [h for role in ("yi", "est", "effect") for h in sheet.candidates(role)]


def _combined(
    chosen: Measure,
    own: EffectSizes | None,
    given: Given | None,
    labels: list[str],
    blank: np.ndarray,
) -> tuple[EffectSizes, np.ndarray, list[str]]:
    """Each study by its groups, else by its estimate: effects, which are which, notes.

    blank: the studies whose groups gave no number at all.
    """
    if own is None or given is None:
        one = own if own is not None else given.effects if given else None
        assert one is not None
        if own is not None:
            why = f"it has no {chosen.data.words}"
            one = own.without({i: why for i in np.flatnonzero(blank).tolist() if own.reasons[i]})
        return one, np.full(len(labels), own is None), []
    fine, spare = np.zeros(len(labels), bool), np.zeros(len(labels), bool)
    fine[own.usable] = True
    spare[given.effects.usable] = True
    reported = ~fine & spare
    lost = ~fine & ~spare
    reasons = []
    for i in range(len(labels)):
        mine, theirs = own.reasons[i], given.effects.reasons[i]
        none = np.isnan(given.effects.y[i]) and "estimate is missing" in theirs
        if none:
            both = f"it has neither {chosen.data.words} nor an estimate" if blank[i] else mine
        else:
            both = theirs if blank[i] else f"{mine}; {theirs}"
        reasons.append(both if lost[i] else "")
    effects = EffectSizes(
        chosen.name,
        np.where(reported, given.effects.y, own.y),
        np.where(reported, given.effects.v, own.v),
        own.corrected & fine,
        tuple(labels),
        (),
        tuple(reasons),
    )
    return effects, reported, _mixture(chosen, fine, spare, reported, labels)


def _mixture(
    chosen: Measure, fine: np.ndarray, spare: np.ndarray, reported: np.ndarray, labels: list[str]
) -> list[str]:
    notes = []
    if reported.any() and fine.any():
        notes.append(
            f"{plural(int(fine.sum()), 'study was', 'studies were')} used by {chosen.data.words}, "
            f"{int(reported.sum())} by the estimate reported: {_listed(labels, reported)}."
        )
    both = fine & spare
    if both.any():
        notes.append(
            f"Reported estimates were not used where {chosen.data.words} were: "
            f"{_listed(labels, both)}."
        )
    return notes


def _listed(labels: Sequence[str], rows: np.ndarray) -> str:
    return ", ".join(labels[i] for i in np.flatnonzero(rows).tolist())


def _refuse_lacking(sheet: Sheet, chosen: Measure) -> None:
    """Raises BadSheet naming the first column that the measure lacks."""
    for need in chosen.needs:
        if not any(sheet.find(role) for role in need.split("|")):
            sheet.need(need.split("|")[-1])
    sheet.need("sei")
