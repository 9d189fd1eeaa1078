"""Templates are written to be read: no line is longer than a screen is wide."""

from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[1] / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
WIDTH = 120  # as [tool.djlint] in pyproject.toml has it


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_no_line_of_a_template_is_too_long(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        assert len(line) <= WIDTH, f"{path}:{number} has {len(line)} characters"


def test_a_template_keeps_no_space_at_the_end_of_a_line():
    for path in FILES:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert line == line.rstrip(), f"{path}:{number}"
