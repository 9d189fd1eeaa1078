"""JSON: votes, conflicts, reasons, agreement and full texts, blind like the pages."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import g, request
from pydantic import BaseModel, Field

from reviewtool.db.engine import request_session, transaction
from reviewtool.db.paging import PAGE_SIZE
from reviewtool.errors import Invalid
from reviewtool.permissions import Action, require
from reviewtool.references.models import Record, Retrieval
from reviewtool.screening import errors, queries, services
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.stats.agreement import CohenKappa
from reviewtool.storage import current_storage
from reviewtool.team.access import review_api

bp = review_api("screening", __name__, "/screening", "Screening")
fulltext = review_api("fulltext", __name__, "/full-text", "Full text")
blueprints = (bp, fulltext)


class VoteIn(BaseModel):
    """A vote; a full-text exclusion names its reason."""

    vote: Vote
    phase: Phase = Phase.TITLE_ABSTRACT
    reason_id: int | None = None


class ResolutionIn(VoteIn):
    """A third person's word."""

    comment: str = Field(default="", max_length=5000)


class NoteIn(BaseModel):
    """A note on a record; empty to remove it."""

    text: str = Field(max_length=20_000)
    phase: Phase = Phase.TITLE_ABSTRACT


class VoteOut(BaseModel):
    """A vote that the asking member may see."""

    name: str
    mine: bool
    vote: Vote
    reason: str
    at: datetime


class RecordOut(BaseModel):
    """A record as a screener sees it."""

    id: int
    number: int
    title: str
    abstract: str
    authors: str
    journal: str
    year: int | None
    doi: str
    pmid: str
    outcome: Outcome | None = Field(description="only once all votes are in")
    may_vote: bool = Field(description="whether I may vote on it, or change my vote, now")
    why_not: str = Field(description="why I may not vote now; empty when I may")
    votes: list[VoteOut]
    notes: list[str]
    labels: list[str]


class ProgressOut(BaseModel):
    """My own count and the team's totals."""

    mine: int
    left: int
    decided: int
    conflicts: int
    total: int


class RetrievalIn(BaseModel):
    """Where the search for a full text stands."""

    retrieval: Retrieval
    note: str = Field(default="", max_length=500)


def _phase() -> Phase:
    word = request.args.get("phase", Phase.TITLE_ABSTRACT.value)
    if word not in {phase.value for phase in Phase}:
        raise Invalid("phase: use title_abstract or full_text.")
    return Phase(word)


def _record_out(record: Record, phase: Phase) -> dict[str, Any]:
    db = request_session()
    ballot = queries.ballot(db, g.member, record, phase)
    stands = ballot.standing if ballot.complete else None
    shown = ballot.complete or queries.plan(db, g.member).show_authors
    return {
        "id": record.id,
        "number": record.number,
        "title": record.title,
        "abstract": record.abstract,
        "authors": record.authors if shown else "",
        "journal": record.journal if shown else "",
        "year": record.year,
        "doi": record.doi if shown else "",
        "pmid": record.pmid if shown else "",
        "outcome": stands.outcome if stands else None,
        "may_vote": ballot.against_voting is None,
        "why_not": ballot.against_voting.message if ballot.against_voting else "",
        "votes": [vars(v) for v in queries.votes(db, g.member, record, phase)],
        "notes": [n.text for n in queries.notes(db, g.member, record, phase)],
        "labels": queries.my_labels(db, g.member, record),
    }


@bp.get("/next")
@bp.output(RecordOut)
def next_record() -> Any:
    """The next record that waits for my vote; 404 when there is none."""
    db, phase = request_session(), _phase()
    require(g.member, Action.SCREEN)
    if not queries.may_screen(db, g.member, phase):
        raise errors.NotAScreener()
    record = queries.next_record(db, g.member, phase, after=request.args.get("after", type=int))
    if record is None:
        raise errors.NothingLeft()
    return _record_out(record, phase)


@bp.get("/records/<int:record_id>")
@bp.output(RecordOut)
def record(record_id: int) -> Any:
    """One record with the votes that I may see."""
    found = queries.record(request_session(), g.member, record_id)
    return _record_out(found, _phase())


@bp.post("/records/<int:record_id>/vote")
@bp.input(VoteIn)
@bp.output(RecordOut)
def vote(record_id: int, json_data: VoteIn) -> Any:
    """Give or change my vote."""
    with transaction() as db:
        found = queries.record(db, g.member, record_id)
        services.decide(
            db,
            g.member,
            found,
            json_data.vote,
            phase=json_data.phase,
            reason_id=json_data.reason_id,
        )
    return _record_out(found, json_data.phase)


@bp.delete("/records/<int:record_id>/vote")
@bp.output(RecordOut)
def undo(record_id: int) -> Any:
    """Take my own vote back."""
    phase = _phase()
    with transaction() as db:
        found = queries.record(db, g.member, record_id)
        services.undo(db, g.member, found, phase=phase)
    return _record_out(found, phase)


