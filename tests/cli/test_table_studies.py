"""Everybody in a table is accounted for: pooled, left out with a reason, or asked about."""

import json
from math import log
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewtool.cli.commands import cli
from reviewtool.stats import effect_sizes
from reviewtool.stats import pool as pool_effects
from tests.cli.tables import COUNTS, MIXED, Read, Run, refused


def test_counts_and_estimates_pool_together_and_nobody_is_lost(read: Read) -> None:
    report = read(MIXED, "--measure", "OR")
    assert [s["study"] for s in report["studies"]] == ["A", "B", "C", "F"]
    assert {s["study"]: s["row"] for s in report["left_out"]} == {"D": 5, "E": 6, "G": 8, "H": 9}
    counts = effect_sizes(
        "OR", ai=[10, 15, 12], n1i=[100, 120, 100], ci=[20, 25, 24], n2i=[100, 118, 100]
    )
    y = np.append(counts.y, log(0.5))
    v = np.append(counts.v, (log(4) / (2 * 1.959963984540054)) ** 2)
    assert report["estimate"] == pytest.approx(pool_effects(y, v).estimate)
    assert any("C" in note and "reported" in note for note in report["notes"])
    assert any("F" in note for note in report["notes"])


@pytest.mark.parametrize("method", ["MH", "Peto"])
def test_methods_for_counts_say_who_has_none(read: Read, method: str) -> None:
    report = read(MIXED, "--measure", "OR", "--method", method)
    reasons = {s["study"]: s["reason"] for s in report["left_out"]}
    assert set(reasons) == {"C", "D", "E", "G", "H"}
    assert "no counts" in reasons["C"]


def test_the_text_names_everybody_who_is_left_out(run: Run) -> None:
    output = run(MIXED, "--measure", "OR").output
    for name in "DEGH":
        assert f"{name} (row" in output
    assert "4 of 8 studies pooled" in output


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("X,,,,,,,", "neither"),
        ("X,0,30,0,30,,,", "no events"),
        ("X,30,30,30,30,,,", "everybody"),
        ("X,0,0,3,50,,,", "empty"),
        ("X,3,,1,20,,,", "missing"),
        ("X,,,,,0.8,,", "interval is missing"),
        ("X,,,,,0.8,0.5,", "limit is missing"),
    ],
)
def test_a_study_that_cannot_be_used_is_named_with_its_reason(
    read: Read, row: str, word: str
) -> None:
    report = read(MIXED + row + "\n", "--measure", "OR")
    assert word in {s["study"]: s["reason"] for s in report["left_out"]}["X"]
    assert any(w.startswith("X (row 10)") and word in w for w in report["warnings"])


study = st.sampled_from(["counts", "estimate", "both", "empty", "double zero", "no arm", "no se"])
CELLS = {
    "counts": "{a},{n},{c},{n},,,",
    "estimate": ",,,,0.{e},0.0{e},{e}.5",
    "both": "{a},{n},{c},{n},0.{e},0.0{e},{e}.5",
    "empty": ",,,,,,",
    "double zero": "0,{n},0,{n},,,",
    "no arm": "0,0,1,{n},,,",
    "no se": ",,,,0.{e},,",
}


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(study, st.integers(1, 9)), min_size=1, max_size=9))
def test_studies_given_are_studies_pooled_and_studies_named(
    tmp_path: Path, rows: list[tuple[str, int]]
) -> None:
    lines = ["study,ai,n1i,ci,n2i,OR,lci,uci"]
    for i, (kind, x) in enumerate(rows):
        lines.append(f"S{i}," + CELLS[kind].format(a=x, c=x + 2, n=40 + x, e=x))
    path = tmp_path / "mix.csv"
    path.write_text("\n".join(lines) + "\n")
    usable = {f"S{i}" for i, (kind, _) in enumerate(rows) if kind in ("counts", "estimate", "both")}
    done = CliRunner().invoke(cli, ["pool", str(path), "--measure", "OR", "--json"])
    everybody = {f"S{i}" for i in range(len(rows))}
    if not usable:
        assert done.exit_code == 2
        assert all(name in done.output for name in everybody)
        return
    report = json.loads(done.output)
    assert {s["study"] for s in report["studies"]} == usable
    assert {s["study"] for s in report["left_out"]} == everybody - usable


