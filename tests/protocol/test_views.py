"""Protocol pages as a browser gets them."""

import io

import pytest
from docx import Document

from reviewtool.protocol import queries


@pytest.fixture
def path(review):
    return f"/reviews/{review.review.id}/protocol"


@pytest.fixture
def ann(review, sign_in):
    return sign_in(review.ann)


@pytest.mark.parametrize(
    "page",
    [
        "/sections/question",
        "/sections/people",
        "/criteria/new",
        "/outcomes/new",
        "/comparisons/new",
        "/analyses/new",
        "/register",
        "/versions",
    ],
)
def test_every_page_opens(ann, path, page):
    assert ann.get(path + page).status_code == 200


def test_a_protocol_is_written_registered_amended_and_compared(ann, db, review, path):
    from reviewtool.protocol.rules.document import SECTIONS

    for section in SECTIONS:
        form = {f.key: f"{f.label} of this review" for f in section.fields if f.required}
        form |= {"framework": "PICO", "rob_tool": "RoB 2"}
        if section.key == "other":
            form["status"] = "ongoing"
        if section.key == "people":
            form["contact_email"] = "ann@example.org"
        assert ann.post(f"{path}/sections/{section.key}", data=form).status_code == 303, section.key
    outcome = {
        "name": "Pain",
        "kind": "continuous",
        "role": "primary",
        "measure": "MD",
        "better": "lower",
        "timepoints": "1 month\n3 months",
    }
    assert ann.post(f"{path}/outcomes/new", data=outcome).status_code == 303
    pair = {"name": "A v B", "experimental": "a", "comparator": "b"}
    assert ann.post(f"{path}/comparisons/new", data=pair).status_code == 303
    db.commit()
    (pain,) = queries.outcomes(db, review.review.id)
    (compared,) = queries.comparisons(db, review.review.id)
    assert pain.timepoints == ["1 month", "3 months"]
    db.commit()
    analysis = {
        "outcome_id": pain.id,
        "comparison_id": compared.id,
        "kind": "pairwise",
        "measure": "MD",
        "model": "random",
        "method": "REML",
        "test": "knha",
        "level": "95",
    }
    assert ann.post(f"{path}/analyses/new", data=analysis).status_code == 303
    done = ann.post(
        f"{path}/register",
        data={
            "registry": "PROSPERO",
            "registry_id": "CRD1",
            "registered_on": "2026-02-01",
        },
    )
    assert done.status_code == 303
    change = {
        "population": "Adults",
        "intervention": "i",
        "comparator": "c",
        "designs": "d",
    }
    refused = ann.post(f"{path}/sections/eligibility", data=change)
    assert refused.status_code == 422
    assert "Say why it changes" in refused.get_data(as_text=True)
    assert (
        ann.post(f"{path}/sections/eligibility", data=change | {"reason": "Clearer"}).status_code
        == 303
    )
    assert "Adults" in ann.get(f"{path}/compare").get_data(as_text=True)
    assert ann.get(f"{path}/versions/1.0").status_code == 200


def test_the_protocol_is_exported_as_word_and_json(ann, path):
    ann.post(
        f"{path}/sections/question",
        data={"title": "Cupping for knees", "framework": "PICO"},
    )
    text = "\n".join(
        p.text for p in Document(io.BytesIO(ann.get(f"{path}/export.docx").data)).paragraphs
    )
    assert "Cupping for knees" in text
    assert "Not applicable" in text
    assert ann.get(f"{path}/export.json").get_json()["document"]["title"] == "Cupping for knees"


def test_an_observer_reads_but_cannot_edit(review, sign_in, path):
    observer = sign_in(review.observer)
    assert observer.get(path + "/").status_code == 200
    assert observer.get(path + "/sections/question").status_code == 403
