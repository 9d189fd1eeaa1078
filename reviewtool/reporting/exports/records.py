"""Records with their decisions. Votes keep their blinding: see ``_visible``."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from reviewtool import table_files
from reviewtool.permissions import may_see_votes
from reviewtool.references.models import Record, Report, Search
from reviewtool.references.services.records import EDITABLE
from reviewtool.screening.models import (
    Adjudication,
    Decision,
    ExclusionReason,
    Label,
    RecordLabel,
    ScreeningPlan,
    Standing,
)
from reviewtool.screening.queries.votes import COMPLETE
from reviewtool.screening.rules.outcome import Outcome, Phase
from reviewtool.team import queries as team
from reviewtool.team.models import Member

FIELDS = ["number", *EDITABLE]


@dataclass
class _Screening:
    """Everything screening says about a review, by record and phase."""

    names: dict[int, str]
    reasons: dict[int, str]
    standings: dict[tuple[int, Phase], Standing]
    votes: dict[tuple[int, Phase], list[Decision]]
    adjudications: dict[tuple[int, Phase], Adjudication]
    required: dict[Phase, int]


def _screening(db: Session, member: Member) -> _Screening:
    review_id = member.review_id
    plan = db.exec(
        select(ScreeningPlan).where(ScreeningPlan.review_id == review_id)
    ).one_or_none() or ScreeningPlan(review_id=review_id)
    votes: dict[tuple[int, Phase], list[Decision]] = defaultdict(list)
    for one in db.exec(
        select(Decision).where(Decision.review_id == review_id).order_by(col(Decision.id))
    ):
        votes[one.record_id, one.phase].append(one)
    return _Screening(
        names=team.names(db, member),
        reasons={
            r.id: r.label
            for r in db.exec(select(ExclusionReason).where(ExclusionReason.review_id == review_id))
        },
        standings={
            (s.record_id, s.phase): s
            for s in db.exec(select(Standing).where(Standing.review_id == review_id))
        },
        votes=votes,
        adjudications={
            (a.record_id, a.phase): a
            for a in db.exec(select(Adjudication).where(Adjudication.review_id == review_id))
        },
        required={
            Phase.TITLE_ABSTRACT: plan.votes_required,
            Phase.FULL_TEXT: plan.fulltext_votes_required,
        },
    )


def _visible(found: _Screening, member: Member, key: tuple[int, Phase]) -> list[Decision]:
    """The votes on a record that ``member`` may see: all once complete, else their own."""
    votes = found.votes.get(key, [])
    complete = len(votes) >= found.required[key[1]] or (
        (standing := found.standings.get(key)) is not None
        and standing.outcome in {Outcome.INCLUDE, Outcome.EXCLUDE}
    )
    if may_see_votes(member, {v.member_id for v in votes}, complete=complete):
        return votes
    return [v for v in votes if v.member_id == member.id]


def _outcome(found: _Screening, member: Member, key: tuple[int, Phase]) -> str:
    """A record's standing in words; while votes are blind nothing, not even that it has some."""
    standing = found.standings.get(key)
    if standing is None or standing.outcome not in COMPLETE:
        return ""
    return standing.outcome.value


def _rows(db: Session, member: Member) -> Sequence[tuple[Record, Search]]:
    return db.exec(
        select(Record, Search)
        .join(Search, col(Search.id) == Record.search_id)
        .where(Record.review_id == member.review_id)
        .order_by(col(Record.number))
    ).all()


def _voters(found: _Screening, member: Member) -> list[tuple[str, int | None, str]]:
    """(column, member id, outside name) of everybody of whom ``member`` may see a vote.

    Ids keep namesakes apart. A column without one would tell that its person has voted.
    """
    seen: dict[tuple[int | None, str], str] = {}
    for key in found.votes:
        for vote in _visible(found, member, key):
            who = (vote.member_id, vote.outside_name)
            seen[who] = (
                f"{found.names.get(vote.member_id, '')} ({vote.member_id})"
                if vote.member_id
                else f"{vote.outside_name} (outside)"
            )
    return [(name, *who) for who, name in sorted(seen.items(), key=lambda item: item[1])]