def test_estimates_that_contradict_their_interval_are_left_out_or_refused_together(
    run: Run, read: Read
) -> None:
    rows = "study,HR,lci,uci\nA,0.8,0.9,1.2\nB,0.7,1.1,0.5\nC,0.9,0.6,1.35\nD,-0.2,-0.5,0.1\n"
    refused(run(rows, "--strict"), "Row 2 (A)", "Row 3 (B)", "Row 5 (D)")
    report = read(rows)
    assert [one["study"] for one in report["left_out"]] == ["A", "B", "D"]
    assert "outside its interval" in report["left_out"][0]["reason"]
    assert "from 1.1 to 0.5" in report["left_out"][1]["reason"]
    assert [one["study"] for one in report["studies"]] == ["C"]
    for word in ("A (the estimate 0.8 lies outside", "B (the interval runs", "0.2 is no ratio"):
        assert word in report["sentence"]


def test_equal_limits_are_not_called_swapped(read: Read) -> None:
    rows = "study,HR,lci,uci\nA,0.8,0.8,0.8\nB,0.7,0.5,0.98\n"
    reason = read(rows)["left_out"][0]["reason"]
    assert reason == "both limits of the interval are 0.8. Check them"


def test_an_estimate_far_from_the_middle_of_its_interval_is_warned_of(read: Read) -> None:
    rows = "study,HR,lci,uci\nA,0.8,0.6,1.07\nB,0.7,0.2,0.8\nC,0.9,0.6,1.35\n"
    assert any("Row 3 (B)" in w and "symmetric" in w for w in read(rows)["warnings"])


@pytest.mark.parametrize("name", ["Total", "Overall", "Pooled", "Total (95% CI)"])
def test_a_sum_at_the_foot_of_a_table_is_no_study(run: Run, name: str) -> None:
    refused(run(COUNTS + f"{name},30,280,54,282\n"), f"Row 5 is called {name}")


def test_subgroups_that_differ_in_capitals_are_one(read: Read) -> None:
    rows = "study,yi,sei,g\nA,1,1,North\nB,2,1,north \nC,2,1,South\n"
    groups = read(rows, "--subgroup", "g")["subgroups"]["groups"]
    assert [g["k"] for g in groups] == [2, 1]


def test_an_impossible_number_is_named_by_the_heading_of_its_column(run: Run) -> None:
    rows = "study,cases,total\nA,51,50\nB,10,40\n"
    strict = run(rows, "--measure", "PLO", "--strict")
    refused(strict, "Row 2 (A)", "cases = 51", "exceeds total")
    refused(run("study,cases,total\nA,51,50\n", "--measure", "PLO"), "A (row 2)", "51", "exceeds")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("D,65,60,9,64", "the number of events of group 1 is 65: it exceeds the total of group 1"),
        ("D,-5,60,9,64", "the number of events of group 1 is -5: it cannot be negative"),
        ("D,5,60,9,-64", "the total of group 2 is -64: it cannot be negative"),
    ],
)
def test_a_study_with_impossible_counts_is_left_out_everywhere(
    run: Run, read: Read, row: str, reason: str
) -> None:
    whole, more = read(COUNTS), read(COUNTS + row + "\n")
    assert more["left_out"] == [{"study": "D", "row": 5, "reason": reason}]
    assert more["estimate"] == whole["estimate"]
    assert f"D ({reason})" in more["sentence"]
    text = run(COUNTS + row + "\n").output
    assert f"left out: {reason}" in text
    assert f"Left out: D ({reason})" in " ".join(text.split())
    for method in ("MH", "Peto"):
        counts = read(COUNTS + row + "\n", "--method", method)
        assert [one["study"] for one in counts["left_out"]] == ["D"]
    refused(run(COUNTS + row + "\n", "--strict"), "Row 5 (D)")


