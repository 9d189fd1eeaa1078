"""Answers and judgements as the log tells them, beside those of the tables."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from reviewtool.acts import Act
from reviewtool.audit import AuditEntry, chains
from reviewtool.bias.models import Answer, Assessment, Judgement
from reviewtool.extraction.models import Study

FIELDS = ("support", "quote", "page")
JUDGED = ("proposed", "final", "reason", "direction")


def replay(db: Session, review_id: int, _told_since: datetime | None) -> Iterator[str]:
    """A sentence for every answer and judgement that does not follow from the log."""
    logged: dict[tuple[int, str], Any] = {}
    entries = db.exec(
        select(AuditEntry)
        .where(
            col(AuditEntry.chain).in_(chains(review_id)),
            col(AuditEntry.action).in_([Act.BIAS_ANSWER.value, Act.BIAS_JUDGE.value]),
        )
        .order_by(col(AuditEntry.chain), col(AuditEntry.sequence))
    )
    for entry in entries:
        for name, pair in entry.changes.items():
            logged[entry.subject_id or 0, name] = pair[1]
    copies = db.exec(
        select(Assessment, Study)
        .join(Study, col(Study.id) == Assessment.study_id)
        .where(Assessment.review_id == review_id)
        .order_by(col(Assessment.id))
    ).all()
    for copy, study in copies:
        stored = dict(_stored(db, copy.id))
        mine = {name: value for (copy_id, name), value in logged.items() if copy_id == copy.id}
        for name in sorted(stored.keys() | mine.keys()):
            said, is_now = str(mine.get(name) or ""), str(stored.get(name) or "")
            if said != is_now:
                words = f"{study.label}, {copy.kind.value} assessment, {name}"
                yield f"{words}: the table has “{is_now}”, the log “{said}”."


def _stored(db: Session, assessment_id: int) -> Iterator[tuple[str, str]]:
    """What the log calls each answer and judgement -> its value."""
    for answer in db.exec(select(Answer).where(Answer.assessment_id == assessment_id)):
        yield answer.question, answer.answer
        for field in FIELDS:
            yield f"{answer.question} {field}", getattr(answer, field)
    for row in db.exec(select(Judgement).where(Judgement.assessment_id == assessment_id)):
        for field in JUDGED:
            yield f"{row.domain} {field}", getattr(row, field)
