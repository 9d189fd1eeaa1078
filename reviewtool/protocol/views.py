"""Pages of the protocol."""

import io
import json
from enum import Enum
from typing import Any

from flask import flash, g, request, send_file
from flask.typing import ResponseReturnValue

from reviewtool.db.engine import request_session, transaction
from reviewtool.db.types import now
from reviewtool.errors import Conflict, NotFound
from reviewtool.permissions import Action, require
from reviewtool.protocol import forms, queries, rules, services
from reviewtool.protocol.forms.analysis import AnalysisForm
from reviewtool.protocol.models import (
    Criterion,
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
)
from reviewtool.protocol.rules import fitting, joint, maps, networks
from reviewtool.protocol.rules.brains import in_words
from reviewtool.protocol.rules.document import BY_KEY, SECTIONS, elements
from reviewtool.protocol.rules.fitting import COMMON, SENSITIVITY, DoesNotFit
from reviewtool.protocol.rules.settling import method_words
from reviewtool.protocol.rules.times import joined
from reviewtool.protocol.sheets.texts import as_docx, as_json
from reviewtool.team import queries as team_queries
from reviewtool.team.access import review_blueprint
from reviewtool.web.forms import Form
from reviewtool.web.render import redirect_to, render
from reviewtool.web.revisions import shown_as
from reviewtool.words import plural

bp = review_blueprint("protocol", __name__, "/protocol")

ROWS: dict[str, tuple[type[Any], type[Form], str]] = {
    "criteria": (Criterion, forms.CriterionForm, "criterion"),
    "outcomes": (PlannedOutcome, forms.OutcomeForm, "outcome"),
    "comparisons": (PlannedComparison, forms.ComparisonForm, "comparison"),
    "analyses": (PlannedAnalysis, AnalysisForm, "analysis"),
}


@bp.get("/")
def index() -> ResponseReturnValue:
    """The whole protocol, to read."""
    db, review_id = request_session(), g.member.review_id
    row = queries.protocol(db, review_id)
    outcomes = queries.outcomes(db, review_id)
    return render(
        "protocol/index.html",
        protocol=row,
        document=row.document,
        sections=SECTIONS,
        elements=elements(row.document),
        criteria=queries.criteria(db, review_id),
        outcomes=outcomes,
        comparisons=queries.comparisons(db, review_id),
        analyses=queries.analyses(db, review_id),
        outcome_names={o.id: o.name for o in outcomes},
        comparison_names={c.id: c.name for c in queries.comparisons(db, review_id)},
        versions=queries.versions(db, g.member),
        missing=rules.missing(row.document, sum(o.role.value == "primary" for o in outcomes)),
        kinds=fitting.KINDS,
        measure_words=fitting.measure_words,
        map_words=in_words,
        analysis_words=lambda a: method_words(
            a.kind, a.measure, a.model, a.method, a.test, a.choices
        ),
        sensitivity_words=lambda a: "; ".join(
            fitting.sensitivity_words(name) for name in a.sensitivity or ()
        ),
    )


def _registered() -> bool:
    return bool(queries.versions(request_session(), g.member))


@bp.route("/sections/<section>", methods=["GET", "POST"])
def edit(section: str) -> ResponseReturnValue:
    """One section's form."""
    require(g.member, Action.EDIT_PROTOCOL)
    if section not in BY_KEY:
        raise NotFound()
    document = queries.protocol(request_session(), g.member.review_id).document
    form = forms.section_form(section, document)
    shown_as(
        lambda: forms.without_why(
            forms.section_form(
                section,
                queries.protocol(request_session(), g.member.review_id).document,
                formdata=None,
            )
        )
    )
    if form.validate_on_submit():
        skip = {
            "csrf_token",
            "reason",
            "stage_reached",
            "knew_results",
            "effect_on_work",
        }
        values = {key: value or "" for key, value in form.data.items() if key not in skip}
        try:
            with transaction() as db:
                services.save_section(db, g.member, section, values, forms.why_of(form))
        except rules.AmendmentReasonRequired as error:
            form.reason.errors = [error.message]
        else:
            flash(f"{BY_KEY[section].label}: saved.")
            return redirect_to(".index")
    return render(
        "protocol/edit.html",
        422 if form.errors else 200,
        form=form,
        section=BY_KEY[section],
        protocol=queries.protocol(request_session(), g.member.review_id),
        sections=SECTIONS,
        registered=_registered(),
    )


