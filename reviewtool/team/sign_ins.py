"""How Flask-Security's events reach the sign-ins that the server itself can end.

A cookie names a sign-in besides the person; without a living row of that person it opens
nothing, however well it is signed. "Stay signed in" makes the same cookie outlive the
browser: there is no second one.
"""

import secrets
from datetime import timedelta
from typing import Any

import flask_login
from apiflask import APIFlask
from flask import g, request, session
from flask_security import signals
from itsdangerous import BadSignature, URLSafeTimedSerializer

from reviewtool.db.engine import request_session, transaction
from reviewtool.settings import Settings
from reviewtool.team import queries, services
from reviewtool.team.access import token_hash
from reviewtool.team.models import SignIn, User

KEY = "sign_in"


class LatestOnly(URLSafeTimedSerializer):
    """Signs links to choose a new password; of several only the latest works, and once."""

    def dumps(self, obj: Any, salt: Any = None) -> Any:
        """Sign the link, and remember it as the one that works."""
        token = super().dumps(obj, salt)
        with transaction() as db:
            services.expect_reset(db, obj[0], token_hash(str(token)))
        return token

    def loads(self, s: Any, *args: Any, **options: Any) -> Any:
        """What was signed. Raises BadSignature for every link but the latest."""
        data = super().loads(s, *args, **options)
        user = queries.user_by_uniquifier(request_session(), data[0])
        text = s.decode() if isinstance(s, bytes) else str(s)
        if user is None or not secrets.compare_digest(user.reset_hash or "", token_hash(text)):
            raise BadSignature("a newer link was sent, or this one was used")
        return data


def register(app: APIFlask, settings: Settings, security: Any) -> None:
    """Tie cookies to sign-ins, and sign-ins to what should end them."""
    manager: Any = app.login_manager  # type: ignore[attr-defined]
    known = manager._user_callback
    lasts = timedelta(days=settings.session_days)

    def load(user_id: str) -> User | None:
        user: User | None = known(user_id)
        if user is None:
            return None
        g.sign_in = queries.sign_in(request_session(), user, token_hash(session.get(KEY, "")))
        return user if g.sign_in is not None else None

    manager.user_loader(load)
    manager.request_loader(lambda _request: None)  # programs come with tokens of ours only
    security.reset_serializer = LatestOnly(
        settings.session_secret, salt=app.config["SECURITY_RESET_SALT"]
    )

    def begun(_app: Any, user: User, **_: Any) -> None:
        if session.pop("_remember", None) == "set":
            session.permanent = True
        session[KEY] = secrets.token_urlsafe(32)
        g.sign_in = services.begin_sign_in(
            request_session(),
            user,
            token_hash(session[KEY]),
            agent=request.user_agent.string,
            address=request.remote_addr or "",
            lasts=lasts,
        )

    def ended(_app: Any, **_: Any) -> None:
        session.pop(KEY, None)
        row: SignIn | None = g.pop("sign_in", None)
        if row is not None:
            with transaction() as db:
                services.sign_out(db, db.get_one(SignIn, row.id))

    def failed(_app: Any, user: User, **_: Any) -> None:
        with transaction() as db:
            services.note_failure(db, user, request.remote_addr or "")

    def changed(_app: Any, user: User, **_: Any) -> None:
        with transaction() as db:
            services.password_changed(db, user, keep=g.get("sign_in"))

    def reset(_app: Any, user: User, **_: Any) -> None:
        with transaction() as db:
            services.password_reset(db, user)

    for signal, receiver in (
        (flask_login.user_logged_in, begun),
        (flask_login.user_logged_out, ended),
        (signals.user_failed_authn, failed),
        (signals.password_changed, changed),
        (signals.password_reset, reset),
    ):
        signal.connect(receiver, app, weak=False)
