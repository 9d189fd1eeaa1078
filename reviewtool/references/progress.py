"""How far the references are, for the frame and the home page."""

from flask import url_for
from sqlmodel import Session, col, func, select

from reviewtool.permissions import Action, allows
from reviewtool.references.models import Import, ImportState, Record
from reviewtool.references.queries.duplicates import uncertain_count
from reviewtool.references.queries.records import active_count
from reviewtool.team.models import Member
from reviewtool.words import plural


def progress(db: Session, member: Member) -> tuple[int, int]:
    """(records no longer in doubt, records): what is left are pairs for a person to judge."""
    total = active_count(db, member)
    return max(0, total - uncertain_count(db, member)), total


def tasks(db: Session, member: Member) -> list[tuple[str, str]]:
    """Files that wait for their source, pairs that wait for a decision."""
    found: list[tuple[str, str]] = []
    if allows(member, Action.IMPORT):
        waiting = db.exec(
            select(func.count())
            .select_from(Import)
            .where(
                Import.review_id == member.review_id,
                Import.member_id == member.id,
                Import.state == ImportState.PREVIEW,
            )
        ).one()
        if waiting:
            words = plural(waiting, "file waits", "files wait")
            url = url_for("references.check", review_id=member.review_id)
            found.append((f"{words} to be looked at", url))
        some = db.exec(
            select(col(Record.id)).where(Record.review_id == member.review_id).limit(1)
        ).first()
        if some is None and not waiting:
            found.append(
                (
                    "No records yet: import them",
                    url_for("references.upload", review_id=member.review_id),
                )
            )
    if allows(member, Action.MERGE) and (pairs := uncertain_count(db, member)):
        words = plural(pairs, "pair", "pairs")
        url = url_for("duplicates.index", review_id=member.review_id)
        found.append((f"{words} of possible duplicates to compare", url))
    return found
