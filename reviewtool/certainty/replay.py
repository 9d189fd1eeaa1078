"""Ratings as the log tells them, beside those of the tables."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from reviewtool.acts import Act
from reviewtool.audit import AuditEntry, chains, plain
from reviewtool.certainty.models import Rating, Step

FIELDS = ("design", "certainty", "comment", "run_id", "assumed_risk", "assumed_risk_source")
STEP = ("steps", "footnote", "suggested")
RATING = {
    act.value for act in (Act.CERTAINTY_RATE, Act.CERTAINTY_DETAILS, Act.CERTAINTY_ASSUME_RISK)
}


def replay(db: Session, review_id: int, _told_since: datetime | None) -> Iterator[str]:
    """A sentence for everything about a rating that does not follow from the log."""
    logged: dict[tuple[int, str], Any] = {}
    entries = db.exec(
        select(AuditEntry)
        .where(col(AuditEntry.chain).in_(chains(review_id)), col(AuditEntry.action).in_(RATING))
        .order_by(col(AuditEntry.chain), col(AuditEntry.sequence))
    )
    for entry in entries:
        for name, pair in entry.changes.items():
            logged[entry.subject_id or 0, name] = pair[1]
    fresh = Rating(review_id=review_id, analysis_id=0)
    for rating in db.exec(select(Rating).where(Rating.review_id == review_id)):
        beginning = {name: plain(getattr(fresh, name)) for name in (*FIELDS, "details")}
        stored = {name: plain(getattr(rating, name)) for name in (*FIELDS, "details")}
        for step in db.exec(select(Step).where(Step.rating_id == rating.id)):
            blank = Step(rating_id=rating.id, domain=step.domain)
            for field in STEP:
                stored[f"{step.domain} {field}"] = plain(getattr(step, field))
                beginning[f"{step.domain} {field}"] = plain(getattr(blank, field))
        for name, value in stored.items():
            said = logged.get((rating.id, name), beginning[name])
            if said != value:
                words = f"The rating of analysis {rating.analysis_id}, {name}"
                yield f"{words}: the table has “{value}”, the log “{said}”."
