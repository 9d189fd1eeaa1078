"""``reviewtool export`` from a shell."""

import zipfile

import pytest
from click.testing import CliRunner

from reviewtool.cli import running
from reviewtool.cli.reporting import export
from tests import build


@pytest.fixture
def run(app, monkeypatch, tmp_path):
    monkeypatch.setattr(running, "app", lambda: app)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(export, [str(a) for a in arguments])


def test_the_zip_is_written(db, review, run, tmp_path):
    build.record(db, review.review, "Needling")
    db.commit()
    done = run("--review", review.review.id, "--as", review.ann.user.email, "--out", "all.zip")
    assert done.exit_code == 0, done.output
    assert "data/records.csv" in zipfile.ZipFile(tmp_path / "all.zip").namelist()


def test_one_export_is_written_under_its_own_name(db, review, run, tmp_path):
    build.record(db, review.review, "Needling")
    db.commit()
    run("--review", review.review.id, "--as", review.observer.user.email, "--only", "records")
    assert "Needling" in (tmp_path / "records.csv").read_text("utf-8-sig")


def test_a_stranger_gets_one_clear_line(db, review, run):
    db.commit()
    done = run("--review", review.review.id, "--as", "x@example.org")
    assert done.exit_code == 1
    assert "is not a member" in done.output
