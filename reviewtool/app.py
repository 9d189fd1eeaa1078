"""``create_app(settings)``: the only place where the parts meet."""

import importlib
import logging
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from apiflask import APIBlueprint, APIFlask
from flask import g, request, url_for
from flask_security import (
    MailUtil,
    Security,
    SQLAlchemySessionUserDatastore,
    current_user,
)
from sqlmodel import Session
from werkzeug.local import LocalProxy

import reviewtool.models  # noqa: F401
from reviewtool import __version__, disk, jobs, mail, once
from reviewtool.db.engine import Database, close_request_session, request_session
from reviewtool.db.types import now
from reviewtool.holds import Holds
from reviewtool.settings import Settings
from reviewtool.stages import FRAME, STAGES
from reviewtool.storage import Storage
from reviewtool.team import downloads, sign_ins
from reviewtool.team.access import can, may_steer
from reviewtool.team.models import Member, SiteRole, User
from reviewtool.web import errors, health, incoming, limits, logs, revisions, security
from reviewtool.web.api import csrf
from reviewtool.web.proxies import Proxies
from reviewtool.web.render import wants_fragment
from reviewtool.web.repeating import Application
from reviewtool.web.routing import RowId, Words

# Each package's pages, API and jobs are imported; a views or api room offers ``bp`` or
# ``blueprints``.
PACKAGES = (*STAGES, "demo")
DOORS = ("home", "views", "api", "jobs")


@dataclass(frozen=True)
class Stage:
    """One line of the frame's list of stages."""

    key: str
    label: str
    url: str
    done: int
    total: int
    current: bool


def doors() -> Iterator[ModuleType]:
    """Every package's rooms that open to the outside, imported."""
    for package in PACKAGES:
        folder = importlib.import_module(f"reviewtool.{package}")
        rooms = {found.name for found in pkgutil.iter_modules(folder.__path__)}
        for name in DOORS:
            if name in rooms:
                yield importlib.import_module(f"reviewtool.{package}.{name}")


def create_app(settings: Settings | None = None) -> APIFlask:
    """The web application. Nothing connects before the first request."""
    settings = settings or Settings()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(message)s")
    app = Application(
        "reviewtool",
        title="reviewtool",
        version=__version__,
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        template_folder=str(_templates()),
        static_folder=str(Path(__file__).parent / "static"),
    )
    app.url_map.converters |= {"int": RowId, "default": Words, "string": Words}
    _configure(app, settings)
    database = Database.of(settings)
    app.extensions |= {
        "settings": settings,
        "database": database,
        "holds": Holds(database, settings.data.resolve() / "run"),
        "storage": Storage(settings.files),
        "jobs_inline": settings.jobs_inline,
        "open_tasks": open_tasks,
    }
    app.teardown_appcontext(close_request_session)
    logs.register(app)
    security.register(app, settings)
    errors.register(app)
    revisions.register(app)
    once.register(app)
    csrf.init_app(app)
    _accounts(app, settings)
    incoming.register(app)
    app.register_blueprint(health.bp)
    for door in doors():
        _register(app, door)
    for blueprint in app.blueprints.values():
        if not isinstance(blueprint, APIBlueprint):
            blueprint.enable_openapi = False  # type: ignore[attr-defined]  # pages, no API
    limits.register(app, settings)
    downloads.register(app)
    _frame(app, settings)
    _queue(app, settings)
    return app


def _templates() -> Path:
    packaged = Path(__file__).parent / "templates"
    return packaged if packaged.exists() else Path(__file__).parents[1] / "templates"


def _configure(app: APIFlask, settings: Settings) -> None:
    secure = settings.secure_cookies
    app.config.update(
        SECRET_KEY=settings.session_secret,
        TESTING=settings.environment == "test",
        MAX_CONTENT_LENGTH=settings.upload_limit_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=16 * 1024 * 1024,
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.session_days),
        SESSION_COOKIE_NAME="reviewtool",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.environment == "production" if secure is None else secure,
        SEND_FILE_MAX_AGE_DEFAULT=3600 if settings.environment == "production" else 60,
        WTF_CSRF_TIME_LIMIT=None,
        REVISIONS_REQUIRED=settings.environment != "test",
        WTF_CSRF_ENABLED=settings.environment != "test",
        TEMPLATES_AUTO_RELOAD=False,
        SECURITY_PASSWORD_SALT=settings.session_secret,
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_LENGTH_MIN=8,
        SECURITY_RECOVERABLE=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_TRACKABLE=True,
        SECURITY_DATETIME_FACTORY=now,
        SECURITY_RESET_PASSWORD_WITHIN=timedelta(hours=2),
        SECURITY_REGISTERABLE=False,
        SECURITY_RESET_URL="/password/reset",
        SECURITY_CHANGE_URL="/password/change",
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/sign-in",
        SECURITY_EMAIL_SENDER=settings.mail_from,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"email": {"mapper": _email, "case_insensitive": True}}],
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        **{f"SECURITY_MSG_{key}": said for key, said in sign_ins.MESSAGES.items()},
    )
    if settings.public_url:  # links in mails name the host that was asked, so it must be ours
        ours = urlsplit(settings.public_url).hostname or settings.host
        app.config["TRUSTED_HOSTS"] = [ours, settings.host, "localhost", "127.0.0.1"]
    if settings.environment == "test":  # argon2 at full strength takes half a second
        app.config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = {
            "argon2__time_cost": 1,
            "argon2__memory_cost": 8,
            "argon2__parallelism": 1,
        }
    app.wsgi_app = Proxies(app.wsgi_app, settings.proxies)  # type: ignore[method-assign]


