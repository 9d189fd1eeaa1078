"""How far full-text screening is, for the frame and the home page."""

from flask import url_for
from sqlmodel import Session

from reviewtool.permissions import Action, allows
from reviewtool.screening.queries.fulltexts import retrievals
from reviewtool.screening.queries.work import conflict_count, decided_count, waiting_count
from reviewtool.screening.rules.outcome import Phase
from reviewtool.team.models import Member


def progress(db: Session, member: Member) -> tuple[int, int]:
    """(reports judged or not retrieved, reports sought): the team's totals."""
    found = retrievals(db, member)
    if not found.sought:
        return 0, 0
    decided, _ = decided_count(db, member, Phase.FULL_TEXT)
    return decided + found.not_retrieved, found.sought


def tasks(db: Session, member: Member) -> list[tuple[str, str]]:
    """What waits for this member: reports to find, to judge, conflicts to settle."""
    found = []
    to_find = retrievals(db, member).to_find if allows(member, Action.RETRIEVE) else 0
    if to_find:
        words = f"{to_find} full {'text' if to_find == 1 else 'texts'} to find"
        found.append((words, url_for("fulltext.index", show="sought", review_id=member.review_id)))
    if count := waiting_count(db, member, Phase.FULL_TEXT):
        words = f"{count} {'report' if count == 1 else 'reports'} to judge"
        found.append((words, url_for("fulltext.next_report", review_id=member.review_id)))
    if count := conflict_count(db, member, Phase.FULL_TEXT):
        words = f"{count} full-text {'conflict' if count == 1 else 'conflicts'} to settle"
        found.append((words, url_for("fulltext.conflicts", review_id=member.review_id)))
    return found
