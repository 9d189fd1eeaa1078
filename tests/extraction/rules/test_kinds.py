"""Every kind of numbers: the cells it asks for, what may stand there, what becomes of it."""

import pytest

from reviewtool.extraction.rules.cells import (
    GROUP_PARTS,
    Asked,
    Form,
    UnknownCell,
    columns_of,
    contrast_path,
    group_path,
)
from reviewtool.extraction.rules.completeness import completeness
from reviewtool.extraction.rules.derive import results
from reviewtool.extraction.rules.formulas import derive, formulas_for
from reviewtool.extraction.rules.values import BadValue, check, normalise
from reviewtool.protocol.models import OutcomeKind
from reviewtool.protocol.rules.brains import COORDINATES
from reviewtool.stats.measures import KINDS, REGISTRY, default_for

CELLS = {
    "dichotomous": {"events": "3", "total": "20"},
    "rate": {"events": "3", "time": "120.5"},
    "continuous": {"mean": "4.5", "sd": "1.5", "n": "20"},
    "change": {
        "mean": "4.5",
        "mean_before": "6",
        "sd": "1.5",
        "sd_before": "2",
        "n": "20",
        "correlation": "0.6",
    },
    "correlation": {"correlation": "0.4", "n": "50"},
}


def form(kind, measure="", least_arms=1):
    asked = Asked(1, "Outcome", kind, measure or default_for(kind).name)
    return Form((), (asked,), least_arms=least_arms)


def copy(kind, **changed):
    cells = {group_path(1, "", 1, part): v for part, v in (CELLS[kind] | changed).items()}
    return {"arm.1.treatment": "acupuncture"} | cells


def test_every_kind_of_outcome_has_its_cells():
    assert set(GROUP_PARTS) == {kind.value for kind in OutcomeKind} == {*KINDS, COORDINATES}
    assert {kind: set(parts) for kind, parts in GROUP_PARTS.items() if parts} == {
        kind: set(cells) for kind, cells in CELLS.items()
    }
    assert GROUP_PARTS["change"]["mean_before"] == "Mean before"
    assert GROUP_PARTS["continuous"]["mean"] == "Mean"


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_the_cells_give_every_column_that_a_measure_needs(name):
    measure = REGISTRY[name]
    columns = {column for group in columns_of(measure).values() for column in group}
    for need in measure.needs:
        assert measure.data.kind == "estimate" or columns & set(need.split("|"))


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_reported_comparison_is_asked_for_where_it_can_be_pooled(name):
    measure = REGISTRY[name]
    one = form(measure.data.kind, name)
    assert one.knows(contrast_path(1, "", 1, 2, "estimate")) is ("estimate" in measure.kinds)


@pytest.mark.parametrize("kind", sorted(CELLS))
def test_a_filled_group_is_complete_and_becomes_one_result(kind):
    one, values = form(kind), copy(kind)
    assert completeness(one, values).missing == []
    (result,) = results(one, values)
    for part, text in CELLS[kind].items():
        assert getattr(result, "total" if part == "n" else part) == float(text)


@pytest.mark.parametrize("kind", sorted(CELLS))
def test_each_part_that_is_missing_is_named(kind):
    for part, label in GROUP_PARTS[kind].items():
        (missing,) = completeness(form(kind), copy(kind, **{part: ""})).missing
        assert missing.message.startswith(f"Outcome: acupuncture has no {label}.")


def test_a_measure_does_without_the_part_it_does_not_use():
    measure = REGISTRY["SMCR"]
    spare = [p for p, c in columns_of(measure).items() if set(c) <= set(measure.unused)]
    assert spare == ["sd"]  # it goes by the SD before
    values = copy("change", **dict.fromkeys(spare, ""))
    assert completeness(form("change", "SMCR"), values).is_complete
    assert len(results(form("change", "SMCR"), values)) == 1
    assert not completeness(form("change", "SMCRH"), values).is_complete


def test_one_arm_is_enough_only_where_the_review_describes_single_groups():
    values = copy("dichotomous")
    assert completeness(form("dichotomous"), values).is_complete
    (missing,) = completeness(form("dichotomous", least_arms=2), values).missing
    assert missing.message == "Arm 2 has no treatment."


