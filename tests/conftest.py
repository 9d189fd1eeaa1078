"""Fixtures: an app on a fresh database, clients, and people with names.

``REVIEWTOOL_TEST_DATABASE_URL`` points the same tests at PostgreSQL; every test then
gets a database of its own, copied from a migrated one and dropped afterwards.
"""

import contextvars
import gc
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlmodel import Session

from reviewtool.app import create_app
from reviewtool.checkpoints import Checkpoints
from reviewtool.db.engine import Database
from reviewtool.db.migrate import upgrade
from reviewtool.holds import Holds
from reviewtool.settings import Settings
from reviewtool.team.models import Member, User
from reviewtool.web.limits import Patience
from tests import build

REFERENCE = Path(
    os.environ.get(
        "REVIEWTOOL_REFERENCE", Path(__file__).parents[1] / ".." / "shared" / "reference"
    )
)
POSTGRES = os.environ.get("REVIEWTOOL_TEST_DATABASE_URL", "")


SERVED = {"settings", "broker_url"}  # what meets a server, of tests and of their fixtures


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what meets a server is run: the rest was proved by ``make test``."""
    if not POSTGRES:
        return
    met = [
        bool(SERVED & set(getattr(one, "fixturenames", ()))) or one.get_closest_marker("services")
        for one in items
    ]
    config.hook.pytest_deselected(
        items=[one for one, here in zip(items, met, strict=True) if not here]
    )
    items[:] = [one for one, here in zip(items, met, strict=True) if here]


def pytest_collection_finish() -> None:
    """What is imported by now stays: nothing is gained by looking through it for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference data; tests that need it skip where it is absent."""
    if not REFERENCE.is_dir():
        pytest.skip("no reference data: set REVIEWTOOL_REFERENCE to its folder")
    return REFERENCE


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that each test copies."""
    folder = tmp_path_factory.mktemp("empty")
    upgrade(Settings(environment="test", data=folder, database_url=""))
    return folder / "reviewtool.sqlite3"


def administer(*statements: str) -> None:
    """Run statements such as CREATE DATABASE, which PostgreSQL does outside transactions.

    Such a statement waits for a checkpoint, which fails as long as another test keeps a disk
    of the server full: it is tried again for a while.
    """
    engine = sa.create_engine(
        Settings(database_url=POSTGRES).database,
        isolation_level="AUTOCOMMIT",
        poolclass=sa.NullPool,
    )
    for statement in statements:
        end = time.monotonic() + 120
        while True:
            try:
                with engine.connect() as connection:
                    connection.execute(sa.text(statement))
                break
            except sa.exc.InternalError as error:
                if "checkpoint" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(1)


def postgres_url(database: str) -> str:
    """The test server's address with another database."""
    return sa.make_url(POSTGRES).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def empty_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty PostgreSQL database that each test copies."""
    name = f"empty_{secrets.token_hex(6)}"
    administer(f"CREATE DATABASE {name}")
    data = tmp_path_factory.mktemp("empty")
    upgrade(Settings(environment="test", data=data, database_url=postgres_url(name)))
    yield name
    administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the one server of this test process: its own folder, jobs run at once."""
    data = tmp_path_factory.mktemp("server") / "data"
    url = postgres_url(f"test_{secrets.token_hex(6)}") if POSTGRES else ""
    return Settings(environment="test", data=data, database_url=url, jobs_inline=True)


@pytest.fixture
def settings(server: Settings, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """The server's settings, with nothing but an empty database in its folder."""
    shutil.rmtree(server.data, ignore_errors=True)
    server.data.mkdir()
    if not POSTGRES:
        empty: Path = request.getfixturevalue("empty_database")
        for suffix in ("", "-wal"):
            source = empty.with_name(empty.name + suffix)
            if source.exists():
                shutil.copy(source, server.data / source.name)
        yield server
        return
    name = sa.make_url(server.database).database
    administer(f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('empty_postgres')}")
    yield server
    administer(f"DROP DATABASE {name} WITH (FORCE)")


class Browser(FlaskClient):
    """A test client whose requests share nothing with the test's own app context."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture(scope="session")
def application(server: Settings) -> APIFlask:
    """The application that the tests of this process share: making one takes longer than most
    of them, and every engine translates its statements anew.
    """
    found = create_app(server)
    found.test_client_class = Browser
    database: Database = found.extensions["database"]
    if database.is_sqlite:  # a power cut here costs nothing but a test
        sa.event.listen(
            database.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF")
        )
    return found


@pytest.fixture
def app(application: APIFlask, settings: Settings) -> Iterator[APIFlask]:
    """The application on a fresh database; mails land in ``app.extensions["outbox"]``.

    What one test counts, locks or sets in the application, the next does not see.
    """
    database: Database = application.extensions["database"]
    limits = application.extensions["limits"].storage
    limits.reset()
    database.checkpoints = Checkpoints.of(settings)
    holds = Holds(database, settings.data.resolve() / "run")
    own = {"outbox": [], "holds": holds, "patience": Patience(limits)}
    with (
        mock.patch.dict(application.config),
        mock.patch.dict(application.view_functions),
        mock.patch.dict(application.jinja_env.globals),
        mock.patch.dict(application.extensions, own),
    ):
        yield application
    database.dispose()
    if holds.opened is not None:
        os.close(holds.opened[1])


@pytest.fixture
def database(app: APIFlask) -> Database:
    """The app's database."""
    found: Database = app.extensions["database"]
    return found


@pytest.fixture
def db(app: APIFlask, database: Database) -> Iterator[Session]:
    """A writing session inside an app context; commit it to let clients see the rows."""
    with app.app_context(), database.session(write=True) as session:
        yield session
        session.rollback()


@pytest.fixture
def review(db: Session) -> build.Team:
    """A review with one person in each role (``review.ann`` is the owner)."""
    return build.team(db)


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """A browser nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def sign_in(app: APIFlask, db: Session) -> Any:
    """``sign_in(member)`` gives a client signed in as that member (or user).

    What the test has done so far is stored first: requests write too, if only to the log.
    """

    def make(who: Member | User) -> FlaskClient:
        user = who.user if isinstance(who, Member) else who
        browser = app.test_client()
        with browser.session_transaction() as session:
            session.update(build.session_of(user))
        db.commit()
        return browser

    return make
