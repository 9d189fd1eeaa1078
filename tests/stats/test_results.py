"""What results say in words, and how inputs are refused."""

import numpy as np
import pytest

from reviewtool.stats import (
    effect_sizes,
    funnel_contours,
    glmm,
    leave_one_out,
    mantel_haenszel,
    metabias,
    multilevel,
    pool,
    pool_many,
    regress,
    regtest,
    robust,
    selection_model,
    subgroups,
)
from reviewtool.stats.errors import (
    BadInput,
    BadStudy,
    NotEstimable,
    StatsError,
    TooFewStudies,
    UnknownChoice,
)

Y, V = [0.1, 0.5, 0.3, 0.9, 0.2, 0.4], [0.02, 0.05, 0.01, 0.08, 0.03, 0.02]


def test_a_pooled_result_has_a_sentence_for_the_methods_section() -> None:
    sentence = pool(Y, V, method="REML", test="knha").sentence
    assert "restricted maximum-likelihood" in sentence
    assert "Hartung-Knapp" in sentence
    assert "Q-profile" in sentence


def test_few_studies_and_a_boundary_estimate_are_warned_of() -> None:
    warnings = " ".join(pool([0.1, 0.11, 0.1], [0.1, 0.2, 0.1]).warnings)
    assert "Only 3 studies" in warnings
    assert "boundary" in warnings


def test_corrected_zero_cells_are_named() -> None:
    e = effect_sizes(
        "OR", ai=[0, 4], n1i=[10, 20], ci=[3, 5], n2i=[10, 20], labels=["Ada 1990", "Bea 1991"]
    )
    assert e.warnings == ("Zero cells were corrected in: Ada 1990.",)


def test_a_study_without_an_effect_is_named_not_dropped_in_silence() -> None:
    e = effect_sizes(
        "RR",
        drop00=True,
        ai=[0, 4],
        n1i=[9, 9],
        ci=[0, 2],
        n2i=[9, 9],
        labels=["Ada 1990", "Bea 1991"],
    )
    assert e.missing.tolist() == [True, False]
    assert "No effect could be computed for: Ada 1990 (no events in either arm)." in e.warnings


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"ai": [12], "n1i": [10], "ci": [1], "n2i": [10]}, "Ada 1990: ai = 12.*exceeds n1i"),
        ({"ai": [-1], "n1i": [10], "ci": [1], "n2i": [10]}, "Ada 1990: ai = -1.*negative"),
    ],
)
def test_impossible_counts_are_refused_with_study_and_column(columns, message) -> None:
    with pytest.raises(BadStudy, match=message):
        effect_sizes("OR", labels=["Ada 1990"], **columns)


def test_a_correlation_beyond_one_is_refused() -> None:
    with pytest.raises(BadStudy, match="ri = 1.2"):
        effect_sizes("ZCOR", ri=[1.2], ni=[30])


def test_missing_columns_are_listed() -> None:
    with pytest.raises(BadInput, match="sd1i"):
        effect_sizes("MD", m1i=[1], n1i=[10], m2i=[0], sd2i=[1], n2i=[10])


def test_unlike_lengths_are_refused() -> None:
    with pytest.raises(BadInput, match="2 effects but 1 variances"):
        pool([0.1, 0.2], [0.1])


@pytest.mark.parametrize(("choice", "value"), [("method", "DLL"), ("test", "hk")])
def test_an_unknown_name_is_answered_with_the_known_ones(choice, value) -> None:
    with pytest.raises(UnknownChoice, match="Choose one of"):
        pool(Y, V, **{choice: value})


def test_no_study_cannot_be_pooled() -> None:
    with pytest.raises(TooFewStudies):
        pool([], [])


def test_a_redundant_moderator_is_named() -> None:
    x = np.column_stack([np.ones(6), np.arange(6), 2 * np.arange(6)])
    with pytest.raises(NotEstimable, match="twice"):
        regress(Y, V, x, ["intrcpt", "dose", "twice"])


def test_equally_precise_studies_cannot_be_tested_for_asymmetry() -> None:
    with pytest.raises(NotEstimable, match="equally precise"):
        regtest(Y, [0.02] * 6)


def test_counts_without_events_cannot_give_a_ratio() -> None:
    with pytest.raises(NotEstimable, match="risk difference"):
        mantel_haenszel("OR", ai=[0, 0], n1i=[10, 20], ci=[0, 0], n2i=[10, 20])


def test_rare_event_models_say_which_studies_carry_nothing() -> None:
    r = glmm("OR", ai=[0, 1, 2, 3], n1i=[30, 40, 50, 60], ci=[0, 3, 4, 7], n2i=[30, 40, 50, 60])
    assert r.k == 3
    assert r.left_out == (("study 1", "no events in either arm"),)
    assert "study 1 (no events in either arm)" in r.sentence


def test_too_few_clusters_for_robust_tests_are_refused() -> None:
    fit = multilevel(Y, V, ["a", "a", "a", "b", "b", "b"])
    assert "reliable" in robust(fit).warnings[0]
    x = np.column_stack([np.ones(6), np.arange(6)])
    with pytest.raises(NotEstimable, match="2 clusters for 2 coefficients"):
        robust(multilevel(Y, V, list("aaabbb"), x=x, names=["intrcpt", "dose"]))


