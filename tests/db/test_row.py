"""One guard for every row: what is another review's is as if it never was."""

import pytest

from reviewtool.db.row import mine
from reviewtool.db.types import now
from reviewtool.errors import NotFound
from reviewtool.extraction.models import Study
from tests import build


@pytest.fixture
def study(db, review):
    row = Study(review_id=review.review.id, label="Vas 2006")
    db.add(row)
    db.flush()
    return row


def test_a_row_of_my_review_is_found(db, review, study):
    assert mine(db, review.ann, Study, study.id) is study


@pytest.mark.parametrize("row_id", [-1, 0, 987654321, 2**63, 10**30])
def test_an_id_that_names_no_row_is_not_there(db, review, row_id):
    with pytest.raises(NotFound):
        mine(db, review.ann, Study, row_id)


def test_a_row_of_another_review_is_not_there(db, study):
    with pytest.raises(NotFound):
        mine(db, build.team(db).ann, Study, study.id)


def test_a_row_that_was_removed_is_not_there_when_asked_so(db, review, study):
    study.removed_at = now()
    assert mine(db, review.ann, Study, study.id) is study
    with pytest.raises(NotFound):
        mine(db, review.ann, Study, study.id, unless="removed_at")