def test_a_study_with_an_impossible_sd_or_standard_error_is_left_out(read: Read) -> None:
    means = "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,5,2,50,4,2,48\nB,5,-2,50,4,2,48\nC,6,2,50,4,2,48\n"
    assert "the SD of group 1 is -2" in read(means)["left_out"][0]["reason"]
    effects = "study,yi,sei\nA,0.5,0.2\nB,0.3,-0.1\nC,0.4,0.2\n"
    assert "the standard error is -0.1" in read(effects)["left_out"][0]["reason"]


def test_counts_that_are_no_whole_numbers_are_warned_of(read: Read) -> None:
    warnings = read(COUNTS.replace("A,10,", "A,10.5,"))["warnings"]
    assert any("whole" in warning and "Row 2 (A)" in warning for warning in warnings)


def test_an_interval_beyond_what_is_possible_is_warned_of(read: Read) -> None:
    rows = "study,xi,ni\nA,0,50\nB,50,50\nC,10,40\n"
    assert any("PLO" in warning for warning in read(rows, "--measure", "PR")["warnings"])
    assert not any("PLO" in warning for warning in read(rows, "--measure", "PLO")["warnings"])


def test_names_that_come_twice_are_told_apart(read: Read) -> None:
    report = read("study,yi,sei\nSmith 2001,0.5,0.2\nsmith  2001,0.3,0.2\nB,0.1,0.2\n")
    assert [s["study"] for s in report["studies"]][:2] == [
        "Smith 2001 (row 2)",
        "smith  2001 (row 3)",
    ]
    assert any("rows 2, 3" in w for w in report["warnings"])


def test_arms_in_another_order_are_turned_and_said(read: Read) -> None:
    first = "study,treatment,event,n\nA,drug,10,100\nA,placebo,20,100\n"
    straight = first + "B,drug,15,120\nB,placebo,25,118\n"
    turned = first + "B,Placebo ,25,118\nB,Drug,15,120\n"
    one, two = read(straight), read(turned)
    assert one["estimate"] == two["estimate"]
    assert any("turned" in note and "B" in note for note in two["notes"])
    other = read(straight, "--control", "drug")
    assert other["estimate"] == pytest.approx(-one["estimate"])


def test_arms_compared_in_both_directions_are_asked_about(run: Run) -> None:
    rows = "study,treatment,event,n\nA,x,10,100\nA,y,20,100\nB,y,15,120\nB,x,25,118\n"
    rows += "C,x,1,20\nC,z,2,20\n"
    refused(run(rows), "x versus y", "y versus x", "--control")


def test_one_group_needs_a_measure(run: Run, read: Read) -> None:
    rows = "study,cases,total\nA,10,100\nB,20,100\n"
    refused(run(rows), "one group", "PLO", "PFT")
    report = read(rows, "--measure", "PFT")
    assert 0.1 < report["shown"]["estimate"] < 0.2
    assert any("harmonic mean" in note for note in report["notes"])


@pytest.mark.parametrize(
    ("measure", "rows"),
    [
        ("PLO", "study,xi,ni\nA,10,100\nB,20,100\n"),
        ("PAS", "study,events,n\nA,10,100\nB,20,100\n"),
        ("IRLN", "study,xi,ti\nA,10,100\nB,20,100\n"),
        ("IRFT", "study,xi,ti\nA,10,100\nB,20,100\n"),
        ("ZCOR", "study,ri,ni\nA,0.3,100\nB,0.2,100\n"),
        ("MN", "study,mean,sd,n\nA,3,1,100\nB,2,1,100\n"),
        ("ROM", "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,3,1,40,2,1,40\nB,2,1,40,2,1,40\n"),
        ("CVR", "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,3,1,40,2,1,40\nB,2,1,40,2,1,40\n"),
        ("IRR", "study,x1i,t1i,x2i,t2i\nA,3,100,5,90\nB,6,120,9,110\n"),
    ],
)
def test_effects_are_shown_on_the_scale_people_read(read: Read, measure: str, rows: str) -> None:
    report = read(rows, "--measure", measure)
    shown = sorted(s["estimate"] for s in report["studies"])
    assert shown[0] - 1e-9 <= report["shown"]["estimate"] <= shown[-1] + 1e-9


