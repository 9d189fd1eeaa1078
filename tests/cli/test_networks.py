"""Tables of networks: arms, contrasts and both, nobody lost."""

import json
from collections.abc import Callable
from math import log
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reviewtool.cli.commands import cli

Run = Callable[..., Result]
Read = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def invoke(text: str, *options: str) -> Result:
        path = tmp_path / "rows.csv"
        path.write_text(text)
        return CliRunner().invoke(cli, ["network", str(path), *options])

    return invoke


@pytest.fixture
def read(run: Run) -> Read:
    def invoke(text: str, *options: str) -> dict[str, Any]:
        done = run(text, *options, "--json")
        assert done.exit_code == 0, done.output
        report: dict[str, Any] = json.loads(done.output)
        return report

    return invoke


def cell(report: dict[str, Any], first: str, second: str) -> float:
    names = report["treatments"]
    value: float = report["league"][names.index(first)][names.index(second)][0]
    return value


def test_reported_ratios_with_intervals_make_a_network(read: Read) -> None:
    rows = "study,treat1,treat2,HR,lower,upper\nS1,A,B,0.5,0.25,1\nS2,B,C,0.5,0.25,1\n"
    report = read(rows)
    assert report["measure"] == "HR"
    assert cell(report, "A", "C") == pytest.approx(0.25)


def test_plain_contrasts_are_never_taken_for_ratios(read: Read) -> None:
    rows = "study,treat1,treat2,te,se\nS1,A,B,-1,0.5\nS2,B,C,-1,0.5\n"
    report = read(rows)
    assert report["measure"] == "GEN"
    assert cell(report, "A", "C") == pytest.approx(-2)
    assert cell(read(rows, "--measure", "OR"), "A", "C") == pytest.approx(0.1353, abs=1e-4)


def test_plain_ratios_called_logarithms_are_asked_about(run: Run) -> None:
    rows = "study,treat1,treat2,yi,lower,upper\nS1,A,B,0.61,0.33,1.11\nS2,A,C,0.82,0.55,1.22\n"
    done = run(rows + "S3,B,C,0.9,0.74,1.11\n", "--measure", "OR")
    assert done.exit_code == 2
    assert "--col-estimate yi" in done.output


def test_arms_of_two_kinds_are_asked_about(run: Run, read: Read) -> None:
    rows = "study,treatment,event,n,mean,sd\nS1,A,5,50,,\nS1,B,10,50,,\nS3,A,3,40,1,2\n"
    rows += "S3,B,4,41,3,2\n"
    done = run(rows)
    assert done.exit_code == 2
    assert "Say what to pool with --measure" in done.output
    assert read(rows, "--measure", "OR")["k"] == 2


def test_a_reference_whose_only_study_was_left_out_is_said(run: Run) -> None:
    rows = "study,treatment,event,n\nS1,A,5,50\nS1,B,10,50\nS4,D,0,20\nS4,A,0,20\n"
    done = run(rows, "--reference", "D")
    assert done.exit_code == 2
    assert "its only study was left out (S4" in done.output
    assert "Choose one of A, B" in done.output
    assert "is not known" in run(rows, "--reference", "E").output


def test_arms_side_by_side_are_arms(read: Read) -> None:
    wide = (
        "study,treat1,event1,n1,treat2,event2,n2,treat3,event3,n3\n"
        "S1,A,10,100,B,20,100,C,15,100\nS2,A,5,50,C,9,50,,,\n"
    )
    tall = "study,treatment,event,n\nS1,A,10,100\nS1,B,20,100\nS1,C,15,100\nS2,A,5,50\nS2,C,9,50\n"
    assert read(wide)["league"] == read(tall)["league"]


