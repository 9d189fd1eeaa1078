"""Where an axis begins and ends, and where its ticks stand."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reviewtool.stats.measures import Measure
from reviewtool.words import THIN, exact, plain

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Axis:
    """A horizontal or vertical scale from ``low`` to ``high`` (as shown; > 0 on a log axis).

    percent: shares of 1, whose ticks are written in per cent.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False
    percent: bool = False

    def share(self, value: float) -> float:
        """Where ``value`` lies: 0 at the low end, 1 at the high end; may leave 0..1."""
        if self.log:
            if value <= 0:
                return -math.inf
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def label(self, tick: float) -> str:
        """A tick in as many decimals as the ticks need."""
        if self.log:
            return plain(tick)
        unit = 100 if self.percent else 1
        steps = (abs(b - a) for a, b in zip(self.ticks, self.ticks[1:], strict=False))
        step, tick = unit * min(steps, default=1), unit * tick
        if step < 1e-9:
            return plain(tick)
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        if abs(step * 10**digits - round(step * 10**digits)) > 1e-6:
            digits += 1
        text = exact(tick, digits)
        # Years are ticks too: four digits stand together unless others have five.
        short = all(abs(unit * mark) < 10_000 for mark in self.ticks)
        return text.replace(THIN, "") if short else text


def linear(values: Iterable[float], include: Sequence[float] = (), ticks: int = 6) -> Axis:
    """A linear axis around ``values`` with round ticks."""
    known = [v for v in (*values, *include) if math.isfinite(v)] or [0.0, 1.0]
    low, high = min(known), max(known)
    if high - low < 1e-12 * max(1.0, abs(high)):
        pad = abs(high) if abs(high) > 1e-300 else 1.0
        low, high = low - pad / 2, high + pad / 2
    step = _nice((high - low) / max(1, ticks - 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    marks = tuple(i * step for i in range(first, last + 1))
    return Axis(marks[0], marks[-1], marks)


def natural(values: Iterable[float], about: Measure) -> Axis:
    """A linear axis of a measure's natural values: with no effect, within its bounds."""
    least, most = about.scale.bounds
    inside = [min(max(v, least), most) for v in values]
    null = () if about.null is None else (about.null,)
    return replace(linear(inside, include=null), percent=about.percent)


def _nice(step: float) -> float:
    size = 10.0 ** math.floor(math.log10(step))
    return next(s * size for s in _STEPS if s * size >= step * (1 - 1e-9))


def logarithmic(values: Iterable[float], include: Sequence[float] = (1.0,)) -> Axis:
    """A log axis around ``values`` (> 0) with ticks such as 0.1, 0.2, 0.5, 1, 2, 5."""
    known = [v for v in (*values, *include) if math.isfinite(v) and v > 0]
    low, high = min(known), max(known)
    if high / low < 2.0:
        low, high = low / 1.3, high * 1.3
    for bases in ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        exponents = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
        marks = [b * 10.0**e for e in exponents for b in bases]
        inside = _around(marks, low, high)
        if len(inside) <= 7:
            break
    else:
        decades = math.ceil(len(inside) / 6)
        inside = [m for m in inside if round(math.log10(m)) % decades == 0] or inside
    return Axis(min(low, inside[0]), max(high, inside[-1]), tuple(inside), True)


def _around(marks: Sequence[float], low: float, high: float) -> list[float]:
    """The marks from the last one at or below low to the first at or above high."""
    under = max(m for m in marks if m <= low * (1 + 1e-9))
    over = min((m for m in marks if m >= high * (1 - 1e-9)), default=max(marks))
    return [m for m in marks if under <= m <= over]
