"""The same studies under other models: the engine's own numbers, each beside the main result."""

import numpy as np
import pytest

from reviewtool.stats import aggregate, multilevel, pool, robust
from reviewtool.stats.dependence import correlated_covariance
from reviewtool.synthesis.rules.closer.models import ModelChoices
from reviewtool.synthesis.rules.closer.models import other_models as models_of
from reviewtool.synthesis.rules.selection import Group, Row
from tests.synthesis.rules.closer.sets import ROWS, effects, looked_at, published, tables

TESTS = {"z": "Normal (Wald)", "knha": "Hartung-Knapp", "adhoc": "Hartung-Knapp, at least Wald"}
NAMES = {"REML": "REML", "DL": "DerSimonian-Laird", "PM": "Paule-Mandel", "SJ": "Sidik-Jonkman"}


def other_models(have, rho=0.5):
    return models_of(have, ModelChoices(rho=rho))


def row(found, label, interval=""):
    (one,) = (
        x for x in found.rows if x.label == label and (not interval or x.interval == interval)
    )
    return one


CASES = ("EE-z", "DL-knha", "REML-z", "REML-knha", "REML-adhoc", "PM-knha", "SJ-z", "DL-adhoc")


def test_every_estimator_and_interval_is_as_metafor_has_it():
    _, cases = published("bcg")
    found = other_models(looked_at(tables("bcg"), measure="RR", method="ML", test="z"))
    for case in CASES:
        expected = cases[f"pool-RR-{case}"]["expected"]
        method, test = case.split("-")
        label = "Common effect" if method == "EE" else f"Random effects, {NAMES[method]}"
        effect = row(found, label, TESTS[test]).effect
        for mine, theirs in (("estimate", "b"), ("ci_low", "ci_lb"), ("ci_high", "ci_ub")):
            assert getattr(effect, mine) == pytest.approx(expected[theirs], rel=1e-6)
        if method != "EE":
            assert effect.tau2 == pytest.approx(expected["tau2"], rel=1e-5)


def test_models_of_counts_are_as_metafor_has_them():
    _, cases = published("bcg")
    found = other_models(looked_at(tables("bcg"), measure="OR"))
    for case, label, close in (
        ("mh-OR", "Mantel-Haenszel", 1e-9),
        ("peto", "Peto", 1e-9),
        ("glmm-OR-UM.FS", "Mixed model, fixed study effects", 1e-3),
        ("glmm-OR-CM.EL", "Mixed model, conditional, exact", 1e-3),
    ):
        effect = row(found, label).effect
        assert effect.estimate == pytest.approx(cases[case]["expected"]["b"], rel=close)
        assert effect.ci_high == pytest.approx(cases[case]["expected"]["ci_ub"], rel=close)


def test_the_main_result_is_marked_once_and_is_not_computed_otherwise():
    for settings in ({"method": "REML", "test": "knha"}, {"method": "MH"}, {"test": "t"}):
        main = looked_at(**settings)
        found = other_models(main)
        (one,) = (x for x in found.rows if x.main)
        pooled = main.result.pooled
        assert (one.effect.estimate, one.effect.ci_low) == (pooled.estimate, pooled.ci_low)
        assert not one.changes


def test_a_model_that_does_not_fit_says_why():
    found = other_models(looked_at(measure="RR"))
    assert row(found, "Peto").reason == "The method gives odds ratios, not the risk ratio."
    assert "odds ratios and rate ratios" in row(found, "Mixed model, fixed study effects").reason
    reported = (*ROWS, *effects((9, 0.5, 0.2), of="OR"))
    found = other_models(looked_at(reported, measure="OR"))
    assert row(found, "Mantel-Haenszel").reason.startswith("Trial 9: reported as an estimate")
    assert not any(
        x.group == "Counts"
        for x in other_models(looked_at(effects((1, 1, 1), (2, 2, 1)), measure="MD")).rows
    )


def test_an_interval_that_comes_to_include_no_effect_is_named():
    found = other_models(
        looked_at(effects((1, 1.0, 0.2), (2, 0.1, 0.2), (3, 0.9, 0.2)), measure="MD", method="EE")
    )
    assert row(found, "Random effects, REML", TESTS["knha"]).changes == ("includes no effect",)
    assert {x.label for x in found.otherwise} <= {x.label for x in found.estimated}


def test_a_minimal_important_difference_that_is_no_longer_reached_is_named():
    rows = effects((1, -3.0, 0.2), (2, -2.0, 0.2), (3, -3.2, 0.2))
    found = other_models(looked_at(rows, measure="MD", method="EE", important=2.0))
    changes = row(found, "Random effects, REML", TESTS["knha"]).changes
    assert "minimal important difference possibly reached" in changes


def test_several_effects_of_a_study_are_pooled_with_the_correlation_that_is_stated():
    rows = effects(
        (1, 0.2, 0.1), (1, 0.4, 0.1), (2, 0.7, 0.1), (2, 0.9, 0.2), (3, 0.3, 0.15), (4, 0.1, 0.1)
    )
    y, v = np.array([r.estimate for r in rows]), np.array([r.se for r in rows]) ** 2
    names = [str(r.study_id) for r in rows]
    found = other_models(looked_at(rows, measure="MD", method="REML", test="knha"), rho=0.7)
    fit = multilevel(y, v, names, covariance=correlated_covariance(v, names, 0.7))
    assert row(found, "Multilevel, correlated errors", TESTS["z"]).effect.se == pytest.approx(
        fit.terms[0].se
    )
    small = robust(fit).terms[0]
    got = row(found, "Multilevel, correlated errors", "Robust, small sample (CR2)").effect
    assert (got.ci_low, got.ci_high) == pytest.approx((small.ci_low, small.ci_high))
    one = aggregate(y, v, names, 0.7)
    expected = pool(one.y, one.v, method="REML", test="knha")
    assert row(found, "One effect per study first").effect.estimate == pytest.approx(
        expected.estimate
    )
    assert row(found, "One effect per study first").k == 4
    assert not other_models(looked_at()).several


def test_the_multilevel_model_is_as_metafor_has_it():
    data, cases = published("konstantopoulos2011")
    expected = cases["three-level-REML-z"]["expected"]
    rows = effects(*((r["district"], r["yi"], r["vi"] ** 0.5) for r in data), of="SMD")
    found = row(
        other_models(looked_at(rows, measure="SMD")), "Multilevel, independent errors", TESTS["z"]
    )
    assert found.effect.estimate == pytest.approx(expected["b"][0], rel=2e-4)
    assert found.effect.se == pytest.approx(expected["se"][0], rel=2e-4)


def test_one_study_has_no_other_models_and_silent_ones_do_no_harm():
    assert other_models(looked_at(ROWS[:1])).rows == ()
    empty = Row(8, "No events", None, "x", "y", Group(0, 20), Group(0, 21))
    assert other_models(looked_at((*ROWS, empty))).effects == len(ROWS)
