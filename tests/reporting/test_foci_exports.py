"""Brain coordinates as files: the agreed ones, each in its own space, and nobody's blind copy."""

from reviewtool.extraction import services
from reviewtool.extraction.replay import replay
from reviewtool.formats import coordinates
from reviewtool.protocol.models import OutcomeKind
from reviewtool.reporting.exports import export
from tests import build
from tests.extraction import people

TEXT = "// Reference=Talairach\n// {study}: pain\n// Subjects=12\n-12.5 34 56 4.5 120\n\n"
USUAL = {"modality": "functional", "direction": "increase"}


def copy_of(db, member, study, text):
    copy = services.copies.take(db, member, study)
    services.foci.take_in(db, member, copy, text.format(study=study.label), usual=USUAL)
    services.copies.finish(db, member, copy)


def test_agreed_foci_leave_as_a_table_and_as_sleuth_text(db, review):
    build.outcome(db, review.review, "Activation", kind=OutcomeKind.COORDINATES)
    study = people.study(db, review)
    for member in (review.ben, review.cem):
        copy_of(db, member, study, TEXT)
    agreed = services.agreeing.begin(db, review.dora, study)
    services.agreeing.complete(db, review.dora, agreed)
    table = export("foci").write(db, review.observer).decode("utf-8-sig").splitlines()
    assert table[1].endswith(",pain,12,Talairach,functional,increase,,-12.5,34.0,56.0,4.5,120.0")
    (found,) = coordinates.read(export("foci_sleuth").write(db, review.observer)).experiments
    assert (found.label, found.n, found.space) == ("Visser 1996: pain", 12, "Talairach")
    assert found.foci[0].point == (-12.5, 34, 56)
    assert list(replay(db, review.review.id, None)) == []


def test_a_blind_copy_is_in_no_file_of_anybody_else(db, review):
    build.outcome(db, review.review, "Activation", kind=OutcomeKind.COORDINATES)
    study = people.study(db, review)
    copy_of(db, review.ben, study, TEXT)
    for key in ("extraction", "foci", "foci_sleuth"):
        assert b"12.5" not in export(key).write(db, review.cem), key
    assert b"-12.5 34 56" in export("extraction").write(db, review.ben)
