"""Voting, undoing one's own vote, settling conflicts, notes and labels."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.db.row import hold
from reviewtool.db.types import now
from reviewtool.errors import Invalid, ReasonRequired
from reviewtool.permissions import Action, require
from reviewtool.references.models import Record
from reviewtool.screening.models import (
    Adjudication,
    Decision,
    ExclusionReason,
    Label,
    Note,
    RecordLabel,
    ScreeningPlan,
)
from reviewtool.screening.queries.ballot import Ballot, ballot
from reviewtool.screening.queries.plan import reason
from reviewtool.screening.queries.votes import my_note
from reviewtool.screening.rules.outcome import InvalidVote, Phase, Vote
from reviewtool.screening.services.leases import give_back, hand_over, keep_open
from reviewtool.screening.services.standing import refresh
from reviewtool.team.models import Member


def decide(
    db: Session,
    actor: Member,
    record: Record,
    vote: Vote,
    *,
    phase: Phase = Phase.TITLE_ABSTRACT,
    reason_id: int | None = None,
    generated: bool = False,
) -> Decision:
    """Record or change ``actor``'s vote.

    Raises Forbidden, NotAScreener, NotActive, EnoughVotes, Settled, JudgedInFull; at
    full text also NoReport, NotRetrieved, ReasonRequired and InvalidVote.
    """
    decision, _ = _vote(db, actor, record, vote, phase, reason_id, generated)
    give_back(db, actor, record, phase)
    return decision


def decide_and_go_on(
    db: Session,
    actor: Member,
    record: Record,
    vote: Vote,
    *,
    phase: Phase = Phase.TITLE_ABSTRACT,
    reason_id: int | None = None,
) -> tuple[Decision, Record | None]:
    """The same, and hand out the next record with it: (the vote, what is to be voted on next)."""
    decision, plan = _vote(db, actor, record, vote, phase, reason_id)
    return decision, hand_over(db, actor, record, phase, plan)


def _vote(
    db: Session,
    actor: Member,
    record: Record,
    vote: Vote,
    phase: Phase,
    reason_id: int | None,
    generated: bool = False,
) -> tuple[Decision, ScreeningPlan]:
    """What both do: the vote, where the record stands with it, and the entry in the log."""
    asked = _ballot(db, actor, record, phase)
    if asked.against_voting:
        raise asked.against_voting
    reason_id = _check_vote(db, actor, phase, vote, reason_id)
    decision, report = asked.mine, asked.report
    before = (decision.vote, decision.reason_id) if decision else (None, None)
    votes = asked.votes
    if decision is None:
        decision = Decision(
            review_id=record.review_id,
            phase=phase,
            record_id=record.id,
            member_id=actor.id,
            vote=vote,
            voted_at=now(),
        )
        votes += (decision,)
    decision.report_id = report.id if report else None
    decision.vote, decision.reason_id, decision.voted_at = vote, reason_id, now()
    decision.generated, decision.copied_from_id = generated, None
    db.add(decision)
    refresh(db, record, phase, asked.plan, known=(asked.standing, asked.final, votes))
    audit.append(
        db,
        actor,
        Act.SCREENING_DECIDE,
        record,
        {"vote": (before[0], vote), "reason": (before[1], reason_id)},
        phase=phase,
    )
    return decision, asked.plan


def undo(
    db: Session, actor: Member, record: Record, *, phase: Phase = Phase.TITLE_ABSTRACT
) -> bool:
    """Take back ``actor``'s own vote, and nobody else's; False when there was none."""
    asked = _ballot(db, actor, record, phase)
    if asked.against_undoing:
        raise asked.against_undoing
    decision = asked.mine
    if decision is None:
        return False
    db.delete(decision)
    db.flush()
    audit.append(
        db, actor, Act.SCREENING_UNDO, record, {"vote": (decision.vote, None)}, phase=phase
    )
    refresh(db, record, phase, asked.plan)
    keep_open(db, actor, record, phase)
    return True


def resolve(
    db: Session,
    actor: Member,
    record: Record,
    vote: Vote,
    *,
    phase: Phase = Phase.TITLE_ABSTRACT,
    reason_id: int | None = None,
    comment: str = "",
) -> Adjudication:
    """Settle a conflict as the third person.

    Raises Forbidden, OwnConflict when ``actor`` voted, NoConflict, ReasonRequired.
    """
    asked = _ballot(db, actor, record, phase)
    if asked.against_settling:
        raise asked.against_settling
    if vote is Vote.MAYBE:
        raise InvalidVote("The third person settles it: choose include or exclude.")
    reason_id = _check_vote(db, actor, phase, vote, reason_id)
    row = asked.final or Adjudication(
        review_id=record.review_id,
        phase=phase,
        record_id=record.id,
        member_id=actor.id,
        vote=vote,
    )
    hold(db, row)
    old = (row.vote, row.reason_id) if row.id else (None, None)
    row.report_id = asked.report.id if asked.report else None
    row.member_id, row.vote, row.reason_id, row.comment = actor.id, vote, reason_id, comment.strip()
    db.add(row)
    db.flush()
    audit.append(
        db,
        actor,
        Act.SCREENING_RESOLVE,
        record,
        {"vote": (old[0], vote), "reason": (old[1], reason_id)},
        phase=phase,
        comment=row.comment,
    )
    refresh(db, record, phase, asked.plan)
    return row


def reopen(
    db: Session, actor: Member, record: Record, *, phase: Phase = Phase.TITLE_ABSTRACT
) -> None:
    """Take back the settling of a conflict; the votes stand against each other again."""
    asked = _ballot(db, actor, record, phase)
    if asked.against_reopening:
        raise asked.against_reopening
    row = asked.final
    assert row is not None
    hold(db, row)
    db.delete(row)
    db.flush()
    audit.append(db, actor, Act.SCREENING_REOPEN, record, {"vote": (row.vote, None)}, phase=phase)
    refresh(db, record, phase, asked.plan)


def note(
    db: Session,
    actor: Member,
    record: Record,
    text: str,
    *,
    phase: Phase = Phase.TITLE_ABSTRACT,
) -> None:
    """Write, change or (with no text) remove ``actor``'s note on a record."""
    require(actor, Action.SCREEN, record)
    row = my_note(db, actor, record.id, phase)
    text = text.strip()
    if text == (row.text if row else ""):
        return
    known = row or Note(
        review_id=record.review_id, record_id=record.id, phase=phase, member_id=actor.id, text=""
    )
    hold(db, known)
    old = row.text if row else None
    if not text:
        db.delete(known)
    else:
        row = known
        row.text = text
        db.add(row)
    audit.append(db, actor, Act.SCREENING_NOTE, record, {"text": (old, text or None)}, phase=phase)


