"""What fits together in a plan, by decision tables over every measure and kind."""

from dataclasses import replace

import pytest

from reviewtool.protocol.models import OutcomeKind
from reviewtool.protocol.rules.brains import COORDINATES
from reviewtool.protocol.rules.fitting import (
    COMMON,
    KINDS,
    RANDOM,
    Characteristic,
    Comparison,
    Outcome,
    Planned,
    check_analysis,
    check_comparison,
    check_outcome,
    usual_measure,
)
from reviewtool.protocol.rules.settling import settled
from reviewtool.protocol.rules.treatments import strays
from reviewtool.stats.measures import KINDS as MEASURED
from reviewtool.stats.measures import REGISTRY

PAIR = Comparison("A versus B", ("A",), ("B",))
ALONE = Comparison("A alone", ("A",))
PAIN = Outcome("Pain", "continuous", "MD", ("1 month", "3 months"))
DEATH = Outcome("Death", "dichotomous", "OR")
KNOWN = (
    Characteristic("mean_age", "Mean age", "number"),
    Characteristic("design", "Design", "choice"),
    Characteristic("country", "Country", "text"),
)


def fields(planned: Planned) -> list[str]:
    return [one.field for one in check_analysis(planned)]


def said(planned: Planned) -> str:
    return " ".join(one.message for one in check_analysis(planned))


def test_outcomes_have_the_kinds_that_measures_are_made_for():
    assert {kind.value for kind in OutcomeKind} == set(KINDS) == {*MEASURED, COORDINATES}


@pytest.mark.parametrize("kind", MEASURED)
@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_measure_can_be_planned_where_it_fits_and_nowhere_else(name, kind):
    measure = REGISTRY[name]
    wrong = list(check_outcome("Pain", kind, name))
    assert bool(wrong) is (kind not in measure.kinds)
    for comparison in (PAIR, ALONE):
        found = fields(Planned(Outcome("Pain", kind, name), comparison, measure=name))
        fits = kind in measure.kinds and measure.groups <= comparison.groups
        assert found == ([] if fits else ["measure"])
    if wrong:
        assert measure.heading in wrong[0].message
        assert KINDS[kind].numbers in wrong[0].message


def test_an_odds_ratio_of_a_pain_score_is_refused_with_what_fits():
    (wrong,) = check_outcome("Pain", "continuous", "OR")
    assert wrong.field == "measure"
    assert "Odds ratio (OR) does not fit “Pain”" in wrong.message
    assert "Mean difference (MD)" in wrong.message
    assert "RR" not in wrong.message


def test_an_unknown_kind_or_measure_names_those_there_are():
    (kind,) = check_outcome("Pain", "ordinal", "OR")
    assert "dichotomous" in kind.message
    (measure,) = check_outcome("Pain", "continuous", "WMD")
    assert "Mean difference (MD)" in measure.message


@pytest.mark.parametrize("kind", MEASURED)
def test_an_outcome_brings_its_measure_to_its_analyses(kind):
    for measure in REGISTRY.values():
        if kind in measure.kinds and measure.groups <= 2:
            assert usual_measure(Outcome("Pain", kind, measure.name), PAIR) == measure.name
    if kind != "estimate":
        alone = usual_measure(Outcome("Pain", kind, ""), ALONE)
        assert REGISTRY[alone].groups == 1


def test_a_comparison_without_comparator_is_for_measures_of_one_group():
    one = Planned(DEATH, ALONE, measure="OR")
    assert "has no comparator" in said(one)
    assert "PLO" in said(one)
    assert fields(replace(one, measure="PFT")) == []


@pytest.mark.parametrize("method", [*RANDOM, *COMMON])
@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_mantel_haenszel_pools_what_it_can_pool(name, method):
    measure = REGISTRY[name]
    kind = measure.data.kind
    wrong = fields(
        Planned(
            Outcome("X", kind, name),
            PAIR if measure.groups == 2 else ALONE,
            measure=name,
            method=method,
        )
    )
    assert bool(wrong) is (method == "MH" and "MH" not in measure.pools)


def test_mantel_haenszel_needs_counts_and_reported_estimates_are_none():
    reported = Outcome("Death", "estimate", "OR")
    assert "needs events and totals" in said(Planned(reported, PAIR, measure="OR", method="MH"))


