"""Entering a record by hand, correcting one, taking one out before screening."""

import re
from typing import Any

from sqlmodel import Session, func, select

from reviewtool import audit, events
from reviewtool.acts import Act
from reviewtool.db.row import hold
from reviewtool.formats import fields as reading
from reviewtool.permissions import Action, require
from reviewtool.references import errors
from reviewtool.references.models import Record, RecordChange, Search
from reviewtool.team.models import Member, Review

EDITABLE = (
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "pmcid",
    "issn",
    "registry_number",
    "accession",
    "kind",
    "language",
    "url",
    "abstract",
    "keywords",
)
REASONS = {"automation": "By automation tools", "other": "For another reason"}


def add_record(db: Session, actor: Member, search: Search, **values: Any) -> Record:
    """Enter one record by hand. Raises UntitledRecord, BadYear, UnknownField."""
    require(actor, Action.IMPORT, search)
    ready = tidy(values)
    if not any(ready.get(name) for name in ("title", "doi", "pmid", "pmcid", "accession")):
        raise errors.UntitledRecord()
    db.exec(select(Review.id).where(Review.id == actor.review_id).with_for_update()).one()
    last = db.exec(select(func.max(Record.number)).where(Record.review_id == actor.review_id)).one()
    row = Record(review_id=actor.review_id, search_id=search.id, number=(last or 0) + 1, **ready)
    db.add(row)
    db.flush()
    audit.append(
        db,
        actor,
        Act.REFERENCES_ADD_RECORD,
        row,
        {name: (None, value) for name, value in ready.items() if value},
    )
    return row


def edit_record(db: Session, actor: Member, row: Record, **values: Any) -> list[str]:
    """Correct fields of a record; returns the names of those that changed.

    Every old value is kept in the record's history and in the audit log.
    """
    require(actor, Action.EDIT_RECORD, row)
    hold(db, row)
    ready = tidy(values)
    after = {name: ready.get(name, getattr(row, name)) for name in EDITABLE}
    if not any(after[name] for name in ("title", "doi", "pmid", "pmcid", "accession", "abstract")):
        raise errors.UntitledRecord()
    changes = audit.changed(row, **ready)
    if not changes:
        return []
    db.add(row)
    for name, (old, new) in changes.items():
        db.add(
            RecordChange(
                record_id=row.id,
                member_id=actor.id,
                field=name,
                old=_text(old),
                new=_text(new),
            )
        )
    db.flush()
    audit.append(db, actor, Act.REFERENCES_EDIT_RECORD, row, changes)
    return list(changes)


def remove_record(db: Session, actor: Member, row: Record, reason: str, note: str = "") -> None:
    """Take a record out before screening (PRISMA: automation tools, or other reasons)."""
    require(actor, Action.EDIT_RECORD, row)
    if reason not in REASONS:
        raise errors.UnknownField(field=reason)
    hold(db, row)
    changes = audit.changed(row, removed_reason=reason, removed_note=note.strip())
    db.add(row)
    db.flush()
    audit.append(db, actor, Act.REFERENCES_REMOVE_RECORD, row, changes)
    events.tell(db, actor, events.RecordRemoved(record_id=row.id))


def bring_back_record(db: Session, actor: Member, row: Record) -> None:
    """Put a removed record back into the review."""
    require(actor, Action.EDIT_RECORD, row)
    hold(db, row)
    changes = audit.changed(row, removed_reason="", removed_note="")
    db.add(row)
    db.flush()
    audit.append(db, actor, Act.REFERENCES_BRING_BACK_RECORD, row, changes)
    events.tell(db, actor, events.RecordBroughtBack(record_id=row.id))


def tidy(values: dict[str, Any]) -> dict[str, Any]:
    """Values as records keep them: one-line text, lower-case DOI, a year as a number."""
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise errors.UnknownField(field=sorted(unknown)[0])
    ready: dict[str, Any] = {}
    for name, value in values.items():
        if name == "year":
            ready[name] = _year(value)
        elif name == "abstract":
            ready[name] = "\n".join(
                " ".join(line.split()) for line in str(value or "").strip().splitlines()
            )
        elif name == "doi":
            ready[name] = reading.doi(str(value or "")) or " ".join(str(value or "").split())
        elif name in ("authors", "keywords"):
            parts = re.split(r"[;\n]", str(value or ""))
            ready[name] = "; ".join(" ".join(p.split()) for p in parts if p.strip())
        else:
            ready[name] = " ".join(str(value or "").split())
    return ready


def _year(value: Any) -> int | None:
    text = str(value if value is not None else "").strip()
    if not text:
        return None
    if not text.isdigit() or not 1400 <= int(text) <= 2100:
        raise errors.BadYear()
    return int(text)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