def table(db: Session, member: Member) -> bytes:
    """One row per record: fields, state, final decisions, and each person's votes."""
    found = _screening(db, member)
    voters = _voters(found, member)
    labels = _labels(db, member, found)
    numbers = {record.id: record.number for record, _ in _rows(db, member)}
    columns = [
        *FIELDS,
        "source",
        "searched_on",
        "state",
        "duplicate_of",
        "labels",
        *(
            f"{phase.value}_{part}"
            for phase in Phase
            for part in ("decision", "reason", "resolved_by", *(f"vote: {v[0]}" for v in voters))
        ),
    ]
    rows = []
    for record, search in _rows(db, member):
        row: dict[str, Any] = {field: getattr(record, field) for field in FIELDS}
        row |= {
            "source": search.database,
            "searched_on": search.searched_on,
            "state": _state(record),
            "duplicate_of": numbers.get(record.merged_into_id or 0),
            "labels": "; ".join(labels.get(record.id, [])),
        }
        for phase in Phase:
            row |= _phase_columns(found, member, (record.id, phase), voters)
        rows.append(row)
    return table_files.write(columns, rows)


def _phase_columns(
    found: _Screening,
    member: Member,
    key: tuple[int, Phase],
    voters: list[tuple[str, int | None, str]],
) -> dict[str, Any]:
    prefix, standing = key[1].value, found.standings.get(key)
    final = found.adjudications.get(key)
    row: dict[str, Any] = {
        f"{prefix}_decision": _outcome(found, member, key),
        f"{prefix}_reason": found.reasons.get(standing.reason_id or 0, "") if standing else "",
        f"{prefix}_resolved_by": found.names.get(final.member_id, "") if final else "",
    }
    visible = {(v.member_id, v.outside_name): v for v in _visible(found, member, key)}
    for name, *who in voters:
        vote = visible.get(tuple(who))  # type: ignore[arg-type]
        if vote is not None:
            reason = found.reasons.get(vote.reason_id or 0, "")
            row[f"{prefix}_vote: {name}"] = vote.vote.value + (f" ({reason})" if reason else "")
    return row


def _state(record: Record) -> str:
    if record.set_aside_at is not None:
        return "import undone"
    if record.merged_into_id is not None:
        return "duplicate"
    return f"removed: {record.removed_reason}" if record.removed_reason else "active"


def _labels(db: Session, member: Member, found: _Screening) -> dict[int, list[str]]:
    """Labels a member may see: their own, and everybody's once title and abstract is done."""
    result: dict[int, list[str]] = defaultdict(list)
    rows = db.exec(
        select(RecordLabel, Label)
        .join(Label, col(Label.id) == RecordLabel.label_id)
        .where(Label.review_id == member.review_id)
        .order_by(col(Label.name))
    ).all()
    for link, label in rows:
        key = (link.record_id, Phase.TITLE_ABSTRACT)
        mine = link.member_id == member.id
        if mine or (len(found.votes.get(key, [])) >= found.required[Phase.TITLE_ABSTRACT]):
            result[link.record_id].append(label.name)
    return result


