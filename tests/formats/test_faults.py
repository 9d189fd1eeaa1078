"""Exports that were once read wrongly: what must hold of each.

The cases are those of the reference folder, read through REVIEWTOOL_REFERENCE.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from reviewtool import formats


def cases(reference: Path) -> list[dict[str, Any]]:
    expected = reference / "faults" / "imports" / "expected.json"
    if not expected.is_file():
        pytest.skip("no faults/imports in the reference folder")
    found: list[dict[str, Any]] = json.loads(expected.read_text())
    return found


def test_every_export_is_read_as_it_was_meant(reference: Path) -> None:
    for case in cases(reference):
        content = (reference / "faults" / "imports" / case["file"]).read_bytes()
        reading = formats.read(content)
        assert case["read"] in (None, len(reading.records)), case["file"]
        assert len(reading.problems) == case["rejected"], case["file"]
        for wanted in case["records"]:
            found = reading.records[wanted["index"]]
            for name in {"title", "year", "journal", "volume", "pages", "doi"} & set(wanted):
                assert getattr(found, name) == wanted[name], (case["file"], name)
            if "first_author" in wanted:
                assert found.authors[0] == wanted["first_author"], case["file"]
            if wanted.get("abstract_nonempty"):
                assert found.abstract, case["file"]
            if wanted.get("abstract_whole_or_note"):
                assert '"provision"' in found.abstract, case["file"]
            if "accession_not" in wanted:
                assert found.accession != wanted["accession_not"], case["file"]
