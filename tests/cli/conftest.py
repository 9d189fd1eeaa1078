"""The command that pools a table, run in this process."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reviewtool.cli.commands import cli
from tests.cli.tables import Read, Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def invoke(content: str | bytes, *options: str, name: str = "t.csv") -> Result:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        done = CliRunner().invoke(cli, ["pool", str(path), *options])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    return invoke


@pytest.fixture
def read(run: Run) -> Read:
    def invoke(content: str | bytes, *options: str, name: str = "t.csv") -> dict[str, Any]:
        done = run(content, *options, "--json", name=name)
        assert done.exit_code == 0, done.output
        report: dict[str, Any] = json.loads(done.output)
        return report

    return invoke
