"""Proofs hold for data of any name, and prove nothing that is not so.

``reference/lower_maximum.json`` is what metafor 3.8-1 gives for data with two maxima.
"""

import copy
import json
from pathlib import Path

import pytest

from tests.stats.comparing import differences
from tests.stats.divergences import proof
from tests.stats.divergences_networks import other_maximum
from tests.stats.runners import all_kinds
from tests.stats.test_reference import compare

DATASET = json.loads((Path(__file__).parent / "reference" / "lower_maximum.json").read_text())
CASES = {case["kind"]: case for case in DATASET["cases"]}


@pytest.mark.parametrize("kind", CASES)
def test_values_of_a_lower_maximum_are_proved_to_be_so(kind):
    done = compare(all_kinds()[kind], (DATASET, CASES[kind]))
    assert done.wrong == []
    assert done.proved
    assert all("lower maximum" in line for line in done.proved)


@pytest.mark.parametrize("kind", ["pooled", "leave_one_out"])
def test_a_wrong_estimate_is_not_excused(kind):
    actual = copy.deepcopy(dict(all_kinds()[kind](DATASET, CASES[kind])))
    if kind == "pooled":
        actual["b"] += 0.01
    else:
        actual["b"][0] += 0.01
    found = [
        d for d in differences(CASES[kind]["expected"], actual, 1e-6, 1e-8)[1] if d.path[0] == "b"
    ]
    assert proof(DATASET, CASES[kind], actual, found[0]) is None


def test_a_worse_tau2_is_not_excused():
    case = copy.deepcopy(CASES["pooled"])
    actual = dict(all_kinds()["pooled"](DATASET, case))
    case["expected"], actual = actual, dict(CASES["pooled"]["expected"])
    for difference in differences({"tau2": case["expected"]["tau2"]}, actual, 1e-6, 1e-8)[1]:
        assert proof(DATASET, case, actual, difference) is None


def test_what_does_not_depend_on_tau2_is_not_excused():
    case = CASES["pooled"]
    actual = dict(all_kinds()["pooled"](DATASET, case))
    actual["Q"] += 1
    found = [d for d in differences(case["expected"], actual, 1e-6, 1e-8)[1] if d.path == "Q"]
    assert proof(DATASET, case, actual, found[0]) is None


def test_a_network_at_a_lower_point_is_recognised():
    from reviewtool.stats.network import fit_network, given_contrasts

    y, v = DATASET["rows"], [row["vi"] for row in DATASET["rows"]]
    contrasts = given_contrasts(
        [row["study"] for row in y],
        ["B"] * 6,
        ["A"] * 6,
        [row["yi"] for row in y],
        [x**0.5 for x in v],
    )
    tau2 = fit_network(contrasts, method="ML").tau2
    case = {"method": "ML", "options": {"reference": "A"}}
    assert other_maximum(case, contrasts, 0.0, tau2)
    assert other_maximum(case, contrasts, tau2, 0.0) is None
