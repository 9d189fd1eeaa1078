"""Why a study gives no effect that can be pooled, in words a person can act on."""

from collections.abc import Iterator

import numpy as np

from reviewtool.reading import written
from reviewtool.stats.arrays import Vector
from reviewtool.stats.measures.base import ALONE, Columns, Data, Flags, Measure, Problem
from reviewtool.words import plain

PARTS = {
    "events": "the number of events",
    "total": "the total",
    "time": "the person-time",
    "mean": "the mean",
    "sd": "the SD",
    "n": "the number of people",
    "correlation": "the correlation",
    "estimate": "the estimate",
    "se": "the standard error",
    "ci_low": "the lower limit",
    "ci_high": "the upper limit",
}
NOT_ABOVE = {"mean": "a mean is not above zero", "sd": "an SD is not above zero"}
NO_VARIANCE = "the variance is zero"
NO_EFFECT = "the effect or its variance is missing"


def undefined(measure: Measure, columns: Columns) -> Flags:
    """Rows where a formula would give a number that means nothing.

    A log ratio of means or SDs that are not above zero, and an empty group, whose half
    an event is of nobody.
    """
    size = next(iter(columns.values())).size
    found: Flags = np.zeros(size, dtype=bool)
    for name in measure.above_zero:
        found = found | (columns[name] <= 0)
    if measure.data in (Data.COUNTS, Data.COUNT):
        for total in _totals(columns):
            found = found | (total == 0)
    return found


def reasons(measure: Measure, columns: Columns, y: Vector, v: Vector) -> tuple[str, ...]:
    """One reason per row, empty where effect and variance can be used."""
    fine = np.isfinite(y) & np.isfinite(v) & (v > 0)
    found = np.full(y.shape, "", dtype=object)
    if fine.all():
        return tuple(found)
    for wrong, reason in _known(measure, columns, y, v):
        found = np.where(~fine & wrong & (found == ""), reason, found)
    return tuple(str(reason) for reason in found)


def given_reasons(y: Vector, v: Vector) -> tuple[str, ...]:
    """The same of effects whose numbers are not known."""
    missing = ~np.isfinite(y) | ~np.isfinite(v)
    found = np.where(missing, NO_EFFECT, np.where(v > 0, "", NO_VARIANCE))
    return tuple(str(reason) for reason in found)


def _known(measure: Measure, columns: Columns, y: Vector, v: Vector) -> Iterator[tuple[Flags, str]]:
    """(rows, reason) in the order in which a reason is believed."""
    if measure.data is Data.ESTIMATE:
        yield from _of_estimates(measure, columns, y)
    else:
        yield from _missing(measure, columns)
        yield from _empty(measure, columns)
        yield from _silent(measure, columns)
        for name in measure.above_zero:
            yield columns[name] <= 0, NOT_ABOVE[_part_of(measure.data, name)]
        if "ri" in columns:
            yield np.abs(columns["ri"]) == 1, "r is 1 or -1"
        for name in ("n1i", "n2i", "ni"):
            if name in columns and measure.data not in (Data.COUNTS, Data.COUNT):
                yield columns[name] <= 1, "there are fewer than two people"
        if measure.data is Data.CORRELATION:
            yield columns["ni"] <= 3, "there are fewer than four people"
    yield v == 0, NO_VARIANCE
    yield np.ones(y.shape, dtype=bool), "its numbers give no finite effect"