@bp.put("/records/<int:record_id>/note")
@bp.input(NoteIn)
@bp.output(RecordOut)
def note(record_id: int, json_data: NoteIn) -> Any:
    """Write, change or remove my note."""
    with transaction() as db:
        found = queries.record(db, g.member, record_id)
        services.note(db, g.member, found, json_data.text, phase=json_data.phase)
    return _record_out(found, json_data.phase)


@bp.post("/records/<int:record_id>/resolution")
@bp.input(ResolutionIn)
@bp.output(RecordOut)
def resolve(record_id: int, json_data: ResolutionIn) -> Any:
    """Settle a conflict as the third person."""
    with transaction() as db:
        found = queries.record(db, g.member, record_id)
        services.resolve(
            db,
            g.member,
            found,
            json_data.vote,
            phase=json_data.phase,
            reason_id=json_data.reason_id,
            comment=json_data.comment,
        )
    return _record_out(found, json_data.phase)


@bp.delete("/records/<int:record_id>/resolution")
@bp.output(RecordOut)
def reopen(record_id: int) -> Any:
    """Take the settling of a conflict back."""
    phase = _phase()
    with transaction() as db:
        found = queries.record(db, g.member, record_id)
        services.reopen(db, g.member, found, phase=phase)
    return _record_out(found, phase)


@bp.get("/progress")
@bp.output(ProgressOut)
def progress() -> Any:
    """My count and the team's totals."""
    return vars(queries.progress(request_session(), g.member, _phase()))


@bp.get("/conflicts")
def conflicts() -> Any:
    """Records in conflict: id, number, kind, and whether I am one of the voters."""
    rows = queries.conflicts(request_session(), g.member, _phase())
    return {
        "conflicts": [
            {"record_id": r.id, "number": r.number, "kind": kind.value, "voted": voted}
            for r, kind, voted in rows
        ]
    }


@bp.get("/decisions")
def decisions() -> Any:
    """Every vote that I may see."""
    rows = queries.visible_decisions(request_session(), g.member)
    return {
        "decisions": [
            {
                "record_id": row.record_id,
                "phase": row.phase.value,
                "member_id": row.member_id,
                "outside_name": row.outside_name,
                "vote": row.vote.value,
                "reason_id": row.reason_id,
                "voted_at": row.voted_at.isoformat(),
                "generated": row.generated,
                "copied_from_id": row.copied_from_id,
            }
            for row in rows
        ]
    }


@bp.get("/agreement")
def agreement() -> Any:
    """Agreement of each pair of reviewers; for those who may see it."""
    rows = queries.agreement(request_session(), g.member, _phase())
    return {
        "pairs": [
            {
                "first": row.first,
                "second": row.second,
                "table": row.table,
                "kappa": _kappa(row.kappa),
                "kappa_three_categories": _kappa(row.three) if row.three else None,
            }
            for row in rows
        ]
    }


def _kappa(found: CohenKappa) -> dict[str, Any]:
    limits = found.interval()
    return asdict(found) | {
        "low": limits.low if limits else None,
        "high": limits.high if limits else None,
        "word": found.word,
    }


@fulltext.get("/reasons")
def reasons() -> Any:
    """The exclusion reasons in their order."""
    rows = queries.reasons(request_session(), g.member)
    return {"reasons": [{"id": row.id, "label": row.label} for row in rows]}


@fulltext.get("/reports")
def reports() -> Any:
    """The reports sought, with where their full texts stand."""
    after = request.args.get("after", type=int)
    rows = queries.reports(request_session(), g.member, after=after, size=PAGE_SIZE)
    return {
        "reports": [
            {
                "id": report.id,
                "record_id": record.id,
                "number": record.number,
                "title": record.title,
                "retrieval": report.retrieval.value,
                "files": files,
            }
            for report, record, files in rows[:PAGE_SIZE]
        ],
        "next_after": rows[PAGE_SIZE - 1][1].number if len(rows) > PAGE_SIZE else None,
    }


@fulltext.put("/reports/<int:report_id>/retrieval")
@fulltext.input(RetrievalIn)
def retrieval(report_id: int, json_data: RetrievalIn) -> Any:
    """Say where the search for a full text stands."""
    with transaction() as db:
        report, _ = queries.report(db, g.member, report_id)
        services.set_retrieval(db, g.member, report, json_data.retrieval, json_data.note)
    return {"id": report.id, "retrieval": report.retrieval.value}


@fulltext.post("/reports/<int:report_id>/documents")
def upload(report_id: int) -> Any:
    """Keep a PDF (multipart field ``file``) as the full text of a report."""
    file = request.files.get("file")
    if file is None:
        raise Invalid("file: send one PDF as multipart form data.")
    with transaction() as db:
        report, _ = queries.report(db, g.member, report_id)
        row = services.attach(
            db, g.member, report, current_storage(), file.filename or "", file.read()
        )
    return {"id": row.id, "sha256": row.sha256, "size": row.size}, 201
