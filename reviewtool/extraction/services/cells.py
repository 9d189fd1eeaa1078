"""Cells on their way into a copy, an extractor's own or the consensus."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.errors import ChangedMeanwhile, Invalid
from reviewtool.extraction import queries
from reviewtool.extraction.models import Entry, Extraction
from reviewtool.extraction.rules.cells import Form
from reviewtool.extraction.rules.values import BadValue, Problem, check, normalise
from reviewtool.team.models import Member


@dataclass(frozen=True)
class CellIn:
    """What to store in a cell; None leaves what is there.

    A value typed anew is no longer derived, unless ``derived`` says how it was computed.
    """

    value: str | None = None
    quote: str | None = None
    page: str | None = None
    report_id: int | None = None
    note: str | None = None
    derived: str | None = None
    made_from: int | None = None  # the revision of the cell that was shown; 0 for an empty one


@dataclass
class Saved:
    """What became of the cells sent: each one is in ``stored``, ``same`` or refused."""

    stored: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> list[Problem]:
        """Values that were not stored."""
        return [one for one in self.problems if one.refused]


def store(
    db: Session,
    actor: Member,
    copy: Extraction,
    cells: Mapping[str, CellIn | str],
    form: Form | None,
    act: Act,
) -> Saved:
    """Store cells in any copy; the caller has checked that the actor may."""
    form = form or queries.form(db, copy.review_id)
    db.refresh(copy, with_for_update=True)  # cells of one copy are stored one after the other
    known = queries.entries(db, copy.id, fresh=True)
    _check_revisions(form, known, cells)
    saved = Saved()
    changes: dict[str, object] = {}
    for path, given in cells.items():
        sent = CellIn(value=given) if isinstance(given, str) else given
        cell = form.cell(path)
        values = _plain(sent)
        if sent.value is not None:
            try:
                values["value"] = normalise(cell, form, sent.value)
            except BadValue as error:
                message = f"{form.label(path)}: {error}"
                saved.problems.append(Problem(path, message, refused=True))
                continue
            before = known[path].value if path in known else ""
            if values["value"] != before and sent.derived is None:
                values["derived"] = ""
        entry = known.get(path)
        if entry is None:
            if not any(values.values()):
                saved.same.append(path)
                continue
            entry = known[path] = Entry(extraction_id=copy.id, path=path, member_id=actor.id)
        changed = audit.changed(entry, **values)
        if not changed:
            saved.same.append(path)
            continue
        entry.member_id = actor.id
        db.add(entry)
        changes[path] = changed.pop("value", (entry.value, entry.value))
        changes |= {f"{path}#{name}": pair for name, pair in changed.items()}
        saved.stored.append(path)
    if changes:
        audit.append(db, actor, act, copy, changes)
        db.flush()
    saved.problems += check(form, queries.values(known, form))
    return saved


def _check_revisions(
    form: Form, known: Mapping[str, Entry], cells: Mapping[str, CellIn | str]
) -> None:
    """Raises ChangedMeanwhile naming every cell that somebody else changed; none is stored.

    Who sends the value that stands already changes nothing, whatever it was made from.
    """
    stands, revisions, words = {}, {}, {}
    for path, sent in cells.items():
        if isinstance(sent, str) or sent.made_from is None:
            continue
        entry = known.get(path)
        newest, value = (entry.revision, entry.value) if entry else (0, "")
        if sent.made_from != newest and not _says_the_same(sent, entry):
            stands[f"cell:{path}"], words[f"cell:{path}"] = value, form.label(path)
            revisions[path] = newest
    if stands:
        raise ChangedMeanwhile(stands, revisions, words)


def _says_the_same(sent: CellIn, entry: Entry | None) -> bool:
    parts = ("value", "quote", "page", "note", "derived")
    given = {name: getattr(sent, name) for name in parts if getattr(sent, name) is not None}
    return all(
        text.strip() == (getattr(entry, name) if entry else "") for name, text in given.items()
    )


def _plain(sent: CellIn) -> dict[str, object]:
    limits = {"quote": 5000, "page": 20, "note": 2000, "derived": 2000}
    values: dict[str, object] = {}
    for name, limit in limits.items():
        text = getattr(sent, name)
        if text is None:
            continue
        text = text.strip()
        if len(text) > limit:
            raise Invalid(f"{name.capitalize()}: {len(text)} characters; {limit} fit.")
        values[name] = text
    if sent.report_id is not None:
        values["report_id"] = sent.report_id or None
    return values
