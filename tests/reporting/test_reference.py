"""Every reference list of events and every reference set of boxes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from reviewtool.extraction.models import Study, StudyReport
from reviewtool.references.models import Record, Report, Retrieval, Search, SourceKind
from reviewtool.reporting import queries
from reviewtool.reporting.rules.flow import Template, check
from reviewtool.screening.models import ExclusionReason
from reviewtool.screening.rules.outcome import Outcome, Phase
from reviewtool.team.models import Review
from tests.reporting.test_ledger import stand

AWAITING = {"awaiting_classification": "awaiting", "ongoing": "ongoing"}
# What an updated review adds: the product counts within one version.
NEW = {False: Template.NEW_V1, True: Template.NEW_V2}
TOTALS = {"previous_studies", "previous_reports", "total_studies", "total_reports"}


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


def ledger(db: Session, events: Sequence[dict[str, Any]]) -> int:
    """A review in which what ``events`` tell has happened; its id."""
    review = Review(title="Reference")
    db.add(review)
    db.flush()
    searches: dict[tuple[str, str], Search] = {}
    reasons: dict[str, ExclusionReason] = {}
    studies: dict[str, Study] = {}
    records: dict[str, Record] = {}
    for number, one in enumerate(events, 1):
        key = (one["source_type"], one.get("source") or one["source_type"])
        if key not in searches:
            searches[key] = Search(review_id=review.id, kind=SourceKind(key[0]), database=key[1])
            db.add(searches[key])
            db.flush()
        records[one["id"]] = Record(
            review_id=review.id,
            search_id=searches[key].id,
            number=number,
            title=str(one["id"]),
            removed_reason=one.get("removed_before_screening") or "",
        )
    db.add_all(records.values())
    for one in events:
        if (said := one.get("reason")) and said not in reasons:
            reasons[said] = ExclusionReason(review_id=review.id, label=said, position=len(reasons))
        if (named := one.get("study_id")) and named not in studies:
            studies[named] = Study(review_id=review.id, label=named)
    db.add_all([*reasons.values(), *studies.values()])
    db.flush()
    for one in events:
        record = records[one["id"]]
        if one.get("duplicate_of") is not None:
            record.merged_into_id = records[one["duplicate_of"]].id
        if one.get("title_abstract"):
            stand(db, record, Outcome(one["title_abstract"]))
        if one.get("title_abstract") == "include":
            report = Report(review_id=review.id, record_id=record.id)
            if one.get("retrieved") is not None:
                report.retrieval = (
                    Retrieval.RETRIEVED if one["retrieved"] else Retrieval.NOT_RETRIEVED
                )
            report.awaiting = AWAITING.get(one.get("full_text"), "")
            db.add(report)
            db.flush()
            if one.get("full_text") in ("include", "exclude"):
                reason = reasons.get(one.get("reason"))
                stand(
                    db,
                    record,
                    Outcome(one["full_text"]),
                    Phase.FULL_TEXT,
                    reason_id=reason.id if reason else None,
                )
            if one.get("full_text") == "include" and one.get("study_id"):
                db.add(StudyReport(study_id=studies[one["study_id"]].id, report_id=report.id))
    db.flush()
    return review.id


def test_the_boxes_of_every_reference_list_are_counted(
    db: Session, vectors: dict[str, list[dict[str, Any]]]
) -> None:
    """The ledger has no earlier version of a review: totals are the vector's own sums.

    Studies of the earlier version (their ids begin with P) are counted among the new.
    """
    wrong = []
    if not vectors["derive"]:
        pytest.skip("no lists of events in the reference folder")
    for vector in vectors["derive"]:
        counts = queries.counts(db, ledger(db, vector["records"]))
        template = Template(vector["template"])
        expected = dict(vector["expected_boxes"])
        earlier = {
            one["study_id"]
            for one in vector["records"]
            if one.get("full_text") == "include" and str(one.get("study_id", "")).startswith("P")
        }
        expected["new_studies"] += len(earlier)
        shown = {key: counts.get(key) for key in expected if key not in TOTALS}
        for key in TOTALS & expected.keys():
            del expected[key]
        if shown != expected or check(counts, NEW[template.other_methods]):
            wrong.append((vector["id"], shown, expected, check(counts, template)))
    assert not wrong


def test_the_broken_identities_of_every_reference_diagram_are_named(
    vectors: dict[str, list[dict[str, Any]]],
) -> None:
    wrong = []
    if not vectors["check"]:
        pytest.skip("no diagrams in the reference folder")
    for vector in vectors["check"]:
        found = check(vector["boxes"], Template(vector["template"]))
        if sorted({v.id for v in found}) != sorted(vector["expected_violations"]):
            wrong.append((vector["id"], found, vector["expected_violations"]))
    assert not wrong
