"""Votes, labels and notes that came along with an import from another screening tool."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.db.types import now
from reviewtool.references.models import CarriedVote, Record, Report, Retrieval
from reviewtool.screening.models import (
    Adjudication,
    Decision,
    ExclusionReason,
    Label,
    Note,
    RecordLabel,
    ScreeningPlan,
)
from reviewtool.screening.queries.plan import plan, reasons
from reviewtool.screening.queries.votes import COMPLETE
from reviewtool.screening.queries.votes import standing as standing_of
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.screening.services.duplicates import as_logged, share_votes
from reviewtool.screening.services.standing import refresh
from reviewtool.team.models import Member

UNNAMED = "Unnamed reviewer"
TEAM = "Decided before the import"
PASSED = "Passed before the import"
NO_REASON = "Reason not given in the import"
LOGGED_AT_ONCE = 500  # votes in one entry of the log


def take(
    db: Session,
    actor: Member,
    carried_ids: Sequence[int],
    whose: Mapping[str, int | None],
    phase: Phase,
) -> dict[str, int]:
    """Make decisions, labels and notes of what an import brought along.

    whose: name in the file -> member id, or None for somebody outside the review.
    phase: where the file does not say.
    A duplicate's labels, notes and full-text votes go to the record it was merged into,
    where people see them. Returns what was taken and what was left because the person had
    voted here already or the vote does not exist in that phase.
    """
    counts = {"votes": 0, "left": 0, "labels": 0}
    given: list[Decision] = []
    settings = plan(db, actor)
    rows = db.exec(
        select(CarriedVote)
        .where(col(CarriedVote.id).in_(carried_ids), col(CarriedVote.taken_at).is_(None))
        .order_by(col(CarriedVote.record_id), col(CarriedVote.id))
    ).all()
    for row in rows:
        given_on = record = db.get_one(Record, row.record_id)
        if given_on.merged_into_id is not None:
            record = db.get_one(Record, given_on.merged_into_id)
        member_id = whose.get(row.reviewer)
        outside = "" if member_id else (row.reviewer or UNNAMED)[:200]
        at = {"abstract": Phase.TITLE_ABSTRACT, "full_text": Phase.FULL_TEXT}.get(row.phase, phase)
        if row.vote:
            # A vote on a title stays with the duplicate it was given on, and is lent.
            voted_on = given_on if at is Phase.TITLE_ABSTRACT else record
            if row.final:
                taken = _decided(db, actor, voted_on, row, at, settings, given)
            else:
                taken = _vote(db, actor, voted_on, row, at, member_id, outside, settings, given)
            counts["votes" if taken else "left"] += 1
            if voted_on is not record:
                share_votes(db, actor, [record])
        counts["labels"] += _labels(db, record, row.labels, member_id, outside)
        _note(db, record, row, at, member_id, outside)
        row.taken_at = now()
        db.add(row)
    db.flush()
    for start in range(0, len(given), LOGGED_AT_ONCE):
        audit.append(
            db,
            actor,
            Act.SCREENING_TAKE_VOTES,
            given=[as_logged(one) for one in given[start : start + LOGGED_AT_ONCE]],
        )
    return counts


def _vote(
    db: Session,
    actor: Member,
    record: Record,
    row: CarriedVote,
    phase: Phase,
    member_id: int | None,
    outside: str,
    settings: ScreeningPlan,
    given: list[Decision],
) -> bool:
    vote = Vote(row.vote)
    if vote is Vote.MAYBE and phase is Phase.FULL_TEXT:
        return False
    same = Decision.member_id == member_id if member_id else Decision.outside_name == outside
    there = db.exec(
        select(Decision.id).where(Decision.record_id == record.id, Decision.phase == phase, same)
    ).first()
    if there is not None:
        return False
    report = _report(db, actor, record, settings, given) if phase is Phase.FULL_TEXT else None
    reason = None
    if phase is Phase.FULL_TEXT and vote is Vote.EXCLUDE:
        reason = _reason(db, actor, next(iter(row.reasons), "") or NO_REASON)
    decision = Decision(
        review_id=record.review_id,
        phase=phase,
        record_id=record.id,
        report_id=report.id if report else None,
        member_id=member_id,
        outside_name=outside,
        vote=vote,
        reason_id=reason.id if reason else None,
        voted_at=now(),
    )
    given.append(decision)
    db.add(decision)
    db.flush()
    refresh(db, record, phase, settings)
    return True


def _decided(
    db: Session,
    actor: Member,
    record: Record,
    row: CarriedVote,
    phase: Phase,
    settings: ScreeningPlan,
    given: list[Decision],
) -> bool:
    """What a team had decided stands for every vote that is still missing here."""
    stands = standing_of(db, record.id, phase)
    if stands is not None and stands.outcome in COMPLETE:
        return False
    taken = False
    for n in range(stands.votes if stands else 0, settings.required(phase)):
        taken |= _vote(db, actor, record, row, phase, None, f"{TEAM} ({n + 1})", settings, given)
    return taken


def _report(
    db: Session,
    actor: Member,
    record: Record,
    settings: ScreeningPlan,
    given: list[Decision],
) -> Report | None:
    """The report that was judged in full elsewhere, so its record had passed there.

    What is missing of the votes on title and abstract is filled in under a name that says
    so; a conflict is settled on ``actor``'s word.
    """
    stands = standing_of(db, record.id, Phase.TITLE_ABSTRACT)
    if stands is None or stands.outcome is not Outcome.INCLUDE:
        votes = stands.votes if stands else 0
        for n in range(votes, settings.required(Phase.TITLE_ABSTRACT)):
            decision = Decision(
                review_id=record.review_id,
                phase=Phase.TITLE_ABSTRACT,
                record_id=record.id,
                outside_name=f"{PASSED} ({n + 1})",
                vote=Vote.INCLUDE,
                voted_at=now(),
            )
            given.append(decision)
            db.add(decision)
        db.flush()
        stands = refresh(db, record, Phase.TITLE_ABSTRACT, settings)
    if stands.outcome is not Outcome.INCLUDE:
        db.add(
            Adjudication(
                review_id=record.review_id,
                phase=Phase.TITLE_ABSTRACT,
                record_id=record.id,
                member_id=actor.id,
                vote=Vote.INCLUDE,
                comment=f"{PASSED}.",
            )
        )
        db.flush()
        refresh(db, record, Phase.TITLE_ABSTRACT, settings)
    report = db.exec(select(Report).where(Report.record_id == record.id)).one_or_none()
    if report is not None and report.retrieval is not Retrieval.RETRIEVED:
        report.retrieval = Retrieval.RETRIEVED
        report.retrieval_note = "Judged in full before the import."
        db.add(report)
        db.flush()
    return report


def _reason(db: Session, actor: Member, label: str) -> ExclusionReason:
    """The review's reason with these words, or a new one at the end of its list."""
    known = list(reasons(db, actor))
    label = " ".join(label.split())[:200]
    for row in known:
        if row.label.lower() == label.lower():
            return row
    last = max((row.position for row in known), default=0)
    row = ExclusionReason(review_id=actor.review_id, label=label, position=last + 1)
    db.add(row)
    db.flush()
    return row


