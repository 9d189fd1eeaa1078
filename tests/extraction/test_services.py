"""Studies, blind copies, consensus: what each verb does and refuses."""

import pytest
from sqlmodel import col, select

from reviewtool import events, verification
from reviewtool.audit import AuditEntry
from reviewtool.db.types import now
from reviewtool.errors import Conflict, Forbidden, Invalid, NotFound
from reviewtool.extraction import errors, progress, queries, services
from reviewtool.extraction.models import Arm, CopyKind, CopyState, Result, Study
from reviewtool.extraction.services import CellIn
from reviewtool.protocol.models import OutcomeKind
from reviewtool.references.models import Record
from tests import build
from tests.extraction import people


@pytest.fixture
def outcome(db, review):
    return build.outcome(db, review.review)


@pytest.fixture
def study(db, review, outcome):
    return people.study(db, review)


@pytest.fixture
def heard(monkeypatch):
    """What was announced."""
    found = []
    monkeypatch.setattr(events, "tell", lambda _db, _actor, news: found.append(news))
    return found


# ---- studies ----


def test_a_study_is_named_by_first_author_and_year():
    assert (
        services.studies.suggested_label(Record(authors="Visser, WH; Ter, G", year=1996))
        == "Visser 1996"
    )
    assert services.studies.suggested_label(Record(authors="WH Visser", year=1996)) == "Visser 1996"
    assert (
        services.studies.suggested_label(Record(title="A trial of two drugs")) == "A trial of two"
    )


def test_each_report_without_a_study_gets_one_with_a_name_of_its_own(db, review):
    for _ in range(3):
        people.included(db, review, authors="Visser, W", year=1996)
    made = services.studies.create_missing(db, review.ann)
    assert [s.label for s in made] == ["Visser 1996", "Visser 1996a", "Visser 1996b"]
    assert queries.unlinked_count(db, review.review.id) == 0
    assert services.studies.create_missing(db, review.ann) == []


def test_two_studies_cannot_share_a_label(db, review, study):
    with pytest.raises(errors.LabelTaken) as error:
        services.studies.create(db, review.ann, " Visser  1996 ")
    assert "Visser 1996" in error.value.message


def test_a_study_without_a_name_is_refused(db, review):
    with pytest.raises(Invalid):
        services.studies.create(db, review.ann, "  ")


def test_several_reports_tell_of_one_study_and_one_is_primary(db, review, study):
    second = people.included(db, review, "Second report")
    services.studies.link(db, review.ann, study, second)
    services.studies.make_primary(db, review.ann, study, second)
    linked = queries.reports_of(db, study.id)
    assert [(report.id == second.id, row.is_primary) for row, report, _ in linked] == [
        (True, True),
        (False, False),
    ]
    with pytest.raises(Conflict):
        services.studies.link(db, review.ann, study, second)


def test_taking_the_primary_report_off_makes_another_primary(db, review, study):
    first = queries.reports_of(db, study.id)[0][1]
    services.studies.link(db, review.ann, study, people.included(db, review))
    services.studies.unlink(db, review.ann, study, first)
    assert [row.is_primary for row, _, _ in queries.reports_of(db, study.id)] == [True]


def test_merging_moves_the_reports_and_removes_the_other_study(db, review, study, heard):
    other = people.study(db, review, "Visser 1997")
    services.studies.merge(db, review.ann, study, other)
    assert len(queries.reports_of(db, study.id)) == 2
    assert [s.id for s in queries.studies(db, review.review.id)] == [study.id]
    assert heard == [events.StudyRemoved(other.id)]


def test_a_study_with_values_is_not_merged_away_or_removed(db, review, study):
    other = people.study(db, review, "Visser 1997")
    copy = services.copies.take(db, review.ben, other)
    services.copies.save(db, review.ben, copy, {"arm.1.treatment": "drug"})
    with pytest.raises(errors.HasExtraction):
        services.studies.merge(db, review.ann, study, other)
    with pytest.raises(errors.HasExtraction):
        services.studies.remove(db, review.ann, other)


def test_the_label_of_a_removed_study_is_free_again(db, review, study):
    services.studies.remove(db, review.ann, study)
    assert services.studies.create(db, review.ann, "Visser 1996").id != study.id


# ---- copies ----


