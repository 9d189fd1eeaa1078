"""The page of the characteristics that every study is asked for."""

from typing import Any

from flask import flash, g, url_for
from flask.typing import ResponseReturnValue

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid
from reviewtool.extraction import queries, services
from reviewtool.extraction.forms import CharacteristicForm
from reviewtool.extraction.models import StudyField
from reviewtool.extraction.services.fields import KINDS
from reviewtool.extraction.views.blueprint import bp
from reviewtool.permissions import Action, require
from reviewtool.web.render import redirect_to, render
from reviewtool.web.revisions import shown_as


@bp.route("/fields", methods=["GET", "POST"])
def fields() -> ResponseReturnValue:
    """What every study is asked for, and one more."""
    form = CharacteristicForm()
    if form.validate_on_submit():
        try:
            with transaction() as db:
                services.fields.add(
                    db,
                    g.member,
                    form.label.data or "",
                    section=form.section.data,
                    kind=form.kind.data,
                    options=form.option_list(),
                    required=form.required.data,
                )
        except Invalid as error:
            form.label.errors = [error.message]
        else:
            flash(f"Every study is asked for: {form.label.data}.")
            return redirect_to(".fields")
    return render(
        "extraction/fields.html",
        422 if form.errors else 200,
        form=form,
        fields=queries.fields(request_session(), g.member.review_id),
        kinds=KINDS,
        breadcrumb=[("Extraction", url_for(".index")), ("Characteristics", "")],
    )


def _of(row: StudyField, **given: Any) -> CharacteristicForm:
    """The form of a characteristic, whose kind stays."""
    data = row.model_dump() | {"options": "\n".join(row.options or ())}
    form = CharacteristicForm(data=data, **given)
    del form.kind
    return form


@bp.route("/fields/<int:field_id>", methods=["GET", "POST"])
def field(field_id: int) -> ResponseReturnValue:
    """Change a characteristic's words; its kind stays."""
    require(g.member, Action.MANAGE_STUDIES)
    row = queries.study_field(request_session(), g.member, field_id)
    form = _of(row)
    shown_as(lambda: _of(queries.study_field(request_session(), g.member, field_id), formdata=None))
    if form.validate_on_submit():
        with transaction() as db:
            services.fields.change(
                db,
                g.member,
                queries.study_field(db, g.member, field_id),
                label=form.label.data,
                section=form.section.data,
                options=form.option_list(),
                required=form.required.data,
            )
        flash("Saved.")
        return redirect_to(".fields")
    return render(
        "extraction/field.html",
        422 if form.errors else 200,
        form=form,
        row=row,
        breadcrumb=[
            ("Extraction", url_for(".index")),
            ("Characteristics", url_for(".fields")),
            (row.label, ""),
        ],
    )


@bp.post("/fields/<int:field_id>/archive")
def archive_field(field_id: int) -> ResponseReturnValue:
    """Ask no more."""
    with transaction() as db:
        row = queries.study_field(db, g.member, field_id)
        services.fields.archive(db, g.member, row)
    flash(f"Studies are no longer asked for: {row.label}. Values already extracted are kept.")
    return redirect_to(".fields")


@bp.post("/fields/usual")
def usual_fields() -> ResponseReturnValue:
    """Add the characteristics most reviews ask for."""
    with transaction() as db:
        made = services.fields.add_usual(db, g.member)
    flash(f"{len(made)} characteristics added.")
    return redirect_to(".fields")
