"""Reports, where their full texts stand, and the files."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from reviewtool.db.row import mine
from reviewtool.references.models import Document, Record, Report, Retrieval
from reviewtool.screening.models import LooseFile, Standing
from reviewtool.screening.queries.search import holding
from reviewtool.screening.rules.outcome import Outcome, Phase
from reviewtool.team.models import Member


@dataclass(frozen=True)
class Retrievals:
    """Reports by where the search for their full text stands; they add up to ``sought``."""

    sought: int
    to_find: int
    requested: int
    not_retrieved: int
    retrieved: int


def _active(member: Member) -> SelectOfScalar[Report]:
    return (
        select(Report)
        .join(Record, sa.and_(col(Record.id) == Report.record_id))
        .where(
            Report.review_id == member.review_id,
            col(Report.set_aside_at).is_(None),
            col(Record.merged_into_id).is_(None),
            col(Record.set_aside_at).is_(None),
            col(Record.removed_reason) == "",
        )
    )


def report(db: Session, member: Member, report_id: int) -> tuple[Report, Record]:
    """A report of the member's review and its record. Raises NotFound."""
    found = mine(db, member, Report, report_id)
    return found, db.get_one(Record, found.record_id)


def report_of(db: Session, record_id: int) -> Report | None:
    """The report of a record that passed title and abstract, set aside or not."""
    return db.exec(select(Report).where(Report.record_id == record_id)).one_or_none()


def retrievals(db: Session, member: Member) -> Retrievals:
    """How many reports are sought, requested, not retrieved and retrieved."""
    rows = db.execute(
        _active(member)
        .with_only_columns(col(Report.retrieval), func.count())
        .group_by(col(Report.retrieval))
    ).all()
    count: dict[Retrieval, int] = {row[0]: row[1] for row in rows}
    return Retrievals(
        sought=sum(count.values()),
        to_find=count.get(Retrieval.SOUGHT, 0),
        requested=count.get(Retrieval.REQUESTED, 0),
        not_retrieved=count.get(Retrieval.NOT_RETRIEVED, 0),
        retrieved=count.get(Retrieval.RETRIEVED, 0),
    )


def reports(
    db: Session,
    member: Member,
    *,
    retrieval: Retrieval | None = None,
    outcome: Outcome | None = None,
    words: str = "",
    after: int | None = None,
    size: int | None = 50,
) -> Sequence[tuple[Report, Record, int]]:
    """Active reports with record and number of files, by number, ``size`` and one more.

    outcome: only reports with this full-text outcome (include or exclude).
    """
    files = (
        sa.select(func.count())
        .select_from(Document)
        .where(col(Document.report_id) == Report.id, col(Document.removed_at).is_(None))
        .scalar_subquery()
    )
    statement = _active(member).with_only_columns(Report, Record, files)
    if retrieval is not None:
        statement = statement.where(col(Report.retrieval) == retrieval)
    if outcome is not None:
        statement = statement.join(
            Standing,
            sa.and_(
                col(Standing.record_id) == Record.id,
                col(Standing.phase) == Phase.FULL_TEXT,
                col(Standing.outcome) == outcome,
            ),
        )
    statement = statement.where(*holding(words))
    if after is not None:
        statement = statement.where(col(Record.number) > after)
    statement = statement.order_by(col(Record.number))
    if size is not None:
        statement = statement.limit(size + 1)
    return [(row[0], row[1], int(row[2])) for row in db.execute(statement).all()]


def documents(db: Session, member: Member, report_id: int) -> Sequence[Document]:
    """The files of a report, the newest first."""
    return db.exec(
        select(Document)
        .where(
            Document.review_id == member.review_id,
            Document.report_id == report_id,
            col(Document.removed_at).is_(None),
        )
        .order_by(col(Document.id).desc())
    ).all()


def document(db: Session, member: Member, document_id: int) -> Document:
    """One file of the member's review. Raises NotFound."""
    return mine(db, member, Document, document_id, unless="removed_at")


def loose_files(db: Session, member: Member) -> Sequence[LooseFile]:
    """Uploaded files that still wait for somebody to say which report they are."""
    return db.exec(
        select(LooseFile)
        .where(LooseFile.review_id == member.review_id, col(LooseFile.settled_at).is_(None))
        .order_by(col(LooseFile.id))
    ).all()


def loose_file(db: Session, member: Member, file_id: int) -> LooseFile:
    """One waiting file. Raises NotFound."""
    return mine(db, member, LooseFile, file_id, unless="settled_at")
