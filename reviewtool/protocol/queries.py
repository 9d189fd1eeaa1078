"""Reading the protocol of one review."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool import events
from reviewtool.audit import AuditEntry, chains
from reviewtool.db.row import mine
from reviewtool.errors import NotFound
from reviewtool.protocol.models import (
    Amendment,
    Criterion,
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
    Protocol,
    ProtocolVersion,
)
from reviewtool.protocol.rules.fitting import Characteristic
from reviewtool.team.models import Member


class Extracted(NamedTuple):
    """Studies with values for an outcome, by name; ``reported`` are those with an estimate."""

    studies: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()


R = TypeVar("R", Criterion, PlannedAnalysis, PlannedComparison, PlannedOutcome)


def protocol(db: Session, review_id: int) -> Protocol:
    """The working copy; an unsaved empty one before the first edit."""
    found = db.exec(select(Protocol).where(Protocol.review_id == review_id)).one_or_none()
    return found or Protocol(review_id=review_id, document={})


def versions(db: Session, member: Member) -> Sequence[ProtocolVersion]:
    """Frozen versions, oldest first."""
    return db.exec(
        select(ProtocolVersion)
        .where(ProtocolVersion.review_id == member.review_id)
        .order_by(col(ProtocolVersion.id))
    ).all()


def version(db: Session, member: Member, number: str) -> ProtocolVersion:
    """One frozen version. Raises NotFound."""
    for row in versions(db, member):
        if row.number == number:
            return row
    raise NotFound(f"This protocol has no version {number}.")


def amendments(db: Session, member: Member) -> Sequence[Amendment]:
    """Every amendment, oldest first."""
    return db.exec(
        select(Amendment).where(Amendment.review_id == member.review_id).order_by(col(Amendment.id))
    ).all()


def criteria(db: Session, review_id: int) -> Sequence[Criterion]:
    """Eligibility criteria in their order: inclusion first."""
    return db.exec(_CRITERIA, params={"review": review_id}).all()


# Every vote asks it, so it is built once.
_CRITERIA = (
    select(Criterion)
    .where(col(Criterion.review_id) == sa.bindparam("review"))
    .order_by(col(Criterion.include).desc(), col(Criterion.position), col(Criterion.id))
)


def outcomes(db: Session, review_id: int) -> Sequence[PlannedOutcome]:
    """Planned outcomes in their order."""
    return db.exec(
        select(PlannedOutcome)
        .where(
            PlannedOutcome.review_id == review_id,
            col(PlannedOutcome.removed_at).is_(None),
        )
        .order_by(col(PlannedOutcome.position), col(PlannedOutcome.id))
    ).all()


def sets(db: Session, review_id: int) -> list[str]:
    """Names of the sets that outcomes belong to, in the outcomes' order."""
    return list(dict.fromkeys(o.belongs_to for o in outcomes(db, review_id) if o.belongs_to))


def comparisons(db: Session, review_id: int) -> Sequence[PlannedComparison]:
    """Planned comparisons in their order."""
    return db.exec(
        select(PlannedComparison)
        .where(
            PlannedComparison.review_id == review_id,
            col(PlannedComparison.removed_at).is_(None),
        )
        .order_by(col(PlannedComparison.position), col(PlannedComparison.id))
    ).all()


def analyses(db: Session, review_id: int) -> Sequence[PlannedAnalysis]:
    """Planned (and post-hoc) analyses in their order."""
    return db.exec(
        select(PlannedAnalysis)
        .where(
            PlannedAnalysis.review_id == review_id,
            col(PlannedAnalysis.removed_at).is_(None),
        )
        .order_by(col(PlannedAnalysis.position), col(PlannedAnalysis.id))
    ).all()


def row(db: Session, member: Member, model: type[R], row_id: int) -> R:
    """One criterion, outcome, comparison or analysis of the member's review."""
    return mine(db, member, model, row_id, unless="removed_at")


def as_it_stands(db: Session, review_id: int) -> dict[str, Any]:
    """The working copy with the revision of each part, for who will change it."""
    found = content(db, review_id, revisions=True)
    row = protocol(db, review_id)
    return {"revision": row.revision if row.id is not None else 0, **found}


def content(db: Session, review_id: int, *, revisions: bool = False) -> dict[str, Any]:
    """Everything a version freezes, as plain JSON; a frozen one knows no revisions."""
    names = {o.id: o.name for o in outcomes(db, review_id)}
    pairs = {c.id: c.name for c in comparisons(db, review_id)}
    skip = {"review_id", "created_at", "removed_at"} | (set() if revisions else {"revision"})

    def plain(one: Any) -> dict[str, Any]:
        dumped: dict[str, Any] = one.model_dump(mode="json", exclude=skip)
        return dumped

    planned = []
    for one in analyses(db, review_id):
        fields = plain(one)
        outcome, comparison = fields.pop("outcome_id"), fields.pop("comparison_id")
        name = f"{names.get(outcome, '')}: {pairs.get(comparison, '')}"
        planned.append({"name": name, **fields})
    return {
        "document": dict(protocol(db, review_id).document),
        "criteria": [
            {"name": ("Include" if c.include else "Exclude") + f" {i}", **plain(c)}
            for i, c in enumerate(criteria(db, review_id), 1)
        ],
        "outcomes": [plain(o) for o in outcomes(db, review_id)],
        "comparisons": [plain(c) for c in comparisons(db, review_id)],
        "analyses": planned,
    }


def characteristics(db: Session, review_id: int) -> list[Characteristic]:
    """What every study is asked for: subgroups and moderators are chosen from it."""
    answers = events.ask(db, None, events.AskedOfStudies(review_id))
    return [Characteristic(*one) for answer in answers for one in answer]


def extracted(db: Session, outcome: PlannedOutcome) -> Extracted:
    """Who would be touched by another kind or measure of this outcome."""
    answers = events.ask(db, None, events.ValuesOfOutcome(outcome.id))
    return Extracted(
        tuple(name for answer in answers for name in answer["values"]),
        tuple(name for answer in answers for name in answer["estimates"]),
    )


def stage_reached(db: Session, review_id: int) -> str:
    """How far the review's work has come, read from the log."""
    actions = set(
        db.exec(
            select(AuditEntry.action).where(col(AuditEntry.chain).in_(chains(review_id))).distinct()
        ).all()
    )
    for prefix, stage in (
        ("synthesis.", "after results"),
        ("extraction.", "extraction"),
        ("screening.", "screening"),
    ):
        if any(action.startswith(prefix) for action in actions):
            return stage
    return "before search"
