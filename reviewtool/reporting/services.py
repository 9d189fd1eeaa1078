"""Changing what reports keep: snapshots of the counts, checklist answers."""

from sqlmodel import Session

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.audit import changed
from reviewtool.errors import Invalid
from reviewtool.permissions import Action, require
from reviewtool.reporting import queries
from reviewtool.reporting.models import ChecklistAnswer, Snapshot
from reviewtool.reporting.sheets.checklist import KEYS
from reviewtool.team.models import Member


def keep_snapshot(db: Session, actor: Member, name: str) -> Snapshot:
    """Keep the flow diagram's counts as they are now, under a name."""
    require(actor, Action.REPORT)
    row = Snapshot(
        review_id=actor.review_id,
        name=name.strip() or "Snapshot",
        counts=queries.counts(db, actor.review_id),
        member_id=actor.id,
    )
    db.add(row)
    audit.append(db, actor, Act.REPORTING_SNAPSHOT, row, name=row.name)
    return row


def answer_item(
    db: Session, actor: Member, item: str, location: str, note: str = ""
) -> ChecklistAnswer:
    """Say where the manuscript reports a checklist item. Raises Invalid."""
    require(actor, Action.REPORT)
    if item not in KEYS:
        raise Invalid(f"The checklist has no item {item}.")
    row = queries.checklist(db, actor).get(item) or ChecklistAnswer(
        review_id=actor.review_id, item=item
    )
    changes = changed(row, location=location.strip(), note=note.strip())
    if changes:
        db.add(row)
        audit.append(db, actor, Act.REPORTING_ANSWER_ITEM, row, changes)
    return row