def test_two_people_take_a_study_and_a_third_cannot(db, review, study):
    first = services.copies.take(db, review.ben, study)
    second = services.copies.take(db, review.cem, study)
    assert (first.kind, second.kind) == (CopyKind.FIRST, CopyKind.SECOND)
    assert services.copies.take(db, review.ben, study).id == first.id
    with pytest.raises(errors.BothTaken):
        services.copies.take(db, review.ann, study)


def test_the_copy_of_somebody_who_left_goes_on_with_its_cells(db, review, study):
    copy = services.copies.take(db, review.ben, study)
    services.copies.take(db, review.cem, study)
    services.copies.save(db, review.ben, copy, {"arm.1.treatment": "drug"})
    review.ben.removed_at = now()
    db.add(review.ben)
    taken = services.copies.take(db, review.extractor, study)
    assert taken.id == copy.id
    assert people.values(db, taken) == {"arm.1.treatment": "drug"}


def test_an_observer_does_not_extract(db, review, study):
    with pytest.raises(Forbidden):
        services.copies.take(db, review.observer, study)


def test_a_study_of_another_review_is_not_there(db, review, study):
    stranger = build.team(db, "Another review")
    with pytest.raises(NotFound):
        services.copies.take(db, stranger.ann, study)


def test_what_cannot_be_right_is_refused_and_the_rest_is_stored(db, review, study, outcome):
    copy = services.copies.take(db, review.ben, study)
    cells = people.numbers(outcome) | {f"result.{outcome.id}..1.events": "-3"}
    saved = services.copies.save(db, review.ben, copy, cells)
    assert [p.path for p in saved.refused] == [f"result.{outcome.id}..1.events"]
    assert "Pain free" in saved.refused[0].message
    assert len(saved.stored) == len(cells) - 1
    assert f"result.{outcome.id}..1.events" not in people.values(db, copy)


def test_what_looks_wrong_is_stored_and_flagged(db, review, study, outcome):
    copy = services.copies.take(db, review.ben, study)
    saved = services.copies.save(db, review.ben, copy, people.numbers(outcome, events="61"))
    assert not saved.refused
    assert any("more events than people" in p.message for p in saved.problems)
    assert people.values(db, copy)[f"result.{outcome.id}..1.events"] == "61"


def test_saving_is_one_line_in_the_log_and_the_same_values_again_are_none(
    db, review, study, outcome
):
    copy = services.copies.take(db, review.ben, study)
    for _ in range(2):
        services.copies.save(db, review.ben, copy, people.numbers(outcome))
    log = db.exec(select(AuditEntry).where(AuditEntry.action == "extraction.cell")).all()
    assert len(log) == 1
    assert log[0].changes["arm.1.treatment"] == ["", "sumatriptan"]
    assert verification.chains(db, review.review.id) == []
    assert list(verification.tables(db, review.review.id)) == []


def test_a_value_carries_its_quote_page_and_report(db, review, study, outcome):
    copy = services.copies.take(db, review.ben, study)
    report = queries.reports_of(db, study.id)[0][1]
    cell = CellIn("30", quote="30 of 60 were pain free", page="4", report_id=report.id)
    path = f"result.{outcome.id}..1.events"
    services.copies.save(db, review.ben, copy, {path: cell})
    services.copies.save(db, review.ben, copy, {path: CellIn(page="5")})
    entry = queries.entries(db, copy.id)[path]
    assert (entry.value, entry.quote, entry.page, entry.report_id) == (
        "30",
        "30 of 60 were pain free",
        "5",
        report.id,
    )
    with pytest.raises(Conflict):
        services.studies.unlink(db, review.ann, study, report)


def test_a_computed_value_says_how_until_it_is_typed_anew(db, review, study):
    pain = build.outcome(db, review.review, "Pain", kind=OutcomeKind.CONTINUOUS, measure="MD")
    copy = services.copies.take(db, review.ben, study)
    path = f"result.{pain.id}..1.sd"
    services.deriving.compute(db, review.ben, copy, path, "sd_from_se", {"se": "0,5", "n": "100"})
    entry = queries.entries(db, copy.id)[path]
    assert entry.value == "5"
    assert "SE 0.5" in entry.derived
    services.copies.save(db, review.ben, copy, {path: "6"})
    assert queries.entries(db, copy.id)[path].derived == ""
    with pytest.raises(Invalid):
        services.deriving.compute(db, review.ben, copy, path, "events_from_percent", {})