def votes(db: Session, member: Member) -> bytes:
    """Every vote that the member may see, and every resolution."""
    found = _screening(db, member)
    columns = [
        "record",
        "title",
        "phase",
        "kind",
        "person",
        "person_id",
        "vote",
        "reason",
        "at",
        "generated",
        "given_on_duplicate",
    ]
    rows = []
    numbers = {record.id: record.number for record, _ in _rows(db, member)}
    place = {vote.id: vote.record_id for given in found.votes.values() for vote in given}
    for record, _ in _rows(db, member):
        for phase in Phase:
            key = (record.id, phase)
            for vote in _visible(found, member, key):
                person = found.names.get(vote.member_id or 0, vote.outside_name)
                reason = found.reasons.get(vote.reason_id or 0, "")
                at = vote.voted_at.isoformat()
                rows.append(
                    [
                        record.number,
                        record.title,
                        phase,
                        "vote",
                        person,
                        vote.member_id,
                        vote.vote,
                        reason,
                        at,
                        "yes" if vote.generated else "no",
                        numbers.get(place.get(vote.copied_from_id or 0, 0), ""),
                    ]
                )
            final = found.adjudications.get(key)
            if final is not None:
                person = found.names.get(final.member_id, "")
                reason = found.reasons.get(final.reason_id or 0, "")
                at = final.created_at.isoformat()
                rows.append(
                    [
                        record.number,
                        record.title,
                        phase,
                        "resolution",
                        person,
                        final.member_id,
                        final.vote,
                        reason,
                        at,
                        "no",
                        "",
                    ]
                )
    return table_files.write(columns, rows)


TAGS = (
    ("TI", "title"),
    ("PY", "year"),
    ("JO", "journal"),
    ("VL", "volume"),
    ("IS", "issue"),
    ("DO", "doi"),
    ("AN", "accession"),
    ("SN", "issn"),
    ("LA", "language"),
    ("UR", "url"),
    ("AB", "abstract"),
)


def _entry(record: Record, notes: Sequence[str]) -> str:
    lines = ["TY  - JOUR", f"ID  - {record.number}"]
    lines += [f"AU  - {name.strip()}" for name in record.authors.split(";") if name.strip()]
    for tag, field in TAGS:
        value = getattr(record, field)
        if value not in (None, ""):
            lines.append(f"{tag}  - {_one_line(value)}")
    if record.pages:
        first, _, last = record.pages.partition("-")
        lines.append(f"SP  - {_one_line(first)}")
        if last:
            lines.append(f"EP  - {_one_line(last)}")
    lines += [f"KW  - {_one_line(k)}" for k in record.keywords.split(";") if k.strip()]
    if record.pmid:
        lines.append(f"C1  - PMID {record.pmid}")
    lines += [f"N1  - {_one_line(note)}" for note in notes]
    return "\r\n".join([*lines, "ER  - ", ""])


def _one_line(value: Any) -> str:
    return " ".join(str(value).split())


def _notes(found: _Screening, member: Member, record: Record) -> list[str]:
    result = []
    for phase in Phase:
        key = (record.id, phase)
        decision = _outcome(found, member, key)
        if decision:
            standing = found.standings[key]
            reason = found.reasons.get(standing.reason_id or 0, "")
            result.append(f"{phase.value}: {decision}" + (f" ({reason})" if reason else ""))
        for vote in _visible(found, member, key):
            person = found.names.get(vote.member_id or 0, vote.outside_name)
            result.append(f"{phase.value} vote, {person}: {vote.vote.value}")
    return result


def ris(db: Session, member: Member) -> bytes:
    """Every active record; decisions and visible votes in N1."""
    found = _screening(db, member)
    entries = [_entry(r, _notes(found, member, r)) for r, _ in _rows(db, member) if r.is_active]
    return "\r\n".join(entries).encode()


def included_ris(db: Session, member: Member) -> bytes:
    """The records whose reports were included, for a citation manager."""
    rows = db.exec(
        select(Record)
        .join(Report, col(Report.record_id) == Record.id)
        .join(Standing, col(Standing.record_id) == Record.id)
        .where(
            Record.review_id == member.review_id,
            Standing.phase == Phase.FULL_TEXT,
            Standing.outcome == Outcome.INCLUDE,
            col(Record.merged_into_id).is_(None),
            col(Record.set_aside_at).is_(None),
        )
        .order_by(col(Record.number))
    ).all()
    return "\r\n".join(_entry(r, []) for r in rows).encode()
