"""JSON: votes, conflicts, reasons, agreement and full texts, blind like the pages."""

from typing import Any

from apiflask import EmptySchema
from flask import g, request

from reviewtool.db.engine import request_session, transaction
from reviewtool.db.paging import PAGE_SIZE
from reviewtool.errors import Invalid
from reviewtool.permissions import Action, require
from reviewtool.references.models import Record
from reviewtool.screening import errors, queries, services
from reviewtool.screening.api.shapes import (
    AgreementOut,
    AgreementsOut,
    ConflictOut,
    ConflictsOut,
    DecisionOut,
    DecisionsOut,
    DocumentOut,
    KappaOut,
    NoteIn,
    ProgressOut,
    ReasonOut,
    ReasonsOut,
    ReportOut,
    ReportsOut,
    ResolutionIn,
    RetrievalIn,
    RetrievalOut,
    ScreenedRecordOut,
    VoteIn,
    VoteOut,
)
from reviewtool.screening.rules.outcome import Phase
from reviewtool.storage import current_storage
from reviewtool.team.access import review_api
from reviewtool.web.revisions import unless_said

bp = review_api("screening", __name__, "/screening", "Screening")
fulltext = review_api("fulltext", __name__, "/full-text", "Full text")
blueprints = (bp, fulltext)


def _phase() -> Phase:
    word = request.args.get("phase", Phase.TITLE_ABSTRACT.value)
    if word not in {phase.value for phase in Phase}:
        raise Invalid("phase: use title_abstract or full_text.")
    return Phase(word)


def _record_out(record: Record, phase: Phase) -> ScreenedRecordOut:
    db = request_session()
    ballot = queries.ballot(db, g.member, record, phase)
    stands = ballot.standing if ballot.complete else None
    final = ballot.final if ballot.complete else None
    note = queries.my_note(db, g.member, record.id, phase)
    shown = ballot.complete or queries.plan(db, g.member).show_authors
    return ScreenedRecordOut(
        id=record.id,
        number=record.number,
        title=record.title,
        abstract=record.abstract,
        authors=record.authors if shown else "",
        journal=record.journal if shown else "",
        year=record.year,
        doi=record.doi if shown else "",
        pmid=record.pmid if shown else "",
        outcome=stands.outcome if stands else None,
        may_vote=ballot.against_voting is None,
        why_not=ballot.against_voting.message if ballot.against_voting else "",
        votes=[VoteOut.of(vote) for vote in queries.votes(db, g.member, record, phase)],
        notes=[note.text for note in queries.notes(db, g.member, record, phase)],
        labels=queries.my_labels(db, g.member, record),
        note_revision=note.revision if note else 0,
        resolution_revision=final.revision if final else 0,
    )


@bp.get("/next")
@bp.output(ScreenedRecordOut)
def next_record() -> ScreenedRecordOut:
    """The next record that waits for my vote, held for me for a while; 404 when there is none.

    Others are handed other records meanwhile: until I vote, ask for the one ``after`` this
    number, give it back, or 10 minutes (an hour at full text) have passed.
    """
    db, phase, after = request_session(), _phase(), request.args.get("after", type=int)
    require(g.member, Action.SCREEN)
    if not queries.may_screen(db, g.member, phase):
        raise errors.NotAScreener()
    record = queries.held_record(db, g.member, phase, a_while=True) if after is None else None
    if record is None:
        with transaction() as db:
            record = services.hand_out(db, g.member, phase, after=after)
    if record is None:
        raise errors.NothingLeft()
    return _record_out(record, phase)


@bp.get("/records/<int:record_id>")
@bp.output(ScreenedRecordOut)
def record(record_id: int) -> ScreenedRecordOut:
    """One record with the votes that I may see."""
    found = queries.record(request_session(), g.member, record_id)
    return _record_out(found, _phase())


@bp.post("/records/<int:record_id>/vote")
@bp.input(VoteIn)
@bp.output(ScreenedRecordOut)
def vote(record_id: int, json_data: VoteIn) -> ScreenedRecordOut:
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
@bp.output(ScreenedRecordOut)
def undo(record_id: int) -> ScreenedRecordOut:
    """Take my own vote back."""
    phase = _phase()
    with transaction() as db:
        found = queries.record(db, g.member, record_id)
        services.undo(db, g.member, found, phase=phase)
    return _record_out(found, phase)


@bp.delete("/records/<int:record_id>/lease")
@bp.output(EmptySchema, 204)
def leave(record_id: int) -> Any:
    """Give the record back unvoted: others may be handed it."""
    phase = _phase()
    with transaction() as db:
        found = queries.record(db, g.member, record_id)
        services.give_back(db, g.member, found, phase)
    return "", 204