def _email(identity: str) -> str:
    return identity.strip().lower()


class _Mail(MailUtil):
    """Flask-Security's messages, through our own way of sending."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **_: Any,
    ) -> None:
        """Send the plain text; the sender is the one of the settings."""
        mail.send(str(recipient), str(subject), body or "")


def _accounts(app: APIFlask, settings: Settings) -> None:
    session: Any = LocalProxy(request_session)
    datastore = SQLAlchemySessionUserDatastore(session, User, SiteRole)
    accounts = Security(app, datastore, mail_util_cls=_Mail)
    sign_ins.register(app, settings, accounts)
    app.extensions["datastore"] = datastore


def _register(app: APIFlask, module: ModuleType) -> None:
    found = getattr(module, "blueprints", None) or [getattr(module, "bp", None)]
    for blueprint in found:
        if blueprint is not None:
            app.register_blueprint(blueprint)


def stages(app: APIFlask, db: Session, member: Member) -> list[Stage]:
    """The frame's list, with this member's view of the counts.

    A part of a page brings the counts of its own stage up to date, and asks for no others.
    """
    result = []
    for entry in FRAME:
        url = url_for(entry.endpoint, review_id=member.review_id)
        current = request.path.startswith(url.rstrip("/"))
        if current or not wants_fragment():
            done, total = importlib.import_module(entry.progress).progress(db, member)
            result.append(Stage(entry.key, entry.label, url, done, total, current))
    return result


def open_tasks(db: Session, member: Member) -> list[tuple[str, str]]:
    """What waits for this member, as (words, address), in the order of the stages."""
    found: list[tuple[str, str]] = []
    for entry in FRAME:
        found += importlib.import_module(entry.progress).tasks(db, member)
    return found


def _frame(app: APIFlask, settings: Settings) -> None:
    """What every template can use."""
    from reviewtool.web import filters

    filters.register(app)
    app.jinja_env.globals["address_of"] = mail.address_of
    app.jinja_env.globals["job_trouble"] = jobs.trouble
    app.jinja_env.globals["may_steer"] = may_steer

    @app.context_processor
    def frame() -> dict[str, Any]:
        member = g.get("member")
        db = request_session()
        whole = member is not None and not wants_fragment()
        administers = current_user.is_authenticated and current_user.is_administrator
        return {
            "current_user": current_user,
            "review": g.get("review"),
            "member": member,
            "stages": stages(app, db, member) if member else [],
            "breadcrumb": [],
            "jobs_running": jobs.running_count(db, member.review_id) if whole else 0,
            "administers": administers,
            "short_of_room": disk.short(settings) if administers else [],
            "csp_nonce": g.get("csp_nonce", ""),
            "can": can,
            "version": __version__,
        }


def _queue(app: APIFlask, settings: Settings) -> None:
    """How a job's id reaches a worker: by Celery task name, so the web never imports worker."""
    if settings.jobs_inline:

        def run_here(job_id: int) -> None:
            with app.app_context():
                jobs.run(job_id)

        app.extensions["send_job"] = run_here
        return
    if not settings.broker_url:
        return
    from celery import Celery

    from reviewtool import broker

    celery = Celery("reviewtool", broker=settings.broker_url)
    celery.conf.update(broker.celery_options())
    app.extensions["worker_alive"] = lambda: broker.worker_alive(settings.broker_url)
    app.extensions["send_job"] = lambda job_id: celery.send_task(
        "run_job", args=[job_id], retry=False
    )
    app.extensions["ping_broker"] = lambda: celery.connection().ensure_connection(
        max_retries=1, timeout=2
    )
