"""Every change says which revision it was made from; who was slower sees both and chooses.

A form carries it as the hidden field ``revision`` (``csrf(row)``), a program as the header
``If-Match`` or as ``revision`` in its JSON. ``db.row.hold`` compares. The answer to a
change made from an older revision is 409: for a person a page with what they sent beside
what stands now, from which the chosen values are sent again; for a program both, in JSON.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apiflask import APIFlask
from flask import g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from wtforms import BooleanField, Field, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectFieldBase

from reviewtool.db.row import MadeFrom
from reviewtool.errors import ChangedMeanwhile, Conflict, Unsaid
from reviewtool.web import carrying
from reviewtool.web.errors import answer
from reviewtool.web.render import page_before, wants_fragment

log = logging.getLogger(__name__)

FIELD = "revision"
CHOSEN = "chosen"
OF_THE_FORM = {"csrf_token", "once", FIELD, CHOSEN}


@dataclass(frozen=True)
class Choice:
    """One field of the form: what was sent, and what stands now."""

    name: str
    label: str
    mine: list[str]
    stands: list[str]
    words: Mapping[str, str]  # of values that are chosen from a list

    def shown(self, values: Sequence[str]) -> str:
        """The values as the form words them, one a line."""
        return "\n".join(self.words.get(one, one) for one in values) or self.words.get("", "")


def register(app: APIFlask) -> None:
    """Read the revision of every change, and answer those that came too late."""

    @app.before_request
    def read() -> None:
        if request.method == "POST" and request.form.get(CHOSEN):
            _take_chosen()
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            asked = _asked()
            if asked is not None:
                g.made_from = MadeFrom(asked)
            if app.config["REVISIONS_REQUIRED"]:
                g.insist = _insist

    @app.errorhandler(IntegrityError)
    def at_once(error: IntegrityError) -> ResponseReturnValue:
        # Two made the same new row at one moment; the database let one of them.
        log.warning("two at once: %s", error.orig)
        return answer(Conflict.status, Conflict.code, Conflict.message)

    @app.errorhandler(ChangedMeanwhile)
    def late(error: ChangedMeanwhile) -> ResponseReturnValue:
        body = request.get_json(silent=True)
        if request.path.startswith("/api/") or isinstance(body, dict):
            return _problem(error, body)
        return _page(error)


def _take_chosen() -> None:
    """A form that comes from the page of both values: put the chosen ones in their fields."""
    found: MultiDict[str, str] = MultiDict()
    for name, value in request.form.items(multi=True):
        kind, _, field = name.partition(":")
        if kind in {"mine", "stands"} and f"both:{field}" in request.form:
            if request.form[f"both:{field}"] == kind:
                found.add(field, value)
        elif kind != "both":
            found.add(name, value)
    vars(request)["form"] = ImmutableMultiDict(found)  # where werkzeug itself keeps it


def unless_said(revision: int) -> None:
    """Take this revision where the request names none: 0 for what should not be there yet."""
    g.setdefault("made_from", MadeFrom(revision))


def shown_as(form: Callable[[], FlaskForm]) -> None:
    """Say how the page of this form would show what stands now, with nothing sent to it.

    The page of both values takes from it the words of choices, and whether a box was
    emptied: of an empty box a browser says nothing.
    """
    g.shown_as = form


def _asked() -> int | None:
    """The revision named by header, JSON or form; None when the request names none."""
    header = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    found: Any = header or request.form.get(FIELD)
    if found is None and request.is_json:
        body = request.get_json(silent=True)
        found = body.get(FIELD) if isinstance(body, dict) else None
    return int(found) if str(found).isdecimal() else None


def _insist() -> None:
    """Before anything is changed: it has to bring along what ``carrying`` asks of it."""
    lacking = (
        (request.endpoint in carrying.REVISION and "made_from" not in g)
        or (request.endpoint in carrying.ONCE and not request.form.get("once"))
        or (request.endpoint in carrying.CELLS and _cells_unsaid())
    )
    if lacking:
        raise Unsaid.by_program() if request.path.startswith("/api/") else Unsaid()


def _cells_unsaid() -> bool:
    """Whether a cell came without the revision it was made from."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        sent = {name.partition(":")[2] for name in request.form if name.startswith("cell:")}
        return any(f"from:{path}" not in request.form for path in sent)
    cells = body.get("cells")
    if not isinstance(cells, dict):
        return body.get("cell_revision") is None
    return any(isinstance(one, dict) and one.get("revision") is None for one in cells.values())


