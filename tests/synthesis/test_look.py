"""A look at an analysis without some studies: the numbers move, nothing is stored."""

from dataclasses import replace

import pytest
from sqlmodel import select

from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.rules.pairwise import analyse
from reviewtool.synthesis.rules.pooling import NothingToPool
from reviewtool.synthesis.rules.without import REASON, without
from tests.synthesis.conftest import agree, line


@pytest.fixture
def run(db, review, trials):
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    return line(db, review).run


def test_it_is_the_analysis_of_the_others_and_names_who_is_gone(run, trials):
    gone = trials[0].id
    found = without(run.inputs, run.settings, {gone})
    rows = tuple(row for row in run.inputs.rows if row.study_id != gone)
    assert found.pooled == analyse(replace(run.inputs, rows=rows), run.settings).pooled
    assert [(one.study_id, one.reason) for one in found.left_out] == [(gone, REASON)]
    with pytest.raises(NothingToPool):
        without(run.inputs, run.settings, {one.id for one in trials})


def test_the_page_shows_the_view_its_address_names_and_stores_nothing(
    db, review, run, trials, sign_in
):
    analysis = line(db, review).analysis.id
    before = len(db.exec(select(AnalysisRun)).all())
    db.commit()
    browser = sign_in(review.observer)
    at = f"/reviews/{review.review.id}/synthesis/{analysis}"
    page = browser.get(at).text
    assert f"{at}?without={trials[0].id}" in page
    assert 'role="group"' in page  # what is an image has no links for readers
    without_one = browser.get(f"{at}?without={trials[0].id}").text
    assert f"A look without {trials[0].label}" in without_one
    assert f"without={trials[0].id}&amp;without={trials[1].id}" in without_one
    assert without_one.count("Bring back") == 1
    everyone = "&".join(f"without={one.id}" for one in trials)
    assert "No study would be left" in browser.get(f"{at}?{everyone}").text
    assert "A look without" not in browser.get(f"{at}?without=999999").text
    db.expire_all()
    assert len(db.exec(select(AnalysisRun)).all()) == before


def test_a_view_of_an_earlier_run_still_says_that_it_is_one(db, review, run, trials, sign_in):
    found = line(db, review)
    kept = {name: getattr(found.run, name) for name in AnalysisRun.model_fields if name != "id"}
    newest = AnalysisRun(**kept)
    db.add(newest)
    db.flush()
    found.analysis.current_run_id = newest.id
    db.commit()
    at = f"/reviews/{review.review.id}/synthesis/{found.analysis.id}"
    earlier = f"run={found.run.id}&without={trials[0].id}"
    browser = sign_in(review.observer)
    assert "This is an earlier run" in browser.get(f"{at}?{earlier}").text
    assert "This is an earlier run" not in browser.get(f"{at}?without={trials[0].id}").text
