"""A planned set of studies to leave out: stored with the run, on its page, in files and in R."""

import csv
import io

import pytest
from sqlmodel import select

from reviewtool.bias.models import Assessment, Judgement
from reviewtool.db.types import now
from reviewtool.extraction.models import Arm, CopyKind, CopyState
from reviewtool.extraction.services import studies
from reviewtool.protocol.models import PlannedAnalysis
from reviewtool.reporting.exports import analyses
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.queries.known import known
from reviewtool.synthesis.rules.pooling import Inputs, Settings
from tests.synthesis.conftest import agree, line, trial
from tests.synthesis.scripts.conftest import in_python, in_r, numbers, passes, write

CODES = ["exclude_high_risk", "bias.D1>=Some concerns", "size<75", "size>1"]


def judge(db, study, outcome, words, instrument="rob2"):
    """An agreed assessment: domain -> judgement."""
    copy = Assessment(
        review_id=study.review_id,
        study_id=study.id,
        instrument=instrument,
        version="1",
        outcome_id=outcome.id,
        kind=CopyKind.CONSENSUS,
        state=CopyState.DONE,
        done_at=now(),
    )
    db.add(copy)
    db.flush()
    db.add_all(Judgement(assessment_id=copy.id, domain=d, final=w) for d, w in words.items())
    db.flush()


@pytest.fixture
def planned(db, review, outcome, trials):
    """Three agreed studies, one at serious risk by its own tool, and four sets in the plan."""
    judge(db, trials[0], outcome, {"overall": "Some concerns", "D1": "Some concerns"})
    judge(db, trials[1], outcome, {"overall": "Serious", "D1": "Low"}, "robins_i")
    plan = db.exec(select(PlannedAnalysis)).one()
    plan.sensitivity = CODES
    db.add(plan)
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    return line(db, review)


def test_each_set_is_stored_with_the_run_and_names_whom_it_leaves_out(planned, trials):
    found = planned.run.result.sensitivity
    by = {one.code: one for one in found.sets}
    assert found.exclude_high_risk.k == 2  # serious is high in the words of its tool
    assert by["bias.D1>=Some concerns"].left_out == ("Trial 1",)
    assert by["bias.D1>=Some concerns"].pooled.k == 2
    assert by["size<75"].left_out == ("Trial 3",)
    assert by["size>1"].reason == "No study is left."
    assert planned.run.inputs.aside["exclude_high_risk"] == (trials[1].id,)


def test_a_judgement_that_moves_a_study_into_a_set_makes_the_run_stale(
    db, review, planned, trials, outcome
):
    before = planned.run.inputs_hash
    judge(db, trials[2], outcome, {"overall": "High", "D1": "High"})
    db.flush()
    services.refresh(db, review.ann, review.review.id, "the risk of bias of Trial 3 changed")
    inputs = queries.inputs(db, line(db, review))
    assert queries.inputs_hash(inputs, planned.run.settings) != before
    assert inputs.aside["exclude_high_risk"] == (trials[1].id, trials[2].id)


def test_an_analysis_without_sets_keeps_the_hash_that_it_had():
    before = "6bf764c8a3d0397e292479c94a0bf8323c89ec124d9dca68fe3812aa1d16cc07"
    assert queries.inputs_hash(Inputs(()), Settings()) == before
    assert queries.inputs_hash(Inputs((), aside={"derived": ()}), Settings()) != before


def test_the_pages_and_the_exports_show_planned_sets(db, review, planned, sign_in):
    browser = sign_in(review.observer)
    at = f"/reviews/{review.review.id}/synthesis/{planned.analysis.id}"
    page = browser.get(at).text
    assert "Without studies with fewer than 75 people" in page
    assert "left out: Trial 3" in page
    closer = browser.get(f"{at}/closer/sensitivity").text
    assert closer.count('<span class="tag">planned</span>') == len(CODES)
    plan = browser.get(f"/reviews/{review.review.id}/protocol/").text
    assert "Without studies judged “Some concerns” or worse (D1)" in plan
    rows = csv.DictReader(io.StringIO(analyses.table(db, review.observer).decode("utf-8-sig")))
    sets = {row["sensitivity"]: row for row in rows if row["sensitivity"]}
    assert sets["Without studies with fewer than 75 people"]["left_out"] == "Trial 3"
    assert "Without studies at high risk of bias" in sets


