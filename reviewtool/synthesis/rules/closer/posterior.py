"""A posterior as it is shown: numbers, probabilities, and the curves of its picture."""

from math import isfinite, sqrt

import numpy as np

from reviewtool.stats.bayes import Bayesian, Prior, pool_bayes
from reviewtool.synthesis.results import Effect, Number, Part
from reviewtool.synthesis.rules.closer.beside import Beside
from reviewtool.synthesis.rules.closer.topic import Studied

POINTS = 161  # of a curve


class Posterior(Part):
    """What follows from one prior, on the analysis scale (log for ratios).

    effect: posterior median, SD and credible limits of the mean effect; mean: its posterior
    mean. tau: the same of the between-study SD. better, important, harmful: probability of a
    benefit, of one at least as large as the minimal important difference, and of a harm of that
    size; None where they have no meaning. reason: why there is no posterior.
    """

    prior: str
    source: str = ""
    chosen: bool = False
    effect: Effect = Effect()
    mean: Number = None
    tau: Effect = Effect()
    pi_low: Number = None
    pi_high: Number = None
    better: Number = None
    important: Number = None
    harmful: Number = None
    changes: tuple[str, ...] = ()
    reason: str = ""


class Curve(Part):
    """Densities at values; the prior's is empty where it is flat."""

    at: tuple[float, ...]
    posterior: tuple[float, ...]
    prior: tuple[float, ...] = ()


def fit(have: Studied, prior: Prior, mean: tuple[float, float] | None) -> Bayesian:
    """The engine's posterior without the studies' own effects. Raises StatsError."""
    return pool_bayes(
        have.y,
        have.v,
        prior,
        mu_prior=mean,
        level=have.result.level,
        labels=have.labels,
        studies=have.studies,
        shrunk=False,
    )


def described(found: Bayesian, beside: Beside, *, chosen: bool = False) -> Posterior:
    """A fit as it is shown."""
    mu, tau = found.mu, found.tau
    effect = Effect(estimate=mu.median, se=mu.sd, ci_low=mu.low, ci_high=mu.high)
    better, important, harmful = _chances(found, beside)
    return Posterior(
        prior=found.prior.name,
        source=found.prior.source,
        chosen=chosen,
        effect=effect,
        mean=mu.mean,
        tau=Effect(estimate=tau.median, se=tau.sd, ci_low=tau.low, ci_high=tau.high),
        pi_low=found.prediction.low,
        pi_high=found.prediction.high,
        better=better,
        important=important,
        harmful=harmful,
        changes=beside.changes(effect),
    )


def _chances(found: Bayesian, beside: Beside) -> tuple[float | None, float | None, float | None]:
    """Probabilities of a benefit, of an important one, and of an important harm."""
    result = beside.result
    null = result.effect_measure.null
    if null is None or result.natural(0.0) != null:
        return None, None, None

    def beyond(value: float) -> float:
        """More beneficial than ``value``."""
        below = found.mu_posterior.below(value)
        return below if beside.asked.lower_is_better else 1 - below

    size = abs(beside.asked.difference or 0.0)
    if not size or not result.effect_measure.in_units:
        return beyond(0.0), None, None
    good = -size if beside.asked.lower_is_better else size
    return beyond(0.0), beyond(good), 1 - beyond(-good)


def curve_of_mean(found: Bayesian) -> Curve:
    """The mean effect: four posterior SDs to both sides."""
    at = np.linspace(found.mu.mean - 4 * found.mu.sd, found.mu.mean + 4 * found.mu.sd, POINTS)
    prior: tuple[float, ...] = ()
    if found.mu_prior is not None:
        mean, sd = found.mu_prior
        z = (at - mean) / sd
        prior = tuple((np.exp(-0.5 * z * z) / (sd * sqrt(2 * np.pi))).tolist())
    return Curve(
        at=tuple(at.tolist()),
        posterior=tuple(found.mu_posterior.density(at).tolist()),
        prior=prior,
    )


def curve_of_tau(found: Bayesian) -> Curve:
    """The between-study SD, from 0 to beyond its interval."""
    top = 1.6 * found.tau.high
    at = np.linspace(top / 400, top, POINTS)
    tau, density = found.tau_density()
    prior: tuple[float, ...] = ()
    if found.prior.scale is not None:
        with np.errstate(over="ignore"):
            before = np.exp(found.prior.log_density(np.log(at)))
        prior = tuple(x if isfinite(x) else 0.0 for x in before.tolist())
    return Curve(
        at=tuple(at.tolist()),
        posterior=tuple(np.interp(at, tau, density, left=float(density[0]), right=0.0).tolist()),
        prior=prior,
    )
