"""Changing what reports keep: snapshots of the counts, checklist answers."""

from collections.abc import Mapping

from sqlmodel import Session, select

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.audit import changed
from reviewtool.db.row import made_from
from reviewtool.errors import Invalid
from reviewtool.permissions import Action, require
from reviewtool.reporting import queries
from reviewtool.reporting.models import ChecklistAnswer, Snapshot
from reviewtool.reporting.sheets.checklist import KEYS
from reviewtool.team.models import Member, Review


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


def answer_items(db: Session, actor: Member, answers: Mapping[str, tuple[str, str]]) -> None:
    """Say where the manuscript reports the items of the checklist, all at once.

    answers: item -> (location, note). Raises Invalid, and ChangedMeanwhile when somebody
    else saved the checklist since: it counts its changes as one thing.
    """
    require(actor, Action.REPORT)
    db.exec(select(Review.id).where(Review.id == actor.review_id).with_for_update()).one()
    known = queries.checklist(db, actor)
    made_from(db, queries.checklist_revision(known), lambda: _stands(known))
    for item, (location, note) in answers.items():
        if location or note or item in known:
            answer_item(db, actor, item, location, note)


def _stands(known: Mapping[str, ChecklistAnswer]) -> dict[str, str]:
    """The checklist as it is, by the names of the form."""
    found = {}
    for item in KEYS:
        answer = known.get(item)
        found[f"location-{item}"] = answer.location if answer else ""
        found[f"note-{item}"] = answer.note if answer else ""
    return found


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
