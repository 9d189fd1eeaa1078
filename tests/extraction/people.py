"""A study ready to be extracted, and a copy filled in one line."""

from typing import Any

from sqlmodel import Session

from reviewtool.extraction import queries, services
from reviewtool.extraction.models import Extraction, Study
from reviewtool.protocol.models import PlannedOutcome
from reviewtool.references.models import Report
from reviewtool.screening.models import Standing
from reviewtool.screening.rules.outcome import Outcome, Phase
from reviewtool.team.models import Member
from tests import build


def included(db: Session, team: build.Team, title: str = "", **fields: Any) -> Report:
    """A report that passed full-text screening."""
    record = build.record(db, team.review, title, **fields)
    report = build.report(db, record)
    for phase in (Phase.TITLE_ABSTRACT, Phase.FULL_TEXT):
        db.add(
            Standing(
                review_id=team.review.id,
                phase=phase,
                record_id=record.id,
                report_id=report.id,
                outcome=Outcome.INCLUDE,
                votes=2,
            )
        )
    db.flush()
    return report


def study(db: Session, team: build.Team, label: str = "Visser 1996") -> Study:
    """A study told of by one included report."""
    report = included(db, team, f"Report of {label}")
    return services.studies.create(db, team.ann, label, [report], year=1996)


def numbers(outcome: PlannedOutcome, events: str = "30") -> dict[str, str]:
    """Cells of a two-arm trial with one dichotomous outcome."""
    return {
        "arm.1.treatment": "sumatriptan",
        "arm.1.n": "60",
        "arm.2.treatment": "placebo",
        "arm.2.n": "58",
        f"result.{outcome.id}..1.events": events,
        f"result.{outcome.id}..1.total": "60",
        f"result.{outcome.id}..2.events": "10",
        f"result.{outcome.id}..2.total": "58",
    }


def filled(db: Session, member: Member, study: Study, cells: dict[str, str]) -> Extraction:
    """A finished copy."""
    copy = services.copies.take(db, member, study)
    saved = services.copies.save(db, member, copy, cells)
    assert not saved.refused
    services.copies.finish(db, member, copy)
    return copy


def both(db: Session, team: build.Team, study: Study, outcome: PlannedOutcome) -> None:
    """Two finished copies that differ in one number."""
    filled(db, team.ben, study, numbers(outcome))
    filled(db, team.cem, study, numbers(outcome, events="31"))


def values(db: Session, copy: Extraction) -> dict[str, str]:
    """The filled cells of a copy."""
    return queries.values(queries.entries(db, copy.id))
