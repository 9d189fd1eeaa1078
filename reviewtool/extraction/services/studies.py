"""Studies and their reports."""

import re
from collections.abc import Sequence

from sqlmodel import Session, col, select

from reviewtool import audit, events
from reviewtool.acts import Act
from reviewtool.db.row import hold, touch
from reviewtool.db.types import now
from reviewtool.errors import Conflict, Invalid
from reviewtool.extraction import errors, queries
from reviewtool.extraction.models import Entry, Extraction, Study, StudyReport
from reviewtool.permissions import Action, require
from reviewtool.references.models import Record, Report
from reviewtool.team.models import Member


def create(
    db: Session,
    actor: Member,
    label: str,
    reports: Sequence[Report] = (),
    *,
    year: int | None = None,
    registry_number: str = "",
    design: str = "randomised",
    note: str = "",
    origin: str = "",
) -> Study:
    """Make a study told of by ``reports`` (the first is the primary one). Raises LabelTaken."""
    require(actor, Action.MANAGE_STUDIES, *reports)
    row = Study(
        review_id=actor.review_id,
        label=_free_label(db, actor, label),
        year=year,
        registry_number=registry_number.strip(),
        design=design,
        note=note,
        origin=origin,
    )
    db.add(row)
    db.flush()
    for position, report in enumerate(reports):
        _link(db, row, report, primary=position == 0)
    audit.append(
        db,
        actor,
        Act.EXTRACTION_CREATE_STUDY,
        row,
        label=row.label,
        reports=[report.id for report in reports],
    )
    return row


def _free_label(db: Session, actor: Member, label: str, but: int | None = None) -> str:
    label = " ".join(label.split())[:200]
    if not label:
        raise Invalid("Study: give it a name, such as Visser 1996.")
    taken = db.exec(
        select(Study).where(Study.review_id == actor.review_id, Study.label == label)
    ).first()
    if taken is not None and taken.id != but:
        if taken.removed_at is None:
            raise errors.LabelTaken(label=label)
        taken.label = f"{label} (removed {taken.id})"[-200:]
        db.add(taken)
        db.flush()
    return label


def _link(db: Session, study: Study, report: Report, *, primary: bool) -> StudyReport:
    elsewhere = db.exec(
        select(Study)
        .join(StudyReport, col(StudyReport.study_id) == Study.id)
        .where(StudyReport.report_id == report.id, col(Study.removed_at).is_(None))
        .order_by(col(Study.id))
    ).first()
    if elsewhere is not None and elsewhere.id == study.id:
        raise Conflict(f"This report already belongs to {study.label}.")
    row = StudyReport(study_id=study.id, report_id=report.id, is_primary=primary)
    db.add(row)
    db.flush()
    return row


def suggested_label(record: Record) -> str:
    """First author and year, as reviews name studies.

    >>> suggested_label(Record(authors="Visser, WH; Terwindt, GM", year=1996))
    'Visser 1996'
    """
    first = (record.authors or "").split(";")[0].strip()
    family = first.split(",")[0].strip() or first
    if "," not in first and " " in family:
        words = family.split()
        family = " ".join(w for w in words if not re.fullmatch(r"[A-Z]{1,3}\.?|[A-Z]\..*", w))
    words_of_title = " ".join((record.title or "").split()[:4])
    name = family or words_of_title or f"Record {record.number}"
    return f"{name} {record.year}" if record.year else name


def create_missing(db: Session, actor: Member) -> list[Study]:
    """One study for each included report that belongs to none; names are made unique."""
    require(actor, Action.MANAGE_STUDIES)
    taken = {s.label.casefold() for s in queries.studies(db, actor.review_id)}
    found = []
    for report, record in queries.included_reports(db, actor.review_id, unlinked=True):
        plain = label = suggested_label(record)
        suffix = 0
        while label.casefold() in taken:
            suffix += 1
            label = f"{plain}{chr(96 + suffix)}" if suffix <= 26 else f"{plain} ({suffix})"
        taken.add(label.casefold())
        found.append(create(db, actor, label, [report], year=record.year))
    return found


