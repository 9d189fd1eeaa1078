"""An effect as reported: with its standard error, its interval or its p-value."""

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.distributions import critical, normal_quantile
from reviewtool.stats.errors import BadInput
from reviewtool.stats.measures.base import Columns, Compute, Flags, Measure, Options


def _given(ratio: bool) -> Compute:
    """``yi`` is on the analysis scale; ``est``, ``lb``, ``ub`` are as printed."""

    def compute(c: Columns, options: Options) -> tuple[Vector, Vector, Flags]:
        scale = np.log if ratio else np.asarray
        y = c["yi"] if "yi" in c else scale(c["est"])
        if "vi" in c:
            v = c["vi"]
        elif "sei" in c:
            v = c["sei"] ** 2
        elif "lb" in c and "ub" in c:
            v = ((scale(c["ub"]) - scale(c["lb"])) / (2 * critical(options.level, None))) ** 2
        elif "pval" in c:
            v = (y / _z_of(c["pval"])) ** 2
        else:
            raise BadInput(
                problem="An effect without any measure of its precision.",
                remedy="Give its variance (vi), standard error (sei), interval (lb, ub) or "
                "two-sided p-value (pval).",
            )
        return np.asarray(y), np.asarray(v), np.zeros(y.shape, dtype=bool)

    return compute


def _z_of(p: Vector) -> Vector:
    """Normal quantile behind a two-sided p-value, shape (k,); NaN outside (0, 1)."""
    return np.array([abs(normal_quantile(x / 2)) if 0 < x < 1 else np.nan for x in p])


MEASURES = (
    Measure("GEN", "effect as reported", ("yi|est",), _given(ratio=False)),
    Measure("HR", "log hazard ratio as reported", ("yi|est",), _given(ratio=True), "exp"),
)
