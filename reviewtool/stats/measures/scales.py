"""The scales effects are analysed on, and the way back to what people read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import BadInput

Step: TypeAlias = Callable[[Vector, Vector], Vector]  # values, sizes -> values
_NONE = np.array(np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """From the analysis scale to the natural one, and there again.

    bounds: where values lie on the natural scale (limits of an interval may lie beyond on
    the identity and log scales, as R's do; an axis ends there). is_ratio: natural values multiply,
    so that 0.5 and 2 lie equally far from 1 and an axis is logarithmic. sized_by: the
    column whose numbers the way back needs ("ni", "ti"; empty for most scales): a
    study's own for its effect, the harmonic mean for a pooled one. r_back: R's function,
    as metafor takes it in ``transf=``; empty where nothing is to be done.
    """

    name: str
    r_back: str
    undo: Step
    do: Step
    bounds: tuple[float, float] = (-inf, inf)
    is_ratio: bool = False
    sized_by: str = ""
    size: Vector | None = None

    @property
    def transform(self) -> str:
        """Short name of the way back: identity, exp, ilogit, ztor, iarcsin, ..."""
        return self.r_back.removeprefix("transf.").removesuffix(".hm") or "identity"

    def back(self, values: ArrayLike, size: ArrayLike | None = None) -> Vector:
        """``values`` of the analysis scale on the natural scale.

        size: people or person-time, one number or one per value, where ``sized_by``
        asks for it. Raises BadInput without it.
        """
        with np.errstate(all="ignore"):
            found = self.undo(np.asarray(values, dtype=float), self._sizes(size))
        return _plain(found)

    def forward(self, values: ArrayLike, size: ArrayLike | None = None) -> Vector:
        """Natural ``values`` on the analysis scale; NaN where it has none."""
        with np.errstate(all="ignore"):
            found = self.do(np.asarray(values, dtype=float), self._sizes(size))
        return _plain(np.where(np.isfinite(found), found, np.nan))

    def at(self, size: ArrayLike | None) -> "Scale":
        """This scale with the size known, so that ``back`` need not be told."""
        return self if size is None else replace(self, size=np.asarray(size, dtype=float))

    def within(self, low: float, high: float = inf) -> "Scale":
        """This scale for values that cannot leave ``low``..``high``."""
        return replace(self, bounds=(low, high))

    def _sizes(self, size: ArrayLike | None) -> Vector:
        if not self.sized_by:
            return _NONE
        known = self.size if size is None else np.asarray(size, dtype=float)
        if known is None:
            raise BadInput(
                problem=f"The {self.name} scale has no way back without the study sizes.",
                remedy="Give the size, or the harmonic mean of the sizes for a pooled effect.",
            )
        return known


def _plain(values: ArrayLike) -> Vector:
    """A number for a number, a vector for a vector."""
    found: Vector = np.asarray(values, dtype=float)[()]
    return found


def double_arcsine(x: Vector, n: Vector) -> Vector:
    """Double arcsine of x events in n (Freeman & Tukey 1950, Ann Math Stat 21:607)."""
    return np.asarray(
        0.5 * (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1))))
    )


def double_arcsine_back(t: ArrayLike, n: ArrayLike) -> Vector:
    """Proportions whose double arcsine is t at sample size n, kept within 0..1.

    For a pooled t use the harmonic mean of the sample sizes.
    Source: Miller 1978, Am Stat 32:138.

    >>> round(float(double_arcsine_back(0.7588750084521971, 48.95040673504636)), 6)
    0.472953
    """
    values, sizes = np.asarray(t, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(all="ignore"):
        s = np.sin(2 * values)
        inner = 1 - (s + (s - 1 / s) / sizes) ** 2
        found = 0.5 * (1 - np.sign(np.cos(2 * values)) * np.sqrt(np.maximum(inner, 0.0)))
    low, high = double_arcsine(np.zeros_like(sizes), sizes), double_arcsine(sizes, sizes)
    found = np.where(values <= low, 0.0, np.where(values >= high, 1.0, found))
    return _plain(np.where(np.isnan(values), np.nan, found))


def freeman_tukey(r: Vector, t: Vector) -> Vector:
    """Freeman-Tukey transformed rate r over person-time t (Freeman & Tukey 1950)."""
    return np.asarray(0.5 * (np.sqrt(r) + np.sqrt(r + 1 / t)))


def freeman_tukey_back(y: Vector, t: Vector) -> Vector:
    """The rate whose Freeman-Tukey transform is y; 0 below the transform of no events.

    From y = (sqrt(r) + sqrt(r + 1/t)) / 2 follows sqrt(r) = y - 1 / (4 t y).

    >>> rate, time = np.array([0.02, 0.0]), np.array([250.0, 250.0])
    >>> freeman_tukey_back(freeman_tukey(rate, time), time).round(6)
    array([0.02, 0.  ])
    """
    root = y - 1 / (4 * t * y)
    return np.asarray(np.where(y <= 0.5 * np.sqrt(1 / t), 0.0, root**2))


IDENTITY = Scale("natural", "", lambda x, _: x, lambda x, _: x)
LOG = Scale("log", "exp", lambda x, _: np.exp(x), lambda x, _: np.log(x), (0, inf))
LOG_RATIO = replace(LOG, is_ratio=True)
LOGIT = Scale(
    "logit",
    "transf.ilogit",
    lambda x, _: 1 / (1 + np.exp(-x)),
    lambda x, _: np.log(x / (1 - x)),
    (0, 1),
)
FISHER_Z = Scale(
    "Fisher z", "transf.ztor", lambda x, _: np.tanh(x), lambda x, _: np.arctanh(x), (-1, 1)
)
ARCSINE = Scale(
    "arcsine root",
    "transf.iarcsin",
    lambda x, _: np.sin(np.clip(x, 0, np.pi / 2)) ** 2,
    lambda x, _: np.arcsin(np.sqrt(x)),
    (0, 1),
)
DOUBLE_ARCSINE = Scale(
    "double arcsine",
    "transf.ipft.hm",
    double_arcsine_back,
    lambda p, n: double_arcsine(p * n, n),
    (0, 1),
    sized_by="ni",
)
ROOT = Scale(
    "square root",
    "transf.isqrt",
    lambda x, _: np.maximum(x, 0) ** 2,
    lambda x, _: np.sqrt(x),
    (0, inf),
)
FREEMAN_TUKEY = Scale(
    "Freeman-Tukey",
    "transf.iirft",
    freeman_tukey_back,
    freeman_tukey,
    (0, inf),
    sized_by="ti",
)
