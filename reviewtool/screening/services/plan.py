"""Changing how the review screens, and its list of exclusion reasons."""

from typing import Any

from sqlmodel import Session, col, func, select

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.db.row import hold
from reviewtool.db.types import now
from reviewtool.errors import Invalid
from reviewtool.permissions import Action, require
from reviewtool.references.models import Record
from reviewtool.screening.models import (
    Decision,
    ExclusionReason,
    ScreeningPlan,
    Standing,
)
from reviewtool.screening.queries.plan import plan as plan_of
from reviewtool.screening.queries.plan import reasons
from reviewtool.screening.rules.outcome import Outcome, Phase
from reviewtool.screening.services.standing import refresh
from reviewtool.team.models import Member
from reviewtool.words import plural


def change_plan(db: Session, actor: Member, **values: Any) -> ScreeningPlan:
    """Change the settings named in ``values`` and bring every record in step.

    Asking for more votes re-opens records that have too few; refused where such a record
    was already judged at full text.
    """
    require(actor, Action.MANAGE_SCREENING)
    row = plan_of(db, actor)
    hold(db, row)
    for name in ("votes_required", "fulltext_votes_required"):
        if name in values and values[name] not in (1, 2, 3):
            raise Invalid("Votes per record: choose 1, 2 or 3.")
    before = {phase: row.required(phase) for phase in Phase}
    if row.id is None:
        db.add(row)
        db.flush()
    changes = audit.changed(row, **values)
    if not changes:
        return row
    db.add(row)
    db.flush()
    for phase in Phase:
        if row.required(phase) != before[phase]:
            _recount(db, actor, row, phase)
    audit.append(db, actor, Act.SCREENING_CHANGE_PLAN, row, changes)
    return row


def _recount(db: Session, actor: Member, row: ScreeningPlan, phase: Phase) -> None:
    required = row.required(phase)
    affected = db.exec(
        select(Record)
        .join(Standing, col(Standing.record_id) == Record.id)
        .where(
            Standing.review_id == actor.review_id,
            Standing.phase == phase,
            col(Standing.adjudicated).is_(False),
            col(Standing.outcome).in_([Outcome.AWAITING_SECOND, Outcome.INCLUDE, Outcome.EXCLUDE]),
        )
        .order_by(col(Record.number))
    ).all()
    if phase is Phase.TITLE_ABSTRACT:
        judged = set(
            db.exec(
                select(Decision.record_id).where(
                    Decision.review_id == actor.review_id, Decision.phase == Phase.FULL_TEXT
                )
            ).all()
        )
        counts: dict[int, int] = {
            row[0]: row[1]
            for row in db.exec(
                select(Standing.record_id, Standing.votes).where(
                    Standing.review_id == actor.review_id, Standing.phase == phase
                )
            ).all()
        }
        short = [one for one in affected if one.id in judged and counts[one.id] < required]
        if short:
            raise Invalid(
                f"Of the records judged at full text, {plural(len(short), 'has', 'have')} fewer "
                f"than {required} votes at title and abstract (the first is record "
                f"{short[0].number}), so asking "
                "for more votes would throw that work away. Undo those full-text votes first, or "
                "leave the number as it is."
            )
    for record in affected:
        refresh(db, record, phase, row)


def add_reason(db: Session, actor: Member, label: str) -> ExclusionReason:
    """Put a reason at the end of the list. Raises Invalid when it is there already."""
    require(actor, Action.MANAGE_SCREENING)
    label = _check_label(db, actor, label)
    last = db.exec(
        select(func.max(ExclusionReason.position)).where(
            ExclusionReason.review_id == actor.review_id
        )
    ).one()
    row = ExclusionReason(review_id=actor.review_id, label=label, position=(last or 0) + 1)
    db.add(row)
    audit.append(db, actor, Act.SCREENING_ADD_REASON, row, label=label)
    return row


USUAL_REASONS = (
    "Duplicate report of an excluded item",
    "Wrong population",
    "Wrong intervention or exposure",
    "Wrong comparator",
    "Wrong outcome",
    "Wrong study design",
    "Wrong setting or time",
    "Wrong publication type",
    "Language",
    "No usable data",
)


def start_reasons(db: Session, actor: Member) -> None:
    """Fill an empty list with the usual reasons in their usual order."""
    if not reasons(db, actor):
        for label in USUAL_REASONS:
            add_reason(db, actor, label)
            db.flush()


def rename_reason(db: Session, actor: Member, row: ExclusionReason, label: str) -> None:
    """Other words for a reason; the reports excluded for it keep it."""
    require(actor, Action.MANAGE_SCREENING, row)
    hold(db, row)
    if " ".join(label.split()) == row.label:
        return
    changes = audit.changed(row, label=_check_label(db, actor, label))
    db.add(row)
    audit.append(db, actor, Act.SCREENING_RENAME_REASON, row, changes)


def move_reason(db: Session, actor: Member, row: ExclusionReason, by: int) -> None:
    """Move a reason up (``by`` = -1) or down (1). Past decisions keep their reasons."""
    require(actor, Action.MANAGE_SCREENING, row)
    hold(db, row)
    order = list(reasons(db, actor))
    old = order.index(row)
    new = min(max(old + by, 0), len(order) - 1)
    if new == old:
        return
    order.insert(new, order.pop(old))
    for position, one in enumerate(order, start=1):
        one.position = position
        db.add(one)
    audit.append(db, actor, Act.SCREENING_MOVE_REASON, row, {"position": (old + 1, new + 1)})


def archive_reason(db: Session, actor: Member, row: ExclusionReason) -> None:
    """Take a reason off the list; what was excluded for it stays excluded for it."""
    require(actor, Action.MANAGE_SCREENING, row)
    hold(db, row)
    if row.archived_at is None:
        row.archived_at = now()
        db.add(row)
        audit.append(db, actor, Act.SCREENING_ARCHIVE_REASON, row, label=row.label)


def _check_label(db: Session, actor: Member, label: str) -> str:
    label = " ".join(label.split())
    if not label or len(label) > 200:
        raise Invalid(
            "A reason has 1 to 200 characters. Write it as it should stand in the report."
        )
    if any(one.label.casefold() == label.casefold() for one in reasons(db, actor)):
        raise Invalid(f"“{label}” is already on the list of reasons.")
    return label