@pytest.mark.parametrize("method", [*RANDOM, *COMMON])
def test_networks_know_some_methods(method):
    found = fields(Planned(DEATH, PAIR, kind="network", measure="OR", method=method))
    assert found == ([] if method in {"REML", "DL", "ML", "EE"} else ["method"])


@pytest.mark.parametrize(
    ("measure", "fits"), [("OR", True), ("RR", True), ("PHI", False), ("PETO", False)]
)
def test_networks_know_some_measures(measure, fits):
    found = fields(Planned(DEATH, PAIR, kind="network", measure=measure))
    assert found == ([] if fits else ["measure"])


def test_a_network_of_hazard_ratios_takes_what_is_reported():
    survival = Outcome("Survival", "estimate", "HR")
    assert fields(Planned(survival, PAIR, kind="network", measure="HR")) == []


def test_a_network_has_no_subgroups_it_would_leave_aside_in_silence():
    one = Planned(
        DEATH, PAIR, kind="network", measure="OR", subgroup="treatment", sensitivity=("common",)
    )
    assert fields(one) == ["subgroup", "sensitivity"]


@pytest.mark.parametrize(
    ("key", "fits"),
    [
        ("", True),
        ("treatment", True),
        ("bias", True),
        ("design", True),
        ("country", True),
        ("mean_age", False),
        ("year", False),
        ("dose", False),
    ],
)
def test_subgroups_are_characteristics_with_words(key, fits):
    found = Planned(PAIN, PAIR, measure="MD", subgroup=key, known=KNOWN)
    assert fields(found) == ([] if fits else ["subgroup"])
    assert fits or "treatment, bias, design, country" in said(found)


@pytest.mark.parametrize(
    ("key", "fits"),
    [("year", True), ("mean_age", True), ("country", False), ("bias", False), ("dose", False)],
)
def test_moderators_are_characteristics_with_numbers(key, fits):
    found = Planned(PAIN, PAIR, measure="MD", moderators=(key,), known=KNOWN)
    assert fields(found) == ([] if fits else ["moderators"])
    assert fits or "year, mean_age" in said(found)


def test_a_time_point_is_one_of_the_outcome():
    assert fields(Planned(PAIN, PAIR, measure="MD", timepoint="3 months")) == []
    wrong = Planned(PAIN, PAIR, measure="MD", timepoint="6 months")
    assert fields(wrong) == ["timepoint"]
    assert "1 month, 3 months" in said(wrong)


def test_a_name_out_of_the_lists_is_refused_with_its_field():
    one = Planned(
        PAIN,
        PAIR,
        measure="MD",
        model="fixed",
        method="XX",
        test="sandwich",
        level=20,
        sensitivity=("jackknife",),
    )
    assert fields(one) == ["method", "level", "sensitivity"]
    assert fields(replace(one, method="REML")) == ["model", "test", "level", "sensitivity"]
    assert fields(replace(one, kind="bayes")) == ["kind"]


@pytest.mark.parametrize(
    ("model", "method", "test", "stored"),
    [
        ("random", "REML", "knha", ("random", "REML", "knha")),
        ("common", "REML", "knha", ("common", "EE", "z")),
        ("random", "MH", "knha", ("common", "MH", "z")),
        ("common", "EE", "t", ("common", "EE", "t")),
    ],
)
def test_a_common_effect_leaves_no_between_study_settings(model, method, test, stored):
    one = settled(Planned(DEATH, PAIR, measure="or", model=model, method=method, test=test))
    assert (one["model"], one["method"], one["test"]) == stored
    assert one["measure"] == "OR"


@pytest.mark.parametrize(
    ("experimental", "comparator", "field", "words"),
    [
        (("a", "A "), ("b",), "experimental", "are one treatment"),
        (("a", "a"), ("b",), "experimental", "named twice"),
        (("Sham needles",), ("sham  needles",), "comparator", "both sides"),
        ((), ("b",), "experimental", "no treatment"),
    ],
)
def test_a_treatment_stands_once_in_a_comparison(experimental, comparator, field, words):
    (wrong,) = check_comparison(Comparison("Pair", experimental, comparator))
    assert wrong.field == field
    assert words in wrong.message


def test_names_that_differ_in_case_or_spaces_are_no_strangers():
    assert strays(["ACUPUNCTURE", " sham"], ["acupuncture", "sham"]) == []
    (one,) = strays(["acupunture"], ["sham", "acupuncture"])
    assert one.alike == ("acupuncture",)
    assert strays(["waiting list"], ["sham"])[0].alike == ()
