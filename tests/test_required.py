"""What a machine lacks is said, and fails where everything is required."""

import re
from pathlib import Path

import pytest

from tests import required


def test_what_lacks_is_skipped_with_its_remedy(monkeypatch):
    monkeypatch.delenv(required.EVERYTHING, raising=False)
    with pytest.raises(pytest.skip.Exception, match="not installed. On Debian: apt install moon"):
        required.program("no-such-program", package="moon")
    with pytest.raises(pytest.skip.Exception, match="no_such_module is not installed"):
        required.module("no_such_module")


def test_what_lacks_fails_where_everything_is_required(monkeypatch):
    monkeypatch.setenv(required.EVERYTHING, "1")
    with pytest.raises(pytest.fail.Exception, match="apt install moon"):
        required.program("no-such-program", package="moon")


def test_a_program_is_found_by_any_of_its_names():
    assert required.program("no-such-program", "sh", package="dash").endswith("/sh")


def test_no_test_skips_by_itself_what_is_not_installed():
    missing = re.compile(r"skip\w*\([^\n]*\b(installed|apt|R is|Rscript|Chromium)\b")
    for path in Path(__file__).parent.rglob("*.py"):
        if path.stem not in {"required", "test_required"}:
            assert missing.search(path.read_text(encoding="utf-8")) is None, path
