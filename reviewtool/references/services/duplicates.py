"""Merging duplicates, telling records apart, and taking either back.

A merge sets one record aside (``merged_into_id``) and fills the survivor's gaps; it
touches no vote. What it changed is kept in ``Merge.before``, so undoing puts every
value back exactly as it was.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from reviewtool import audit, events, jobs
from reviewtool.acts import Act
from reviewtool.db.types import now
from reviewtool.errors import Conflict, Invalid
from reviewtool.permissions import Action, require
from reviewtool.references.models import DuplicatePair, Merge, PairState, Record
from reviewtool.references.queries import duplicates as queries
from reviewtool.references.rules import merging
from reviewtool.team.models import Member

Values = Mapping[str, Any]


class AlreadyMerged(Conflict):
    """Somebody else was quicker: these two are one record already."""

    code = "already-merged"
    message = "These two records were merged in the meantime. Nothing was changed."


class NotMerged(Conflict):
    """There is nothing to take back."""

    code = "not-merged"
    message = "This merge was undone already. Nothing was changed."


class NotOneOfThem(Invalid):
    """The record to keep is neither of the two."""

    code = "not-one-of-them"
    message = "Choose one of the two records as the one to keep."


def start(db: Session, actor: Member) -> jobs.Job:
    """Enqueue a search for duplicates among what was not compared yet."""
    require(actor, Action.MERGE)
    return enqueue(db, actor.review_id, actor.user_id)


def enqueue(
    db: Session, review_id: int, user_id: int | None, import_id: int | None = None
) -> jobs.Job:
    """The job itself, for an import that has just ended or come back."""
    return jobs.enqueue(
        db,
        "references.find_duplicates",
        title="Find duplicates",
        review_id=review_id,
        user_id=user_id,
        import_id=import_id,
    )


def gaps(survivor: Record, removed: Record) -> dict[str, Any]:
    """What the removed record knows and the survivor does not."""
    return merging.gaps(_values(survivor), _values(removed))


def merge(
    db: Session,
    actor: Member,
    survivor: Record,
    removed: Record,
    *,
    evidence: list[str] | None = None,
    values: Values | None = None,
) -> Merge:
    """Make ``removed`` (and all that was merged into it) a duplicate of ``survivor``.

    values: field -> value the survivor gets; without it only its gaps are filled.
    Every vote stays where it is. Raises Forbidden, AlreadyMerged.
    """
    require(actor, Action.MERGE, survivor, removed)
    if survivor.id == removed.id or removed.merged_into_id or survivor.merged_into_id:
        raise AlreadyMerged()
    pair = queries.pair_of(db, survivor.id, removed.id)
    left = queries.members_of(db, survivor.id)
    right = queries.members_of(db, removed.id)
    chosen = gaps(survivor, removed) if values is None else dict(values)
    fields = audit.changed(survivor, **chosen)
    row = Merge(
        review_id=survivor.review_id,
        survivor_id=survivor.id,
        removed_id=removed.id,
        pair_id=pair.id if pair else None,
        evidence=list(evidence if evidence is not None else (pair.evidence if pair else [])),
        before={
            "fields": {k: [old, new] for k, (old, new) in fields.items()},
            "moved": [i for i in right if i != removed.id],
        },
        member_id=actor.id,
    )
    db.add_all([row, survivor])
    _move(db, right, survivor.id)
    for found in queries.open_pairs_between(db, left, right):
        _decide(db, actor, found, PairState.MERGED)
    if pair is not None and pair.state is not PairState.MERGED:
        _decide(db, actor, pair, PairState.MERGED)
    db.flush()
    audit.append(
        db,
        actor,
        Act.REFERENCES_MERGE,
        removed,
        {"merged_into": (None, survivor.number), **fields},
        merge=row.id,
    )
    events.tell(db, actor, events.RecordMerged(survivor_id=survivor.id, removed_id=removed.id))
    return row


def merge_pair(
    db: Session,
    actor: Member,
    pair_id: int,
    keep: int | None = None,
    choices: Mapping[str, str] | None = None,
) -> Merge:
    """Merge the two records of a pair.

    keep: id of the record that stays, by default the one that is further along.
    choices: field -> ``first`` or ``second``; other fields keep the survivor's value, or
    the other's where it has none.
    """
    shown = queries.pair(db, actor, pair_id)
    first, second = shown.first, shown.second
    if first.id == second.id:
        raise AlreadyMerged()
    if keep is None:
        keep = preferred(db, first, second).id
    if keep not in (first.id, second.id):
        raise NotOneOfThem()
    survivor, removed = (first, second) if keep == first.id else (second, first)
    values = gaps(survivor, removed)
    for name, side in (choices or {}).items():
        if name in merging.FIELDS and side in ("first", "second"):
            values[name] = getattr(first if side == "first" else second, name)
    return merge(db, actor, survivor, removed, evidence=list(shown.pair.evidence), values=values)


def preferred(db: Session, first: Record, second: Record) -> Record:
    """The record to keep by default, as ``merging.by_preference`` says."""
    if first.id == second.id:  # they were merged since
        return first
    rows = {r.id: _values(r) for r in (first, second)}
    best, _ = merging.by_preference(
        rows,
        rows,
        in_full_text=queries.has_report(db, list(rows)),
        votes=queries.work_on(db, list(rows)),
        known_up_to=max(rows),
    )
    return first if first.id == best else second


def _values(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in merging.FIELDS}


def tell_apart(db: Session, actor: Member, pair_id: int) -> DuplicatePair:
    """A person's word that two records are not duplicates; it lasts."""
    shown = queries.pair(db, actor, pair_id)
    require(actor, Action.MERGE, shown.pair)
    if shown.first.id == shown.second.id:
        raise AlreadyMerged()
    for found in queries.open_pairs_between(
        db, queries.members_of(db, shown.first.id), queries.members_of(db, shown.second.id)
    ):
        _decide(db, actor, found, PairState.NOT_DUPLICATE)
    if shown.pair.state is not PairState.NOT_DUPLICATE:
        _decide(db, actor, shown.pair, PairState.NOT_DUPLICATE)
    audit.append(
        db,
        actor,
        Act.REFERENCES_TELL_APART,
        shown.pair,
        first=shown.first.number,
        second=shown.second.number,
    )
    return shown.pair


