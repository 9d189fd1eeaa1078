"""Trials that are extracted, and what becomes of them in an analysis."""

from typing import Any

import pytest
from sqlmodel import Session

from reviewtool import events
from reviewtool.db.types import now
from reviewtool.extraction.models import Arm, CopyKind, CopyState, Extraction, Result, Study
from reviewtool.protocol.models import PlannedOutcome
from reviewtool.synthesis import queries
from reviewtool.synthesis.queries import Line
from reviewtool.team.models import Member
from tests import build

COUNTS = [((14, 40), (6, 41)), ((20, 60), (9, 58)), ((11, 35), (7, 36))]


def agree(db: Session, actor: Member, study: Study) -> None:
    """A study's consensus is done."""
    db.add(
        Extraction(
            review_id=study.review_id,
            study_id=study.id,
            kind=CopyKind.CONSENSUS,
            member_id=actor.id,
            state=CopyState.DONE,
            done_at=now(),
        )
    )
    db.flush()
    events.tell(db, actor, events.ExtractionAgreed(study_id=study.id))


def trial(
    db: Session,
    outcome: PlannedOutcome,
    label: str,
    arms: dict[str, dict[str, Any]],
    *,
    year: int | None = None,
    contrast: bool = False,
) -> Study:
    """A study with arms by treatment and what its result for ``outcome`` holds, if anything.

    contrast: the result of the first arm compares it with the second.
    """
    study = Study(review_id=outcome.review_id, label=label, year=year)
    db.add(study)
    db.flush()
    own = {"review_id": outcome.review_id, "study_id": study.id}
    rows = [
        Arm(**own, number=number, name=treatment, treatment=treatment)
        for number, treatment in enumerate(arms, 1)
    ]
    db.add_all(rows)
    db.flush()
    for arm, numbers in zip(rows, arms.values(), strict=True):
        if numbers:
            reference = rows[1].id if contrast else None
            result = {"outcome_id": outcome.id, "arm_id": arm.id, "reference_arm_id": reference}
            db.add(Result(**own, **result, **numbers))
    db.flush()
    return study


def counts(*sides: tuple[int, int]) -> dict[str, dict[str, Any]]:
    """Events and totals of acupuncture and sham."""
    return {
        treatment: {"events": events_, "total": total}
        for treatment, (events_, total) in zip(("acupuncture", "sham"), sides, strict=True)
    }


def line(db: Session, review: build.Team, kind: str = "pairwise") -> Line:
    """The review's analysis of a kind, as it is now."""
    db.expire_all()
    (found,) = (x for x in queries.lines(db, review.review.id) if x.planned.kind == kind)
    return found


@pytest.fixture
def outcome(db: Session, review: build.Team) -> PlannedOutcome:
    """A dichotomous outcome with one planned pairwise analysis."""
    found = build.outcome(db, review.review, lower_is_better=False)
    build.analysis(db, found, build.comparison(db, review.review), test="z", method="DL")
    return found


@pytest.fixture
def trials(db: Session, outcome: PlannedOutcome) -> list[Study]:
    """Three studies with arms and results, none agreed."""
    found = [
        trial(db, outcome, f"Trial {number}", counts(*sides), year=2000 + number)
        for number, sides in enumerate(COUNTS, 1)
    ]
    db.commit()
    return found
