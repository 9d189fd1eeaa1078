"""The table of commands: complete, quick, and with a last word for whatever goes wrong."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from reviewtool.cli import commands
from reviewtool.cli.commands import COMMANDS, cli

HEAVY = ("numpy", "scipy", "flask", "sqlmodel", "pydantic", "matplotlib")


def loaded(*arguments: str) -> set[str]:
    """The modules a command has imported by the time it ends."""
    code = (
        "import sys\nfrom reviewtool.cli import main\n"
        f"try:\n    main({list(arguments)!r})\nexcept SystemExit:\n    pass\n"
        "print('|' + '|'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.rsplit("\n|", 1)[-1].strip("|\n").split("|"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists_and_says_the_same(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.help, name
    assert command.name == name


def test_help_imports_nothing_heavy() -> None:
    assert not loaded("--help") & set(HEAVY)


def test_pooling_imports_no_server_and_only_what_it_needs(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("study,yi,sei\nA,0.5,0.2\nB,0.3,0.2\nC,0.1,0.2\n")
    modules = loaded("pool", str(rows), "--measure", "GEN")
    assert "reviewtool.stats.pairwise" in modules
    unwanted = {"flask", "sqlmodel", "pydantic", "matplotlib", "scipy.stats", "scipy.optimize"}
    assert not modules & (unwanted | {"reviewtool.stats.network", "reviewtool.stats.bayes"})


def test_an_unexpected_error_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a tap left open")

    monkeypatch.setattr(commands, "cli", broken)
    monkeypatch.delenv("REVIEWTOOL_LOG_LEVEL", raising=False)
    with pytest.raises(SystemExit) as stopped:
        commands.main(["verify"])
    said = capsys.readouterr().err
    assert stopped.value.code == 1
    assert "a tap left open" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", [["export", "--review", "1", "--as", "a@b.org"], ["verify"]])
def test_an_empty_database_is_a_sentence(command: list[str], tmp_path: Path) -> None:
    environment = {**os.environ, "REVIEWTOOL_DATA": str(tmp_path), "REVIEWTOOL_DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "reviewtool", *command],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The database is empty.")
    assert "migrate" in done.stderr
    assert "Traceback" not in done.stderr
