"""Reading studies and copies: inside one review, as one member may see them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from reviewtool import events
from reviewtool.db.row import mine
from reviewtool.extraction import errors
from reviewtool.extraction.models import (
    Arm,
    CopyKind,
    CopyState,
    Entry,
    Extraction,
    Study,
    StudyField,
    StudyReport,
)
from reviewtool.extraction.rules.cells import Asked, Characteristic, Form, parse
from reviewtool.permissions import may_see_votes
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import OutcomeKind, PlannedOutcome
from reviewtool.protocol.rules.times import windows_of
from reviewtool.protocol.rules.treatments import plain, strays
from reviewtool.references.models import Document, Record, Report
from reviewtool.screening.models import Standing
from reviewtool.screening.rules.outcome import Outcome, Phase
from reviewtool.team.models import Member

BLIND = (CopyKind.FIRST, CopyKind.SECOND)


@dataclass
class StudyLine:
    """A study with its copies, as the list shows it."""

    study: Study
    copies: dict[CopyKind, Extraction] = field(default_factory=dict)
    reports: int = 0

    @property
    def both_done(self) -> bool:
        """Whether both blind copies are finished."""
        return both_done(self.copies)

    @property
    def agreed(self) -> bool:
        """Whether the consensus is finished."""
        consensus = self.copies.get(CopyKind.CONSENSUS)
        return consensus is not None and consensus.state is CopyState.DONE

    def mine(self, member: Member) -> Extraction | None:
        """The member's own blind copy."""
        return own_copy(self.copies, member)

    def next_for(self, member: Member) -> str:
        """What waits for this member: continue, begin, settle, or nothing ("")."""
        mine = self.mine(member)
        if self.agreed:
            return ""
        if mine is not None:
            return "continue" if mine.state is CopyState.IN_PROGRESS else ""
        if self.both_done:
            return "settle"
        return "begin" if any(kind not in self.copies for kind in BLIND) else ""


def both_done(copies: dict[CopyKind, Extraction]) -> bool:
    """Whether both blind copies are finished."""
    return all(kind in copies and copies[kind].state is CopyState.DONE for kind in BLIND)


def own_copy(copies: dict[CopyKind, Extraction], member: Member) -> Extraction | None:
    """The member's own blind copy among a study's copies."""
    return next(
        (copies[k] for k in BLIND if k in copies and copies[k].member_id == member.id), None
    )


def fields(db: Session, review_id: int, *, archived: bool = False) -> Sequence[StudyField]:
    """The characteristics every study is asked for, in their order."""
    statement = select(StudyField).where(StudyField.review_id == review_id)
    if not archived:
        statement = statement.where(col(StudyField.archived_at).is_(None))
    return db.exec(statement.order_by(col(StudyField.position), col(StudyField.id))).all()


def study_field(db: Session, member: Member, field_id: int) -> StudyField:
    """One characteristic of the member's review. Raises NotFound."""
    return mine(db, member, StudyField, field_id)


def form(db: Session, review_id: int) -> Form:
    """What every study of this review is asked for."""
    asked = [
        Asked(
            o.id,
            o.name,
            o.kind.value,
            o.measure,
            o.unit,
            list(o.timepoints or ()) or [""],
            o.modality,
            o.direction,
            any_time=bool(windows_of(o.timepoints or (), o.windows or {})),
        )
        for o in protocol.outcomes(db, review_id)
    ]
    single = any(not c.comparator for c in protocol.comparisons(db, review_id))
    single = single or any(one.effect is not None and one.effect.groups == 1 for one in asked)
    return Form(
        [
            Characteristic(f.key, f.label, f.kind, list(f.options or ()), f.required, f.section)
            for f in fields(db, review_id)
        ],
        asked,
        least_arms=0 if asked and all(one.of_foci for one in asked) else 1 if single else 2,
    )


def study(db: Session, member: Member, study_id: int) -> Study:
    """One study of the member's review. Raises NotFound."""
    return mine(db, member, Study, study_id, unless="removed_at")


