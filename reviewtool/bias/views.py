"""Pages of risk of bias."""

import io
from typing import Any

from flask import flash, g, request, send_file, url_for
from flask.typing import ResponseReturnValue

from reviewtool import charts, table_files
from reviewtool.bias import forms, queries, services
from reviewtool.bias.models import Assessment
from reviewtool.bias.queries import Key
from reviewtool.bias.rules import OverrideNeedsReason
from reviewtool.bias.sheets.copy import Sheet, numbers_of, sheet
from reviewtool.bias.sheets.table import Traffic, robvis_rows, summary_bars, traffic, traffic_lights
from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid, NotFound
from reviewtool.permissions import Action, require
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import PlannedOutcome
from reviewtool.team.access import review_blueprint
from reviewtool.web.render import redirect_to, render, wants_fragment

bp = review_blueprint("bias", __name__, "/bias")


def _chosen() -> tuple[list[tuple[PlannedOutcome, str]], PlannedOutcome | None, str]:
    """The outcomes to choose from, and the one that the address asks for."""
    offered = queries.outcomes_to_assess(request_session(), g.member)
    wanted = (request.args.get("outcome", type=int), request.args.get("timepoint", ""))
    for outcome, timepoint in offered:
        if (outcome.id, timepoint) == wanted:
            return offered, outcome, timepoint
    if request.args.get("outcome"):
        raise NotFound()
    return offered, *(offered[0] if offered else (None, ""))


def _traffic() -> tuple[Traffic | None, list[tuple[PlannedOutcome, str]]]:
    offered, outcome, timepoint = _chosen()
    if outcome is None:
        return None, offered
    return traffic(request_session(), g.member, outcome, timepoint), offered


@bp.get("/")
def index() -> ResponseReturnValue:
    """The traffic-light table of one outcome, and what can be done next in each row."""
    table, offered = _traffic()
    return render("bias/index.html", table=table, offered=offered)


@bp.get("/robvis.csv")
def robvis() -> ResponseReturnValue:
    """The agreed judgements of one outcome in the form that robvis reads."""
    table, _ = _traffic()
    head, *rows = robvis_rows(table) if table is not None else [["Study", "Overall", "Weight"]]
    content = table_files.write(head, rows, mark=False)
    return send_file(io.BytesIO(content), "text/csv", True, "risk_of_bias_robvis.csv")


@bp.get("/<any(lights, summary):drawing>.<any(svg, pdf, png, tiff):form>")
def chart(drawing: str, form: str) -> ResponseReturnValue:
    """The agreed judgements as a drawing: a light per study, or bars over all."""
    table, _ = _traffic()
    if table is None or not table.agreed:
        raise Invalid("Nothing is agreed for this outcome yet, so there is nothing to draw.")
    made = summary_bars(table) if drawing == "summary" else traffic_lights(table)
    content = charts.render(made, form)  # type: ignore[arg-type]
    return send_file(
        io.BytesIO(content),
        charts.MEDIA[form],
        as_attachment=form != "svg" or "download" in request.args,
        download_name=f"risk_of_bias_{drawing}.{form}",
    )


@bp.route("/new", methods=["GET", "POST"])
def another() -> ResponseReturnValue:
    """Choose a study and an outcome whose result is not extracted yet."""
    require(g.member, Action.ASSESS_BIAS)
    db = request_session()
    studies = queries.studies(db, g.member)
    outcomes = protocol.outcomes(db, g.member.review_id)
    form = forms.AnotherForm()
    form.study.choices = [(one.id, one.label) for one in studies]
    form.outcome.choices = [(one.id, one.name) for one in outcomes]
    if form.validate_on_submit():
        return redirect_to(
            ".start",
            study_id=form.study.data,
            outcome_id=form.outcome.data,
            timepoint=(form.timepoint.data or "").strip() or None,
        )
    return render(
        "bias/another.html",
        422 if form.errors else 200,
        form=form,
        ready=bool(studies and outcomes),
    )


def _key(study_id: int, outcome_id: int) -> Key:
    return Key(study_id, outcome_id, request.values.get("timepoint", ""))


@bp.route("/results/<int:study_id>/<int:outcome_id>/start", methods=["GET", "POST"])
def start(study_id: int, outcome_id: int) -> ResponseReturnValue:
    """Begin one's own assessment of a result."""
    require(g.member, Action.ASSESS_BIAS)
    db, key = request_session(), _key(study_id, outcome_id)
    outcome = protocol.row(db, g.member, PlannedOutcome, outcome_id)
    target = queries.target(db, g.member, key)
    arms, numbers = numbers_of(db, key)
    form = forms.StartForm.offering(
        experimental=arms[0].treatment if arms else "",
        comparator=arms[-1].treatment if len(arms) > 1 else "",
        result=numbers,
    )
    second = bool(target.assessors)
    if request.method == "POST" and (second or form.validate_on_submit()):
        with transaction() as db:
            copy = services.start(
                db,
                g.member,
                key,
                form.instrument.data or "rob2",
                form.variant.data or "assignment",
                form.setup(),
            )
        return redirect_to(".assessment", assessment_id=copy.id)
    return render(
        "bias/start.html",
        422 if form.errors else 200,
        form=form,
        target=target,
        outcome=outcome,
        second=second,
        breadcrumb=_crumbs(target.study.label),
    )