def test_arms_and_reported_contrasts_make_one_network(read: Read) -> None:
    rows = (
        "study,treatment,event,n,treat1,treat2,OR,lci,uci\n"
        "S1,A,10,100,,,,,\nS1,B,20,100,,,,,\nS2,,,,B,C,0.5,0.25,1\nS3,,,,a,C,0.5,,\n"
        "S1,,,,A,B,0.1,0.05,0.2\n"
    )
    report = read(rows)
    assert cell(report, "A", "B") == pytest.approx(10 * 80 / (20 * 90))
    assert log(cell(report, "B", "C")) == pytest.approx(log(0.5))
    assert [one["study"] for one in report["left_out"]] == ["S3"]
    assert any("S2" in note and "reported" in note for note in report["notes"])
    assert any("S1" in note and "not used" in note for note in report["notes"])
    assert any("“a”" in note for note in report["notes"])


@pytest.mark.parametrize(
    ("rows", "name", "word"),
    [
        ("S4,A,0,50\nS4,C,0,50\n", "S4", "no events"),
        ("S4,A,0,0\nS4,C,3,50\n", "S4", "zero"),
        ("S4,A,3,50\n", "S4", "one arm"),
        ("S4,A,,50\nS4,C,3,50\n", "S4", "missing"),
    ],
)
def test_a_study_that_says_nothing_is_named(read: Read, rows: str, name: str, word: str) -> None:
    arms = "study,treatment,event,n\nS1,A,10,100\nS1,B,20,100\nS2,A,5,50\nS2,C,9,50\n"
    left_out = read(arms + rows)["left_out"]
    assert [one["study"] for one in left_out] == [name]
    assert word in left_out[0]["reason"]


def test_a_contrast_without_precision_is_named_not_refused(read: Read) -> None:
    rows = "study,treat1,treat2,te,se\nS1,A,B,1,0.5\nS2,B,C,1,0\nS3,A,C,1,\nS4,A,C,0.4,0.2\n"
    assert {one["study"] for one in read(rows)["left_out"]} == {"S2", "S3"}


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ("study,yi,sei\nS1,1,2\n", [], ["arms or contrasts"]),
        ("study,treat1,treat2,te,se\nS1,A,a,1,1\n", [], ["S1: A is compared with itself"]),
        ("study,treat1,treat2,HR,lci,uci\nS1,A,B,1,2,3\n", [], ["outside", "S1: "]),
        (
            "study,treatment,event,n\nS1,A,1,9\nS1,B,2,9\n",
            ["--method", "MH", "--measure", "RR"],
            ["odds ratios"],
        ),
        (
            "study,treatment,event,n\nS1,A,1,9\nS1,B,2,9\n",
            ["--method", "MH", "--reference", "A"],
            ["--reference"],
        ),
    ],
)
def test_what_cannot_be_a_network_is_refused(
    run: Run, rows: str, options: list[str], words: list[str]
) -> None:
    done = run(rows, *options)
    assert done.exit_code == 2
    for word in words:
        assert word in done.output


def test_counts_side_by_side_and_contrasts_are_one_network(run: Run, read: Read) -> None:
    wide = (
        "study,treat1,event1,n1,treat2,event2,n2,te,se\nS1,A,10,100,B,20,100,,\n"
        "S2,a,10,100,C ,22,100,,\nS4,B,,,C,,,0.1,0.3\nS6,A,120,90,B,30,80,,\n"
    )
    arms = (
        "study,treatment,comparator,event,n,te,se\nS1,A,,10,100,,\nS1,B,,20,100,,\n"
        "S2,a,,10,100,,\nS2,C ,,22,100,,\nS4,B,C,,,0.1,0.3\n"
    )
    one, two = read(wide), read(arms)
    assert one["league"] == two["league"]
    assert [left["study"] for left in one["left_out"]] == ["S6"]
    assert "more events than people" in one["sentence"]
    counts = read(wide, "--method", "MH")
    assert [left["study"] for left in counts["left_out"]] == ["S4", "S6"]
    assert run(wide, "--strict").exit_code == 2


def test_measures_and_columns_that_do_not_fit_a_network_are_refused(run: Run) -> None:
    arms = "study,treatment,event,n,mean\nS1,A,1,9,2\nS1,B,2,9,3\n"
    done = run(arms, "--measure", "HR")
    assert done.exit_code == 2
    assert "cannot be computed from arms" in done.output
    assert "treat1" in done.output
    unused = run(arms, "--col-mean", "mean", "--measure", "OR")
    assert unused.exit_code == 2
    assert "--col-mean plays no role" in unused.output
    contrasts = "study,treat1,treat2,te,se\nS1,A,B,1,1\nS2,B,C,1,1\n"
    done = run(contrasts, "--method", "MH")
    assert done.exit_code == 2
    assert "counts of every arm" in done.output