def label(db: Session, actor: Member, record: Record, name: str) -> None:
    """Put a label on a record; others see it once the record has all its votes."""
    require(actor, Action.SCREEN, record)
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise Invalid("A label has 1 to 100 characters. Shorten it, or write a note instead.")
    row = db.exec(
        select(Label).where(Label.review_id == actor.review_id, Label.name == name)
    ).one_or_none()
    if row is None:
        row = Label(review_id=actor.review_id, name=name)
        db.add(row)
        db.flush()
    if _my_label(db, actor, record, row) is None:
        db.add(RecordLabel(record_id=record.id, label_id=row.id, member_id=actor.id))
        audit.append(db, actor, Act.SCREENING_LABEL, record, {"label": (None, name)})


def unlabel(db: Session, actor: Member, record: Record, name: str) -> None:
    """Take ``actor``'s own label off a record."""
    require(actor, Action.SCREEN, record)
    row = db.exec(
        select(Label).where(Label.review_id == actor.review_id, Label.name == name)
    ).one_or_none()
    mine = _my_label(db, actor, record, row) if row else None
    if mine is not None:
        db.delete(mine)
        audit.append(db, actor, Act.SCREENING_LABEL, record, {"label": (name, None)})


def _my_label(db: Session, actor: Member, record: Record, row: Label) -> RecordLabel | None:
    return db.exec(
        select(RecordLabel).where(
            RecordLabel.record_id == record.id,
            RecordLabel.label_id == row.id,
            RecordLabel.member_id == actor.id,
        )
    ).one_or_none()


def _lock(db: Session, record: Record) -> None:
    """Make two votes on one record wait for each other; SQLite has one writer anyway."""
    if db.get_bind().dialect.name != "sqlite":
        db.execute(_LOCK, {"record": record.id})


_LOCK = sa.select(col(Record.id)).where(col(Record.id) == sa.bindparam("record")).with_for_update()


def _ballot(db: Session, actor: Member, record: Record, phase: Phase) -> Ballot:
    """Asked behind the lock, so that what it says still holds when the vote is stored."""
    _lock(db, record)
    return ballot(db, actor, record, phase)


def _check_vote(
    db: Session, actor: Member, phase: Phase, vote: Vote, reason_id: int | None
) -> int | None:
    """The reason to store: one of the list for a full-text exclusion, else none."""
    if phase is Phase.TITLE_ABSTRACT or vote is Vote.INCLUDE:
        return None
    if vote is Vote.MAYBE:
        raise InvalidVote("At full text there is no maybe. Choose include or exclude.")
    if reason_id is None:
        raise ReasonRequired()
    chosen: ExclusionReason = reason(db, actor, reason_id)
    if chosen.archived_at is not None:
        raise Invalid(
            f"“{chosen.label}” was taken off the list of reasons. Choose one of those left."
        )
    return chosen.id