def test_a_copy_with_gaps_is_not_finished(db, review, study, outcome):
    copy = services.copies.take(db, review.ben, study)
    services.copies.save(db, review.ben, copy, {f"result.{outcome.id}..1.events": "3"})
    with pytest.raises(errors.Incomplete) as error:
        services.copies.finish(db, review.ben, copy)
    assert "has no Total" in error.value.message
    assert "Arm 2 has no treatment" in error.value.message


def test_a_finished_copy_is_closed_until_its_extractor_opens_it(db, review, study, outcome):
    copy = people.filled(db, review.ben, study, people.numbers(outcome))
    with pytest.raises(errors.CopyIsDone):
        services.copies.save(db, review.ben, copy, {"arm.1.n": "61"})
    services.copies.reopen(db, review.ben, copy)
    assert copy.state is CopyState.IN_PROGRESS


def test_an_empty_copy_can_be_left_to_somebody_else(db, review, study):
    copy = services.copies.take(db, review.ben, study)
    services.copies.give_back(db, review.ben, copy)
    assert queries.copies(db, study.id) == {}


# ---- blinding ----


@pytest.mark.parametrize("role", ["cem", "ann", "dora", "observer", "statistician"])
def test_nobody_sees_a_copy_before_both_are_done(db, review, study, outcome, role):
    copy = people.filled(db, review.ben, study, people.numbers(outcome))
    with pytest.raises(errors.Blind):
        queries.copy(db, getattr(review, role), copy.id)
    people.filled(db, review.cem, study, people.numbers(outcome))
    assert queries.copy(db, getattr(review, role), copy.id).id == copy.id


def test_nobody_writes_into_the_copy_of_another(db, review, study, outcome):
    copy = services.copies.take(db, review.ben, study)
    with pytest.raises(errors.Blind):
        services.copies.save(db, review.ann, copy, {"arm.1.n": "1"})
    people.filled(db, review.cem, study, people.numbers(outcome))
    with pytest.raises(errors.Blind):
        services.copies.finish(db, review.cem, copy)


# ---- consensus ----


def test_the_consensus_waits_for_both_and_for_a_third_person(db, review, study, outcome):
    people.filled(db, review.ben, study, people.numbers(outcome))
    with pytest.raises(errors.NotBothDone):
        services.agreeing.begin(db, review.ann, study)
    people.filled(db, review.cem, study, people.numbers(outcome))
    with pytest.raises(errors.ThirdPersonNeeded):
        services.agreeing.begin(db, review.ben, study)


def test_agreed_cells_are_filled_and_the_difference_is_left_open(db, review, study, outcome):
    people.both(db, review, study, outcome)
    final = services.agreeing.begin(db, review.ann, study)
    values = people.values(db, final)
    assert f"result.{outcome.id}..1.events" not in values
    assert len(values) == len(people.numbers(outcome)) - 1


def test_completing_types_arms_and_results_and_tells_later_stages(
    db, review, study, outcome, heard
):
    people.both(db, review, study, outcome)
    final = services.agreeing.begin(db, review.ann, study)
    path = f"result.{outcome.id}..1.events"
    services.agreeing.adopt(db, review.ann, final, path, CopyKind.SECOND)
    services.agreeing.complete(db, review.ann, final)
    arms = db.exec(select(Arm).where(Arm.study_id == study.id).order_by(col(Arm.number))).all()
    assert [(a.treatment, a.participants) for a in arms] == [("sumatriptan", 60), ("placebo", 58)]
    results = db.exec(
        select(Result).where(Result.study_id == study.id).order_by(col(Result.id))
    ).all()
    assert [(r.arm_id, r.events, r.total) for r in results] == [
        (arms[0].id, 31, 60),
        (arms[1].id, 10, 58),
    ]
    assert heard == [events.ExtractionAgreed(study.id)]
    assert progress.progress(db, review.ann) == (1, 1)


def test_a_gap_keeps_the_consensus_open(db, review, study, outcome):
    people.both(db, review, study, outcome)
    final = services.agreeing.begin(db, review.ann, study)
    with pytest.raises(errors.Incomplete):
        services.agreeing.complete(db, review.ann, final)
    assert db.exec(select(Result).where(Result.study_id == study.id)).all() == []


