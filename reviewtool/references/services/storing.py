"""Writing down what a search for duplicates found: merges, pairs, counts.

Done in steps of some hundred groups, each a transaction of its own, so that nobody
else waits long for the database. Running it again changes nothing: what is merged
already is recognised by the record it was merged into.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool import audit, events
from reviewtool.acts import Act
from reviewtool.db.types import now
from reviewtool.references.models import DuplicatePair, DuplicateRun, Merge, PairState, Record
from reviewtool.references.queries import duplicates as queries
from reviewtool.references.rules import Duplicates, Pair, merging
from reviewtool.team.models import Member, Review

STEP = 400  # groups written in one transaction
Values = dict[str, Any]


@dataclass
class Totals:
    """What a search has changed so far."""

    merged: int = 0
    uncertain: int = 0
    related: int = 0


@dataclass
class Plan:
    """The rows one step will write."""

    pairs: list[Values] = field(default_factory=list)
    merges: list[Values] = field(default_factory=list)
    into: list[Values] = field(default_factory=list)
    filled: list[tuple[int, Values]] = field(default_factory=list)
    settled: list[tuple[int, int, Sequence[str]]] = field(default_factory=list)


def steps(found: Duplicates) -> Iterator[Sequence[tuple[str, ...]]]:
    """The groups in portions for ``store_groups``."""
    for begin in range(0, len(found.groups), STEP):
        yield found.groups[begin : begin + STEP]


def best_evidence(found: Duplicates) -> dict[int, Pair]:
    """For each record the strongest certain pair it takes part in."""
    best: dict[int, Pair] = {}
    for pair in found.certain:
        for one in (int(pair.a), int(pair.b)):
            if one not in best or pair.strength > best[one].strength:
                best[one] = pair
    return best


def lock(db: Session, review_id: int) -> None:
    """One search at a time writes in a review (SQLite has only one writer anyway)."""
    db.exec(select(Review.id).where(Review.id == review_id).with_for_update()).one()


def store_groups(
    db: Session,
    review_id: int,
    groups: Sequence[tuple[str, ...]],
    evidence: dict[int, Pair],
    compared_before: int,
) -> int:
    """Merge the certain groups of one step; the number of records set aside.

    compared_before: highest id an earlier search covered. Records in full text, with
        votes, or simply known longer survive others, so that no work is set aside.
    """
    lock(db, review_id)
    ids = {int(one) for group in groups for one in group}
    rows = _rows(db, ids)
    rows |= _rows(db, {r["merged_into_id"] for r in rows.values() if r["merged_into_id"]})
    members = _members(db, rows)
    apart = _apart(db, {m for ms in members.values() for m in ms})
    reports = queries.has_report(db, sorted(rows))
    known = _known(db, rows)
    work = queries.work_on(db, sorted(rows))
    plan = Plan()
    for group in groups:
        roots = _roots(group, rows)
        ordered = merging.by_preference(
            rows, roots, in_full_text=reports, votes=work, known_up_to=compared_before
        )
        _merge_into(plan, review_id, ordered, rows, members, apart, known, evidence)
    _write(db, plan)
    removed = [m["removed_id"] for m in plan.merges]
    survivors = {m["removed_id"]: m["survivor_id"] for m in plan.merges}
    moved = {m["record"]: m["survivor"] for m in plan.into}
    worked_on = queries.has_report(db, removed) | {one for one in moved if work.get(one)}
    for one in sorted(worked_on):
        survivor = survivors.get(one) or moved[one]
        events.tell(db, None, events.RecordMerged(survivor_id=survivor, removed_id=one))
    return len(removed)


def _merge_into(
    plan: Plan,
    review_id: int,
    ordered: list[int],
    rows: dict[int, Values],
    members: dict[int, list[int]],
    apart: set[tuple[int, int]],
    known: dict[tuple[int, int], PairState],
    evidence: dict[int, Pair],
) -> None:
    if len(ordered) < 2:
        return
    survivor = ordered[0]
    together = list(members[survivor])
    for removed in ordered[1:]:
        own = members[removed]
        if any((min(a, b), max(a, b)) in apart for a in own for b in together):
            continue
        kept, gone = rows[survivor], rows[removed]
        filled = merging.gaps(kept, gone)
        words = _words(survivor, removed, rows, evidence)
        at = now()
        plan.merges.append(
            {
                "review_id": review_id,
                "survivor_id": survivor,
                "removed_id": removed,
                "evidence": words,
                "created_at": at,
                "before": {
                    "fields": {n: [kept[n], v] for n, v in filled.items()},
                    "moved": [m for m in own if m != removed],
                },
            }
        )
        plan.into += [{"record": m, "survivor": survivor} for m in own]
        if filled:
            plan.filled.append((survivor, filled))
            kept.update(filled)
        ends = min(survivor, removed), max(survivor, removed)
        if ends in known:
            plan.settled.append((*ends, words))
        else:
            known[ends] = PairState.CERTAIN
            score = evidence[removed].strength if removed in evidence else 0
            plan.pairs.append(_pair(review_id, *ends, PairState.CERTAIN, words, at, score))
        together += own


def _words(
    survivor: int, removed: int, rows: dict[int, Values], evidence: dict[int, Pair]
) -> list[str]:
    pair = evidence.get(removed)
    if pair is None:
        return ["Both agree with a third record."]
    other = int(pair.b) if int(pair.a) == removed else int(pair.a)
    if other == survivor or other not in rows:
        return list(pair.evidence)
    return [*pair.evidence, f"compared with record {rows[other]['number']} of the same group"]


def store_pairs(db: Session, review_id: int, pairs: Sequence[Pair], state: PairState) -> int:
    """Put uncertain or related pairs on file, those known already left alone."""
    lock(db, review_id)
    roots = queries.standing_for(db, review_id)
    known = queries.known_pairs(db, review_id, roots)
    at, rows = now(), []
    for pair in pairs:
        low, high = sorted((int(pair.a), int(pair.b)))
        # Two items in five databases are one pair to judge, not twenty-five.
        first, second = sorted((roots.get(low, low), roots.get(high, high)))
        if (low, high) not in known and (first, second) not in known:
            known |= {(low, high), (first, second)}
            rows.append(_pair(review_id, low, high, state, list(pair.evidence), at, pair.strength))
    if rows:
        db.execute(sa.insert(DuplicatePair), rows)
    return len(rows)


def finish(
    db: Session,
    review_id: int,
    actor: Member | None,
    totals: Totals,
    *,
    compared: int,
    last_record_id: int,
) -> DuplicateRun:
    """Remember what was covered, in one row and one line of the log."""
    run = DuplicateRun(
        review_id=review_id,
        last_record_id=last_record_id,
        compared=compared,
        merged=totals.merged,
        uncertain=totals.uncertain,
        related=totals.related,
        finished_at=now(),
    )
    db.add(run)
    db.flush()
    audit.append(
        db,
        actor or "rules",
        Act.REFERENCES_FIND_DUPLICATES,
        run,
        chain=review_id,
        compared=compared,
        merged=totals.merged,
        uncertain=totals.uncertain,
        related=totals.related,
    )
    return run


def _pair(
    review_id: int,
    first: int,
    second: int,
    state: PairState,
    words: Sequence[str],
    at: Any,
    score: float,
) -> Values:
    return {
        "review_id": review_id,
        "first_id": first,
        "second_id": second,
        "state": state,
        "score": score,
        "evidence": list(words),
        "created_at": at,
    }


def _rows(db: Session, ids: Iterable[int]) -> dict[int, Values]:
    columns = ("id", "number", "merged_into_id", *merging.FIELDS)
    found: dict[int, Values] = {}
    for part in _parts(sorted(ids)):
        statement = (
            select(*(getattr(Record, c) for c in columns))
            .where(col(Record.id).in_(part), col(Record.set_aside_at).is_(None))
            .order_by(col(Record.id))
        )
        for row in db.execute(statement):
            found[row[0]] = dict(zip(columns, row, strict=True))
    return found


def _members(db: Session, rows: dict[int, Values]) -> dict[int, list[int]]:
    members = {one: [one] for one in rows}
    for part in _parts(sorted(rows)):
        statement = (
            select(Record.merged_into_id, Record.id)
            .where(col(Record.merged_into_id).in_(part))
            .order_by(col(Record.id))
        )
        for into, one in db.execute(statement):
            members[into].append(one)
    return members


def _apart(db: Session, ids: set[int]) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for part in _parts(sorted(ids)):
        statement = (
            select(DuplicatePair.first_id, DuplicatePair.second_id)
            .where(
                col(DuplicatePair.first_id).in_(part), col(DuplicatePair.state).in_(queries.APART)
            )
            .order_by(col(DuplicatePair.id))
        )
        found.update((a, b) for a, b in db.execute(statement))
    return found


def _known(db: Session, ids: Iterable[int]) -> dict[tuple[int, int], PairState]:
    found: dict[tuple[int, int], PairState] = {}
    for part in _parts(sorted(ids)):
        statement = (
            select(DuplicatePair.first_id, DuplicatePair.second_id, DuplicatePair.state)
            .where(col(DuplicatePair.first_id).in_(part))
            .order_by(col(DuplicatePair.id))
        )
        found.update({(a, b): state for a, b, state in db.execute(statement)})
    return found


def _roots(group: tuple[str, ...], rows: dict[int, Values]) -> list[int]:
    roots = []
    for one in group:
        row = rows.get(int(one))
        if row is not None:
            root = row["merged_into_id"] or row["id"]
            if root in rows and root not in roots:
                roots.append(root)
    return roots


def _write(db: Session, plan: Plan) -> None:
    if plan.pairs:
        db.execute(sa.insert(DuplicatePair), plan.pairs)
    for first, second, words in plan.settled:
        db.execute(
            sa.update(DuplicatePair)
            .where(col(DuplicatePair.first_id) == first, col(DuplicatePair.second_id) == second)
            .values(state=PairState.CERTAIN, evidence=list(words))
        )
    if plan.merges:
        db.execute(sa.insert(Merge), plan.merges)
    table = Record.__table__  # type: ignore[attr-defined]
    if plan.into:
        db.connection().execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("record"))
            .values(merged_into_id=sa.bindparam("survivor")),
            plan.into,
        )
    for survivor, values in plan.filled:
        db.connection().execute(sa.update(table).where(table.c.id == survivor).values(**values))
    db.expire_all()


def _parts(ids: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    for begin in range(0, len(ids), size):
        yield ids[begin : begin + size]
