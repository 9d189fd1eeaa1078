"""ML and REML are the highest point of the likelihood, however many maxima it has."""

import numpy as np
import pytest

from reviewtool.stats import multilevel, pool, pool_many, regress
from reviewtool.stats.likelihood import LIKELIHOODS, highest_peak, search_end

TWO_PEAKS = ([-0.153, 0.149, 1.047], [0.426**2, 1.197**2, 0.083**2])


def rough(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A few studies of very unlike precision, where second maxima are common."""
    k = int(rng.integers(2, 8))
    v = np.exp(rng.normal(-2, rng.choice([1, 2, 4]), k))
    return rng.normal(0, 1, k) + rng.standard_t(2, k) * np.sqrt(v), v


def profile(y: np.ndarray, v: np.ndarray, tau2: np.ndarray, method: str) -> np.ndarray:
    """The likelihood of the mean at many tau2, without its constants."""
    w = 1 / (v + tau2[:, None])
    total = w.sum(1)
    r = y - ((w @ y) / total)[:, None]
    value = 0.5 * np.log(w).sum(1) - 0.5 * (w * r * r).sum(1)
    return value - 0.5 * np.log(total) * (method == "REML")


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_no_point_of_a_dense_grid_is_likelier(method):
    rng, several = np.random.default_rng(20), 0
    for _ in range(400):
        y, v = rough(rng)
        best, rivals = highest_peak(y, v, None, method)
        several += bool(rivals)
        far = max(np.ptp(y) ** 2, v.max(), best.tau2)
        grid = np.exp(np.linspace(np.log(v.min() / 1e3), np.log(2 * far), 800))
        top = profile(y, v, np.append(grid, 0.0), method).max()
        assert top <= profile(y, v, np.array([best.tau2]), method)[0] + 1e-9
        assert all(rival.deficit >= 0 for rival in rivals)
    assert several > 5 or method == "REML"  # where second maxima are rarer


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_with_moderators_no_point_of_a_grid_is_likelier(method):
    rng = np.random.default_rng(21)
    for _ in range(60):
        y, v = rough(rng)
        if y.size < 4:
            continue
        x = np.column_stack([np.ones(y.size), rng.normal(size=y.size)])
        best = highest_peak(y, v, x, method)[0].tau2
        likelihood = LIKELIHOODS[method]
        grid = np.exp(np.linspace(np.log(v.min() / 1e3), np.log(4 * v.max() + 4), 120))
        top = max(likelihood(y, v, x, t) for t in [0.0, *grid])
        assert top <= likelihood(y, v, x, best) + 1e-9


def test_beyond_the_searched_range_the_likelihood_has_no_minimum():
    rng = np.random.default_rng(22)
    for _ in range(200):
        y, v = rough(rng)
        end = max(search_end(y, v, None, "REML"), 0.0)
        grid = end + np.exp(np.linspace(np.log(v.min() / 1e3), np.log(10 * v.max() + 10), 400))
        steps = np.diff(profile(y, v, grid, "REML"))
        falling = np.flatnonzero(steps < -1e-12)
        assert not falling.size or np.all(steps[falling[0] :] < 1e-12)


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_many_analyses_at_once_find_the_same_maxima(method):
    rng = np.random.default_rng(23)
    y, v = np.full((200, 7), np.nan), np.full((200, 7), np.nan)
    for i in range(200):
        effects, variances = rough(rng)
        y[i, : effects.size], v[i, : effects.size] = effects, variances
    many = pool_many(y, v, method=method)
    assert many.converged.all()
    for i in range(200):
        here = ~np.isnan(y[i])
        alone = highest_peak(y[i][here], v[i][here], None, method)[0].tau2
        assert many.tau2[i] == pytest.approx(alone, rel=1e-9, abs=1e-9 * v[i][here].min())


def test_a_false_zero_is_not_taken_for_the_estimate():
    result = pool(*TWO_PEAKS, method="ML")
    assert (result.ci_low, result.ci_high) == pytest.approx((-0.153, 1.297), abs=0.003)
    assert any("several maxima" in w for w in result.warnings)


def test_meta_regression_warns_of_several_maxima_too():
    y, v = TWO_PEAKS
    fit = regress(y, v, np.ones((3, 1)), ["intrcpt"], "ML")
    assert fit.tau2 == pytest.approx(pool(y, v, method="ML").tau2)
    assert any("several maxima" in w for w in fit.warnings)


def test_an_estimate_outside_its_interval_is_pointed_out():
    warned = False
    rng = np.random.default_rng(24)
    for _ in range(200):
        y, v = rough(rng)
        result = pool(y, v, method="HS")
        inside = result.tau2_ci.low <= result.tau2 <= result.tau2_ci.high
        outside = any("Q-profile interval" in w for w in result.warnings)
        assert outside == (not inside and not result.tau2_ci.empty)
        warned |= outside
    assert warned


def test_a_three_level_model_leaves_a_lower_maximum_for_zero():
    y = [-8.1, -0.18, -13.2, 213.0, 0.0899, -0.504, 6.22, -0.29]
    v = [219.0, 0.315, 186.0, 12700.0, 0.0712, 0.000973, 4.29, 0.0657]
    fit = multilevel(y, v, [0, 1, 2, 2, 3, 4, 5, 5], method="ML")
    common = pool(y, v, method="EE")
    assert fit.components.tolist() == [0, 0]
    assert fit.log_lik == pytest.approx(common.log_lik)
