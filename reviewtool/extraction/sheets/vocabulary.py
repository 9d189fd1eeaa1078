"""The treatments and doses of agreed studies as a small vocabulary: which, how often, merged."""

import re
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from reviewtool.extraction.models import Arm, CopyKind, Entry, Extraction, Study
from reviewtool.extraction.rules.cells import arm_path
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.rules.treatments import plain, tidy

PARTS = {"treatment": "Treatment", "dose": "Dose"}
READ = re.compile(r"Read as “([^”]*)”\.$")


def read_as(before: str) -> str:
    """What the note of a value says that was called otherwise; ``READ`` finds it again.

    >>> READ.search(read_as("Sumatripan")).group(1)
    'Sumatripan'
    """
    return f"Read as “{before}”."


@dataclass
class Dose:
    """A dose as it is written, in how many arms and in which studies."""

    name: str
    arms: int = 0
    studies: dict[str, None] = field(default_factory=dict)


@dataclass
class Treatment:
    """A treatment as it is written. planned: whether a comparison of the protocol names it."""

    name: str
    planned: bool
    arms: int = 0
    studies: dict[str, None] = field(default_factory=dict)
    doses: dict[str, Dose] = field(default_factory=dict)


@dataclass
class Merged:
    """Arms whose treatment or dose was read as ``before`` and is called ``name`` now.

    treatment: of a dose, else "".
    """

    part: str
    name: str
    before: str
    treatment: str = ""
    studies: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Vocabulary:
    """All spellings in use, by name, and the merges that can be undone.

    names: spellings that another can be merged into, those of the protocol among them.
    """

    treatments: tuple[Treatment, ...]
    merged: tuple[Merged, ...]
    names: tuple[str, ...]


def vocabulary(db: Session, review_id: int) -> Vocabulary:
    """The agreed arms of a review by treatment and dose."""
    planned = planned_names(db, review_id)
    rows = db.exec(
        select(Arm, Study)
        .join(Study, col(Study.id) == Arm.study_id)
        .where(Arm.review_id == review_id, col(Study.removed_at).is_(None))
        .order_by(col(Study.label), col(Study.id), col(Arm.number))
    ).all()
    found: dict[str, Treatment] = {}
    for arm, study in rows:
        name = tidy(arm.treatment)
        one = found.setdefault(name, Treatment(name, plain(name) in planned))
        one.arms += 1
        one.studies[study.label] = None
        if dose := tidy(arm.dose):
            of = one.doses.setdefault(dose, Dose(dose))
            of.arms += 1
            of.studies[study.label] = None
    ordered = sorted(found.values(), key=lambda one: (plain(one.name), one.name))
    names = sorted({*found, *planned.values()}, key=lambda name: (plain(name), name))
    return Vocabulary(tuple(ordered), tuple(_merged(db, review_id)), tuple(names))


def planned_names(db: Session, review_id: int) -> dict[str, str]:
    """Treatments that comparisons name: as compared -> as written."""
    return {
        plain(one): tidy(one)
        for pair in protocol.comparisons(db, review_id)
        for one in (*(pair.experimental or ()), *(pair.comparator or ()))
    }


def _merged(db: Session, review_id: int) -> list[Merged]:
    found: dict[tuple[str, str, str, str], Merged] = {}
    for arm, study, part, entry in renamed(db, review_id):
        match = READ.search(entry.note)
        if match is None:
            continue
        treatment = tidy(arm.treatment) if part == "dose" else ""
        key = (part, tidy(getattr(arm, part)), match.group(1), treatment)
        found.setdefault(key, Merged(*key)).studies[study.label] = None
    return sorted(found.values(), key=lambda one: (one.part != "treatment", plain(one.name)))


def renamed(db: Session, review_id: int) -> list[tuple[Arm, Study, str, Entry]]:
    """Arms with a treatment or dose that was called otherwise: (arm, study, part, its entry)."""
    rows = db.exec(
        select(Arm, Study, Entry)
        .join(Study, col(Study.id) == Arm.study_id)
        .join(Extraction, col(Extraction.study_id) == Study.id)
        .join(Entry, col(Entry.extraction_id) == Extraction.id)
        .where(
            Arm.review_id == review_id,
            col(Study.removed_at).is_(None),
            Extraction.kind == CopyKind.CONSENSUS,
            col(Entry.path).like("arm.%"),
            col(Entry.note).contains("Read as “"),
        )
        .order_by(col(Study.label), col(Study.id), col(Arm.number))
    ).all()
    return [
        (arm, study, part, entry)
        for arm, study, entry in rows
        for part in PARTS
        if entry.path == arm_path(arm.number, part)
    ]
