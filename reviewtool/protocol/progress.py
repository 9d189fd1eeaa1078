"""How far the protocol is, for the frame and the home page."""

from flask import url_for
from sqlmodel import Session, col, func, select

from reviewtool.permissions import Action, allows
from reviewtool.protocol import queries
from reviewtool.protocol.models import ProtocolVersion
from reviewtool.protocol.rules.document import SECTIONS
from reviewtool.team.models import Member

_REQUIRED = [f.key for s in SECTIONS for f in s.fields if f.required]


def progress(db: Session, member: Member) -> tuple[int, int]:
    """(required fields filled, required fields)."""
    document = queries.protocol(db, member.review_id).document
    return sum(bool(str(document.get(key) or "").strip()) for key in _REQUIRED), len(_REQUIRED)


def tasks(db: Session, member: Member) -> list[tuple[str, str]]:
    """Registering, for those who may."""
    if not allows(member, Action.REGISTER_PROTOCOL):
        return []
    count = db.exec(
        select(func.count(col(ProtocolVersion.id))).where(
            ProtocolVersion.review_id == member.review_id
        )
    ).one()
    if count:
        return []
    return [("Protocol to register", url_for("protocol.index", review_id=member.review_id))]
