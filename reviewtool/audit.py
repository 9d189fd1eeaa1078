"""The audit log: it only grows, and each entry hashes the one before.

A review has two chains: an open one under its number, and a closed one under its number
below zero for what is blinded (``acts.BLINDED``), so that no gap in the open one tells
that somebody voted. Chain 0, ``system``, holds what belongs to no review. ``AuditHead``
keeps the length and last hash of each chain, so cutting off the end is seen as well.

An entry's ``seal`` commits to its content with a random ``salt``; its ``hash`` covers the
seal and the hash before. So anybody can follow a chain by seals and hashes, nobody can
guess a content from them, and whoever has content and salt can check the seal.
Source: hash commitments, Halevi & Micali 1996, CRYPTO '96, 201-215.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from reviewtool.acts import BLINDED, Act
from reviewtool.db.engine import after_commit
from reviewtool.db.row import Row
from reviewtool.db.types import Json, UtcDateTime, now

SYSTEM = 0  # chain of what belongs to no review
GENESIS = "0" * 64


class AuditEntry(Row, table=True):
    """Who changed what, when: ``changes`` maps a field to [old, new]."""

    __table_args__ = (UniqueConstraint("chain", "sequence"),)

    chain: int = Field(index=True)
    sequence: int
    at: datetime = Field(sa_type=UtcDateTime)
    user_id: int | None = None
    member_id: int | None = None
    actor: str = Field(default="", max_length=255)
    action: str = Field(max_length=80, index=True)
    subject: str = Field(default="", max_length=60)
    subject_id: int | None = None
    changes: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    salt: str = Field(max_length=64)
    seal: str = Field(max_length=64)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The end of a chain; locked while an entry is added."""

    __tablename__ = "audit_head"

    chain: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int = 0
    hash: str = Field(default=GENESIS, max_length=64)


def plain(value: Any) -> Any:
    """A value as JSON keeps it; unknown objects become their text."""
    match value:
        case None | bool() | int() | str():
            return value.value if isinstance(value, Enum) else value
        case float():
            return value
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case dict():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(v) for v in value]
    return str(value)


CONTENT = (
    "chain",
    "sequence",
    "at",
    "user_id",
    "member_id",
    "actor",
    "action",
    "subject",
    "subject_id",
    "changes",
)


