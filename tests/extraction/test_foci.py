"""Brain coordinates in duplicate: typed, pasted, from a file, compared, settled, and blind."""

from pathlib import Path

import pytest
from sqlmodel import select

from reviewtool.errors import ChangedMeanwhile, Invalid
from reviewtool.extraction import errors, queries, services
from reviewtool.extraction.models import CopyKind, Experiment, Focus
from reviewtool.extraction.rules import foci as rules
from reviewtool.extraction.rules.values import check
from reviewtool.extraction.services import CellIn
from reviewtool.protocol.models import OutcomeKind
from tests import build
from tests.extraction import people

HEAD = {
    "experiment.1.name": "pain > rest",
    "experiment.1.n": "12",
    "experiment.1.modality": "fMRI",
    "experiment.1.direction": "increase",
    "experiment.1.space": "MNI152",
}
ROWS = "x y z T\n-12 34 56 4.5\n40 -8 2 3.9\n0 0 0 3.1\n"


@pytest.fixture
def outcome(db, review):
    found = build.outcome(
        db,
        review.review,
        "Activation by pain",
        kind=OutcomeKind.COORDINATES,
        modality="functional",
        direction="increase",
    )
    db.commit()
    return found


@pytest.fixture
def study(db, review, outcome):
    return people.study(db, review)


def filled(db, member, study, text=ROWS, **head):
    copy = services.copies.take(db, member, study)
    taken = services.foci.take_in(db, member, copy, text, into=1)
    assert not taken.unread
    saved = services.copies.save(db, member, copy, HEAD | head)
    assert not saved.refused
    services.copies.finish(db, member, copy)
    return copy


def test_a_review_of_coordinates_alone_asks_for_no_arms(db, review, study):
    form = queries.form(db, review.review.id)
    assert (form.least_arms, form.usual_arms, form.asks_foci) == (0, 0, True)
    copy = filled(db, review.ben, study)
    stored = people.values(db, copy)
    assert stored["experiment.1.modality"] == "functional"
    assert stored["experiment.1.space"] == "MNI"
    assert stored["experiment.1.focus.2.at"] == "40 -8 2"
    assert stored["experiment.1.focus.2.statistic"] == "3.9"


def test_a_review_without_coordinates_knows_no_such_cells(db, review):
    build.outcome(db, review.review)
    study = people.study(db, review)
    copy = services.copies.take(db, review.ben, study)
    with pytest.raises(Invalid, match="no cell"):
        services.copies.save(db, review.ben, copy, HEAD)
    with pytest.raises(Invalid, match="plans no outcome of brain coordinates"):
        services.foci.take_in(db, review.ben, copy, ROWS)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("\u221212,5; 3; 4", "-12.5 3 4"), ("(1, 2, 3)", "1 2 3"), ("1\t2\t3", "1 2 3")],
)
def test_a_point_is_typed_in_many_ways(db, review, study, typed, stored):
    copy = services.copies.take(db, review.ben, study)
    services.copies.save(db, review.ben, copy, {"experiment.1.focus.1.at": typed})
    assert people.values(db, copy) == {"experiment.1.focus.1.at": stored}


