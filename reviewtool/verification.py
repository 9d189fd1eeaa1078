"""Whether the log and what it tells of are as they were written.

Four questions, each answered in sentences: does every chain hold together, does it still
contain what was signed outside the database, do the triggers that guard it stand, and do
votes, extracted values, judgements and ratings follow from the log.
"""

import csv
import importlib
import io
import json
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool import audit, table_files
from reviewtool.acts import Act
from reviewtool.audit import GENESIS, SYSTEM, AuditEntry, AuditHead
from reviewtool.checkpoints import Checkpoint, Checkpoints
from reviewtool.errors import Invalid
from reviewtool.stages import STAGES

Replay = Callable[[Session, int, datetime | None], Iterator[str]]


@dataclass(frozen=True)
class Fault:
    """One thing wrong, in words; ``chain`` is None where it is about the whole database."""

    chain: int | None
    sequence: int | None
    message: str

    @property
    def where(self) -> str:
        """Which log: "review 3", "review 3, blinded acts", "system"."""
        if self.chain is None:
            return "database"
        if self.chain == SYSTEM:
            return "system"
        return f"review {abs(self.chain)}" + (", blinded acts" if self.chain < 0 else "")


def verify(db: Session, review_id: int | None = None) -> list[Fault]:
    """Everything wrong with the log (of one review); an empty list is a sound one."""
    checkpoints: Checkpoints | None = db.info.get("checkpoints")
    return [
        *chains(db, review_id),
        *(signed(db, checkpoints, review_id) if checkpoints else ()),
        *guards(db),
        *told_before(db, review_id),
        *tables(db, review_id),
    ]


def chains(db: Session, review_id: int | None = None) -> list[Fault]:
    """Walk every chain (or those of one review) and name each break."""
    heads = {head.chain: head for head in db.exec(select(AuditHead)).all()}
    known = set(heads) | set(db.exec(select(AuditEntry.chain).distinct()).all())
    if review_id is not None:
        known &= set(audit.chains(review_id))
    return [fault for one in sorted(known) for fault in _chain(db, one, heads.get(one))]


def _chain(db: Session, chain: int, head: AuditHead | None) -> Iterator[Fault]:
    expected, previous = 0, GENESIS
    entries = db.exec(
        select(AuditEntry).where(AuditEntry.chain == chain).order_by(col(AuditEntry.sequence))
    )
    for entry in entries:
        expected += 1
        number = entry.sequence
        if number != expected:
            yield Fault(chain, expected, f"Entry {expected} is missing.")
            expected = number
        if entry.previous_hash != previous:
            yield Fault(chain, number, f"Entry {number} does not follow the one before.")
        if not _as_sealed(entry):
            yield Fault(chain, number, f"Entry {number} was altered.")
        previous = entry.hash
    if head is None:
        yield Fault(chain, None, "The end of the chain is not on record.")
    elif head.sequence != expected or head.hash != previous:
        yield Fault(
            chain, None, f"The chain should end at entry {head.sequence}, but ends at {expected}."
        )


def _as_sealed(entry: AuditEntry) -> bool:
    try:
        sealed = audit.seal(entry.salt, audit.content(entry))
    except ValueError:  # a salt that is no number
        return False
    link = audit.link(entry.chain, entry.sequence, entry.previous_hash, entry.seal)
    return sealed == entry.seal and link == entry.hash


def signed(db: Session, checkpoints: Checkpoints, review_id: int | None = None) -> Iterator[Fault]:
    """Whether the log contains what was signed outside the database."""
    found = checkpoints.signed()
    for one in found:
        if not one.genuine:
            yield Fault(None, None, f"{one.path} was not signed with this server's secret.")
        elif review_id is None or abs(one.chain) == review_id:
            yield from _kept(db, one)
    there = {one.chain for one in found if one.genuine}
    wanted = set(db.exec(select(AuditHead.chain)).all())
    if review_id is not None:
        wanted &= set(audit.chains(review_id))
    for chain in sorted(wanted - there):
        yield Fault(
            chain,
            None,
            "Nothing outside the database says how far this chain had come. If nobody could have "
            "changed the database, sign it as it stands: reviewtool checkpoint.",
        )


