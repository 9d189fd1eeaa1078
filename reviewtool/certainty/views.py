"""Pages of certainty: the summary of findings, the rating behind each row, sets of outcomes."""

import io
from typing import Any, cast

from flask import flash, g, request, send_file, url_for
from flask.typing import ResponseReturnValue

from reviewtool.certainty import forms, queries, services
from reviewtool.certainty.queries import Line
from reviewtool.certainty.rules.evidence import suggestions
from reviewtool.certainty.rules.level import DOWN, MESSAGES, UP, Design
from reviewtool.certainty.services import Taken
from reviewtool.certainty.sheets import side_by_side as sheets
from reviewtool.certainty.sheets.arrows import arrows
from reviewtool.certainty.sheets.summary import effect_of, risks, statement, summary, together_of
from reviewtool.charts import MEDIA, Format, Theme
from reviewtool.charts.kept import drawing
from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid, NotFound
from reviewtool.permissions import Action, require
from reviewtool.storage import drawings_folder
from reviewtool.synthesis.bundle import plain_name
from reviewtool.synthesis.queries import has_harms
from reviewtool.synthesis.sheets.written import limits
from reviewtool.team.access import review_blueprint
from reviewtool.web.render import redirect_to, render, wants_fragment
from reviewtool.web.revisions import shown_as

bp = review_blueprint("certainty", __name__, "/certainty")


@bp.get("/")
def index() -> ResponseReturnValue:
    """The summary of findings."""
    db = request_session()
    return render(
        "certainty/index.html",
        summary=summary(db, g.member),
        has_harms=has_harms(db, g.member.review_id),
    )


FOUND = {"side-by-side": sheets.side_by_side, "over-time": sheets.over_time}


@bp.get("/<any('side-by-side', 'over-time'):of>/<int:outcome_id>")
def beside(of: str, outcome_id: int) -> ResponseReturnValue:
    """Outcomes of a set, or time points of an outcome: a table and a plot per comparison."""
    found = FOUND[of](request_session(), g.member, outcome_id)
    return render(
        "certainty/side_by_side.html",
        found=found,
        of=of,
        outcome_id=outcome_id,
        plots=[
            _drawn(found, group, "svg", "screen").decode() if group.drawn else ""
            for group in found.groups
        ],
        arrows=[_arrows(found, group, "svg", "screen").decode() for group in found.groups],
        breadcrumb=[("Synthesis", url_for("synthesis.index")), (found.name, "")],
    )


def _drawn(
    found: sheets.SideBySide, group: sheets.Group, kind: str, theme: Theme = "print"
) -> bytes:
    chart = sheets.course(found.name, group) if found.by_time else sheets.panels(found.name, group)
    name = f"beside{group.comparison.id}"
    return drawing(drawings_folder(), chart, cast(Format, kind), theme, name)


def _arrows(
    found: sheets.SideBySide, group: sheets.Group, kind: str, theme: Theme = "print"
) -> bytes:
    """The effect direction plot of a set; nothing where there is none."""
    chart = None if found.by_time else arrows(found.name, group)
    if chart is None:
        return b""
    name = f"arrows{group.comparison.id}"
    return drawing(drawings_folder(), chart, cast(Format, kind), theme, name)


@bp.get(
    "/side-by-side/<int:outcome_id>/<int:comparison_id>/directions.<any(svg, pdf, png, tiff):kind>"
)
def directions_picture(outcome_id: int, comparison_id: int, kind: str) -> ResponseReturnValue:
    """The effect direction plot of a set as a file; ``?timepoint=`` names the time."""
    found = sheets.side_by_side(request_session(), g.member, outcome_id)
    group = found.group(comparison_id, request.args.get("timepoint", ""))
    content = _arrows(found, group, kind)
    if not content:
        raise NotFound("No study of this set has a direction of effect yet.")
    name = f"{plain_name(f'{found.name} {group.title}')}-directions.{kind}"
    return send_file(io.BytesIO(content), MEDIA[kind], True, name)


@bp.get("/<any('side-by-side', 'over-time'):of>/<int:outcome_id>.csv")
def beside_table(of: str, outcome_id: int) -> ResponseReturnValue:
    """The same table as a file, with every digit."""
    found = FOUND[of](request_session(), g.member, outcome_id)
    name = f"{plain_name(found.name)}.csv"
    return send_file(io.BytesIO(sheets.table(found)), "text/csv", True, name)


@bp.get(
    "/<any('side-by-side', 'over-time'):of>/<int:outcome_id>/<int:comparison_id>"
    ".<any(svg, pdf, png, tiff):kind>"
)
def beside_picture(of: str, outcome_id: int, comparison_id: int, kind: str) -> ResponseReturnValue:
    """The plot of one comparison as a file; of a set, ``?timepoint=`` names the time."""
    found = FOUND[of](request_session(), g.member, outcome_id)
    group = found.group(comparison_id, request.args.get("timepoint", ""))
    if not group.drawn:
        raise NotFound("Nothing here is pooled yet.")
    name = f"{plain_name(f'{found.name} {group.title}')}.{kind}"
    return send_file(io.BytesIO(_drawn(found, group, kind)), MEDIA[kind], True, name)


@bp.get("/<int:analysis_id>")
def rating(analysis_id: int) -> ResponseReturnValue:
    """One rating: the evidence, the suggestions, the steps taken."""
    return _page(queries.line(request_session(), g.member, analysis_id))


def _stored(line: Line) -> tuple[Design, dict[str, Taken]]:
    design = Design(line.rating.design) if line.rating else Design.RANDOMISED
    return design, {key: Taken(step.steps, step.footnote) for key, step in line.steps.items()}


