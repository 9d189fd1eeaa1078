"""Adverse events counted over studies: zeros kept apart from what nobody reports.

A study without an event in either group says nothing of a ratio, and much of a difference
in risk. Both are given, each with whom it leaves out. Source: Cochrane Handbook 6.5,
sections 10.4.4 and 19.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reviewtool.stats import count_pooling
from reviewtool.stats.errors import StatsError
from reviewtool.stats.measures import effect_sizes, measure
from reviewtool.synthesis.rules.pooling import columns_of, unlike
from reviewtool.synthesis.rules.selection import Group, LeftOut, Row

Kind = Literal["dichotomous", "rate"]
Status = Literal["counted", "zero", "uncounted", "unreported"]
# Measures of a kind of outcome: the difference that keeps every study, then ratios.
MEASURES: dict[Kind, tuple[str, ...]] = {
    "dichotomous": ("RD", "RR", "PETO"),
    "rate": ("IRD", "IRR"),
}


@dataclass(frozen=True)
class Counted:
    """A study in the table. status: zero is no event in either group, uncounted has a result
    without events and totals, unreported none at all (``reason`` says which)."""

    study_id: int
    label: str
    status: Status
    first: Group = Group()
    second: Group = Group()
    reason: str = ""


@dataclass(frozen=True)
class Pooled:
    """One measure over the studies it can use; effects on the analysis scale (log for ratios).

    used: labels of studies. left_out: (label, reason) of the others. problem: why there is no
    estimate, or no interval.
    """

    measure: str
    used: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    estimate: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    problem: str = ""


@dataclass(frozen=True)
class Harm:
    """An adverse event in one comparison: its studies, and what they come to together.

    events, people: sums over the studies that are counted, of both sides; of rates the
    second is person-time. at_most: the upper limit of the risk (0 to 1) on each side, where
    no study saw any event.
    """

    studies: tuple[Counted, ...]
    pooled: tuple[Pooled, ...]
    events: tuple[float, float] = (0.0, 0.0)
    people: tuple[float, float] = (0.0, 0.0)
    at_most: tuple[float, float] | None = None

    def having(self, *status: Status) -> list[Counted]:
        """Studies of a status."""
        return [one for one in self.studies if one.status in status]


def harm(rows: Sequence[Row], left_out: Sequence[LeftOut], kind: Kind, level: float = 95.0) -> Harm:
    """The table of an adverse event. rows: studies of the comparison; left_out: the others.

    level: of the intervals, in per cent.
    """
    labels = unlike(rows)
    counted = [_counted(row, label, kind) for row, label in zip(rows, labels, strict=True)]
    keep = [i for i, one in enumerate(counted) if one.status in ("counted", "zero")]
    known = [rows[i] for i in keep]
    names = [labels[i] for i in keep]
    away = [Counted(o.study_id, o.label, "unreported", reason=o.reason) for o in left_out]
    base = "total" if kind == "dichotomous" else "time"
    events = tuple(float(sum(_of(row, side).events or 0 for row in known)) for side in (1, 2))
    people = tuple(
        float(sum(getattr(_of(row, side), base) or 0 for row in known)) for side in (1, 2)
    )
    return Harm(
        (*counted, *away),
        tuple(_pool(known, names, name, level) for name in MEASURES[kind]) if known else (),
        (events[0], events[1]),
        (people[0], people[1]),
        (_at_most(people[0], level), _at_most(people[1], level))
        if known and not sum(events) and kind == "dichotomous"
        else None,
    )


def _of(row: Row, side: int) -> Group:
    return row.group1 if side == 1 else row.group2


def _counted(row: Row, label: str, kind: Kind) -> Counted:
    base = "total" if kind == "dichotomous" else "time"
    sides = (row.group1, row.group2)
    whole = all(g.events is not None and (getattr(g, base) or 0) > 0 for g in sides)
    if not whole:
        reason = "it reports an estimate only" if row.estimate is not None else "its counts lack"
        if row.estimate is None and row.favours:
            reason = "it reports no more than whom its result favours"
        return Counted(row.study_id, label, "uncounted", *sides, reason=reason)
    if kind == "dichotomous" and any((g.events or 0) > (g.total or 0) for g in sides):
        return Counted(
            row.study_id, label, "uncounted", *sides, reason="it counts more events than people"
        )
    zero = not any(g.events for g in sides)
    return Counted(row.study_id, label, "zero" if zero else "counted", *sides)


def _pool(rows: Sequence[Row], labels: Sequence[str], name: str, level: float) -> Pooled:
    """A common effect by the Mantel-Haenszel method, or Peto's, from the counts as they are."""
    of, columns = measure(name), dict[str, Any](columns_of(rows, measure(name)))
    own = effect_sizes(name, drop00=None, labels=list(labels), strict=False, **columns)
    ratio = of.is_ratio  # a difference keeps everybody
    left = tuple(
        (label, why) for label, why in zip(labels, own.reasons, strict=True) if why and ratio
    )
    gone = {label for label, _ in left}
    used = tuple(label for label in labels if label not in gone)
    if not used:
        return Pooled(name, used, left, problem="No study has an event.")
    pool = count_pooling.peto if name == "PETO" else count_pooling.mantel_haenszel
    try:
        found = pool(name, level=level, labels=list(labels), **columns)
    except StatsError as error:
        return Pooled(name, used, left, problem=error.message)
    if not found.se > 0:
        why = "All groups are without events, or with nothing else: the difference has no interval."
        return Pooled(name, used, left, estimate=found.estimate, problem=why)
    return Pooled(name, used, left, found.estimate, found.se, found.ci_low, found.ci_high)


def _at_most(people: float, level: float) -> float:
    """The exact upper limit of a risk when nobody of ``people`` had the event (0 to 1).

    Source: Clopper & Pearson 1934, Biometrika 26:404.

    >>> round(1000 * _at_most(100, 95), 1)
    36.2
    """
    half = (1 - level / 100) / 2
    return float(1 - half ** (1 / people))
