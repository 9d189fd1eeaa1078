"""Every row of the reference GRADE rules: exact ones and this product's suggestions."""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewtool.certainty.rules import absolute, information, level, statements, suggestions

Given = dict[str, Any]


def absolute_effect(given: Given) -> Given:
    found = absolute.absolute_effect(**given)
    return {
        **vars(found),
        "display_risk": found.display_risk,
        "display_diff": found.display_diff,
    }


def nnt(given: Given) -> Given:
    found = absolute.nnt(
        given["acr_per_1000"], given["cir_per_1000"], harmful=given["outcome"] == "harmful"
    )
    return {"nnt_unrounded": found.unrounded, "nnt": found.number, "label": found.label}


def ois_dichotomous(given: Given) -> Given:
    found = information.ois_dichotomous(**given)
    return {"p1": found.intervention_risk, **_sizes(found)}


def ois_continuous(given: Given) -> Given:
    return _sizes(information.ois_continuous(**given))


def _sizes(found: information.InformationSize) -> Given:
    return {
        "n_per_group_unrounded": found.per_group_unrounded,
        "n_per_group": found.per_group,
        "ois_total": found.total,
    }


def certainty(given: Given) -> Given:
    found = level.certainty(level.Design(given["design"]), given["downgrade"], given["upgrade"])
    return {
        "start": found.start.value,
        "certainty": found.level.value if found.level else None,
        "error": found.error,
        "warnings": found.warnings,
    }


def suggest_imprecision(given: Given) -> Given:
    relative = given.pop("relative", None)
    four = (
        None
        if relative is None
        else (relative["measure"], relative["estimate"], relative["lower"], relative["upper"])
    )
    return {"downgrade": suggestions.suggest_imprecision(relative=four, **given).steps}


def suggest_risk_of_bias(given: Given) -> Given:
    found = suggestions.suggest_risk_of_bias(**given)
    return {**found.inputs, "downgrade": found.steps}


def suggest_publication_bias(given: Given) -> Given:
    found = suggestions.suggest_publication_bias(**given)
    return {"downgrade": found.steps, "test_run": found.inputs["test_run"]}


def narrative(given: Given) -> Given:
    return {"text": statements.narrative(level.Level(given.pop("certainty")), **given)}


def effect_size_class(given: Given) -> Given:
    return vars(statements.effect_size_class(given["diff_per_1000"], given["thresholds"]))


FUNCTIONS: dict[str, Callable[[Given], Given]] = {
    "absolute_effect": absolute_effect,
    "nnt": nnt,
    "ois_dichotomous": ois_dichotomous,
    "ois_continuous": ois_continuous,
    "certainty": certainty,
    "suggest_risk_of_bias": suggest_risk_of_bias,
    "suggest_inconsistency": lambda given: {
        "downgrade": suggestions.suggest_inconsistency(**given).steps
    },
    "suggest_imprecision": suggest_imprecision,
    "suggest_imprecision_relative": lambda given: {
        "downgrade": suggestions.suggest_imprecision_relative(**given).steps
    },
    "suggest_publication_bias": suggest_publication_bias,
    "suggest_large_effect": lambda given: {
        "upgrade": suggestions.suggest_large_effect(**given).steps
    },
    "narrative": narrative,
    "effect_size_class": effect_size_class,
}


@pytest.fixture
def rows(reference: Path) -> list[dict[str, Any]]:
    files = sorted((reference / "methods").glob("grade_vectors*.csv"))
    if not files:
        pytest.skip("no grade_vectors.csv in the reference folder")
    found: list[dict[str, Any]] = []
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            found += csv.DictReader(lines)
    return found


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, float) and isinstance(found, int | float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)
    return bool(found == expected)


def test_every_row_names_a_function_we_have(rows: list[dict[str, Any]]) -> None:
    assert {row["function"] for row in rows} <= FUNCTIONS.keys()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_rows_of_each_function_hold(rows: list[dict[str, Any]], function: str) -> None:
    own = [row for row in rows if row["function"] == function]
    if not own:
        pytest.skip(f"no rows for {function}")
    wrong = []
    for row in own:
        found = FUNCTIONS[function](json.loads(row["inputs"]))
        expected = json.loads(row["expected"])
        if not all(same(found.get(key), value) for key, value in expected.items()):
            wrong.append((row["id"], found, expected))
    assert not wrong
