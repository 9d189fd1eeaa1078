"""Studies that say nothing take no part in a network, and are named with the reason."""

import numpy as np
import pytest

from reviewtool.stats.errors import BadInput, BadStudy
from reviewtool.stats.network import (
    Contrasts,
    Network,
    arm_contrasts,
    fit_network,
    given_contrasts,
    mantel_haenszel_network,
)
from reviewtool.stats.network.order import order_of

# study -> treatment -> (events, people)
PLAIN = {
    "Ada": {"A": (5, 50), "B": (9, 50)},
    "Bea": {"A": (4, 60), "C": (12, 60)},
    "Cal": {"B": (7, 40), "C": (10, 40)},
    "Dee": {"A": (6, 80), "B": (11, 80), "C": (15, 80)},
}


def rows(studies):
    found = [
        (study, arm, *counts) for study, arms in studies.items() for arm, counts in arms.items()
    ]
    study, treatment, event, n = zip(*found, strict=True)
    return list(study), list(treatment), list(event), list(n)


def contrasts(studies, measure="OR", **options) -> Contrasts:
    study, treatment, event, n = rows(studies)
    return arm_contrasts(study, treatment, measure=measure, event=event, n=n, **options)


def network(studies, measure="OR", incomplete="arms", **options) -> Network:
    return fit_network(contrasts(studies, measure, **options), incomplete=incomplete)


def same(one: Network, two: Network) -> None:
    assert one.treatments == two.treatments
    np.testing.assert_allclose(one.random.te, two.random.te, rtol=1e-10)
    np.testing.assert_allclose(one.random.se, two.random.se, rtol=1e-10)
    assert (one.tau2, one.q_total.q) == pytest.approx((two.tau2, two.q_total.q))


@pytest.mark.parametrize("measure", ["OR", "RR"])
def test_a_study_without_events_changes_no_ratio_and_is_named(measure):
    more = {**PLAIN, "Eve": {"A": (0, 30), "B": (0, 30)}}
    found = network(more, measure)
    same(found, network(PLAIN, measure))
    assert found.left_out == (("Eve", "no events in A and B"),)
    assert "Left out: Eve (no events in A and B)." in found.warnings
    assert not any("0.5 was added" in w and "Eve" in w for w in found.warnings)


def test_a_study_without_events_counts_for_differences():
    found = network({**PLAIN, "Eve": {"A": (0, 30), "B": (0, 30)}}, "RD")
    assert (found.k, found.left_out) == (5, ())


def test_events_in_everybody_say_nothing_about_odds_but_something_about_risks():
    more = {**PLAIN, "Eve": {"A": (30, 30), "B": (30, 30)}}
    assert network(more, "OR").left_out == (("Eve", "everybody had the event in A and B"),)
    assert network(more, "RR").left_out == ()


def test_keeping_double_zeros_is_an_option():
    more = {**PLAIN, "Eve": {"A": (0, 30), "B": (0, 60)}}
    kept = contrasts(more, drop00=False)
    at = kept.study.index("Eve")
    assert kept.te[at] == pytest.approx(np.log((0.5 / 30.5) / (0.5 / 60.5)))
    assert fit_network(kept).k == 5
    assert np.isnan(contrasts(more, "RD", drop00=True).te[at])


def test_only_the_contrast_between_two_empty_arms_is_missing():
    found = contrasts({"Eve": {"A": (0, 30), "B": (0, 40), "C": (3, 50)}})
    defined = dict(
        zip(zip(found.treat1, found.treat2, strict=True), np.isfinite(found.te), strict=True)
    )
    assert defined == {("A", "B"): False, ("A", "C"): True, ("B", "C"): True}
    assert found.reasons == ("no events in A and B", "", "")
    assert found.left_out == ()  # who takes part is for the network to say


def test_a_study_with_two_empty_arms_of_three_is_left_out_of_the_network():
    more = {**PLAIN, "Eve": {"A": (0, 30), "B": (0, 40), "C": (3, 50)}}
    found = network(more)
    same(found, network(PLAIN))
    assert found.left_out == (("Eve", "not every contrast is defined: no events in A and B"),)
    assert not any("0.5 was added" in w for w in found.warnings)


