"""The audit log: it only grows, and each entry hashes the one before.

One chain per review (and one, ``system``, for the rest). ``AuditHead`` keeps the
length and last hash of each chain, so cutting off the end is seen as well.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from reviewtool.acts import Act
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
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The end of a chain; locked while an entry is added."""

    __tablename__ = "audit_head"

    chain: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int = 0
    hash: str = Field(default=GENESIS, max_length=64)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a chain, in words."""

    chain: int
    sequence: int | None
    message: str


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


def digest(entry: AuditEntry) -> str:
    """SHA-256 over everything the entry says and the hash before it."""
    content = {
        "chain": entry.chain,
        "sequence": entry.sequence,
        "at": entry.at.isoformat(timespec="microseconds"),
        "user_id": entry.user_id,
        "member_id": entry.member_id,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "changes": entry.changes,
        "previous": entry.previous_hash,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


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
    head = db.exec(
        select(AuditHead).where(AuditHead.chain == chain).with_for_update()
    ).one_or_none()
    if head is None:
        head = AuditHead(chain=chain)
        db.add(head)
    is_member = hasattr(actor, "review_id")
    entry = AuditEntry(
        chain=chain,
        sequence=head.sequence + 1,
        at=now(),
        user_id=getattr(actor, "user_id", None) if is_member else getattr(actor, "id", None),
        member_id=actor.id if is_member else None,
        actor=_actor_name(actor),
        action=act.value,
        subject=getattr(subject, "__tablename__", "") if subject is not None else "",
        subject_id=getattr(subject, "id", None),
        changes=plain({**(changes or {}), **{k: (None, v) for k, v in details.items()}}),
        previous_hash=head.hash,
        hash="",
    )
    entry.hash = digest(entry)
    head.sequence, head.hash = entry.sequence, entry.hash
    db.add(entry)
    return entry


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


def verify(db: Session, chain: int | None = None) -> list[Fault]:
    """Walk every chain (or one) and name each break. An empty list is a sound log."""
    heads = {head.chain: head for head in db.exec(select(AuditHead)).all()}
    chains = set(heads) | set(db.exec(select(AuditEntry.chain).distinct()).all())
    return [
        fault
        for one in sorted(chains if chain is None else {chain})
        for fault in _verify_chain(db, one, heads.get(one))
    ]


def _verify_chain(db: Session, chain: int, head: AuditHead | None) -> Iterator[Fault]:
    expected, previous = 0, GENESIS
    entries = db.exec(
        select(AuditEntry).where(AuditEntry.chain == chain).order_by(col(AuditEntry.sequence))
    )
    for entry in entries:
        expected += 1
        if entry.sequence != expected:
            yield Fault(chain, expected, f"Entry {expected} is missing.")
            expected = entry.sequence
        if entry.previous_hash != previous:
            words = f"Entry {entry.sequence} does not follow the one before."
            yield Fault(chain, entry.sequence, words)
        if entry.hash != digest(entry):
            yield Fault(chain, entry.sequence, f"Entry {entry.sequence} was altered.")
        previous = entry.hash
    if head is None:
        yield Fault(chain, None, "The end of the chain is not on record.")
    elif head.sequence != expected or head.hash != previous:
        yield Fault(
            chain, None, f"The chain should end at entry {head.sequence}, but ends at {expected}."
        )


GUARDS = {
    "sqlite": [
        "CREATE TRIGGER IF NOT EXISTS audit_entry_no_update BEFORE UPDATE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
        "CREATE TRIGGER IF NOT EXISTS audit_entry_no_delete BEFORE DELETE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$ LANGUAGE plpgsql",
        "CREATE OR REPLACE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
    ],
}


def guard(connection: sa.Connection) -> None:
    """Install the triggers that refuse changes to the log."""
    for statement in GUARDS[connection.dialect.name]:
        connection.execute(sa.text(statement))