def test_tiny_and_huge_numbers_end_in_a_sentence(run: Run) -> None:
    for rows in (
        "study,yi,vi\nA,1,1e-20\nB,2,1\nC,3,1\n",
        "study,yi,vi\nA,1,1e-300\nB,2,1e300\n",
        "study,yi,sei\nA,1e300,1e-300\nB,-1e300,1\n",
        "study,HR,lci,uci\nA,1e-300,1e-308,1e-290\nB,1,0.5,2\n",
        "study,ai,n1i,ci,n2i\nA,1,1e15,2,1e15\nB,1,2,1,2\n",
        "study,yi,sei\nA,1,1\nB,1,1\nC,1,1\n",
    ):
        done = run(rows)
        assert "Traceback" not in done.output
        assert done.exit_code in (0, 1, 2)
        assert done.output.strip()


BY_ARM = """study,treatment,event,n,logOR,se
A,Drug,10,100,,
A,Placebo,20,100,,
B,Placebo,25,118,,
B,drug ,15,120,,
C,,,,-0.5,0.3
D,Drug,,,-0.2,0.25
E,Placebo,3,40,,
F,Drug,60,50,-0.3,0.4
F,Placebo,6,50,,
"""


def test_arms_of_some_studies_and_estimates_of_others_pool_together(run: Run, read: Read) -> None:
    report = read(BY_ARM)
    wide = read(
        "study,ai,n1i,ci,n2i,logOR,se\nA,10,100,20,100,,\nB,15,120,25,118,,\nC,,,,,-0.5,0.3\n"
        "D,,,,,-0.2,0.25\nF,,,,,-0.3,0.4\n"
    )
    assert report["estimate"] == wide["estimate"]
    assert [one["study"] for one in report["studies"]] == list("ABCDF")
    assert report["left_out"] == [{"study": "E", "row": 8, "reason": "it has one arm"}]
    assert any("Drug versus Placebo: C, D" in note for note in report["notes"])
    refused(run(BY_ARM, "--strict"), "Row 8", "one arm")
    refused(run(BY_ARM + "C,,,,-0.6,0.3\n"), "C reports 2 effects")


def test_standard_errors_of_means_become_standard_deviations(read: Read) -> None:
    sds = read("study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,5,2,25,4,3,36\nB,6,4,16,4,5,25\n")
    for table in (
        "study,mean1,se1,n1,mean2,sem2,n2\nA,5,0.4,25,4,0.5,36\nB,6,1,16,4,1,25\n",
        "study,arm,mean,se,n\nA,x,5,0.4,25\nA,y,4,0.5,36\nB,x,6,1,16\nB,y,4,1,25\n",
    ):
        report = read(table)
        assert report["estimate"] == pytest.approx(sds["estimate"])
        assert any("SE times √n" in note for note in report["notes"])


def test_studies_without_a_subgroup_are_a_subgroup_with_a_name(run: Run, read: Read) -> None:
    rows = COUNTS.replace("n2i\n", "n2i,region\n").replace("118\n", "118,\n")
    rows = rows.replace("20,100\n", "20,100,north\n").replace("9,64\n", "9,64,NA\n")
    report = read(rows, "--subgroup", "region")
    assert {one["level"]: one["k"] for one in report["subgroups"]["groups"]} == {
        "Not reported": 2,
        "north": 1,
    }
    assert any("No region is given for B, C" in note for note in report["notes"])


