"""Votes and settled conflicts as the log tells them, beside those of the tables."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from reviewtool.acts import Act
from reviewtool.audit import AuditEntry, chains
from reviewtool.references.models import Record
from reviewtool.screening.models import Adjudication, Decision
from reviewtool.team.models import Member

VOTES = {
    act.value
    for act in (
        Act.SCREENING_DECIDE,
        Act.SCREENING_UNDO,
        Act.SCREENING_SHARE_VOTES,
        Act.SCREENING_TAKE_VOTES,
    )
}
SETTLING = {Act.SCREENING_RESOLVE.value, Act.SCREENING_REOPEN.value}


class Ballot(NamedTuple):
    """Whose vote on what: a member's, or one named in an imported file."""

    record_id: int
    phase: str
    member_id: int | None
    outside: str = ""


def replay(db: Session, review_id: int, told_since: datetime | None) -> Iterator[str]:
    """A sentence for every vote and resolution that does not follow from the log.

    told_since: votes older than this may stand in no entry (the log did not name copied
    and imported votes one by one then).
    """
    records = select(Record.id, Record.number).where(Record.review_id == review_id)
    numbers = dict(db.exec(records).all())
    members = db.exec(select(Member).where(Member.review_id == review_id)).all()
    names = {one.id: one.name for one in members}

    def words(one: Ballot) -> str:
        who = names.get(one.member_id or 0, "") or one.outside or "somebody"
        where = "at full text" if one.phase == "full_text" else "at title and abstract"
        return f"The vote of {who} on record {numbers.get(one.record_id, '?')} {where}"

    logged = _votes(_entries(db, review_id, VOTES))
    stored = {
        Ballot(d.record_id, d.phase.value, d.member_id, d.outside_name): d
        for d in db.exec(select(Decision).where(Decision.review_id == review_id))
    }
    for ballot, row in stored.items():
        said = logged.pop(ballot, None)
        if said is None:
            if told_since is None or row.created_at >= told_since:
                yield f"{words(ballot)} is in the table, but not in the log."
        elif said != (row.vote.value, row.reason_id):
            yield f"{words(ballot)} is “{row.vote.value}” in the table, “{said[0]}” in the log."
    for ballot in logged:
        yield f"{words(ballot)} is in the log, but gone from the table."
    yield from _settled(db, review_id, numbers)


def _entries(db: Session, review_id: int, actions: set[str]) -> list[AuditEntry]:
    return list(
        db.exec(
            select(AuditEntry)
            .where(
                col(AuditEntry.chain).in_(chains(review_id)), col(AuditEntry.action).in_(actions)
            )
            .order_by(col(AuditEntry.chain), col(AuditEntry.sequence))
        )
    )


def _new(entry: AuditEntry, field: str) -> Any:
    return (entry.changes.get(field) or (None, None))[1]


def _votes(entries: list[AuditEntry]) -> dict[Ballot, tuple[str, int | None]]:
    """Ballot -> (vote, reason) once every entry was followed."""
    found: dict[Ballot, tuple[str, int | None]] = {}
    for entry in entries:
        if entry.action == Act.SCREENING_DECIDE.value:
            found[_ballot(entry)] = (_new(entry, "vote"), _new(entry, "reason"))
        elif entry.action == Act.SCREENING_UNDO.value:
            found.pop(_ballot(entry), None)
        else:
            for record_id, phase, member_id, outside, *_ in _new(entry, "taken_back") or ():
                found.pop(Ballot(record_id, phase, member_id, outside), None)
            for record_id, phase, member_id, outside, vote, reason in _new(entry, "given") or ():
                found[Ballot(record_id, phase, member_id, outside)] = (vote, reason)
    return found


def _ballot(entry: AuditEntry) -> Ballot:
    return Ballot(entry.subject_id or 0, str(_new(entry, "phase")), entry.member_id)


def _settled(db: Session, review_id: int, numbers: dict[int, int]) -> Iterator[str]:
    logged: dict[tuple[int, str], str] = {}
    for entry in _entries(db, review_id, SETTLING):
        key = (entry.subject_id or 0, str(_new(entry, "phase")))
        vote = _new(entry, "vote")
        if vote is None:
            logged.pop(key, None)
        else:
            logged[key] = str(vote)
    stored = {
        (a.record_id, a.phase.value): a
        for a in db.exec(select(Adjudication).where(Adjudication.review_id == review_id))
    }
    for key in sorted(logged.keys() | stored.keys()):
        said, row = logged.get(key), stored.get(key)
        words = f"The resolution of record {numbers.get(key[0], '?')}"
        if row is None:
            yield f"{words} is in the log, but gone from the table."
        elif said is None:
            if not row.comment.startswith("Passed before the import"):
                yield f"{words} is in the table, but not in the log."
        elif row.vote.value != said:
            yield f"{words} is “{row.vote.value}” in the table, “{said}” in the log."