def test_a_study_that_lacks_a_comparison_is_left_out(read: Read) -> None:
    rows = "study,treat1,treat2,te,se\nS1,A,B,1,1\nS2,B,C,1,1\nS3,A,B,1,1\nS3,B,C,1,1\n"
    assert "2 of the 3 comparisons" in read(rows)["left_out"][0]["reason"]


def test_names_that_differ_in_case_or_spaces_are_one_across_the_table(read: Read) -> None:
    rows = (
        "study,treat1,treat2,te,se\nS1,Drug A,Placebo,1,0.5\nS2,DrugA,placebo ,1.2,0.5\n"
        "S3,Drug B,PLACEBO,0.4,0.5\ns3 ,Drug B,drug a,-0.6,0.6\nS3,drug a,Placebo,1,0.6\n"
    )
    report = read(rows)
    assert sorted(report["treatments"]) == ["Drug A", "Drug B", "Placebo"]
    assert report["k"] == 3
    for words in ("“DrugA” was read as “Drug A”.", "“s3” was read as “S3”."):
        assert words in report["notes"]
    assert report["good"] == "large"


STAR = "study,treat1,treat2,te,se{more}\nS1,A,C,1,0.5{first}\nS1,B,C,0.4,0.6{second}\n"
OTHERS = "S2,A,C,0.8,0.4{gap}\nS3,B,C,0.5,0.3{gap}\n"


@pytest.mark.parametrize(
    ("more", "cells"),
    [(",se_baseline", (",0.3", ",0.3")), (",n1,n2", (",20,30", ",22,30"))],
    ids=["variance", "sizes"],
)
def test_two_contrasts_with_a_common_arm_are_a_study_of_three(
    read: Read, more: str, cells: tuple[str, str]
) -> None:
    rows = STAR.format(more=more, first=cells[0], second=cells[1])
    report = read(rows + OTHERS.format(gap="," * more.count(",")), "--measure", "GEN")
    assert report["k"] == 3
    assert report["m"] == 5
    assert report["left_out"] == []
    assert any("S1 (C)" in note for note in report["notes"])


def test_two_contrasts_without_the_variance_are_named_with_the_remedy(read: Read) -> None:
    rows = STAR.format(more="", first="", second="") + OTHERS.format(gap="")
    (left,) = read(rows, "--measure", "GEN")["left_out"]
    assert left["study"] == "S1"
    assert "se_baseline" in left["reason"]


def test_a_study_that_contradicts_itself_is_left_out_unless_strict(run: Run, read: Read) -> None:
    rows = "study,treat1,treat2,te,se\nS1,A,B,0.5,0.3\nS1,A,C,0.9,0.3\nS1,B,C,1.2,0.3\n"
    rows += "S2,A,B,0.4,0.2\n"
    (left,) = read(rows, "--measure", "GEN")["left_out"]
    assert left["study"] == "S1"
    assert "inconsistent" in left["reason"]
    assert run(rows, "--measure", "GEN", "--strict").exit_code == 2


def test_a_network_that_falls_apart_is_refused_until_a_part_is_chosen(run: Run, read: Read) -> None:
    rows = "study,treat1,treat2,te,se\nS1,A,B,0.1,0.2\nS2,A,C,0.2,0.2\nS3,D,E,0.3,0.2\n"
    refused = run(rows, "--measure", "GEN")
    assert refused.exit_code == 2
    assert "A, B, C | D, E" in refused.output
    assert "--part" in refused.output
    report = read(rows, "--measure", "GEN", "--part", "E")
    assert set(report["treatments"]) == {"D", "E"}
    assert {one["study"] for one in report["left_out"]} == {"S1", "S2"}
    assert report["parts"] == [["A", "B", "C"], ["D", "E"]]
