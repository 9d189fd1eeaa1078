"""Bayesian random-effects meta-analysis without simulation.

Given tau everything is normal, so only tau is integrated, on a logarithmic grid where
the trapezoidal rule converges exponentially. The effects, their mean and the effect of
a new study are mixtures of normals over that grid.
Source: Roever 2020, J Stat Softw 93(6); Higgins, Thompson & Spiegelhalter 2009, J R Stat
Soc A 172:137.
"""

from dataclasses import dataclass, field
from math import inf, log, pi, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Labels, Matrix, Vector, check_effects, study_name
from reviewtool.stats.bayes.priors import Prior
from reviewtool.stats.errors import BadInput, NotEstimable
from reviewtool.stats.results import count_of_studies
from reviewtool.words import at_level, plain

POINTS = 1601  # of the grid on log(tau)
REACH = 45.0  # how far from the scale of the data the support is looked for, in log(tau)
NEGLIGIBLE = 40.0  # log density below the mode that no longer counts


class Summary(NamedTuple):
    """Mean, SD, median and equal-tailed interval of a posterior quantity."""

    mean: float
    sd: float
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A mixture of normals: weights (n,) sum to 1, means and SDs (n,)."""

    weights: Vector = field(repr=False)
    means: Vector = field(repr=False)
    sds: Vector = field(repr=False)

    def quantile(self, p: float) -> float:
        """x with P(X <= x) = p, by safeguarded Newton steps."""
        from scipy.special import ndtr, ndtri

        ends = self.means + ndtri(p) * self.sds
        low, high = float(ends.min()), float(ends.max())
        x = float(self.weights @ ends)
        for _ in range(200):
            z = (x - self.means) / self.sds
            excess = float(self.weights @ ndtr(z)) - p
            low, high = (low, x) if excess > 0 else (x, high)
            slope = float(self.weights @ (np.exp(-z * z / 2) / self.sds)) / sqrt(2 * pi)
            step = x - excess / slope if slope > 0 else inf
            following = step if low < step < high else (low + high) / 2
            if abs(following - x) <= 1e-13 * (abs(x) + high - low) + 1e-300:
                return following
            x = following
        return x

    def below(self, x: float) -> float:
        """P(X <= x).

        >>> import numpy as np
        >>> Mixture(np.ones(1), np.zeros(1), np.ones(1)).below(0.0)
        0.5
        """
        from scipy.special import ndtr

        return float(self.weights @ ndtr((x - self.means) / self.sds))

    def density(self, at: Vector) -> Vector:
        """The density at each of ``at``, shape (m,)."""
        z = (at[:, None] - self.means) / self.sds
        found: Vector = np.exp(-0.5 * z * z) @ (self.weights / self.sds) / sqrt(2 * pi)
        return found

    def summary(self, level: float) -> Summary:
        """Moments exactly, quantiles to about 12 digits. level: per cent."""
        mean = float(self.weights @ self.means)
        variance = float(self.weights @ (self.sds**2 + (self.means - mean) ** 2))
        tail = 0.5 - level / 200
        return Summary(
            mean, sqrt(variance), self.quantile(0.5), self.quantile(tail), self.quantile(1 - tail)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Bayesian:
    """Posterior of a random-effects meta-analysis; units of the effects throughout.

    tau: of the between-study SD; mu: of the mean effect; prediction: of the effect in a
    new study; shrinkage: of each study's own effect, in input order, or nothing where it was
    not asked for. log_evidence: log
    marginal likelihood of the data (None with an improper prior of tau or mu).
    """

    k: int
    studies: int
    level: float
    prior: Prior
    mu_prior: tuple[float, float] | None
    tau: Summary
    mu: Summary
    prediction: Summary
    shrinkage: tuple[Summary, ...] = field(repr=False)
    log_evidence: float | None
    mu_posterior: Mixture = field(repr=False)
    prediction_posterior: Mixture = field(repr=False)
    grid: Vector = field(repr=False)  # tau
    weights: Vector = field(repr=False)  # posterior probability of each grid point
    warnings: tuple[str, ...] = ()

    def tau_density(self) -> tuple[Vector, Vector]:
        """(tau, its posterior density) over the grid, whose log is evenly spaced."""
        step = float(np.log(self.grid[1] / self.grid[0]))
        return self.grid[1:-1], self.weights[1:-1] / (step * self.grid[1:-1])

    @property
    def sentence(self) -> str:
        """How the numbers were made, for a methods section."""
        mean = (
            "an improper uniform prior"
            if self.mu_prior is None
            else (f"a normal({plain(self.mu_prior[0])}, {plain(self.mu_prior[1])}²) prior")
        )
        source = f" ({self.prior.source})" if self.prior.source else ""
        return (
            f"Effects of {count_of_studies(self.studies, self.k)} were combined in a Bayesian "
            f"normal-normal random-effects model with a {self.prior.name} prior{source} for the "
            f"between-study heterogeneity and {mean} for the mean effect, computed by "
            f"numerical integration; intervals are equal-tailed {at_level(self.level)} "
            "credible intervals."
        )


def pool_bayes(
    y: ArrayLike,
    v: ArrayLike,
    prior: Prior,
    *,
    mu_prior: tuple[float, float] | None = None,
    level: float = 95.0,
    labels: Labels | None = None,
    studies: Labels | None = None,
    shrunk: bool = True,
) -> Bayesian:
    """Posterior of the normal-normal random-effects model.

    y, v: shape (k,), effects and sampling variances. prior: of tau, from
    ``half_normal``, ``half_cauchy``, ``log_normal``, ``turner_2015``, ...
    mu_prior: mean and SD of a normal prior for the mean effect; improper uniform when
    None. level: per cent. shrunk: also the posterior of each study's own effect, which takes
    most of the time. Raises BadStudy, BadInput, NotEstimable when the prior is
    improper and the studies are too few for a posterior.

    >>> from reviewtool.stats.bayes import half_normal
    >>> result = pool_bayes([0.1, 0.3, 0.35, 0.65], [0.02] * 4, half_normal(0.5))
    >>> round(result.mu.mean, 6), result.tau.low < result.tau.median < result.tau.high
    (0.35, True)
    """
    effects, variances = check_effects(y, v, labels)
    _check(effects.size, prior, mu_prior, level)
    log_tau, weights, evidence = _posterior(effects, variances, prior, mu_prior)
    tau2 = np.exp(2 * log_tau)
    mean, variance = _mean_given_tau(effects, variances, tau2, mu_prior)
    used = weights > 1e-16
    share = weights[used] / weights[used].sum()
    mu = Mixture(share, mean[used], np.sqrt(variance[used]))
    new = Mixture(share, mean[used], np.sqrt(variance[used] + tau2[used]))
    own = _shrunk(effects, variances, tau2[used], mu) if shrunk else []
    proper = prior.scale is not None and mu_prior is not None
    names = studies if studies is not None else labels
    count = len({study_name(i, names) for i in range(effects.size)})
    return Bayesian(
        effects.size,
        count,
        level,
        prior,
        mu_prior,
        _tau_summary(log_tau, weights, level),
        mu.summary(level),
        new.summary(level),
        tuple(m.summary(level) for m in own),
        evidence if proper else None,
        mu,
        new,
        np.exp(log_tau),
        weights,
        _warnings(effects.size, count, prior),
    )


def _check(k: int, prior: Prior, mu_prior: tuple[float, float] | None, level: float) -> None:
    if not 0 < level < 100:
        raise BadInput(
            problem=f"A level of {at_level(level)}.", remedy="Give one between 0 and 100."
        )
    if mu_prior is not None and not (np.isfinite(mu_prior[0]) and 0 < mu_prior[1] < inf):
        raise BadInput(problem="The prior of the mean needs an SD above zero.", remedy="Give one.")
    needed = 1 if prior.scale is not None else 3
    if k < needed:
        raise NotEstimable(
            what="The posterior",
            reason=f"an improper prior of tau needs {needed} studies and there are {k}",
            remedy="Choose a proper prior, such as half-normal.",
        )


def _mean_given_tau(
    y: Vector, v: Vector, tau2: Vector, mu_prior: tuple[float, float] | None
) -> tuple[Vector, Vector]:
    """Conditional mean and variance of mu at every tau2, shape (n,) each."""
    w = 1 / (v + tau2[:, None])
    precision, weighted = w.sum(axis=1), w @ y
    if mu_prior is not None:
        precision = precision + 1 / mu_prior[1] ** 2
        weighted = weighted + mu_prior[0] / mu_prior[1] ** 2
    return weighted / precision, 1 / precision


def _log_density(
    log_tau: Vector, y: Vector, v: Vector, prior: Prior, mu_prior: tuple[float, float] | None
) -> Vector:
    """Log of prior times marginal likelihood, as a density of log(tau)."""
    tau2 = np.exp(2 * log_tau)
    mean, variance = _mean_given_tau(y, v, tau2, mu_prior)
    total = v + tau2[:, None]
    fit = ((y - mean[:, None]) ** 2 / total + np.log(2 * pi * total)).sum(axis=1)
    value = -0.5 * fit + 0.5 * np.log(2 * pi * variance)
    if mu_prior is not None:
        m, s = mu_prior
        value -= 0.5 * ((mean - m) / s) ** 2 + 0.5 * log(2 * pi * s * s)
    with np.errstate(over="ignore"):
        density: Vector = value + prior.log_density(log_tau) + log_tau
    return density


def _posterior(
    y: Vector, v: Vector, prior: Prior, mu_prior: tuple[float, float] | None
) -> tuple[Vector, Vector, float]:
    """(grid of log tau, posterior weights summing to 1, log evidence)."""
    centre = 0.5 * log(float(np.median(v)) + float(np.var(y)))
    middle = centre if prior.scale is None else 0.5 * (centre + log(prior.scale))
    half = REACH + abs(middle - centre)
    coarse = np.linspace(middle - half, middle + half, POINTS)
    for _ in range(3):
        density = _log_density(coarse, y, v, prior, mu_prior)
        inside = np.flatnonzero(density > density.max() - NEGLIGIBLE)
        low, high = max(inside[0] - 1, 0), min(inside[-1] + 1, POINTS - 1)
        coarse = np.linspace(coarse[low], coarse[high], POINTS)
    density = _log_density(coarse, y, v, prior, mu_prior)
    top = float(density.max())
    weights = np.exp(density - top)
    weights[[0, -1]] /= 2
    step = coarse[1] - coarse[0]
    total = float(weights.sum())
    return coarse, weights / total, top + log(total * step)


def _tau_summary(log_tau: Vector, weights: Vector, level: float) -> Summary:
    tau = np.exp(log_tau)
    mean = float(weights @ tau)
    variance = float(weights @ (tau - mean) ** 2)
    tail = 0.5 - level / 200
    quantiles = [_tau_quantile(log_tau, weights, p) for p in (0.5, tail, 1 - tail)]
    return Summary(mean, sqrt(variance), *quantiles)


def _tau_quantile(log_tau: Vector, weights: Vector, p: float) -> float:
    """Quantile from the cumulated density, integrated and interpolated by cubics."""
    from scipy.interpolate import CubicSpline

    step = log_tau[1] - log_tau[0]
    density = weights / step
    density[[0, -1]] *= 2
    cumulated = CubicSpline(log_tau, density).antiderivative()
    values = cumulated(log_tau)
    target = p * values[-1]
    i = int(np.clip(np.searchsorted(values, target), 1, values.size - 1))
    low, high = float(log_tau[i - 1]), float(log_tau[i])
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if cumulated(middle) < target else (low, middle)
    return float(np.exp((low + high) / 2))


def _shrunk(y: Vector, v: Vector, tau2: Vector, mu: Mixture) -> list[Mixture]:
    """Posterior of each study's own effect: pulled towards the mean as tau allows."""
    pull: Matrix = v[:, None] / (v[:, None] + tau2)
    means = (1 - pull) * y[:, None] + pull * mu.means
    variances = pull * tau2 + pull**2 * mu.sds**2
    return [
        Mixture(mu.weights, m, np.sqrt(np.maximum(s, 1e-300)))
        for m, s in zip(means, variances, strict=True)
    ]


def _warnings(k: int, studies: int, prior: Prior) -> tuple[str, ...]:
    found = []
    if k < 5 and prior.source == "":
        found.append(
            f"With {count_of_studies(studies, k)} the prior of tau matters: report others "
            "beside it."
        )
    if prior.scale is None:
        found.append("The prior of tau is improper: there is no evidence to compare models by.")
    return tuple(found)
