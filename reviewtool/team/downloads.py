"""Every file that leaves a review stands in its log, whichever page or program it left by."""

from apiflask import APIFlask
from flask import Response, g, request
from werkzeug.http import parse_options_header

from reviewtool.db.engine import transaction
from reviewtool.team import services


def register(app: APIFlask) -> None:
    """Note each answer that a member saves as a file."""

    @app.after_request
    def note(response: Response) -> Response:
        member = g.get("member")
        disposition = response.headers.get("Content-Disposition", "")
        if (
            member is not None
            and request.method == "GET"
            and response.status_code in {200, 206}
            and disposition.startswith("attachment")
            and not _read_in_the_page(response)
        ):
            with transaction() as db:
                services.note_download(db, member, _name(response), by_token="by_token" in g)
        return response


def _read_in_the_page(response: Response) -> bool:
    """Whether the page's own reader asked for a PDF: opening a full text takes nothing out."""
    own_script = request.headers.get("Sec-Fetch-Dest") == "empty"
    return own_script and response.mimetype == "application/pdf"


def _name(response: Response) -> str:
    _, options = parse_options_header(response.headers["Content-Disposition"])
    return options.get("filename", "") or request.path.rpartition("/")[2]
