"""Every reference list of events and every reference set of boxes."""

import json
from pathlib import Path
from typing import Any

import pytest

from reviewtool.reporting.rules.flow import Event, Previous, Template, check, derive


@pytest.fixture
def vectors(reference: Path) -> dict[str, list[dict[str, Any]]]:
    files = sorted((reference / "methods").glob("prisma_vectors*.json"))
    if not files:
        pytest.skip("no prisma_vectors.json in the reference folder")
    found: dict[str, list[dict[str, Any]]] = {"derive": [], "check": []}
    for file in files:
        content = json.loads(file.read_text(encoding="utf-8"))
        for part in found:
            found[part] += content.get(part, [])
    return found


def event(record: dict[str, Any]) -> Event:
    study = record.get("study_id")
    return Event(
        id=record["id"],
        source_type=record["source_type"],
        source=record.get("source", ""),
        duplicate_of=record.get("duplicate_of"),
        removed=record.get("removed_before_screening"),
        title_abstract=record.get("title_abstract"),
        retrieved=record.get("retrieved"),
        full_text=record.get("full_text"),
        reason=record.get("reason"),
        study=study,
        previous_study=bool(study) and study.startswith("P"),
    )


def test_the_boxes_of_every_reference_list_are_derived(
    vectors: dict[str, list[dict[str, Any]]],
) -> None:
    wrong = []
    assert vectors["derive"]
    for vector in vectors["derive"]:
        previous = Previous(**vector["previous"]) if vector["previous"] else None
        flow = derive(map(event, vector["records"]), Template(vector["template"]), previous)
        expected = vector["expected_boxes"]
        shown = {key: flow.boxes.get(key) for key in expected}
        extra = flow.boxes.keys() - expected.keys()
        if shown != expected or extra - {"register_specific_results"} or flow.undecided:
            wrong.append((vector["id"], shown, expected, extra, flow.undecided))
    assert not wrong


def test_derived_boxes_keep_every_identity(vectors: dict[str, list[dict[str, Any]]]) -> None:
    for vector in vectors["derive"]:
        template = Template(vector["template"])
        previous = Previous(**vector["previous"]) if vector["previous"] else None
        flow = derive(map(event, vector["records"]), template, previous)
        assert check(flow.boxes, template) == [], vector["id"]


def test_the_broken_identities_of_every_reference_diagram_are_named(
    vectors: dict[str, list[dict[str, Any]]],
) -> None:
    wrong = []
    assert vectors["check"]
    for vector in vectors["check"]:
        found = check(vector["boxes"], Template(vector["template"]))
        if sorted({v.id for v in found}) != sorted(vector["expected_violations"]):
            wrong.append((vector["id"], found, vector["expected_violations"]))
    assert not wrong
