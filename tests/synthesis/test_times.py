"""From a reported time to the analysis: windows, choices, and who is told."""

import pytest
from sqlmodel import select

from reviewtool.errors import Invalid, NotFound
from reviewtool.extraction import queries as extraction
from reviewtool.extraction.models import Arm, Result
from reviewtool.extraction.rules.cells import group_path
from reviewtool.extraction.sheets.form import sheet
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.models import AnalysisState
from tests import build
from tests.synthesis.conftest import agree, counts, line, trial

AT = {"4 weeks": ((14, 40), (6, 41)), "6 weeks": ((20, 40), (5, 41))}


@pytest.fixture
def studies(db, review):
    """One study at the planned time, one with two times in its window, one outside of it."""
    outcome = build.outcome(
        db,
        review.review,
        measure="OR",
        timepoints=["1 month"],
        windows={"1 month": "3 to 6 weeks"},
    )
    comparison = build.comparison(db, review.review)
    build.analysis(db, outcome, comparison, measure="OR", timepoint="1 month")
    found = []
    for label, times in (("Planned", ["1 month"]), ("Two", [*AT]), ("Late", ["1 year"])):
        sides = AT.get(times[0], AT["4 weeks"])
        arms = {k: v | {"timepoint": times[0]} for k, v in counts(*sides).items()}
        found.append(trial(db, outcome, label, arms))
    more = {k: v | {"timepoint": "6 weeks"} for k, v in counts(*AT["6 weeks"]).items()}
    two = found[1]
    for arm in db.exec(select(Arm).where(Arm.study_id == two.id)).all():
        db.add(
            Result(
                review_id=two.review_id,
                study_id=two.id,
                outcome_id=outcome.id,
                arm_id=arm.id,
                **more[arm.treatment],
            )
        )
    db.flush()
    for study in found:
        agree(db, review.ann, study)
    db.commit()
    return found


def test_reported_times_stand_for_the_planned_one_and_say_so(db, review, studies):
    result = line(db, review).run.result
    assert {one.label for one in result.studies} == {"Planned", "Two"}
    two = next(one for one in result.studies if one.label == "Two")
    assert two.group1.events == 14
    assert any("Two: 4 weeks stands" in note and "6 weeks" in note for note in result.notes)
    (out,) = result.left_out
    assert out.label == "Late"
    assert "it reports 1 year, not 1 month" in out.reason


def test_a_person_lets_another_result_stand_with_a_reason(db, review, studies):
    found = line(db, review)
    with pytest.raises(Invalid, match="Say why"):
        services.choose_result(db, review.statistician, found, studies[1].id, "6 weeks", " ")
    with pytest.raises(Invalid, match="reports 4 weeks, 6 weeks"):
        services.choose_result(db, review.statistician, found, studies[1].id, "2 weeks", "Why")
    services.choose_result(db, review.statistician, found, studies[1].id, "6 weeks", "End point")
    db.commit()
    again = line(db, review)
    assert again.analysis.state is AnalysisState.CURRENT
    two = next(one for one in again.run.result.studies if one.label == "Two")
    assert two.group1.events == 20
    assert any("(End point)" in note for note in again.run.result.notes)
    services.choose_result(db, review.statistician, again, studies[1].id, None, "")
    db.commit()
    two = next(one for one in line(db, review).run.result.studies if one.label == "Two")
    assert two.group1.events == 14


def test_a_study_of_another_review_is_not_found(db, review, studies):
    with pytest.raises(NotFound):
        services.choose_result(db, review.statistician, line(db, review), 99, "6 weeks", "Why")


def test_page_and_api_show_which_result_stands(db, review, studies, sign_in):
    analysis = line(db, review).analysis.id
    shown = queries.which_stands(db, line(db, review))
    assert {one.study: one.taken for one in shown} == {"Two": "4 weeks", "Late": None}
    browser = sign_in(review.statistician)
    at = f"/reviews/{review.review.id}/synthesis/{analysis}"
    page = browser.get(at).text
    assert "Which result stands" in page
    sent = {"time": "at:6 weeks", "reason": "End point", "revision": "0"}
    browser.post(f"{at}/results/{studies[1].id}", data=sent, follow_redirects=True)
    assert "Chosen: End point" in browser.get(at).text
    stale = browser.post(f"{at}/results/{studies[1].id}", data=sent | {"time": "plan"})
    assert stale.status_code == 409


def test_the_form_takes_reported_times_only_where_windows_are_planned(db, review, studies):
    form = extraction.form(db, review.review.id)
    (asked,) = form.outcomes
    assert form.knows(group_path(asked.id, "6 weeks", 1, "events"))
    assert not form.knows(group_path(asked.id, "6 wk", 1, "events"))
    assert not form.knows(group_path(asked.id, "discharge", 1, "events"))
    shown = sheet(form, {}, times={asked.id: ["2 days"]})
    assert [grid.timepoint for grid in shown.grids] == ["1 month", "2 days"]
    assert [grid.is_last for grid in shown.grids] == [False, True]