def test_people_randomised_count_where_an_effect_is_reported_without_them(
    db, review, outcome, trials
):
    study = trial(
        db,
        outcome,
        "Reported",
        {"acupuncture": {"estimate": 0.4, "se": 0.2}, "sham": {}},
        contrast=True,
    )
    arms = db.exec(select(Arm).where(Arm.study_id == study.id)).all()
    for arm, people in zip(arms, (20, 25), strict=True):
        arm.participants = people
        db.add(arm)
    for one in [*trials, study]:
        agree(db, review.ann, one)
    db.commit()
    found = line(db, review)
    facts = known(db, found, found.run.inputs.rows, {})
    assert (facts[study.id].size, facts[study.id].source) == (45, "reported")


def test_a_set_from_the_page_opens_the_plan_with_it_and_is_kept_there(db, review, planned, sign_in):
    browser = sign_in(review.dora)
    at = f"/reviews/{review.review.id}/protocol/analyses/{planned.planned.id}"
    page = browser.get(f"{at}?also=year%3C2002").text
    for code in ("size&lt;75", "bias.D1&gt;=Some concerns", "year&lt;2002"):
        assert code in page


def test_the_design_of_a_study_makes_a_set(db, review, planned, trials, sign_in):
    trials[1].design = "cohort"
    db.add(trials[1])
    db.commit()
    at = f"/reviews/{review.review.id}/synthesis/{planned.analysis.id}/closer/sensitivity"
    page = sign_in(review.observer).get(f"{at}?leave=field.design=cohort").text
    assert "Without studies whose “Design” is cohort" in page
    assert 'value="field.design=cohort" checked' in page


def test_a_study_that_is_changed_moves_into_a_set(db, review, planned, trials):
    plan = db.get(PlannedAnalysis, planned.planned.id)
    plan.sensitivity = ["field.design=cohort", "year<2001"]
    db.add(plan)
    services.refresh(db, review.ann, review.review.id, "the plan changed")
    db.commit()
    assert not any(one.left_out for one in line(db, review).run.result.sensitivity.sets)
    studies.change(db, review.dora, trials[0], design="cohort")
    studies.change(db, review.dora, trials[1], year=1999)
    db.commit()
    found = line(db, review).run.result.sensitivity.sets
    assert [one.left_out for one in found] == [("Trial 1",), ("Trial 2",)]


def test_a_set_that_is_planned_on_the_form_is_run(db, review, planned, sign_in):
    browser = sign_in(review.dora)
    plan = planned.planned
    at = f"/reviews/{review.review.id}/protocol/analyses/{plan.id}"
    form = {
        "outcome_id": plan.outcome_id,
        "comparison_id": plan.comparison_id,
        "kind": "pairwise",
        "measure": "OR",
        "method": "DL",
        "test": "z",
        "level": "95",
        "sensitivity": ["common"],
        "sets": "year<2002\n\nbias.overall>=High | derived\n",
    }
    refused = browser.post(at, data=form | {"sets": "everybody"})
    assert refused.status_code == 422
    assert "Sensitivity set “everybody”: write one like" in refused.text
    assert browser.post(at, data=form).status_code == 303
    now = line(db, review)
    assert now.planned.sensitivity == ["common", "year<2002", "bias.overall>=High | derived"]
    assert [one.left_out for one in now.run.result.sensitivity.sets] == [("Trial 1",), ()]


def test_python_finds_the_same_without_the_studies_of_each_set(planned, tmp_path, capsys):
    where = write(tmp_path, planned.run)
    assert "without set 2, estimate" in {one["name"] for one in numbers(where)}
    assert passes(in_python(where, capsys), where)


@pytest.mark.r
def test_r_finds_the_same_without_the_studies_of_each_set(planned, tmp_path):
    where = write(tmp_path, planned.run)
    assert passes(in_r(where), where)
