"""README names every setting, command and make target; every route and action has words."""

import re
from pathlib import Path

import pytest

from reviewtool.cli.commands import COMMANDS
from reviewtool.permissions import DESCRIPTIONS, TABLE, Action, Role
from reviewtool.settings import Settings
from reviewtool.stats.columns import ROLES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name):
    assert f"`REVIEWTOOL_{name.upper()}`" in README


def test_every_documented_setting_exists():
    named = set(re.findall(r"`REVIEWTOOL_([A-Z_]+)`", README)) - {"REFERENCE", "CHROMIUM"}
    assert {n.lower() for n in named} <= set(Settings.model_fields)


def test_every_command_is_documented():
    for name in COMMANDS:
        assert f"reviewtool {name}" in README, name


def test_every_column_of_a_table_is_documented_with_its_names():
    text = (ROOT / "docs" / "statistics.md").read_text()
    for role, one in ROLES.items():
        if role != "effect":  # told apart in words
            assert f"| {one.words} | `{one.option}` | {', '.join(one.synonyms)} |" in text


def test_every_make_target_is_documented():
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert targets is not None
    for target in targets[1].split():
        assert f"make {target}" in README, target


def test_every_action_is_somebodys_and_every_role_is_described():
    assert set().union(*TABLE.values()) == set(Action)
    assert set(DESCRIPTIONS) == set(Role) == set(TABLE)


def test_every_view_says_what_it_is(app):
    for endpoint, view in app.view_functions.items():
        if view.__module__.startswith("reviewtool."):
            assert (view.__doc__ or "").strip(), endpoint