def _kept(db: Session, one: Checkpoint) -> Iterator[Fault]:
    entry = db.exec(
        select(AuditEntry.hash).where(
            AuditEntry.chain == one.chain, AuditEntry.sequence == one.sequence
        )
    ).one_or_none()
    if entry == one.hash:
        return
    last = db.exec(
        select(sa.func.max(AuditEntry.sequence)).where(AuditEntry.chain == one.chain)
    ).one()
    if last is None:
        what = f"is gone: it had {one.sequence} entries"
    elif entry is None:
        what = f"was cut or rolled back: it had {one.sequence} entries and has {last}"
    else:
        what = f"was written anew: entry {one.sequence} is not the one that was signed"
    yield Fault(
        one.chain,
        one.sequence,
        f"The chain {what} (checkpoint of {one.at[:19].replace('T', ' ')} UTC, {one.path}). After "
        "restoring an older backup, sign the log as it stands: reviewtool checkpoint.",
    )


def guards(db: Session) -> Iterator[Fault]:
    """Whether the triggers that refuse changes of the log stand as they were installed."""
    sqlite = db.get_bind().dialect.name == "sqlite"
    there = _sqlite_triggers(db) if sqlite else _postgres_triggers(db)
    for name, statement in audit.GUARDS["sqlite" if sqlite else "postgresql"].items():
        if name not in there:
            words = "is gone, so entries of the log can be changed unseen"
        elif there[name] != _plain(statement):
            words = "is not the one that was installed"
        else:
            continue
        yield Fault(
            None,
            None,
            f"The database's guard “{name}” {words}. Find out who changed the database, then "
            "bring it back: reviewtool checkpoint.",
        )


def _plain(statement: str) -> str:
    """A statement without what databases leave out when they keep it."""
    for words in (" IF NOT EXISTS", " OR REPLACE", "public."):
        statement = statement.replace(words, "")
    return " ".join(statement.split())


def _sqlite_triggers(db: Session) -> dict[str, str]:
    rows = db.connection().execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    )
    return {name: _plain(sql) for name, sql in rows}


def _postgres_triggers(db: Session) -> dict[str, str]:
    """The trigger while it is enabled, and the function while it still refuses."""
    connection = db.connection()
    found = {
        name: _plain(audit.GUARDS["postgresql"][name]) if enabled in {"O", "A"} else "disabled"
        for name, enabled in connection.execute(
            sa.text(
                "SELECT tgname, tgenabled FROM pg_trigger "
                "WHERE tgrelid = 'audit_entry'::regclass AND NOT tgisinternal"
            )
        )
        if name in audit.GUARDS["postgresql"]
    }
    for name, source in connection.execute(
        sa.text("SELECT proname, prosrc FROM pg_proc WHERE proname = 'audit_entry_refuse'")
    ):
        installed = audit.GUARDS["postgresql"][name]
        same = " ".join(source.split()) == " ".join(installed.split("$$")[1].split())
        found[name] = _plain(installed) if same else source
    return found


def told_before(db: Session, review_id: int | None = None) -> Iterator[Fault]:
    """Faults that a chain had already when an upgrade sealed it anew."""
    for note in _resealed(db):
        for number, (_, said) in note.changes.items():
            chain = int(number)
            if said.get("fault") and (review_id is None or chain == review_id):
                when = f"{note.at:%Y-%m-%d}"
                words = f"When the log was sealed anew on {when}, {said['fault']} already."
                yield Fault(chain, None, words)


def _resealed(db: Session) -> list[AuditEntry]:
    return list(
        db.exec(
            select(AuditEntry).where(
                AuditEntry.chain == SYSTEM,
                AuditEntry.action == Act.LOG_SEAL.value,
                AuditEntry.actor == "migration",
            )
        )
    )


