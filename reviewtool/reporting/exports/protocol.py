"""The protocol as files."""

import json

from sqlmodel import Session

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
