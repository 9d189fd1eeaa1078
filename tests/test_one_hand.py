"""What has one hand is done by no other module: words marked, numbers written, tables filed."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = [
    path
    for path in (ROOT / "reviewtool").rglob("*.py")
    if not {"migrations", "vendor"} & set(path.parts)
]
TEMPLATES = list((ROOT / "templates").rglob("*.html"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_words_are_marked_by_one_module():
    hands = [
        name(p) for p in CODE if "SequenceMatcher" in p.read_text() or "<mark" in p.read_text()
    ]
    assert hands == ["reviewtool/marking.py"]


def test_no_template_marks_a_value_itself():
    for path in TEMPLATES:
        for rest in path.read_text().split("<mark")[1:]:
            assert "{{" not in rest.split("</mark>")[0], f"{name(path)}: say value|marked"


CLI = {name(path) for path in CODE if path.parent.name == "cli"}  # writes for terminals

# No people read these: a style, a header, digits counted, and a value before it is stored.
UNREAD = {
    "reviewtool/charts/output.py",
    "reviewtool/extraction/rules/formulas.py",
    "reviewtool/stats/conversions/checks.py",
    "reviewtool/web/logs.py",
}


def test_numbers_are_written_by_one_module():
    found = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
                spec = ast.unparse(node.format_spec)
                if re.search(r"[eEfFgG%,]['\"]$", spec) and not re.search(r"%[A-Za-z-]", spec):
                    found.add(name(path))
    assert found - UNREAD - CLI == {"reviewtool/words.py"}
    assert found >= UNREAD


def test_tables_are_filed_by_one_module():
    found = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Attribute)
                and ast.unparse(node).startswith("csv.")
                and (node.attr in {"writer", "DictWriter"})
            ):
                found.add(name(path))
            if isinstance(node, ast.Import | ast.ImportFrom) and "openpyxl" in ast.unparse(node):
                found.add(name(path))
    assert found - CLI == {"reviewtool/table_files.py"}