def _row_form(kind: str, row: Any, **given: Any) -> Any:
    form_class = ROWS[kind][1]
    data: dict[str, Any] = {}
    if row.id is not None:
        data = row.model_dump()
        data = {k: v.value if isinstance(v, Enum) else v for k, v in data.items()}
        if isinstance(data.get("timepoints"), list):
            said = data.get("windows") or {}
            data["timepoints"] = [joined(x, said.get(x, "")) for x in data["timepoints"]]
        for key in ("timepoints", "experimental", "comparator"):
            if isinstance(data.get(key), list):
                data[key] = "\n".join(data[key])
        data["include"] = "1" if data.get("include") else ""
        data["better"] = "lower" if data.get("lower_is_better", True) else "higher"
        chosen = maps.stored(maps.choices_of(data.pop("map", None)))
        chosen["corrected"] = chosen.pop("level")
        data |= {key: value for key, value in chosen.items() if value is not None}
        further = [one for one in data.get("sensitivity") or () if one not in SENSITIVITY]
        also = request.args.get("also", "").strip()
        data["sets"] = "\n".join(dict.fromkeys([*further, *([also] if also else [])]))
        together = joint.stored(joint.choices_of(data.pop("joint", None)))
        together["time_unit"] = together.pop("unit")
        of_network = networks.stored(networks.choices_of(data.pop("network", None)))
        of_network["interactions"] = ", ".join(of_network["interactions"])
        data |= {**together, **of_network} if kind == "analyses" else {}
        if data.get("model") == "common" and data["method"] not in COMMON:
            data["method"] = "EE"
    form: Any = form_class(data=data, **given)
    if kind == "analyses":
        db, review_id = request_session(), g.member.review_id
        form.offer(
            queries.outcomes(db, review_id),
            queries.comparisons(db, review_id),
            queries.characteristics(db, review_id),
            row if row.id is not None else None,
            queries.analyses(db, review_id),
        )
    return form


def _shown_now(kind: str, row_id: int) -> Form:
    found = queries.row(request_session(), g.member, ROWS[kind][0], row_id)
    return forms.without_why(_row_form(kind, found, formdata=None))


@bp.route(
    "/<any(criteria, outcomes, comparisons, analyses):kind>/new",
    methods=["GET", "POST"],
)
@bp.route(
    "/<any(criteria, outcomes, comparisons, analyses):kind>/<int:row_id>",
    methods=["GET", "POST"],
)
def row(kind: str, row_id: int | None = None) -> ResponseReturnValue:
    """Add or change a criterion, outcome, comparison or analysis."""
    require(g.member, Action.EDIT_PROTOCOL)
    model, _, noun = ROWS[kind]
    db = request_session()
    found = queries.row(db, g.member, model, row_id) if row_id else model()
    form = _row_form(kind, found)
    if row_id:
        shown_as(lambda: _shown_now(kind, row_id))
    before = found.measure if kind == "outcomes" and row_id else ""
    if form.validate_on_submit():
        try:
            with transaction() as db:
                found = queries.row(db, g.member, model, row_id) if row_id else model()
                services.save_row(db, g.member, found, form.values(), forms.why_of(form))
        except rules.AmendmentReasonRequired as error:
            form.reason.errors = [error.message]
        except (DoesNotFit, Conflict) as error:
            forms.refuse(form, error)
        else:
            flash(f"The {noun} is saved.{_kept(found, before)}")
            return redirect_to(".index", _anchor=kind)
    return render(
        "protocol/row.html",
        422 if form.errors else 200,
        form=form,
        kind=kind,
        noun=noun,
        row=found,
        registered=_registered(),
        sets=queries.sets(request_session(), g.member.review_id) if kind == "outcomes" else [],
        remove_form=forms.RemoveForm(formdata=None),
    )