def studies(db: Session, review_id: int) -> Sequence[Study]:
    """Studies by label."""
    return db.exec(
        select(Study)
        .where(Study.review_id == review_id, col(Study.removed_at).is_(None))
        .order_by(func.lower(col(Study.label)), col(Study.id))
    ).all()


def lines(db: Session, member: Member) -> list[StudyLine]:
    """Every study with its copies and its number of reports: three queries."""
    found = {s.id: StudyLine(s) for s in studies(db, member.review_id)}
    for copy in db.exec(select(Extraction).where(Extraction.review_id == member.review_id)):
        if copy.study_id in found:
            found[copy.study_id].copies[copy.kind] = copy
    counts = db.execute(
        sa.select(col(StudyReport.study_id), func.count())
        .join(Study, col(Study.id) == StudyReport.study_id)
        .where(col(Study.review_id) == member.review_id)
        .group_by(col(StudyReport.study_id))
    )
    for study_id, count in counts:
        if study_id in found:
            found[study_id].reports = count
    return list(found.values())


def copies(db: Session, study_id: int) -> dict[CopyKind, Extraction]:
    """A study's copies, whoever they belong to."""
    rows = db.exec(select(Extraction).where(Extraction.study_id == study_id)).all()
    return {row.kind: row for row in rows}


def copy(db: Session, member: Member, copy_id: int) -> Extraction:
    """One copy that the member may see. Raises NotFound, Blind."""
    found = mine(db, member, Extraction, copy_id)
    check_visible(member, copies(db, found.study_id), found)
    return found


def check_visible(member: Member, every: dict[CopyKind, Extraction], one: Extraction) -> None:
    """Raises Blind while another extractor's copy must stay closed."""
    owners = {c.member_id for c in every.values()} if one.kind not in BLIND else {one.member_id}
    if not may_see_votes(member, owners, complete=both_done(every)):
        raise errors.Blind()


def entries(db: Session, copy_id: int, *, fresh: bool = False) -> dict[str, Entry]:
    """The cells of a copy by path. The caller has checked that the member may see it.

    fresh: read anew even what this session has seen before.
    """
    statement = select(Entry).where(Entry.extraction_id == copy_id).order_by(col(Entry.path))
    rows = db.exec(statement.execution_options(populate_existing=fresh)).all()
    return {row.path: row for row in rows}


def values(cells: dict[str, Entry], form: Form | None = None) -> dict[str, str]:
    """Path -> value of the filled cells; with ``form``, only of those it still asks for."""
    return {
        path: entry.value
        for path, entry in cells.items()
        if entry.value and (form is None or form.knows(path))
    }


def _included() -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Standing.record_id) == Record.id,
        col(Standing.phase) == Phase.FULL_TEXT,
        col(Standing.outcome) == Outcome.INCLUDE,
    )


def included_reports(
    db: Session, review_id: int, *, unlinked: bool = False
) -> list[tuple[Report, Record]]:
    """Reports that passed full-text screening, by record number."""
    statement = (
        select(Report, Record)
        .join(Record, sa.and_(col(Record.id) == Report.record_id))
        .join(Standing, _included())
        .where(
            Report.review_id == review_id,
            col(Report.set_aside_at).is_(None),
            col(Record.merged_into_id).is_(None),
        )
        .order_by(col(Record.number))
    )
    if unlinked:
        statement = statement.where(~_linked())
    return [(row[0], row[1]) for row in db.exec(statement).all()]


def _linked() -> sa.ColumnElement[bool]:
    return (
        sa.exists()
        .where(
            col(StudyReport.report_id) == Report.id,
            col(Study.id) == StudyReport.study_id,
            col(Study.removed_at).is_(None),
        )
        .correlate(Report)
    )


def unlinked_count(db: Session, review_id: int) -> int:
    """How many included reports belong to no study yet."""
    return db.exec(
        select(func.count())
        .select_from(Report)
        .join(Record, sa.and_(col(Record.id) == Report.record_id))
        .join(Standing, _included())
        .where(
            Report.review_id == review_id,
            col(Report.set_aside_at).is_(None),
            col(Record.merged_into_id).is_(None),
            ~_linked(),
        )
    ).one()


