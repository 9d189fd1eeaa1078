"""Effects as studies report them, checked as a person would."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from math import inf
from typing import NamedTuple

import numpy as np

from reviewtool.reading import written
from reviewtool.stats.arrays import Vector
from reviewtool.stats.conversions.checks import Doubt, doubts
from reviewtool.stats.distributions import critical
from reviewtool.stats.errors import BadCell, BadSheet
from reviewtool.stats.from_sheets.suggestion import estimate_heading, named_by
from reviewtool.stats.measures import EffectSizes, Measure, reported_effects
from reviewtool.stats.sheets import Sheet
from reviewtool.words import num

LEVEL = re.compile(r"(?<![\d.])(?:80|90|95|98|99)(?![\d.])")
PRECISION = ("vi", "sei", "lb", "ub", "pval")


class Given(NamedTuple):
    """Effects as reported: columns by role (ratios natural in est, lb, ub) and effects.

    levels: of the intervals, per cent, shape (k,). stated: the standard errors as the
    table gives them, used or not.
    """

    columns: dict[str, Vector]
    effects: EffectSizes
    levels: Vector
    stated: Vector | None
    notes: tuple[str, ...]


def given_effects(
    sheet: Sheet,
    chosen: Measure,
    interval_level: float | None,
    labels: list[str],
    reserved: Collection[str] = (),
    strict: bool = False,
) -> Given | None:
    """The effects that studies report; None when the table has none.

    reserved: headings that play no role because they are subgroups. strict: a negative
    standard error raises BadStudy; otherwise its study has no effect, for that reason.
    """
    heading = estimate_heading(sheet)
    if heading is None:
        return None
    if chosen.scale.sized_by:
        raise BadSheet(
            problem=f"{chosen.label} cannot be read from the column {heading}: its scale depends "
            "on the size of each study.",
            remedy=f"Give {chosen.data.words}.",
        )
    _check_name(sheet, heading, chosen)
    columns = {
        role: _scaled(sheet, role, chosen) for role in ("yi", "est", *PRECISION) if sheet.find(role)
    }
    if not columns.keys() & set(PRECISION):
        sheet.need("sei")
    if ("lb" in columns) != ("ub" in columns):
        sheet.need("ub" if "lb" in columns else "lb")
    notes: list[str] = []
    if not columns.keys() & {"yi", "est"}:
        role = _scale_of_effect(sheet, heading, chosen, columns)
        columns[role] = _scaled(sheet.choosing({role: heading}), role, chosen)
        if chosen.is_ratio:
            notes.append(f"The column {heading} was taken for logarithms: it has values below 0.")
    if "yi" in columns and "yi" not in sheet.chosen:
        _ask_for_ratios(sheet, columns, chosen)
    stated = columns.get("sei")
    if chosen.is_ratio:
        notes += _ratios(columns, chosen, sheet)
    levels, said = _levels(sheet, interval_level, columns, reserved)
    effects = reported_effects(chosen.name, columns, levels, labels, strict)
    return Given(columns, effects, levels, stated, (*notes, *said))


def _levels(
    sheet: Sheet,
    asked: float | None,
    columns: Mapping[str, Vector],
    reserved: Collection[str],
) -> tuple[Vector, list[str]]:
    """The level of each interval, per cent, shape (k,), and a note where a column gives it."""
    if "lb" not in columns:
        return np.full(len(sheet.lines), 95.0), []
    heading = sheet.find("ci_level")
    chosen = "ci_level" in sheet.chosen
    if asked is not None and chosen:
        raise BadSheet(
            problem="--col-level and --interval-level both say the level of the intervals.",
            remedy="Leave one of them out.",
        )
    by_row = heading is not None and asked is None and heading not in reserved
    if heading is None or not by_row or not (chosen or sheet.is_numeric(heading)):
        return np.full(len(sheet.lines), _level(sheet, asked)), []
    values = sheet.numbers("ci_level")
    if np.isnan(values).all():
        return np.full(len(sheet.lines), _level(sheet, asked)), []
    whole = ~np.isnan(columns["lb"]) & ~np.isnan(columns["ub"])
    wrong = whole & ~((values >= 50) & (values < 100))
    for i in np.flatnonzero(wrong).tolist():
        cell = sheet.cells(heading)[i]
        raise BadCell(
            row=sheet.lines[i],
            column=heading,
            problem=f"“{cell}” is no level of an interval in per cent."
            if cell
            else "the level of the interval is empty.",
            remedy="Write it as 95, or say --interval-level 95, which holds for every row.",
        )
    note = f"The levels of the intervals were read from the column {heading}, row by row."
    return np.where(whole, values, 95.0), [note]


def _level(sheet: Sheet, asked: float | None) -> float:
    """The level of the intervals: as asked, else 95; another one in a heading is asked about."""
    if asked is not None:
        return asked
    for role in ("lb", "ub"):
        heading = sheet.need(role)
        said = LEVEL.search(heading)
        if said and said[0] != "95":
            raise BadSheet(
                problem=f"The column {heading} speaks of {said[0]}% intervals.",
                remedy=f"Say --interval-level {said[0]}, or 95 if it is not so.",
            )
    return 95.0


def of_another_measure(sheet: Sheet, heading: str, chosen: Measure) -> Measure | None:
    """The measure that a heading names, if it is another one and was not chosen all the same."""
    named = named_by(heading)
    if named is None or named.name == chosen.name or heading in sheet.chosen.values():
        return None
    same = named.heading == chosen.heading or named.short == chosen.short
    return None if same else named


def _check_name(sheet: Sheet, heading: str, chosen: Measure) -> None:
    """A column called HR is not pooled as odds ratios unless it was chosen for that."""
    named = of_another_measure(sheet, heading, chosen)
    if named is None:
        return
    raise BadSheet(
        problem=f"The column is called {heading} and would be pooled as "
        f"{chosen.plural} ({chosen.name}).",
        remedy=f"Say --measure {named.name}, or choose the column with --col-estimate {heading}.",
    )


def _scaled(sheet: Sheet, role: str, chosen: Measure) -> Vector:
    """A column as numbers; per cent become shares where the measure is one."""
    heading = sheet.need(role)
    values = sheet.numbers(role)
    share = chosen.percent or chosen.is_ratio or chosen.name in ("RD", "PR")
    if role != "pval" and sheet.in_per_cent(heading) and share:
        return values / 100
    return values


def _scale_of_effect(
    sheet: Sheet, heading: str, chosen: Measure, columns: Mapping[str, Vector]
) -> str:
    """Whether a column called effect is on the natural or on the analysis scale."""
    if not chosen.is_ratio:
        return "est"
    values = [sheet.choosing({"est": heading}).numbers("est")]
    values += [columns[role] for role in ("lb", "ub") if role in columns]
    if any(np.nanmin(v) <= 0 for v in values if not np.isnan(v).all()):
        return "yi"
    raise BadSheet(
        problem=f"The column {heading} may hold {chosen.plural} or their logarithms.",
        remedy=f"Say --col-estimate {heading} for ratios or --col-yi {heading} for logarithms.",
    )


def _ask_for_ratios(sheet: Sheet, columns: Mapping[str, Vector], chosen: Measure) -> None:
    """Raises BadSheet for a column of logarithms whose intervals are those of plain ratios."""
    if not (chosen.is_ratio or chosen.name == "GEN") or "est" in columns:
        return
    if not {"lb", "ub"} <= columns.keys():
        return
    triple = columns["yi"], columns["lb"], columns["ub"]
    every = np.ones(triple[0].shape, dtype=bool)
    if not _inside(*triple) or not _look_like_ratios(*triple, every):
        return
    heading = sheet.need("yi")
    measure = "" if chosen.is_ratio else "--measure HR (OR, RR ...) and "
    logs = chosen.plural if chosen.name == "GEN" else "logarithms"
    raise BadSheet(
        problem=f"The column {heading} is read as an effect on the analysis scale, and its "
        "intervals are symmetric on the log scale, not as they stand: these may be ratios.",
        remedy=f"Say {measure}--col-estimate {_quoted(heading)} for ratios, or "
        f"--col-yi {_quoted(heading)} for {logs}.",
    )


def _quoted(heading: str) -> str:
    """A heading as a shell takes it."""
    return heading if heading.replace("_", "").isalnum() else f'"{heading}"'


def _ratios(columns: dict[str, Vector], chosen: Measure, sheet: Sheet) -> list[str]:
    """Ratios: limits brought to the natural scale; the scale of standard errors said."""
    notes = []
    if "yi" in columns and "lb" in columns and "est" not in columns:
        logs = _inside(columns["yi"], columns["lb"], columns["ub"])
        natural = _inside(np.exp(columns["yi"]), columns["lb"], columns["ub"])
        if logs == natural and not columns.keys() & {"vi", "sei"}:
            raise BadSheet(
                problem=f"The limits {sheet.need('lb')} and {sheet.need('ub')} may be ratios or "
                "logarithms.",
                remedy="Give standard errors, or the ratio itself beside its limits.",
            )
        if logs and not natural:
            notes.append("The limits of the intervals were read as logarithms, as the effects are.")
            columns["lb"], columns["ub"] = np.exp(columns["lb"]), np.exp(columns["ub"])
        elif logs == natural:
            del columns["lb"], columns["ub"]
    if "est" in columns and "sei" in columns and "yi" not in columns:
        if "lb" in columns:
            # A reported SE may be that of the ratio or of its logarithm; an interval is plain.
            whole = ~np.isnan(columns["lb"]) & ~np.isnan(columns["ub"])
            columns["sei"] = np.where(whole, np.nan, columns["sei"])
            notes.append("Intervals were used, not standard errors, where studies have both.")
        if "lb" not in columns or not whole.all():
            notes.append(
                f"The standard errors ({sheet.need('sei')}) were taken for those of the logarithm."
            )
    return notes


def _inside(middle: Vector, low: Vector, high: Vector) -> bool:
    known = ~np.isnan(middle) & ~np.isnan(low) & ~np.isnan(high)
    return bool(known.any() and ((low <= middle) & (middle <= high))[known].all())


class Examined(NamedTuple):
    """Estimates a person has looked at: those that cannot be are left out.

    doubts: what is unusual about the others, by row.
    """

    given: Given
    doubts: dict[int, list[str]]


def examined(
    given: Given, chosen: Measure, labels: list[str], used: np.ndarray, strict: bool
) -> Examined:
    """Estimates outside their interval, swapped limits and the like are left out by name.

    used: the rows whose estimate is pooled where nothing is wrong with it, shape (k,);
    strict: something impossible in one of them raises BadSheet.
    """
    printed = given.columns.get("est")
    est = chosen.scale.back(given.columns["yi"]) if printed is None else printed
    columns = [given.columns.get(role) for role in ("lb", "ub", "sei")]
    bounds = (-inf, inf) if chosen.is_ratio else chosen.scale.bounds
    impossible: dict[int, str] = {}
    unusual: dict[int, list[str]] = defaultdict(list)
    for i in np.flatnonzero(np.isfinite(est)).tolist():
        values = [None if column is None else float(column[i]) for column in columns]
        level = float(given.levels[i])
        found = doubts(float(est[i]), *values, ratio=chosen.is_ratio, level=level, bounds=bounds)
        if not found and chosen.is_ratio:
            found = _unused_se(given, i)
        found += _two_precisions(given.columns, i)
        found += _two_effects(given.columns, chosen, i)
        wrong = [doubt.message for doubt in found if doubt.impossible]
        if wrong:
            impossible[i] = _as_reason(wrong)
        unusual[i] += [doubt.message for doubt in found if not doubt.impossible]
    if strict and (rows := [i for i in impossible if used[i]]):
        raise BadSheet(
            problem=" ".join(f"{labels[i]}: {impossible[i]}." for i in rows),
            remedy="Correct the numbers, or leave the rows out.",
        )
    return Examined(given._replace(effects=given.effects.without(impossible)), unusual)


def _as_reason(messages: list[str]) -> str:
    """Sentences as what follows a colon: the first letter small, no full stop at the end."""
    text = " ".join(dict.fromkeys(messages))
    return (text[:1].lower() + text[1:]).removesuffix(".")


def checked(seen: Examined, reported: np.ndarray, chosen: Measure, labels: list[str]) -> list[str]:
    """Doubts about the estimates in use, by row."""
    warnings = [
        f"{labels[i]}: {message}"
        for i in np.flatnonzero(reported).tolist()
        for message in seen.doubts.get(i, [])
    ]
    printed, low, high = (seen.given.columns.get(role) for role in ("est", "lb", "ub"))
    if chosen.name == "GEN" and _look_like_ratios(printed, low, high, reported):
        warnings.insert(
            0,
            "The intervals are symmetric on the log scale, not as they stand: if these are "
            "ratios, name them (--measure HR, OR, RR ...).",
        )
    return warnings


def _look_like_ratios(
    est: Vector | None, low: Vector | None, high: Vector | None, rows: np.ndarray
) -> bool:
    """Whether the intervals of these rows are those of ratios: even on the log scale only."""
    if est is None or low is None or high is None:
        return False
    est, low, high = est[rows], low[rows], high[rows]
    known = ~np.isnan(est) & ~np.isnan(low) & ~np.isnan(high)
    if not known.any() or min(est[known].min(), low[known].min()) <= 0:
        return False

    def skew(a: Vector, b: Vector, c: Vector) -> float:
        return float(np.mean(np.abs((c - b) - (b - a)) / (c - a)))

    values = [x[known] for x in (low, est, high)]
    plain, logs = skew(*values), skew(*(np.log(x) for x in values))
    return plain > 0.1 and logs < plain / 2


def _unused_se(given: Given, i: int) -> list[Doubt]:
    """A standard error beside the interval of a ratio that is neither its own nor its logarithm's.

    Where the interval is used, nobody else looks at it.
    """
    columns, stated = given.columns, given.stated
    if stated is None or not {"sei", "lb", "ub"} <= columns.keys():
        return []
    low, high, se = float(columns["lb"][i]), float(columns["ub"][i]), float(stated[i])
    if np.isnan([low, high, se]).any() or not np.isnan(columns["sei"][i]):
        return []
    wide = 2 * critical(float(given.levels[i]), None)
    of_log, of_ratio = float(np.log(high / low)) / wide, (high - low) / wide
    if any(0.8 < se / implied < 1.25 for implied in (of_log, of_ratio)):
        return []
    said = (
        f"The interval implies an SE of the logarithm of {num(of_log, 3)}, the cell says "
        f"{written(se)}. The interval was used; check both."
    )
    return [Doubt("se", said, False)]


def _two_effects(columns: Mapping[str, Vector], chosen: Measure, i: int) -> list[Doubt]:
    """A logarithm beside its ratio, where one is not that of the other."""
    if not chosen.is_ratio or not {"yi", "est"} <= columns.keys():
        return []
    log, ratio = float(columns["yi"][i]), float(columns["est"][i])
    if np.isnan([log, ratio]).any() or ratio <= 0 or abs(np.log(ratio) - log) < 0.05:
        return []
    said = (
        f"{written(log)} is not the logarithm of {written(ratio)}. The logarithm was used; check "
        "both."
    )
    return [Doubt("estimate", said, False)]


def _two_precisions(columns: Mapping[str, Vector], i: int) -> list[Doubt]:
    if not {"vi", "sei"} <= columns.keys():
        return []
    vi, sei = float(columns["vi"][i]), float(columns["sei"][i])
    if np.isnan(vi) or np.isnan(sei) or vi <= 0 or abs(sei**2 / vi - 1) < 0.1:
        return []
    said = (
        f"The variance {written(vi)} is not the square of the standard error {written(sei)}. "
        "Check both."
    )
    return [Doubt("se", said, True)]
