"""Two copies side by side, what is missing, and the typed results."""

import math

import pytest

from reviewtool.extraction.rules.cells import Asked, Characteristic, Form, align, renumbered
from reviewtool.extraction.rules.completeness import completeness
from reviewtool.extraction.rules.consensus import Summary, compare, summary
from reviewtool.extraction.rules.derive import results
from reviewtool.extraction.rules.formulas import CannotDerive, derive, formulas_for

FORM = Form(
    [Characteristic("country", "Country", required=True), Characteristic("age", "Age", "number")],
    [
        Asked(1, "Pain free", "dichotomous", "OR"),
        Asked(2, "Pain", "continuous", "MD"),
        Asked(3, "Survival", "estimate", "HR"),
    ],
)
ARMS = {"study.country": "Italy", "arm.1.treatment": "drug", "arm.2.treatment": "placebo"}


def test_equal_numbers_agree_however_they_are_written():
    first = {"study.age": "12.50", "study.country": "The  Netherlands", "result.1..1.events": "3"}
    second = {"study.age": "12.5", "study.country": "the Netherlands", "result.1..1.events": "4"}
    compared = compare(FORM, first, second)
    assert [one.agreed for one in compared] == [True, True, False]
    assert summary(compared) == Summary(fields=3, match=2, differ=1)


def test_a_cell_only_one_extractor_filled_differs():
    assert summary(compare(FORM, {"study.age": "30"}, {})) == Summary(1, 0, 1)


def test_nothing_filled_has_no_share():
    assert summary(compare(FORM, {}, {})).share is None


def test_arms_in_another_order_are_matched_by_treatment():
    turned = {"arm.1.treatment": "Placebo", "arm.2.treatment": "Drug", "result.1..2.events": "3"}
    arms = align(ARMS, turned)
    assert arms == {1: 2, 2: 1}
    assert renumbered(turned, arms)["result.1..1.events"] == "3"


def test_arms_that_cannot_be_told_apart_keep_their_numbers():
    twice = {"arm.1.treatment": "drug", "arm.2.treatment": "drug"}
    assert align(twice, twice) == {}


def test_a_copy_needs_required_characteristics_and_treatments():
    assert [m.path for m in completeness(FORM, {}).missing] == [
        "study.country",
        "arm.1.treatment",
        "arm.2.treatment",
    ]


def test_an_outcome_without_any_number_counts_as_not_given():
    result = completeness(FORM, ARMS)
    assert result.is_complete
    assert result.not_given == ["Pain free", "Pain", "Survival"]


@pytest.mark.parametrize(
    ("begun", "lacking"),
    [
        ({"result.1..1.events": "3"}, "result.1..1.total"),
        ({"result.2..2.mean": "3", "result.2..2.n": "30"}, "result.2..2.sd"),
        ({"result.3..1v2.se": "0.2"}, "result.3..1v2.estimate"),
        ({"result.3..1v2.estimate": "0.5", "result.3..1v2.ci_low": "0.2"}, "result.3..1v2.se"),
    ],
)
def test_a_result_begun_must_be_finished(begun, lacking):
    assert [m.path for m in completeness(FORM, ARMS | begun).missing] == [lacking]


def test_results_are_typed_and_ratios_go_to_the_log_scale():
    values = ARMS | {
        "result.1..1.events": "3",
        "result.1..1.total": "30",
        "result.2..1.mean": "4.5",
        "result.2..1.sd": "1",
        "result.2..1.n": "29",
        "result.3..1v2.estimate": "0.5",
        "result.3..1v2.ci_low": "0.25",
        "result.3..1v2.ci_high": "1",
    }
    found = results(FORM, values, frozenset({"result.2..1.sd"}))
    assert [(r.outcome_id, r.arm, r.reference, r.derived) for r in found] == [
        (1, 1, None, False),
        (2, 1, None, True),
        (3, 1, 2, True),
    ]
    assert (found[0].events, found[0].total) == (3, 30)
    assert (found[1].mean, found[1].sd, found[1].total) == (4.5, 1, 29)
    assert found[2].estimate == pytest.approx(math.log(0.5))
    assert found[2].se == pytest.approx(math.log(4) / 3.919928, rel=1e-6)


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        # Cochrane Handbook 6.5.2.2: 25 people, CI 30.0 to 34.2, t = 2.064 gives 5.09
        ("sd_from_ci", {"low": "30.0", "high": "34.2", "n": "25"}, 5.09),
        ("sd_from_se", {"se": "0.5", "n": "100"}, 5.0),
        ("events_from_percent", {"percent": "33.3", "total": "30", "decimals": "1"}, 10),
        ("events_from_others", {"without": "12", "total": "30"}, 18),
        # Luo 2018: weight 0.7 + 0.39/N of the middle of the quartiles
        ("mean_from_quartiles", {"q1": "1", "median": "2", "q3": "6", "n": "39"}, 3.065),
        # Luo 2018: weight 4/(4 + N^0.75), here 1/3
        ("mean_from_range", {"min": "0", "median": "2", "max": "8", "n": "16"}, 2 + 2 / 3),
        # For large groups a quartile lies 0.6745 SD from the mean
        ("sd_from_quartiles", {"q1": "-0.67449", "median": "0", "q3": "0.67449", "n": "100000"}, 1),
        ("se_from_ci", {"low": "-1.96", "high": "1.96", "n1": "5000", "n2": "5000"}, 1),
        ("se_from_log_ci", {"estimate": "0.5", "low": "0.25", "high": "1"}, 0.35365),
        ("se_from_p", {"estimate": "1.96", "p": "0.05", "n1": "5000", "n2": "5000"}, 1),
        ("se_from_log_p", {"estimate": "7.0993", "p": "0.05"}, 1),
    ],
)
def test_the_calculator_gives_what_the_handbook_gives(key, raw, value):
    made = derive(key, raw)
    assert float(made.value) == pytest.approx(value, rel=2e-3)
    assert all(f"{float(text):g}" in made.words for text in raw.values())


@pytest.mark.parametrize(
    ("key", "raw", "named"),
    [
        ("sd_from_se", {"se": "0.5"}, "N"),
        ("sd_from_se", {"se": "-1", "n": "30"}, "se"),
        ("sd_from_ci", {"low": "3", "high": "2", "n": "30"}, "3"),
        ("events_from_percent", {"percent": "130", "total": "30"}, "130"),
        ("events_from_others", {"without": "31", "total": "30"}, "More people"),
        ("se_from_p", {"estimate": "1", "p": "0", "n1": "20", "n2": "20"}, "p"),
        ("se_from_log_ci", {"estimate": "1", "low": "0", "high": "2"}, "lower"),
        ("nothing", {}, "formulas"),
    ],
)
def test_the_calculator_names_what_it_cannot_use(key, raw, named):
    with pytest.raises(CannotDerive) as error:
        derive(key, raw)
    assert named in error.value.message


def test_each_cell_is_offered_the_formulas_that_fill_it():
    assert {f.gives for f in formulas_for(FORM, "result.2..1.sd")} == {"sd"}
    assert {f.key for f in formulas_for(FORM, "result.3..1v2.se")} == {
        "se_from_log_ci",
        "se_from_log_p",
    }
    assert formulas_for(FORM, "study.country") == []
