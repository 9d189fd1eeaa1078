"""Reading searches, imports, rejects and carried votes."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from reviewtool import formats
from reviewtool.db.row import mine
from reviewtool.jobs import Job
from reviewtool.permissions import Action
from reviewtool.references.models import (
    CarriedVote,
    Import,
    ImportState,
    Record,
    RejectedEntry,
    Search,
)
from reviewtool.references.rules import sources
from reviewtool.storage import current_storage
from reviewtool.team.models import Member


@dataclass(frozen=True)
class SearchSummary:
    """A search with its files and what is left of them."""

    search: Search
    imports: list[Import]
    active: int
    updates: Search | None

    @property
    def entries(self) -> int:
        return sum(i.entries for i in self.imports if not i.is_log)

    @property
    def stored(self) -> int:
        return sum(i.stored for i in self.imports if not i.is_log)

    @property
    def rejected(self) -> int:
        return sum(i.rejected for i in self.imports if not i.is_log)


@dataclass(frozen=True)
class Voter:
    """One name in a file's votes: how many, and which member it probably is."""

    reviewer: str
    phase: str
    votes: int
    waiting: int
    member_id: int | None
    final: bool = False


def searches(db: Session, member: Member) -> Sequence[Search]:
    """All searches of the review, oldest first."""
    return db.exec(
        select(Search).where(Search.review_id == member.review_id).order_by(col(Search.id))
    ).all()


def search(db: Session, member: Member, search_id: int) -> Search:
    """One search. Raises NotFound."""
    return mine(db, member, Search, search_id)


def overview(db: Session, member: Member) -> list[SearchSummary]:
    """Every search with its imports and the number of records still active."""
    found = searches(db, member)
    files: dict[int, list[Import]] = {}
    for row in db.exec(
        select(Import)
        .where(Import.review_id == member.review_id, Import.state != ImportState.PREVIEW)
        .order_by(col(Import.id))
    ).all():
        files.setdefault(row.search_id or 0, []).append(row)
    active = dict(
        db.exec(
            select(Record.search_id, func.count())
            .where(
                Record.review_id == member.review_id,
                col(Record.merged_into_id).is_(None),
                col(Record.set_aside_at).is_(None),
            )
            .group_by(col(Record.search_id))
        ).all()
    )
    by_id = {s.id: s for s in found}
    return [
        SearchSummary(s, files.get(s.id, []), active.get(s.id, 0), by_id.get(s.updates_id or 0))
        for s in found
    ]


def import_(db: Session, member: Member, import_id: int) -> Import:
    """One import. Raises NotFound."""
    return mine(db, member, Import, import_id)


def running(db: Session, member: Member) -> Sequence[Job]:
    """The jobs of imports that have not ended yet."""
    return db.exec(
        select(Job)
        .join(Import, col(Import.job_id) == col(Job.id))
        .where(
            Import.review_id == member.review_id,
            col(Import.state).in_([ImportState.QUEUED, ImportState.RUNNING]),
        )
        .order_by(col(Job.id))
    ).all()


def waiting_files(db: Session, member: Member) -> Sequence[Import]:
    """Files this member uploaded and has not stored yet."""
    return db.exec(
        select(Import)
        .where(
            Import.review_id == member.review_id,
            Import.member_id == member.id,
            Import.state == ImportState.PREVIEW,
        )
        .order_by(col(Import.id))
    ).all()


def same_file(db: Session, row: Import) -> Import | None:
    """An earlier import of the very same bytes, if it was not undone."""
    return db.exec(
        select(Import)
        .where(
            Import.review_id == row.review_id,
            Import.sha256 == row.sha256,
            Import.id != row.id,
            col(Import.state).in_([ImportState.DONE, ImportState.QUEUED, ImportState.RUNNING]),
        )
        .order_by(col(Import.id))
    ).first()


def preview(row: Import) -> formats.Preview:
    """The look of a stored file: format, encoding, columns, first entries."""
    path = current_storage().path(row.sha256)
    return formats.preview(path, row.file_name, row.column_mapping or None)


def rejected(db: Session, row: Import, *, limit: int | None = None) -> Sequence[RejectedEntry]:
    """The entries of a file that were not stored, in file order."""
    statement = (
        select(RejectedEntry)
        .where(RejectedEntry.import_id == row.id)
        .order_by(col(RejectedEntry.line), col(RejectedEntry.id))
    )
    return db.exec(statement.limit(limit) if limit else statement).all()


def first_records(db: Session, row: Import, limit: int = 5) -> Sequence[Record]:
    """The first records of an import, active or not."""
    return db.exec(
        select(Record).where(Record.import_id == row.id).order_by(col(Record.id)).limit(limit)
    ).all()


def voters(db: Session, member: Member, row: Import) -> list[Voter]:
    """Whose votes a file brought along, each matched to a member by name or address."""
    who = (col(CarriedVote.reviewer), col(CarriedVote.phase), col(CarriedVote.final))
    waiting_one = sa.case((col(CarriedVote.taken_at).is_(None), 1), else_=0)
    rows = db.execute(
        sa.select(*who, sa.func.count(), sa.func.sum(waiting_one))
        .where(col(CarriedVote.import_id) == row.id, col(CarriedVote.vote) != "")
        .group_by(*who)
        .order_by(*who)
    ).all()
    members = db.exec(
        select(Member)
        .where(Member.review_id == member.review_id, col(Member.removed_at).is_(None))
        .order_by(col(Member.id))
    ).all()
    known: dict[str, int] = {}
    for one in members:
        for name in (one.user.name, one.user.email, one.user.name.split(" ")[0]):
            if name:
                known.setdefault(name.strip().lower(), one.id)
    return [
        Voter(name, phase, int(votes), int(waiting or 0), known.get(name.strip().lower()), final)
        for name, phase, final, votes, waiting in rows
    ]


def carried_votes(db: Session, row: Import) -> bool:
    """Whether votes came along with a file."""
    found = db.exec(
        select(CarriedVote.id)
        .where(CarriedVote.import_id == row.id, CarriedVote.vote != "")
        .limit(1)
    ).first()
    return found is not None


def taken(db: Session, row: Import) -> bool:
    """Whether screening has any of the votes that a file brought along."""
    found = db.exec(
        select(CarriedVote.id)
        .where(CarriedVote.import_id == row.id, col(CarriedVote.taken_at).is_not(None))
        .limit(1)
    ).first()
    return found is not None


def original_needs(db: Session, member: Member, row: Import) -> Action:
    """What a member must be allowed to do to have the file as it was uploaded.

    A file with other people's votes would show them to a blinded reviewer; so might one
    that somebody else uploaded and that was not read yet.
    """
    unread = row.state in (ImportState.PREVIEW, ImportState.FAILED) and row.member_id != member.id
    carried = db.exec(
        select(CarriedVote.id).where(CarriedVote.import_id == row.id).limit(1)
    ).first()
    secret = row.is_log or unread or carried is not None
    return Action.MANAGE_SCREENING if secret else Action.READ


def labelled(db: Session, row: Import) -> int:
    """How many records of a file came with labels."""
    return db.exec(
        select(func.count())
        .select_from(CarriedVote)
        .where(CarriedVote.import_id == row.id, CarriedVote.vote == "", CarriedVote.note == "")
    ).one()


def update_of(
    db: Session, member: Member, database: str, platform: str, searched_on: object
) -> Search | None:
    """The earlier search of the same source that a new one would bring up to date."""
    from datetime import date

    day = searched_on if isinstance(searched_on, date) else None
    found = sources.updated_by(searches(db, member), database, platform, day)
    return db.get(Search, found) if found else None
