"""Extraction: cells of every copy that may be seen, agreed results, characteristics."""

from collections import defaultdict
from typing import Any

from sqlmodel import Session, col, select

from reviewtool import table_files
from reviewtool.extraction.models import (
    Arm,
    CopyKind,
    CopyState,
    Entry,
    Experiment,
    Extraction,
    Focus,
    Result,
    Study,
    StudyField,
)
from reviewtool.formats import sleuth
from reviewtool.formats.foci import Experiment as Reported
from reviewtool.formats.foci import Focus as Peak
from reviewtool.protocol import queries as protocol
from reviewtool.reading import written
from reviewtool.team import queries as team
from reviewtool.team.models import Member

# Columns of a result; which of them are filled goes by the outcome's kind of numbers.
NUMBERS = (
    "events",
    "total",
    "time",
    "mean",
    "sd",
    "mean_before",
    "sd_before",
    "correlation",
    "estimate",
    "se",
)


def _studies(db: Session, member: Member) -> dict[int, Study]:
    rows = db.exec(
        select(Study)
        .where(Study.review_id == member.review_id, col(Study.removed_at).is_(None))
        .order_by(col(Study.label))
    ).all()
    return {s.id: s for s in rows}


def visible_copies(db: Session, member: Member) -> list[Extraction]:
    """Copies the member may see: their own, and all of a study once both are done."""
    copies = db.exec(
        select(Extraction)
        .where(Extraction.review_id == member.review_id)
        .order_by(col(Extraction.study_id), col(Extraction.id))
    ).all()
    by_study: dict[int, list[Extraction]] = defaultdict(list)
    for copy in copies:
        by_study[copy.study_id].append(copy)
    result = []
    for group in by_study.values():
        blind = [c for c in group if c.kind is not CopyKind.CONSENSUS]
        complete = len(blind) >= 2 and all(c.state is CopyState.DONE for c in blind)
        agreed = any(c.kind is CopyKind.CONSENSUS and c.state is CopyState.DONE for c in group)
        result += [c for c in group if complete or agreed or c.member_id == member.id]
    return result


def cells(db: Session, member: Member) -> bytes:
    """One line per cell, with its stable path, quote, page and derivation."""
    studies, names = _studies(db, member), team.names(db, member)
    outcomes = {o.id: o.name for o in protocol.outcomes(db, member.review_id)}
    copies = {c.id: c for c in visible_copies(db, member) if c.study_id in studies}
    rows = []
    entries = db.exec(
        select(Entry)
        .join(Extraction, col(Extraction.id) == Entry.extraction_id)
        .where(Extraction.review_id == member.review_id)
        .order_by(col(Entry.extraction_id), col(Entry.path))
    )
    for entry in entries:
        copy = copies.get(entry.extraction_id)
        if copy is None:
            continue
        parts = entry.path.split(".")
        outcome = (
            outcomes.get(int(parts[1]), "") if parts[0] == "result" and parts[1].isdigit() else ""
        )
        rows.append(
            {
                "study": studies[copy.study_id].label,
                "study_id": copy.study_id,
                "copy": copy.kind,
                "person": names.get(copy.member_id or 0, ""),
                "field": entry.path,
                "outcome": outcome,
                "value": entry.value,
                "quote": entry.quote,
                "page": entry.page,
                "derived": entry.derived,
                "note": entry.note,
            }
        )
    columns = [
        "study",
        "study_id",
        "copy",
        "person",
        "field",
        "outcome",
        "value",
        "quote",
        "page",
        "derived",
        "note",
    ]
    return table_files.write(columns, rows)


