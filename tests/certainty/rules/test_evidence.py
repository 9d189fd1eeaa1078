"""The evidence behind a rating asks the measure: its scale, its null, its absolute effect."""

import pytest

from reviewtool.certainty.rules.details import Details
from reviewtool.certainty.rules.evidence import (
    Evidence,
    NoSuggestion,
    Pooled,
    StudyEvidence,
    suggestions,
)
from reviewtool.stats.measures import REGISTRY, measure
from reviewtool.words import num


def evidence(name: str, estimate: float = 0.4, low: float = 0.1, high: float = 0.7, **more):
    """Three studies of a hundred people by one measure, on its analysis scale."""
    studies = [
        StudyEvidence(
            number, f"Trial {number}", ((low, high),), 33.0, "Low", 100.0, more.get("events")
        )
        for number in (1, 2, 3)
    ]
    return Evidence(
        measure(name),
        size=100.0,
        studies=studies,
        pooled=Pooled(3, estimate, low, high, pi_low=-0.2, pi_high=1.0, i2=60.0),
        minimal_important_difference=10.0,
        sd=8.0,
    )


@pytest.mark.parametrize("name", REGISTRY)
def test_every_measure_is_shown_on_its_scale_and_gets_suggestions(name: str) -> None:
    found, of = evidence(name), measure(name)
    assert found.natural is not None
    assert found.natural[0] == pytest.approx(float(of.scale.back(0.4, 100.0)))
    assert found.is_single_group is (of.null is None)
    assert not (found.is_difference and of.is_ratio)
    for one in suggestions(found, Details(), 0.2, {}).values():
        assert one.because


@pytest.mark.parametrize(
    ("name", "text"), [("OR", "1.49"), ("ROM", "1.49"), ("ZCOR", "0.38"), ("RD", "0.40")]
)
def test_the_natural_value_is_what_people_read(name: str, text: str) -> None:
    natural = evidence(name).natural
    assert natural is not None
    assert num(natural[0]) == text


def test_a_ratio_of_means_is_not_held_against_a_difference_in_the_outcomes_unit() -> None:
    found = suggestions(evidence("ROM", 0.01, -0.5, 0.6), Details(), None, {})["imprecision"]
    assert "appreciable benefit" in found.because
    assert "threshold" not in found.because


@pytest.mark.parametrize(("name", "says"), [("MD", "threshold"), ("SMD", "people")])
def test_the_smallest_important_difference_is_for_effects_in_the_outcomes_unit(
    name: str, says: str
) -> None:
    assert says in suggestions(evidence(name), Details(), None, {})["imprecision"].because


def test_a_proportion_has_no_effect_to_include() -> None:
    found = suggestions(evidence("PFT", 0.6, 0.5, 0.7), Details(), None, {})
    assert isinstance(found["imprecision"], NoSuggestion)
    assert "includes no difference" not in found["inconsistency"].because
    assert isinstance(found["large_effect"], NoSuggestion)


def test_thresholds_of_a_proportion_are_per_thousand() -> None:
    details = Details(thresholds=[300.0])
    found = suggestions(evidence("PR", 0.3, 0.25, 0.35), details, None, {})["imprecision"]
    assert "crosses 1 threshold" in found.because


def test_events_are_judged_only_where_every_study_counts_them() -> None:
    counted = evidence("OR", events=20.0)
    assert "60 events" in suggestions(counted, Details(), None, {})["imprecision"].because
    partly = Evidence(
        counted.measure,
        studies=[*counted.studies[:2], StudyEvidence(9, "As reported", ((0.1, 0.7),))],
        pooled=counted.pooled,
    )
    assert partly.events == 40
    assert (partly.participants, partly.uncounted) == (200, 1)
    assert "events" not in suggestions(partly, Details(), None, {})["imprecision"].because


def test_a_hazard_ratio_is_read_as_a_risk_ratio_at_the_assumed_risk() -> None:
    found = suggestions(evidence("HR", 1.4, 1.1, 1.7), Details(), 0.2, {})["large_effect"]
    assert found.because.startswith("RR 2.98")
