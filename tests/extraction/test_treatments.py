"""Treatments that no comparison names: found, shown with what they may be, and renamed."""

import pytest

from reviewtool.errors import Conflict, Forbidden, Invalid
from reviewtool.extraction import queries, services
from reviewtool.extraction.errors import ThirdPersonNeeded
from reviewtool.extraction.models import Arm
from reviewtool.extraction.rules.values import check
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
