"""Reading duplicates: pairs that wait, merges made, what is told apart."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, func, or_, select

from reviewtool import events
from reviewtool.db.paging import Page, page
from reviewtool.db.row import mine
from reviewtool.permissions import Action, require
from reviewtool.references.models import (
    DuplicatePair,
    DuplicateRun,
    Import,
    ImportState,
    Merge,
    PairState,
    Record,
    Report,
    Search,
)
from reviewtool.references.rules import Citation
from reviewtool.team.models import Member

# The fields two records are compared by, in the order of a citation: name and label.
FIELDS: tuple[tuple[str, str], ...] = (
    ("title", "Title"),
    ("authors", "Authors"),
    ("year", "Year"),
    ("journal", "Journal"),
    ("volume", "Volume"),
    ("issue", "Issue"),
    ("pages", "Pages"),
    ("doi", "DOI"),
    ("pmid", "PMID"),
    ("pmcid", "PMCID"),
    ("registry_number", "Registration"),
    ("issn", "ISSN"),
    ("kind", "Publication type"),
    ("language", "Language"),
    ("keywords", "Keywords"),
    ("url", "Link"),
    ("abstract", "Abstract"),
)
_READ = (
    "id",
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "abstract",
    "pmid",
    "pmcid",
    "issn",
    "registry_number",
    "kind",
)
ABSTRACT_START = 600  # characters of an abstract that take part in matching
APART = (PairState.NOT_DUPLICATE, PairState.UNDONE)


@dataclass(frozen=True)
class Shown:
    """A pair as a person judges it: the two records that stand for it now."""

    pair: DuplicatePair
    first: Record
    second: Record


@dataclass(frozen=True)
class MergeShown:
    """A merge with both records and, where a person decided, who."""

    merge: Merge
    survivor: Record
    removed: Record


def record(db: Session, member: Member, record_id: int) -> Record:
    """A record of the member's review. Raises NotFound."""
    found = mine(db, member, Record, record_id)
    require(member, Action.READ, found)
    return found


def pair(db: Session, member: Member, pair_id: int) -> Shown:
    """A pair with the records that stand for its two sides now. Raises NotFound."""
    found = mine(db, member, DuplicatePair, pair_id)
    require(member, Action.READ, found)
    return Shown(found, root(db, found.first_id), root(db, found.second_id))


def merge(db: Session, member: Member, merge_id: int) -> Merge:
    """A merge of the member's review. Raises NotFound."""
    found = mine(db, member, Merge, merge_id)
    require(member, Action.READ, found)
    return found


def root(db: Session, record_id: int) -> Record:
    """The record itself, or the one it was merged into."""
    found = db.get_one(Record, record_id)
    return found if found.merged_into_id is None else db.get_one(Record, found.merged_into_id)


def members_of(db: Session, record_id: int) -> list[int]:
    """The ids merged into a record, and its own."""
    merged = db.exec(
        select(Record.id).where(Record.merged_into_id == record_id).order_by(col(Record.id))
    ).all()
    return [record_id, *merged]


@cache
def _sides() -> tuple[Any, Any]:
    """The record table twice, for pairs and merges; making the names is the slow part."""
    return aliased(Record), aliased(Record)


def _waiting(review_id: int, state: PairState) -> Any:
    """Pairs of a state whose two sides are still in the review and not one record."""
    first, second = _sides()
    root_of_first = func.coalesce(first.merged_into_id, first.id)
    root_of_second = func.coalesce(second.merged_into_id, second.id)
    return (
        select(DuplicatePair)
        .join(first, first.id == DuplicatePair.first_id)
        .join(second, second.id == DuplicatePair.second_id)
        .where(
            DuplicatePair.review_id == review_id,
            DuplicatePair.state == state,
            col(first.set_aside_at).is_(None),
            col(second.set_aside_at).is_(None),
            root_of_first != root_of_second,
        )
    )


def _count(db: Session, statement: Any) -> int:
    return db.exec(select(func.count()).select_from(statement.subquery())).one()


def uncertain_count(db: Session, member: Member) -> int:
    """Pairs that wait for a person."""
    return _count(db, _waiting(member.review_id, PairState.UNCERTAIN))


def next_uncertain(db: Session, member: Member, after: int = 0) -> Shown | None:
    """The first waiting pair behind ``after``, else the first of all."""
    statement = _waiting(member.review_id, PairState.UNCERTAIN).order_by(col(DuplicatePair.id))
    found = db.exec(statement.where(col(DuplicatePair.id) > after).limit(1)).first()
    if found is None and after:
        found = db.exec(statement.limit(1)).first()
    return pair(db, member, found.id) if found else None


