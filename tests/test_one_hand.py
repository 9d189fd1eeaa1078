"""What has one hand is done by no other module: marked words."""

from pathlib import Path

import pytest

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


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_template_marks_a_value_itself(path):
    for rest in path.read_text().split("<mark")[1:]:
        assert "{{" not in rest.split("</mark>")[0], f"{name(path)}: say value|marked"
