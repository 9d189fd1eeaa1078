"""``reviewtool over-time``: the same rules as the pages, on a table."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from reviewtool.cli.statistics import over_time

ISHAK = Path(os.environ.get("REVIEWTOOL_REFERENCE", "")) / "stats" / "ishak2007.json"


def run(*arguments):
    return CliRunner().invoke(over_time, [str(one) for one in arguments])


@pytest.fixture
def table(tmp_path):
    if not ISHAK.is_file():
        pytest.skip("REVIEWTOOL_REFERENCE does not name the reference data")
    rows = json.loads(ISHAK.read_text())["rows"]
    path = tmp_path / "d.csv"
    cells = [f'"{r["study"]}";{r["time"]};{r["yi"]};{r["vi"]}' for r in rows]
    path.write_text("study;time;yi;vi\n" + "\n".join(cells))
    return path


def test_the_published_values_come_out_of_a_table(table):
    (case,) = [
        c for c in json.loads(ISHAK.read_text())["cases"] if c["id"].endswith("timepoints-CS-REML")
    ]
    asked = ("--structure", "CS", "--pattern", "decaying", "--rho", 0.97, "--test", "z", "--json")
    said = run(table, *asked)
    assert said.exit_code == 0, said.output
    found = json.loads(said.output)
    assert [one["estimate"] for one in found["times"]] == pytest.approx(
        case["expected"]["b"], rel=2e-4
    )
    assert [one["timepoint"] for one in found["times"]] == [
        "1 month",
        "2 months",
        "3 months",
        "4 months",
    ]


def test_the_text_says_what_was_done(table):
    said = run(table)
    assert said.exit_code == 0, said.output
    assert "82 results of 46 studies at 4 time points were analysed together" in said.output
    assert "unstructured" in said.output
    assert "With another stated correlation" in said.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--rho", "1.5"], "a number from 0 to below 1"),
        (["--method", "DL"], "Choose one of: REML, ML, EE"),
        (["--pattern", "wavy"], "choose one of constant, decaying"),
        (["--time", "when"], "when"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path, arguments, words):
    path = tmp_path / "d.csv"
    path.write_text("study,time,yi,vi\nA,1,1,1\nA,2,1,1\nB,1,2,1\nB,2,2,1\n")
    said = run(path, *arguments)
    assert said.exit_code == 2
    assert words in said.output
    assert "Traceback" not in said.output


def test_a_table_with_one_time_point_is_refused(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("study,week,yi,se\nA,1,1,1\nB,1,2,1\n")
    said = run(path)
    assert said.exit_code == 2
    assert "two time points or more" in said.output