def neighbours(db: Session, member: Member, pair_id: int) -> tuple[int | None, int | None]:
    """Ids of the waiting pairs before and behind a pair."""
    waiting = _waiting(member.review_id, PairState.UNCERTAIN)
    before = db.exec(
        waiting.where(col(DuplicatePair.id) < pair_id)
        .order_by(col(DuplicatePair.id).desc())
        .limit(1)
    ).first()
    behind = db.exec(
        waiting.where(col(DuplicatePair.id) > pair_id).order_by(col(DuplicatePair.id)).limit(1)
    ).first()
    return before.id if before else None, behind.id if behind else None


def _merges(review_id: int, undone: bool) -> Any:
    survivor, removed = _sides()
    state = col(Merge.undone_at).is_not(None) if undone else col(Merge.undone_at).is_(None)
    return (
        select(Merge)
        .join(survivor, survivor.id == Merge.survivor_id)
        .join(removed, removed.id == Merge.removed_id)
        .where(
            Merge.review_id == review_id,
            state,
            col(survivor.set_aside_at).is_(None),
            col(removed.set_aside_at).is_(None),
        )
    )


def counts(db: Session, member: Member) -> dict[str, int]:
    """How many stand under each tab.

    While no import is undone or under way nothing is set aside, and plain counts that
    an index answers are enough.
    """
    review = member.review_id
    partial = db.exec(
        select(Import.id)
        .where(Import.review_id == review, Import.state != ImportState.DONE)
        .limit(1)
    ).first()
    if partial is None:
        plain = select(DuplicatePair.id).where(DuplicatePair.review_id == review)
        made = select(Merge.id).where(Merge.review_id == review)
        related: Any = plain.where(DuplicatePair.state == PairState.RELATED)
        apart: Any = plain.where(DuplicatePair.state == PairState.NOT_DUPLICATE)
        standing: Any = made.where(col(Merge.undone_at).is_(None))
        undone: Any = made.where(col(Merge.undone_at).is_not(None))
    else:
        related = _waiting(review, PairState.RELATED)
        apart = _waiting(review, PairState.NOT_DUPLICATE)
        standing, undone = _merges(review, undone=False), _merges(review, undone=True)
    return {
        "uncertain": uncertain_count(db, member),
        "certain": _count(db, standing),
        "related": _count(db, related),
        "undone": _count(db, undone) + _count(db, apart),
    }


def merges(
    db: Session, member: Member, *, undone: bool, after: int | None, before: int | None
) -> tuple[Page, list[MergeShown]]:
    """A page of merges, in the order they were made."""
    require(member, Action.READ)
    found = page(db, _merges(member.review_id, undone), col(Merge.id), after=after, before=before)
    ids = {m.survivor_id for m in found.rows} | {m.removed_id for m in found.rows}
    rows = _records(db, ids)
    return found, [MergeShown(m, rows[m.survivor_id], rows[m.removed_id]) for m in found.rows]


def pairs(
    db: Session, member: Member, state: PairState, *, after: int | None, before: int | None
) -> tuple[Page, list[Shown]]:
    """A page of pairs in one state, with the records that stand for them."""
    require(member, Action.READ)
    found = page(
        db, _waiting(member.review_id, state), col(DuplicatePair.id), after=after, before=before
    )
    rows = _records(db, {p.first_id for p in found.rows} | {p.second_id for p in found.rows})
    into = {r.merged_into_id for r in rows.values() if r.merged_into_id is not None}
    rows |= _records(db, into)

    def standing(record_id: int) -> Record:
        return rows[rows[record_id].merged_into_id or record_id]

    return found, [Shown(p, standing(p.first_id), standing(p.second_id)) for p in found.rows]


def _records(db: Session, ids: set[int]) -> dict[int, Record]:
    if not ids:
        return {}
    rows = db.exec(select(Record).where(col(Record.id).in_(ids)).order_by(col(Record.id))).all()
    return {row.id: row for row in rows}


def sources(db: Session, records: Sequence[Record]) -> dict[int, str]:
    """The database each record came from, by record id."""
    ids = {r.search_id for r in records}
    rows = db.exec(select(Search).where(col(Search.id).in_(ids)).order_by(col(Search.id))).all()
    names = {row.id: row.database for row in rows}
    return {r.id: names.get(r.search_id, "") for r in records}


def merged_into(db: Session, member: Member, record_id: int) -> list[MergeShown]:
    """Where a surviving record came from: the standing merges into it."""
    removed = {
        r.id: r
        for r in db.exec(
            select(Record).where(Record.merged_into_id == record_id).order_by(col(Record.id))
        ).all()
    }
    if not removed:
        return []
    rows = db.exec(
        select(Merge)
        .where(
            Merge.review_id == member.review_id,
            col(Merge.removed_id).in_(removed),
            col(Merge.undone_at).is_(None),
        )
        .order_by(col(Merge.id))
    ).all()
    survivor = db.get_one(Record, record_id)
    return [MergeShown(m, survivor, removed[m.removed_id]) for m in rows]


def has_report(db: Session, ids: Sequence[int]) -> set[int]:
    """Those of the records that have a report: screening has passed them on."""
    return set(
        db.exec(
            select(Report.record_id).where(col(Report.record_id).in_(ids)).order_by(col(Report.id))
        ).all()
    )


