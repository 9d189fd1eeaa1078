"""Whoever is given and takes no part is named with the reason; sentences count studies."""

import numpy as np
import pytest

from reviewtool.stats import (
    design_matrix,
    mantel_haenszel,
    peto,
    pool,
    pool_binary,
    pool_continuous,
    regress,
    subgroups,
)
from reviewtool.stats.errors import TooFewStudies, UnknownChoice

NAMES = ["Ada", "Bea", "Cal", "Dee", "Eve", "Fay"]
TABLES = {
    "ai": [0, 3, 5, 20, 4, np.nan],
    "n1i": [50, 40, 60, 20, 0, 30],
    "ci": [0, 1, 7, 20, 3, 2],
    "n2i": [50, 40, 60, 20, 50, 30],
}
TABLES["ai"][4] = 0  # an empty arm has no events
SILENT = {
    "Ada": "no events in either arm",
    "Dee": "everybody had the event in both arms",
    "Eve": "an arm is empty (n = 0)",
}


@pytest.mark.parametrize(
    ("measure", "silent"),
    [("OR", ["Ada", "Dee", "Eve"]), ("RR", ["Ada", "Eve"]), ("RD", ["Eve"])],
)
def test_mantel_haenszel_names_who_adds_nothing(measure, silent):
    result = mantel_haenszel(measure, labels=NAMES, **TABLES)
    assert dict(result.left_out[:-1]) == {name: SILENT[name] for name in silent}
    assert result.left_out[-1].study == "Fay"
    assert result.k_used + len(result.left_out) == len(NAMES)
    assert all(name in result.sentence for name in silent)
    assert any("Left out" in w and "Fay" in w for w in result.warnings)
    kept = [i for i, name in enumerate(NAMES) if name not in dict(result.left_out)]
    few = mantel_haenszel(measure, **{k: np.array(v)[kept] for k, v in TABLES.items()})
    assert (result.estimate, result.se) == pytest.approx((few.estimate, few.se))


def test_peto_names_who_adds_nothing_and_counts_the_others():
    result = peto(labels=NAMES, **TABLES)
    assert [name for name, _ in result.left_out] == ["Ada", "Dee", "Eve", "Fay"]
    assert result.sentence.startswith("OR of 2 studies were pooled with the Peto")
    assert result.sentence == peto("OR", labels=NAMES, **TABLES).sentence


@pytest.mark.parametrize("measure", ["RR", "RD", "HR", "IRR"])
def test_peto_knows_odds_ratios_only(measure):
    with pytest.raises(UnknownChoice, match="OR"):
        peto(measure, **TABLES)


def test_corrections_are_said_to_be_of_the_effects_shown():
    found = mantel_haenszel("OR", labels=["A", "B"], ai=[0, 3], n1i=[9, 9], ci=[2, 4], n2i=[9, 9])
    assert found.warnings[0].startswith("Zero cells were corrected in the effects shown of: A.")


def test_a_study_with_two_comparisons_counts_once():
    y, v, studies = [0.1, 0.5, 0.3], [0.02, 0.05, 0.01], ["Ada", "Ada", "Bea"]
    result = pool(y, v, labels=["Ada, low", "Ada, high", "Bea"], studies=studies)
    assert (result.k, result.studies) == (3, 2)
    assert "Effects of 2 studies (3 comparisons) were pooled" in result.sentence
    tables = {"ai": [4, 6, 3], "n1i": [20] * 3, "ci": [9, 11, 8], "n2i": [20] * 3}
    for found in (
        mantel_haenszel("RR", studies=studies, **tables),
        peto(studies=studies, **tables),
    ):
        assert found.studies == 2
        assert "2 studies (3 comparisons)" in found.sentence


