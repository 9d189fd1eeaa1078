"""The protocol and the audit log as files."""

import json

from sqlmodel import Session, col, select

from reviewtool import table_files
from reviewtool.acts import BLINDED
from reviewtool.audit import AuditEntry
from reviewtool.permissions import Action, allows
from reviewtool.protocol import queries
from reviewtool.protocol.sheets import texts as export
from reviewtool.team.models import Member, Review


def _parts(db: Session, member: Member) -> tuple[dict[str, object], str]:
    versions = queries.versions(db, member)
    if versions:
        return versions[-1].content, versions[-1].number
    return queries.content(db, member.review_id), ""


def as_json(db: Session, member: Member) -> bytes:
    """The newest version, or the draft."""
    content, number = _parts(db, member)
    registered = queries.protocol(db, member.review_id)
    return json.dumps(
        export.as_json(content, registered, number), ensure_ascii=False, indent=1
    ).encode()


def as_docx(db: Session, member: Member) -> bytes:
    """The newest version, or the draft, for Word."""
    content, number = _parts(db, member)
    title = db.get_one(Review, member.review_id).title
    return export.as_docx(content, queries.protocol(db, member.review_id), number, title)


def audit_log(db: Session, member: Member) -> bytes:
    """The review's chain. Entries still blinded for the member keep only their seals.

    Sequence, hashes and times stay, so the chain can be followed without its content.
    """
    may_see = allows(member, Action.SEE_AUDIT)
    rows = []
    for entry in db.exec(
        select(AuditEntry)
        .where(AuditEntry.chain == member.review_id)
        .order_by(col(AuditEntry.sequence))
    ):
        hidden = not may_see or (entry.action in BLINDED and entry.member_id != member.id)
        rows.append(
            [
                entry.sequence,
                "" if hidden else entry.at.isoformat(),
                "" if hidden else entry.actor,
                "" if hidden else entry.action,
                "" if hidden else entry.subject,
                "" if hidden else entry.subject_id,
                "" if hidden else json.dumps(entry.changes, ensure_ascii=False),
                entry.previous_hash,
                entry.hash,
            ]
        )
    columns = [
        "sequence",
        "at",
        "actor",
        "action",
        "subject",
        "subject_id",
        "changes",
        "previous_hash",
        "hash",
    ]
    return table_files.write(columns, rows)
