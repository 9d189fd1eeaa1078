"""The only door to votes, notes and labels: everything here obeys the blinding rule.

A member always sees their own. They see those of others once the record has all its
votes, so that nobody learns anything before committing themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool.db.remembering import remembered
from reviewtool.permissions import may_see_votes
from reviewtool.references.models import Record
from reviewtool.screening.models import (
    Adjudication,
    Decision,
    ExclusionReason,
    Label,
    Note,
    RecordLabel,
    Standing,
)
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.team import queries as team
from reviewtool.team.models import Member

CONFLICTS = (Outcome.CONFLICT, Outcome.REASON_CONFLICT)
COMPLETE = (Outcome.INCLUDE, Outcome.EXCLUDE, Outcome.CONFLICT, Outcome.REASON_CONFLICT)


@dataclass(frozen=True)
class VoteView:
    """A vote as somebody may see it."""

    name: str
    mine: bool
    vote: Vote
    reason: str
    at: datetime
    generated: bool = False
    given_on: int | None = None  # number of the duplicate the vote was given on


@dataclass(frozen=True)
class NoteView:
    """A note as somebody may see it."""

    name: str
    mine: bool
    text: str


def standing(db: Session, record_id: int, phase: Phase) -> Standing | None:
    """Where a record stands in a phase; None while unscreened."""
    statement = select(Standing).where(Standing.record_id == record_id, Standing.phase == phase)
    return remembered(db, standing_key(record_id, phase), lambda: db.exec(statement).one_or_none())


def standing_key(record_id: int, phase: Phase) -> tuple[str, int, Phase]:
    """Under which a reading remembers where a record stands."""
    return "standing", record_id, phase


def has_all(found: Standing | None) -> bool:
    """Whether all votes are in; the row of an unscreened record is None."""
    return found is not None and found.outcome in COMPLETE


def is_complete(db: Session, record_id: int, phase: Phase) -> bool:
    """Whether all votes are in, so that nobody can be influenced any more."""
    return has_all(standing(db, record_id, phase))


def is_judged(db: Session, record_id: int) -> bool:
    """Whether anybody judged the record's report, so that its earlier votes stay."""
    found = db.exec(
        select(Decision.id)
        .where(Decision.record_id == record_id, Decision.phase == Phase.FULL_TEXT)
        .limit(1)
    ).first()
    return found is not None


def my_decision(db: Session, member: Member, record_id: int, phase: Phase) -> Decision | None:
    """The member's own vote."""
    return db.exec(
        select(Decision).where(
            Decision.record_id == record_id,
            Decision.member_id == member.id,
            Decision.phase == phase,
        )
    ).one_or_none()


def adjudication(db: Session, member: Member, record: Record, phase: Phase) -> Adjudication | None:
    """The third person's word on a record of the member's review."""
    if record.review_id != member.review_id:
        return None
    return db.exec(
        select(Adjudication).where(Adjudication.record_id == record.id, Adjudication.phase == phase)
    ).one_or_none()


def votes(db: Session, member: Member, record: Record, phase: Phase) -> list[VoteView]:
    """The votes on a record that ``member`` may see, in the order of the members."""
    if record.review_id != member.review_id:
        return []
    complete = is_complete(db, record.id, phase)
    statement = (
        select(Decision)
        .where(Decision.record_id == record.id, Decision.phase == phase)
        .order_by(col(Decision.member_id), col(Decision.id))
    )
    found = [
        row
        for row in db.exec(statement)
        if may_see_votes(member, {row.member_id}, complete=complete)
    ]
    if not found:
        return []
    names = team.names(db, member)
    labels = _reason_labels(db, member)
    given_on = _given_on(db, found)
    return [
        VoteView(
            name=names.get(row.member_id or 0, row.outside_name or "somebody outside the team"),
            mine=row.member_id == member.id,
            vote=row.vote,
            reason=labels.get(row.reason_id or 0, ""),
            at=row.voted_at,
            generated=row.generated,
            given_on=given_on.get(row.copied_from_id or 0),
        )
        for row in found
    ]


def _given_on(db: Session, decisions: Sequence[Decision]) -> dict[int, int]:
    """For copied votes: the vote they repeat -> the number of the record it was given on."""
    ids = [row.copied_from_id for row in decisions if row.copied_from_id is not None]
    if not ids:
        return {}
    rows = db.exec(
        select(Decision.id, Record.number)
        .join(Record, sa.and_(col(Record.id) == Decision.record_id))
        .where(col(Decision.id).in_(ids))
    ).all()
    return {int(one): number for one, number in rows if one is not None}


def visible_decisions(
    db: Session, member: Member, phase: Phase | None = None
) -> Sequence[Decision]:
    """Every vote of the review that ``member`` may see, for exports: own or complete."""
    complete = sa.exists().where(
        col(Standing.record_id) == col(Decision.record_id),
        col(Standing.phase) == col(Decision.phase),
        col(Standing.outcome).in_(COMPLETE),
    )
    statement = (
        select(Decision)
        .where(
            Decision.review_id == member.review_id,
            sa.or_(col(Decision.member_id) == member.id, complete),
        )
        .order_by(col(Decision.record_id), col(Decision.phase), col(Decision.id))
    )
    if phase is not None:
        statement = statement.where(Decision.phase == phase)
    return db.exec(statement).all()


def my_note(db: Session, member: Member, record_id: int, phase: Phase) -> Note | None:
    """The member's own note."""
    return db.exec(
        select(Note)
        .where(Note.record_id == record_id, Note.member_id == member.id, Note.phase == phase)
        .order_by(col(Note.id))
    ).first()


def notes(db: Session, member: Member, record: Record, phase: Phase) -> list[NoteView]:
    """The notes on a record that ``member`` may see."""
    found = db.exec(
        select(Note)
        .where(Note.review_id == member.review_id, Note.record_id == record.id, Note.phase == phase)
        .order_by(col(Note.id))
    ).all()
    complete = is_complete(db, record.id, phase)
    names = team.names(db, member) if found else {}
    return [
        NoteView(
            names.get(row.member_id or 0, row.outside_name), row.member_id == member.id, row.text
        )
        for row in found
        if may_see_votes(member, {row.member_id}, complete=complete)
    ]


def my_labels(db: Session, member: Member, record: Record) -> list[str]:
    """The labels on a record that ``member`` may see: own ones, and all once complete."""
    complete = is_complete(db, record.id, Phase.TITLE_ABSTRACT)
    statement = (
        select(Label.name)
        .join(RecordLabel, sa.and_(col(RecordLabel.label_id) == Label.id))
        .where(Label.review_id == member.review_id, RecordLabel.record_id == record.id)
        .distinct()
        .order_by(Label.name)
    )
    if not complete:
        statement = statement.where(RecordLabel.member_id == member.id)
    return list(db.exec(statement).all())


def _reason_labels(db: Session, member: Member) -> dict[int, str]:
    rows = db.exec(
        select(ExclusionReason.id, ExclusionReason.label).where(
            ExclusionReason.review_id == member.review_id
        )
    ).all()
    return {int(key): label for key, label in rows if key is not None}
