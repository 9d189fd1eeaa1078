"""Imports point one way, the pure libraries stay pure, and one hand does one thing."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from reviewtool.stages import ROOMS, STAGES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "reviewtool"
PURE = ("stats", "charts", "formats", "instruments")
FILES = [p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts]


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """What is asked of everywhere in a file: its imports, and values written with a format."""
    asked = (ast.Import, ast.ImportFrom, ast.FormattedValue)
    return tuple(node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, asked))


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Absolute names of everything a file imports."""
    return tuple(_names(path))


def _names(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.relative_to(PACKAGE).parts[0] in PURE], ids=name
)
def test_a_pure_library_knows_neither_flask_nor_the_database(path):
    own = path.relative_to(PACKAGE).parts[0]
    pure = ("errors", "reading", "stats", "words")
    allowed = {f"reviewtool.{one}" for one in (own, *pure)}
    for module in imported(path):
        top = module.split(".")[0]
        assert top not in {"flask", "sqlalchemy", "sqlmodel", "celery", "flask_security", "wtforms"}
        if top == "reviewtool" and module not in {"reviewtool", "reviewtool.__version__"}:
            assert any(module == a or module.startswith(a + ".") for a in allowed), module


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.relative_to(PACKAGE).parts[0] in STAGES], ids=name
)
def test_a_stage_uses_earlier_stages_only(path):
    own = STAGES.index(path.relative_to(PACKAGE).parts[0])
    for module in imported(path):
        parts = module.split(".")
        if parts[0] == "reviewtool" and len(parts) > 1 and parts[1] in STAGES:
            assert STAGES.index(parts[1]) <= own, f"{name(path)} imports {module}"


ORDER = {room: floor for floor, rooms in enumerate(ROOMS) for room in rooms}
IN_STAGES = [p for p in FILES if p.relative_to(PACKAGE).parts[0] in STAGES]
# Modules that are no room: how a request is let in, the first account, the home page,
# and what the engine found.
ELSEWHERE = {
    ("team", "access"),
    ("team", "sign_ins"),
    ("team", "downloads"),
    ("team", "setup"),
    ("team", "home"),
    ("synthesis", "results"),
    ("synthesis", "bundle"),
}


def room_of(module: str) -> str | None:
    """The room a module of a stage stands in: reviewtool.<stage>.<room>[...]."""
    parts = module.split(".")
    if len(parts) < 3 or parts[0] != "reviewtool" or parts[1] not in STAGES:
        return None
    return parts[2] if parts[2] in ORDER else None


@pytest.mark.parametrize("path", IN_STAGES, ids=name)
def test_every_file_of_a_stage_stands_in_a_room(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts[1] != "__init__":
        assert parts[1] in ORDER or parts[:2] in ELSEWHERE, f"{name(path)} is in no room of ROOMS"


@pytest.mark.parametrize("room", sorted(ORDER))
def test_every_room_is_described(room):
    table = (ROOT / "CONTRIBUTING.md").read_text().split("| room |")[1].split("\n\n")[0]
    assert f"`{room}`" in table


@pytest.mark.parametrize("path", IN_STAGES, ids=name)
def test_a_room_uses_rooms_below_it_only(path):
    own = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if own is None:
        return
    for module in imported(path):
        other = room_of(module)
        if other is not None and module.split(".")[1] == path.relative_to(PACKAGE).parts[0]:
            assert ORDER[other] <= ORDER[own], f"{name(path)} ({own}) imports {module} ({other})"


@pytest.mark.parametrize("path", IN_STAGES, ids=name)
def test_rules_and_services_do_not_know_the_request(path):
    room = path.relative_to(PACKAGE).with_suffix("").parts[1]
    if room not in {"rules", "services", "queries", "models"}:
        return
    for module in imported(path):
        if module.startswith("flask."):
            assert module.split(".")[1] not in {"request", "g", "session"}, (
                f"{name(path)}: {module}"
            )
        if room == "rules":
            assert not module.startswith(("flask", "sqlalchemy", "sqlmodel")), (
                f"{name(path)}: {module}"
            )


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name in ("web", "db")], ids=name)
def test_plumbing_knows_no_stage(path):
    for module in imported(path):
        parts = module.split(".")
        assert not (parts[0] == "reviewtool" and len(parts) > 1 and parts[1] in STAGES), module


