"""Addresses are built from the routes, with and without a request."""

import ast
from pathlib import Path

import pytest
from flask import url_for
from werkzeug.routing import BuildError

import reviewtool
from reviewtool.web.addresses import path_to

SOURCES = sorted(Path(reviewtool.__file__).parent.rglob("*.py"))


def test_a_job_builds_the_address_that_a_page_would(app):
    values = {"review_id": 7, "import_id": 3}
    with app.app_context():
        without = path_to("references.import_page", **values)
    with app.test_request_context("/"):
        assert without == url_for("references.import_page", **values)
        assert without == path_to("references.import_page", **values)
    assert without == "/reviews/7/references/imports/3"


def test_the_folder_of_the_public_address_is_kept(app, monkeypatch):
    settings = app.extensions["settings"].model_copy(
        update={"public_url": "https://example.org/rt"}
    )
    monkeypatch.setitem(app.extensions, "settings", settings)
    with app.app_context():
        path = path_to("synthesis.analysis", review_id=1, analysis_id=2)
    assert path == "/rt/reviews/1/synthesis/2"


def test_an_address_without_its_values_is_an_error(app):
    with app.app_context(), pytest.raises(BuildError):
        path_to("references.import_page", review_id=7)


def test_no_address_of_a_review_is_typed_by_hand():
    for path in SOURCES:
        if path.parts[-2:] == ("team", "access.py"):  # where the prefix is given to the routes
            continue
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "/reviews/" in text else ():
            if isinstance(node, ast.JoinedStr):
                assert "/reviews/" not in ast.unparse(node), f"{path}:{node.lineno}"
