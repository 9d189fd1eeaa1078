"""The audit log as a file that can be checked without the database.

The open chain is there for everybody: number, seal and hashes of every entry, and content
and salt for who may see the log. The closed chain (what is blinded) follows for the same
people once nothing in the review is blind any more; until then they find their own acts of
it, without numbers, because gaps would tell that somebody else had voted.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlmodel import Session, col, select

from reviewtool import table_files
from reviewtool.audit import CONTENT, AuditEntry, content
from reviewtool.bias.models import Assessment
from reviewtool.extraction.models import CopyKind, CopyState, Extraction
from reviewtool.permissions import Action, allows
from reviewtool.screening.models import Standing
from reviewtool.screening.queries.votes import COMPLETE
from reviewtool.screening.rules.outcome import Phase
from reviewtool.team import queries as team
from reviewtool.team.models import Member

COLUMNS = [*CONTENT, "salt", "seal", "previous_hash", "hash"]
PLACE = ("chain", "sequence")
SEALED = ("seal", "previous_hash", "hash")


def table(db: Session, member: Member) -> bytes:
    """The log as ``member`` may see it."""
    return table_files.write(COLUMNS, list(_rows(db, member)))


def _rows(db: Session, member: Member) -> Iterator[dict[str, Any]]:
    sees = allows(member, Action.SEE_AUDIT)
    for entry in _chain(db, member.review_id):
        names = COLUMNS if sees else [*PLACE, *SEALED]
        yield _columns(entry, names)
    closed = _chain(db, -member.review_id)
    if sees and _nothing_is_blind(db, member.review_id, closed):
        yield from (_columns(entry, COLUMNS) for entry in closed)
    elif sees:
        said = [name for name in CONTENT if name not in PLACE]
        yield from (_columns(entry, said) for entry in team.own_blinded_entries(db, member))


def _columns(entry: AuditEntry, names: Sequence[str]) -> dict[str, Any]:
    said = content(entry) | {"changes": json.dumps(entry.changes, ensure_ascii=False)}
    sealed = {name: getattr(entry, name) for name in ("salt", *SEALED)}
    return {name: value for name, value in (said | sealed).items() if name in names}


def _chain(db: Session, chain: int) -> Sequence[AuditEntry]:
    return db.exec(
        select(AuditEntry).where(AuditEntry.chain == chain).order_by(col(AuditEntry.sequence))
    ).all()


def _nothing_is_blind(db: Session, review_id: int, closed: Sequence[AuditEntry]) -> bool:
    """Whether everything that the closed chain tells of is settled for everybody."""
    settled = {
        ("record", one.record_id, one.phase.value)
        for one in db.exec(select(Standing).where(Standing.review_id == review_id))
        if one.outcome in COMPLETE
    }
    copies = [
        *db.exec(select(Extraction).where(Extraction.review_id == review_id)),
        *db.exec(select(Assessment).where(Assessment.review_id == review_id)),
    ]
    done: dict[Any, int] = {}
    for copy in copies:
        if copy.kind is not CopyKind.CONSENSUS and copy.state is CopyState.DONE:
            done[_what(copy)] = done.get(_what(copy), 0) + 1
    open_copies = {
        (copy.__tablename__, copy.id, "")
        for copy in copies
        if copy.kind is not CopyKind.CONSENSUS and done.get(_what(copy), 0) < 2
    }
    for entry in closed:
        about = (entry.subject, entry.subject_id, "")
        if entry.subject == "record":
            phase = (entry.changes.get("phase") or [None, Phase.TITLE_ABSTRACT.value])[1]
            if (*about[:2], phase) not in settled:
                return False
        elif about in open_copies:
            return False
    return True


def _what(copy: Extraction | Assessment) -> tuple[Any, ...]:
    """What two copies must be of to be compared."""
    if isinstance(copy, Assessment):
        return "bias", copy.study_id, copy.instrument, copy.outcome_id, copy.timepoint
    return "extraction", copy.study_id