def seal(salt: str, content: Mapping[str, Any]) -> str:
    """The commitment to what an entry says: HMAC-SHA256 under its salt (64 hex digits).

    content: every field of ``CONTENT`` as JSON keeps it, ``at`` in ISO 8601 with
    microseconds.
    """
    known = {name: content[name] for name in CONTENT}
    text = json.dumps(known, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()


def link(chain: int, sequence: int, previous: str, sealed: str) -> str:
    """The hash of an entry: SHA-256 over its place, the hash before it and its seal."""
    return hashlib.sha256(f"{chain} {sequence} {previous} {sealed}".encode()).hexdigest()


def content(entry: AuditEntry) -> dict[str, Any]:
    """What the seal of an entry covers."""
    return {name: getattr(entry, name) for name in CONTENT} | {
        "at": entry.at.isoformat(timespec="microseconds")
    }


def chains(review_id: int) -> tuple[int, int]:
    """The open and the closed chain of a review."""
    return review_id, -review_id


def append(
    db: Session,
    actor: Any,
    act: Act,
    subject: Any = None,
    changes: dict[str, Any] | None = None,
    *,
    chain: int | None = None,
    **details: Any,
) -> AuditEntry:
    """Add one entry in the caller's transaction.

    actor: a Member (has ``review_id`` and ``user_id``), a User, or a text such as
        ``"rules"`` for what no person did.
    act: what was done; its value is stored. subject: the row concerned.
    changes: field -> (old, new).
    details: further facts, stored as field -> [None, value].
    """
    if subject is not None and getattr(subject, "id", 0) is None:
        db.flush()  # the entry names the row by its id
    if chain is None:
        chain = getattr(actor, "review_id", None) or getattr(subject, "review_id", None) or SYSTEM
    head = _head(db, chain, closed=act.value in BLINDED)
    is_member = hasattr(actor, "review_id")
    entry = AuditEntry(
        chain=head.chain,
        sequence=head.sequence + 1,
        at=now(),
        user_id=getattr(actor, "user_id", None) if is_member else getattr(actor, "id", None),
        member_id=actor.id if is_member else None,
        actor=_actor_name(actor),
        action=act.value,
        subject=getattr(subject, "__tablename__", "") if subject is not None else "",
        subject_id=getattr(subject, "id", None),
        changes=plain({**(changes or {}), **{k: (None, v) for k, v in details.items()}}),
        salt=secrets.token_hex(32),
        seal="",
        previous_hash=head.hash,
        hash="",
    )
    entry.seal = seal(entry.salt, content(entry))
    entry.hash = link(entry.chain, entry.sequence, entry.previous_hash, entry.seal)
    head.sequence, head.hash = entry.sequence, entry.hash
    db.add(entry)
    _sign_after_commit(db, head)
    return entry


_HEADS = (
    select(AuditHead)
    .where(
        col(AuditHead.chain).in_(
            [sa.bindparam("open", type_=sa.Integer), sa.bindparam("closed", type_=sa.Integer)]
        )
    )
    .order_by(col(AuditHead.chain).desc())
    .with_for_update()
)


def _head(db: Session, chain: int, *, closed: bool) -> AuditHead:
    """The end of the chain to write to. Both of a review's are locked, the open one first,
    so that two people who write to both never wait for each other in a circle.
    """
    wanted = -chain if closed else chain
    found = {head.chain: head for head in db.exec(_HEADS, params={"open": chain, "closed": -chain})}
    if wanted in found:
        return found[wanted]
    # Whoever we waited for may have begun the chain: the first question did not see it yet.
    begun = db.get(AuditHead, wanted, with_for_update=True, populate_existing=True)
    if begun is None:
        begun = AuditHead(chain=wanted)
        db.add(begun)
    return begun


def _sign_after_commit(db: Session, head: AuditHead) -> None:
    """Have the chain's new end signed outside the database, once it is stored."""
    checkpoints = db.info.get("checkpoints")
    if checkpoints is None:
        return
    ends: dict[int, tuple[int, str]] = db.info.setdefault("chain_ends", {})
    if not ends:

        def sign() -> None:
            for chain, (sequence, hash) in db.info.pop("chain_ends", {}).items():
                checkpoints.keep(chain, sequence, hash)

        after_commit(db, sign)
    ends[head.chain] = (head.sequence, head.hash)


def _actor_name(actor: Any) -> str:
    if isinstance(actor, str):
        return actor
    user = getattr(actor, "user", actor)
    return str(getattr(user, "email", "") or "")


def changed(row: Any, **values: Any) -> dict[str, tuple[Any, Any]]:
    """Set ``values`` on ``row`` and return what really changed, for the log."""
    result = {}
    for field, value in values.items():
        old = getattr(row, field)
        if old != value:
            setattr(row, field, value)
            result[field] = (old, value)
    return result


GUARDS = {
    "sqlite": {
        "audit_entry_no_update": (
            "CREATE TRIGGER IF NOT EXISTS audit_entry_no_update BEFORE UPDATE ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
        ),
        "audit_entry_no_delete": (
            "CREATE TRIGGER IF NOT EXISTS audit_entry_no_delete BEFORE DELETE ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
        ),
    },
    "postgresql": {
        "audit_entry_refuse": (
            "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger AS $$ "
            "BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$ LANGUAGE plpgsql"
        ),
        "audit_entry_only_grows": (
            "CREATE OR REPLACE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE "
            "ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()"
        ),
    },
}


def guard(connection: sa.Connection) -> None:
    """Install the triggers that refuse changes to the log."""
    for statement in GUARDS[connection.dialect.name].values():
        connection.execute(sa.text(statement))
