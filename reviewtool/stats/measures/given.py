"""An effect as reported: with its standard error, its interval or its p-value."""

from collections.abc import Iterator

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.distributions import critical, normal_quantile
from reviewtool.stats.errors import BadInput
from reviewtool.stats.measures.base import Columns, Compute, Data, Flags, Measure, Options
from reviewtool.stats.measures.scales import IDENTITY, LOG_RATIO, Scale


def as_reported(scale: Scale) -> Compute:
    """Effects that studies print; any measure can be, whatever it is computed from.

    ``yi``, ``vi`` and ``sei`` are on the analysis scale, ``est``, ``lb`` and ``ub`` as
    printed. Each study gives its variance by the first it has of variance, standard
    error, interval and two-sided p-value.
    """

    def compute(c: Columns, options: Options) -> tuple[Vector, Vector, Flags]:
        if "est" not in c:
            y = c["yi"]
        else:
            shown = scale.forward(c["est"])
            y = np.where(np.isnan(c["yi"]), shown, c["yi"]) if "yi" in c else shown
        v = np.full(y.shape, np.nan)
        ways = list(_variances(c, y, scale, options.level))
        if not ways:
            raise BadInput(
                problem="An effect without any measure of its precision.",
                remedy="Give its variance (vi), standard error (sei), interval (lb, ub) or "
                "two-sided p-value (pval).",
            )
        for way in ways:
            v = np.where(np.isnan(v), way, v)
        return y, v, np.zeros(y.shape, dtype=bool)

    return compute


def _variances(c: Columns, y: Vector, scale: Scale, level: float | Vector) -> Iterator[Vector]:
    if "vi" in c:
        yield c["vi"]
    if "sei" in c:
        yield c["sei"] ** 2
    if "lb" in c and "ub" in c:
        wide = scale.forward(c["ub"]) - scale.forward(c["lb"])
        half = np.array([critical(x, None) for x in np.broadcast_to(level, y.shape)])
        yield (wide / (2 * half)) ** 2
    if "pval" in c:
        yield (y / _z_of(c["pval"])) ** 2


def _z_of(p: Vector) -> Vector:
    """Normal quantile behind a two-sided p-value, shape (k,); NaN outside (0, 1)."""
    return np.array([abs(normal_quantile(x / 2)) if 0 < x < 1 else np.nan for x in p])


MEASURES = (
    Measure(
        "GEN",
        "Effect",
        "effect as reported",
        Data.ESTIMATE,
        as_reported(IDENTITY),
        variant="as reported",
        short="Effect",
        directions=("lower", "higher"),
        usual=True,
    ),
    Measure(
        "HR",
        "Hazard ratio",
        "log hazard ratio as reported",
        Data.ESTIMATE,
        as_reported(LOG_RATIO),
        scale=LOG_RATIO,
        directions=("lower hazard", "higher hazard"),
        # Proportional hazards: survival is raised to the power of the ratio.
        absolute=lambda p, effect: 1 - (1 - p) ** effect,
        r_name="GEN",
    ),
)
