"""Two arms, events or none (2 x 2 tables), and events in person-time.

Cells: a, b events and non-events in arm 1; c, d in arm 2. Effects are arm 1
versus arm 2.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.measures.base import (
    Columns,
    Compute,
    Data,
    Flags,
    Measure,
    Options,
    to_correct,
)
from reviewtool.stats.measures.scales import IDENTITY, LOG_RATIO

DISCRETISED = np.pi / np.sqrt(3)  # SD of the logistic distribution
COX = 1.65  # Cox & Snell 1989


class Table(NamedTuple):
    """Cells of the 2 x 2 tables after the zero-cell policy, shape (k,) each."""

    a: Vector
    b: Vector
    c: Vector
    d: Vector


def raw_table(columns: Columns) -> Table:
    """Cells as reported; totals are used where non-events are not given."""
    a, c = columns["ai"], columns["ci"]
    b = columns["bi"] if "bi" in columns else columns["n1i"] - a
    d = columns["di"] if "di" in columns else columns["n2i"] - c
    return Table(a, b, c, d)


def silent(t: Table, options: Options) -> Flags:
    """Studies that ``drop00`` leaves out: all, or unless ``keep11`` none, without the event."""
    nobody, everybody = (t.a == 0) & (t.c == 0), (t.b == 0) & (t.d == 0)
    found: Flags = nobody if options.keep11 else nobody | everybody
    return found


def adjusted_table(columns: Columns, options: Options) -> tuple[Table, Flags]:
    """Cells after the zero-cell policy, and which studies it touched."""
    raw = raw_table(columns)
    zero = np.logical_or.reduce([cell == 0 for cell in raw])
    touched = to_correct(zero, options.to) & (options.add > 0)
    cells = [np.where(touched, cell + options.add, cell) for cell in raw]
    if options.drop00:
        empty = silent(raw, options)
        cells = [np.where(empty, np.nan, cell) for cell in cells]
        touched = touched & ~empty
    return Table(*cells), touched


def _from_table(formula: Callable[[Table], tuple[Vector, Vector]]) -> Compute:
    def compute(columns: Columns, options: Options) -> tuple[Vector, Vector, Flags]:
        table, touched = adjusted_table(columns, options)
        y, v = formula(table)
        return y, v, touched & ~np.isnan(y)

    return compute


def odds_ratio(t: Table) -> tuple[Vector, Vector]:
    """Log odds ratio (Woolf 1955, Ann Hum Genet 19:251)."""
    return np.log(t.a * t.d / (t.b * t.c)), 1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d


def risk_ratio(t: Table) -> tuple[Vector, Vector]:
    """Log risk ratio (Katz 1978, Biometrics 34:469)."""
    n1, n2 = t.a + t.b, t.c + t.d
    return np.log((t.a / n1) / (t.c / n2)), 1 / t.a - 1 / n1 + 1 / t.c - 1 / n2


def risk_difference(t: Table) -> tuple[Vector, Vector]:
    """Difference in risks."""
    n1, n2 = t.a + t.b, t.c + t.d
    p1, p2 = t.a / n1, t.c / n2
    return p1 - p2, p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2


def peto(t: Table) -> tuple[Vector, Vector]:
    """(O - E) / V with variance 1 / V (Yusuf 1985, Prog Cardiovasc Dis 27:335)."""
    n1, n2 = t.a + t.b, t.c + t.d
    n, events = n1 + n2, t.a + t.c
    expected = events * n1 / n
    v = events * (t.b + t.d) * (n1 / n) * (n2 / n) / (n - 1)
    return (t.a - expected) / v, 1 / v


def phi(t: Table) -> tuple[Vector, Vector]:
    """Phi coefficient with its large-sample variance under fixed arm totals excluded.

    Source: Pearson 1900; variance from Bishop, Fienberg & Holland 1975, p. 381.
    """
    n = t.a + t.b + t.c + t.d
    r1, r2, c1, c2 = (t.a + t.b) / n, (t.c + t.d) / n, (t.a + t.c) / n, (t.b + t.d) / n
    product = r1 * r2 * c1 * c2
    y = (t.a * t.d - t.b * t.c) / n**2 / np.sqrt(product)
    skew = (r1 - r2) * (c1 - c2) / np.sqrt(product)
    tilt = (r1 - r2) ** 2 / (r1 * r2) + (c1 - c2) ** 2 / (c1 * c2)
    return y, (1 - y**2 + y * (1 + y**2 / 2) * skew - 0.75 * y**2 * tilt) / n


def yule_q(t: Table) -> tuple[Vector, Vector]:
    """Yule's Q (Yule 1912, J R Stat Soc 75:579)."""
    odds = t.a * t.d / (t.b * t.c)
    y = (odds - 1) / (odds + 1)
    return y, 0.25 * (1 - y**2) ** 2 * (1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d)