@bp.post("/results/<int:study_id>/<int:outcome_id>/agree")
def agree(study_id: int, outcome_id: int) -> ResponseReturnValue:
    """Compare two finished copies and begin the agreed one."""
    with transaction() as db:
        copy = services.agree(db, g.member, _key(study_id, outcome_id))
    return redirect_to(".assessment", assessment_id=copy.id)


def _crumbs(last: str) -> list[tuple[str, str]]:
    return [("Risk of bias", url_for("bias.index", review_id=g.review_id)), (last, "")]


def _sheet(assessment_id: int) -> Sheet:
    db = request_session()
    return sheet(db, g.member, queries.assessment(db, g.member, assessment_id))


@bp.get("/assessments/<int:assessment_id>")
def assessment(assessment_id: int) -> ResponseReturnValue:
    """One copy, to fill in or to read."""
    return _page(_sheet(assessment_id))


def _page(found: Sheet, status: int = 200, **context: Any) -> ResponseReturnValue:
    db = request_session()
    return render(
        "bias/assessment.html",
        status,
        sheet=found,
        lacking=services.what_is_missing(db, found.assessment) if not found.locked else [],
        texts=queries.full_texts(db, found.assessment.study_id),
        breadcrumb=_crumbs(found.target.study.label),
        **context,
    )


@bp.post("/assessments/<int:assessment_id>/domains/<key>")
def save_domain(assessment_id: int, key: str) -> ResponseReturnValue:
    """Store one domain. htmx gets the domain anew, with the overall beside it.

    A radio sends the whole form; an override that still lacks its reason is then left
    for the moment when it is stored on purpose.
    """
    live = request.form.get("part", "all") != "all"
    final, reason = request.form.get("final"), request.form.get("reason", "")
    pending = ""
    try:
        with transaction() as db:
            copy = queries.assessment(db, g.member, assessment_id)
            domain = sheet(db, g.member, copy).domain(key).domain
            services.save_domain(
                db,
                g.member,
                copy,
                key,
                forms.answers_of(domain, request.form),
                forms.supports_of(domain, request.form),
                final=None if live else final,
                reason=reason,
                direction=None if live else request.form.get("direction"),
            )
    except OverrideNeedsReason as error:
        found = _sheet(assessment_id)
        context = {"problem": error.message, "problem_at": key, "pending": final or ""}
        if wants_fragment():
            return render("bias/domain.html", 422, sheet=found, part=found.domain(key), **context)
        return _page(found, 422, **context)
    if live and final:
        pending = final
    if not wants_fragment():
        return redirect_to(".assessment", assessment_id=assessment_id, _anchor=f"domain-{key}")
    found = _sheet(assessment_id)
    if request.form.get("part") == "text":
        return render("bias/stored.html", part=found.domain(key))
    return render(
        "bias/domain.html",
        sheet=found,
        part=found.domain(key),
        pending=pending,
        lacking=services.what_is_missing(request_session(), found.assessment),
        beside=True,
        stored=True,
    )


@bp.post("/assessments/<int:assessment_id>/overall")
def judge_overall(assessment_id: int) -> ResponseReturnValue:
    """Take or replace the overall judgement."""
    try:
        with transaction() as db:
            services.judge_overall(
                db,
                g.member,
                queries.assessment(db, g.member, assessment_id),
                request.form.get("final", ""),
                request.form.get("reason", ""),
                request.form.get("direction"),
            )
    except Invalid as error:
        return _page(
            _sheet(assessment_id),
            422,
            problem=error.message,
            problem_at="overall",
            pending=request.form.get("final", ""),
        )
    return redirect_to(".assessment", assessment_id=assessment_id, _anchor="overall")


@bp.post("/assessments/<int:assessment_id>/finish")
def finish(assessment_id: int) -> ResponseReturnValue:
    """Close a copy."""
    with transaction() as db:
        copy = queries.assessment(db, g.member, assessment_id)
        services.finish(db, g.member, copy)
        target = queries.target_of(db, g.member, copy)
    if target.agreed:
        flash(f"{target.study.label}: the agreed judgement is stored.")
    elif target.both_done:
        flash("Finished. Both assessments are done: they can be compared now.")
    else:
        flash("Finished. It stays hidden until the second assessor is done.")
    return _back(copy)


@bp.post("/assessments/<int:assessment_id>/reopen")
def reopen(assessment_id: int) -> ResponseReturnValue:
    """Open a finished copy again."""
    with transaction() as db:
        services.reopen(db, g.member, queries.assessment(db, g.member, assessment_id))
    return redirect_to(".assessment", assessment_id=assessment_id)


def _back(copy: Assessment) -> ResponseReturnValue:
    return redirect_to(".index", outcome=copy.outcome_id, timepoint=copy.timepoint or None)
