"""The sheet under every chart: its faces have every sign that a chart can set."""

import ast
from pathlib import Path

import pytest

import reviewtool
from reviewtool.charts import page as sheet
from reviewtool.charts import render
from reviewtool.charts.forest import Forest, Section, Study

PACKAGE = Path(reviewtool.__file__).parent
WRITERS = [
    PACKAGE / "words.py",
    *sorted((PACKAGE / "charts").glob("*.py")),
    *sorted((PACKAGE / "synthesis/plots").glob("*.py")),
]


def signs(path: Path) -> set[str]:
    """Every sign in the texts of a module, its documentation left out."""
    module = ast.parse(path.read_text())
    said = {
        node.body[0].value
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = [n for n in ast.walk(module) if isinstance(n, ast.Constant) and n not in said]
    return {sign for text in texts if isinstance(text.value, str) for sign in text.value}


SIGNS = "".join(sorted({sign for path in WRITERS for sign in signs(path)} - {"\n"}))


@pytest.fixture
def only(monkeypatch):
    """Let this machine have one face, beside the one that comes with Matplotlib."""

    def have(*names: str) -> None:
        monkeypatch.setattr(sheet, "FACES", names)
        for kept in (sheet.faces, sheet._properties, sheet.width):
            kept.cache_clear()

    yield have
    monkeypatch.undo()
    have(*sheet.FACES)


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
@pytest.mark.parametrize("face", [*sheet.FACES, "cmr10", "no such face"])
def test_no_sign_is_missing_whatever_face_this_machine_has(only, face, format):
    """cmr10 comes with Matplotlib and has neither ⁹ nor −."""
    only(face)
    assert {"⁹", "−", "∞", "×", "τ"} <= set(SIGNS)
    assert sheet.lacking(SIGNS.replace("\u202f", "\u2009")) == set()
    for bold in (False, True):
        assert sheet.width(SIGNS, bold=bold) > 0
    study = Study(SIGNS, 1.2, 0.8, 1.9e10, 100.0)
    assert render(Forest("OR", (Section((study,)),)), format)


def test_a_sign_of_the_second_face_is_measured_by_the_second_face(only):
    only("no such face")
    alone = sheet.width("⁹⁹⁹⁹")
    only("cmr10")
    assert sheet.width("⁹⁹⁹⁹") == alone


def test_an_svg_names_the_face_that_it_was_measured_with(only):
    only("cmr10")
    drawn = render(Forest("OR", (Section((Study("A", 1.2, 0.8, 1.9, 100.0),)),))).decode()
    assert "font-family: 'cmr10', Arial," in drawn or "px 'cmr10', Arial," in drawn
    assert "DejaVu" not in drawn


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
def test_names_in_any_script_are_drawn_without_a_warning(format):
    """Warnings are errors here; a machine without such a face draws boxes."""
    names = ("張偉 2020", "김민수 2019", "データ 2021", "सिंह 2018")
    studies = tuple(Study(name, 1.2, 0.8, 1.9, 25.0) for name in names)
    assert render(Forest("OR", (Section(studies),)), format)


def test_a_face_for_chinese_japanese_and_korean_is_taken_where_there_is_one(only, monkeypatch):
    monkeypatch.setattr(sheet, "EAST_ASIAN", ("no such face", "STIXGeneral", "cmr10"))
    monkeypatch.setattr(sheet, "IN_PARTS", ("cmss10", "cmb10"))
    only("cmtt10")
    assert sheet.faces() == ("cmtt10", sheet.COMPLETE, "STIXGeneral")
    monkeypatch.setattr(sheet, "EAST_ASIAN", ("no such face",))
    only("cmtt10")
    assert sheet.faces() == ("cmtt10", sheet.COMPLETE, "cmss10", "cmb10")


def test_what_no_face_has_is_known(only):
    only("cmr10")
    assert "\U0010fffd" in sheet.lacking("A\U0010fffd")
    assert "A" not in sheet.lacking("A\U0010fffd")
