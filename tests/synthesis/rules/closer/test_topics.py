"""What each topic of the closer look finds, and says where it finds nothing."""

from math import sqrt

import numpy as np
import pytest

from reviewtool.errors import Invalid
from reviewtool.stats.small_studies import fitting, metabias
from reviewtool.synthesis.rules.closer import influence, selection, small_studies, topics
from tests.synthesis.rules.closer.having import have, of_counts, of_estimates

TABLES = [(14, 40, 6, 41), (20, 60, 9, 58), (11, 35, 7, 36), (5, 30, 9, 31)]
MH = {"measure": "OR", "model": "common", "method": "MH"}


def finds(module, studied, **choices):
    return module.TOPIC.finds(studied, module.TOPIC.choices(**choices))


def test_a_mantel_haenszel_analysis_keeps_its_method_and_says_what_does_not_exist():
    seen = finds(influence, have(of_counts(TABLES), **MH))
    assert len(seen.leave_one_out) == len(seen.cumulative) == 4
    assert seen.cumulative[-1].estimate == pytest.approx(seen.pooled.estimate)
    again = have(of_counts(TABLES[1:]), **MH)
    assert seen.leave_one_out[0].estimate == pytest.approx(again.result.pooled.estimate)
    assert seen.diagnostics == ()
    assert "Mantel-Haenszel" in seen.missing["diagnostics"]
    small = finds(small_studies, have(of_counts(TABLES), **MH))
    assert "inverse variance" in small.weighing


def test_trials_without_events_are_not_among_the_studies():
    tables = [*TABLES, (0, 40, 0, 41), (0, 50, 4, 50)]
    studied = have(of_counts(tables), measure="OR", method="REML")
    seen = finds(influence, studied)
    assert [one.omitted for one in seen.leave_one_out] == [f"Study {i}" for i in (1, 2, 3, 4, 6)]
    tests = finds(small_studies, studied).tests
    assert {"Harbord", "Peters"} <= {one.name for one in tests}
    assert all(one.error == "" for one in tests)


@pytest.mark.parametrize("module", [influence, small_studies, selection])
@pytest.mark.parametrize("k", [1, 2])
def test_few_studies_are_a_sentence(module, k):
    seen = finds(module, have(of_counts(TABLES[:k]), measure="OR"))
    words = [*seen.missing.values(), *(one.error for one in getattr(seen, "adjusted", ()))]
    assert any("at least" in text for text in words)


def test_two_studies_can_be_left_out_and_added():
    seen = finds(influence, have(of_counts(TABLES[:2]), measure="OR"))
    assert [one.k for one in seen.cumulative] == [1, 2]
    assert seen.leave_one_out[0].estimate == pytest.approx(seen.cumulative[1].estimate, abs=2)
    assert set(seen.missing) == {"diagnostics"}


def test_studies_without_a_year_come_last():
    rows = of_counts(TABLES, [2005, None, 1999, 2001])
    seen = finds(influence, have(rows, measure="OR"))
    assert [one.added for one in seen.cumulative] == ["Study 3", "Study 4", "Study 1", "Study 2"]
    assert seen.ordered == "oldest first; 1 study without a year last"
    nobody = finds(influence, have(of_counts(TABLES), measure="OR"))
    assert nobody.ordered == "as the forest plot lists them; no study has a year"
    by_effect = finds(influence, have(rows, measure="OR"), order="effect")
    assert by_effect.cumulative[0].added == "Study 4"


def test_a_single_proportion_has_no_selection_by_p():
    rows = tuple(of_counts([(a, n, None, None) for a, n, _, _ in TABLES]))
    seen = finds(selection, have(rows, measure="PLO"))
    assert "no effect" in seen.missing["models"]
    assert seen.adjusted == ()
    assert finds(small_studies, have(rows, measure="PLO")).centre is None


def test_the_test_for_standardised_mean_differences_leaves_the_effect_out():
    n1, n2 = np.array([10.0, 40.0, 25.0, 80.0]), np.array([12.0, 38.0, 30.0, 75.0])
    y = np.array([0.8, 0.3, 0.5, 0.2])
    v = 1 / n1 + 1 / n2 + y**2 / (2 * (n1 + n2))
    found = metabias("Pustejovsky", y, np.sqrt(v), {"n1i": n1, "n2i": n2})
    x = np.sqrt(1 / n1 + 1 / n2)
    design = np.column_stack([1 / x, np.ones(4)])  # Egger's own form: y/x on 1/x
    beta, rss, *_ = np.linalg.lstsq(design, y / x, rcond=None)
    spread = sqrt(rss[0] / 2 * np.linalg.inv(design.T @ design)[1, 1])
    assert found.statistic == pytest.approx(beta[1] / spread)
    assert [one.name for one in fitting("SMD", {"n1i": n1, "n2i": n2})][-1] == (
        "Pustejovsky and Rodgers"
    )


def test_reported_odds_ratios_have_no_tests_that_go_by_counts():
    rows = of_estimates([0.1, 0.3, 0.6, 0.2], [0.01, 0.04, 0.09, 0.02])
    tests = finds(small_studies, have(rows, measure="OR")).tests
    assert [one.name for one in tests] == ["Egger", "Begg and Mazumdar", "Thompson and Sharp"]


def test_choices_are_read_from_an_address():
    topic = topics.topic("selection")
    assert topics.chosen(topic, {"steps": ["0.025, 0.5"]}).steps == [0.025, 0.5]
    assert topics.chosen(topic, {"steps": [""], "without": ["3", "4"]}).without == [3, 4]
    for wrong in ("1.5", "often", "0"):
        with pytest.raises(Invalid, match="cannot be chosen for steps"):
            topics.chosen(topic, {"steps": [wrong]})
