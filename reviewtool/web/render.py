"""Pages and fragments: the same view answers a browser and htmx."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import TemplateNotFound


def wants_fragment() -> bool:
    """Whether htmx asked for a part of the page."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


def render(template: str, status: int = 200, **context: Any) -> ResponseReturnValue:
    """``screening/record.html`` for a browser, ``screening/_record.html`` for htmx.

    A page without a fragment of its own is sent whole; htmx picks what it needs.
    """
    name = template
    if wants_fragment():
        folder, _, leaf = template.rpartition("/")
        fragment = f"{folder}/_{leaf}" if folder else f"_{leaf}"
        try:
            current_app.jinja_env.get_template(fragment)
            name = fragment
        except TemplateNotFound:
            pass
    return make_response(render_template(name, **context), status)


def page_before() -> str:
    """The page that the browser came from, as an address on this server; else empty.

    Only path and query are taken: which host the browser names does not matter.
    """
    page = urlsplit(request.referrer or "")
    inside = page.path.startswith("/") and not page.path.startswith("//")
    return page._replace(scheme="", netloc="").geturl() if inside else ""


def redirect_to(endpoint: str, **values: Any) -> ResponseReturnValue:
    """After a POST: 303 to another page, which htmx follows too."""
    return redirect(url_for(endpoint, **values), 303)
