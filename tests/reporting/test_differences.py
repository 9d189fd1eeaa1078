"""Differences between protocol and review: what happened, in the review's own words."""

import io

from docx import Document

from reviewtool.protocol.models import Amendment, ProtocolVersion
from reviewtool.reporting.sheets.differences import as_docx, differences, status
from reviewtool.synthesis.models import Analysis, AnalysisState, ResultChoice
from tests import build
from tests.bias.conftest import a_study
from tests.certainty.conftest import run


def planned(db, review, name, **fields):
    """An outcome with one analysis that waits."""
    outcome = build.outcome(db, review.review, name, measure="RR")
    comparison = fields.pop("comparison", None) or build.comparison(db, review.review)
    row = build.analysis(db, outcome, comparison, measure="RR", **fields)
    analysis = Analysis(review_id=review.review.id, planned_id=row.id)
    db.add(analysis)
    db.flush()
    return outcome, analysis


def test_what_was_planned_and_not_done_is_listed_with_its_reason(db, review):
    build.outcome(db, review.review, "Never analysed")
    comparison = build.comparison(db, review.review)
    planned(db, review, "Waits", comparison=comparison)
    _, failed = planned(db, review, "Failed", comparison=comparison)
    failed.state, failed.error = AnalysisState.FAILED, "No study can be pooled."
    outcome, one = planned(db, review, "Alone", comparison=comparison, subgroup="bias")
    run(db, one, [a_study(db, review.review.id, "Lee 2001", outcome.id)])
    found = {x.what: x.why for x in differences(db, review.ann).undone}
    name = comparison.name
    assert found == {
        "Never analysed": "No analysis of this outcome is planned.",
        f"Waits: {name}": "Extraction is not complete.",
        f"Failed: {name}": "No study can be pooled.",
        f"Alone: {name}": "A single study has usable numbers, so nothing was pooled.",
        f"Alone: {name}: subgroups": "A single study.",
    }


def test_a_narrative_analysis_of_what_nobody_reports_is_not_done(db, review):
    comparison = build.comparison(db, review.review)
    for name in ("Told", "Silent"):
        outcome = build.outcome(db, review.review, name)
        build.analysis(db, outcome, comparison, kind="narrative")
        if name == "Told":
            a_study(db, review.review.id, "Lee 2001", outcome.id)
    found = differences(db, review.ann)
    assert [x.what for x in found.undone] == [f"Silent: {comparison.name}"]
    assert found.sentence == "1 planned part not done."


def test_what_was_done_and_not_planned_is_listed(db, review):
    outcome, one = planned(db, review, "Extra", post_hoc=True)
    study = a_study(db, review.review.id, "Lee 2001", outcome.id)
    run(db, one, [study])
    db.add(
        ResultChoice(
            review_id=review.review.id,
            analysis_id=one.id,
            study_id=study.id,
            timepoint="6 weeks",
            reason="The only blinded one",
        )
    )
    db.flush()
    found = differences(db, review.ann)
    assert found.undone == ()
    assert [x.why for x in found.added] == [
        "An analysis that was not planned (post hoc).",
        "Chosen instead of the result that the rule takes: The only blinded one",
    ]


def test_page_file_and_api_tell_the_same(db, review, sign_in):
    build.outcome(db, review.review, "Never analysed")
    db.add(
        Amendment(
            review_id=review.review.id,
            from_version="1.0",
            to_version="1.1",
            member_id=review.ann.id,
            section="Outcomes",
            reason="Nobody reports it",
            stage_reached="extraction",
            knew_results=True,
            amended_on=build.now().date(),
        )
    )
    db.commit()
    client = sign_in(review.observer)
    page = client.get(f"/reviews/{review.review.id}/report/differences").text
    document = Document(io.BytesIO(as_docx(db, review.ann)))
    words = "\n".join(one.text for one in document.paragraphs)
    for text in ("Never analysed", "Nobody reports it"):
        assert text in page
        assert text in words
    assert "results known" in words
    assert "was not registered" in status(differences(db, review.ann))


def test_a_review_done_as_planned_says_so(db, review):
    assert status(differences(db, review.ann)).endswith("left no trace. No difference.")
    db.add(
        ProtocolVersion(
            review_id=review.review.id,
            number="1.0",
            content={},
            content_hash="0" * 64,
            approved_by_id=review.ann.id,
        )
    )
    db.flush()
    assert status(differences(db, review.ann)) == (
        "The review was done as version 1.0 of the protocol says."
    )
