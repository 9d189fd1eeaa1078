"""The page where a third person settles what two extractors read differently."""

from dataclasses import dataclass

from flask import flash, g, request, url_for
from flask.typing import ResponseReturnValue

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid
from reviewtool.extraction import errors, queries, services
from reviewtool.extraction.models import CopyKind, Entry
from reviewtool.extraction.rules.cells import arm_names
from reviewtool.extraction.rules.completeness import completeness
from reviewtool.extraction.rules.consensus import summary
from reviewtool.extraction.rules.values import by_path, check
from reviewtool.extraction.services import Saved
from reviewtool.extraction.sheets.form import CellView, cell_view
from reviewtool.extraction.views.blueprint import bp
from reviewtool.extraction.views.copies import SHOWN, may_write, sent_cells, typed_of
from reviewtool.permissions import Action, allows
from reviewtool.team import queries as team
from reviewtool.web.render import redirect_to, render


@dataclass(frozen=True)
class Row:
    """One cell in three columns."""

    cell: CellView
    first: Entry | None
    second: Entry | None
    agreed: bool
    settled: bool


@bp.get("/studies/<int:study_id>/consensus")
def consensus(study_id: int) -> ResponseReturnValue:
    """Both copies beside the final one."""
    return _page(study_id, Saved(), {})


def _page(study_id: int, saved: Saved, typed: dict[str, str]) -> ResponseReturnValue:
    db = request_session()
    study = queries.study(db, g.member, study_id)
    found = queries.copies(db, study_id)
    if not queries.both_done(found):
        raise errors.NotBothDone(study=study.label)
    form = queries.form(db, study.review_id)
    first, second, compared = services.agreeing.side_by_side(db, found, form)
    final = found.get(CopyKind.CONSENSUS)
    entries = queries.entries(db, final.id) if final else {}
    values = queries.values(entries, form)
    problems = saved.problems or check(form, values)
    said = by_path(problems)
    names = arm_names(values) or arm_names(queries.values(first))
    rows = []
    shown = {one.path for one in compared}
    for one in compared:
        view = cell_view(form, one.path, entries, said, typed, names)
        settled = one.path in entries
        rows.append(Row(view, first.get(one.path), second.get(one.path), one.agreed, settled))
    for path in sorted(set(values) - shown, key=form.order):
        view = cell_view(form, path, entries, said, typed, names)
        rows.append(Row(view, None, None, agreed=False, settled=True))
    people = team.names(db, g.member)
    mine = queries.own_copy(found, g.member)
    return render(
        "extraction/consensus.html",
        422 if saved.refused else 200,
        study=study,
        copies=found,
        final=final,
        rows=rows,
        summary=summary(compared),
        left=sum(not row.agreed and not row.settled for row in rows),
        problems=problems,
        refused=saved.refused,
        completeness=completeness(form, values) if final else None,
        names=people,
        people={kind: people.get(copy.member_id or 0, "") for kind, copy in found.items()},
        may_begin=final is None and allows(g.member, Action.ADJUDICATE) and mine is None,
        is_extractor=mine is not None,
        writable=final is not None and may_write(final),
        breadcrumb=[
            ("Extraction", url_for(".index")),
            (study.label, url_for(".study", study_id=study.id)),
            ("Consensus", ""),
        ],
    )


@bp.post("/studies/<int:study_id>/consensus/begin")
def begin(study_id: int) -> ResponseReturnValue:
    """Make the consensus copy with every agreed cell filled."""
    with transaction() as db:
        services.agreeing.begin(db, g.member, queries.study(db, g.member, study_id))
    return redirect_to(".consensus", study_id=study_id)


@bp.post("/studies/<int:study_id>/consensus")
def settle(study_id: int) -> ResponseReturnValue:
    """Store the final column; a button may take one extractor's value or finish."""
    cells = sent_cells(request.form)
    kind, _, path = request.form.get("adopt", "").partition("|")
    then = request.form.get("then", "")
    try:
        with transaction() as db:
            study = queries.study(db, g.member, study_id)
            copy = services.agreeing.begin(db, g.member, study)
            cells.pop(path, None)
            saved = services.agreeing.settle(db, g.member, copy, cells)
            if path:
                shown, _, _ = request.form.get(SHOWN + path, "").partition("|")
                made_from = int(shown) if shown.isdecimal() else None
                services.agreeing.adopt(db, g.member, copy, path, CopyKind(kind), made_from)
        if then == "complete" and not saved.refused:
            with transaction() as db:
                study = queries.study(db, g.member, study_id)
                copy = services.agreeing.begin(db, g.member, study)
                services.agreeing.complete(db, g.member, copy)
            flash(f"The consensus of {study.label} is complete; analyses that need it are told.")
            return redirect_to(".index")
    except (Invalid, ValueError) as error:
        message = error.message if isinstance(error, Invalid) else "Choose one of the two copies."
        saved = Saved(problems=[services.problem(message)])
    if saved.refused:
        typed = {path: text for path, text in typed_of(cells, saved).items() if path}
        return _page(study_id, saved, typed)
    if not path:
        flash("Saved.")
    return redirect_to(".consensus", study_id=study_id, _anchor="next-difference" if path else None)
