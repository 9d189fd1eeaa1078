"""What comes in is text: characters that no text has are dropped at the door.

NUL, other control characters and halves of surrogate pairs come from pasted PDFs and from
attackers; databases, XML and Word refuse them, each at its own time and place.
"""

import re
from typing import Any

from apiflask import APIFlask
from flask import Request, abort, request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.utils import cached_property

NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def text_only(value: str) -> str:
    """The text without what is none.

    >>> text_only("migraine\\x00 with\\x0c aura")
    'migraine with aura'
    """
    return NO_TEXT.sub("", value)


def cleaned(value: Any) -> Any:
    """The same for everything inside a JSON value."""
    match value:
        case str():
            return text_only(value)
        case list():
            return [cleaned(one) for one in value]
        case dict():
            return {text_only(key): cleaned(one) for key, one in value.items()}
    return value


def _pairs(values: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        [(text_only(key), text_only(value)) for key, value in values.items(multi=True)]
    )


class Forms(FormDataParser):
    """Reads forms; names of files are text as well."""

    def parse(self, *args: Any, **options: Any) -> Any:
        """Stream, fields and files of a form."""
        stream, fields, files = super().parse(*args, **options)
        for file in files.values():
            _name(file)
        return stream, _pairs(fields), files


def _name(file: FileStorage) -> None:
    if file.filename:
        file.filename = text_only(file.filename)


class Incoming(Request):
    """A request whose query and form hold text only."""

    form_data_parser_class = Forms

    @cached_property
    def args(self) -> Any:
        """The query, cleaned."""
        return _pairs(super().args)


def register(app: APIFlask) -> None:
    """Read every request this way; call it once nobody sets the app's JSON any more."""
    app.request_class = Incoming
    plain = app.json.loads

    def loads(text: str | bytes, **options: Any) -> Any:
        try:
            return cleaned(plain(text, **options))
        except RecursionError as error:  # a body that is not understood is answered with 400
            raise ValueError("nested too deeply") from error

    @app.before_request
    def fields_only() -> None:
        """Pages take JSON for a form; only an object of plain values can be one."""
        if request.is_json and not request.path.startswith("/api/"):
            body = request.get_json(silent=True)
            plain_values = str | bool | int | float | None
            if not isinstance(body, dict) or not all(
                isinstance(value, plain_values) for value in body.values()
            ):
                abort(400)

    app.json.loads = loads  # type: ignore[method-assign, assignment]