@pytest.mark.parametrize(
    ("kind", "part", "text", "words"),
    [
        ("rate", "time", "0", "above 0"),
        ("rate", "time", "-3", "above 0"),
        ("rate", "events", "2.5", "whole number"),
        ("correlation", "correlation", "1.2", "between −1 and 1"),
        ("correlation", "correlation", "40", "between −1 and 1"),
        ("change", "sd_before", "-1", "never below 0"),
        ("correlation", "n", "0", "0 people"),
    ],
)
def test_a_number_that_cannot_be_is_refused(kind, part, text, words):
    one = form(kind)
    with pytest.raises(BadValue, match=words):
        normalise(one.cell(group_path(1, "", 1, part)), one, text)


@pytest.mark.parametrize(
    ("measure", "part", "text", "words"),
    [
        ("RD", "estimate", "12", "lies between −1 and 1"),
        ("RD", "ci_high", "1.1", None),
        ("OR", "ci_low", "-0.2", "above 0"),
        ("OR", "estimate", "12", None),
    ],
)
def test_a_reported_estimate_is_one_that_its_measure_can_have(measure, part, text, words):
    one = form("dichotomous", measure)
    cell = one.cell(contrast_path(1, "", 1, 2, part))
    if words is None:
        assert normalise(cell, one, text) == text
    else:
        with pytest.raises(BadValue, match=words):
            normalise(cell, one, text)


def test_a_correlation_may_be_negative_and_a_rate_may_have_no_event():
    one, other = form("correlation"), form("rate")
    assert normalise(one.cell("result.1..1.correlation"), one, "−0.3") == "-0.3"
    assert normalise(other.cell("result.1..1.events"), other, "0") == "0"


@pytest.mark.parametrize(
    ("kind", "measure", "changed", "path"),
    [
        ("change", "MC", {"correlation": "1"}, "correlation"),
        ("change", "MC", {"sd_before": "0"}, "sd_before"),
        ("change", "ROMC", {"mean_before": "-2"}, "mean_before"),
        ("continuous", "ROM", {"mean": "-2"}, "mean"),
        ("continuous", "MD", {"mean": "-2"}, None),
    ],
)
def test_what_leaves_a_study_without_an_effect_is_flagged(kind, measure, changed, path):
    found = [one.path for one in check(form(kind, measure), copy(kind, **changed))]
    assert found == ([group_path(1, "", 1, path)] if path else [])


def test_cells_of_another_kind_are_unknown():
    for kind in CELLS:
        for other, cells in CELLS.items():
            for part in set(cells) - set(CELLS[kind]):
                with pytest.raises(UnknownCell):
                    form(kind).cell(group_path(1, "", 1, part))
                assert other != kind


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("time_from_rate", {"events": "12", "rate": "3", "per": "100"}, "400"),
        ("time_from_rate", {"events": "12", "rate": "0.03"}, "400"),
        ("time_from_follow_up", {"n": "40", "follow_up": "1.5"}, "60"),
        ("correlation_from_sds", {"before": "3", "after": "4", "change": "5"}, "0"),
        ("correlation_from_t", {"t": "2", "n": "6"}, "0.707107"),
    ],
)
def test_the_calculator_knows_the_new_kinds(key, raw, value):
    assert derive(key, raw).value == value


@pytest.mark.parametrize(
    ("kind", "part", "keys"),
    [
        ("rate", "events", set()),
        ("rate", "time", {"time_from_rate", "time_from_follow_up"}),
        ("change", "correlation", {"correlation_from_sds"}),
        ("correlation", "correlation", {"correlation_from_t"}),
        ("dichotomous", "events", {"events_from_percent", "events_from_others"}),
    ],
)
def test_formulas_stand_where_they_fit(kind, part, keys):
    assert {f.key for f in formulas_for(form(kind), group_path(1, "", 1, part))} == keys


def test_a_value_before_has_the_formulas_of_the_value_after():
    before, after = (
        formulas_for(form("change"), group_path(1, "", 1, part)) for part in ("sd_before", "sd")
    )
    assert before == after != []