def reopen(db: Session, actor: Member, pair_id: int) -> DuplicatePair:
    """Take back “not a duplicate”: the pair waits again."""
    found = queries.pair(db, actor, pair_id).pair
    require(actor, Action.MERGE, found)
    if found.state is not PairState.NOT_DUPLICATE:
        raise Conflict("This pair was not told apart. Nothing was changed.")
    _decide(db, actor, found, PairState.UNCERTAIN)
    found.decided_by_id = found.decided_at = None
    audit.append(db, actor, Act.REFERENCES_REOPEN_PAIR, found)
    return found


def undo_merge(db: Session, actor: Member, merge_id: int) -> Merge:
    """Bring a merged record back, with all its votes and every changed value restored.

    A value that somebody edited after the merge is left as edited. The pair counts as
    told apart from now on. Raises NotMerged.
    """
    row = queries.merge(db, actor, merge_id)
    require(actor, Action.MERGE, row)
    removed = db.get_one(Record, row.removed_id)
    if row.undone_at is not None or removed.merged_into_id is None:
        raise NotMerged()
    survivor = db.get_one(Record, row.survivor_id)
    fields = row.before.get("fields", {})
    restored = audit.changed(
        survivor,
        **{k: old for k, (old, new) in fields.items() if getattr(survivor, k) == new},
    )
    back = [*row.before.get("moved", [])]
    now_at = removed.merged_into_id
    _move(db, _still_at(db, back, now_at), removed.id)
    removed.merged_into_id = None
    row.undone_at, row.undone_by_id = now(), actor.id
    db.add_all([row, removed, survivor])
    pair = queries.pair_of(db, row.survivor_id, row.removed_id)
    if pair is None:
        pair = DuplicatePair(
            review_id=row.review_id,
            first_id=min(row.survivor_id, row.removed_id),
            second_id=max(row.survivor_id, row.removed_id),
            state=PairState.UNDONE,
            evidence=row.evidence,
        )
    _decide(db, actor, pair, PairState.UNDONE)
    db.flush()
    audit.append(
        db,
        actor,
        Act.REFERENCES_UNDO_MERGE,
        removed,
        {"merged_into": (survivor.number, None), **restored},
        merge=row.id,
    )
    events.tell(db, actor, events.RecordUnmerged(survivor_id=now_at, removed_id=removed.id))
    return row


def _move(db: Session, ids: list[int], survivor_id: int) -> None:
    rows = db.exec(select(Record).where(col(Record.id).in_(ids)).order_by(col(Record.id))).all()
    for record in rows:
        record.merged_into_id = survivor_id
        db.add(record)
    db.flush()


def _still_at(db: Session, ids: list[int], record_id: int) -> list[int]:
    if not ids:
        return []
    return list(
        db.exec(
            select(Record.id)
            .where(col(Record.id).in_(ids), Record.merged_into_id == record_id)
            .order_by(col(Record.id))
        ).all()
    )


def _decide(db: Session, actor: Member, pair: DuplicatePair, state: PairState) -> None:
    pair.state, pair.decided_by_id, pair.decided_at = state, actor.id, now()
    db.add(pair)
