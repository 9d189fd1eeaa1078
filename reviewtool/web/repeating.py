"""A request that lost its turn to somebody else's is carried out again, as if it came now.

Whole, and only while nothing of it was stored and no mail has left: the session, what the
request knows of the person and the review, and what it wanted to say are made anew. Forms
and uploaded files are read once and looked at again from their beginning.
"""

from typing import Any

from apiflask import APIFlask
from flask import Response, g, request
from flask.globals import app_ctx, request_ctx

from reviewtool.db.engine import close_request_session, may_be_repeated
from reviewtool.db.turns import REQUEST_PATIENCE, Waits
from reviewtool.errors import Busy, LostTurn, Passing

# What counts requests stays: the person asked once.
_KEPT = ("request_id", "began", "stored", "mailed")


class Application(APIFlask):
    """The web application, whose requests take turns."""

    def full_dispatch_request(self) -> Response:
        """Answer the request; again from its beginning while others are in the way."""
        waits = Waits(REQUEST_PATIENCE)
        while True:
            g.may_be_repeated = waits.are_left
            try:
                return super().full_dispatch_request()
            except LostTurn:
                _begin_anew(self)
                waits.rest()
            except Passing as error:  # by what is stored after the answer is made, as sign-ins are
                again = isinstance(error, Busy) and may_be_repeated()
                _begin_anew(self)
                if not again:
                    answer = self.make_response(self.handle_user_exception(error))
                    return self.finalize_request(answer, from_error_handler=True)
                waits.rest()

    def handle_user_exception(self, e: Exception) -> Any:
        """Errors become answers; losing a turn becomes another try."""
        if isinstance(e, LostTurn):
            raise e
        if isinstance(e, Busy) and may_be_repeated():
            raise LostTurn from e
        return super().handle_user_exception(e)


def _begin_anew(app: APIFlask) -> None:
    close_request_session()
    kept = {name: value for name, value in vars(app_ctx.g).items() if name in _KEPT}
    vars(app_ctx.g).clear()
    vars(app_ctx.g).update(kept)
    context = request_ctx._get_current_object()  # type: ignore[attr-defined]
    context.flashes = None
    context._after_request_functions.clear()
    context._session = app.session_interface.open_session(app, request)
    context.match_request()  # the views' arguments were taken out of the first match
    if "files" in vars(request):  # read already
        for files in request.files.listvalues():
            for file in files:
                file.stream.seek(0)
