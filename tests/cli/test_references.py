"""``reviewtool import`` from a shell."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlmodel import Session, select

from reviewtool.cli import running
from reviewtool.cli.references import import_file
from reviewtool.references.models import Import, Search
from tests import build
from tests.references.test_imports_services import RIS


@pytest.fixture
def shell(app: Any, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A shell whose commands use the test's application."""
    monkeypatch.setattr(running, "app", lambda: app)
    return CliRunner()


def test_a_file_is_stored_and_its_line_adds_up(
    db: Session, review: build.Team, shell: CliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "refs.ris"
    file.write_bytes(RIS)
    db.commit()
    result = shell.invoke(
        import_file,
        [
            str(file),
            "--review",
            str(review.review.id),
            "--as",
            review.ann.user.email,
            "--database",
            "PubMed",
            "--date",
            "2026-01-15",
        ],
    )
    assert result.output == "refs.ris: 3 read = 2 stored + 1 rejected\n"
    assert result.exit_code == 0
    assert db.exec(select(Search.database)).one() == "PubMed"
    assert db.exec(select(Import)).one().stored == 2


def test_a_stranger_and_an_empty_file_are_told_why(
    db: Session, review: build.Team, shell: CliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "empty.ris"
    file.write_bytes(b"")
    db.commit()
    args = [str(file), "--review", str(review.review.id), "--database", "PubMed", "--as"]
    stranger = shell.invoke(import_file, [*args, "nobody@example.org"])
    assert stranger.exit_code == 1
    assert "not a member" in stranger.output
    empty = shell.invoke(import_file, [*args, review.ann.user.email])
    assert empty.exit_code == 1
    assert "empty" in empty.output