def work_on(db: Session, ids: Sequence[int]) -> dict[int, int]:
    """How much later stages have done with records (votes), as those stages tell."""
    total: Counter[int] = Counter()
    for counts in events.ask(db, None, events.WorkOnRecords(ids)):
        total.update(counts)
    return total


def last_run(db: Session, member: Member) -> DuplicateRun | None:
    """The latest finished search for duplicates."""
    return db.exec(
        select(DuplicateRun)
        .where(DuplicateRun.review_id == member.review_id)
        .order_by(col(DuplicateRun.id).desc())
        .limit(1)
    ).first()


def compared_up_to(db: Session, review_id: int) -> int:
    """The highest record id that a finished search has covered, 0 before the first."""
    found = db.exec(
        select(func.max(DuplicateRun.last_record_id)).where(DuplicateRun.review_id == review_id)
    ).one()
    return found or 0


def uncompared(db: Session, member: Member) -> int:
    """Records that no search for duplicates has looked at yet."""
    return db.exec(
        select(func.count())
        .select_from(Record)
        .where(
            Record.review_id == member.review_id,
            col(Record.id) > compared_up_to(db, member.review_id),
            col(Record.set_aside_at).is_(None),
        )
    ).one()


def citations(db: Session, review_id: int) -> Iterator[tuple[Citation, int | None]]:
    """Every record in the review as the rules read it, with its import, by rising id."""
    columns = [getattr(Record, name) for name in _READ[:9]]
    columns += [func.substr(Record.abstract, 1, ABSTRACT_START)]
    columns += [getattr(Record, name) for name in (*_READ[10:], "import_id")]
    rows = db.execute(
        select(*columns)
        .where(Record.review_id == review_id, col(Record.set_aside_at).is_(None))
        .order_by(col(Record.id))
        .execution_options(yield_per=2000)
    )
    for row in rows:
        yield (
            Citation(
                id=str(row[0]),
                title=row[1] or "",
                authors=tuple(a for a in (row[2] or "").split("; ") if a),
                year=str(row[3] or ""),
                journal=row[4] or "",
                volume=row[5] or "",
                number=row[6] or "",
                pages=row[7] or "",
                doi=row[8] or "",
                abstract=row[9] or "",
                pmid=row[10] or "",
                pmcid=row[11] or "",
                issn=row[12] or "",
                registry_number=row[13] or "",
                kind=row[14] or "",
            ),
            row[15],
        )


def told_apart(db: Session, review_id: int) -> frozenset[frozenset[str]]:
    """Pairs of ids that a person said are not one item, as the rules take them."""
    rows = db.exec(
        select(DuplicatePair.first_id, DuplicatePair.second_id)
        .where(DuplicatePair.review_id == review_id, col(DuplicatePair.state).in_(APART))
        .order_by(col(DuplicatePair.id))
    ).all()
    return frozenset(frozenset((str(a), str(b))) for a, b in rows)


def standing_for(db: Session, review_id: int) -> dict[int, int]:
    """Merged record -> the record it was merged into."""
    rows = db.exec(
        select(Record.id, Record.merged_into_id).where(
            Record.review_id == review_id, col(Record.merged_into_id).is_not(None)
        )
    ).all()
    return {one: into for one, into in rows if one is not None and into is not None}


def known_pairs(db: Session, review_id: int, roots: dict[int, int]) -> set[tuple[int, int]]:
    """Every pair on file, in whatever state, as it was stored and by what stands for it."""
    rows = db.exec(
        select(DuplicatePair.first_id, DuplicatePair.second_id)
        .where(DuplicatePair.review_id == review_id)
        .order_by(col(DuplicatePair.id))
    ).all()
    known = {(a, b) for a, b in rows}
    return known | {_ordered(roots.get(a, a), roots.get(b, b)) for a, b in known}


def _ordered(a: int, b: int) -> tuple[int, int]:
    return min(a, b), max(a, b)


def pair_of(db: Session, one: int, other: int) -> DuplicatePair | None:
    """The pair of two records, if it is on file."""
    return db.exec(
        select(DuplicatePair).where(
            DuplicatePair.first_id == min(one, other), DuplicatePair.second_id == max(one, other)
        )
    ).one_or_none()


def open_pairs_between(
    db: Session, left: Sequence[int], right: Sequence[int]
) -> list[DuplicatePair]:
    """Uncertain pairs that join a record of ``left`` with one of ``right``."""
    first, second = col(DuplicatePair.first_id), col(DuplicatePair.second_id)
    return list(
        db.exec(
            select(DuplicatePair)
            .where(
                DuplicatePair.state == PairState.UNCERTAIN,
                or_(
                    and_(first.in_(left), second.in_(right)),
                    and_(first.in_(right), second.in_(left)),
                ),
            )
            .order_by(col(DuplicatePair.id))
        ).all()
    )