@pytest.mark.parametrize(
    ("path", "typed", "words"),
    [
        ("experiment.1.focus.1.at", "12 34", "has 2 values"),
        ("experiment.1.focus.1.at", "1 2 900", "z = 900 mm lies outside every brain"),
        ("experiment.1.focus.1.at", "1 2 left", "not a number"),
        ("experiment.1.focus.1.size", "0", "above 0"),
        ("experiment.1.n", "0", "0 people"),
        ("experiment.1.n", "12.5", "whole number"),
        ("experiment.1.modality", "x-ray", "not one of"),
        ("experiment.1.space", "native", "MNI, Talairach"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(db, review, study, path, typed, words):
    copy = services.copies.take(db, review.ben, study)
    saved = services.copies.save(db, review.ben, copy, {path: typed})
    assert words in saved.refused[0].message
    assert people.values(db, copy) == {}


def test_impossible_and_odd_rows_are_named_and_the_others_stored(db, review, study):
    copy = services.copies.take(db, review.ben, study)
    taken = services.foci.take_in(db, review.ben, copy, "1 2 3\n1 2 1200\n4 5\n7 8 9")
    assert [(one.line, one.text) for one in taken.unread] == [(2, "1 2 1200"), (3, "4 5")]
    assert taken.rest == "1 2 1200\n4 5"
    stored = people.values(db, copy)
    assert [stored[f"experiment.1.focus.{n}.at"] for n in (1, 2)] == ["1 2 3", "7 8 9"]


def test_a_file_of_many_studies_gives_this_studys_experiments(db, review, study):
    text = (
        "// Reference=MNI\n// Lee: a\n// Subjects=9\n1 2 3\n\n"
        "// Visser 1996: go\n// Subjects=12\n4 5 6\n\n// Visser 1996: stop\n// Subjects=12\n7 8 9\n"
    )
    copy = services.copies.take(db, review.ben, study)
    taken = services.foci.take_in(
        db, review.ben, copy, text, usual={"modality": "fMRI", "direction": "increase"}
    )
    assert (taken.experiments, taken.foci) == (2, 2)
    assert "1 other study" in taken.notes[0]
    stored = people.values(db, copy)
    assert (stored["experiment.2.name"], stored["experiment.2.n"]) == ("stop", "12")
    assert stored["experiment.1.modality"] == "functional"
    services.copies.finish(db, review.ben, copy)


def test_a_file_that_does_not_know_the_study_asks_which_one_it_is(db, review, study):
    text = "// Lee: a\n// Subjects=9\n1 2 3\n\n// Kim: b\n// Subjects=9\n4 5 6\n"
    copy = services.copies.take(db, review.ben, study)
    with pytest.raises(services.foci.OtherStudies) as refused:
        services.foci.take_in(db, review.ben, copy, text)
    assert refused.value.names == ("Lee", "Kim")
    taken = services.foci.take_in(db, review.ben, copy, text, of_study="Kim")
    assert taken.foci == 1


def test_a_copy_is_not_done_without_what_a_kernel_needs(db, review, study):
    copy = services.copies.take(db, review.ben, study)
    services.foci.take_in(db, review.ben, copy, ROWS)
    with pytest.raises(errors.Incomplete, match="Experiment 1 has no number of people"):
        services.copies.finish(db, review.ben, copy)


def test_the_same_foci_in_another_order_and_within_rounding_agree(db, review, study):
    filled(db, review.ben, study)
    filled(db, review.cem, study, "0 0 0 3.1\n40.0 -8.0 2.0 3.9\n-12.4 34 56 4.50\n")
    consensus = services.agreeing.begin(db, review.dora, study)
    stored = people.values(db, consensus)
    assert stored["experiment.1.focus.1.at"] == "-12.4 34 56"  # the finer one
    assert stored["experiment.1.focus.3.at"] == "0 0 0"
    services.agreeing.complete(db, review.dora, consensus)
    (row,) = db.exec(select(Experiment)).all()
    assert (row.name, row.participants, row.space) == ("pain > rest", 12, "MNI")
    points = db.exec(select(Focus).where(Focus.experiment_id == row.id).order_by(Focus.number))
    assert [(f.x, f.y, f.z, f.statistic) for f in points] == [
        (-12.4, 34, 56, 4.5),
        (40, -8, 2, 3.9),
        (0, 0, 0, 3.1),
    ]


def test_each_focus_that_differs_is_shown_and_settled_on_its_own(db, review, study):
    filled(db, review.ben, study)
    filled(db, review.cem, study, "-40 -8 2 3.9\n0 0 0 3.1\n-12 34 56 4.5\n70 -20 4\n")
    form = queries.form(db, review.review.id)
    found = queries.copies(db, study.id)
    _, second, compared = services.agreeing.side_by_side(db, found, form)
    differ = {one.path: (one.first, one.second) for one in compared if not one.agreed}
    assert differ == {
        "experiment.1.focus.2.at": ("40 -8 2", "-40 -8 2"),
        "experiment.1.focus.4.at": ("", "70 -20 4"),
    }
    assert second["experiment.1.focus.2.statistic"].value == "3.9"
    consensus = services.agreeing.begin(db, review.dora, study)
    services.agreeing.adopt(
        db, review.dora, consensus, "experiment.1.focus.2.at", CopyKind.SECOND, 0
    )
    services.agreeing.complete(db, review.dora, consensus)
    assert sorted(f.x for f in db.exec(select(Focus))) == [-40, -12, 0]
    services.agreeing.reopen(db, review.dora, consensus)
    services.agreeing.adopt(
        db, review.dora, consensus, "experiment.1.focus.4.at", CopyKind.SECOND, 0
    )
    services.agreeing.complete(db, review.dora, consensus)
    assert sorted(f.x for f in db.exec(select(Focus))) == [-40, -12, 0, 70]


def test_experiments_in_another_order_are_matched_by_their_foci():
    first = {
        "experiment.1.name": "a",
        "experiment.1.focus.1.at": "1 2 3",
        "experiment.2.name": "b",
        "experiment.2.focus.1.at": "40 50 60",
    }
    second = {
        "experiment.1.name": "B",
        "experiment.1.focus.1.at": "40 50 60",
        "experiment.2.name": "A",
        "experiment.2.focus.1.at": "1 2 3",
    }
    moved = rules.aligned(first, second)
    assert moved["experiment.1.focus.1.at"] == "experiment.2.focus.1.at"
    assert moved["experiment.2.name"] == "experiment.1.name"


def test_no_cell_of_the_second_copy_is_lost_in_the_matching():
    second = {f"experiment.1.focus.{n}.at": f"{n} {n} {70 - n}" for n in range(1, 9)}
    second |= {f"experiment.2.focus.{n}.at": f"{-n} {n} {n}" for n in range(1, 5)}
    first = {"experiment.1.focus.3.at": "1 1 69", "experiment.5.focus.1.at": "-2 2 2"}
    moved = rules.aligned(first, second)
    assert set(moved) == set(second)
    assert len(set(moved.values())) == len(second)


def test_mixed_spaces_twins_and_equal_names_are_flagged(db, review, study):
    form = queries.form(db, review.review.id)
    values = {
        "experiment.1.name": "go",
        "experiment.1.space": "MNI",
        "experiment.1.focus.1.at": "1 2 3",
        "experiment.1.focus.2.at": "1.0 2 3",
        "experiment.2.name": "Go",
        "experiment.2.space": "Talairach",
    }
    said = {one.path: one.message for one in check(form, values)}
    assert "MNI and in Talairach" in said["experiment.1.space"]
    assert "same point" in said["experiment.1.focus.2.at"]
    assert "both called" in said["experiment.2.name"]


def test_a_focus_outside_the_brain_is_flagged_in_its_own_space(db, review, study):
    form = queries.form(db, review.review.id)
    values = {
        "experiment.1.space": "MNI",
        "experiment.1.focus.1.at": "38 4 2",
        "experiment.1.focus.2.at": "38 104 2",
        "experiment.2.focus.1.at": "0 -80 -66",
    }
    said = {one.path: one.message for one in check(form, values)}
    assert list(said) == ["experiment.1.focus.2.at"]
    assert "outside the brain in MNI space" in said["experiment.1.focus.2.at"]
    copy = services.copies.take(db, review.ben, study)
    assert not services.copies.save(db, review.ben, copy, values).refused  # flagged, and kept


def test_who_saw_an_older_focus_is_told_both_values(db, review, study):
    copy = services.copies.take(db, review.ben, study)
    path = "experiment.1.focus.1.at"
    services.copies.save(db, review.ben, copy, {path: "1 2 3"})
    services.copies.save(db, review.ben, copy, {path: CellIn(value="4 5 6", made_from=1)})
    with pytest.raises(ChangedMeanwhile):
        services.copies.save(db, review.ben, copy, {path: CellIn(value="7 8 9", made_from=1)})


def test_foci_of_the_other_extractor_stay_closed_until_both_are_done(db, review, study, sign_in):
    copy = filled(db, review.ben, study, "-44 31 17\n")
    mine = services.copies.take(db, review.cem, study)
    db.commit()
    cem, base = sign_in(review.cem), f"/reviews/{review.review.id}/extraction"
    assert cem.get(f"{base}/copies/{copy.id}").status_code == 403
    for path in (f"/studies/{study.id}", f"/copies/{mine.id}", "/"):
        assert "-44 31 17" not in cem.get(f"{base}{path}").text
    paste = {"text": "1 2 3"}
    api = f"/api/v1/reviews/{review.review.id}/extraction/copies/{copy.id}/foci"
    token = cem.get(f"{base}/copies/{mine.id}").text.split('name="csrf_token" value="')[1]
    headers = {"X-CSRFToken": token.split('"')[0]}
    assert cem.post(api, json=paste, headers=headers).status_code == 403
    assert people.values(db, copy)["experiment.1.focus.1.at"] == "-44 31 17"


def test_the_page_takes_a_paste_and_gives_back_odd_lines(db, review, study, sign_in):
    copy = services.copies.take(db, review.ben, study)
    db.commit()
    ben = sign_in(review.ben)
    url = f"/reviews/{review.review.id}/extraction/copies/{copy.id}"
    page = ben.get(url).text
    assert "Brain coordinates" in page
    assert 'id="arms"' not in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    sent = {"csrf_token": token, "text": "1 2 3\nnot 4 5", "space": "Talairach"}
    answer = ben.post(f"{url}/foci", data=sent)
    assert answer.status_code == 422
    assert "1 line was not" in answer.text
    assert ">not 4 5</textarea>" in answer.text
    assert 'value="1 2 3"' in answer.text
    again = ben.post(f"{url}/foci", data={**sent, "text": "4 5 6", "into": "1"})
    assert again.status_code == 302 or again.status_code == 303
    assert people.values(db, copy)["experiment.1.focus.2.at"] == "4 5 6"


def test_a_reference_set_goes_in_by_file(db, review, study, sign_in, reference: Path):
    path = reference / "cbma" / "pain21.sleuth.txt"
    if not path.exists():
        pytest.skip(f"no {path.name} in the reference folder")
    copy = services.copies.take(db, review.ben, study)
    db.commit()
    ben = sign_in(review.ben)
    url = f"/reviews/{review.review.id}/extraction/copies/{copy.id}"
    token = ben.get(url).text.split('name="csrf_token" value="')[1].split('"')[0]
    with path.open("rb") as stream:
        sent = {"csrf_token": token, "file": (stream, "pain21.txt")}
        answer = ben.post(f"{url}/foci", data=sent)
    assert "The file has experiments of 21 studies" in answer.text
    text = path.read_text()
    ben.post(f"{url}/foci", data={"csrf_token": token, "text": text, "of_study": "pain_02"})
    stored = people.values(db, copy)
    assert (stored["experiment.1.n"], stored["experiment.1.space"]) == ("25", "MNI")
    assert stored["experiment.1.focus.1.at"] == "-36 2 -16"


def test_a_file_of_many_studies_goes_into_my_own_copies(db, review, study, sign_in):
    people.study(db, review, "Lee 2010")
    done = people.study(db, review, "Kim 2012")
    filled(db, review.ben, done)
    db.commit()
    text = "".join(
        f"// {name}: pain\n// Subjects=12\n{number} 2 3\n{number} 2 900\n\n"
        for number, name in enumerate(("visser 1996", "Lee 2010", "Kim 2012", "Poe 2014"))
    )
    ben = sign_in(review.ben)
    url = f"/reviews/{review.review.id}/extraction/foci"
    api = f"/api/v1/reviews/{review.review.id}/extraction/foci"
    token = ben.get(url).text.split('name="csrf_token" value="')[1].split('"')[0]
    sent = {"csrf_token": token, "text": f"// Reference=MNI\n{text}odd", "direction": "increase"}
    answer = ben.post(url, data=sent)
    assert answer.status_code == 200
    for said in (
        "2 studies were taken in",
        "your copy is finished",
        "the review has no study of this name",
        "1 line was not read",
        "z = 900 mm lies outside every brain",
    ):
        assert said in answer.text, said
    again = ben.post(url, data=sent).text
    assert "your copy has experiments already" in again
    db.expire_all()
    copy = queries.own_copy(queries.copies(db, study.id), review.ben)
    assert people.values(db, copy)["experiment.1.focus.1.at"] == "0 2 3"
    db.commit()
    assert ben.post(url, data={**sent, "text": "1 2 3"}).status_code == 422
    cem = sign_in(review.cem)
    token = cem.get(url).text.split('name="csrf_token" value="')[1].split('"')[0]
    made = cem.post(api, json={"text": text}, headers={"X-CSRFToken": token})
    assert made.status_code == 200, made.text
    assert [one["foci"] for one in made.json["studies"]] == [1, 1, 1, 0]
