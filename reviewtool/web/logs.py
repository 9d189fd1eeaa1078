"""One line per request, with ids only: no titles, no abstracts, no passwords."""

import logging
import secrets
import time

from apiflask import APIFlask
from flask import Response, g, request

log = logging.getLogger("reviewtool.requests")


def register(app: APIFlask) -> None:
    """Number every request and log its end."""

    @app.before_request
    def begin() -> None:
        g.request_id, g.began = secrets.token_hex(6), time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        milliseconds = (time.perf_counter() - g.get("began", time.perf_counter())) * 1000
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers["Server-Timing"] = f"app;dur={milliseconds:.1f}"
        member = g.get("member")
        log.info(
            "%s %s %s %s %.1fms review=%s member=%s",
            g.get("request_id", ""),
            request.method,
            request.url_rule.rule if request.url_rule else "-",
            response.status_code,
            milliseconds,
            getattr(member, "review_id", "-"),
            getattr(member, "id", "-"),
        )
        return response