def test_two_rows_of_one_study_are_counted_as_one_study_everywhere(read: Read) -> None:
    rows = "study,yi,sei,dose\nA,0.1,0.2,1\nA,0.3,0.2,2\nB,0.2,0.2,3\nC,0.5,0.3,4\nD,0.1,0.3,\n"
    options = ("--moderators", "dose", "--prior", "half-normal:0.5", "--sensitivity", "influence")
    report = read(rows, *options)
    assert "4 studies (5 comparisons)" in report["sentence"]
    assert "3 studies (4 comparisons)" in report["regression"]["sentence"]
    assert "Left out: D (no dose)" in report["regression"]["sentence"]
    assert "4 studies (5 comparisons)" in report["bayes"]["sentence"]
    assert "4 studies (5 comparisons)" in report["sensitivity"]["influence_sentence"]


def test_decimals_stay_as_asked_and_no_number_is_hidden(run: Run) -> None:
    rows = "study,est,se\nA,999.99994,0.5\nB,1000.2,0.5\nC,0.5,0.1\n"
    text = run(rows, "--measure", "GEN", "--method", "EE").output
    assert "1000.000" in text
    assert "1000.200" in text
    assert "1 000" not in text
    whole = run("study,OR,lower,upper\nA,0.5,0.2,1.2\n", "--digits", "0").output
    assert "A           0.5  0.2 to 1" in whole


@pytest.mark.parametrize(
    "heading",
    ["intervention_events,intervention_total,control_events,control_total", "r1,n1,r2,n2"],
)
def test_other_names_of_counts_are_known(read: Read, heading: str) -> None:
    assert read(COUNTS.replace("ai,n1i,ci,n2i", heading))["estimate"] == read(COUNTS)["estimate"]


def test_times_beside_events_are_no_treatments(read: Read) -> None:
    rows = "study,x1,t1,x2,t2\nA,10,1000,20,1100\nB,5,500,9,480\n"
    same = read(rows.replace("t1", "time1").replace("t2", "time2"))
    assert (read(rows)["measure"], read(rows)["estimate"]) == ("IRR", same["estimate"])


def test_a_bound_is_no_p_value(run: Run) -> None:
    rows = "study,HR,p\nA,0.70,0.04\nB,0.80,<0.001\n"
    refused(run(rows), "Row 3, column p", "is a bound, not a number")


def test_numbers_beyond_computing_leave_out_their_study(read: Read) -> None:
    report = read("study,yi,vi\nA,1e200,1\nB,0.3,1e-300\nC,.2,.1\n")
    assert [one["study"] for one in report["left_out"]] == ["A", "B"]


def test_a_logarithm_that_is_not_that_of_its_ratio_is_warned_of(read: Read) -> None:
    report = read("study,logHR,HR,se\nA,-0.357,0.70,0.2\nB,-0.9,0.90,0.2\n")
    (one,) = (w for w in report["warnings"] if "logarithm" in w)
    assert "Row 3 (B)" in one


def test_studies_that_differ_in_case_only_are_one_study_of_two_arms(read: Read) -> None:
    assert read(BY_ARM.replace("B,drug ", "b,drug "))["left_out"] == read(BY_ARM)["left_out"]


def test_a_mixed_model_without_events_is_refused(run: Run) -> None:
    refused(
        run("study,xi,ni\nA,0,20\nB,0,40\n", "--measure", "PLO", "--glmm"), "nobody in the studies"
    )


def test_an_order_names_the_studies_that_have_none(run: Run, read: Read) -> None:
    rows = "study,yi,sei,y\nA,0.5,0.2,2001\nB,0.3,0.2,\nC,0.3,0.2,1999\n"
    refused(run(rows, "--sensitivity", "cumulative", "--order", "y"), "no number for B")
    whole = rows.replace("0.2,\n", "0.2,2000\n")
    report = read(whole, "--sensitivity", "cumulative", "--order", "y")
    assert [one["study"] for one in report["sensitivity"]["cumulative"]] == ["C", "B", "A"]


def test_a_number_of_each_arm_is_no_effect_of_the_study(read: Read) -> None:
    rows = "study,arm,event,n,RR\nA,x,10,100,14\nA,y,20,100,15\nB,x,15,120,16\nB,y,25,118,13\n"
    report = read(rows, "--measure", "OR")
    assert [one["by"] for one in report["studies"]] == ["events and totals of two groups"] * 2
