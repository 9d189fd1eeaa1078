"""Fixtures: an app on a fresh database, clients, and people with names.

``REVIEWTOOL_TEST_DATABASE_URL`` points the same tests at PostgreSQL; every test then
gets a database of its own, copied from a migrated one and dropped afterwards.
"""

import contextvars
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlmodel import Session
from werkzeug.routing import Rule

from reviewtool.app import create_app
from reviewtool.db.engine import Database
from reviewtool.db.migrate import upgrade
from reviewtool.settings import Settings
from reviewtool.team.models import Member, User
from tests import build

REFERENCE = Path(
    os.environ.get(
        "REVIEWTOOL_REFERENCE", Path(__file__).parents[1] / ".." / "shared" / "reference"
    )
)
POSTGRES = os.environ.get("REVIEWTOOL_TEST_DATABASE_URL", "")


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


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings of a test server: its own folder, jobs run at once."""
    data = tmp_path / "data"
    data.mkdir()
    if not POSTGRES:
        empty: Path = request.getfixturevalue("empty_database")
        for suffix in ("", "-wal"):
            source = empty.with_name(empty.name + suffix)
            if source.exists():
                shutil.copy(source, data / source.name)
        yield Settings(environment="test", data=data, database_url="", jobs_inline=True)
        return
    template, name = request.getfixturevalue("empty_postgres"), f"test_{secrets.token_hex(6)}"
    administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield Settings(environment="test", data=data, database_url=postgres_url(name), jobs_inline=True)
    administer(f"DROP DATABASE {name} WITH (FORCE)")


class Templates(BytecodeCache):
    """Templates as they were compiled for an earlier test: each app would compile its own."""

    codes: ClassVar[dict[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get(f"{bucket.key} {bucket.checksum}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[f"{bucket.key} {bucket.checksum}"] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def address_builders() -> Iterator[None]:
    """The routes of every app are the same, and compiling them takes most of ``create_app``."""
    compiled = Rule._compile_builder
    builders: dict[Any, Any] = {}

    def once(self: Rule, append_unknown: bool = True) -> Any:
        key = (self.rule, *self._trace, *(self.defaults or {}).items(), append_unknown)
        if key not in builders:
            builders[key] = compiled(self, append_unknown)
        return builders[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


class Browser(FlaskClient):
    """A test client whose requests share nothing with the test's own app context."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture
def app(settings: Settings) -> Iterator[APIFlask]:
    """The application on a fresh database; mails land in ``app.extensions["outbox"]``."""
    application = create_app(settings)
    application.extensions["outbox"] = []
    application.test_client_class = Browser
    application.jinja_env.bytecode_cache = Templates()
    yield application
    application.extensions["database"].dispose()


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