def _problem(error: ChangedMeanwhile, body: Any) -> ResponseReturnValue:
    """The error for a program: ``yours``, ``stands`` and the newer ``revision``."""
    said = {
        "type": f"about:{error.code}",
        "title": error.message,
        "status": error.status,
        "code": error.code,
        "request_id": g.get("request_id", ""),
        "revision": error.revision,
        "stands": error.stands,
        "yours": body if isinstance(body, dict) else {},
    }
    response = jsonify(said)
    response.content_type = "application/problem+json"
    if isinstance(error.revision, int):
        response.headers["ETag"] = f'"{error.revision}"'
    return response, error.status


def values_of(value: Any) -> list[str]:
    """A value of a row as a form would send it: a list as several, numbers as they are read.

    >>> values_of(["4 weeks", "8 weeks"]), values_of(True), values_of(None), values_of(2.0)
    (['4 weeks', '8 weeks'], ['yes'], [''], ['2'])
    """
    match value:
        case None:
            return [""]
        case bool():
            return ["yes" if value else "no"]
        case list() | tuple():
            return [text for one in value for text in values_of(one)]
        case float() if value.is_integer():
            return [str(int(value))]
    return ["\n".join(str(value).splitlines()).strip()]


def _both(field: Field, sent: Sequence[str]) -> Choice:
    """What was sent beside what ``field`` would send if its page were opened now."""
    words: dict[str, str] = {}
    if isinstance(field, BooleanField):
        words = {"y": "yes", "": "no"}
        stands = ["y"] if field.data else []
        return Choice(field.name, field.label.text, ["y"] if sent else [], stands, words)
    if isinstance(field, SelectFieldBase):
        words = {str(one.value): str(one.label) for one in field.iter_choices()}
        if isinstance(field, SelectMultipleField):
            stands = [str(one) for one in field.data or ()]
        else:
            stands = [str(field.data)]
            if isinstance(field, SelectField) and stands[0] not in words:
                stands = list(words)[:1]  # as a browser shows a list without a choice
        return Choice(field.name, field.label.text, list(sent), stands, words)
    mine, stands = (["\n".join(one.splitlines()).strip()] for one in (sent[0], field._value()))
    return Choice(field.name, field.label.text, mine, stands, words)


def _page(error: ChangedMeanwhile) -> ResponseReturnValue:
    """Both values of every field that differs, to choose from; the rest goes along unseen."""
    choices, along = [], []
    form = g.shown_as() if "shown_as" in g else ()
    fields = {one.name: one for one in form if one.name not in OF_THE_FORM}
    emptied: list[tuple[str, list[str]]] = [
        (name, [])
        for name, one in fields.items()
        if isinstance(one, (BooleanField, SelectMultipleField)) and name not in request.form
    ]
    for name, sent in [*request.form.lists(), *emptied]:
        path = name.removeprefix("from:")
        if name in OF_THE_FORM:
            continue
        if path != name and isinstance(error.revision, Mapping) and path in error.revision:
            along.append((name, f"{error.revision[path]}|{error.stands[f'cell:{path}']}"))
            continue
        if name in fields:
            both = _both(fields[name], sent)
            if sorted(both.mine) == sorted(both.stands):
                along += [(name, one) for one in sent]
            else:
                choices.append(both)
            continue
        stands = values_of(error.stands[name]) if name in error.stands else None
        mine = ["\n".join(one.splitlines()).strip() for one in sent]
        if stands is None or stands == mine or (len(mine) == 1 and mine[0] == "\n".join(stands)):
            along += [(name, one) for one in sent]
            continue
        if len(mine) == 1:  # a text of several lines is one field
            stands = ["\n".join(stands)]
        label = error.labels.get(name) or name.replace("_", " ").capitalize()
        choices.append(Choice(name, label, mine, stands, {}))
    newer = error.revision if isinstance(error.revision, int) else None
    context = {
        "choices": choices,
        "along": along,
        "revision": newer,
        "action": request.full_path.rstrip("?"),
        "back": page_before() or request.path,
    }
    template = "errors/_changed.html" if wants_fragment() else "errors/changed.html"
    return render_template(template, **context), error.status
