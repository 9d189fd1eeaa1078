"""The path of a page where nobody asks for one: in jobs, and in drawings that are kept."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, has_request_context, url_for


def path_to(endpoint: str, **values: Any) -> str:
    """What ``url_for`` says, also without a request: ``path_to("home.index")`` is "/".

    Outside a request the folder that the app is served from is read from its public
    address. Raises BuildError when the endpoint needs other values.
    """
    if has_request_context():
        return url_for(endpoint, **values)
    folder = urlsplit(current_app.extensions["settings"].public_url).path or "/"
    return current_app.url_map.bind("", script_name=folder).build(endpoint, values)
