"""What both phases share: my votes, conflicts, agreement, notes."""

from typing import Any

from flask import Blueprint, flash, g, make_response, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from reviewtool.db.engine import request_session, transaction
from reviewtool.db.paging import PAGE_SIZE
from reviewtool.errors import ReviewToolError
from reviewtool.marking import speaking
from reviewtool.permissions import Action, allows, require
from reviewtool.references.models import Record
from reviewtool.screening import errors, queries, services
from reviewtool.screening.forms import DecisionForm, NoteForm
from reviewtool.screening.models import Decision
from reviewtool.screening.rules.abstracts import paragraphs
from reviewtool.screening.rules.outcome import Phase, Vote, full_text_exclusion_reason
from reviewtool.web.render import redirect_to, render, wants_fragment

WORDS = {"include": "Included", "maybe": "Maybe", "exclude": "Excluded"}


def is_full_text(phase: Phase) -> bool:
    """Whether this is the second phase."""
    return phase is Phase.FULL_TEXT


def tabs(phase: Phase, here: str) -> list[tuple[str, str, bool, int | None]]:
    """(label, address, current, count) of a phase's pages that this member may open."""
    db, member = request_session(), g.member
    home = "fulltext" if is_full_text(phase) else "screening"
    conflicts = len(queries.conflicts(db, member, phase)) if allows(member, Action.READ) else None
    found: list[tuple[str, str, int | None]] = [("Overview", "index", None)]
    if allows(member, Action.SCREEN):
        found.append(("My votes", "history", None))
    found.append(("Conflicts", "conflicts", conflicts))
    if is_full_text(phase):
        waiting = len(queries.loose_files(db, member))
        if waiting or here == "loose_files":
            found.append(("Files to place", "loose_files", waiting))
    if allows(member, Action.SEE_AGREEMENT):
        found.append(("Agreement", "agreement", None))
    if is_full_text(phase):
        found.append(("Reasons", "reasons", None))
    elif allows(member, Action.MANAGE_SCREENING):
        found.append(("Settings", "settings", None))
    return [(label, url_for(f"{home}.{name}"), name == here, count) for label, name, count in found]


def shown_record(record: Record, *, decided: bool) -> dict[str, Any]:
    """The parts of a record that pages show, with its words marked."""
    plan = queries.plan(request_session(), g.member)
    include, exclude = plan.include_terms, plan.exclude_terms
    return {
        "title": speaking(record.title, include, exclude),
        "abstract": [
            (h, speaking(text, include, exclude)) for h, text in paragraphs(record.abstract)
        ],
        "show_authors": plan.show_authors or decided,
        "has_terms": bool(include or exclude),
    }


def next_record(phase: Phase) -> Record | None:
    """The record that waits for my vote and is mine for a while; None when none is left."""
    db, after = request_session(), request.args.get("after", type=int)
    require(g.member, Action.SCREEN)
    if not queries.may_screen(db, g.member, phase):
        raise errors.NotAScreener()
    found = queries.held_record(db, g.member, phase, a_while=True) if after is None else None
    if found is None:
        with transaction() as db:
            found = services.hand_out(db, g.member, phase, after=after)
    return found


Done = tuple[Decision, Record]  # the vote that this request stored, and what it is on


def vote_and_go_on(
    db: Session, record: Record, vote: Vote, phase: Phase, reason_id: int | None = None
) -> tuple[Decision, Record | None]:
    """My vote; for a script with it the next record, that it shows at once."""
    if wants_fragment():
        return services.decide_and_go_on(
            db, g.member, record, vote, phase=phase, reason_id=reason_id
        )
    done = services.decide(db, g.member, record, vote, phase=phase, reason_id=reason_id)
    return done, None


def undo_offer(phase: Phase, done: Done | None = None) -> dict[str, Any] | None:
    """What was just done: by this request, or as the address says if the vote is still there."""
    if done is not None:
        return {"word": WORDS[done[0].vote.value], "record": done[1]}
    record_id = request.args.get("done", type=int)
    if record_id is None:
        return None
    db = request_session()
    decision = queries.my_decision(db, g.member, record_id, phase)
    if decision is None or decision.review_id != g.member.review_id:
        return None
    record = queries.record(db, g.member, record_id)
    return {"word": WORDS[decision.vote.value], "record": record}


def at_address(page: ResponseReturnValue, address: str) -> ResponseReturnValue:
    """The page, with htmx told which address it has, so that a reload shows it again."""
    response = make_response(page)
    response.headers["HX-Replace-Url"] = address
    return response