def report(db: Session, member: Member, report_id: int) -> Report:
    """A report of the member's review. Raises NotFound."""
    return mine(db, member, Report, report_id)


def reports_of(db: Session, study_id: int) -> list[tuple[StudyReport, Report, Record]]:
    """The reports of a study, the primary one first."""
    rows = db.exec(
        select(StudyReport, Report, Record)
        .join(Report, sa.and_(col(Report.id) == StudyReport.report_id))
        .join(Record, sa.and_(col(Record.id) == Report.record_id))
        .where(StudyReport.study_id == study_id)
        .order_by(col(StudyReport.is_primary).desc(), col(Record.number))
    ).all()
    return [(row[0], row[1], row[2]) for row in rows]


def documents_of(db: Session, study_id: int) -> list[Document]:
    """The full-text files of a study, those of the primary report first."""
    by_report: dict[int, list[Document]] = defaultdict(list)
    links = db.exec(
        select(StudyReport)
        .where(StudyReport.study_id == study_id)
        .order_by(col(StudyReport.is_primary).desc(), col(StudyReport.id))
    ).all()
    ids = [link.report_id for link in links]
    for one in db.exec(
        select(Document)
        .where(col(Document.report_id).in_(ids), col(Document.removed_at).is_(None))
        .order_by(col(Document.id))
    ):
        by_report[one.report_id].append(one)
    return [one for report_id in ids for one in by_report[report_id]]


class Stray(NamedTuple):
    """A treatment of agreed studies that no comparison names; ``alike`` names that do."""

    name: str
    alike: tuple[str, ...]
    studies: tuple[str, ...]


def stray_treatments(db: Session, review_id: int) -> list[Stray]:
    """Agreed treatments that no comparison names, so that no analysis counts them."""
    named = [
        name
        for one in protocol.comparisons(db, review_id)
        for name in (*(one.experimental or ()), *(one.comparator or ()))
    ]
    if not named:
        return []
    rows = db.exec(
        select(Arm.treatment, Study.label)
        .join(Study, col(Study.id) == Arm.study_id)
        .where(Arm.review_id == review_id, col(Study.removed_at).is_(None))
        .order_by(func.lower(col(Arm.treatment)), func.lower(col(Study.label)))
    ).all()
    studies: dict[str, dict[str, None]] = {}
    for treatment, label in rows:
        studies.setdefault(plain(treatment), {})[label] = None
    return [
        Stray(one.name, one.alike, tuple(studies[plain(one.name)]))
        for one in strays((treatment for treatment, _ in rows), named)
    ]


@events.answers(events.AskedOfStudies)
def asked_of_studies(
    db: Session, _actor: object, question: events.AskedOfStudies
) -> list[tuple[str, str, str]]:
    """What studies are asked for, as the protocol's analyses may name it."""
    return [(f.key, f.label, f.kind) for f in fields(db, question.review_id)]


@events.answers(events.ValuesOfOutcome)
def values_of_outcome(
    db: Session, _actor: object, question: events.ValuesOfOutcome
) -> dict[str, list[str]]:
    """Studies with a value of an outcome in any copy, and those with a reported estimate."""
    outcome = db.get(PlannedOutcome, question.outcome_id)
    of_foci = outcome is not None and outcome.kind is OutcomeKind.COORDINATES
    where = "experiment." if of_foci else f"result.{question.outcome_id}."
    rows = db.exec(
        select(Study.label, Entry.path)
        .join(Extraction, col(Extraction.study_id) == Study.id)
        .join(Entry, col(Entry.extraction_id) == Extraction.id)
        .where(
            col(Study.removed_at).is_(None),
            Study.review_id == (outcome.review_id if outcome else 0),
            Entry.value != "",
            col(Entry.path).startswith(where, autoescape=True),
        )
        .order_by(func.lower(col(Study.label)))
    ).all()
    reported = [label for label, path in rows if parse(path).kind == "contrast"]
    return {
        "values": list(dict.fromkeys(label for label, _ in rows)),
        "estimates": list(dict.fromkeys(reported)),
    }