def results(db: Session, member: Member) -> bytes:
    """The agreed numbers, one line per study, outcome, time point and arm.

    An estimate as reported is on the analysis scale of ``measure``, a log for ratios.
    """
    studies = _studies(db, member)
    outcomes = {o.id: o for o in protocol.outcomes(db, member.review_id)}
    arms = {a.id: a for a in db.exec(select(Arm).where(Arm.review_id == member.review_id))}
    rows: list[dict[str, Any]] = []
    for one in db.exec(
        select(Result).where(Result.review_id == member.review_id).order_by(col(Result.id))
    ):
        if one.study_id not in studies:
            continue
        arm, outcome = arms[one.arm_id], outcomes.get(one.outcome_id)
        reference = arms.get(one.reference_arm_id or 0)
        rows.append(
            {
                "study": studies[one.study_id].label,
                "study_id": one.study_id,
                "year": studies[one.study_id].year,
                "outcome": outcome.name if outcome else "",
                "kind": outcome.kind if outcome else "",
                "measure": outcome.measure if outcome and one.estimate is not None else "",
                "timepoint": one.timepoint,
                "arm": arm.name,
                "treatment": arm.treatment,
                "dose": arm.dose,
                "reference_arm": reference.name if reference else "",
                **{k: getattr(one, k) for k in NUMBERS},
                "derived": "yes" if one.derived else "no",
            }
        )
    columns = [
        "study",
        "study_id",
        "year",
        "outcome",
        "kind",
        "measure",
        "timepoint",
        "arm",
        "treatment",
        "dose",
        "reference_arm",
        *NUMBERS,
        "derived",
    ]
    return table_files.write(columns, rows)


FOCI = (
    "study",
    "study_id",
    "contrast",
    "n",
    "space",
    "modality",
    "direction",
    "threshold",
    "x",
    "y",
    "z",
    "statistic",
    "cluster_size",
)


def _experiments(db: Session, member: Member) -> list[tuple[Study, Experiment, list[Focus]]]:
    """Every agreed experiment with its foci, by study and number."""
    studies = _studies(db, member)
    foci: dict[int, list[Focus]] = defaultdict(list)
    for focus in db.exec(
        select(Focus)
        .join(Experiment, col(Experiment.id) == Focus.experiment_id)
        .where(Experiment.review_id == member.review_id)
        .order_by(col(Focus.experiment_id), col(Focus.number))
    ):
        foci[focus.experiment_id].append(focus)
    rows = db.exec(
        select(Experiment)
        .where(Experiment.review_id == member.review_id)
        .order_by(col(Experiment.study_id), col(Experiment.number))
    )
    return [(studies[e.study_id], e, foci[e.id]) for e in rows if e.study_id in studies]


def foci(db: Session, member: Member) -> bytes:
    """The agreed brain coordinates, one line per focus, in the space that is named."""
    rows = [
        (
            study.label,
            study.id,
            one.name,
            one.participants,
            one.space,
            one.modality,
            one.direction,
            one.threshold,
            focus.x,
            focus.y,
            focus.z,
            focus.statistic,
            focus.size,
        )
        for study, one, points in _experiments(db, member)
        for focus in points
    ]
    return table_files.write(FOCI, rows)


def foci_sleuth(db: Session, member: Member) -> bytes:
    """The agreed brain coordinates as Sleuth text, each experiment in its own space."""
    found = [
        Reported(
            study.label,
            one.name,
            one.participants,
            one.space,
            tuple(Peak(written(f.x), written(f.y), written(f.z)) for f in points),
        )
        for study, one, points in _experiments(db, member)
    ]
    return sleuth.write(sorted(found, key=lambda one: one.space)).encode()


def studies(db: Session, member: Member) -> bytes:
    """One line per study: agreed characteristics under their stable keys."""
    found = _studies(db, member)
    fields = db.exec(
        select(StudyField)
        .where(StudyField.review_id == member.review_id)
        .order_by(col(StudyField.position), col(StudyField.id))
    ).all()
    values: dict[int, dict[str, str]] = defaultdict(dict)
    rows = db.exec(
        select(Extraction.study_id, Entry.path, Entry.value)
        .join(Entry, col(Entry.extraction_id) == Extraction.id)
        .where(
            Extraction.review_id == member.review_id,
            Extraction.kind == CopyKind.CONSENSUS,
            Extraction.state == CopyState.DONE,
            col(Entry.path).startswith("study."),
        )
    ).all()
    for study_id, path, value in rows:
        values[study_id][path.removeprefix("study.")] = value
    keys = [f.key for f in fields]
    columns = ["study_id", "study", "year", "design", "registry_number", *keys]
    lines = [
        {
            "study_id": s.id,
            "study": s.label,
            "year": s.year,
            "design": s.design,
            "registry_number": s.registry_number,
            **values[s.id],
        }
        for s in found.values()
    ]
    return table_files.write(columns, lines)
