"""The commands pool and network: files in, tables and JSON out, bad cells named."""

import json
from collections.abc import Callable
from math import exp
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reviewtool.cli.statistics import network, pool
from reviewtool.stats import effect_sizes
from reviewtool.stats import pool as pool_effects
from reviewtool.stats.bayes import pool_bayes, prior_named

Run = Callable[..., Result]

WIDE = """study,ai,n1i,ci,n2i,region,dose
A,10,100,20,100,north,1
B,15,120,25,118,south,2
C,5,60,9,64,north,3
D,8,40,13,41,south,4
E,22,200,30,205,south,5
"""
ARMS = """Author;Arm;Events;Total
A;drug;10;100
A;placebo;20;100
B;drug;15;120
B;placebo;25;118
"""
NETWORK = """study,treatment,mean,sd,n
S1,A,1.0,1.0,50
S1,B,1.5,1.1,52
S2,A,0.8,1.2,40
S2,C,1.9,1.0,41
S3,B,1.4,0.9,60
S3,C,1.7,1.0,58
S4,A,1.1,1.0,30
S4,B,1.4,1.0,31
S4,C,1.8,1.1,29
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def invoke(command: object, text: str | bytes, *options: str) -> Result:
        path = tmp_path / "rows.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return CliRunner().invoke(command, [str(path), *options])  # type: ignore[arg-type]

    return invoke


def test_pool_gives_the_library_numbers_as_json(run: Run) -> None:
    result = run(pool, WIDE, "--measure", "OR", "--method", "REML", "--test", "knha", "--json")
    es = effect_sizes(
        "OR",
        ai=[10, 15, 5, 8, 22],
        n1i=[100, 120, 60, 40, 200],
        ci=[20, 25, 9, 13, 30],
        n2i=[100, 118, 64, 41, 205],
    )
    wanted = pool_effects(es.y, es.v, method="REML", test="knha")
    report = json.loads(result.output)
    assert report["estimate"] == wanted.estimate
    assert report["ci_low"] == wanted.ci_low
    assert report["tau2"] == wanted.tau2
    assert [s["study"] for s in report["studies"]] == list("ABCDE")


def test_pool_prints_a_table_with_a_methods_sentence(run: Run) -> None:
    result = run(pool, WIDE)
    assert result.exit_code == 0
    assert "Pooled" in result.output
    assert "restricted maximum-likelihood" in result.output


def test_arms_with_semicolons_and_other_headings_give_the_same_as_wide_rows(run: Run) -> None:
    wide = "study,ai,n1i,ci,n2i\nA,10,100,20,100\nB,15,120,25,118\n"
    one, two = (json.loads(run(pool, t, "--json").output) for t in (ARMS, wide))
    assert one["estimate"] == two["estimate"]
    assert one["ci_high"] == two["ci_high"]


def test_reported_ratios_with_intervals_pool_on_the_log_scale(run: Run) -> None:
    rows = "study,estimate,lower,upper\nA,0.5,0.25,1.0\nB,0.5,0.25,1.0\n"
    report = json.loads(run(pool, rows, "--measure", "HR", "--method", "EE", "--json").output)
    assert report["shown"]["estimate"] == pytest.approx(0.5)


def test_subgroups_and_moderators_are_reported(run: Run) -> None:
    groups = json.loads(run(pool, WIDE, "--subgroup", "region", "--json").output)["subgroups"]
    assert [g["level"] for g in groups["groups"]] == ["north", "south"]
    model = json.loads(run(pool, WIDE, "--moderators", "dose, region", "--json").output)
    assert [t["name"] for t in model["regression"]["terms"]] == ["intrcpt", "dose", "regionsouth"]


@pytest.mark.parametrize("method", ["MH", "Peto"])
def test_counts_pool_without_variances(run: Run, method: str) -> None:
    report = json.loads(run(pool, WIDE, "--method", method, "--json").output)
    assert 0.4 < report["shown"]["estimate"] < 0.8


def test_an_empty_cell_leaves_the_study_out_and_says_so(run: Run) -> None:
    result = run(pool, WIDE.replace("C,5,60", "C,,60"), "--json")
    report = json.loads(result.output)
    assert report["k"] == 4
    assert any("C" in warning for warning in report["warnings"])


@pytest.mark.parametrize("prior", ["half-normal:0.5", "turner2015:pain", "log-normal:-2:1.5"])
def test_a_prior_adds_the_bayesian_answer(run: Run, prior: str) -> None:
    report = json.loads(run(pool, WIDE, "--prior", prior, "--json").output)["bayes"]
    es = effect_sizes(
        "OR",
        ai=[10, 15, 5, 8, 22],
        n1i=[100, 120, 60, 40, 200],
        ci=[20, 25, 9, 13, 30],
        n2i=[100, 118, 64, 41, 205],
    )
    wanted = pool_bayes(es.y, es.v, prior_named(prior))
    assert report["mu"] == pytest.approx(list(wanted.mu))
    assert report["shown"]["mu"][0] == pytest.approx(exp(wanted.mu.median))
    assert len(report["shrinkage"]) == 5
    assert "Bayesian mean effect" in run(pool, WIDE, "--prior", prior).output


BAD_POOL = [
    ("C,5,60,9", "C,five,60,9", [], ["Row 4", "ai", "five"]),
    ("C,5,60,9", "C,-5,60,9", ["--strict"], ["Row 4", "ai", "-5"]),
    ("C,5,60,9", "C,65,60,9", ["--strict"], ["Row 4", "ai", "65"]),
    ("C,5,60,9,64,north,3", "C,5,60,9,64,north", [], ["Row 4", "6 cells"]),
    ("ci", "controls", [], ["ci"]),
    ("A,10", "A,10", ["--measure", "XX"], ["XX", "OR"]),
    ("A,10", "A,10", ["--method", "BLUP"], ["BLUP", "REML"]),
    ("A,10", "A,10", ["--subgroup", "country"], ["country", "region"]),
    ("A,10", "A,10", ["--level", "100"], ["100"]),
    ("A,10", "A,10", ["--prior", "half-normal"], ["half-normal:0.5"]),
    ("A,10", "A,10", ["--prior", "turner2015:tea"], ["tea", "pain"]),
    ("A,10", "A,10", ["--prior", "flat"], ["flat", "half-cauchy"]),
]


@pytest.mark.parametrize(("old", "new", "options", "words"), BAD_POOL)
def test_bad_input_exits_2_naming_row_and_column(
    run: Run, old: str, new: str, options: list[str], words: list[str]
) -> None:
    result = run(pool, WIDE.replace(old, new), *options)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.output


def test_three_arms_are_refused_by_pool_with_the_way_out(run: Run) -> None:
    result = run(pool, ARMS + "B;other;1;10\n")
    assert result.exit_code == 2
    assert "Row 6" in result.output
    assert "network" in result.output


@pytest.mark.parametrize("text", ["", "study,ai\n", b"\xff\xfe\x00study"])
def test_files_without_rows_are_refused(run: Run, text: str | bytes) -> None:
    result = run(pool, text)
    assert result.exit_code == 2
    assert result.output.strip()


def test_network_prints_ranks_and_every_comparison(run: Run) -> None:
    result = run(network, NETWORK, "--measure", "MD", "--reference", "A")
    assert result.exit_code == 0
    for words in ("P-score", "B vs A", "Q between designs"):
        assert words in result.output or words.replace("B vs A", "A vs B") in result.output


def test_network_gives_json_with_a_league_table(run: Run) -> None:
    report = json.loads(run(network, NETWORK, "--measure", "MD", "--json").output)
    assert sorted(report["treatments"]) == ["A", "B", "C"]
    assert report["treatments"][0] == "C"  # the largest effect is the best
    first, second = report["league"][0][1], report["league"][1][0]
    assert first[0] == pytest.approx(-second[0])


def test_network_reads_contrasts(run: Run) -> None:
    rows = "study,treat1,treat2,te,se\nS1,A,B,1,0.5\nS2,B,C,1,0.5\n"
    report = json.loads(run(network, rows, "--measure", "MD", "--json").output)
    assert report["k"] == 2
    assert report["tau2"] == 0


def test_network_of_rare_events_uses_mantel_haenszel(run: Run) -> None:
    rows = ARMS.replace(";", ",") + "C,placebo,3,50\nC,other,6,50\n"
    report = json.loads(run(network, rows, "--method", "MH", "--json").output)
    assert report["method"] == "MH"
    assert len(report["treatments"]) == 3


BAD_NETWORK = [
    ("S2,C,1.9,1.0,41", "S2,C,1.9,-1,41", ["--strict"], ["Row 5", "sd"]),
    ("S2,C,1.9,1.0,41", "S2,,1.9,1.0,41", [], ["Row 5", "treatment"]),
    ("S2,C,1.9,1.0,41", "S2,A,1.9,1.0,41", [], ["S2", "twice"]),
    ("S1,A,1.0", "S1,A,1.0", ["--reference", "Z"], ["Z", "A, B, C"]),
    ("S1,A,1.0", "S1,A,1.0", ["--model", "mixed"], ["mixed", "random"]),
    ("S1,A,1.0", "S1,A,1.0", ["--measure", "OR"], ["event"]),
]


@pytest.mark.parametrize(("old", "new", "options", "words"), BAD_NETWORK)
def test_bad_networks_exit_2_naming_what_is_wrong(
    run: Run, old: str, new: str, options: list[str], words: list[str]
) -> None:
    result = run(network, NETWORK.replace(old, new), *["--measure", "MD", *options])
    assert result.exit_code == 2
    for word in words:
        assert word in result.output


def test_a_disconnected_network_names_its_parts(run: Run) -> None:
    rows = "study,treat1,treat2,te,se\nS1,A,B,1,0.5\nS2,C,D,1,0.5\n"
    result = run(network, rows)
    assert result.exit_code == 2
    assert "A, B | C, D" in result.output
