"""The R script of a network reproduces its numbers, in base R, for every estimator."""

import shutil
import subprocess
from dataclasses import replace
from types import SimpleNamespace

import pytest

from reviewtool.synthesis.rules.network.analysis import analyse_network
from reviewtool.synthesis.rules.network.arms import arms_of
from reviewtool.synthesis.rules.pooling import Settings
from reviewtool.synthesis.scripts import network
from tests.synthesis.rules.test_network import TRIALS, analysed, arm

# Studies of two, three and four arms that disagree, so that tau2 is above zero.
LOOSE = [
    *TRIALS,
    arm(6, 1, "eletriptan", 20, 90),
    arm(6, 2, "placebo", 18, 95),
    arm(7, 1, "sumatriptan", 55, 80),
    arm(7, 2, "placebo", 8, 82),
    arm(8, 1, "sumatriptan", 12, 70),
    arm(8, 2, "eletriptan", 41, 75),
    arm(8, 3, "placebo", 9, 71),
    arm(9, 1, "eletriptan", 0, 30),
    arm(9, 2, "placebo", 3, 31),
]


def files(result):
    """The script and its data, as the product writes them."""
    run = SimpleNamespace(
        id=1, result=result, inputs_hash="0" * 64, software={"reviewtool": "0"}, settings={}
    )
    line = SimpleNamespace(title="Pain free: a “network”\nof triptans")
    return network.script(line, run, result, "d.csv"), network.data_csv(result)


def test_the_data_hold_every_contrast_of_every_study():
    result = analysed(LOOSE, measure="OR")
    rows = network.data_csv(result).decode().splitlines()
    assert rows[0] == "study,treat1,treat2,yi,sei"
    assert len(rows) == 1 + 1 + 1 + 1 + 3 + 1 + 1 + 3 + 1


def test_direct_and_indirect_evidence_add_up_to_the_network():
    for one in analysed(LOOSE, measure="OR").splits:
        if one.p is not None:
            joined = one.share * one.direct + (1 - one.share) * one.indirect
            assert joined == pytest.approx(one.network, abs=1e-10)


@pytest.mark.r
@pytest.mark.parametrize(
    "settings",
    [
        {"measure": "OR", "method": "REML"},
        {"measure": "OR", "method": "ML"},
        {"measure": "OR", "method": "DL"},
        {"measure": "RR", "method": "REML"},
        {"measure": "RD", "method": "REML"},
        {"measure": "OR", "model": "common"},
        {"measure": "OR", "method": "REML", "level": 90.0},
    ],
    ids=lambda s: " ".join(str(v) for v in s.values()),
)
@pytest.mark.parametrize("lower", [True, False], ids=["lower better", "higher better"])
def test_the_script_reproduces_every_number_in_r(tmp_path, settings, lower):
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    result = analysed(LOOSE, lower=lower, **settings)
    if settings.get("model") != "common" and settings["measure"] != "RD":
        assert result.tau2 > 0
    script, data = files(result)
    (tmp_path / "d.R").write_text(script)
    (tmp_path / "d.csv").write_bytes(data)
    done = subprocess.run(["Rscript", "d.R"], cwd=tmp_path, capture_output=True, text=True)
    assert "numbers were reproduced." in done.stdout, done.stderr
    assert int(done.stdout.split(" numbers were")[0].split()[-1]) > 25


@pytest.mark.r
def test_names_that_are_guarded_in_the_data_are_whole_again_in_r(tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    names = {"placebo": "=placebo", "sumatriptan": "'-suma", "eletriptan": "@ele"}
    rows = [replace(row, treatment=names.get(row.treatment.lower(), "+x")) for row in LOOSE]
    result = analyse_network(
        arms_of(rows, list(names.values()), [""]).arms,
        Settings(measure="OR"),
        treatments=list(names.values()),
        comparators=["=placebo"],
        lower_is_better=False,
    )
    script, data = files(result)
    assert b"'=placebo" in data
    (tmp_path / "d.R").write_text(script)
    (tmp_path / "d.csv").write_bytes(data)
    done = subprocess.run(["Rscript", "d.R"], cwd=tmp_path, capture_output=True, text=True)
    assert "numbers were reproduced." in done.stdout, done.stderr


@pytest.mark.r
def test_the_script_stops_when_a_number_was_changed(tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    result = analysed(LOOSE, measure="OR")
    cell = result.league["eletriptan"]["placebo"]
    changed = cell.model_copy(update={"estimate": cell.estimate + 1e-4})
    row = {**result.league["eletriptan"], "placebo": changed}
    result = result.model_copy(update={"league": {**result.league, "eletriptan": row}})
    script, data = files(result)
    (tmp_path / "d.R").write_text(script)
    (tmp_path / "d.csv").write_bytes(data)
    done = subprocess.run(["Rscript", "d.R"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "eletriptan versus placebo" in done.stderr
