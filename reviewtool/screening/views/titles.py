"""Title and abstract screening: one record at a time."""

from flask import flash, g, request, url_for
from flask.typing import ResponseReturnValue

from reviewtool.db.engine import request_session, transaction
from reviewtool.db.paging import PAGE_SIZE
from reviewtool.errors import NotFound, ReviewToolError
from reviewtool.permissions import Action, require
from reviewtool.references.models import Record
from reviewtool.screening import errors, queries, services
from reviewtool.screening.forms import DecisionForm, LabelForm, NoteForm, PlanForm
from reviewtool.screening.rules.outcome import Outcome, Phase
from reviewtool.screening.views.common import (
    Done,
    add_common,
    at_address,
    shown_record,
    tabs,
    undo_offer,
    vote_and_go_on,
)
from reviewtool.screening.views.common import next_record as next_for_me
from reviewtool.team import queries as team
from reviewtool.team.access import review_blueprint
from reviewtool.web.render import redirect_to, render, wants_fragment
from reviewtool.web.revisions import shown_as

PHASE = Phase.TITLE_ABSTRACT
bp = review_blueprint("screening", __name__, "/screening")
add_common(bp, PHASE)


@bp.get("/")
def index() -> ResponseReturnValue:
    """How far we are, and the way to the next record."""
    db = request_session()
    criteria = queries.criteria(db, g.member)
    return render(
        "screening/index.html",
        progress=queries.progress(db, g.member, PHASE),
        plan=queries.plan(db, g.member),
        may_screen=queries.may_screen(db, g.member, PHASE),
        include=criteria[0],
        exclude=criteria[1],
        tabs=tabs(PHASE, "index"),
    )


@bp.get("/next")
def next_record() -> ResponseReturnValue:
    """The next record that waits for my vote."""
    return _next_page(next_for_me(PHASE))


def _next_page(record: Record | None, done: Done | None = None) -> ResponseReturnValue:
    """The next record, or that none is left. done: what I have just voted on."""
    if record is None:
        page = render(
            "screening/done.html",
            progress=queries.progress(request_session(), g.member, PHASE),
            undo=undo_offer(PHASE, done),
            tabs=tabs(PHASE, "index"),
        )
    else:
        page = _record_page(record, done=done)
    return at_address(page, url_for(".next_record"))


@bp.get("/records/<int:record_id>")
def of_record(record_id: int) -> ResponseReturnValue:
    """One record, with my vote on it if I gave one."""
    page = _record_page(queries.record(request_session(), g.member, record_id))
    return at_address(page, url_for(".of_record", record_id=record_id))


def _record_page(record: Record, error: str = "", done: Done | None = None) -> ResponseReturnValue:
    db = request_session()
    require(g.member, Action.READ, record)
    ballot = queries.ballot(db, g.member, record, PHASE)
    note = queries.my_note(db, g.member, record.id, PHASE) if ballot.noted else None
    criteria = queries.criteria(db, g.member)
    others, notes = [], []
    if ballot.complete:
        others = [v for v in queries.votes(db, g.member, record, PHASE) if not v.mine]
        notes = [n for n in queries.notes(db, g.member, record, PHASE) if not n.mine]
    return render(
        "screening/record.html",
        422 if error else 200,
        record=record,
        shown=shown_record(record, decided=ballot.complete),
        ballot=ballot,
        others=others,
        previous_id=queries.previous_record(db, g.member, PHASE, record.id),
        undo=undo_offer(PHASE, done),
        progress=queries.progress(db, g.member, PHASE),
        labels=queries.my_labels(db, g.member, record) if ballot.labelled else [],
        notes=notes,
        my_note=note,
        note_form=NoteForm(formdata=None, text=note.text if note else ""),
        label_form=LabelForm(formdata=None),
        include=criteria[0],
        exclude=criteria[1],
        error=error,
    )


@bp.post("/records/<int:record_id>/decision")
def decide(record_id: int) -> ResponseReturnValue:
    """Store my vote and go on; a script is answered with the next record at once."""
    form = DecisionForm()
    if not form.validate_on_submit():
        record = queries.record(request_session(), g.member, record_id)
        return _record_page(record, "Choose include, maybe or exclude.")
    try:
        with transaction() as db:
            record = queries.record(db, g.member, record_id)
            done, following = vote_and_go_on(db, record, form.chosen, PHASE)
    except (errors.EnoughVotes, errors.NotActive) as error:
        flash(error.message, "error")
        return redirect_to(".next_record")
    if wants_fragment():
        return _next_page(following, done=(done, record))
    return redirect_to(".next_record", done=record_id)


@bp.post("/records/<int:record_id>/undo")
def undo(record_id: int) -> ResponseReturnValue:
    """Take my own vote back and show the record again."""
    with transaction() as db:
        record = queries.record(db, g.member, record_id)
        services.undo(db, g.member, record)
    return redirect_to(".of_record", record_id=record_id)


@bp.post("/records/<int:record_id>/labels")
def label(record_id: int) -> ResponseReturnValue:
    """Put a label on, or take mine off."""
    form = LabelForm()
    if form.validate_on_submit():
        try:
            with transaction() as db:
                record = queries.record(db, g.member, record_id)
                change = services.unlabel if request.form.get("remove") else services.label
                change(db, g.member, record, form.name.data or "")
        except ReviewToolError as error:
            if error.status != 422:
                raise
            flash(error.message, "error")
    return redirect_to(".of_record", record_id=record_id)


@bp.get("/records")
def records() -> ResponseReturnValue:
    """Records by what was decided on them."""
    db = request_session()
    word = request.args.get("outcome", "include")
    if word not in {o.value for o in Outcome}:
        raise NotFound()
    rows = queries.settled_records(
        db, g.member, PHASE, Outcome(word), after=request.args.get("after", type=int)
    )
    return render(
        "screening/records.html",
        rows=rows[:PAGE_SIZE],
        more=rows[PAGE_SIZE - 1].number if len(rows) > PAGE_SIZE else None,
        outcome=word,
        tabs=tabs(PHASE, ""),
    )


@bp.route("/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """How many votes, whose, and which words to mark."""
    require(g.member, Action.MANAGE_SCREENING)
    db = request_session()
    people = team.members(db, g.member)
    form = PlanForm.of(queries.plan(db, g.member), people)
    shown_as(lambda: PlanForm.of(queries.plan(db, g.member), people, formdata=None))
    error = ""
    if form.validate_on_submit():
        try:
            with transaction() as db:
                services.change_plan(db, g.member, **form.values())
        except ReviewToolError as refused:
            if refused.status != 422:
                raise
            error = refused.message
        else:
            flash("Settings kept.")
            return redirect_to(".settings")
    failed = bool(error or form.errors)
    return render(
        "screening/settings.html",
        422 if failed else 200,
        form=form,
        plan=queries.plan(request_session(), g.member),
        error=error,
        tabs=tabs(PHASE, "settings"),
    )
