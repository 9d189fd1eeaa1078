"""From agreed arms to pooled numbers: the reference cases, through the synthesis rules.

Every ``pooled`` case of the given files for the measures and estimators that a planned
analysis offers, at the case's own tolerance.
"""

import json

import pytest

from reviewtool.synthesis.rules.pairwise import Inputs, Settings, analyse
from reviewtool.synthesis.rules.selection import Group, Row
from tests.conftest import REFERENCE

FILE = REFERENCE / "stats" / "bcg.json"


def cases():
    if not FILE.exists():
        return []
    found = json.loads(FILE.read_text())
    return [
        pytest.param(found["rows"], case, id=case["id"])
        for case in found["cases"]
        if case["kind"] == "pooled"
        and case["measure"] in {"OR", "RR", "RD"}
        and case["method"] in {"EE", "DL", "REML", "PM", "ML", "EB", "SJ", "HE", "HS"}
        and case["test"] in {"z", "knha", "t", "adhoc"}
        and case["options"].get("add", 0.5) == 0.5
        and case["options"].get("to", "only0") == "only0"
    ]


@pytest.mark.skipif(not FILE.exists(), reason="no reference data: set REVIEWTOOL_REFERENCE")
@pytest.mark.parametrize(("rows", "case"), cases())
def test_a_planned_analysis_gives_the_reference_values(rows, case):
    inputs = Inputs(
        tuple(
            Row(
                i,
                r["study"],
                r["year"],
                "vaccine",
                "control",
                Group(r["ai"], r["n1i"]),
                Group(r["ci"], r["n2i"]),
            )
            for i, r in enumerate(rows)
        )
    )
    settings = Settings(
        measure=case["measure"],
        model="common" if case["method"] == "EE" else "random",
        method=case["method"],
        test=case["test"],
        level=case["level"],
    )
    pooled, expected = analyse(inputs, settings).pooled, case["expected"]
    names = {
        "estimate": "estimate",
        "se": "se",
        "ci_low": "ci_lb",
        "ci_high": "ci_ub",
        "tau2": "tau2",
        "i2": "I2",
        "q": "Q",
    }
    compared = 0
    for ours, theirs in names.items():
        theirs = theirs if theirs in expected else ours
        if expected.get(theirs) is None:
            continue
        tolerance = case["tolerance"]
        assert getattr(pooled, ours) == pytest.approx(
            expected[theirs], rel=tolerance["rtol"], abs=tolerance["atol"]
        ), ours
        compared += 1
    assert compared >= 4
