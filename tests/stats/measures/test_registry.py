"""Every measure says everything about itself, and is found by being there."""

import sys
from pathlib import Path

import pytest

from reviewtool.stats import measures
from reviewtool.stats.errors import UnknownChoice
from reviewtool.stats.measures import (
    KINDS,
    REGISTRY,
    Data,
    default_for,
    discover,
    effect_sizes,
    fitting,
    measure,
)

EVERY = pytest.mark.parametrize("entry", REGISTRY.values(), ids=lambda m: m.name)


@EVERY
def test_a_measure_says_everything_about_itself(entry) -> None:
    assert entry.heading[0].isupper()
    assert entry.title
    assert entry.short
    assert entry.r_name
    assert entry.kinds
    assert entry.pools
    assert set(entry.needs) <= set(entry.data.needs)
    low, high = entry.scale.bounds
    assert entry.null is None or low <= entry.null <= high
    if entry.null is not None:
        assert all(entry.directions)


@EVERY
def test_a_measure_stands_on_a_log_axis_only_when_it_compares(entry) -> None:
    assert entry.null == (1.0 if entry.is_ratio else entry.null)
    assert entry.scale.bounds[0] == 0 or not entry.is_ratio
    alone = entry.data in (Data.COUNT, Data.RATE, Data.MEAN)
    assert (entry.null is None) == alone
    assert not (alone and entry.is_ratio)


def test_no_two_measures_look_alike_in_a_list() -> None:
    for said in ("label", "title"):
        words = [getattr(entry, said) for entry in REGISTRY.values()]
        assert len(words) == len(set(words)), said


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("dichotomous", "OR"),
        ("continuous", "MD"),
        ("estimate", "GEN"),
        ("rate", "IRR"),
        ("change", "MC"),
        ("correlation", "ZCOR"),
    ],
)
def test_an_outcome_has_a_usual_measure_that_comes_first(kind, name) -> None:
    assert default_for(kind).name == name
    assert fitting(kind)[0].name == name
    assert kind in KINDS


def test_an_odds_ratio_does_not_fit_a_pain_score() -> None:
    assert measure("OR") not in fitting("continuous")
    assert {"dichotomous", "estimate"} == set(measure("OR").kinds)


def test_conversions_and_petos_method_need_the_counts_or_means_themselves() -> None:
    given = {entry.name for entry in fitting("estimate")}
    assert {"GEN", "HR", "OR", "RR", "RD", "MD", "SMD", "ROM", "IRR", "IRD"} <= given
    assert not given & {"PETO", "OR2DL", "OR2DN", "D2ORL", "D2ORN", "AS"}


def test_measures_of_one_group_can_be_asked_for_alone() -> None:
    assert [m.name for m in fitting("dichotomous", groups=1)] == ["PLO", "PR", "PLN", "PAS", "PFT"]
    assert all(m.groups == 2 for m in fitting("dichotomous", groups=2))


def test_names_are_found_in_any_case_and_by_their_other_names() -> None:
    assert measure(" or ").name == "OR"
    assert measure("ASD").name == "AS"
    assert effect_sizes("d2or", m1i=[2], sd1i=[1], n1i=[9], m2i=[1], sd2i=[1], n2i=[9]).measure == (
        "D2ORL"
    )


def test_an_unknown_measure_or_kind_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownChoice, match="Choose one of: .*CVR.*SMD"):
        measure("ODD")
    with pytest.raises(UnknownChoice, match="dichotomous, rate"):
        fitting("survival")


@pytest.mark.parametrize(
    ("name", "risk", "effect", "expected"),
    [
        ("RR", 0.2, 0.5, 0.1),
        ("OR", 0.2, 0.5, 0.1 / 0.9),
        ("PETO", 0.2, 0.5, 0.1 / 0.9),
        ("RD", 0.2, -0.05, 0.15),
        ("HR", 0.2, 0.5, 1 - 0.8**0.5),
    ],
)
def test_a_comparator_risk_gives_the_risk_that_corresponds(name, risk, effect, expected) -> None:
    rule = measure(name).absolute
    assert rule is not None
    assert rule(risk, effect) == pytest.approx(expected)


def test_measures_without_a_risk_have_no_absolute_effect() -> None:
    assert {m.name for m in REGISTRY.values() if m.absolute} == {"OR", "RR", "RD", "PETO", "HR"}


def test_peto_pools_odds_ratios_only() -> None:
    def pooled_by(method: str) -> set[str]:
        return {m.name for m in REGISTRY.values() if method in m.pools}

    assert pooled_by("Peto") == {"OR", "PETO"}
    assert pooled_by("MH") == {"OR", "RR", "RD", "IRR", "IRD"}


NEW = '''
"""A measure of one file."""

import numpy as np

from reviewtool.stats.measures.base import Data, Measure, plain
from reviewtool.stats.measures.scales import LOG_RATIO


def formula(c, _):
    return np.log(c["m1i"] / c["m2i"]), 1 / c["n1i"] + 1 / c["n2i"]


MEASURES = (
    Measure(
        "NEW",
        "New ratio",
        "log new ratio",
        Data.MEANS,
        plain(formula),
        LOG_RATIO,
        above_zero=("m1i",),
    ),
)
'''


def test_a_measure_is_added_by_one_file(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "new_family.py").write_text(NEW)
    monkeypatch.setattr(measures, "__path__", [*measures.__path__, str(tmp_path)])
    monkeypatch.setattr(measures.registry, "REGISTRY", dict(REGISTRY))
    monkeypatch.setattr(measures.registry, "_NAMED", dict(measures.registry._NAMED))
    try:
        discover(measures.__path__)
        assert measure("new").heading == "New ratio"
        assert "NEW" in [m.name for m in fitting("continuous")]
        es = effect_sizes(
            "NEW", m1i=[4, -1], sd1i=[1, 1], n1i=[9, 9], m2i=[2, 2], sd2i=[1, 1], n2i=[9, 9]
        )
        assert es.back(es.y)[0] == pytest.approx(2)
        assert es.reasons == ("", "a mean is not above zero")
    finally:
        sys.modules.pop("reviewtool.stats.measures.new_family", None)


@pytest.mark.parametrize(
    ("name", "plural"),
    [
        ("OR", "odds ratios"),
        ("PETO", "Peto odds ratios"),
        ("ROM", "ratios of means"),
        ("D2ORL", "odds ratios from means"),
        ("PFT", "proportions"),
        ("ZCOR", "correlations"),
    ],
)
def test_several_effects_have_a_word(name, plural):
    assert measure(name).plural == plural
