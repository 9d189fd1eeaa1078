"""Levels, methods and options of a table: what applies, what is refused, what is advised."""

import numpy as np
import pytest

from reviewtool.stats import pool as pool_effects
from tests.cli.tables import COUNTS, EFFECTS, Read, Run, refused


def test_a_heading_that_names_another_level_is_asked_about(run: Run, read: Read) -> None:
    rows = "study,HR,90% CI low,90% CI high\nA,0.5,0.25,1\nB,0.6,0.3,1.2\n"
    refused(run(rows), "--interval-level 90")
    assert read(rows, "--interval-level", "90")["k"] == 2


def test_levels_of_results_and_of_data_are_two_things(read: Read) -> None:
    rows = "study,HR,LCI,UCI\nA,0.5,0.25,1\nB,0.6,0.3,1.2\n"
    plain, wide = read(rows), read(rows, "--level", "99")
    assert wide["se"] == plain["se"]
    assert wide["ci_low"] < plain["ci_low"]
    assert read(rows, "--interval-level", "90")["se"] > plain["se"]


@pytest.mark.parametrize(
    ("level", "meant"), [("0.95", "95"), ("0.99", "99"), ("5", "95"), ("0,9", "90")]
)
@pytest.mark.parametrize("option", ["--level", "--interval-level"])
def test_a_level_that_is_a_fraction_is_asked_about(
    run: Run, option: str, level: str, meant: str
) -> None:
    refused(run("study,est,lb,ub\nA,1,0,2\n", option, level), f"Did you mean {meant}?")


@pytest.mark.parametrize("level", ["0", "100", "120", "-5", "many"])
def test_a_level_that_is_none_is_refused(run: Run, level: str) -> None:
    refused(run(EFFECTS, "--level", level), level)


INAPT = [
    (COUNTS, ["--prior", "half-normal:0.5", "--method", "MH"], "--prior"),
    (COUNTS, ["--test", "knha", "--method", "MH"], "--test"),
    (COUNTS, ["--subgroup", "study", "--method", "Peto"], "--subgroup"),
    (COUNTS, ["--measure", "RR", "--method", "Peto"], "odds ratios only"),
    (COUNTS, ["--measure", "RD", "--method", "Peto"], "odds ratios only"),
    (EFFECTS, ["--method", "MH"], "pools OR"),
    (COUNTS, ["--method", "EE", "--test", "knha"], "random-effects"),
    (COUNTS, ["--method", "EE", "--common"], "--common"),
    (COUNTS, ["--common-tau2"], "--subgroup"),
    (COUNTS, ["--order", "study"], "--sensitivity"),
    (COUNTS, ["--rho", "0.5"], "--robust"),
    (COUNTS, ["--interval-level", "90"], "--interval-level"),
    (EFFECTS, ["--zero-add", "1"], "zero cells"),
    (EFFECTS, ["--glmm"], "--glmm"),
    (COUNTS, ["--measure", "RD", "--glmm"], "--glmm"),
    (COUNTS, ["--control", "placebo"], "--control"),
    (COUNTS, ["--sheet", "Data"], "--sheet"),
    (COUNTS, ["--subgroup", "region"], "region"),
    (COUNTS, ["--subgroup", "study", "--moderators", "ai"], "moderators"),
    (COUNTS, ["--test", "bootstrap"], "bootstrap"),
    ("study,yi,sei,x\nA,1,1,3\n", ["--col-mean", "x"], "--col-mean plays no role"),
    (EFFECTS, ["--col-treat1", "study"], "--col-treat1 plays no role"),
    (COUNTS, ["--subgroup", ""], "--subgroup is empty"),
    (COUNTS, ["--moderators", " , "], "--moderators is empty"),
    (COUNTS, ["--digits", "2", "--json"], "--digits"),
    ("study,yi,sei,g\nA,1,1,x\nB,2,1,x\n", ["--subgroup", "g"], "nothing to compare"),
    (COUNTS, ["--plot-kind", "forest"], "--plot"),
    (COUNTS, ["--plot", "forest.gif"], ".svg"),
    (COUNTS, ["--plot", "network:a.svg"], "network"),
    (COUNTS, ["--plot", "/no/such/folder/forest.svg"], "cannot be written"),
    (COUNTS, ["--output", "/no/such/folder/a.txt"], "cannot be written"),
    (EFFECTS, ["--plot", "labbe:a.svg"], "events"),
    (EFFECTS, ["--plot", "bubble:a.svg"], "--moderators"),
]


@pytest.mark.parametrize(("content", "options", "word"), INAPT)
def test_options_that_do_not_apply_are_refused(
    run: Run, content: str, options: list[str], word: str
) -> None:
    refused(run(content, *options), word)


# The test that is advised ------------------------------------------------------------


def test_hartung_knapp_is_the_default_where_it_is_advised(read: Read) -> None:
    unlike = read(EFFECTS)
    assert unlike["test"] == "knha"
    wald = pool_effects([-0.5, 0.3, 0.1], np.array([0.2, 0.2, 0.25]) ** 2, test="z")
    assert unlike["wald"]["ci_low"] == pytest.approx(wald.ci_low)
    assert read("study,yi,sei\nA,0.1,0.2\nB,0.9,0.2\n")["test"] == "z"
    assert read("study,yi,sei\nA,0.1,0.2\nB,0.1,0.2\nC,0.11,0.2\n")["test"] == "z"
    assert read(EFFECTS, "--method", "EE")["test"] == "z"
    assert read(EFFECTS, "--test", "z")["test"] == "z"


def test_a_common_effect_has_no_prediction_interval(run: Run) -> None:
    assert "Prediction interval" in run(EFFECTS).output
    assert "Prediction interval" not in run(EFFECTS, "--method", "EE").output
