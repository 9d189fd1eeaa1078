"""Keeping ``Standing`` and the reports in step with the votes."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool.db.types import now
from reviewtool.references.models import Record, Report
from reviewtool.screening.models import (
    Adjudication,
    BlindVote,
    Decision,
    ExclusionReason,
    ScreeningPlan,
    Standing,
)
from reviewtool.screening.queries.votes import COMPLETE
from reviewtool.screening.queries.votes import standing as standing_of
from reviewtool.screening.rules.outcome import (
    Outcome,
    Phase,
    Vote,
    full_text_exclusion_reason,
    outcome,
)


def refresh(
    db: Session,
    record: Record,
    phase: Phase,
    plan: ScreeningPlan,
    *,
    known: tuple[Standing | None, Adjudication | None, Sequence[Decision]] | None = None,
) -> Standing:
    """Work out anew where ``record`` stands, and make or set aside its report.

    known: where it stood, the third person's word, and the votes with the new one among
        them, when they were just read.
    """
    row, final, decisions = known or (
        standing_of(db, record.id, phase),
        db.exec(
            select(Adjudication).where(
                Adjudication.record_id == record.id, Adjudication.phase == phase
            )
        ).one_or_none(),
        db.exec(
            select(Decision)
            .where(Decision.record_id == record.id, Decision.phase == phase)
            .order_by(col(Decision.id))
        ).all(),
    )
    found = outcome(
        [row.vote for row in decisions],
        phase=phase,
        required=plan.required(phase),
        reasons=[row.reason_id for row in decisions],
        adjudication=final.vote if final else None,
    )
    if row is None:
        row = Standing(review_id=record.review_id, phase=phase, record_id=record.id, outcome=found)
    before = row.outcome if row.id else Outcome.UNSCREENED
    row.outcome, row.votes, row.adjudicated = found, len(decisions), final is not None
    row.reason_id = None
    if phase is Phase.FULL_TEXT and found is Outcome.EXCLUDE:
        row.reason_id = _reason(db, record, decisions, final)
    db.add(row)
    db.flush()
    if found in COMPLETE and len(decisions) > 1:
        _keep_blind_votes(db, record, phase, decisions)
    if phase is Phase.TITLE_ABSTRACT:
        if Outcome.INCLUDE in (before, found):
            _follow(db, record, row)
    else:
        _name_report(db, record, row, before)
    return row


def _reason(
    db: Session, record: Record, decisions: Sequence[Decision], final: Adjudication | None
) -> int | None:
    """The one reason that counts; None where votes from elsewhere came without any."""
    settled = final.reason_id if final else None
    if any(row.vote is not Vote.EXCLUDE for row in decisions):
        return settled
    order = db.exec(
        select(ExclusionReason.id)
        .where(ExclusionReason.review_id == record.review_id)
        .order_by(col(ExclusionReason.position), col(ExclusionReason.id))
    ).all()
    given = [row.reason_id for row in decisions]
    return full_text_exclusion_reason(given, [*order, None], adjudicated=settled).final


def _keep_blind_votes(
    db: Session, record: Record, phase: Phase, decisions: Sequence[Decision]
) -> None:
    """The first time all votes are in: what was voted before anybody could see the others."""
    kept = db.execute(_KEPT, {"record": record.id, "phase": phase}).first()
    if kept is None:
        db.add_all(
            BlindVote(
                review_id=record.review_id,
                phase=phase,
                record_id=record.id,
                member_id=row.member_id,
                outside_name=row.outside_name,
                vote=row.vote,
                reason_id=row.reason_id,
            )
            for row in decisions
        )


_KEPT = (
    sa.select(col(BlindVote.id))
    .where(
        col(BlindVote.record_id) == sa.bindparam("record"),
        col(BlindVote.phase) == sa.bindparam("phase"),
    )
    .limit(1)
)


def keep_in_step(db: Session, records: Iterable[Record]) -> None:
    """Give every record that passed title and abstract its report; set other reports aside.

    A report set aside keeps its files and votes, and takes them up again when it returns.
    """
    for record in records:
        _follow(db, record, standing_of(db, record.id, Phase.TITLE_ABSTRACT))


def _follow(db: Session, record: Record, stands: Standing | None) -> None:
    passed = record.is_active and stands is not None and stands.outcome is Outcome.INCLUDE
    report = db.exec(select(Report).where(Report.record_id == record.id)).one_or_none()
    if passed and report is None:
        db.add(Report(review_id=record.review_id, record_id=record.id))
    elif report is not None and passed == (report.set_aside_at is not None):
        report.set_aside_at = None if passed else now()
        db.add(report)
    db.flush()


def _name_report(db: Session, record: Record, row: Standing, before: Outcome) -> None:
    report = db.exec(select(Report).where(Report.record_id == record.id)).one_or_none()
    if report is None or row.outcome is before:
        return
    row.report_id = report.id
    db.add(row)
