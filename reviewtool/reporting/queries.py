"""The flow diagram as a ledger: every box is a statement that lists its items.

A count is never stored: it is the length of its list, so a number and the list
behind it cannot differ. Units: ``record``, ``report`` or ``study``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from reviewtool.extraction.models import Study, StudyReport
from reviewtool.references.models import Record, Report, Retrieval, Search, SourceKind
from reviewtool.reporting.models import ChecklistAnswer, Snapshot
from reviewtool.screening.models import ExclusionReason, Standing
from reviewtool.screening.rules.outcome import Outcome, Phase
from reviewtool.team.models import Member

Ids = SelectOfScalar[Any]
DBR = (SourceKind.DATABASE, SourceKind.REGISTER)
OTHER = (SourceKind.WEBSITE, SourceKind.ORGANISATION, SourceKind.CITATION)


@dataclass(frozen=True)
class Box:
    """One number of the diagram: its unit, its words, and the list behind it."""

    key: str
    unit: str
    label: str
    statement: Callable[[int], Ids]


def _records(kinds: Sequence[SourceKind], *where: Any) -> Callable[[int], Ids]:
    def statement(review_id: int) -> Ids:
        return (
            select(Record.id)
            .join(Search, col(Search.id) == Record.search_id)
            .where(
                Record.review_id == review_id,
                col(Record.set_aside_at).is_(None),
                col(Search.kind).in_(kinds),
                *where,
            )
        )

    return statement


_KEPT = col(Record.merged_into_id).is_(None)
_ACTIVE = (_KEPT, col(Record.removed_reason) == "")


def _screened(kinds: Sequence[SourceKind], *outcomes: Outcome) -> Callable[[int], Ids]:
    def statement(review_id: int) -> Ids:
        return _records(kinds, *_ACTIVE)(review_id).join(
            Standing,
            sa.and_(
                col(Standing.record_id) == Record.id,
                col(Standing.phase) == Phase.TITLE_ABSTRACT,
                col(Standing.outcome).in_(outcomes),
            ),
        )

    return statement


def _reports(kinds: Sequence[SourceKind], *where: Any) -> Callable[[int], Ids]:
    def statement(review_id: int) -> Ids:
        return (
            select(Report.id)
            .join(Record, col(Record.id) == Report.record_id)
            .join(Search, col(Search.id) == Record.search_id)
            .outerjoin(
                Standing,
                sa.and_(
                    col(Standing.record_id) == Record.id,
                    col(Standing.phase) == Phase.FULL_TEXT,
                ),
            )
            .where(
                Report.review_id == review_id,
                col(Report.set_aside_at).is_(None),
                col(Record.set_aside_at).is_(None),
                *_ACTIVE,
                col(Search.kind).in_(kinds),
                *where,
            )
        )

    return statement


_SETTLED = sa.or_(
    col(Standing.outcome).in_([Outcome.INCLUDE, Outcome.EXCLUDE]),
    col(Report.awaiting) != "",
)
_LOST = col(Report.retrieval) == Retrieval.NOT_RETRIEVED
_PENDING = col(Report.awaiting) == ""
_EXCLUDED = (col(Standing.outcome) == Outcome.EXCLUDE, col(Report.awaiting) == "")
_INCLUDED = (col(Standing.outcome) == Outcome.INCLUDE, col(Report.awaiting) == "")
ALL = (*DBR, *OTHER)


def _studies(review_id: int) -> Ids:
    reports = _reports(ALL, *_INCLUDED)(review_id).subquery()
    return (
        select(Study.id)
        .join(StudyReport, col(StudyReport.study_id) == Study.id)
        .where(
            Study.review_id == review_id,
            col(Study.removed_at).is_(None),
            col(StudyReport.report_id).in_(select(reports.c.id)),
        )
        .distinct()
    )


def _unlinked(review_id: int) -> Ids:
    linked = (
        select(StudyReport.report_id)
        .join(Study, col(Study.id) == StudyReport.study_id)
        .where(Study.review_id == review_id, col(Study.removed_at).is_(None))
    )
    return _reports(ALL, *_INCLUDED, col(Report.id).not_in(linked))(review_id)


def _without_standing(review_id: int) -> Ids:
    done = select(Standing.record_id).where(
        Standing.review_id == review_id,
        Standing.phase == Phase.TITLE_ABSTRACT,
        col(Standing.outcome).in_([Outcome.INCLUDE, Outcome.EXCLUDE]),
    )
    return _records(DBR, *_ACTIVE, col(Record.id).not_in(done))(review_id)


def _column(prefix: str, kinds: Sequence[SourceKind], where: str) -> list[Box]:
    return [
        Box(
            f"{prefix}_sought_reports",
            "report",
            f"Reports sought for retrieval{where}",
            _reports(kinds),
        ),
        Box(
            f"{prefix}_notretrieved_reports",
            "report",
            f"Reports not retrieved{where}",
            _reports(kinds, _LOST),
        ),
        Box(
            f"{prefix}_assessed",
            "report",
            f"Reports assessed for eligibility{where}",
            _reports(kinds, sa.not_(_LOST), _SETTLED),
        ),
        Box(
            f"{prefix}_excluded",
            "report",
            f"Reports excluded{where}",
            _reports(kinds, sa.not_(_LOST), *_EXCLUDED),
        ),
    ]


BOXES: dict[str, Box] = {
    box.key: box
    for box in [
        Box(
            "database_results",
            "record",
            "Records identified from databases",
            _records([SourceKind.DATABASE]),
        ),
        Box(
            "register_results",
            "record",
            "Records identified from registers",
            _records([SourceKind.REGISTER]),
        ),
        Box(
            "website_results",
            "record",
            "Records identified from websites",
            _records([SourceKind.WEBSITE]),
        ),
        Box(
            "organisation_results",
            "record",
            "Records identified from organisations",
            _records([SourceKind.ORGANISATION]),
        ),
        Box(
            "citations_results",
            "record",
            "Records identified from citation searching",
            _records([SourceKind.CITATION]),
        ),
        Box(
            "duplicates",
            "record",
            "Duplicate records removed",
            _records(DBR, sa.not_(_KEPT)),
        ),
        Box(
            "excluded_automatic",
            "record",
            "Records marked as ineligible by automation tools",
            _records(DBR, _KEPT, col(Record.removed_reason) == "automation"),
        ),
        Box(
            "excluded_other",
            "record",
            "Records removed for other reasons",
            _records(DBR, _KEPT, col(Record.removed_reason) == "other"),
        ),
        Box(
            "records_screened",
            "record",
            "Records screened",
            _screened(DBR, Outcome.INCLUDE, Outcome.EXCLUDE),
        ),
        Box(
            "records_excluded",
            "record",
            "Records excluded",
            _screened(DBR, Outcome.EXCLUDE),
        ),
        *_column("dbr", DBR, ""),
        *_column("other", OTHER, " (other methods)"),
        Box(
            "new_reports",
            "report",
            "Reports of included studies",
            _reports(ALL, *_INCLUDED),
        ),
        Box("new_studies", "study", "Studies included in review", _studies),
        Box(
            "awaiting_reports",
            "report",
            "Reports awaiting classification",
            _reports(ALL, col(Report.awaiting) == "awaiting"),
        ),
        Box(
            "ongoing_reports",
            "report",
            "Reports of ongoing studies",
            _reports(ALL, col(Report.awaiting) == "ongoing"),
        ),
        # What is still to be done; these explain an identity that does not hold yet.
        Box(
            "pending_records",
            "record",
            "Records still to be screened",
            _without_standing,
        ),
        Box(
            "pending_reports",
            "report",
            "Reports still to be retrieved or assessed",
            _reports(
                ALL,
                sa.not_(_LOST),
                _PENDING,
                sa.or_(
                    col(Standing.outcome).is_(None),
                    col(Standing.outcome).not_in([Outcome.INCLUDE, Outcome.EXCLUDE]),
                ),
            ),
        ),
        Box(
            "unlinked_reports",
            "report",
            "Included reports not linked to a study yet",
            _unlinked,
        ),
    ]
}
PENDING = ("pending_records", "pending_reports", "unlinked_reports")
MAPS = ("dbr_excluded", "other_excluded")


def count(db: Session, review_id: int, key: str) -> int:
    """How many items a box holds."""
    inner = BOXES[key].statement(review_id).subquery()
    return db.exec(select(sa.func.count()).select_from(inner)).one()


def reasons(db: Session, review_id: int, key: str) -> dict[str, int]:
    """Reason -> number of reports of an ``_excluded`` box, in the review's order."""
    inner = BOXES[key].statement(review_id).subquery()
    rows = db.exec(
        select(ExclusionReason.label, sa.func.count())
        .select_from(inner)
        .join(Report, col(Report.id) == inner.c.id)
        .join(
            Standing,
            sa.and_(
                col(Standing.record_id) == Report.record_id,
                col(Standing.phase) == Phase.FULL_TEXT,
            ),
        )
        .outerjoin(ExclusionReason, col(ExclusionReason.id) == Standing.reason_id)
        .group_by(col(ExclusionReason.label), col(ExclusionReason.position))
        .order_by(col(ExclusionReason.position))
    ).all()
    return {label or "No reason recorded": number for label, number in rows}