def test_the_web_never_imports_the_worker():
    for path in FILES:
        assert not any(m == "worker" or m.startswith("worker.") for m in imported(path)), name(path)


def test_pyplot_is_never_imported():
    for path in FILES:
        assert not any("pyplot" in m for m in imported(path)), name(path)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_file_is_called_after_nothing(path):
    assert not {"utils", "helpers", "helper", "manager", "data", "misc"} & set(
        path.with_suffix("").parts
    )


def test_what_is_built_is_not_committed():
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("no checkout")
    asked = [git, "ls-files", "reviewtool/static/vendor"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert listed.stdout == "", (
        "git rm --cached reviewtool/static/vendor; landing it deletes main's"
    )


def module_of(path: Path) -> str:
    """The dotted name of a file; a package's is that of its __init__."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules each of which, by way of the others, imports itself (Tarjan 1972)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        number[module] = lowest[module] = len(number)
        stack.append(module)
        for other in imports[module]:
            if other not in number:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            at = stack.index(module)
            group, stack[at:] = sorted(stack[at:]), []
            if len(group) > 1:
                found.append(group)

    for module in imports:
        if module not in number:
            visit(module)
    return found


def needed(path: Path, known: set[str]) -> set[str]:
    """Modules a file imports anywhere: in functions and for type checkers too.

    "from package import module" needs the module, not the package.
    """
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inside
            if not inside <= known:
                found.add(node.module)
    return (found & known) - {module_of(path)}


def test_no_two_modules_import_each_other():
    known = {module_of(path) for path in FILES}
    assert circles({module_of(path): needed(path, known) for path in FILES}) == []


def test_a_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


def test_words_are_marked_by_one_module():
    for path in FILES:
        if path.name != "marking.py":
            text = path.read_text()
            assert "SequenceMatcher" not in text, f"{name(path)}: ask reviewtool.marking"
            assert "<mark" not in text, f"{name(path)}: ask reviewtool.marking"
    for path in (ROOT / "templates").rglob("*.html"):
        for rest in path.read_text().split("<mark")[1:]:
            assert "{{" not in rest.split("</mark>")[0], f"{name(path)}: say value|marked"


# No people read these: a style, digits counted, a header, and a value before it is stored.
UNREAD = {"charts/output.py", "conversions/checks.py", "web/logs.py", "rules/formulas.py"}


def test_numbers_are_written_by_one_module():
    for path in FILES:
        if path.name == "words.py" or "/".join(path.parts[-2:]) in UNREAD:
            continue
        for node in nodes(path):
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
                spec = ast.unparse(node.format_spec)
                wrong = re.search(r"[eEfFgG%,]['\"]$", spec) and not re.search(r"%[A-Za-z-]", spec)
                assert not wrong, f"{name(path)}:{node.lineno}: write it by reviewtool.words"


def test_tables_are_filed_by_one_module():
    for path in FILES:
        if path.name == "table_files.py":
            continue
        source = path.read_text()
        for node in ast.walk(ast.parse(source)) if re.search("csv|openpyxl", source) else ():
            text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            assert text not in {"csv.writer", "csv.DictWriter", "openpyxl.Workbook"}, (
                f"{name(path)}:{node.lineno}: write it by reviewtool.table_files"
            )


def test_no_line_of_a_template_is_too_long():
    width = (
        120  # as [tool.djlint] in pyproject.toml has it; break inside {{ }} or between attributes
    )
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert len(line) <= width, f"{name(path)}:{number} has {len(line)} characters"
            assert line == line.rstrip(), f"{name(path)}:{number} ends in a space"
