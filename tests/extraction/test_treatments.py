"""Treatments that no comparison names: found, shown with what they may be, and renamed."""

import pytest
from sqlmodel import select

from reviewtool.audit import AuditEntry
from reviewtool.errors import Conflict, Forbidden, Invalid
from reviewtool.extraction import queries, services
from reviewtool.extraction.errors import ThirdPersonNeeded
from reviewtool.extraction.models import Arm
from reviewtool.extraction.rules.values import check
from reviewtool.extraction.sheets.vocabulary import vocabulary
from reviewtool.synthesis.models import Analysis
from tests import build
from tests.extraction import people


@pytest.fixture
def case(db, review):
    """A study agreed on acupunture (sic) against SHAM; the protocol says acupuncture, sham."""
    outcome = build.outcome(db, review.review, "Pain free", measure="OR")
    pair = build.comparison(db, review.review)
    build.analysis(db, outcome, pair, subgroup="design")
    study = people.study(db, review)
    cells = people.numbers(outcome) | {
        "arm.1.treatment": "acupunture",
        "arm.1.name": "acupunture",
        "arm.2.treatment": " SHAM",
    }
    for member in (review.ben, review.cem):
        people.filled(db, member, study, cells)
    copy = services.agreeing.begin(db, review.dora, study)
    services.agreeing.complete(db, review.dora, copy)
    return study


def test_only_real_strangers_are_named_with_the_names_they_may_be(db, review, case):
    (one,) = queries.stray_treatments(db, review.review.id)
    assert (one.name, one.alike, one.studies) == ("acupunture", ("acupuncture",), ("Visser 1996",))


def test_a_stranger_gets_the_name_of_the_protocol_and_the_log_keeps_what_was_read(db, review, case):
    services.treatments.use_name(db, review.dora, "acupunture", "Acupuncture")
    assert queries.stray_treatments(db, review.review.id) == []
    arm = db.get_one(Arm, 1)
    assert (arm.treatment, arm.name) == ("acupuncture", "acupuncture")
    consensus = queries.copies(db, case.id)["consensus"]
    entry = queries.entries(db, consensus.id)["arm.1.treatment"]
    assert (entry.value, entry.note) == ("acupuncture", "Read as “acupunture”.")


def test_a_name_outside_the_protocol_or_a_gone_treatment_is_refused(db, review, case):
    with pytest.raises(Invalid, match="No comparison names “needles”"):
        services.treatments.use_name(db, review.dora, "acupunture", "needles")
    with pytest.raises(Invalid, match="No agreed study has the treatment “cupping”"):
        services.treatments.use_name(db, review.dora, "cupping", "acupuncture")


def test_naming_is_for_a_third_person(db, review, case):
    with pytest.raises(Forbidden):
        services.treatments.use_name(db, review.observer, "acupunture", "acupuncture")
    with pytest.raises(ThirdPersonNeeded, match="Visser 1996"):
        services.treatments.use_name(db, review.ben, "acupunture", "acupuncture")


def test_the_page_offers_the_name(db, review, case, sign_in):
    db.commit()
    dora = sign_in(review.dora)
    home = f"/reviews/{review.review.id}/extraction"
    page = dora.get(f"{home}/").get_data(as_text=True)
    assert "Treatments that no comparison names" in page
    assert "Use “acupuncture”" in page
    sent = {"found": "acupunture", "name": "acupuncture"}
    assert dora.post(f"{home}/treatments", data=sent).status_code == 303
    assert "Treatments that no comparison names" not in dora.get(f"{home}/").get_data(as_text=True)


def test_one_treatment_spelled_two_ways_in_a_study_is_asked_about(db, review):
    form = queries.form(db, review.review.id)
    arms = {"arm.1.treatment": "Sham  needles", "arm.2.treatment": "sham needles"}
    (one,) = check(form, arms | {"arm.1.name": "a", "arm.2.name": "b"})
    assert one.path == "arm.2.treatment"
    assert "one treatment spelled two ways" in one.message
    same = {"arm.1.treatment": "sham", "arm.2.treatment": "sham"}
    assert check(form, same | {"arm.1.name": "sham 1", "arm.2.name": "sham 2"}) == []


