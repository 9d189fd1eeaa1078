"""How far title and abstract screening is, for the frame and the home page."""

from flask import url_for
from sqlmodel import Session

from reviewtool.screening.queries.work import conflict_count, decided_count, waiting_count
from reviewtool.screening.rules.outcome import Phase
from reviewtool.team.models import Member


def progress(db: Session, member: Member) -> tuple[int, int]:
    """(records decided, records in screening): the team's totals."""
    return decided_count(db, member, Phase.TITLE_ABSTRACT)


def tasks(db: Session, member: Member) -> list[tuple[str, str]]:
    """What waits for this member: records to screen, conflicts to settle."""
    found = []
    if count := waiting_count(db, member, Phase.TITLE_ABSTRACT):
        words = f"{count} {'record' if count == 1 else 'records'} to screen"
        found.append((words, url_for("screening.next_record", review_id=member.review_id)))
    if count := conflict_count(db, member, Phase.TITLE_ABSTRACT):
        words = f"{count} screening {'conflict' if count == 1 else 'conflicts'} to settle"
        found.append((words, url_for("screening.conflicts", review_id=member.review_id)))
    return found
