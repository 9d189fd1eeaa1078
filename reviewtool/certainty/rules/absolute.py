"""Absolute effects per 1,000 from an assumed comparator risk and a relative effect.

The comparator risk is taken as fixed; the point and each limit are converted on their
own. Source: Cochrane Handbook, chapter 14; GRADE guidelines 12 (2013).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from reviewtool.errors import Invalid
from reviewtool.stats.measures import REGISTRY, Measure, measure
from reviewtool.words import plain, thousands

EVENT_FREE = "_eventfree"  # behind a measure: the risk is that of staying free of the event


@dataclass(frozen=True)
class AbsoluteEffect:
    """Risks and differences per 1,000, unrounded; ``capped`` when one was held to 0..1000.

    ``risk_low`` and ``risk_high`` are in numerical order, so for event-free hazard
    ratios they come from the other limit.
    """

    risk: float
    risk_low: float
    risk_high: float
    diff: float
    diff_low: float
    diff_high: float
    capped: bool

    @property
    def display_risk(self) -> str:
        """``899 (579 to 1000)``."""
        point, low, high = (whole(x) for x in (self.risk, self.risk_low, self.risk_high))
        return f"{point} ({low} to {high})"

    @property
    def display_diff(self) -> str:
        """``10 fewer per 1000 (from 14 fewer to 3 fewer)``."""
        return (
            f"{more_or_fewer(self.diff)} per 1000 "
            f"(from {more_or_fewer(self.diff_low)} to {more_or_fewer(self.diff_high)})"
        )


def whole(value: float) -> int:
    """Half away from zero, after nine decimals have removed floating-point noise.

    >>> whole(2.4999999999), whole(-0.5)
    (3, -1)
    """
    return int(Decimal(repr(round(value, 9))).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def more_or_fewer(diff: float) -> str:
    """``14 fewer``; what rounds to nothing is ``0 fewer``."""
    number = whole(diff)
    return f"{abs(number)} {'more' if number > 0 else 'fewer'}"


def corresponding(name: str) -> tuple[Measure, Callable[[float, float], float]]:
    """A measure with its rule: (comparator risk, natural effect) -> risk with the intervention.

    Raises Invalid for a measure without one.
    """
    of = measure(name.removesuffix(EVENT_FREE))
    rule = of.absolute
    if rule is None:
        known = ", ".join(m.name for m in REGISTRY.values() if m.absolute is not None)
        raise Invalid(f"There is no absolute effect from {of.name}. Choose {known}.")
    if name.endswith(EVENT_FREE):
        return of, lambda p, effect: 1 - rule(1 - p, effect)
    return of, rule


def absolute_effect(
    measure: str, acr_per_1000: float, estimate: float, lower: float, upper: float
) -> AbsoluteEffect:
    """Risk with the intervention, and its difference from the comparator's, per 1,000.

    measure: one that has a rule for it (OR, RR, RD, HR ...), with ``_eventfree`` behind
        when ``acr_per_1000`` is the event-free share. Effects are on their natural scale.
    acr_per_1000: assumed comparator risk of the same event, 0 to 1000.
    Raises Invalid for another measure, a risk outside 0..1000, a ratio below 0 or
    limits that do not enclose the estimate.
    """
    of, rule = corresponding(measure)
    if not 0 <= acr_per_1000 <= 1000:
        raise Invalid(f"The assumed risk is {plain(acr_per_1000)} per 1000. Give 0 to 1000.")
    if not lower <= estimate <= upper:
        raise Invalid(
            f"The limits {plain(lower)} and {plain(upper)} do not enclose {plain(estimate)}."
        )
    if of.is_ratio and lower < 0:
        raise Invalid(f"A ratio cannot be negative: {plain(lower)}.")
    share = acr_per_1000 / 1000
    raw = [1000 * rule(share, effect) for effect in (estimate, lower, upper)]
    point, *limits = (min(1000.0, max(0.0, risk)) for risk in raw)
    low, high = sorted(limits)
    return AbsoluteEffect(
        point,
        low,
        high,
        point - acr_per_1000,
        low - acr_per_1000,
        high - acr_per_1000,
        capped=any(risk < 0 or risk > 1000 for risk in raw),
    )


@dataclass(frozen=True)
class NumberNeeded:
    """How many people for one event more or fewer; all None when the risks are equal."""

    unrounded: float | None
    number: int | None
    label: Literal["NNTB", "NNTH"] | None


def nnt(acr_per_1000: float, cir_per_1000: float, *, harmful: bool = True) -> NumberNeeded:
    """Number needed to treat for one more to benefit (NNTB) or be harmed (NNTH).

    harmful: the event is a bad one, so fewer of them are a benefit.
    """
    diff = cir_per_1000 - acr_per_1000
    if diff == 0:
        return NumberNeeded(None, None, None)
    number = 1000 / abs(diff)
    return NumberNeeded(
        number, math.ceil(number - 1e-12), "NNTB" if (diff < 0) == harmful else "NNTH"
    )


def nnt_interval(effect: AbsoluteEffect, *, harmful: bool = True) -> str:
    """The interval of the NNT, through infinity when the difference's includes zero."""
    acr = effect.risk - effect.diff
    ends = [nnt(acr, risk, harmful=harmful) for risk in (effect.risk_low, effect.risk_high)]
    if any(end.number is None for end in ends):
        known = [f"{end.label} {thousands(end.number)}" for end in ends if end.number is not None]
        return " to ".join([*known, "∞"])
    first, second = ends if ends[0].label == "NNTB" else ends[::-1]
    if first.label != second.label:
        return f"NNTB {thousands(first.number)} to ∞ to NNTH {thousands(second.number)}"
    low, high = sorted(ends, key=lambda end: end.number or 0)
    return f"{low.label} {thousands(low.number)} to {thousands(high.number)}"
