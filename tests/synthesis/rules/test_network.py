"""From agreed arms to a network and its league table."""

import pytest

from reviewtool.synthesis.rules.network.analysis import NoNetwork, analyse_network
from reviewtool.synthesis.rules.network.arms import arms_of
from reviewtool.synthesis.rules.pooling import Settings
from reviewtool.synthesis.rules.selection import ArmNumbers

TREATMENTS = ["eletriptan", "sumatriptan", "placebo"]


def arm(study, number, treatment, events, total, **fields):
    return ArmNumbers(
        study, f"Trial {study}", 2000, number, treatment, events=events, total=total, **fields
    )


TRIALS = [
    arm(1, 1, "Eletriptan", 40, 100),
    arm(1, 2, "Placebo", 10, 100),
    arm(2, 1, "sumatriptan", 30, 100),
    arm(2, 2, "placebo", 11, 100),
    arm(3, 1, "eletriptan", 44, 100),
    arm(3, 2, "sumatriptan", 33, 100),
    arm(4, 1, "eletriptan", 20, 60),
    arm(4, 2, "sumatriptan", 15, 60),
    arm(4, 3, "placebo", 6, 60),
    arm(5, 1, "aspirin", 20, 60),
    arm(5, 2, "placebo", 6, 60),
]


def analysed(arms=None, *, lower=False, **settings):
    chosen = arms_of(TRIALS if arms is None else arms, TREATMENTS, [""])
    return analyse_network(
        chosen.arms,
        Settings(**settings),
        treatments=TREATMENTS,
        comparators=["placebo"],
        lower_is_better=lower,
        left_out=chosen.left_out,
    )


def test_only_the_treatments_of_the_comparison_enter_the_network():
    chosen = arms_of(TRIALS, TREATMENTS, [""])
    assert {a.study_id for a in chosen.arms} == {1, 2, 3, 4}
    (aspirin,) = chosen.left_out
    assert aspirin.label == "Trial 5"
    assert "aspirin" in aspirin.reason


def test_the_preferred_time_point_is_taken():
    arms = [
        arm(1, n, t, e, 50, timepoint=at)
        for at, shift in (("2 h", 0), ("24 h", 9))
        for n, t, e in ((1, "eletriptan", 10 + shift), (2, "placebo", 5))
    ]
    assert {a.timepoint for a in arms_of(arms, TREATMENTS, ["24 h", "2 h"]).arms} == {"24 h"}


def test_the_league_table_is_its_own_mirror():
    league = analysed().league
    for a in TREATMENTS:
        for b in TREATMENTS:
            if a != b:
                assert league[a][b].estimate == pytest.approx(-league[b][a].estimate)
                assert league[a][b].ci_low == pytest.approx(-league[b][a].ci_high)


def test_effects_are_given_against_the_first_comparator():
    result = analysed()
    assert result.reference == "placebo"
    best = result.treatments[0]
    assert best.name == "eletriptan"
    assert best.estimate == result.league["eletriptan"]["placebo"].estimate > 0


def test_where_less_is_better_the_order_turns_round():
    names = [t.name for t in analysed().treatments]
    assert [t.name for t in analysed(lower=True).treatments] == names[::-1]


def test_sucra_and_p_score_agree_and_average_one_half():
    treatments = analysed().treatments
    for one in treatments:
        assert one.sucra == pytest.approx(one.p_score, abs=0.01)
        assert sum(one.ranks) == pytest.approx(1)
    assert sum(t.p_score for t in treatments) / 3 == pytest.approx(0.5)


def test_direct_comparisons_are_counted_by_study():
    direct = {(d.first, d.second): d.studies for d in analysed().direct}
    assert direct[("eletriptan", "placebo")] == 2
    assert direct[("eletriptan", "sumatriptan")] == 2


def test_two_arms_of_one_treatment_are_combined_and_it_is_said():
    arms = [
        *TRIALS,
        arm(6, 1, "eletriptan", 9, 40),
        arm(6, 2, "eletriptan", 11, 40),
        arm(6, 3, "placebo", 5, 40),
    ]
    assert analysed(arms).notes == ("Trial 6: 2 arms of eletriptan were combined.",)


def test_an_estimator_that_networks_lack_is_replaced_and_it_is_said():
    assert "PM is not defined for networks" in analysed(method="PM").warnings[0]
    assert not any("PM" in w for w in analysed(method="DL").warnings)


def test_a_network_without_trials_says_what_is_missing():
    with pytest.raises(NoNetwork, match="no agreed study"):
        analysed([])


def test_studies_that_say_nothing_are_named_with_the_reason_of_the_engine():
    silent = [arm(7, 1, "eletriptan", 0, 40), arm(7, 2, "placebo", 0, 40)]
    half = [
        arm(8, 1, "eletriptan", 5, 40),
        arm(8, 2, "sumatriptan", 4, 40),
        arm(8, 3, "placebo", None, 40),
    ]
    result = analysed([*TRIALS, *silent, *half])
    reasons = {one.label: one.reason for one in result.left_out}
    assert reasons["Trial 7"] == "no events in eletriptan and placebo"
    assert "Trial 8" not in reasons
    assert any("placebo of Trial 8" in note for note in result.notes)
    assert result.k + len(result.left_out) == 7
    kept = analysed([*TRIALS, *half[:2]])
    assert result.treatments[0].estimate == pytest.approx(kept.treatments[0].estimate)


def test_a_study_without_events_counts_for_risk_differences():
    silent = [arm(7, 1, "eletriptan", 0, 40), arm(7, 2, "placebo", 0, 40)]
    assert analysed([*TRIALS, *silent], measure="RD").k == 5
