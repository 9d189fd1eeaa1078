"""Time points together: planned in the form, run by the workers, seen on the page."""

import pytest
from sqlmodel import select

from reviewtool.extraction.models import Arm, Result
from reviewtool.protocol.models import OutcomeKind
from tests import build
from tests.synthesis.conftest import agree, trial

MEANS = {"Ada": (46, 44), "Bo": (44, 43), "Cy": (48, 45), "Di": (41, 40), "Ed": (47, 41)}
TIMES = ("1 month", "3 months")


@pytest.fixture
def pain(db, review):
    """Five agreed studies with means at two times, each time planned by itself."""
    outcome = build.outcome(
        db,
        review.review,
        "Pain",
        kind=OutcomeKind.CONTINUOUS,
        measure="MD",
        timepoints=[*TIMES],
        unit="points",
        minimal_important_difference=5.0,
    )
    pair = build.comparison(db, review.review)
    for time in TIMES:
        build.analysis(db, outcome, pair, measure="MD", timepoint=time)
    for label, means in MEANS.items():
        study = trial(db, outcome, label, {"acupuncture": {}, "sham": {}})
        arms = db.exec(select(Arm).where(Arm.study_id == study.id).order_by(Arm.number)).all()
        for time, mean in zip(TIMES, means, strict=True):
            for arm, value in zip(arms, (mean, 50), strict=True):
                own = {"review_id": study.review_id, "study_id": study.id, "arm_id": arm.id}
                numbers = {"mean": value, "sd": 10.0, "total": 40, "timepoint": time}
                db.add(Result(**own, outcome_id=outcome.id, **numbers))
        db.flush()
        agree(db, review.ann, study)
    db.commit()
    return outcome.id


def test_time_points_are_planned_together_run_and_drawn(page_of, review, pain, no_serious_findings):
    page = page_of(review.ann)
    page.goto(f"/reviews/{review.review.id}/protocol/analyses/new")
    assert page.locator("[name=rho]").is_hidden()
    page.locator("[name=kind]").select_option("times")
    for name in ("timepoint", "subgroup", "time_unit"):
        assert page.locator(f"[name={name}]").is_hidden()
    page.locator("[name=pattern]").select_option("decaying")
    assert page.locator("[name=time_unit]").is_visible()
    page.locator("[name=rho]").fill("0.7")
    no_serious_findings(page)
    page.get_by_role("button", name="Save").click()
    assert "correlation 0.7 per month" in page.get_by_role("main").inner_text()
    page.goto(f"/reviews/{review.review.id}/synthesis/")
    page.get_by_role("link", name="Pain", exact=True).click()
    figure = page.get_by_label("Effects over time").first
    assert figure.locator("svg").is_visible()
    assert "All time points together" in figure.locator("svg").text_content()
    assert page.get_by_role("heading", name="Another stated correlation").is_visible()
    no_serious_findings(page)
    page.get_by_role("link", name="Beside the analyses").click()
    assert "All time points together in one model" in page.get_by_role("main").inner_text()
