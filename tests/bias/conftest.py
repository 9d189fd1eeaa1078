"""A study with one extracted result, and assessments filled in one line."""

from typing import Any

import pytest
from sqlmodel import Session

from reviewtool.bias import queries, services
from reviewtool.bias.models import Assessment
from reviewtool.bias.queries import Key
from reviewtool.extraction.models import Arm, Result, Study
from reviewtool.team.models import Member
from tests import build

# Answers that make every domain Low (effect of assignment).
LOW = {
    "D1": {"1.1": "Y", "1.2": "Y", "1.3": "N"},
    "D2": {"2.1": "N", "2.2": "N", "2.6": "Y"},
    "D3": {"3.1": "Y"},
    "D4": {"4.1": "N", "4.2": "N", "4.3": "N"},
    "D5": {"5.1": "Y", "5.2": "N", "5.3": "N"},
}
SOME_D1 = {"1.1": "Y", "1.2": "NI", "1.3": "N"}


def a_study(db: Session, review_id: int, label: str, outcome_id: int) -> Study:
    """A study with two arms and a result for the outcome."""
    row = Study(review_id=review_id, label=label)
    db.add(row)
    db.flush()
    for number, name in enumerate(("acupuncture", "sham"), start=1):
        arm = Arm(review_id=review_id, study_id=row.id, number=number, name=name, treatment=name)
        db.add(arm)
        db.flush()
        db.add(
            Result(
                review_id=review_id,
                study_id=row.id,
                outcome_id=outcome_id,
                arm_id=arm.id,
                events=10,
                total=50,
            )
        )
    db.flush()
    return row


@pytest.fixture
def outcome(db: Session, review: build.Team) -> Any:
    return build.outcome(db, review.review)


@pytest.fixture
def study(db: Session, review: build.Team, outcome: Any) -> Study:
    return a_study(db, review.review.id, "Visser 1996", outcome.id)


@pytest.fixture
def key(study: Study, outcome: Any) -> Key:
    return Key(study.id, outcome.id, "")


def fill(
    db: Session, who: Member, copy: Assessment, changes: dict[str, dict[str, str]] | None = None
) -> None:
    """Answer everything as Low, with some domains answered otherwise."""
    for domain, answers in {**LOW, **(changes or {})}.items():
        services.save_domain(db, who, copy, domain, answers)


def assess(
    db: Session, who: Member, key: Key, changes: dict[str, dict[str, str]] | None = None
) -> Assessment:
    """A finished copy of ``who``."""
    copy = services.start(db, who, key)
    fill(db, who, copy, changes)
    services.finish(db, who, copy)
    return copy


def final(db: Session, copy: Assessment, domain: str) -> str:
    return queries.judgements(db, copy)[domain].final
