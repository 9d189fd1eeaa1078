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
from flask import current_app, g, request, session
from flask_security import signals
from flask_security.utils import set_request_attr
from itsdangerous import BadSignature, URLSafeTimedSerializer

from reviewtool.db.engine import request_session, transaction
from reviewtool.settings import Settings
from reviewtool.team import queries, services
from reviewtool.team.access import current_person, token_hash
from reviewtool.team.models import SignIn, User
from reviewtool.team.rules import clean_email
from reviewtool.web.limits import Patience

KEY = "sign_in"
ERROR, DONE = "error", "success"
LINK_SENT = "If this address has an account, a message with a link is on its way to it."
# What Flask-Security says on our pages, in our words: by its own keys, with its kinds.
MESSAGES = {
    "GENERIC_AUTHN_FAILED": (
        "E-mail address or password is wrong. Try again, or ask for a new password.",
        ERROR,
    ),
    "GENERIC_RECOVERY": (LINK_SENT, DONE),
    "PASSWORD_RESET_REQUEST": (LINK_SENT, DONE),
    "UNAUTHENTICATED": ("Sign in to open this page.", ERROR),
    "UNAUTHORIZED": ("You are not allowed to open this page.", ERROR),
    "LOGIN": ("Sign in to open this page.", "info"),
    "ANONYMOUS_USER_REQUIRED": ("Sign out first to open this page.", ERROR),
    "INVALID_REDIRECT": ("Sign in here leads to pages of this server only.", ERROR),
    "DISABLED_ACCOUNT": ("This account is closed. Ask the administrator.", ERROR),
    "EMAIL_NOT_PROVIDED": ("Enter your e-mail address.", ERROR),
    "INVALID_EMAIL_ADDRESS": (
        "This is no e-mail address. It looks like name@example.org.",
        ERROR,
    ),
    "PASSWORD_NOT_PROVIDED": ("Enter your password.", ERROR),
    "INVALID_PASSWORD": ("This is not your present password.", ERROR),
    "PASSWORD_INVALID_LENGTH": ("Use at least %(length)s characters.", ERROR),
    "PASSWORD_MISMATCH": ("The two passwords differ.", ERROR),
    "RETYPE_PASSWORD_MISMATCH": ("The two passwords differ.", ERROR),
    "PASSWORD_IS_THE_SAME": ("Choose a password other than the present one.", ERROR),
    "PASSWORD_CHANGE": ("The password was changed.", DONE),
    "PASSWORD_RESET": ("The password is stored.", DONE),
    "PASSWORD_RESET_NO_LOGIN": ("The password is stored. Sign in with it.", DONE),
    "PASSWORD_RESET_EXPIRED": (
        "This link has run out after %(within)s. Ask for a new one.",
        ERROR,
    ),
    "INVALID_RESET_PASSWORD_TOKEN": (
        "This link does not work: it was used, or a newer one was sent. Ask for a new one.",
        ERROR,
    ),
    "REAUTHENTICATION_REQUIRED": ("Enter your password again to go on.", "info"),
    "REAUTHENTICATION_SUCCESSFUL": ("You can go on.", DONE),
}
RESETS_FREE = 2  # messages with a link before one has to wait for the next


def _account(email: str) -> str:
    """Under what the tries for an account are counted.

    From an address where the person was signed in before they are counted apart, so that
    a stranger's guesses do not shut the person out.
    """
    email = clean_email(email)
    user = queries.user_by_email(request_session(), email)
    known = user is not None and request.remote_addr in {user.current_login_ip, user.last_login_ip}
    return f"account/{email}/{'known' if known else 'elsewhere'}"


def _typed_email() -> str:
    found: Any = request.get_json(silent=True) if request.is_json else request.form
    return str(found.get("email", "")) if hasattr(found, "get") else ""


def _wait_for_turn() -> None:
    """Before a password is tried or a link is sent: ever longer waits for an account."""
    if request.method != "POST":
        return
    patience: Patience = current_app.extensions["patience"]
    match request.endpoint:
        case "security.login":
            patience.knock(_account(_typed_email()))
        case "security.verify" | "security.change_password":
            person = current_person()
            if person is not None:
                patience.knock(_account(person.email))
        case "security.forgot_password":
            patience.knock(f"reset/{clean_email(_typed_email())}", RESETS_FREE)


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
    lasts = timedelta(days=settings.session_days)

    def load(uniquifier: str) -> User | None:
        review, key = g.get("review_id"), token_hash(session.get(KEY, ""))
        found = queries.who(request_session(), uniquifier, key, review)
        if found is None:
            return None
        user, g.sign_in, *part = found
        g.part = (user.id, review, *part)
        set_request_attr("fs_authn_via", "session")  # as Flask-Security's own loader does
        set_request_attr("fs_paa", session.get("fs_paa", 0))
        return user

    manager.user_loader(load)
    manager.request_loader(lambda _request: None)  # programs come with tokens of ours only
    security.reset_serializer = LatestOnly(
        settings.session_secret, salt=app.config["SECURITY_RESET_SALT"]
    )

    app.before_request(_wait_for_turn)

    # The receivers outlive the app, so none of them may hold it: the signal brings it.
    def begun(sender: Any, user: User, **_: Any) -> None:
        sender.extensions["patience"].forget(_account(user.email))
        g.let_in = True
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