def yule_y(t: Table) -> tuple[Vector, Vector]:
    """Yule's Y (Yule 1912, J R Stat Soc 75:579)."""
    odds = np.sqrt(t.a * t.d / (t.b * t.c))
    y = (odds - 1) / (odds + 1)
    return y, 0.0625 * (1 - y**2) ** 2 * (1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d)


def _odds_to_d(divisor: float) -> Callable[[Table], tuple[Vector, Vector]]:
    """Log odds ratio as a standardised difference (Chinn 2000, Stat Med 19:3127)."""

    def formula(t: Table) -> tuple[Vector, Vector]:
        y, v = odds_ratio(t)
        return y / divisor, v / divisor**2

    return formula


def arcsine(columns: Columns, options: Options) -> tuple[Vector, Vector, Flags]:
    """Difference of arcsine roots, always from the raw counts (Rücker 2009, Stat Med 28:721)."""
    t = raw_table(columns)
    n1, n2 = t.a + t.b, t.c + t.d
    y = np.arcsin(np.sqrt(t.a / n1)) - np.arcsin(np.sqrt(t.c / n2))
    if options.drop00:
        y = np.where(silent(t, options), np.nan, y)
    return y, 1 / (4 * n1) + 1 / (4 * n2), np.zeros(y.shape, dtype=bool)


class Rates(NamedTuple):
    """Events and person-time of both arms, shape (k,) each."""

    x1: Vector
    t1: Vector
    x2: Vector
    t2: Vector


def adjusted_rates(columns: Columns, options: Options) -> tuple[Rates, Flags]:
    """Events and person-time after the zero-cell policy, and which studies it touched."""
    x1, x2 = columns["x1i"], columns["x2i"]
    touched = to_correct((x1 == 0) | (x2 == 0), options.to) & (options.add > 0)
    first, second = (np.where(touched, x + options.add, x) for x in (x1, x2))
    return Rates(first, columns["t1i"], second, columns["t2i"]), touched


def _from_rates(formula: Callable[[Rates], tuple[Vector, Vector]]) -> Compute:
    def compute(columns: Columns, options: Options) -> tuple[Vector, Vector, Flags]:
        rates, touched = adjusted_rates(columns, options)
        y, v = formula(rates)
        empty = options.drop00 & (columns["x1i"] == 0) & (columns["x2i"] == 0)
        return np.where(empty, np.nan, y), v, touched & ~empty

    return compute


def rate_ratio(r: Rates) -> tuple[Vector, Vector]:
    """Log ratio of incidence rates (Rothman 2008, Modern Epidemiology)."""
    return np.log((r.x1 / r.t1) / (r.x2 / r.t2)), 1 / r.x1 + 1 / r.x2


def rate_difference(r: Rates) -> tuple[Vector, Vector]:
    """Difference of incidence rates."""
    return r.x1 / r.t1 - r.x2 / r.t2, r.x1 / r.t1**2 + r.x2 / r.t2**2


def root_rate_difference(r: Rates) -> tuple[Vector, Vector]:
    """Difference of square-root rates."""
    return np.sqrt(r.x1 / r.t1) - np.sqrt(r.x2 / r.t2), 1 / (4 * r.t1) + 1 / (4 * r.t2)


