"""Pages of one copy: the form, a cell's source, the calculator."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import flash, g, request, url_for
from flask.typing import ResponseReturnValue

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid
from reviewtool.extraction import queries, services
from reviewtool.extraction.forms import SourceForm
from reviewtool.extraction.models import CopyKind, CopyState, Extraction, Study
from reviewtool.extraction.rules.cells import MOST_ARMS, Form, arm_names
from reviewtool.extraction.rules.completeness import completeness
from reviewtool.extraction.rules.foci import MOST_EXPERIMENTS, MOST_FOCI, held
from reviewtool.extraction.rules.formulas import formulas_for
from reviewtool.extraction.rules.values import Problem, check
from reviewtool.extraction.services import CellIn, Saved
from reviewtool.extraction.services.foci import Taken
from reviewtool.extraction.sheets.form import SPARE, cell_view, sheet
from reviewtool.extraction.views.blueprint import bp
from reviewtool.formats.foci import Unread
from reviewtool.formats.text import Text
from reviewtool.permissions import Action, allows
from reviewtool.protocol.rules.brains import OPTIONS
from reviewtool.protocol.rules.times import UnreadableTime, days_of, tidy_time
from reviewtool.team import queries as team
from reviewtool.web.render import redirect_to, render
from reviewtool.words import plural

PREFIX, SHOWN = "cell:", "from:"


def sent_cells(form: Mapping[str, str]) -> dict[str, CellIn | str]:
    """The cells of a posted page by path, without those that were left as they were shown."""
    found: dict[str, CellIn | str] = {}
    for name, text in form.items():
        if not name.startswith(PREFIX):
            continue
        path = name.removeprefix(PREFIX)
        revision, bar, shown = form.get(SHOWN + path, "").partition("|")
        if not bar or not revision.isdecimal():
            found[path] = text
        elif text.strip() != shown.strip():
            found[path] = CellIn(value=text, made_from=int(revision))
    return found


def typed_of(cells: Mapping[str, CellIn | str], saved: Saved) -> dict[str, str]:
    """What was typed into cells that were refused, to be shown again."""
    found = {}
    for one in saved.refused:
        sent = cells.get(one.path, "")
        found[one.path] = sent if isinstance(sent, str) else sent.value or ""
    return found


def may_write(copy: Extraction) -> bool:
    """Whether the member asking can change this copy now."""
    if copy.state is CopyState.DONE:
        return False
    if copy.kind is CopyKind.CONSENSUS:
        mine = queries.own_copy(queries.copies(request_session(), copy.study_id), g.member)
        return allows(g.member, Action.ADJUDICATE) and mine is None
    return allows(g.member, Action.EXTRACT) and copy.member_id == g.member.id


def save_cells(db: Any, copy: Extraction, cells: Mapping[str, CellIn | str]) -> Saved:
    """Store through the service that this copy belongs to."""
    if copy.kind is CopyKind.CONSENSUS:
        return services.agreeing.settle(db, g.member, copy, cells)
    return services.copies.save(db, g.member, copy, cells)


def _arms() -> int:
    asked = request.values.get("arms", 1, type=int)
    return max(1, min(MOST_ARMS, asked))


def _experiments() -> int:
    return max(1, min(MOST_EXPERIMENTS, request.values.get("experiments", 1, type=int)))


def _rows() -> int:
    return max(SPARE, min(MOST_FOCI, request.values.get("rows", SPARE, type=int)))


def _times() -> list[str]:
    """Reported times that the page shows beside the planned ones: ``<outcome id>:<time>``."""
    return [text for text in request.values.getlist("time") if _read_time(text)]


def _read_time(text: str) -> tuple[int, str] | None:
    outcome, _, time = text.partition(":")
    if not outcome.isdecimal() or days_of(time) is None:
        return None
    return int(outcome), tidy_time(time)


def _by_outcome(texts: Iterable[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for text in texts:
        if read := _read_time(text):
            found.setdefault(read[0], []).append(read[1])
    return found


def _add_time(row: Extraction, outcome: str) -> ResponseReturnValue:
    """Show an empty grid for a time that the study reports."""
    try:
        time = tidy_time(request.form.get(f"new-time:{outcome}", ""))
    except UnreadableTime as error:
        return copy_page(row, Saved(problems=[Problem("", error.message, refused=True)]))
    anchor = f"time-{outcome}-{time.replace(' ', '-')}"
    shown = dict.fromkeys([*_times(), f"{outcome}:{time}"])
    arms = _arms() if _arms() > 1 else None
    return redirect_to(".copy", copy_id=row.id, arms=arms, time=list(shown), _anchor=anchor)


@bp.get("/copies/<int:copy_id>")
def copy(copy_id: int) -> ResponseReturnValue:
    """The form of a copy that the member may see."""
    return copy_page(queries.copy(request_session(), g.member, copy_id))


def copy_page(
    row: Extraction,
    saved: Saved | None = None,
    typed: Mapping[str, str] | None = None,
    taken: Taken | None = None,
    other: services.foci.OtherStudies | None = None,
) -> ResponseReturnValue:
    """The form, with what was refused shown again beside its message."""
    db = request_session()
    form: Form = queries.form(db, row.review_id)
    entries = queries.entries(db, row.id)
    values = queries.values(entries, form)
    problems = saved.problems if saved else check(form, values)
    documents = queries.documents_of(db, row.study_id)
    wanted = request.args.get("document", 0, type=int)
    study, writable = db.get_one(Study, row.study_id), may_write(row)
    return render(
        "extraction/copy.html",
        422 if (saved and saved.refused) or (taken and taken.unread) or other else 200,
        copy=row,
        study=study,
        sheet=sheet(
            *(form, entries, problems, typed, _arms(), _experiments(), _rows() if writable else 0),
            times=_by_outcome(_times()),
        ),
        asks_foci=form.asks_foci,
        taken=taken,
        other=other,
        words=OPTIONS,
        times=_times(),
        problems=problems,
        refused=saved.refused if saved else [],
        completeness=completeness(form, values),
        filled=len(values),
        no_longer_asked=[
            (form.label(path), entry.value)
            for path, entry in entries.items()
            if entry.value and path not in values
        ],
        writable=writable,
        documents=documents,
        document=next(
            (d for d in documents if d.id == wanted), documents[0] if documents else None
        ),
        reports=queries.reports_of(db, row.study_id),
        names=team.names(db, g.member),
        breadcrumb=[
            ("Extraction", url_for(".index")),
            (study.label, url_for(".study", study_id=study.id)),
            ("Consensus" if row.kind is CopyKind.CONSENSUS else "My copy", ""),
        ],
    )


@bp.post("/copies/<int:copy_id>")
def save(copy_id: int) -> ResponseReturnValue:
    """Store the whole page, for browsers without scripts and for the buttons."""
    cells = sent_cells(request.form)
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        saved = save_cells(db, row, cells)
    if saved.refused:
        typed = typed_of(cells, saved)
        return copy_page(row, saved, typed)
    then = request.form.get("then", "")
    if then == "add_arm":
        return redirect_to(".copy", copy_id=copy_id, arms=_arms() + 1, _anchor="arms")
    if then == "add_experiment":
        count = max([_experiments(), *held(_filled(row))])
        at = f"experiment-{count + 1}"
        return redirect_to(".copy", copy_id=copy_id, experiments=count + 1, _anchor=at)
    if then == "more_rows":
        experiments = _experiments() if _experiments() > 1 else None
        return redirect_to(
            ".copy", copy_id=copy_id, experiments=experiments, rows=_rows() + 20, _anchor="foci"
        )
    if then.startswith("add_time:"):
        return _add_time(row, then.removeprefix("add_time:"))
    if then == "done":
        return done(copy_id)
    flash("Saved.")
    arms = _arms() if _arms() > 1 else None
    return redirect_to(".copy", copy_id=copy_id, arms=arms, time=_times() or None)


def _filled(row: Extraction) -> Mapping[str, str]:
    return queries.values(queries.entries(request_session(), row.id))


@bp.post("/copies/<int:copy_id>/foci")
def take_foci(copy_id: int) -> ResponseReturnValue:
    """Take a pasted table or a Sleuth or CSV file into the copy; odd lines come back."""
    sent = request.files.get("file")
    pasted = request.form.get("text", "")
    content: bytes | str = sent.read() if sent and sent.filename else pasted
    usual = {part: request.form.get(part, "") for part in OPTIONS}
    try:
        with transaction() as db:
            row = queries.copy(db, g.member, copy_id)
            taken = services.foci.take_in(
                db,
                g.member,
                row,
                content,
                usual={part: word for part, word in usual.items() if word},
                into=request.form.get("into", 0, type=int),
                of_study=request.form.get("of_study", ""),
            )
    except services.foci.OtherStudies as error:
        row = queries.copy(request_session(), g.member, copy_id)
        text = content if isinstance(content, str) else Text(content).whole()
        return copy_page(row, taken=Taken(unread=[Unread(0, text, "")]), other=error)
    except Invalid as error:
        row = queries.copy(request_session(), g.member, copy_id)
        refused = Saved(problems=[Problem("", error.message, refused=True)])
        return copy_page(row, refused, taken=Taken(unread=[Unread(0, pasted, "")]))
    if taken.unread or taken.saved.refused:
        return copy_page(row, taken.saved if taken.saved.refused else None, taken=taken)
    flash(f"{taken_words(taken)} {' '.join(taken.notes)}".strip())
    return redirect_to(".copy", copy_id=copy_id, _anchor="foci")


def taken_words(taken: Taken) -> str:
    """What was stored, in a sentence."""
    experiments = plural(taken.experiments, "experiment", "experiments")
    return f"{plural(taken.foci, 'focus', 'foci')} of {experiments} taken in."


@bp.post("/copies/<int:copy_id>/experiments/<int:experiment>/clear")
def clear_experiment(copy_id: int, experiment: int) -> ResponseReturnValue:
    """Empty the cells of an experiment."""
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        services.foci.clear(db, g.member, row, experiment)
    flash(f"The cells of experiment {experiment} are empty.")
    return redirect_to(".copy", copy_id=copy_id, _anchor="foci")


@bp.post("/copies/<int:copy_id>/done")
def done(copy_id: int) -> ResponseReturnValue:
    """Call the copy finished; what is missing is listed on the form."""
    try:
        with transaction() as db:
            row = queries.copy(db, g.member, copy_id)
            if row.kind is CopyKind.CONSENSUS:
                services.agreeing.complete(db, g.member, row)
                flash("The consensus is complete; analyses that need it are told.")
            else:
                services.copies.finish(db, g.member, row)
                flash("Your copy is finished. The consensus opens once both are.")
    except Invalid as error:
        row = queries.copy(request_session(), g.member, copy_id)
        return copy_page(row, Saved(problems=[Problem("", error.message, refused=True)]))
    return redirect_to(".study", study_id=row.study_id)


@bp.post("/copies/<int:copy_id>/reopen")
def reopen(copy_id: int) -> ResponseReturnValue:
    """Go on with a finished copy or consensus."""
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        if row.kind is CopyKind.CONSENSUS:
            services.agreeing.reopen(db, g.member, row)
        else:
            services.copies.reopen(db, g.member, row)
    if row.kind is CopyKind.CONSENSUS:
        return redirect_to(".consensus", study_id=row.study_id)
    return redirect_to(".copy", copy_id=copy_id)


@bp.post("/copies/<int:copy_id>/give-back")
def give_back(copy_id: int) -> ResponseReturnValue:
    """Leave a study with an empty copy to somebody else."""
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        services.copies.give_back(db, g.member, row)
    flash("The study is free for somebody else.")
    return redirect_to(".index")


@bp.post("/copies/<int:copy_id>/arms/<int:arm>/clear")
def clear_arm(copy_id: int, arm: int) -> ResponseReturnValue:
    """Empty the cells of an arm."""
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        services.copies.clear_arm(db, g.member, row, arm)
    flash(f"The cells of arm {arm} are empty.")
    return redirect_to(".copy", copy_id=copy_id, _anchor="arms")


@bp.route("/copies/<int:copy_id>/cell", methods=["GET", "POST"])
def cell(copy_id: int) -> ResponseReturnValue:
    """Where one value was read, and formulas that compute it from what was reported."""
    path = request.args.get("path", "")
    row = queries.copy(request_session(), g.member, copy_id)
    form: Form = queries.form(request_session(), row.review_id)
    form.cell(path)
    source, message = SourceForm(), ""
    raw: Mapping[str, str] = {}
    if request.method == "POST" and source.validate():
        try:
            saved = _save_source(copy_id, path, source)
        except Invalid as error:
            message, raw = error.message, request.form
        else:
            if not saved.refused:
                flash(" ".join(p.message for p in saved.problems if p.path == path) or "Saved.")
                back = ".consensus" if row.kind is CopyKind.CONSENSUS else ".copy"
                values = (
                    {"study_id": row.study_id}
                    if row.kind is CopyKind.CONSENSUS
                    else {"copy_id": copy_id}
                )
                return redirect_to(back, **values)
            message = " ".join(one.message for one in saved.refused)
    return _cell_page(row, form, path, source, message, raw)


def _save_source(copy_id: int, path: str, source: SourceForm) -> Saved:
    formula = request.form.get("formula", "")
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        if formula:
            raw = {k.removeprefix(f"{formula}."): v for k, v in request.form.items()}
            return services.deriving.compute(db, g.member, row, path, formula, raw)
        sent = CellIn(
            value=source.value.data or "",
            quote=source.quote.data or "",
            page=source.page.data or "",
            note=source.note.data or "",
            report_id=request.form.get("report_id", 0, type=int),
            made_from=request.form.get("revision", type=int),
        )
        return save_cells(db, row, {path: sent})


def _cell_page(
    row: Extraction, form: Form, path: str, source: SourceForm, message: str, raw: Mapping[str, str]
) -> ResponseReturnValue:
    db = request_session()
    entries = queries.entries(db, row.id)
    view = cell_view(form, path, entries, {}, {}, arm_names(queries.values(entries)))
    if request.method == "GET":
        source = SourceForm(
            formdata=None,
            data={"value": view.value, "quote": view.quote, "page": view.page, "note": view.note},
        )
    study = db.get_one(Study, row.study_id)
    return render(
        "extraction/cell.html",
        422 if message or source.errors else 200,
        copy=row,
        study=study,
        cell=view,
        form=source,
        message=message,
        raw=raw,
        formulas=formulas_for(form, path),
        reports=queries.reports_of(db, row.study_id),
        writable=may_write(row),
        breadcrumb=[
            ("Extraction", url_for(".index")),
            (study.label, url_for(".study", study_id=study.id)),
            ("Copy", url_for(".copy", copy_id=row.id)),
            ("Source of a value", ""),
        ],
    )
