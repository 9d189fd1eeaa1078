"""Studies of three arms that report two contrasts, as an analysis takes them."""

from math import sqrt

import pytest

from reviewtool.synthesis.rules.network.analysis import analyse_network
from reviewtool.synthesis.rules.network.arms import arms_of
from reviewtool.synthesis.rules.pooling import Settings
from reviewtool.synthesis.rules.selection import ArmNumbers

TREATMENTS = ["eletriptan", "sumatriptan", "placebo"]
MEANS = {"eletriptan": (5.0, 2.0, 40), "sumatriptan": (6.0, 2.0, 50), "placebo": (9.0, 2.0, 60)}


def arm(study, treatment, mean=None, sd=None, total=None):
    return ArmNumbers(study, f"Trial {study}", 2000, 1, treatment, mean=mean, sd=sd, total=total)


def against_placebo(study, treatment, estimate, se):
    return ArmNumbers(
        study, f"Trial {study}", 2000, 1, treatment, estimate=estimate, se=se, reference="placebo"
    )


def of(measured, study=1):
    (m1, s1, n1), (m2, s2, n2) = MEANS[measured], MEANS["placebo"]
    return against_placebo(study, measured, m1 - m2, sqrt(s1**2 / n1 + s2**2 / n2))


OTHER = [arm(2, "eletriptan", 4.0, 2.0, 30), arm(2, "placebo", 8.5, 2.0, 30)]
CONTRASTS = [of("eletriptan"), of("sumatriptan")]


def analysed(numbers):
    chosen = arms_of([*numbers, *OTHER], TREATMENTS, [""])
    return analyse_network(
        chosen.arms,
        Settings(measure="MD", method="DL"),
        treatments=TREATMENTS,
        comparators=["placebo"],
        lower_is_better=True,
        left_out=chosen.left_out,
    )


@pytest.mark.parametrize(
    "known",
    [
        [arm(1, "placebo", *MEANS["placebo"])],
        [arm(1, name, total=total) for name, (_, _, total) in MEANS.items()],
    ],
    ids=["numbers of the common arm", "sizes of the arms"],
)
def test_two_contrasts_are_the_study_that_its_arms_would_be(known):
    whole = analysed([arm(1, name, *numbers) for name, numbers in MEANS.items()])
    found = analysed([*CONTRASTS, *known])
    assert found.k == 2
    assert not found.left_out
    assert any("Trial 1" in note and "placebo" in note for note in found.notes)
    for one, other in zip(found.treatments, whole.treatments, strict=True):
        assert one.estimate == pytest.approx(other.estimate)
        assert one.se == pytest.approx(other.se)


def test_without_the_variance_the_study_is_named_with_what_would_bring_it_in():
    (left,) = analysed(CONTRASTS).left_out
    assert left.label == "Trial 1"
    assert "give the numbers of placebo, or the people in each of its groups" in left.reason


def test_a_study_that_contradicts_itself_is_left_out_and_the_others_pooled():
    third = ArmNumbers(
        1, "Trial 1", 2000, 1, "eletriptan", estimate=9.0, se=0.4, reference="sumatriptan"
    )
    found = analysed([*CONTRASTS, third])
    assert found.k == 1
    (left,) = found.left_out
    assert (left.study_id, left.label) == (1, "Trial 1")
    assert "inconsistent" in left.reason
    assert "Trial 1" in found.sentence
