"""Subgroups, sensitivity analyses and regression follow the analysis' own method."""

import pytest

from reviewtool.synthesis.rules.pairwise import Inputs, Settings, analyse
from reviewtool.synthesis.rules.selection import Group, Row

COUNTS = [(14, 40, 6, 41), (20, 60, 9, 58), (11, 35, 7, 36), (30, 80, 12, 79), (9, 30, 8, 31)]
ROWS = tuple(
    Row(i, f"Trial {i}", 2000 + i, "x", "y", Group(a, n), Group(c, m), subgroup="AB"[i % 2])
    for i, (a, n, c, m) in enumerate(COUNTS)
)


def analysed(rows=ROWS, inputs=None, **settings):
    return analyse(inputs or Inputs(rows), Settings(**settings))


def test_a_mantel_haenszel_subgroup_is_what_its_studies_alone_would_give():
    settings = {"method": "MH", "model": "common", "measure": "RR"}
    groups = {g.label: g for g in analysed(subgroup="arm", **settings).subgroups}
    for label in "AB":
        alone = analysed(tuple(r for r in ROWS if r.subgroup == label), **settings).pooled
        assert groups[label].estimate == pytest.approx(alone.estimate, rel=1e-12)
        assert groups[label].se == pytest.approx(alone.se, rel=1e-12)


def test_the_test_for_subgroup_differences_compares_the_subgroups_shown():
    for method in ("MH", "REML"):
        result = analysed(subgroup="arm", method=method, test="z")
        a, b = result.subgroups
        expected = (a.estimate - b.estimate) ** 2 / (a.se**2 + b.se**2)
        assert result.between.q == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("method", ["MH", "DL"])
def test_leaving_out_a_study_is_pooling_the_others(method):
    found = analysed(method=method, test="z", sensitivity=("leave_one_out",))
    rest = analysed(ROWS[1:], method=method, test="z").pooled
    first = found.sensitivity.leave_one_out[0]
    assert first.omitted == "Trial 0"
    assert first.estimate == pytest.approx(rest.estimate, rel=1e-12)
    assert first.ci_high == pytest.approx(rest.ci_high, rel=1e-12)


def test_without_high_risk_studies_the_others_are_pooled():
    inputs = Inputs(ROWS, judgements={0: "High", 1: "Low"})
    found = analysed(inputs=inputs, sensitivity=("exclude_high_risk",), method="DL")
    rest = analysed(ROWS[1:], method="DL").pooled
    assert found.sensitivity.exclude_high_risk.k == 4
    assert found.sensitivity.exclude_high_risk.pooled.estimate == pytest.approx(rest.estimate)


def test_without_any_high_risk_study_nothing_is_pooled_again():
    found = analysed(sensitivity=("exclude_high_risk",)).sensitivity.exclude_high_risk
    assert (found.k, found.pooled) == (5, None)


def test_a_regression_on_one_characteristic_has_a_line_through_its_fit():
    inputs = Inputs(ROWS, moderators={i: {"year": 2000.0 + i} for i in range(5)})
    found = analysed(inputs=inputs, moderators=("year",), method="DL", test="z").regression
    intercept, slope = (t.estimate for t in found.terms)
    assert [t.name for t in found.terms] == ["intercept", "year"]
    assert found.qm.df == 1
    assert len(found.points) == 5
    for point in found.line:
        assert point.estimate == pytest.approx(intercept + slope * point.value, abs=1e-9)
        assert point.ci_low < point.estimate < point.ci_high


def test_a_regression_that_few_studies_report_says_so():
    inputs = Inputs(ROWS, moderators={0: {"dose": 1.0}, 1: {"dose": 2.0}})
    assert analysed(inputs=inputs, moderators=("dose",)).regression.error == (
        "Too few studies report dose."
    )
