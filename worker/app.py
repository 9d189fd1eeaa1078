"""Celery from the same settings as the web."""

from typing import Any

from celery import Celery
from celery.signals import heartbeat_sent, worker_init, worker_process_init

from reviewtool import broker, private
from reviewtool.broker import celery_options
from reviewtool.settings import Settings

RESEND_EVERY = 5.0  # seconds


def make_celery() -> Celery:
    """The Celery app; the Flask app is made once in each process that needs it."""
    private.only_mine()
    settings = Settings()
    celery = Celery("reviewtool", broker=settings.broker_url or None)
    celery.conf.update(celery_options())
    celery.conf.update(
        imports=("worker.tasks", "worker.schedule"),
        beat_schedule={
            "resend-stranded-jobs": {
                "task": "resend_stranded",
                "schedule": RESEND_EVERY,
                "options": {"expires": 2 * RESEND_EVERY},  # busy workers find one, not hundreds
            },
            "resume-paused-jobs": {"task": "resume_paused", "schedule": 20.0},
        },
        worker_hijack_root_logger=False,
    )
    return celery


_app: Any = None


def flask_app() -> Any:
    """This process's Flask app, for database, storage and settings."""
    global _app
    if _app is None:
        from reviewtool.app import create_app

        _app = create_app()
    return _app


@worker_init.connect  # type: ignore[untyped-decorator]
def _load_once(**_: Any) -> None:
    """Before the pool forks: its processes share the loaded code, and first jobs do not wait."""
    flask_app()


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _fresh_connections(**_: Any) -> None:
    """A forked child must not share the parent's database connections."""
    flask_app().extensions["database"].engine.dispose(close=False)


@heartbeat_sent.connect  # type: ignore[untyped-decorator]
def _say_alive(**_: Any) -> None:
    """Every two seconds: pages say when no worker is there."""
    url = Settings().broker_url
    if url:
        broker.say_alive(url)