def test_a_characteristic_that_an_analysis_goes_by_stays(db, review, case):
    services.fields.add_usual(db, review.ann)
    design = next(f for f in queries.fields(db, review.review.id) if f.key == "design")
    with pytest.raises(Conflict, match="Pain free go by “Design”"):
        services.fields.archive(db, review.ann, design)


def test_one_spelling_is_merged_into_another_told_to_analyses_and_taken_back(
    db, review, case, sign_in
):
    found = vocabulary(db, review.review.id)
    assert [(t.name, t.planned, t.arms) for t in found.treatments] == [
        ("acupunture", False, 1),
        ("SHAM", True, 1),
    ]
    assert found.merged == ()
    assert db.exec(select(Analysis)).one().current_run_id is None
    db.commit()
    dora = sign_in(review.dora)
    at = f"/reviews/{review.review.id}/extraction/treatments"
    page = dora.get(at).text
    assert "acupunture" in page
    assert "in no comparison" in page
    sent = {"part": "treatment", "found": "acupunture", "name": "acupuncture"}
    assert dora.post(f"{at}/merge", data=sent).status_code == 303
    db.expire_all()
    assert db.get_one(Arm, 1).treatment == "acupuncture"
    (one,) = vocabulary(db, review.review.id).merged
    assert (one.before, one.name, list(one.studies)) == ("acupunture", "acupuncture", [case.label])
    assert "“acupunture” is written “acupuncture”" in dora.get(at).text
    back = {"part": "treatment", "name": "acupuncture", "before": "acupunture"}
    assert db.exec(select(Analysis)).one().current_run_id is not None
    db.commit()
    assert dora.post(f"{at}/undo", data=back).status_code == 303
    db.expire_all()
    assert db.get_one(Arm, 1).treatment == "acupunture"
    consensus = queries.copies(db, case.id)["consensus"]
    entry = queries.entries(db, consensus.id)["arm.1.treatment"]
    assert (entry.value, entry.note) == ("acupunture", "")
    assert vocabulary(db, review.review.id).merged == ()
    acts = db.exec(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    merged, undone = map(acts.index, ("extraction.merge_names", "extraction.undo_merge"))
    assert merged < undone


def test_doses_are_merged_within_their_treatment(db, review):
    outcome = build.outcome(db, review.review, "Pain free", measure="OR")
    study = people.study(db, review)
    cells = people.numbers(outcome) | {
        "arm.1.treatment": "sumatriptan",
        "arm.2.treatment": "sumatriptan",
        "arm.1.dose": "50mg",
        "arm.2.dose": "50 mg",
    }
    for member in (review.ben, review.cem):
        people.filled(db, member, study, cells)
    services.agreeing.complete(db, review.dora, services.agreeing.begin(db, review.dora, study))
    (one,) = vocabulary(db, review.review.id).treatments
    assert {dose.name: dose.arms for dose in one.doses.values()} == {"50mg": 1, "50 mg": 1}
    services.treatments.merge(db, review.dora, "dose", "50mg", "50 mg", "sumatriptan")
    (one,) = vocabulary(db, review.review.id).treatments
    assert {dose.name: dose.arms for dose in one.doses.values()} == {"50 mg": 2}
    services.treatments.undo_merge(db, review.dora, "dose", "50 mg", "50mg", "sumatriptan")
    (one,) = vocabulary(db, review.review.id).treatments
    assert set(one.doses) == {"50mg", "50 mg"}


def test_merging_refuses_what_is_not_there_and_those_who_may_not(db, review, case):
    merge = services.treatments.merge
    with pytest.raises(Invalid, match="No agreed study has the treatment “cupping”"):
        merge(db, review.dora, "treatment", "cupping", "sham")
    with pytest.raises(Invalid, match="“needles” is no other treatment in use"):
        merge(db, review.dora, "treatment", "acupunture", "needles")
    with pytest.raises(Invalid, match="nothing else"):
        merge(db, review.dora, "name", "acupunture", "SHAM")
    with pytest.raises(Forbidden):
        merge(db, review.observer, "treatment", "acupunture", "acupuncture")
    with pytest.raises(ThirdPersonNeeded, match="Visser 1996"):
        merge(db, review.ben, "treatment", "acupunture", "acupuncture")
    with pytest.raises(Invalid, match="was read as"):
        services.treatments.undo_merge(db, review.dora, "treatment", "SHAM", "sham needles")
