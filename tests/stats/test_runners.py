"""The runners compute cases that say the same in another way, under any name.

``reference/stated_correlations.json`` is what metafor 3.8-1 gives.
"""

import copy
import json
from pathlib import Path

import pytest

from tests.stats import reference_cases
from tests.stats.runners import all_kinds
from tests.stats.test_reference import compare

DATASET = json.loads((Path(__file__).parent / "reference" / "stated_correlations.json").read_text())
CASES = {case["id"].split("/")[1]: case for case in DATASET["cases"]}


@pytest.mark.parametrize("name", CASES)
def test_sampling_correlations_are_taken_from_what_is_stated(name):
    case = CASES[name]
    assert compare(all_kinds()[case["kind"]], (DATASET, case)).wrong == []


def test_columns_of_the_block_say_the_same_as_a_stated_correlation():
    dataset, case = copy.deepcopy(DATASET), copy.deepcopy(CASES["rho-CS"])
    for row in dataset["rows"]:
        block = [r for r in dataset["rows"] if r["study"] == row["study"]]
        for j, other in enumerate(block):
            same = 1.0 if other is row else case["options"]["rho"]
            row[f"v{j + 1}i"] = same * (row["vi"] * other["vi"]) ** 0.5
        row.setdefault("v2i", 0.0)
    del case["options"]["rho"]
    case["options"]["V"] = "block-diagonal"
    assert compare(all_kinds()[case["kind"]], (dataset, case)).wrong == []


@pytest.mark.parametrize("column", ["outcome", "study"])
def test_names_of_levels_do_not_matter(column):
    dataset, case = copy.deepcopy(DATASET), copy.deepcopy(CASES["rho-CS"])
    for row in dataset["rows"]:
        row[column] = f"{row[column]} (renamed)"
    if column == "outcome":
        levels = case["expected"]["outer_levels"]
        case["expected"]["outer_levels"] = [f"{level} (renamed)" for level in levels]
    assert compare(all_kinds()[case["kind"]], (dataset, case)).wrong == []


def test_a_wrong_correlation_is_noticed():
    case = copy.deepcopy(CASES["rho-CS"])
    case["options"]["rho"] = 0.1
    assert compare(all_kinds()[case["kind"]], (DATASET, case)).wrong


def test_a_covariance_stated_in_no_known_way_is_no_independence():
    case = copy.deepcopy(CASES["rho-CS"])
    del case["options"]["rho"]
    assert "no rho, phi or v1i" in compare(all_kinds()[case["kind"]], (DATASET, case)).wrong[0]


def test_files_without_cases_are_passed_over_and_silent_cases_have_defaults(tmp_path, monkeypatch):
    (tmp_path / "a.json").write_text('{"title": "an index"}')
    (tmp_path / "b.json").write_text('{"rows": [], "cases": [{"kind": "pooled", "level": 90}]}')
    monkeypatch.setattr(reference_cases, "FOLDER", tmp_path)
    [(_, case)] = reference_cases.cases_by_kind.__wrapped__()["pooled"]
    assert (case["level"], case["options"], case["tolerance"]["rtol"]) == (90, {}, 1e-6)