def _kept(row: Any, before: str) -> str:
    """Which analyses keep another measure after the outcome's has changed, in a sentence."""
    if not before or row.measure == before:
        return ""
    every = queries.analyses(request_session(), g.member.review_id)
    kept = [one.measure for one in every if one.outcome_id == row.id and one.measure != row.measure]
    if not kept:
        return ""
    return (
        f" {plural(len(kept), 'analysis keeps', 'analyses keep')} {', '.join(sorted(set(kept)))}."
    )


@bp.post("/<any(criteria, outcomes, comparisons, analyses):kind>/<int:row_id>/remove")
def remove(kind: str, row_id: int) -> ResponseReturnValue:
    """Take a row out of the plan."""
    model, _, noun = ROWS[kind]
    form = forms.RemoveForm()
    form.validate_on_submit()
    with transaction() as db:
        services.remove_row(
            db, g.member, queries.row(db, g.member, model, row_id), forms.why_of(form)
        )
    flash(f"The {noun} was removed.")
    return redirect_to(".index", _anchor=kind)


@bp.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """Freeze version 1.0 with its registry number and date."""
    require(g.member, Action.REGISTER_PROTOCOL)
    db = request_session()
    form = forms.RegisterForm(data={"registered_on": now().date()})
    outcomes = queries.outcomes(db, g.member.review_id)
    document = queries.protocol(db, g.member.review_id).document
    missing = rules.missing(document, sum(o.role.value == "primary" for o in outcomes))
    if form.validate_on_submit() and not missing:
        with transaction() as db:
            services.register(
                db,
                g.member,
                form.registry.data or "",
                form.registry_id.data or "",
                form.registered_on.data,
            )
        flash("Registered as version 1.0. Later changes are amendments.")
        return redirect_to(".versions")
    status = 422 if request.method == "POST" else 200
    return render("protocol/register.html", status, form=form, missing=missing)


@bp.get("/versions")
def versions() -> ResponseReturnValue:
    """Every version and amendment."""
    db = request_session()
    return render(
        "protocol/versions.html",
        versions=queries.versions(db, g.member),
        amendments=queries.amendments(db, g.member),
        names=team_queries.names(db, g.member),
        protocol=queries.protocol(db, g.member.review_id),
    )


@bp.get("/versions/<number>")
def version(number: str) -> ResponseReturnValue:
    """One version as it was."""
    found = queries.version(request_session(), g.member, number)
    sections = [
        (label, rules.section_lines(found.content, key)) for key, label in rules.all_sections()
    ]
    return render("protocol/version.html", frozen=found, sections=sections)


@bp.get("/compare")
def compare() -> ResponseReturnValue:
    """Two versions side by side."""
    db = request_session()
    every = queries.versions(db, g.member)
    if len(every) < 1:
        raise NotFound("There is nothing to compare before the protocol is registered.")
    old = queries.version(
        db, g.member, request.args.get("old", every[max(0, len(every) - 2)].number)
    )
    new = queries.version(db, g.member, request.args.get("new", every[-1].number))
    return render(
        "protocol/compare.html",
        versions=every,
        old=old,
        new=new,
        differences=rules.differences(old.content, new.content),
    )


@bp.get("/export.<any(docx, json):kind>")
def export(kind: str) -> ResponseReturnValue:
    """The protocol (or one version of it) as a file."""
    db = request_session()
    number = request.args.get("version", "")
    content = (
        queries.version(db, g.member, number).content
        if number
        else queries.content(db, g.member.review_id)
    )
    registration = queries.protocol(db, g.member.review_id)
    name = f"protocol{'-' + number if number else ''}.{kind}"
    if kind == "json":
        text = json.dumps(as_json(content, registration, number), ensure_ascii=False, indent=2)
        return send_file(io.BytesIO(text.encode()), "application/json", True, name)
    return send_file(
        io.BytesIO(as_docx(content, registration, number, g.review.title)),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        True,
        name,
    )