def _of_estimates(measure: Measure, columns: Columns, y: Vector) -> Iterator[tuple[Flags, str]]:
    """Why an estimate as reported cannot be used."""
    value = columns["yi"] if "yi" in columns else columns["est"]
    yield np.isnan(value), "the estimate is missing"
    if measure.is_ratio:
        for name in ("est", "lb", "ub"):
            if name in columns:
                what = "the ratio" if name == "est" else "a limit of the ratio"
                yield columns[name] <= 0, f"{what} is not above zero"
    ways = [name for name in ("vi", "sei", "lb", "pval") if name in columns]
    nothing = np.logical_and.reduce([np.isnan(columns[name]) for name in ways])
    if "ub" in columns:
        nothing = nothing & np.isnan(columns["ub"])
    words = {"vi": "variance", "sei": "standard error", "lb": "interval", "pval": "p-value"}
    yield nothing, f"the {' or '.join(words[name] for name in ways)} is missing"
    if "lb" in columns and "ub" in columns:
        yield np.isnan(columns["lb"]) != np.isnan(columns["ub"]), "a limit is missing"
    if "pval" in columns:
        others = [np.isnan(columns[name]) for name in ("vi", "sei", "lb", "ub") if name in columns]
        alone = np.logical_and.reduce([~np.isnan(columns["pval"]), *others])
        for p in (0, 1):
            yield alone & (columns["pval"] == p), f"a p-value of exactly {p} gives no SE"
        null = float(measure.scale.back(0.0))
        yield alone & (y == 0), f"an effect of exactly {plain(null)} with a p-value gives no SE"
        wrong = (columns["pval"] <= 0) | (columns["pval"] >= 1)
        yield wrong, "the p-value is not between 0 and 1"


def _part_of(data: Data, column: str) -> str:
    return next(part for part, names in data.parts.items() if column in names)


def impossible(measure: Measure, problem: Problem) -> str:
    """What cannot be, in words: 'the number of events of group 1 is 25: it exceeds ...'."""
    words = (_called(measure, [word]) for word in problem.reason.split(" "))
    return f"{_called(measure, [problem.column])} is {written(problem.value)}: {' '.join(words)}"


# Columns that are no part of what is extracted: they stand in for one.
OTHERS = {
    "vi": "the variance",
    "pval": "the p-value",
    "bi": "the number without the event of group 1",
    "di": "the number without the event of group 2",
    "mi": "the number without the event",
}


def _missing(measure: Measure, columns: Columns) -> Iterator[tuple[Flags, str]]:
    """Missing cells, by their names; 'the SD of group 2'."""
    lacking: list[tuple[Flags, str]] = []
    for need in measure.needs:
        name = next(n for n in need.split("|")[::-1] if n in columns)
        lacking.append((np.isnan(columns[name]), _called(measure, need.split("|"))))
    size = lacking[0][0].size
    for i in range(size):
        names = [words for flags, words in lacking if flags[i]]
        if names:
            yield np.arange(size) == i, f"cells are missing: {', '.join(names)}"


def _called(measure: Measure, alternatives: list[str]) -> str:
    changes = measure.data is Data.CHANGES
    for part, names in measure.parts.items():
        for i, name in enumerate(names):
            if name in alternatives:
                if len(names) == 1:
                    return PARTS[part]
                where = ("after", "before")[i] if changes else f"of group {i + 1}"
                return f"{PARTS[part]} {where}"
    return OTHERS.get(alternatives[0], alternatives[0])


def _totals(columns: Columns) -> Iterator[Vector]:
    """People or person-time of each group, shape (k,)."""
    for total, events, rest in (("n1i", "ai", "bi"), ("n2i", "ci", "di"), ("ni", "xi", "mi")):
        if total in columns:
            yield columns[total]
        elif events in columns and rest in columns:
            yield columns[events] + columns[rest]


def _empty(measure: Measure, columns: Columns) -> Iterator[tuple[Flags, str]]:
    group = "an arm" if measure.groups == 2 else "the group"
    for total in _totals(columns):
        yield total == 0, f"{group} is empty (n = 0)"
    for name in ("t1i", "t2i", "ti"):
        if name in columns:
            yield columns[name] == 0, f"{group} has no person-time"


def _silent(measure: Measure, columns: Columns) -> Iterator[tuple[Flags, str]]:
    if measure.data in (Data.COUNTS, Data.RATES):
        one, two = measure.data.parts["events"]
        yield (columns[one] == 0) & (columns[two] == 0), "no events in either arm"
    if measure.data is Data.COUNTS:
        all_had = [
            columns[rest] == 0 if rest in columns else columns[events] == columns[total]
            for events, rest, total in (("ai", "bi", "n1i"), ("ci", "di", "n2i"))
        ]
        yield all_had[0] & all_had[1], "everybody had the event in both arms"
    elif measure.data in ALONE and "xi" in columns:
        yield columns["xi"] == 0, "no events"
        if "ni" in columns or "mi" in columns:
            rest = columns["ni"] - columns["xi"] if "ni" in columns else columns["mi"]
            yield rest == 0, "everybody had the event"
