"""What a measure is: columns it needs, a check of them, a formula."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from reviewtool.stats.arrays import Vector

Columns: TypeAlias = Mapping[str, Vector]
Flags: TypeAlias = np.ndarray  # bool, shape (k,)


class Options(NamedTuple):
    """Zero-cell policy and variance type."""

    add: float
    to: str
    drop00: bool
    vtype: str
    level: float = 95.0  # of reported intervals, per cent


class Problem(NamedTuple):
    """One number that cannot be."""

    row: int
    column: str
    value: float
    reason: str


Compute: TypeAlias = Callable[[Columns, Options], tuple[Vector, Vector, Flags]]


@dataclass(frozen=True, slots=True)
class Measure:
    """One effect measure. ``needs`` joins alternatives with a bar: 'bi|n1i'."""

    name: str
    title: str
    needs: tuple[str, ...]
    compute: Compute
    transform: str = "identity"
    raw: bool = False  # always computed from the raw counts: nothing is ever added

    def check(self, columns: Columns) -> Iterator[Problem]:
        """Every impossible number: negative counts and SDs, events above totals."""
        for name, values in columns.items():
            if name in ("m1i", "m2i", "mi", "yi", "est", "lb", "ub"):
                continue
            if name == "ri":
                yield from _problems(name, values, np.abs(values) > 1, "correlations lie in -1..1")
            else:
                yield from _problems(name, values, values < 0, "it cannot be negative")
        for part, whole in (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni")):
            if part in columns and whole in columns:
                over = columns[part] > columns[whole]
                yield from _problems(part, columns[part], over, f"it exceeds {whole}")


def _problems(name: str, values: Vector, wrong: Flags, reason: str) -> Iterator[Problem]:
    for i in np.flatnonzero(wrong):
        yield Problem(int(i), name, float(values[i]), reason)


def plain(formula: Callable[[Columns, str], tuple[Vector, Vector]]) -> Compute:
    """A formula without counts: nothing is ever corrected."""

    def compute(columns: Columns, options: Options) -> tuple[Vector, Vector, Flags]:
        y, v = formula(columns, options.vtype)
        return y, v, np.zeros(y.shape, dtype=bool)

    return compute


def hedges_j(m: Vector) -> Vector:
    """Exact small-sample correction J(m); NaN for m < 2.

    Source: Hedges 1981, J Educ Stat 6:107.
    """
    from scipy.special import gammaln

    with np.errstate(all="ignore"):
        j: Vector = np.exp(gammaln(m / 2) - gammaln((m - 1) / 2) - 0.5 * np.log(m / 2))
    return np.where(m > 1, j, np.nan)


def to_correct(zero: Flags, to: str) -> Flags:
    """Which studies the zero-cell policy adjusts."""
    if to == "only0":
        return zero
    if to == "all":
        return np.ones_like(zero)
    if to == "if0all":
        return np.full_like(zero, bool(zero.any()))
    return np.zeros_like(zero)
