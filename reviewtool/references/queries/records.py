"""Reading records: one, or pages of those that match words and filters."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from reviewtool.db.paging import PAGE_SIZE, Page, page
from reviewtool.db.row import mine
from reviewtool.references.models import (
    MISSING,
    Import,
    Merge,
    Record,
    RecordChange,
    Search,
)
from reviewtool.references.rules import searching
from reviewtool.team.models import Member

STATES = {
    "active": "In the review",
    "stored": "Stored, duplicates too",
    "merged": "Merged into another",
    "set_aside": "Set aside by undo",
    "removed": "Removed before screening",
    "all": "All",
}
FEW = 500  # matches that are fetched as ids at once
# A literal: with a bound value SQLite cannot know that a partial index applies.
NOTHING: Any = sa.literal_column("''")


@dataclass(frozen=True)
class Filter:
    """What the list of records is narrowed to."""

    words: str = ""
    state: str = "active"
    search_id: int | None = None
    import_id: int | None = None
    first_year: int | None = None
    last_year: int | None = None
    missing: str = ""  # "abstract" | "title" | "doi" | "year"

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the state is chosen."""
        return any(getattr(self, f.name) for f in fields(self) if f.name != "state")


def record(db: Session, member: Member, record_id: int) -> Record:
    """One record, active or not. Raises NotFound."""
    return mine(db, member, Record, record_id)


def active() -> sa.ColumnElement[bool]:
    """The condition of ``Record.is_active``."""
    return sa.and_(
        col(Record.merged_into_id).is_(None),
        col(Record.set_aside_at).is_(None),
        col(Record.removed_reason) == "",
    )


def active_count(db: Session, member: Member) -> int:
    """How many records take part in screening."""
    return db.exec(
        select(func.count())
        .select_from(Record)
        .where(Record.review_id == member.review_id, active())
    ).one()


def records(
    db: Session,
    member: Member,
    chosen: Filter,
    *,
    after: int | None = None,
    before: int | None = None,
) -> Page:
    """A page of the records that ``chosen`` leaves, by number."""
    statement = _narrowed(db, member, chosen)
    # Only the id, so that the index answers and no record is read.
    ids: Any = statement.with_only_columns(col(Record.id))
    if chosen.is_narrow and after is None and before is None:
        # A search of words is the slow part: done once, it gives page and total.
        found, total = _first(db, ids, of_words=bool(chosen.words))
        shown = select(Record).where(col(Record.id).in_(found))
        return page(db, shown, col(Record.number), total=total)
    return page(
        db,
        statement,
        col(Record.number),
        after=after,
        before=before,
        total=_total(db, ids),
        by=col(Record.id),
    )


def _total(db: Session, ids: Any) -> int:
    return db.exec(select(func.count()).select_from(ids.subquery())).one()


def _first(db: Session, ids: Any, *, of_words: bool) -> tuple[list[int], int]:
    """The ids of the first page and one more, and how many there are in all."""
    if of_words and db.get_bind().dialect.name != "sqlite":
        counted = ids.add_columns(func.count().over()).order_by(col(Record.number))
        rows = db.execute(counted.limit(PAGE_SIZE + 1)).all()
        return [row[0] for row in rows], rows[0][1] if rows else 0
    # SQLite counts a window slowly, but stops early where many match.
    found = list(db.exec(ids.order_by(col(Record.number)).limit(FEW + 1)).all())
    return found[: PAGE_SIZE + 1], len(found) if len(found) <= FEW else _total(db, ids)


def _narrowed(db: Session, member: Member, chosen: Filter) -> SelectOfScalar[Record]:
    statement = select(Record).where(Record.review_id == member.review_id)
    match chosen.state:
        case "stored":
            statement = statement.where(col(Record.set_aside_at).is_(None))
        case "merged":
            statement = statement.where(col(Record.merged_into_id).is_not(None))
        case "set_aside":
            statement = statement.where(col(Record.set_aside_at).is_not(None))
        case "removed":
            statement = statement.where(col(Record.removed_reason) != NOTHING)
        case "all":
            pass
        case _:
            statement = statement.where(active())
    if chosen.search_id:
        statement = statement.where(Record.search_id == chosen.search_id)
    if chosen.import_id:
        statement = statement.where(Record.import_id == chosen.import_id)
    if chosen.missing == "year":
        statement = statement.where(col(Record.year).is_(None))
    elif chosen.missing in MISSING:
        statement = statement.where(getattr(Record, chosen.missing) == NOTHING)
    return _searched(db, statement, chosen)