def add_common(bp: Blueprint, phase: Phase) -> None:
    """Give ``bp`` the pages that both phases have."""

    @bp.get("/mine")
    def history() -> ResponseReturnValue:
        """My own votes, the latest first."""
        db = request_session()
        require(g.member, Action.SCREEN)
        words, word = request.args.get("q", ""), request.args.get("vote", "")
        vote = Vote(word) if word in {v.value for v in Vote} else None
        before = request.args.get("before", type=int)
        rows = queries.history(db, g.member, phase, words=words, vote=vote, before=before)
        more = rows[PAGE_SIZE - 1][0].id if len(rows) > PAGE_SIZE else None
        return render(
            "screening/history.html",
            rows=rows[:PAGE_SIZE],
            more=more,
            q=words,
            vote=vote.value if vote else "",
            tabs=tabs(phase, "history"),
            full_text=is_full_text(phase),
            reasons={r.id: r.label for r in queries.reasons(db, g.member, archived=True)},
        )

    @bp.get("/conflicts")
    def conflicts() -> ResponseReturnValue:
        """Records that people judged differently."""
        db = request_session()
        only = request.args.get("only") == "reasons"
        return render(
            "screening/conflicts.html",
            rows=queries.conflicts(db, g.member, phase, only_reasons=only),
            only_reasons=only,
            may_resolve=queries.may_resolve(db, g.member),
            tabs=tabs(phase, "conflicts"),
            full_text=is_full_text(phase),
        )

    @bp.get("/conflicts/<int:record_id>")
    def conflict(record_id: int) -> ResponseReturnValue:
        """One conflict: names first, votes when asked for."""
        return _conflict_page(phase, record_id)

    @bp.post("/conflicts/<int:record_id>")
    def resolve(record_id: int) -> ResponseReturnValue:
        """Settle it as the third person."""
        form = DecisionForm()
        if not form.validate_on_submit():
            return _conflict_page(phase, record_id, " ".join(sum(form.errors.values(), [])))
        try:
            with transaction() as db:
                record = queries.record(db, g.member, record_id)
                services.resolve(
                    db,
                    g.member,
                    record,
                    form.chosen,
                    phase=phase,
                    reason_id=form.reason_id.data,
                    comment=form.comment.data or "",
                )
        except ReviewToolError as error:
            if error.status != 422:
                raise
            return _conflict_page(phase, record_id, error.message)
        flash(f"Settled: record {record.number} is {WORDS[form.chosen.value].lower()}.")
        return redirect_to(".conflicts")

    @bp.post("/conflicts/<int:record_id>/reopen")
    def reopen(record_id: int) -> ResponseReturnValue:
        """Take the settling back."""
        with transaction() as db:
            record = queries.record(db, g.member, record_id)
            services.reopen(db, g.member, record, phase=phase)
        return redirect_to(".conflict", record_id=record_id)

    @bp.get("/agreement")
    def agreement() -> ResponseReturnValue:
        """Agreement of each pair of reviewers beyond chance."""
        return render(
            "screening/agreement.html",
            rows=queries.agreement(request_session(), g.member, phase),
            tabs=tabs(phase, "agreement"),
            full_text=is_full_text(phase),
        )

    @bp.post("/records/<int:record_id>/leave")
    def leave(record_id: int) -> ResponseReturnValue:
        """I have left the page: others may be handed the record."""
        with transaction() as db:
            record = queries.record(db, g.member, record_id)
            services.give_back(db, g.member, record, phase)
        return "", 204

    @bp.post("/records/<int:record_id>/note")
    def note(record_id: int) -> ResponseReturnValue:
        """Keep my note on a record."""
        form = NoteForm()
        if form.validate_on_submit():
            with transaction() as db:
                record = queries.record(db, g.member, record_id)
                services.note(db, g.member, record, form.text.data or "", phase=phase)
            flash("Note kept.")
        else:
            flash(" ".join(form.text.errors), "error")
        return redirect_to(".of_record", record_id=record_id)


def _conflict_page(phase: Phase, record_id: int, error: str = "") -> ResponseReturnValue:
    db = request_session()
    record = queries.record(db, g.member, record_id)
    ballot = queries.ballot(db, g.member, record, phase)
    votes = queries.votes(db, g.member, record, phase)
    reasons = queries.reasons(db, g.member)
    offered = {r.label: r for r in reasons}
    given = [v.reason for v in votes if v.reason in offered]
    criteria = queries.criteria(db, g.member)
    documents = queries.documents(db, g.member, ballot.report.id) if ballot.report else []
    return render(
        "screening/conflict.html",
        422 if error else 200,
        record=record,
        shown=shown_record(record, decided=True),
        ballot=ballot,
        votes=votes,
        votes_shown=request.args.get("show") == "votes" or bool(error),
        may_resolve=queries.may_resolve(db, g.member),
        notes=queries.notes(db, g.member, record, phase),
        suggested=offered[full_text_exclusion_reason(given, list(offered)).suggested]
        if given
        else None,
        reasons=reasons,
        include=criteria[0],
        exclude=criteria[1],
        document=next(iter(documents), None),
        error=error,
        full_text=is_full_text(phase),
        tabs=tabs(phase, "conflicts"),
    )