def tables(db: Session, review_id: int | None = None) -> Iterator[Fault]:
    """Whether the stages' tables say what the log does: each stage replays its own acts."""
    notes = _resealed(db)
    told_since = max((note.at for note in notes), default=None)
    reviews = sorted(
        {chain for chain in db.exec(select(AuditHead.chain)).all() if chain > 0}
        if review_id is None
        else {review_id}
    )
    for one in reviews:
        if _was_never_finished(db, one):
            continue
        for replay in replays():
            yield from (Fault(one, None, words) for words in replay(db, one, told_since))


def _was_never_finished(db: Session, review_id: int) -> bool:
    """Whether the log's last word is that the review was removed while it was being made."""
    last = db.exec(
        select(AuditEntry.action)
        .where(AuditEntry.chain == review_id)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(1)
    ).first()
    return bool(last == Act.TEAM_REMOVE_UNFINISHED.value)


def exported(text: str) -> tuple[list[Fault], int, int]:
    """Check an exported log without its database: (faults, entries, how many were readable).

    Entries whose content was kept from the person who exported are followed by their
    seals; where content and salt are there, the seal is checked too. Raises Invalid for
    a file that is no such export.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if not {*audit.CONTENT, "salt", "seal", "previous_hash", "hash"} <= set(
        reader.fieldnames or ()
    ):
        raise Invalid("This is no exported audit log. Export “Audit log” from the review first.")
    faults: list[Fault] = []
    ends: dict[int, tuple[int, str]] = {}
    entries = read = 0
    for row in reader:
        if not row["hash"]:
            continue  # one's own blinded acts, which stand outside the chain
        entries += 1
        try:
            chain, number = int(row["chain"]), int(row["sequence"])
            readable = bool(row["salt"])
            sealed = _seal_of(row) if readable else row["seal"]
        except ValueError as error:
            raise Invalid(f"Line {entries + 1} of the file is damaged: {error}.") from error
        read += readable
        before, previous = ends.get(chain, (0, GENESIS))
        if number != before + 1:
            faults.append(Fault(chain, number, f"Entry {before + 1} is missing."))
        if row["previous_hash"] != previous:
            faults.append(Fault(chain, number, f"Entry {number} does not follow the one before."))
        link = audit.link(chain, number, row["previous_hash"], row["seal"])
        if sealed != row["seal"] or link != row["hash"]:
            faults.append(Fault(chain, number, f"Entry {number} was altered."))
        ends[chain] = number, row["hash"]
    return faults, entries, read


def _seal_of(row: dict[str, str]) -> str:
    """The seal that the exported content should have."""
    said: dict[str, Any] = {
        name: table_files.text_of(row[name]) for name in ("at", "actor", "action", "subject")
    }
    for name in ("chain", "sequence", "user_id", "member_id", "subject_id"):
        said[name] = int(row[name]) if row[name] else None
    said["changes"] = json.loads(row["changes"])
    return audit.seal(row["salt"], said)


def replays() -> Iterator[Replay]:
    """The ``replay`` of every stage that has that room."""
    for stage in STAGES:
        folder = importlib.import_module(f"reviewtool.{stage}")
        if any(found.name == "replay" for found in pkgutil.iter_modules(folder.__path__)):
            replay: Any = importlib.import_module(f"reviewtool.{stage}.replay").replay
            yield replay


def sign_as_it_stands(db: Session) -> int:
    """Sign the end of every chain and bring the guards back; returns how many chains.

    For an administrator who restored a backup, or who has found out what happened. The
    log says that it was done.
    """
    audit.guard(db.connection())
    heads = db.exec(select(AuditHead)).all()
    ends = {"chains": {str(head.chain): head.sequence for head in heads}}
    audit.append(db, "administrator", Act.LOG_SEAL, chain=SYSTEM, **ends)
    db.flush()
    checkpoints: Checkpoints | None = db.info.get("checkpoints")
    if checkpoints is not None:
        for head in db.exec(select(AuditHead)).all():
            checkpoints.keep(head.chain, head.sequence, head.hash, anew=True)
    return len(heads)
