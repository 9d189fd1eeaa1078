"""Records of the review, and a PDF."""

import pytest

from reviewtool.screening import services
from reviewtool.screening.rules.outcome import Vote
from tests import build

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def record(db, review):
    """One record nobody has looked at."""
    row = build.record(
        db, review.review, "Sumatriptan for acute migraine", authors="Visser, W", year=1996
    )
    db.commit()
    return row


@pytest.fixture
def records(db, review):
    """Five records nobody has looked at."""
    rows = [build.record(db, review.review, f"Trial {number}") for number in range(1, 6)]
    db.commit()
    return rows


@pytest.fixture
def report(db, review, record):
    """The report of a record that Ben and Cem included, with its PDF."""
    for voter in (review.ben, review.cem):
        services.decide(db, voter, record, Vote.INCLUDE)
    from reviewtool.screening import queries
    from reviewtool.storage import current_storage

    found = queries.report_of(db, record.id)
    services.attach(db, review.ann, found, current_storage(), "visser.pdf", PDF)
    db.commit()
    return found


@pytest.fixture
def reasons(db, review):
    """Two reasons: population before design."""
    rows = [
        services.add_reason(db, review.ann, label) for label in ("Wrong population", "Wrong design")
    ]
    db.commit()
    return rows