def _labels(
    db: Session, record: Record, names: Sequence[Any], member_id: int | None, outside: str
) -> int:
    added = 0
    for name in names:
        word = " ".join(str(name).split())[:100]
        if not word:
            continue
        label = db.exec(
            select(Label).where(Label.review_id == record.review_id, Label.name == word)
        ).one_or_none()
        if label is None:
            label = Label(review_id=record.review_id, name=word)
            db.add(label)
            db.flush()
        there = db.exec(
            select(RecordLabel.id).where(
                RecordLabel.record_id == record.id,
                RecordLabel.label_id == label.id,
                RecordLabel.member_id == member_id,
                RecordLabel.outside_name == outside,
            )
        ).first()
        if there is None:
            db.add(
                RecordLabel(
                    record_id=record.id,
                    label_id=label.id,
                    member_id=member_id,
                    outside_name=outside,
                )
            )
            added += 1
    return added


def _note(
    db: Session,
    record: Record,
    row: CarriedVote,
    phase: Phase,
    member_id: int | None,
    outside: str,
) -> None:
    """The reviewer's remark; at title and abstract reasons have no other place."""
    parts = [row.note] if row.note else []
    if row.reasons and phase is Phase.TITLE_ABSTRACT:
        parts.append(f"Reason: {'; '.join(row.reasons)}")
    if parts:
        db.add(
            Note(
                review_id=record.review_id,
                record_id=record.id,
                phase=phase,
                member_id=member_id,
                outside_name=outside,
                text="\n".join(parts),
            )
        )
