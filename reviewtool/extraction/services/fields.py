"""The characteristics that every study is asked for."""

import re
from collections.abc import Sequence

from sqlmodel import Session

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.db.row import hold
from reviewtool.db.types import now
from reviewtool.errors import Conflict, Invalid
from reviewtool.extraction import queries
from reviewtool.extraction.models import StudyField
from reviewtool.permissions import Action, require
from reviewtool.protocol import queries as protocol
from reviewtool.team.models import Member

KINDS = {"text": "Text", "number": "Number", "choice": "Choice", "date": "Date"}
SECTIONS = ("Identification", "Methods", "Population", "Interventions", "Funding")

DESIGNS = ("parallel", "crossover", "cluster", "factorial", "other")
USUAL = (
    ("country", "Country", "Identification", "text", ()),
    ("setting", "Setting", "Methods", "text", ()),
    ("design", "Design", "Methods", "choice", DESIGNS),
    ("follow_up", "Follow-up", "Methods", "text", ()),
    ("population", "Population", "Population", "text", ()),
    ("mean_age", "Mean age (years)", "Population", "number", ()),
    ("women_percent", "Women (%)", "Population", "number", ()),
    ("funding", "Funding", "Funding", "text", ()),
)


def key_of(label: str) -> str:
    """A stable key from a label.

    >>> key_of("Women (%)")
    'women'
    """
    return re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")[:60]


def add(
    db: Session,
    actor: Member,
    label: str,
    *,
    section: str = "Methods",
    kind: str = "text",
    options: Sequence[str] = (),
    required: bool = False,
    key: str = "",
) -> StudyField:
    """Ask every study for one more characteristic."""
    require(actor, Action.MANAGE_STUDIES)
    label = " ".join(label.split())[:200]
    key = key or key_of(label)
    if not label or not key:
        raise Invalid("Characteristic: give it a name with letters or digits.")
    if kind not in KINDS:
        raise Invalid(f"Characteristic “{label}”: the kind is one of {', '.join(KINDS)}.")
    if kind == "choice" and not options:
        raise Invalid(f"Characteristic “{label}”: a choice needs its options, one per line.")
    every = queries.fields(db, actor.review_id, archived=True)
    same = next((one for one in every if one.key == key), None)
    row = same or StudyField(review_id=actor.review_id, key=key, label=label)
    if same is not None and same.archived_at is None:
        raise Invalid(f"There is already a characteristic called “{same.label}”.")
    values = {
        "label": label,
        "section": section,
        "kind": kind,
        "options": list(options),
        "required": required,
        "archived_at": None,
        "position": max((one.position for one in every), default=0) + 1,
    }
    audit.changed(row, **values)
    db.add(row)
    audit.append(db, actor, Act.EXTRACTION_ADD_FIELD, row, label=label, kind=kind)
    return row


def add_usual(db: Session, actor: Member) -> list[StudyField]:
    """The characteristics most reviews ask for, where they are not there yet."""
    there = {one.key for one in queries.fields(db, actor.review_id)}
    return [
        add(db, actor, label, key=key, section=section, kind=kind, options=options)
        for key, label, section, kind, options in USUAL
        if key not in there
    ]


def change(db: Session, actor: Member, row: StudyField, **values: object) -> None:
    """Change label, section, options or whether it is required. Kind and key stay."""
    require(actor, Action.MANAGE_STUDIES, row)
    hold(db, row)
    changes = audit.changed(row, **values)
    if changes:
        db.add(row)
        audit.append(db, actor, Act.EXTRACTION_CHANGE_FIELD, row, changes)


def archive(db: Session, actor: Member, row: StudyField) -> None:
    """Ask no more; what was extracted stays on file.

    Raises Conflict while a planned analysis goes by the characteristic.
    """
    require(actor, Action.MANAGE_STUDIES, row)
    hold(db, row)
    outcomes = {o.id: o.name for o in protocol.outcomes(db, actor.review_id)}
    using = [
        outcomes.get(one.outcome_id, "")
        for one in protocol.analyses(db, actor.review_id)
        if row.key == one.subgroup or row.key in (one.moderators or ())
    ]
    if using:
        raise Conflict(
            f"Analyses of {', '.join(dict.fromkeys(using))} go by “{row.label}”. Change their "
            "subgroups or meta-regression first."
        )
    row.archived_at = now()
    db.add(row)
    audit.append(db, actor, Act.EXTRACTION_ARCHIVE_FIELD, row, label=row.label)
