"""each entry of the log is sealed with a salt, and blinded acts have a chain of their own.

Entries written before had a plain hash from which a hidden vote could be guessed, so none
of those hashes is kept. Every chain is checked first, then sealed anew in the order it had.
The last entry of the system chain says so, with the old end of each chain and what was
wrong with it; `reviewtool verify` repeats the latter.
"""

import hashlib
import hmac
import json
import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

from reviewtool import audit
from reviewtool.db.types import Json, UtcDateTime, now

revision = "0015"
down_revision = "0014"

GENESIS = "0" * 64
BLINDED = {
    "screening.decide",
    "screening.undo",
    "screening.share_votes",
    "screening.note",
    "screening.label",
    "extraction.cell",
    "extraction.done",
    "bias.answer",
    "bias.judge",
    "bias.done",
}
ENTRY = sa.table(
    "audit_entry",
    sa.column("id", sa.Integer),
    sa.column("created_at", UtcDateTime()),
    sa.column("chain", sa.Integer),
    sa.column("sequence", sa.Integer),
    sa.column("at", UtcDateTime()),
    sa.column("user_id", sa.Integer),
    sa.column("member_id", sa.Integer),
    sa.column("actor", sa.String),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
    sa.column("subject_id", sa.Integer),
    sa.column("changes", Json),
    sa.column("salt", sa.String),
    sa.column("seal", sa.String),
    sa.column("previous_hash", sa.String),
    sa.column("hash", sa.String),
)
HEAD = sa.table(
    "audit_head",
    sa.column("chain", sa.Integer),
    sa.column("sequence", sa.Integer),
    sa.column("hash", sa.String),
)
SEALED = ("chain", "sequence", "salt", "seal", "previous_hash", "hash")
SAID = ("user_id", "member_id", "actor", "action", "subject", "subject_id", "changes")


def _text(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _content(row: Any, chain: int, sequence: int) -> dict[str, Any]:
    at = row["at"].isoformat(timespec="microseconds")
    return {"chain": chain, "sequence": sequence, "at": at} | {name: row[name] for name in SAID}


def _first_fault(rows: list[Any], head: Any) -> str:
    """What was wrong with a chain as it was sealed before; "" when it was sound."""
    previous = GENESIS
    for expected, row in enumerate(rows, start=1):
        content = _content(row, row["chain"], row["sequence"]) | {"previous": row["previous_hash"]}
        if row["sequence"] != expected:
            return f"entry {expected} was missing"
        if row["previous_hash"] != previous:
            return f"entry {expected} did not follow the one before"
        if row["hash"] != hashlib.sha256(_text(content)).hexdigest():
            return f"entry {expected} was altered"
        previous = row["hash"]
    if head is None:
        return "its end was not on record" if rows else ""
    if (head.sequence, head.hash) != (len(rows), previous):
        return f"it should have ended at entry {head.sequence}, but ended at {len(rows)}"
    return ""


class _Chain:
    """The end of a chain while it is sealed anew."""

    def __init__(self, number: int) -> None:
        self.number, self.sequence, self.hash = number, 0, GENESIS

    def seal(self, row: Any) -> dict[str, Any]:
        """The columns of the next entry."""
        self.sequence += 1
        salt, previous = secrets.token_hex(32), self.hash
        text = _text(_content(row, self.number, self.sequence))
        sealed = hmac.new(bytes.fromhex(salt), text, hashlib.sha256).hexdigest()
        place = f"{self.number} {self.sequence} {previous} {sealed}"
        self.hash = hashlib.sha256(place.encode()).hexdigest()
        return {
            "chain": self.number,
            "sequence": self.sequence,
            "salt": salt,
            "seal": sealed,
            "previous_hash": previous,
            "hash": self.hash,
        }


def upgrade() -> None:
    connection = op.get_bind()
    _unguard(connection)
    with op.batch_alter_table("audit_entry") as batch_op:
        batch_op.add_column(sa.Column("salt", sa.String(64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("seal", sa.String(64), nullable=False, server_default=""))
    heads = {head.chain: head for head in connection.execute(sa.select(HEAD))}
    numbers = set(connection.scalars(sa.select(ENTRY.c.chain).distinct())) | set(heads)
    told: dict[str, Any] = {}
    ends: dict[int, _Chain] = {}
    for number in sorted(numbers, reverse=True):  # the system's last, with what to tell
        rows = _rows(connection, number)
        told[str(number)] = {
            "entries": len(rows),
            "old_end": rows[-1]["hash"] if rows else GENESIS,
            "fault": _first_fault(rows, heads.get(number)),
        }
        # Out of the way first: two entries never share a place, not even for a moment.
        connection.execute(
            sa.update(ENTRY).where(ENTRY.c.chain == number).values(sequence=-ENTRY.c.sequence)
        )
        _seal_anew(connection, rows, ends, number)
    if told:
        _tell(connection, told, ends.setdefault(0, _Chain(0)))
    connection.execute(sa.delete(HEAD))
    for number, end in ends.items():
        connection.execute(
            sa.insert(HEAD).values(chain=number, sequence=end.sequence, hash=end.hash)
        )
    with op.batch_alter_table("audit_entry") as batch_op:
        batch_op.alter_column("salt", server_default=None)
        batch_op.alter_column("seal", server_default=None)
    audit.guard(connection)


def _rows(connection: sa.Connection, number: int) -> list[Any]:
    found = connection.execute(
        sa.select(ENTRY).where(ENTRY.c.chain == number).order_by(ENTRY.c.sequence)
    )
    return list(found.mappings())


def _seal_anew(
    connection: sa.Connection, rows: list[Any], ends: dict[int, _Chain], number: int
) -> None:
    statement = (
        sa.update(ENTRY)
        .where(ENTRY.c.id == sa.bindparam("row"))
        .values({name: sa.bindparam(f"new_{name}") for name in SEALED})
    )
    changes = []
    for row in rows:
        own = -number if row["action"] in BLINDED else number
        columns = ends.setdefault(own, _Chain(own)).seal(row)
        changes.append({"row": row["id"]} | {f"new_{k}": v for k, v in columns.items()})
    if changes:
        connection.execute(statement, changes)


def _tell(connection: sa.Connection, told: dict[str, Any], end: _Chain) -> None:
    at = now()
    said: dict[str, Any] = dict.fromkeys(SAID) | {
        "at": at,
        "actor": "migration",
        "action": "log.seal",
        "subject": "",
        "changes": {number: [None, one] for number, one in told.items()},
    }
    connection.execute(sa.insert(ENTRY).values(said | {"created_at": at} | end.seal(said)))


def _unguard(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(sa.text("DROP TRIGGER IF EXISTS audit_entry_no_update"))
        connection.execute(sa.text("DROP TRIGGER IF EXISTS audit_entry_no_delete"))
    else:
        connection.execute(sa.text("DROP TRIGGER IF EXISTS audit_entry_only_grows ON audit_entry"))
