"""Prior distributions of tau, the between-study standard deviation.

Every prior is a density of tau >= 0 in the units of the effects (log for ratios).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import gamma, inf, log, pi, sqrt

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import BadInput
from reviewtool.words import plain


@dataclass(frozen=True, slots=True)
class Prior:
    """A prior of tau: its name for a methods section and its log density.

    log_density takes log(tau), shape (n,), so that tiny values keep their digits.
    ``scale`` is about where the mass lies (None when the prior is improper).
    """

    name: str
    log_density: Callable[[Vector], Vector] = field(repr=False)
    scale: float | None
    source: str = ""


def half_normal(scale: float) -> Prior:
    """|N(0, scale²)|; 0.5 or 1.0 are common for log odds ratios.

    Source: Friede 2017, Res Synth Methods 8:79.
    """
    _positive(scale)
    constant = log(sqrt(2 / pi) / scale)
    return Prior(
        f"half-normal({plain(scale)})",
        lambda t: constant - 0.5 * np.exp(2 * np.minimum(t - log(scale), 300.0)),
        scale,
    )


def half_cauchy(scale: float) -> Prior:
    """|Cauchy(0, scale)|. Source: Gelman 2006, Bayesian Anal 1:515."""
    _positive(scale)
    constant = log(2 / (pi * scale))
    return Prior(
        f"half-Cauchy({plain(scale)})",
        lambda t: constant - np.logaddexp(0, 2 * (t - log(scale))),
        scale,
    )


def log_normal(mean: float, sd: float, source: str = "") -> Prior:
    """tau² log-normal: log(tau²) ~ N(mean, sd²), as empirical priors are published."""
    _positive(sd)
    constant = log(2 / (sd * sqrt(2 * pi)))
    return Prior(
        f"log-normal({plain(mean)}, {plain(sd)}²) on tau²",
        lambda t: constant - t - 0.5 * ((2 * t - mean) / sd) ** 2,
        float(np.exp(mean / 2)),
        source,
    )


def log_student(location: float, scale: float, df: float = 5.0, source: str = "") -> Prior:
    """log(tau²) follows a t distribution with ``df`` degrees of freedom."""
    _positive(scale)
    beta = gamma((df + 1) / 2) / (sqrt(df * pi) * gamma(df / 2))
    constant = log(2 * beta / scale)
    return Prior(
        f"log-t{plain(df)}({plain(location)}, {plain(scale)}) on tau²",
        lambda t: constant - t - (df + 1) / 2 * np.log1p(((2 * t - location) / scale) ** 2 / df),
        float(np.exp(location / 2)),
        source,
    )


def uniform(upper: float = inf) -> Prior:
    """Uniform on tau, 0 to ``upper``; without an upper end it needs three studies."""
    if not upper > 0:
        raise BadInput(problem=f"An upper end of {plain(upper)}.", remedy="Give one above zero.")
    height = -log(upper) if upper < inf else 0.0
    top = log(upper) if upper < inf else inf

    def log_density(t: Vector) -> Vector:
        return np.where(t <= top, height, -inf)

    name = f"uniform(0, {plain(upper)})" if upper < inf else "improper uniform"
    return Prior(name, log_density, upper if upper < inf else None)


def _positive(scale: float) -> None:
    if not (scale > 0 and scale < inf):
        raise BadInput(problem=f"A prior scale of {plain(scale)}.", remedy="Give one above zero.")