def test_a_study_keeps_the_arms_that_are_all_compared():
    arms = {"A": (0, 30), "B": (0, 40), "C": (3, 50), "D": (6, 50)}
    more = {**PLAIN, "Eve": arms}
    found = network(more)
    # the correction of the whole study stays: one arm of it is empty
    assert (found.k, found.left_out) == (5, ())
    assert "Arms left out: A, B of Eve (no events in A and B)." in found.warnings
    whole = network({**more, "Fay": {"C": (5, 50), "D": (7, 50)}}, incomplete="study")
    assert whole.left_out[0].study == "Eve"


def test_an_arm_without_numbers_is_left_out_and_the_others_stay():
    gap = {**PLAIN, "Eve": {"A": (3, 30), "B": (5, 30), "C": (np.nan, 30)}}
    found = network(gap)
    same(found, network({**PLAIN, "Eve": {"A": (3, 30), "B": (5, 30)}}))
    assert any("C of Eve (the number of events of C is missing)" in w for w in found.warnings)


def test_an_empty_arm_and_a_single_arm_are_named():
    more = {**PLAIN, "Eve": {"A": (0, 0), "B": (3, 40)}, "Fay": {"A": (3, 40)}}
    found = network(more)
    same(found, network(PLAIN))
    assert found.left_out == (
        ("Eve", "the number of people of A is zero"),
        ("Fay", "only one arm"),
    )


def test_missing_means_and_sds_do_not_spoil_the_other_arms():
    study, treatment = ["S"] * 3 + ["T"] * 2, ["A", "B", "C", "B", "C"]
    numbers = {"mean": [1, 2, 3, 2, 3.5], "sd": [1, 1, np.nan, 1, 1], "n": [20, 20, 20, 30, 30]}
    found = fit_network(arm_contrasts(study, treatment, measure="SMD", **numbers))
    assert found.k == 2
    assert any("C of S (the SD of C is missing)" in w for w in found.warnings)


def test_a_reported_contrast_without_a_standard_error_is_named():
    found = fit_network(
        given_contrasts(
            ["S", "T", "U"], ["A", "B", "A"], ["B", "C", "B"], [1, 2, 3], [1, 1, np.nan]
        )
    )
    assert found.left_out == (("U", "its effect or standard error is missing"),)
    with pytest.raises(BadStudy, match="U"):
        given_contrasts(["S", "U"], "AB", "BC", [1, 2], [1, 0])


def test_nothing_left_is_said():
    with pytest.raises(BadInput, match="Eve: no events in A and B"):
        network({"Eve": {"A": (0, 30), "B": (0, 30)}})


def test_given_is_taking_part_or_left_out():
    rng = np.random.default_rng(5)
    for _ in range(60):
        studies = {}
        for i in range(12):
            names = rng.permutation(list("ABCD"))[: rng.integers(1, 5)]
            studies[f"S{i:02d}"] = {
                str(name): (int(rng.integers(0, 3)), int(rng.integers(0, 9)) + 3) for name in names
            }
        studies |= PLAIN
        for incomplete in ("arms", "study"):
            found = network(studies, incomplete=incomplete)
            assert found.k + len(found.left_out) == len(studies)
            taking = {study.name for study in found.evidence.studies}
            assert not taking & {name for name, _ in found.left_out}


def test_mantel_haenszel_networks_name_who_says_nothing():
    more = {
        **PLAIN,
        "Eve": {"A": (0, 30), "B": (0, 30)},
        "Fay": {"A": (30, 30), "C": (30, 30)},
        "Gil": {"A": (3, 40)},
        "Hal": {"C": (4, 30), "D": (0, 30)},
    }
    found = mantel_haenszel_network(*rows(more))
    plain = mantel_haenszel_network(*rows(PLAIN))
    np.testing.assert_allclose(found.effects.te, plain.effects.te)
    assert found.k + len(found.left_out) == len(more)
    reasons = dict(found.left_out)
    assert reasons["Eve"] == "no events in any arm"
    assert reasons["Fay"] == "everybody had the event in every arm"
    assert reasons["Gil"] == "only one arm"
    assert reasons["Hal"].startswith("D had no events")
    assert any("Hal" in w for w in found.warnings)


def test_names_are_in_dictionary_order_with_ties_by_code_point():
    names = ["tca", "SNRI", "TCA", "rMAO-A", "Drug:P", "Drug A:P", "Drug+B:P", "Élan"]
    assert sorted(names, key=order_of) == [
        "Drug A:P",
        "Drug:P",
        "Drug+B:P",
        "Élan",
        "rMAO-A",
        "SNRI",
        "TCA",
        "tca",
    ]