def change(db: Session, actor: Member, study: Study, **values: object) -> None:
    """Change label, year, registry number, design or note."""
    require(actor, Action.MANAGE_STUDIES, study)
    hold(db, study)
    if "label" in values:
        values["label"] = _free_label(db, actor, str(values["label"]), but=study.id)
    changes = audit.changed(study, **values)
    if changes:
        db.add(study)
        audit.append(db, actor, Act.EXTRACTION_CHANGE_STUDY, study, changes)
        if changes.keys() & {"label", "year", "design"}:
            db.flush()
            events.tell(db, actor, events.StudyChanged(study_id=study.id))


def link(db: Session, actor: Member, study: Study, report: Report) -> None:
    """Say that a report tells of this study. The first one is the primary report."""
    require(actor, Action.MANAGE_STUDIES, study, report)
    hold(db, study)
    touch(study)
    _link(db, study, report, primary=not queries.reports_of(db, study.id))
    audit.append(db, actor, Act.EXTRACTION_LINK_REPORT, study, report_id=report.id)


def unlink(db: Session, actor: Member, study: Study, report: Report) -> None:
    """Take a report off a study. Raises Conflict when values were read from it."""
    require(actor, Action.MANAGE_STUDIES, study, report)
    hold(db, study)
    touch(study)
    used = db.exec(
        select(Entry.id)
        .join(Extraction, col(Extraction.id) == Entry.extraction_id)
        .where(Extraction.study_id == study.id, Entry.report_id == report.id)
        .limit(1)
    ).first()
    if used is not None:
        raise Conflict(f"Values of {study.label} were read from this report. Correct them first.")
    for row in db.exec(
        select(StudyReport).where(
            StudyReport.study_id == study.id, StudyReport.report_id == report.id
        )
    ):
        db.delete(row)
    db.flush()
    rest = queries.reports_of(db, study.id)
    if rest and not any(one.is_primary for one, _, _ in rest):
        rest[0][0].is_primary = True
        db.add(rest[0][0])
    audit.append(db, actor, Act.EXTRACTION_UNLINK_REPORT, study, report_id=report.id)


def make_primary(db: Session, actor: Member, study: Study, report: Report) -> None:
    """Choose the report that the study is cited by."""
    require(actor, Action.MANAGE_STUDIES, study, report)
    hold(db, study)
    touch(study)
    for row, _, _ in queries.reports_of(db, study.id):
        row.is_primary = row.report_id == report.id
        db.add(row)
    audit.append(db, actor, Act.EXTRACTION_PRIMARY_REPORT, study, report_id=report.id)


def _has_values(db: Session, study: Study) -> bool:
    statement = (
        select(Entry.id)
        .join(Extraction, col(Extraction.id) == Entry.extraction_id)
        .where(Extraction.study_id == study.id, Entry.value != "")
        .limit(1)
    )
    return db.exec(statement).first() is not None


def merge(db: Session, actor: Member, keep: Study, other: Study) -> None:
    """Two studies turn out to be one: the reports of ``other`` move to ``keep``.

    Raises HasExtraction when ``other`` has values, which would be lost.
    """
    require(actor, Action.MANAGE_STUDIES, keep, other)
    if keep.id == other.id:
        raise Invalid("Choose two different studies.")
    if _has_values(db, other):
        raise errors.HasExtraction(study=other.label)
    hold(db, keep)
    touch(keep)
    there = {report.id for _, report, _ in queries.reports_of(db, keep.id)}
    for row, report, _ in queries.reports_of(db, other.id):
        db.delete(row)
        db.flush()
        if report.id not in there:
            _link(db, keep, report, primary=not there)
            there.add(report.id)
    audit.append(
        db, actor, Act.EXTRACTION_MERGE_STUDIES, keep, merged=other.label, other_id=other.id
    )
    _remove(db, actor, other)


def remove(db: Session, actor: Member, study: Study) -> None:
    """Take a study out of the review. Raises HasExtraction when it has values."""
    require(actor, Action.MANAGE_STUDIES, study)
    hold(db, study)
    if _has_values(db, study):
        raise errors.HasExtraction(study=study.label)
    audit.append(db, actor, Act.EXTRACTION_REMOVE_STUDY, study, label=study.label)
    _remove(db, actor, study)


def _remove(db: Session, actor: Member, study: Study) -> None:
    study.removed_at = now()
    db.add(study)
    db.flush()
    events.tell(db, actor, events.StudyRemoved(study_id=study.id))