def _searched(
    db: Session, statement: SelectOfScalar[Record], chosen: Filter
) -> SelectOfScalar[Record]:
    query = searching.parse(chosen.words)
    first = chosen.first_year or query.first_year
    last = chosen.last_year or query.last_year
    if first:
        statement = statement.where(col(Record.year) >= first)
    if last:
        statement = statement.where(col(Record.year) <= last)
    if query.doi:
        statement = statement.where(Record.doi == query.doi)
    if query.pmid:
        statement = statement.where(Record.pmid == query.pmid)
    if query.number is not None:
        statement = statement.where(Record.number == query.number)
    if query.text is not None:
        statement = statement.where(matching(db, query.text))
    return statement


def matching(db: Session, text: searching.Group) -> sa.ColumnElement[bool]:
    """The condition that a record's title, authors or abstract match ``text``."""
    if db.get_bind().dialect.name == "sqlite":
        alone = searching.excluded_alone(text)
        asked = (
            " OR ".join(searching.as_fts5(searching.Group("and", (part,))) for part in text.without)
            if alone
            else searching.as_fts5(text)
        )
        inside = "NOT IN" if alone else "IN"
        condition: Any = sa.text(
            f"record.id {inside} (SELECT rowid FROM record_search WHERE record_search MATCH :asked)"
        ).bindparams(asked=asked)
        return cast("sa.ColumnElement[bool]", condition)
    # Excluding alone is asked the other way round: no index lists what is not there.
    alone = searching.excluded_alone(text)
    group = searching.Group("or", text.without) if alone else text
    # Materialized, so that the index of words is always what answers.
    found = (
        sa.select(_SEARCH.c.record_id)
        .where(_in_search(group))
        .cte("found")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    if alone:
        return sa.not_(sa.exists().where(found.c.record_id == col(Record.id)))
    # A join: each record stands in the table once, and of a join the planner knows the size.
    here: Any = found.c.record_id == col(Record.id)
    return cast("sa.ColumnElement[bool]", here)


# The table that a migration makes by hand and triggers keep in step (PostgreSQL).
_SEARCH = sa.table(
    "record_search",
    *(
        sa.column(name, sa.Integer if name == "record_id" else postgresql.TSVECTOR)
        for name in ("record_id", "words", "title", "authors")
    ),
)


def _in_search(part: searching.Group | searching.Term) -> sa.ColumnElement[bool]:
    """The condition on ``record_search``; one look into an index wherever that will do."""
    if not searching.narrows_field(part):
        return _matches("words", part)
    if isinstance(part, searching.Term):
        return _matches(part.field, replace(part, field=""))
    join = sa.and_ if part.op == "and" else sa.or_
    wanted = join(*(_in_search(one) for one in part.parts)) if part.parts else sa.true()
    return sa.and_(wanted, *(sa.not_(_in_search(one)) for one in part.without))


def _matches(column: str, part: searching.Group | searching.Term) -> sa.ColumnElement[bool]:
    group = searching.Group("and", (part,)) if isinstance(part, searching.Term) else part
    words: Any = sa.func.to_tsquery("simple", searching.as_tsquery(group))
    condition: Any = _SEARCH.c[column].op("@@")(words)
    return cast("sa.ColumnElement[bool]", condition)


def changes(db: Session, row: Record) -> Sequence[RecordChange]:
    """The history of a record's fields, newest first."""
    return db.exec(
        select(RecordChange)
        .where(RecordChange.record_id == row.id)
        .order_by(col(RecordChange.id).desc())
    ).all()


def origin(db: Session, row: Record) -> tuple[Search | None, Import | None]:
    """The search and file a record came from."""
    file = db.get(Import, row.import_id) if row.import_id else None
    return db.get(Search, row.search_id), file


def merged_into(db: Session, row: Record) -> Sequence[Record]:
    """The records merged into this one."""
    return db.exec(
        select(Record).where(Record.merged_into_id == row.id).order_by(col(Record.number))
    ).all()


def last_merge(db: Session, row: Record) -> Merge | None:
    """The merge by which this record went into another, if it still holds."""
    return db.exec(
        select(Merge)
        .where(Merge.removed_id == row.id, col(Merge.undone_at).is_(None))
        .order_by(col(Merge.id).desc())
    ).first()