def test_a_correction_keeps_the_arms_and_replaces_the_results(db, review, study, outcome, heard):
    people.both(db, review, study, outcome)
    final = services.agreeing.begin(db, review.ann, study)
    path = f"result.{outcome.id}..1.events"
    services.agreeing.settle(db, review.ann, final, {path: "30"})
    services.agreeing.complete(db, review.ann, final)
    before = [
        a.id for a in db.exec(select(Arm).where(Arm.study_id == study.id).order_by(col(Arm.id)))
    ]
    services.agreeing.reopen(db, review.ann, final)
    services.agreeing.settle(db, review.ann, final, {path: "32"})
    services.agreeing.complete(db, review.ann, final)
    after = [
        a.id for a in db.exec(select(Arm).where(Arm.study_id == study.id).order_by(col(Arm.id)))
    ]
    events_ = db.exec(select(Result.events).where(Result.study_id == study.id)).all()
    assert before == after
    assert sorted(e for e in events_ if e is not None) == [10, 32]
    assert [type(news) for news in heard] == [
        events.ExtractionAgreed,
        events.ExtractionReopened,
        events.ExtractionAgreed,
    ]


def test_arms_entered_in_another_order_are_compared_by_treatment(db, review, study, outcome):
    turned = {
        "arm.1.treatment": "Placebo",
        "arm.1.n": "58",
        "arm.2.treatment": "Sumatriptan",
        "arm.2.n": "60",
        f"result.{outcome.id}..2.events": "30",
        f"result.{outcome.id}..2.total": "60",
        f"result.{outcome.id}..1.events": "10",
        f"result.{outcome.id}..1.total": "58",
    }
    people.filled(db, review.ben, study, people.numbers(outcome))
    people.filled(db, review.cem, study, turned)
    final = services.agreeing.begin(db, review.ann, study)
    assert people.values(db, final) == people.numbers(outcome)


def test_a_copy_cannot_be_corrected_once_the_consensus_began(db, review, study, outcome):
    people.both(db, review, study, outcome)
    services.agreeing.begin(db, review.ann, study)
    copy = queries.copies(db, study.id)[CopyKind.FIRST]
    with pytest.raises(errors.ConsensusBegan) as error:
        services.copies.reopen(db, review.ben, copy)
    assert "Ann" in error.value.message


def test_values_of_an_outcome_that_left_the_protocol_are_kept_and_not_used(
    db, review, study, outcome
):
    gone = build.outcome(db, review.review, "Nausea")
    extra = {f"result.{gone.id}..1.events": "3", f"result.{gone.id}..1.total": "60"}
    people.filled(db, review.ben, study, people.numbers(outcome) | extra)
    people.filled(db, review.cem, study, people.numbers(outcome) | extra)
    gone.removed_at = now()
    db.add(gone)
    final = services.agreeing.begin(db, review.ann, study)
    services.agreeing.complete(db, review.ann, final)
    results = db.exec(select(Result).where(Result.study_id == study.id)).all()
    assert {r.outcome_id for r in results} == {outcome.id}
    first = queries.copies(db, study.id)[CopyKind.FIRST]
    assert people.values(db, first).items() >= extra.items()


# ---- characteristics ----


def test_the_usual_characteristics_are_added_once(db, review):
    assert services.fields.add_usual(db, review.ann)
    assert services.fields.add_usual(db, review.ann) == []


def test_a_characteristic_asked_no_more_keeps_its_values_and_can_come_back(db, review, study):
    field = services.fields.add(db, review.ann, "Country", required=True)
    copy = services.copies.take(db, review.ben, study)
    services.copies.save(db, review.ben, copy, {"study.country": "Italy"})
    services.fields.archive(db, review.ann, field)
    assert queries.form(db, review.review.id).characteristics == []
    assert people.values(db, copy) == {"study.country": "Italy"}
    assert services.fields.add(db, review.ann, "Country").id == field.id


@pytest.mark.parametrize(
    ("label", "fields"),
    [("???", {}), ("Design", {"kind": "choice"}), ("Design", {"kind": "colour"})],
)
def test_a_characteristic_that_cannot_work_is_refused(db, review, label, fields):
    with pytest.raises(Invalid):
        services.fields.add(db, review.ann, label, **fields)


def test_every_study_is_counted_once_in_what_waits(db, review, study, outcome, app):
    with app.test_request_context():
        assert [words for words, _ in progress.tasks(db, review.ben)] == ["1 study to extract"]
        people.both(db, review, study, outcome)
        assert progress.tasks(db, review.ben) == []
        assert [words for words, _ in progress.tasks(db, review.ann)] == ["1 extraction to settle"]
        assert progress.tasks(db, review.observer) == []
    assert db.exec(select(Study)).all()
