"""The same things for programs."""

import io
from typing import Any

from sqlmodel import Session

from tests import build
from tests.references.test_imports_services import RIS


def test_a_program_imports_a_file_and_reads_its_rejects(
    db: Session, review: build.Team, sign_in: Any
) -> None:
    browser = sign_in(review.ann)
    db.commit()
    base = f"/api/v1/reviews/{review.review.id}/references"
    form = {
        "file": (io.BytesIO(RIS), "refs.ris"),
        "database": "PubMed",
        "searched_on": "2026-01-15",
    }
    made = browser.post(f"{base}/imports", data=form, content_type="multipart/form-data")
    assert made.status_code == 202
    shown = browser.get(f"{base}/imports/{made.json['id']}").json
    assert (shown["entries"], shown["stored"], shown["rejected"]) == (3, 2, 1)
    assert shown["rejects"][0]["line"] == 8
    assert browser.get(f"{base}/searches").json["searches"][0]["database"] == "PubMed"
    assert browser.post(f"{base}/imports/{made.json['id']}/undo").json["records"] == 2
    assert browser.get(f"{base}/records").json["total"] == 0


def test_a_program_corrects_a_record(db: Session, review: build.Team, sign_in: Any) -> None:
    row = build.record(db, review.review, "Old title")
    browser = sign_in(review.ben)
    db.commit()
    base = f"/api/v1/reviews/{review.review.id}/references/records"
    changed = browser.patch(f"{base}/{row.id}", json={"title": "New title"})
    assert changed.json["title"] == "New title"
    assert browser.get(f"{base}/{row.id}").json["history"][0]["old"] == "Old title"
    assert browser.patch(f"{base}/{row.id}", json={"title": ""}).status_code == 422
    made = browser.post(base, json={"title": "By hand", "search_id": row.search_id})
    assert made.status_code == 201
    stranger = sign_in(build.user(db))
    db.commit()
    assert stranger.get(f"{base}/{row.id}").status_code == 404
