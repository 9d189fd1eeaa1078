"""What must hold for any data: invariances, limits, extreme magnitudes, no silent NaN."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reviewtool.stats import effect_sizes, pool
from reviewtool.stats.batch import pool_many
from reviewtool.stats.count_pooling import mantel_haenszel, peto
from reviewtool.stats.errors import StatsError
from reviewtool.stats.heterogeneity import METHODS
from reviewtool.stats.regression import regress, subgroups
from reviewtool.stats.sensitivity import cumulative, leave_one_out

METHOD = st.sampled_from(METHODS)
TEST = st.sampled_from(["z", "t", "knha", "adhoc"])
EFFECT = st.floats(-3, 3).map(lambda x: round(x, 4))
VARIANCE = st.floats(0.005, 2).map(lambda x: round(x, 4))
STUDIES = st.lists(st.tuples(EFFECT, VARIANCE), min_size=3, max_size=12)
COUNT = st.integers(0, 40)
TABLE = st.tuples(COUNT, COUNT, COUNT, COUNT).map(
    lambda t: (t[0], t[0] + t[1] + 1, t[2], t[2] + t[3] + 1)
)
TABLES = st.lists(TABLE, min_size=2, max_size=8)
quick = settings(max_examples=60, deadline=None)


def split(studies: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([y for y, _ in studies]), np.array([v for _, v in studies])


def arms(tables: list[tuple[int, int, int, int]]) -> dict[str, list[int]]:
    return dict(zip(("ai", "n1i", "ci", "n2i"), map(list, zip(*tables, strict=True)), strict=True))


@quick
@given(STUDIES, METHOD, TEST, st.randoms(use_true_random=False))
def test_the_order_of_studies_does_not_matter(studies, method, test, random) -> None:
    shuffled = list(studies)
    random.shuffle(shuffled)
    one, other = (pool(*split(s), method=method, test=test) for s in (studies, shuffled))
    assert other.estimate == pytest.approx(one.estimate, rel=1e-7, abs=1e-9)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-6, abs=1e-8)
    assert other.se == pytest.approx(one.se, rel=1e-6, abs=1e-9)


@quick
@given(STUDIES, METHOD, TEST)
def test_labels_change_nothing_but_messages(studies, method, test) -> None:
    y, v = split(studies)
    named = pool(y, v, method=method, test=test, labels=[f"Study {i}" for i in range(y.size)])
    assert named.estimate == pool(y, v, method=method, test=test).estimate


@quick
@given(STUDIES, METHOD, TEST)
def test_swapping_the_arms_flips_the_sign(studies, method, test) -> None:
    y, v = split(studies)
    one, other = pool(y, v, method=method, test=test), pool(-y, v, method=method, test=test)
    assert other.estimate == pytest.approx(-one.estimate, rel=1e-9, abs=1e-12)
    assert other.ci_low == pytest.approx(-one.ci_high, rel=1e-9, abs=1e-12)
    assert other.p == pytest.approx(one.p, rel=1e-7, abs=1e-12, nan_ok=True)


@quick
@given(TABLES, st.sampled_from(["OR", "RD", "PETO", "AS"]))
def test_swapping_the_arms_of_a_table_flips_the_effect(tables, measure) -> None:
    e = effect_sizes(measure, **arms(tables))
    swapped = effect_sizes(measure, **arms([(c, n2, a, n1) for a, n1, c, n2 in tables]))
    np.testing.assert_allclose(swapped.y, -e.y, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(swapped.v, e.v, rtol=1e-9)


@quick
@given(TABLES)
def test_mantel_haenszel_and_peto_flip_too(tables) -> None:
    swapped = arms([(c, n2, a, n1) for a, n1, c, n2 in tables])
    for method in (lambda d: mantel_haenszel("OR", **d), lambda d: peto(**d)):
        try:
            one = method(arms(tables))
        except StatsError:
            with pytest.raises(StatsError):
                method(swapped)
        else:
            assert method(swapped).estimate == pytest.approx(-one.estimate, rel=1e-9, abs=1e-12)


@quick
@given(EFFECT, VARIANCE, METHOD, TEST)
def test_one_study_returns_itself(y, v, method, test) -> None:
    alone = pool([y], [v], method=method, test=test)
    assert alone.estimate == pytest.approx(y)
    assert alone.se == pytest.approx(math.sqrt(v))
    assert alone.tau2 == 0
    assert alone.warnings


@quick
@given(STUDIES, METHOD)
def test_common_and_random_effects_agree_where_tau2_is_zero(studies, method) -> None:
    y, v = split(studies)
    random = pool(y, v, method=method)
    assume(random.tau2 == 0)
    common = pool(y, v, method="EE")
    assert random.estimate == pytest.approx(common.estimate, rel=1e-12, abs=1e-15)
    assert random.se == pytest.approx(common.se, rel=1e-12)


@quick
@given(STUDIES, METHOD, TEST, st.integers(-12, 12))
def test_another_unit_scales_everything(studies, method, test, power) -> None:
    y, v = split(studies)
    factor = 10.0**power
    one, other = (
        pool(y, v, method=method, test=test),
        pool(y * factor, v * factor**2, method=method, test=test),
    )
    assert other.estimate == pytest.approx(one.estimate * factor, rel=1e-6, abs=1e-9 * factor)
    assert other.tau2 == pytest.approx(one.tau2 * factor**2, rel=1e-6, abs=1e-8 * factor**2)
    assert other.i2 == pytest.approx(one.i2, rel=1e-6, abs=1e-5)
    assert other.q == pytest.approx(one.q, rel=1e-9, abs=1e-12)


@quick
@given(st.lists(EFFECT, min_size=3, max_size=10), VARIANCE, METHOD)
def test_equal_variances_give_the_plain_mean(effects, v, method) -> None:
    result = pool(effects, [v] * len(effects), method=method)
    assert result.estimate == pytest.approx(float(np.mean(effects)), rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(result.weights, 100 / len(effects), rtol=1e-9)


@quick
@given(STUDIES)
def test_every_study_twice_halves_the_variance_of_the_common_effect(studies) -> None:
    y, v = split(studies)
    one, two = pool(y, v, method="EE"), pool(np.tile(y, 2), np.tile(v, 2), method="EE")
    assert two.estimate == pytest.approx(one.estimate, rel=1e-9, abs=1e-12)
    assert two.se == pytest.approx(one.se / math.sqrt(2), rel=1e-9)


@quick
@given(STUDIES, METHOD, TEST)
def test_weights_sum_to_one_hundred_and_the_estimate_lies_among_the_effects(
    studies, method, test
) -> None:
    y, v = split(studies)
    result = pool(y, v, method=method, test=test)
    assert result.weights.sum() == pytest.approx(100)
    assert y.min() - 1e-9 <= result.estimate <= y.max() + 1e-9
    assert result.ci_low <= result.estimate <= result.ci_high


@quick
@given(STUDIES, METHOD, TEST)
def test_no_nan_leaves_a_pooled_result_in_silence(studies, method, test) -> None:
    y, v = split(studies)
    result = pool(y, v, method=method, test=test)
    for name in ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "q", "q_p", "i2", "h2"):
        value = getattr(result, name)
        said = name == "p" and any("identical" in warning for warning in result.warnings)
        assert said or not math.isnan(value), name


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("column", ["effect", "variance"])
def test_a_number_that_is_none_is_refused_with_the_name_of_its_study(bad, column) -> None:
    y, v = [0.1, 0.2, 0.3], [0.01, 0.02, 0.03]
    (y if column == "effect" else v)[1] = bad
    with pytest.raises(StatsError, match=f"Baker 2001.*{column}"):
        pool(y, v, labels=["Adams 1999", "Baker 2001", "Clark 2003"])


@pytest.mark.parametrize("v", [0.0, -0.01])
def test_a_variance_of_zero_or_less_is_refused(v) -> None:
    with pytest.raises(StatsError, match="study 2.*greater than zero"):
        pool([0.1, 0.2], [0.01, v])


@quick
@given(st.lists(STUDIES, min_size=1, max_size=4), METHOD, TEST)
def test_many_analyses_at_once_equal_each_alone(analyses, method, test) -> None:
    longest = max(map(len, analyses))
    y = np.full((len(analyses), longest), np.nan)
    v = np.full((len(analyses), longest), np.nan)
    for i, studies in enumerate(analyses):
        y[i, : len(studies)], v[i, : len(studies)] = split(studies)
    many = pool_many(y, v, method=method, test=test)
    for i, studies in enumerate(analyses):
        alone = pool(*split(studies), method=method, test=test)
        assert many.estimate[i] == pytest.approx(alone.estimate, rel=1e-7, abs=1e-9)
        assert many.tau2[i] == pytest.approx(alone.tau2, rel=1e-6, abs=1e-9)
        assert many.se[i] == pytest.approx(alone.se, rel=1e-6, abs=1e-9)


@quick
@given(STUDIES, METHOD)
def test_the_last_cumulative_step_is_the_whole_and_leaving_out_is_pooling_the_rest(
    studies, method
) -> None:
    y, v = split(studies)
    assert cumulative(y, v, method=method)[-1].fit.estimate == pytest.approx(
        pool(y, v, method=method).estimate
    )
    without_first = leave_one_out(y, v, method=method)[0].fit
    assert without_first.estimate == pytest.approx(
        pool(y[1:], v[1:], method=method).estimate, rel=1e-7, abs=1e-9
    )


@quick
@given(STUDIES, METHOD, TEST)
def test_a_regression_on_nothing_is_a_pooled_mean(studies, method, test) -> None:
    y, v = split(studies)
    fit = regress(y, v, np.ones((y.size, 1)), ["intrcpt"], method, test)
    mean = pool(y, v, method=method, test=test)
    assert fit.terms[0].estimate == pytest.approx(mean.estimate, rel=1e-7, abs=1e-9)
    assert fit.tau2 == pytest.approx(mean.tau2, rel=1e-6, abs=1e-8)
    assert fit.terms[0].se == pytest.approx(mean.se, rel=1e-6, abs=1e-9)


@quick
@given(STUDIES, STUDIES)
def test_q_splits_into_between_and_within_for_the_common_effect(first, second) -> None:
    y, v = split(first + second)
    by = ["a"] * len(first) + ["b"] * len(second)
    parts = subgroups(y, v, by, method="EE")
    whole = pool(y, v, method="EE")
    assert parts.between + parts.residual == pytest.approx(whole.q, rel=1e-8, abs=1e-9)
