"""The posterior against a second, plainer integration, and against published results."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from reviewtool.stats import StatsError
from reviewtool.stats import pool as pool_effects
from reviewtool.stats.bayes import (
    Prior,
    half_cauchy,
    half_normal,
    log_normal,
    log_student,
    pool_bayes,
    rhodes_2015,
    turner_2012,
    turner_2015,
    uniform,
)

Y = np.array([-0.4, 0.1, -0.9, -0.2, 0.3])
V = np.array([0.05, 0.12, 0.2, 0.03, 0.3])
MU = (0.0, 2.0)
DENSITIES: list[tuple[Prior, Callable[[float], float]]] = [
    (half_normal(0.5), lambda t: float(stats.halfnorm.pdf(t, scale=0.5))),
    (half_cauchy(0.4), lambda t: float(stats.halfcauchy.pdf(t, scale=0.4))),
    (
        log_normal(-2.56, 1.74),
        lambda t: float(stats.lognorm.pdf(t * t, 1.74, scale=math.exp(-2.56)) * 2 * t),
    ),
    (
        log_student(-3.44, 2.59),
        lambda t: float(stats.t.pdf((2 * math.log(t) + 3.44) / 2.59, 5) / 2.59 * 2 / t),
    ),
]


def joint(mu: float, tau: float, prior: Callable[[float], float]) -> float:
    """Density of everything, written with scipy's normal: no conditional normality used."""
    likelihood = np.prod(stats.norm.pdf(Y, mu, np.sqrt(V + tau * tau)))
    return float(likelihood * stats.norm.pdf(mu, *MU) * prior(tau))


def moments(prior: Callable[[float], float]) -> tuple[float, float, float, float]:
    """Integrals of 1, mu, mu² and tau times the joint density: Gauss-Legendre on the plane.

    tau = (x / (1 - x))^2 for x in 0..1; mu over eight prior SDs either side of its mean.
    """
    nodes, weights = np.polynomial.legendre.leggauss(120)
    wide, share = np.polynomial.legendre.leggauss(400)
    x, mu = (nodes + 1) / 2, 16 * wide
    totals = np.zeros(4)
    for point, weight in zip(x, weights / 2, strict=True):
        tau = float((point / (1 - point)) ** 2)
        variance = (V + tau * tau)[:, None]
        squares = (Y[:, None] - mu) ** 2 / variance + np.log(2 * np.pi * variance)
        density = np.exp(-0.5 * squares.sum(axis=0) - 0.5 * (mu / MU[1]) ** 2)
        density *= 16 * share / (MU[1] * math.sqrt(2 * math.pi))
        inner = np.array([density.sum(), density @ mu, density @ mu**2, density.sum() * tau])
        totals += prior(tau) * weight * 2 * point / (1 - point) ** 3 * inner
    evidence, mean, square, of_tau = totals
    return (
        float(evidence),
        float(mean / evidence),
        float(square / evidence),
        float(of_tau / evidence),
    )


@pytest.mark.parametrize(("prior", "density"), DENSITIES, ids=lambda x: getattr(x, "name", ""))
def test_moments_and_evidence_agree_with_a_double_integral(
    prior: Prior, density: Callable[[float], float]
) -> None:
    result = pool_bayes(Y, V, prior, mu_prior=MU)
    evidence, mean, square, tau = moments(density)
    # the plain rule is good for about six digits
    assert result.log_evidence == pytest.approx(math.log(evidence), abs=2e-5)
    assert result.mu.mean == pytest.approx(mean, rel=2e-5)
    assert result.mu.sd == pytest.approx(math.sqrt(square - mean**2), rel=2e-5)
    assert result.tau.mean == pytest.approx(tau, rel=1e-4)


@pytest.mark.parametrize(("prior", "density"), DENSITIES[:3], ids=lambda x: getattr(x, "name", ""))
def test_quantiles_hold_their_probability_by_adaptive_quadrature(
    prior: Prior, density: Callable[[float], float]
) -> None:
    result = pool_bayes(Y, V, prior, mu_prior=MU)
    covariance = np.full((Y.size, Y.size), MU[1] ** 2)

    def of_tau(t: float) -> float:
        total = covariance + np.diag(V + t * t)
        return float(stats.multivariate_normal.pdf(Y, np.full(Y.size, MU[0]), total)) * density(t)

    whole = sum(integrate.quad(of_tau, a, b, limit=200)[0] for a, b in ((0, 1), (1, np.inf)))
    for quantile, p in ((result.tau.low, 0.025), (result.tau.median, 0.5)):
        below = integrate.quad(of_tau, 0, quantile, limit=200)[0]
        assert below / whole == pytest.approx(p, rel=1e-6)

    def of_mu(m: float) -> float:
        return float(integrate.quad(lambda t: joint(m, t, density), 0, 8, limit=80)[0])

    nodes, weights = np.polynomial.legendre.leggauss(40)
    below = sum(
        w * 2 * of_mu(result.mu.low + 2 * (x - 1)) for x, w in zip(nodes, weights, strict=True)
    )
    assert below / whole == pytest.approx(0.025, rel=1e-4)


