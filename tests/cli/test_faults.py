"""Tables that once gave a wrong number, a crash or silence: what must hold of each.

The cases are those of the reference folder, read through REVIEWTOOL_REFERENCE; the same
kinds of table are tried in test_tables.py and the files beside it.
"""

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reviewtool.cli.commands import cli

FOLDER = Path(os.environ.get("REVIEWTOOL_REFERENCE", "")) / "faults" / "stats"
EXPECTED = FOLDER / "expected.json"
CASES: list[dict[str, Any]] = json.loads(EXPECTED.read_text()) if EXPECTED.is_file() else []
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def table_rows(text: str) -> list[str]:
    """The lines of the table of studies."""
    rules = [i for i, line in enumerate(text.splitlines()) if set(line) == {"-"}]
    return text.splitlines()[rules[0] + 1 : rules[1]] if len(rules) > 1 else []


@pytest.mark.skipif(not CASES, reason="REVIEWTOOL_REFERENCE has no faults/stats/expected.json")
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["file"]))
def test_a_table_that_once_failed(case: dict[str, Any]) -> None:
    words = shlex.split(case["command"])
    arguments = [str(FOLDER / case["file"]) if word == "FILE" else word for word in words]
    done = CliRunner().invoke(cli, arguments)
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    refused = done.exit_code == 2
    assert done.exit_code in (0, 2) or case.get("no_traceback"), done.output
    if case.get("refused"):
        assert refused
    if refused:
        assert case.get("refused") or case.get("or_refused"), done.output
        assert done.output.strip()
    if case.get("accepted"):
        assert done.exit_code == 0
    if "says" in case:
        rest = [line for line in done.output.splitlines() if line not in table_rows(done.output)]
        assert re.search(rf"\b{case['says']}", "\n".join(rest)), done.output
    if not refused:
        _check_numbers(case, done.output)


def _check_numbers(case: dict[str, Any], output: str) -> None:
    printed = [float(text) for text in NUMBER.findall(output)]
    for wanted in (*case.get("ci", ()), *case.get("estimate", ())):
        if wanted is not None:
            near = min(printed, key=lambda value: abs(value - wanted))
            assert abs(near - wanted) <= case["tol"], f"{wanted} is not in:\n{output}"
