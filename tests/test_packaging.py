"""The wheel holds everything, and installed alone it serves a page."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests import required

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    required.module("hatchling")
    if not (ROOT / "reviewtool/static/vendor/versions.json").exists():
        required.lacking("the front-end libraries are not built", "Run: make check")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_file_of_the_packages(names):
    tracked = subprocess.run(
        ["git", "ls-files", "reviewtool", "worker", "templates"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode:
        pytest.skip("only in a checkout")
    for name in tracked.stdout.split("\n"):
        if not (ROOT / name).is_file():
            continue
        inside = f"reviewtool/{name}" if name.startswith("templates/") else name
        assert inside in names, name


@pytest.mark.parametrize(
    "name",
    [
        "reviewtool/static/vendor/bootstrap.min.css",
        "reviewtool/static/vendor/htmx.min.js",
        "reviewtool/static/vendor/pdfjs/pdf.min.mjs",
        "reviewtool/static/vendor/licences/htmx.txt",
        "reviewtool/db/migrations/env.py",
        "reviewtool/instruments/definitions/rob2.toml",
        "reviewtool/templates/base.html",
        "worker/tasks.py",
    ],
)
def test_what_git_does_not_keep_or_keeps_elsewhere_is_in_the_wheel(names, name):
    assert name in names


def test_neither_tests_nor_development_files_are_in_the_wheel(names):
    assert not [n for n in names if n.startswith("tests/") or "/vendor/dev/" in n or ".venv" in n]


def test_the_licence_comes_along(names):
    assert any(n.endswith("licenses/LICENSE") for n in names)


def test_the_wheel_alone_migrates_and_serves_pages(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "alone")
    script = (
        "from pathlib import Path; import reviewtool\n"
        "from reviewtool.app import create_app\n"
        "from reviewtool.db.migrate import upgrade\n"
        "from reviewtool.settings import Settings\n"
        "settings = Settings(environment='test', data=Path('data'))\n"
        "upgrade(settings)\n"
        "client = create_app(settings).test_client()\n"
        "paths = ('/readyz', '/', '/static/app.css')\n"
        "pages = [client.get(p, follow_redirects=True).status_code for p in paths]\n"
        "print(reviewtool.__file__, pages)\n"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("REVIEWTOOL_")}
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=kept | {"PYTHONPATH": str(tmp_path / "alone")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert str(tmp_path / "alone") in run.stdout
    assert "[200, 200, 200]" in run.stdout


# Not imported here, and needed all the same.
SERVING_OTHERS = {
    "argon2-cffi",  # Flask-Security hashes passwords with it
    "email-validator",  # and checks addresses with it
    "granian",  # started as a program
    "psycopg",  # SQLAlchemy's driver
    "python-calamine",  # runs apart, in a process of its own
}


def test_every_dependency_is_imported():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[<>=;!~ ]", one)[0] for one in project["dependencies"]}
    tops = set()
    for path in [*(ROOT / "reviewtool").rglob("*.py"), *(ROOT / "worker").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                tops |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                tops.add(node.module.split(".")[0])
    homes = packages_distributions()
    used = {home.lower().replace("_", "-") for top in tops for home in homes.get(top, ())}
    assert wanted - used == SERVING_OTHERS
