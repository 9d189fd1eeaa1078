"""Protocol pages as a browser gets them."""

import io

import pytest
from docx import Document

from reviewtool.protocol import queries
from reviewtool.protocol.models import OutcomeKind
from tests import build


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


def test_a_measure_that_does_not_fit_is_refused_beside_its_field(ann, path):
    pain = {"name": "Pain", "kind": "continuous", "role": "primary", "measure": "OR"}
    refused = ann.post(f"{path}/outcomes/new", data=pain | {"better": "lower"})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Odds ratio (OR) does not fit “Pain”, which has means and SDs" in page
    assert 'aria-describedby="measure-help measure-error"' in page
    undirected = ann.post(f"{path}/outcomes/new", data=pain | {"measure": "MD"})
    assert "Say whether lower or higher values are better." in undirected.get_data(as_text=True)
    assert ann.post(f"{path}/outcomes/new", data=pain | {"measure": "", "better": "lower"})
    assert "Mean difference (MD)" in ann.get(f"{path}/").get_data(as_text=True)


def test_the_lists_say_what_each_choice_fits(ann, db, review, path):
    build.outcome(
        db, review.review, "Falls", kind=OutcomeKind.RATE, measure="IRR", timepoints=["1 y"]
    )
    build.comparison(db, review.review, comparator=())
    db.commit()
    page = ann.get(f"{path}/analyses/new").get_data(as_text=True)
    assert '<option data-kind="rate" data-measure="IRR"' in page
    assert 'data-kinds="dichotomous estimate"' in page
    assert 'data-groups="1"' in page
    assert "(one group)" in page
    assert "1 y" in page


def test_what_an_analysis_has_stays_a_choice_when_the_form_no_longer_asks_for_it(
    ann, db, review, path
):
    outcome, pair = (
        build.outcome(db, review.review, measure="OR"),
        build.comparison(db, review.review),
    )
    one = build.analysis(db, outcome, pair, subgroup="dose", model="common")
    db.commit()
    page = ann.get(f"{path}/analyses/{one.id}").get_data(as_text=True)
    assert "dose (not known any more)" in page
    assert '<option selected value="EE"' in page or 'selected value="EE"' in page


def test_an_outcome_in_use_says_so_instead_of_breaking(ann, db, review, path):
    outcome, pair = (
        build.outcome(db, review.review, measure="OR"),
        build.comparison(db, review.review),
    )
    build.analysis(db, outcome, pair, measure="OR")
    db.commit()
    change = {"name": "Pain free", "kind": "continuous", "role": "primary", "measure": "MD"}
    refused = ann.post(f"{path}/outcomes/{outcome.id}", data=change | {"better": "lower"})
    assert refused.status_code == 422
    assert "would no longer fit it" in refused.get_data(as_text=True)


def test_the_document_says_direction_and_measure_in_words(ann, db, review, path):
    build.outcome(db, review.review, measure="RR", lower_is_better=False)
    db.commit()
    file = Document(io.BytesIO(ann.get(f"{path}/export.docx").data))
    text = "\n".join(p.text for p in file.paragraphs)
    assert "numbers: Events of total" in text
    assert "measure Risk ratio (RR)" in text
    assert "higher values are better" in text


def test_analyses_that_keep_another_measure_are_named(ann, db, review, path):
    outcome = build.outcome(db, review.review, measure="OR")
    build.analysis(db, outcome, build.comparison(db, review.review), measure="OR")
    db.commit()
    change = {"name": "Pain free", "kind": "dichotomous", "role": "primary", "measure": "RR"}
    done = ann.post(f"{path}/outcomes/{outcome.id}", data=change | {"better": "higher"})
    assert done.status_code == 303
    assert "1 analysis keeps OR." in ann.get(f"{path}/").get_data(as_text=True)
