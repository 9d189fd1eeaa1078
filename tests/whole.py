"""A review in which every kind of row exists, so that every address leads somewhere."""

import re
from typing import Any

import lxml.html
from apiflask import APIFlask
from sqlmodel import Session, select

from reviewtool import jobs
from reviewtool.bias import services as bias
from reviewtool.bias.queries import Key
from reviewtool.extraction import services as extraction
from reviewtool.extraction.models import StudyField, StudyReport
from reviewtool.permissions import Role
from reviewtool.protocol.models import Criterion, Protocol, ProtocolVersion
from reviewtool.protocol.queries import content as protocol_content
from reviewtool.protocol.rules.document import BY_KEY
from reviewtool.references.models import DuplicatePair, PairState
from reviewtool.references.models.imports import Import, ImportState
from reviewtool.references.services import duplicates
from reviewtool.screening import queries as screening_queries
from reviewtool.screening import services as screening
from reviewtool.screening.models import LooseFile
from reviewtool.screening.rules.outcome import Vote
from reviewtool.storage import Storage
from reviewtool.synthesis.models import Analysis
from reviewtool.synthesis.services import software
from reviewtool.team import services
from reviewtool.team.models import Invitation
from tests import build
from tests.bias.conftest import a_study
from tests.certainty.conftest import run

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
Ids = dict[str, Any]


def fill(app: APIFlask, db: Session, team: build.Team, mark: str) -> Ids:
    """Put one row of every kind into the review; texts carry ``mark``.

    Returns the value of each argument that addresses take. Copies and assessments are
    Ben's, so that others meet what is blind to them.
    """
    review, storage = team.review, Storage(app.extensions["settings"].files)
    search = build.search(db, review, f"PubMed {mark}")
    sha256, size = storage.put(b"TY  - JOUR\nTI  - " + mark.encode() + b"\nER  - \n")
    file = Import(
        review_id=review.id,
        search_id=search.id,
        file_name=f"{mark}.ris",
        sha256=sha256,
        size=size,
        format="ris",
        encoding="utf-8",
        state=ImportState.DONE,
        member_id=team.ann.id,
    )
    db.add(file)
    records = [build.record(db, review, f"{mark} trial {n}", search_id=search.id) for n in "1234"]
    db.flush()
    pair = DuplicatePair(
        review_id=review.id,
        first_id=records[2].id,
        second_id=records[3].id,
        state=PairState.UNCERTAIN,
    )
    db.add(pair)
    removed = build.record(db, review, f"{mark} trial again", search_id=search.id)
    merge = duplicates.merge(db, team.ann, records[3], removed)
    reason = screening.add_reason(db, team.ann, f"Wrong {mark}")
    for voter in (team.ben, team.cem):
        screening.decide(db, voter, records[0], Vote.INCLUDE)
    report = screening_queries.report_of(db, records[0].id)
    assert report is not None
    document = screening.attach(db, team.ann, report, storage, f"{mark}.pdf", PDF)
    screening.decide(db, team.ben, records[1], Vote.INCLUDE)
    loose = LooseFile(
        review_id=review.id,
        sha256=document.sha256,
        file_name=f"{mark} loose.pdf",
        size=9,
        member_id=team.ann.id,
    )
    criterion = Criterion(review_id=review.id, text=f"Adults with {mark}", aspect="population")
    field = StudyField(review_id=review.id, key="country", label=f"Country of {mark}")
    db.add(Protocol(review_id=review.id))
    db.flush()
    version = ProtocolVersion(
        review_id=review.id,
        number="1.0",
        content=protocol_content(db, review.id),
        content_hash="0" * 64,
        approved_by_id=team.ann.id,
    )
    db.add_all([loose, criterion, field, version])
    outcome = build.outcome(db, review, f"Pain of {mark}", lower_is_better=False, belongs_to=mark)
    comparison = build.comparison(db, review)
    planned = build.analysis(db, outcome, comparison, measure="RR")
    studies = [a_study(db, review.id, f"{mark} {n}", outcome.id) for n in (2001, 2002)]
    db.add(StudyReport(study_id=studies[0].id, report_id=report.id, is_primary=True))
    analysis = Analysis(review_id=review.id, planned_id=planned.id)
    db.add(analysis)
    db.flush()
    run(db, analysis, studies).software = software()
    copy = extraction.copies.take(db, team.ben, studies[0])
    assessment = bias.start(db, team.ben, Key(studies[0].id, outcome.id, ""))
    job = jobs.Job(name="demo.build", title=mark, review_id=review.id, user_id=team.ann.user_id)
    db.add(job)
    with app.test_request_context():
        services.invite(db, team.ann, review, f"{mark}@example.org".lower(), Role.REVIEWER)
    db.flush()
    invitation = db.exec(select(Invitation).where(Invitation.review_id == review.id)).one()
    db.commit()
    return {
        "review_id": review.id,
        "record_id": records[1].id,
        "report_id": report.id,
        "document_id": document.id,
        "import_id": file.id,
        "search_id": search.id,
        "merge_id": merge.id,
        "pair_id": pair.id,
        "study_id": studies[0].id,
        "outcome_id": outcome.id,
        "comparison_id": comparison.id,
        "copy_id": copy.id,
        "assessment_id": assessment.id,
        "analysis_id": analysis.id,
        "reason_id": reason.id,
        "job_id": job.id,
        "invitation_id": invitation.id,
        "member_id": team.cem.id,
        "field_id": field.id,
        "file_id": loose.id,
        "arm": 1,
        "experiment": 1,
        "row_id": {
            "criteria": criterion.id,
            "outcomes": outcome.id,
            "comparisons": comparison.id,
            "analyses": planned.id,
        },
        "number": "1.0",
        "section": next(iter(BY_KEY)),
    }


def forms_on(page: str, here: str = "") -> list[tuple[str, dict[str, Any]]]:
    """(address, values) of every form of a page that changes something, filled in plausibly.

    here: the page's own address, where forms without one go; empty to leave those out.
    """
    found = []
    for form in lxml.html.fromstring(page).forms:
        to = form.action or here
        if form.method != "POST" or not to:
            continue
        values: dict[str, Any] = {}
        for one in form.inputs:
            if one.name and one.name != "csrf_token":
                values.setdefault(one.name, _plausible(one))
        found.append((to, {k: v for k, v in values.items() if v is not None}))
    return found


def _plausible(one: Any) -> Any:
    kind = one.get("type", one.tag)
    if one.tag == "select":
        return next((o for o in reversed(one.value_options) if o), "")
    if kind in {"checkbox", "radio"}:
        return one.get("value", "y")
    if kind == "file":
        return None
    words = {"email": "someone@example.org", "number": "1", "date": "2026-01-02"}
    return one.value or words.get(kind, "Words")


def sample(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """A value that fits a schema of the API's document; ``parts``: its named schemas."""
    if "$ref" in schema:
        return sample(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
    for key in ("anyOf", "allOf", "oneOf"):
        if key in schema:
            return sample(schema[key][0], parts)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {k: sample(v, parts) for k, v in schema.get("properties", {}).items()}
        case "array":
            return [sample(schema.get("items", {}), parts)]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case "null":
            return None
    return "someone@example.org" if schema.get("format") == "email" else "Words"


def body_of(document: dict[str, Any], rule: str, method: str) -> Any:
    """A body that fits what the API's document says of this operation; None without one."""
    path = re.sub(r"<(?:[^:<>]*:)?([^<>]*)>", r"{\1}", rule)
    operation = document["paths"].get(path, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    return sample(content["application/json"]["schema"], document["components"]["schemas"])
