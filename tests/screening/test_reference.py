"""Every row of the reference screening rules that says how votes and reasons combine.

The agreement statistics of the same file belong to ``tests/stats``.
"""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from reviewtool.screening.rules.outcome import (
    Vote,
    full_text_exclusion_reason,
    title_abstract_state,
)


def rows(reference: Path, function: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    files = sorted((reference / "methods").glob("screening_vectors*.csv"))
    if not files:
        pytest.skip("no screening_vectors.csv in the reference folder")
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            found += [row for row in csv.DictReader(lines) if row["function"] == function]
    if not found:
        pytest.skip(f"no rows for {function} in the reference folder")
    return found


def test_votes_lead_to_the_state_and_decision_of_every_reference_row(reference: Path) -> None:
    wrong = []
    for row in rows(reference, "title_abstract_state"):
        given = json.loads(row["inputs"])
        found = title_abstract_state(
            [Vote(vote) for vote in given["votes"]],
            required=1 if given["single_reviewer"] else 2,
            adjudication=Vote(given["adjudication"]) if given["adjudication"] else None,
        )
        shown = {
            "state": found.state,
            "decision": found.decision.value if found.decision else None,
        }
        if shown != json.loads(row["expected"]):
            wrong.append((row["id"], shown, row["expected"]))
    assert not wrong


def test_reasons_lead_to_the_primary_reason_of_every_reference_row(reference: Path) -> None:
    wrong = []
    for row in rows(reference, "full_text_exclusion_reason"):
        given = json.loads(row["inputs"])
        found = full_text_exclusion_reason(
            given["reasons"], given["hierarchy"], adjudicated=given["adjudicated"]
        )
        shown = {
            "state": found.state,
            "suggested_reason": found.suggested,
            "final_reason": found.final,
        }
        if shown != json.loads(row["expected"]):
            wrong.append((row["id"], shown, row["expected"]))
    assert not wrong