def test_levels_of_a_subgroup_come_in_order() -> None:
    found = subgroups(Y, V, ["b", "a", "b", "a", "c", "c"])
    assert [g.level for g in found.groups] == ["a", "b", "c"]
    assert "separate estimates of tau²" in found.sentence


def test_contours_meet_at_no_effect_and_widen_with_the_standard_error() -> None:
    inner, outer = funnel_contours([0.0, 0.1, 0.2], levels=[90, 99])
    assert inner.low[0] == inner.high[0] == 0
    assert np.all(np.diff(inner.high) > 0)
    assert np.all(outer.high[1:] > inner.high[1:])


def test_a_selection_model_names_what_it_assumed() -> None:
    r = selection_model(Y, V, "stepfun", steps=[0.025])
    assert r.delta[0] == 1
    assert "step-function" in r.sentence


def test_every_error_is_one_that_a_person_can_read() -> None:
    with pytest.raises(StatsError) as caught:
        pool([0.1], [float("nan")], labels=["Ada 1990"])
    assert caught.value.status == 422
    assert "Ada 1990" in caught.value.message
    assert "Correct the study or leave it out." in caught.value.message


def test_harbords_test_of_risk_ratios_follows_the_efficient_score_with_the_sizes_there_are():
    from tests.stats.independent import harbord_by_definition

    counts = {
        "ai": np.array([4.0, 6, 3, 62, 33, 8]),
        "n1i": np.array([123.0, 306, 231, 1359, 500, 90]),
        "ci": np.array([11.0, 29, 11, 248, 47, 20]),
        "n2i": np.array([139.0, 303, 220, 1286, 700, 60]),
    }
    effects = effect_sizes("RR", **counts)
    found = metabias("Harbord", effects.y, np.sqrt(effects.v), counts, measure="RR", balanced=False)
    expected = harbord_by_definition(counts)
    assert (found.limit, found.bias, found.statistic) == pytest.approx(expected)


def test_only_measures_of_the_mantel_haenszel_method_are_pooled_by_it() -> None:
    counts = {"ai": [4, 6], "n1i": [20, 30], "ci": [9, 11], "n2i": [20, 30]}
    assert mantel_haenszel("or", **counts).measure == "OR"
    with pytest.raises(UnknownChoice, match="Choose one of: OR, RR, RD, IRR, IRD"):
        mantel_haenszel("PETO", **counts)


def test_the_advised_test_is_hartung_knapp_only_with_heterogeneity_and_three_studies() -> None:
    unlike, alike = [0.1, 0.9, 0.4], [0.1, 0.12, 0.11]
    v = [0.02, 0.03, 0.04]
    assert pool(unlike, v, test="auto").test == "knha"
    assert pool(alike, v, test="auto").test == "z"
    assert pool(unlike[:2], v[:2], test="auto").test == "z"
    assert pool(unlike, v, method="EE", test="auto").test == "z"
    many = pool_many([unlike, alike], [v, v], test="auto")
    for row, y in enumerate((unlike, alike)):
        one = pool(y, v, test="auto")
        assert many.ci_low[row] == pytest.approx(one.ci_low)
        assert many.p[row] == pytest.approx(one.p)


def test_each_refit_and_each_subgroup_has_the_test_that_is_advised_for_it() -> None:
    y, v = [0.1, 0.12, 0.11, 0.9], [0.02, 0.03, 0.04, 0.02]
    refits = leave_one_out(y, v, test="auto")
    assert [refit.fit.df for refit in refits] == [2.0, 2.0, 2.0, None]
    groups = subgroups([*y, 0.5, 0.1], [*v, 0.01, 0.01], list("aaabbb"), test="auto").groups
    assert [group.fit.df for group in groups] == [None, 2.0]


def test_a_mixed_model_of_extreme_counts_is_exact():
    """metafor 4.4 rma.glmm, nAGQ=100, to what its optimiser leaves; nAGQ=7 is far from it."""
    r = glmm("PLO", xi=[2, 0, 14, 1, 3], ni=[120, 85, 160, 40, 300])
    assert (r.estimate, r.se, r.tau2) == pytest.approx(
        (-4.0062177330, 0.5973369567, 1.0274102324), rel=3e-5
    )
    extreme = glmm("PLO", xi=[0, 0, 1, 5], ni=[10, 12, 9, 5])
    assert (extreme.estimate, extreme.tau2) == pytest.approx((-3.4427, 45.274), rel=1e-3)


def test_the_likelihood_of_a_mixed_model_is_that_of_an_independent_integral():
    from scipy.integrate import quad
    from scipy.stats import binom, norm

    x, n = [0, 0, 1, 5], [10, 12, 9, 5]
    r = glmm("PLO", xi=x, ni=n)
    tau = r.tau2**0.5

    def of(xi, ni):
        def at(u):
            return binom.pmf(xi, ni, 1 / (1 + np.exp(-(r.estimate + tau * u)))) * norm.pdf(u)

        return quad(at, -12, 12, epsabs=1e-14, epsrel=1e-12, limit=400)[0]

    independent = sum(np.log(of(*pair)) for pair in zip(x, n, strict=True))
    assert r.log_lik == pytest.approx(independent, abs=1e-9)
