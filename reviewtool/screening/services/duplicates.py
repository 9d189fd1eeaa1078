"""Votes that were given on a duplicate count for the record it was merged into.

The vote itself stays where it was given, untouched. The survivor gets a copy
(``Decision.copied_from_id``) while it still waits for votes and its voter has none
there; taking the merge back takes the copy away.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.references.models import Record
from reviewtool.screening.models import BlindVote, Decision, ScreeningPlan
from reviewtool.screening.queries.votes import is_judged
from reviewtool.screening.rules.outcome import Phase
from reviewtool.screening.services.standing import refresh

PHASE = Phase.TITLE_ABSTRACT  # a full text is judged on the report it was attached to


def share_votes(db: Session, actor: Any, records: Iterable[Record]) -> None:
    """Bring the copies on these records in line with what is merged into them now.

    Doing it again changes nothing. A record whose report was judged keeps the votes it
    has: they have led to that work.
    """
    for record in records:
        given = _decisions(db, Decision.record_id == record.id)
        members = _members(db, record)
        stale = [d for d in given if d.copied_from_id and not _holds(db, d, members)]
        returned = _drop(db, record, stale) if stale else []
        if stale:
            given = [d for d in given if d not in stale]
        added = _add(db, record, given, members)
        if not stale and not added:
            continue
        refresh(db, record, PHASE, _plan(db, record.review_id))
        audit.append(
            db,
            actor or "rules",
            Act.SCREENING_SHARE_VOTES,
            record,
            chain=record.review_id,
            copied=[d.copied_from_id for d in added],
            returned=len(stale),
            given=[as_logged(d) for d in added],
            taken_back=[as_logged(d) for d in returned],
        )


def as_logged(decision: Decision) -> list[Any]:
    """A vote that nobody gave by themselves, as the log names it."""
    return [
        decision.record_id,
        decision.phase,
        decision.member_id,
        decision.outside_name,
        decision.vote,
        decision.reason_id,
    ]


def _members(db: Session, record: Record) -> list[int]:
    """The records merged into an active one; none where it was merged itself."""
    if record.merged_into_id is not None:
        return []
    found = db.exec(
        select(Record.id).where(
            Record.merged_into_id == record.id, col(Record.set_aside_at).is_(None)
        )
    ).all()
    return [one for one in found if one is not None]


def _decisions(db: Session, *conditions: Any) -> list[Decision]:
    statement = select(Decision).where(Decision.phase == PHASE, *conditions)
    return list(db.exec(statement.order_by(col(Decision.voted_at), col(Decision.id))).all())


def _holds(db: Session, copy: Decision, members: list[int]) -> bool:
    original = db.get(Decision, copy.copied_from_id)
    return original is not None and original.record_id in members


def _drop(db: Session, record: Record, stale: list[Decision]) -> list[Decision]:
    """Take stale copies away and return them; what led to work stays as a vote given here."""
    if is_judged(db, record.id):
        for decision in stale:
            decision.copied_from_id = None
            db.add(decision)
        db.flush()
        return []
    for decision in stale:
        db.delete(decision)
    db.execute(
        sa.delete(BlindVote).where(
            col(BlindVote.record_id) == record.id, col(BlindVote.phase) == PHASE
        )
    )
    db.flush()
    return stale


def _add(db: Session, record: Record, given: list[Decision], members: list[int]) -> list[Decision]:
    required = _plan(db, record.review_id).required(PHASE)
    if not members or len(given) >= required:
        return []
    voters = {(d.member_id, d.outside_name) for d in given}
    added: list[Decision] = []
    for vote in _decisions(
        db, col(Decision.record_id).in_(members), col(Decision.copied_from_id).is_(None)
    ):
        who = vote.member_id, vote.outside_name
        if who in voters or len(given) + len(added) >= required:
            continue
        voters.add(who)
        added.append(
            Decision(
                review_id=record.review_id,
                phase=PHASE,
                record_id=record.id,
                member_id=vote.member_id,
                outside_name=vote.outside_name,
                vote=vote.vote,
                reason_id=vote.reason_id,
                voted_at=vote.voted_at,
                generated=vote.generated,
                copied_from_id=vote.id,
            )
        )
    db.add_all(added)
    db.flush()
    return added


def _plan(db: Session, review_id: int) -> ScreeningPlan:
    found = db.exec(select(ScreeningPlan).where(ScreeningPlan.review_id == review_id)).one_or_none()
    return found or ScreeningPlan(review_id=review_id)