def test_eight_schools_as_published() -> None:
    # Gelman et al., Bayesian Data Analysis, table 5.3: quartiles and medians of 200 draws,
    # uniform priors. Draws of that number are good to about one unit.
    result = pool_bayes(
        [28, 8, -3, 7, -1, 1, 18, 12],
        np.array([15, 10, 16, 11, 9, 11, 10, 18]) ** 2,
        uniform(),
    )
    published = [10, 8, 7, 8, 5, 6, 10, 8]
    assert [s.median for s in result.shrinkage] == pytest.approx(published, abs=1.0)
    assert result.mu.median == pytest.approx(8, abs=1.0)


def test_a_vanishing_prior_gives_the_common_effect() -> None:
    result = pool_bayes(Y, V, half_normal(1e-8))
    common = pool_effects(Y, V, method="EE")
    assert result.mu.mean == pytest.approx(common.estimate, rel=1e-9)
    assert result.mu.low == pytest.approx(common.ci_low, rel=1e-9)


def test_shrinkage_pulls_each_study_towards_the_mean() -> None:
    result = pool_bayes(Y, V, half_normal(0.5))
    for y, own in zip(Y, result.shrinkage, strict=True):
        assert min(y, result.mu.mean) <= own.mean <= max(y, result.mu.mean)


def test_prediction_is_wider_than_the_mean() -> None:
    result = pool_bayes(Y, V, half_normal(0.5))
    assert result.prediction.low < result.mu.low < result.mu.high < result.prediction.high
    assert result.prediction.mean == pytest.approx(result.mu.mean)


@pytest.mark.parametrize(
    ("prior", "median"),
    [
        # medians of tau² printed beside the distributions in Turner 2012, table 4
        (turner_2012("all-cause mortality", "pharmacological vs placebo/control"), 0.017),
        (turner_2012("semi-objective", "pharmacological vs placebo/control"), 0.049),
        (turner_2012("subjective", "non-pharmacological (any)"), 0.13),
        (turner_2015("any"), math.exp(-2.56)),
        (rhodes_2015("any"), math.exp(-3.44)),
    ],
)
def test_empirical_priors_have_their_published_median(prior: Prior, median: float) -> None:
    def density(t: float) -> float:
        return math.exp(float(prior.log_density(np.array([math.log(t)]))[0]))

    below = integrate.quad(density, 0, math.sqrt(median), limit=200)[0]
    assert below == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: half_normal(0),
        lambda: turner_2015("headache"),
        lambda: turner_2015("pain", "tea vs coffee"),
        lambda: rhodes_2015("pain", area="dentistry"),
        lambda: pool_bayes([1.0, 2.0], [1.0, 1.0], uniform()),
        lambda: pool_bayes([1.0, 2.0], [1.0, 0.0], half_normal(1)),
        lambda: pool_bayes([1.0, 2.0], [1.0, 1.0], half_normal(1), mu_prior=(0, 0)),
    ],
)
def test_impossible_questions_are_refused_in_words(wrong: Callable[[], object]) -> None:
    with pytest.raises(StatsError) as refusal:
        wrong()
    assert refusal.value.message.endswith((".", ")")) or ":" in refusal.value.message


studies = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 4)), min_size=2, max_size=8)


@settings(max_examples=25, deadline=None)
@given(studies, st.floats(-6, 6))
def test_units_do_not_matter(rows: list[tuple[float, float]], power: float) -> None:
    y, v = (np.array(column) for column in zip(*rows, strict=True))
    scale = 10.0**power
    one = pool_bayes(y, v, half_normal(0.5))
    two = pool_bayes(y * scale, v * scale**2, half_normal(0.5 * scale))
    assert two.mu.low == pytest.approx(one.mu.low * scale, rel=1e-6, abs=1e-8 * scale)
    assert two.tau.median == pytest.approx(one.tau.median * scale, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(studies)
def test_turning_the_arms_round_turns_the_answer_round(rows: list[tuple[float, float]]) -> None:
    y, v = (np.array(column) for column in zip(*rows, strict=True))
    one, two = pool_bayes(y, v, half_cauchy(0.5)), pool_bayes(-y, v, half_cauchy(0.5))
    assert two.mu.low == pytest.approx(-one.mu.high, rel=1e-8, abs=1e-9)
    assert two.tau.high == pytest.approx(one.tau.high, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(studies)
def test_nothing_undefined_ever_leaves(rows: list[tuple[float, float]]) -> None:
    y, v = (np.array(column) for column in zip(*rows, strict=True))
    for prior in (half_normal(0.5), turner_2015("any"), rhodes_2015("any")):
        result = pool_bayes(y, v, prior)
        values = [*result.mu, *result.tau, *result.prediction, *result.shrinkage[0]]
        assert all(math.isfinite(value) for value in values)
        assert result.mu.low < result.mu.median < result.mu.high
