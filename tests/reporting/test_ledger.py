"""The flow diagram counts what is there, in the right unit, and every number has its list."""

import pytest

from reviewtool.db.types import now
from reviewtool.extraction.models import Study, StudyReport
from reviewtool.references.models import Retrieval, Search, SourceKind
from reviewtool.reporting import queries
from reviewtool.reporting.sheets import flow as flowchart
from reviewtool.screening.models import ExclusionReason, Standing
from reviewtool.screening.rules.outcome import Outcome, Phase
from tests import build


def stand(db, record, outcome, phase=Phase.TITLE_ABSTRACT, **fields):
    db.add(
        Standing(
            review_id=record.review_id, phase=phase, record_id=record.id, outcome=outcome, **fields
        )
    )
    db.flush()


@pytest.fixture
def finished(db, review):
    """Ten records: 2 duplicates, 1 removed, 4 excluded; reports: 1 lost, 1 excluded, 1 included."""
    team = review.review
    reason = ExclusionReason(review_id=team.id, position=1, label="Wrong population")
    db.add(reason)
    records = [build.record(db, team) for _ in range(10)]
    for copy in records[:2]:
        copy.merged_into_id = records[9].id
    records[2].removed_reason = "automation"
    for one in records[3:7]:
        stand(db, one, Outcome.EXCLUDE)
    reports = []
    for one in records[7:]:
        stand(db, one, Outcome.INCLUDE)
        reports.append(build.report(db, one))
    reports[0].retrieval = Retrieval.NOT_RETRIEVED
    reports[1].retrieval = reports[2].retrieval = Retrieval.RETRIEVED
    stand(db, records[8], Outcome.EXCLUDE, Phase.FULL_TEXT, reason_id=reason.id)
    stand(db, records[9], Outcome.INCLUDE, Phase.FULL_TEXT)
    study = Study(review_id=team.id, label="Visser 1996")
    db.add(study)
    db.flush()
    db.add(StudyReport(study_id=study.id, report_id=reports[2].id))
    db.flush()
    return review


def test_a_finished_review_balances(db, finished):
    counts = queries.counts(db, finished.review.id)
    expected = {
        "database_results": 10,
        "duplicates": 2,
        "excluded_automatic": 1,
        "records_screened": 7,
        "records_excluded": 4,
        "dbr_sought_reports": 3,
        "dbr_notretrieved_reports": 1,
        "dbr_assessed": 2,
        "dbr_excluded": {"Wrong population": 1},
        "new_reports": 1,
        "new_studies": 1,
        "pending_records": 0,
        "pending_reports": 0,
        "unlinked_reports": 0,
    }
    assert {key: counts[key] for key in expected} == expected
    assert flowchart.broken(counts) == []


def test_every_number_is_the_length_of_its_list(db, finished):
    for key in queries.BOXES:
        items = queries.items(db, finished.ann, key)
        assert len(items) == queries.count(db, finished.review.id, key), key


def test_a_broken_identity_is_named(db, finished):
    build.record(db, finished.review)
    counts = queries.counts(db, finished.review.id)
    assert [key for key, _ in flowchart.broken(counts)] == ["P1"]
    assert counts["pending_records"] == 1


def test_an_import_that_was_undone_is_not_counted(db, finished):
    extra = build.record(db, finished.review)
    extra.set_aside_at = now()
    db.flush()
    assert queries.counts(db, finished.review.id)["database_results"] == 10


def test_other_methods_have_their_own_column(db, finished):
    other = Search(
        review_id=finished.review.id, database="Reference lists", kind=SourceKind.CITATION
    )
    db.add(other)
    db.flush()
    found = build.record(db, finished.review, search_id=other.id)
    stand(db, found, Outcome.INCLUDE)
    report = build.report(db, found)
    report.retrieval = Retrieval.NOT_RETRIEVED
    db.flush()
    counts = queries.counts(db, finished.review.id)
    assert (
        counts["citations_results"],
        counts["other_sought_reports"],
        counts["other_notretrieved_reports"],
    ) == (1, 1, 1)
    assert counts["dbr_sought_reports"] == 3
    assert flowchart.broken(counts) == []


def test_another_reviews_records_are_not_counted(db, finished):
    other = build.team(db, "Another")
    build.record(db, other.review)
    assert queries.counts(db, other.review.id)["database_results"] == 1
    assert queries.counts(db, finished.review.id)["database_results"] == 10


def test_a_citation_already_found_in_a_database_is_identified_but_not_sought(db, review):
    first = build.record(db, review.review)
    stand(db, first, Outcome.EXCLUDE)
    other = Search(review_id=review.review.id, database="Citations", kind=SourceKind.CITATION)
    db.add(other)
    db.flush()
    build.record(db, review.review, search_id=other.id, merged_into_id=first.id)
    counts = queries.counts(db, review.review.id)
    assert (counts["citations_results"], counts["other_sought_reports"]) == (1, 0)
    assert counts["duplicates"] == 0
