"""Security headers: a strict content policy with a nonce, and the usual rest."""

import secrets

from apiflask import APIFlask
from flask import Response, g, request

from reviewtool.settings import Settings

SANDBOX = "sandbox; default-src 'none'"  # of what people uploaded: it runs nothing
EVERYBODYS = {"static", "security.static"}


def register(app: APIFlask, settings: Settings) -> None:
    """Give every response its headers; templates get ``csp_nonce``."""

    @app.before_request
    def nonce() -> None:
        g.csp_nonce = secrets.token_urlsafe(16)

    @app.after_request
    def headers(response: Response) -> Response:
        nonce = g.get("csp_nonce", "")
        set_default = response.headers.setdefault
        set_default(
            "Content-Security-Policy",
            "default-src 'self'; "
            f"script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; "
            "style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
            "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
            "frame-ancestors 'self'",
        )
        set_default("X-Content-Type-Options", "nosniff")
        set_default("X-Frame-Options", "SAMEORIGIN")
        set_default("Referrer-Policy", "same-origin")
        set_default("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        set_default("Cross-Origin-Opener-Policy", "same-origin")
        if request.endpoint not in EVERYBODYS:
            _keep_private(response)
        if request.is_secure:
            set_default("Strict-Transport-Security", "max-age=31536000")
        return response


def _keep_private(response: Response) -> None:
    """No cache on the way may keep what one person was shown, and no browser for the next.

    A view may let the person's own browser keep a large file, if it is asked each time
    whether that person may still see it.
    """
    asked_each_time = response.cache_control.private and response.cache_control.no_cache
    if not (asked_each_time and response.headers.get("ETag")):
        response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "HX-Request, Cookie, Authorization"
