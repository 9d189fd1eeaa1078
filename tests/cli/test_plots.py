"""--plot: a file for each kind of chart, or a sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reviewtool.cli.commands import cli

COUNTS = """study,ai,n1i,ci,n2i,region,dose
Aronson 1948,10,100,20,100,north,1
Ferguson 1949,15,120,25,118,south,2
Hart 1977,5,60,9,64,north,3
Stein 1953,52,200,30,205,south,5
Empty,0,40,0,41,south,4
"""
ARMS = """study,treatment,event,n
S1,A,10,100
S1,B,20,100
S2,A,8,90
S2,C,19,95
S3,B,14,80
S3,C,22,85
"""
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def invoke(command: str, text: str, *options: str) -> Result:
        Path("rows.csv").write_text(text)
        return CliRunner().invoke(cli, [command, "rows.csv", *options])

    return invoke


@pytest.mark.parametrize("kind", ["forest", "funnel", "baujat", "labbe", "bubble"])
@pytest.mark.parametrize(
    ("format", "start"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("tiff", b"II*\x00")],
)
def test_each_plot_of_studies_is_drawn_in_each_format(
    run: Run, kind: str, format: str, start: bytes
) -> None:
    done = run("pool", COUNTS, "--plot", f"{kind}:out.{format}", "--moderators", "dose")
    assert done.exit_code == 0, done.output
    assert start in Path(f"out.{format}").read_bytes()[:400]


@pytest.mark.parametrize(
    "kind", ["network", "rankogram", "forest", "splits", "contributions", "heat", "funnel"]
)
def test_each_plot_of_a_network_is_drawn(run: Run, kind: str) -> None:
    done = run("network", f"{ARMS}S4,A,9,80\nS4,B,15,82\n", "--plot", f"{kind}:out.svg")
    assert done.exit_code == 0, done.output
    assert b"<svg" in Path("out.svg").read_bytes()[:400]


def test_the_kind_is_said_by_the_option_or_by_the_name_of_the_file(run: Run) -> None:
    run("pool", COUNTS, "--plot", "funnel.svg", "--plot", "a.svg")
    assert "Funnel plot" in Path("funnel.svg").read_text()
    assert "Forest plot" in Path("a.svg").read_text()
    run("pool", COUNTS, "--plot", "a.svg", "--plot-kind", "baujat")
    assert "Baujat plot" in Path("a.svg").read_text()


def test_the_forest_plot_shows_subgroups_arms_and_who_was_left_out(run: Run) -> None:
    run("pool", COUNTS, "--plot", "forest.svg", "--subgroup", "region", "--common")
    text = Path("forest.svg").read_text()
    for words in ("north", "south", "10/100", "Subtotal", "common effect", "Empty", "no events"):
        assert words in text
    run(
        "pool",
        ARMS.replace("S3,B", "S3,A").replace("S2,C", "S2,B").replace("S3,C", "S3,B"),
        "--plot",
        "forest.svg",
    )
    text = Path("forest.svg").read_text()
    assert ">A<" in text
    assert ">B<" in text


def test_baujat_numbers_are_shares_of_q(run: Run) -> None:
    from reviewtool.cli.statistics import plots
    from reviewtool.cli.statistics.analysis import analyse
    from reviewtool.cli.statistics.question import Question
    from reviewtool.stats.sheets import read_sheet

    done = analyse(read_sheet(COUNTS), Question())
    chart = plots.baujat(done, Question())
    shares = [study.heterogeneity for study in chart.studies]
    assert sum(shares) == pytest.approx(done.result.q)
    report = json.loads(run("pool", COUNTS, "--json", "--sensitivity", "leave-one-out").output)
    heaviest = max(chart.studies, key=lambda study: study.influence).label
    shifts = {
        one["study"]: abs(one["estimate"] - report["shown"]["estimate"])
        for one in report["sensitivity"]["leave_one_out"]
    }
    assert heaviest == max(shifts, key=lambda name: shifts[name])


def test_what_cannot_be_drawn_is_refused_before_anything_is_written(run: Run) -> None:
    for options in (
        ["--plot", "a.gif"],
        ["--plot", "pie:a.svg"],
        ["--plot", "forest:a.svg", "--plot", "bubble:b.svg"],
    ):
        done = run("pool", COUNTS, *options)
        assert done.exit_code == 2
        assert not Path("a.svg").exists()


def test_plots_of_a_network_name_the_good_direction_and_who_is_left_out(tmp_path: Path) -> None:
    table, drawn = tmp_path / "n.csv", {k: tmp_path / f"{k}.svg" for k in ("network", "rankogram")}
    table.write_text(
        "study,treatment,event,n\nS1,A,10,100\nS1,B,20,102\nS2,B,5,60\nS2,C,9,64\n"
        "S3,A,90,31\nS3,B,3,31\n"
    )
    plots = [word for kind, path in drawn.items() for word in ("--plot", f"{kind}:{path}")]
    done = CliRunner().invoke(cli, ["network", str(table), *plots])
    assert done.exit_code == 0, done.output
    for path in drawn.values():
        assert "Left out: S3" in path.read_text()
    assert "large values are good" in drawn["rankogram"].read_text()