def test_one_study_is_never_said_to_be_pooled():
    table = {"ai": [4], "n1i": [20], "ci": [9], "n2i": [20]}
    one = {"m1i": [1], "sd1i": [1], "n1i": [9], "m2i": [0], "sd2i": [1], "n2i": [9]}
    for result in (
        pool([0.1], [0.2]),
        pool([0.1], [0.2], method="EE", test="knha"),
        mantel_haenszel("OR", **table),
        peto(**table),
        pool_binary("OR", *table.values()),
        pool_continuous("MD", **one),
        pool([0.1, 0.3], [0.2, 0.1], studies=["Ada", "Ada"]),
        mantel_haenszel("OR", studies=["A", "A"], **{k: v * 2 for k, v in table.items()}),
    ):
        assert "pooled" not in result.sentence, result.sentence


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_side_by_side_results_name_who_takes_no_part(measure):
    result = pool_binary(measure, *TABLES.values(), labels=NAMES)
    reasons = dict(result.left_out)
    assert result.k + len(reasons) == result.k_all
    assert reasons["Fay"] == "numbers are missing"
    assert ("Ada" in reasons) == (measure != "RD")
    assert ("Dee" in reasons) == (measure == "OR")
    assert "Fay" in result.sentence
    assert any("Fay" in w for w in result.warnings)


def test_side_by_side_means_name_a_missing_sd():
    result = pool_continuous(
        "SMD",
        labels=["Ada", "Bea", "Cal"],
        m1i=[1, 2, 3],
        sd1i=[1, np.nan, 1],
        n1i=[9, 9, 9],
        m2i=[0, 1, 2.5],
        sd2i=[1, 1, 1],
        n2i=[9, 9, 9],
    )
    assert result.left_out == (("Bea", "numbers are missing"),)


@pytest.mark.parametrize("common", [True, False])
def test_studies_of_no_subgroup_are_named_and_not_a_subgroup_of_their_own(common):
    y, v = [0.1, 0.2, 0.6, 0.7, 5.0, 6.0], [0.02] * 6
    by = ["a", "a", "b", "b", None, " "]
    result = subgroups(y, v, by, common_tau2=common, labels=NAMES)
    same = subgroups(y[:4], v[:4], by[:4], common_tau2=common)
    assert [g.level for g in result.groups] == ["a", "b"]
    assert result.between == pytest.approx(same.between)
    assert [name for name, _ in result.left_out] == ["Eve", "Fay"]
    assert "Eve (no value of the subgroup)" in result.sentence
    with pytest.raises(TooFewStudies):
        subgroups(y, v, [None] * 6)


def test_studies_without_a_moderator_are_named():
    design = design_matrix({"dose": [1, None, 3], "drug": ["a", "b", None]}, labels=NAMES[:3])
    assert design.left_out == (("Bea", "no value of dose"), ("Cal", "no value of drug"))


def test_a_hartung_knapp_interval_that_says_too_much_is_pointed_out():
    y, v = [0.5, 0.51, 0.49, 0.505], [0.04, 0.04, 0.0625, 0.0225]
    warned = [w for w in pool(y, v, test="knha").warnings if "narrower than the classic" in w]
    assert "adhoc" in warned[0]
    assert not any("narrower" in w for w in pool(y, v, test="adhoc").warnings)
    assert not any("narrower" in w for w in pool([0.1, 0.9, 1.5], [0.01] * 3, test="knha").warnings)
    rising = [0.1, 0.2, 0.3, 0.4, 0.501]
    x = np.column_stack([np.ones(5), np.arange(5.0)])
    assert any("narrower" in w for w in regress(rising, [0.5] * 5, x, test="knha").warnings)


def test_two_studies_are_flagged_under_hartung_knapp():
    warnings = pool([0.1, 0.5], [0.02, 0.02], test="knha").warnings
    assert any("one degree of freedom" in w for w in warnings)


def test_prediction_intervals_are_t_based_unless_asked_otherwise():
    y, v = [0.1, 0.5, 0.9, 1.4], [0.02, 0.05, 0.03, 0.04]
    result = pool(y, v)
    assert result.prediction == result.prediction_t_km1
    assert pool(y, v, prediction="t_km2").prediction == result.prediction_t_km2
    assert pool(y, v, prediction="z").prediction == result.prediction_z
    with pytest.raises(UnknownChoice):
        pool(y, v, prediction="bootstrap")


def test_a_common_effect_and_a_single_study_have_no_prediction_interval():
    for result in (
        pool([0.1, 0.5, 0.9], [0.02] * 3, method="EE"),
        pool([0.1], [0.02]),
        pool([0.1, 0.5], [0.02] * 2, prediction="t_km2"),
    ):
        assert result.prediction is None