@bp.put("/records/<int:record_id>/note")
@bp.input(NoteIn)
@bp.output(ScreenedRecordOut)
def note(record_id: int, json_data: NoteIn) -> ScreenedRecordOut:
    """Write, change or remove my note."""
    with transaction() as db:
        found = queries.record(db, g.member, record_id)
        services.note(db, g.member, found, json_data.text, phase=json_data.phase)
    return _record_out(found, json_data.phase)


@bp.post("/records/<int:record_id>/resolution")
@bp.input(ResolutionIn)
@bp.output(ScreenedRecordOut)
def resolve(record_id: int, json_data: ResolutionIn) -> ScreenedRecordOut:
    """Settle a conflict as the third person."""
    unless_said(0)  # from its being open; to settle it anew, name the resolution's revision
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
@bp.output(ScreenedRecordOut)
def reopen(record_id: int) -> ScreenedRecordOut:
    """Take the settling of a conflict back."""
    phase = _phase()
    with transaction() as db:
        found = queries.record(db, g.member, record_id)
        services.reopen(db, g.member, found, phase=phase)
    return _record_out(found, phase)


@bp.get("/progress")
@bp.output(ProgressOut)
def progress() -> ProgressOut:
    """My count and the team's totals."""
    return ProgressOut.of(queries.progress(request_session(), g.member, _phase()))


@bp.get("/conflicts")
@bp.output(ConflictsOut)
def conflicts() -> ConflictsOut:
    """Records in conflict: id, number, kind, and whether I am one of the voters."""
    rows = queries.conflicts(request_session(), g.member, _phase())
    return ConflictsOut(
        conflicts=[
            ConflictOut(record_id=record.id, number=record.number, kind=kind, voted=voted)
            for record, kind, voted in rows
        ]
    )


@bp.get("/decisions")
@bp.output(DecisionsOut)
def decisions() -> DecisionsOut:
    """Every vote that I may see."""
    rows = queries.visible_decisions(request_session(), g.member)
    return DecisionsOut(decisions=[DecisionOut.of(row) for row in rows])


@bp.get("/agreement")
@bp.output(AgreementsOut)
def agreement() -> AgreementsOut:
    """Agreement of each pair of reviewers; for those who may see it."""
    rows = queries.agreement(request_session(), g.member, _phase())
    return AgreementsOut(
        pairs=[
            AgreementOut.of(
                row,
                kappa=KappaOut.of_two(row.kappa),
                kappa_three_categories=KappaOut.of_two(row.three) if row.three else None,
            )
            for row in rows
        ]
    )


@fulltext.get("/reasons")
@fulltext.output(ReasonsOut)
def reasons() -> ReasonsOut:
    """The exclusion reasons in their order."""
    rows = queries.reasons(request_session(), g.member)
    return ReasonsOut(reasons=[ReasonOut.of(row) for row in rows])


@fulltext.get("/reports")
@fulltext.output(ReportsOut)
def reports() -> ReportsOut:
    """The reports sought, with where their full texts stand."""
    after = request.args.get("after", type=int)
    rows = queries.reports(request_session(), g.member, after=after, size=PAGE_SIZE)
    return ReportsOut(
        reports=[
            ReportOut.of(report, number=record.number, title=record.title, files=files)
            for report, record, files in rows[:PAGE_SIZE]
        ],
        next_after=rows[PAGE_SIZE - 1][1].number if len(rows) > PAGE_SIZE else None,
    )


@fulltext.put("/reports/<int:report_id>/retrieval")
@fulltext.input(RetrievalIn)
@fulltext.output(RetrievalOut)
def retrieval(report_id: int, json_data: RetrievalIn) -> RetrievalOut:
    """Say where the search for a full text stands."""
    with transaction() as db:
        report, _ = queries.report(db, g.member, report_id)
        services.set_retrieval(db, g.member, report, json_data.retrieval, json_data.note)
    return RetrievalOut.of(report)


@fulltext.post("/reports/<int:report_id>/documents")
@fulltext.output(DocumentOut, 201)
def upload(report_id: int) -> DocumentOut:
    """Keep a PDF (multipart field ``file``) as the full text of a report."""
    file = request.files.get("file")
    if file is None:
        raise Invalid("file: send one PDF as multipart form data.")
    with transaction() as db:
        report, _ = queries.report(db, g.member, report_id)
        row = services.attach(
            db, g.member, report, current_storage(), file.filename or "", file.read()
        )
    return DocumentOut.of(row)
