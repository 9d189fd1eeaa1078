"""The scripts of a network find every number, in base R and in numpy."""

from dataclasses import replace

import pytest

from reviewtool.synthesis.rules.network.analysis import analyse_network
from reviewtool.synthesis.rules.network.arms import arms_of
from reviewtool.synthesis.rules.pooling import Settings
from reviewtool.synthesis.scripts import network
from tests.synthesis.rules.test_network import TRIALS, analysed, arm
from tests.synthesis.scripts.conftest import in_python, in_r, numbers, passes, run_of, write
from tests.synthesis.scripts.test_pairwise import changed

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
# Beside them a part that no study connects with the rest.
APART = [
    *LOOSE,
    arm(20, 1, "laser", 12, 40),
    arm(20, 2, "wait list", 8, 41),
    arm(21, 1, "laser", 15, 44),
    arm(21, 2, "wait list", 3, 39),
]
PLANS = [
    {"measure": "OR", "method": "REML"},
    {"measure": "OR", "method": "ML"},
    {"measure": "OR", "method": "DL"},
    {"measure": "RR", "method": "REML"},
    {"measure": "RD", "method": "REML"},
    {"measure": "OR", "model": "common"},
    {"measure": "OR", "method": "REML", "level": 90.0},
]


def ids(plan):
    return " ".join(str(value) for value in plan.values())


def of_part(part):
    names = ["sumatriptan", "eletriptan", "placebo", "laser", "wait list"]
    return analyse_network(
        arms_of(APART, names, [""]).arms,
        Settings(measure="OR"),
        treatments=names,
        comparators=["placebo"],
        lower_is_better=False,
        part=part,
    )


def guarded():
    """A network whose treatments a spreadsheet would run as formulas."""
    names = {"placebo": "=placebo", "sumatriptan": "'-suma", "eletriptan": '@ele "x"'}
    rows = [replace(row, treatment=names.get(row.treatment.lower(), "+x")) for row in LOOSE]
    return analyse_network(
        arms_of(rows, list(names.values()), [""]).arms,
        Settings(measure="OR"),
        treatments=list(names.values()),
        comparators=["=placebo"],
        lower_is_better=False,
    )


CASES = {
    "part": lambda: of_part(""),
    "other part": lambda: of_part("laser"),
    "guarded": guarded,
    "few studies": lambda: analysed(TRIALS[:4], measure="OR"),
}


def test_the_data_hold_every_contrast_of_every_study():
    rows = network.data_csv(analysed(LOOSE, measure="OR")).decode().splitlines()
    assert rows[0] == "study,treat1,treat2,yi,sei"
    assert len(rows) == 1 + 1 + 1 + 1 + 3 + 1 + 1 + 3 + 1


def test_direct_and_indirect_evidence_add_up_to_the_network():
    for one in analysed(LOOSE, measure="OR").splits:
        if one.p is not None:
            joined = one.share * one.direct + (1 - one.share) * one.indirect
            assert joined == pytest.approx(one.network, abs=1e-10)


@pytest.mark.parametrize("lower", [True, False], ids=["lower better", "higher better"])
@pytest.mark.parametrize("plan", PLANS, ids=ids)
def test_python_finds_every_number(tmp_path, capsys, plan, lower):
    result = analysed(LOOSE, lower=lower, **plan)
    if plan.get("model") != "common" and plan["measure"] != "RD":
        assert result.tau2 > 0
    where = write(tmp_path / "it", run_of(result))
    assert len(numbers(where)) > 60
    assert passes(in_python(where, capsys), where)


@pytest.mark.r
@pytest.mark.parametrize("lower", [True, False], ids=["lower better", "higher better"])
@pytest.mark.parametrize("plan", PLANS, ids=ids)
def test_r_finds_every_number(tmp_path, plan, lower):
    where = write(tmp_path / "it", run_of(analysed(LOOSE, lower=lower, **plan)))
    assert passes(in_r(where), where)


@pytest.mark.parametrize("case", CASES)
def test_python_finds_every_number_of_special_networks(tmp_path, capsys, case):
    where = write(tmp_path / "it", run_of(CASES[case]()))
    assert passes(in_python(where, capsys), where)


@pytest.mark.r
@pytest.mark.parametrize("case", CASES)
def test_r_finds_every_number_of_special_networks(tmp_path, case):
    where = write(tmp_path / "it", run_of(CASES[case]()))
    assert passes(in_r(where), where)


def test_names_are_guarded_in_the_data(tmp_path):
    where = write(tmp_path / "it", run_of(guarded()))
    assert b"'=placebo" in (where / "data.csv").read_bytes()


MOVED = "eletriptan versus placebo, estimate"


def test_python_says_fail_when_a_number_was_changed(tmp_path, capsys):
    where = write(tmp_path / "it", run_of(analysed(LOOSE, measure="OR")))
    changed(where, MOVED, 1e-4)
    status, output = in_python(where, capsys)
    assert status == 1
    assert [x for x in output.splitlines() if x.startswith("FAIL")][0].startswith(f"FAIL {MOVED}")


@pytest.mark.r
def test_r_says_fail_when_a_number_was_changed(tmp_path):
    where = write(tmp_path / "it", run_of(analysed(LOOSE, measure="OR")))
    changed(where, MOVED, 1e-4)
    status, output = in_r(where)
    assert status == 1
    assert [x for x in output.splitlines() if x.startswith("FAIL")][0].startswith(f"FAIL {MOVED}")