def risk_from_odds_ratio(p: float, effect: float) -> float:
    """Risk that goes with comparator risk ``p`` (Cochrane Handbook, chapter 15).

    >>> round(risk_from_odds_ratio(0.2, 0.5), 4)
    0.1111
    """
    return p * effect / (1 - p + p * effect)


ODDS, RISK = ("lower odds", "higher odds"), ("lower risk", "higher risk")
RATE = ("lower rate", "higher rate")
COUNTED = ("inverse", "MH")

_counts = partial(Measure, data=Data.COUNTS, directions=RISK)
_odds = partial(_counts, scale=LOG_RATIO, directions=ODDS, drops_double_zero=True)
_as_d = partial(_counts, directions=ODDS, drops_double_zero=True, short="SMD")
_rates = partial(Measure, data=Data.RATES, directions=RATE)

MEASURES = (
    _odds(
        "OR",
        "Odds ratio",
        "log odds ratio",
        compute=_from_table(odds_ratio),
        absolute=risk_from_odds_ratio,
        pools=("inverse", "MH", "Peto"),
        reported=True,
        usual=True,
    ),
    _counts(
        "RR",
        "Risk ratio",
        "log risk ratio",
        compute=_from_table(risk_ratio),
        scale=LOG_RATIO,
        absolute=lambda p, effect: p * effect,
        pools=COUNTED,
        reported=True,
        drops_double_zero=True,
        keeps_all_events=True,
    ),
    _counts(
        "RD",
        "Risk difference",
        "risk difference",
        compute=_from_table(risk_difference),
        scale=IDENTITY.within(-1, 1),
        absolute=lambda p, effect: p + effect,
        pools=COUNTED,
        reported=True,
        digits=3,
    ),
    # Peto's odds ratio stands for an odds ratio where events are rare, which is where it is used.
    _odds(
        "PETO",
        "Peto odds ratio",
        "log odds ratio (Peto)",
        compute=_from_table(peto),
        absolute=risk_from_odds_ratio,
        pools=("inverse", "Peto"),
        short="OR",
    ),
    _counts(
        "AS",
        "Arcsine difference",
        "arcsine difference",
        compute=arcsine,
        raw=True,
        aliases=("ASD",),  # as R's meta calls it
        digits=3,
    ),
    _counts(
        "PHI",
        "Phi coefficient",
        "phi coefficient",
        compute=_from_table(phi),
        scale=IDENTITY.within(-1, 1),
        raw=True,
    ),
    _counts(
        "YUQ",
        "Yule's Q",
        "Yule's Q",
        compute=_from_table(yule_q),
        scale=IDENTITY.within(-1, 1),
    ),
    _counts(
        "YUY",
        "Yule's Y",
        "Yule's Y",
        compute=_from_table(yule_y),
        scale=IDENTITY.within(-1, 1),
    ),
    _as_d(
        "OR2DL",
        "Standardised difference from odds ratio",
        "d from odds ratio",
        variant="logistic",
        compute=_from_table(_odds_to_d(DISCRETISED)),
        aliases=("OR2D",),
    ),
    _as_d(
        "OR2DN",
        "Standardised difference from odds ratio",
        "d from odds ratio, normal",
        variant="normal",
        compute=_from_table(_odds_to_d(COX)),
    ),
    # No absolute effect: one person can have several of the events that a rate counts.
    _rates(
        "IRR",
        "Rate ratio",
        "log rate ratio",
        compute=_from_rates(rate_ratio),
        scale=LOG_RATIO,
        pools=COUNTED,
        reported=True,
        usual=True,
        drops_double_zero=True,
    ),
    _rates(
        "IRD",
        "Rate difference",
        "rate difference",
        compute=_from_rates(rate_difference),
        pools=COUNTED,
        reported=True,
        digits=3,
    ),
    _rates(
        "IRSD",
        "Root rate difference",
        "root rate difference",
        compute=_from_rates(root_rate_difference),
        raw=True,
        digits=3,
    ),
)