def _page(
    line: Line,
    status: int = 200,
    *,
    design: Design | None = None,
    taken: dict[str, Taken] | None = None,
    problem: str = "",
    problem_at: str = "",
    risk_form: forms.RiskForm | None = None,
    details_form: forms.DetailsForm | None = None,
) -> ResponseReturnValue:
    db = request_session()
    evidence = queries.evidence(db, line)
    kept_design, kept = _stored(line)
    design, taken = design or kept_design, taken if taken is not None else kept
    return render(
        "certainty/rating.html",
        status,
        line=line,
        evidence=evidence,
        effect_text=effect_of(line, evidence),
        together_text=together_of(line),
        prediction=limits(evidence.measure, *(evidence.pi_natural or (None, None))),
        down=DOWN,
        up=UP,
        design=design,
        designs=list(Design),
        taken=taken,
        suggestions=suggestions(
            evidence, line.details, line.assumed_risk, {k: t.steps for k, t in taken.items()}
        ),
        risks=risks(line, evidence),
        statement=statement(line, evidence),
        risk_form=risk_form or forms.RiskForm.offering(evidence, _risk_values(line)),
        details_form=details_form
        or forms.DetailsForm.of(line.details, joint=line.together is not None),
        problem=problem,
        problem_at=problem_at,
        breadcrumb=[("Certainty", url_for(".index")), (line.title, "")],
        **_level(design, taken),
    )


def _risk_values(line: Line) -> dict[str, Any]:
    if line.rating is None or line.rating.assumed_risk is None:
        return {"source": "median"}
    source = line.rating.assumed_risk_source
    known = {services.MEDIAN: "median", forms.POOLED: "pooled"}
    if source in known:
        return {"source": known[source]}
    return {
        "source": "external",
        "risk": round(1000 * line.rating.assumed_risk, 4),
        "citation": source,
    }


def _risk_form(line: Line) -> forms.RiskForm:
    evidence = queries.evidence(request_session(), line)
    return forms.RiskForm.offering(evidence, _risk_values(line), formdata=None)


def _level(design: Design, taken: dict[str, Taken]) -> dict[str, Any]:
    """What the rule makes of the steps on the page, with its objections in words."""
    try:
        found = services.preview(design, taken)
    except Invalid as error:
        return {"level": None, "objections": [error.message]}
    messages = [found.error] if found.error else found.warnings
    return {"level": found.level, "objections": [MESSAGES[m] for m in messages if m]}


@bp.post("/<int:analysis_id>")
def rate(analysis_id: int) -> ResponseReturnValue:
    """Store the rating."""
    line = queries.line(request_session(), g.member, analysis_id)
    design, taken = forms.design_of(request.form), forms.taken_of(request.form)
    try:
        with transaction() as db:
            services.rate(db, g.member, line, design, taken, request.form.get("comment", ""))
    except Invalid as error:
        lacking = [k for k, t in taken.items() if t.steps and not t.footnote.strip()]
        at = lacking[0] if isinstance(error, services.FootnoteRequired) else ""
        again = queries.line(request_session(), g.member, analysis_id)
        return _page(
            again, 422, design=design, taken=taken, problem=error.message, problem_at=at or "rating"
        )
    flash(f"{line.title}: the rating is stored.")
    return redirect_to(".index")


@bp.post("/<int:analysis_id>/preview")
def preview(analysis_id: int) -> ResponseReturnValue:
    """What the steps on the page would come to; nothing is stored."""
    require(g.member, Action.RATE_CERTAINTY)
    line = queries.line(request_session(), g.member, analysis_id)
    design, taken = forms.design_of(request.form), forms.taken_of(request.form)
    if not wants_fragment():
        return _page(line, design=design, taken=taken)
    return render("certainty/level.html", **_level(design, taken))


@bp.post("/<int:analysis_id>/risk")
def risk(analysis_id: int) -> ResponseReturnValue:
    """Store the assumed risk."""
    require(g.member, Action.RATE_CERTAINTY)
    db = request_session()
    line = queries.line(db, g.member, analysis_id)
    evidence = queries.evidence(db, line)
    form = forms.RiskForm.offering(evidence)
    shown_as(lambda: _risk_form(queries.line(request_session(), g.member, analysis_id)))
    problem = ""
    if form.validate_on_submit():
        try:
            value, source = form.chosen(evidence)
            with transaction() as db:
                services.set_assumed_risk(db, g.member, line, value, source)
        except Invalid as error:
            problem = error.message
        else:
            return redirect_to(".rating", analysis_id=analysis_id, _anchor="absolute")
    again = queries.line(request_session(), g.member, analysis_id)
    return _page(again, 422, risk_form=form, problem=problem, problem_at="risk")


@bp.post("/<int:analysis_id>/details")
def details(analysis_id: int) -> ResponseReturnValue:
    """Store what the suggestions need to be told."""
    require(g.member, Action.RATE_CERTAINTY)
    line = queries.line(request_session(), g.member, analysis_id)
    form = forms.DetailsForm.of(line.details, joint=line.together is not None)

    def shown() -> forms.DetailsForm:
        now = queries.line(request_session(), g.member, analysis_id)
        return forms.DetailsForm.of(now.details, joint=now.together is not None, formdata=None)

    shown_as(shown)
    problem = ""
    if form.validate_on_submit():
        try:
            with transaction() as db:
                services.set_details(db, g.member, line, form.values())
        except Invalid as error:
            problem = error.message
        else:
            return redirect_to(".rating", analysis_id=analysis_id, _anchor="domains")
    again = queries.line(request_session(), g.member, analysis_id)
    return _page(again, 422, details_form=form, problem=problem, problem_at="details")