def sources(db: Session, review_id: int, kind: SourceKind) -> dict[str, int]:
    """Database name -> records identified there."""
    rows = db.exec(
        select(Search.database, sa.func.count(col(Record.id)))
        .join(Record, col(Record.search_id) == Search.id)
        .where(
            Search.review_id == review_id,
            Search.kind == kind,
            col(Record.set_aside_at).is_(None),
        )
        .group_by(col(Search.database))
        .order_by(col(Search.database))
    ).all()
    return dict(rows)


def counts(db: Session, review_id: int) -> dict[str, Any]:
    """Every box, keyed as in the common PRISMA 2020 template; ``_excluded`` are maps."""
    result: dict[str, Any] = {}
    for key in BOXES:
        result[key] = reasons(db, review_id, key) if key in MAPS else count(db, review_id, key)
    result["database_specific_results"] = sources(db, review_id, SourceKind.DATABASE)
    result["register_specific_results"] = sources(db, review_id, SourceKind.REGISTER)
    return result


def items(
    db: Session,
    member: Member,
    key: str,
    *,
    reason: str = "",
    after: int = 0,
    size: int = 100,
) -> list[dict[str, Any]]:
    """The records, reports or studies behind a box, in order of id.

    reason: only those excluded for this reason.
    """
    box = BOXES[key]
    ids = box.statement(member.review_id).subquery()
    if box.unit == "study":
        studies = db.exec(
            select(Study)
            .where(col(Study.id).in_(select(ids.c.id)), col(Study.id) > after)
            .order_by(col(Study.id))
            .limit(size)
        ).all()
        return [{"id": s.id, "title": s.label, "year": s.year, "kind": "study"} for s in studies]
    statement = select(Record, Report, ExclusionReason.label).outerjoin(
        Report, col(Report.record_id) == Record.id
    )
    phase = Phase.FULL_TEXT if box.unit == "report" else Phase.TITLE_ABSTRACT
    statement = statement.outerjoin(
        Standing,
        sa.and_(col(Standing.record_id) == Record.id, col(Standing.phase) == phase),
    ).outerjoin(ExclusionReason, col(ExclusionReason.id) == Standing.reason_id)
    key_column = col(Report.id) if box.unit == "report" else col(Record.id)
    statement = (
        statement.where(key_column.in_(select(ids.c.id)), key_column > after)
        .order_by(key_column)
        .limit(size)
    )
    if reason:
        wanted = None if reason == "No reason recorded" else reason
        statement = statement.where(col(ExclusionReason.label) == wanted)
    return [
        {
            "id": report.id if box.unit == "report" and report else record.id,
            "kind": box.unit,
            "record_id": record.id,
            "number": record.number,
            "title": record.title,
            "authors": record.authors,
            "year": record.year,
            "merged_into_id": record.merged_into_id,
            "reason": label or "",
        }
        for record, report, label in db.exec(statement).all()
    ]


def snapshots(db: Session, member: Member) -> Sequence[Snapshot]:
    """Counts kept on purpose, oldest first."""
    return db.exec(
        select(Snapshot).where(Snapshot.review_id == member.review_id).order_by(col(Snapshot.id))
    ).all()


def checklist(db: Session, member: Member) -> dict[str, ChecklistAnswer]:
    """Item -> answer."""
    rows = db.exec(
        select(ChecklistAnswer).where(ChecklistAnswer.review_id == member.review_id)
    ).all()
    return {row.item: row for row in rows}


def checklist_revision(answers: Mapping[str, ChecklistAnswer]) -> int:
    """The checklist as one thing counts the changes of all its answers; 0 while empty."""
    return sum(answer.revision for answer in answers.values())
