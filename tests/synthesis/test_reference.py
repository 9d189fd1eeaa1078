"""From agreed arms to pooled numbers: the reference cases, through the synthesis rules.

Every ``pooled`` case of two-by-two tables for the measures and estimators that a planned
analysis offers, at the case's own tolerance.
"""

import pytest

from reviewtool.synthesis.rules.pairwise import Inputs, Settings, analyse
from reviewtool.synthesis.rules.selection import Group, Row
from tests.stats.reference_cases import cases_by_kind


def cases():
    return [
        pytest.param(dataset["rows"], case, id=case["id"])
        for dataset, case in cases_by_kind().get("pooled", [])
        if case["measure"] in {"OR", "RR", "RD"}
        and {"ai", "n1i", "ci", "n2i"} == case["input"].keys()
        and case["method"] in {"EE", "DL", "REML", "PM", "ML", "EB", "SJ", "HE", "HS"}
        and case["test"] in {"z", "knha", "t", "adhoc"}
        and case["options"].get("add", 0.5) == 0.5
        and case["options"].get("to", "only0") == "only0"
        and not silent(dataset["rows"], case)
    ]


def silent(rows, case):
    """Whether some study has no events, or only events: a planned analysis leaves it out."""
    if case["measure"] == "RD":
        return False
    cells = [[row.get(case["input"][name]) for name in ("ai", "n1i", "ci", "n2i")] for row in rows]
    return any(
        None not in row and (row[0] == row[2] == 0 or (row[0] == row[1] and row[2] == row[3]))
        for row in cells
    )


NONE = pytest.param(
    [], {}, marks=pytest.mark.skip("no two-by-two tables to pool; set REVIEWTOOL_REFERENCE")
)


@pytest.mark.parametrize(("rows", "case"), cases() or [NONE])
def test_a_planned_analysis_gives_the_reference_values(rows, case):
    names = case["input"]
    inputs = Inputs(
        tuple(
            Row(
                i,
                f"Study {i + 1}",
                None,
                "treatment",
                "control",
                Group(r.get(names["ai"]), r.get(names["n1i"])),
                Group(r.get(names["ci"]), r.get(names["n2i"])),
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
