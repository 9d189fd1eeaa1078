"""Every real export in the reference folder, read as its ``expected.json`` says."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from reviewtool import formats
from reviewtool.formats import fields

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("REVIEWTOOL_REFERENCE", ROOT.parent / "shared" / "reference"))
EXPECTED = FOLDER / "imports" / "expected.json"
CASES: list[dict[str, Any]] = (
    json.loads(EXPECTED.read_text("utf-8"))["files"] if EXPECTED.exists() else []
)
# What the reference calls a format, and what we call it.
KEYS = {
    "medline": "nbib",
    "wos-tagged": "wos",
    "endnotexml": "endnote_xml",
    "pubmedxml": "pubmed_xml",
    "ovid-text": "ovid",
    "tsv": "csv",
}

needs_files = pytest.mark.skipif(not CASES, reason=f"no reference exports at {EXPECTED}")


def path_of(case: dict[str, Any]) -> Path:
    return FOLDER / "imports" / str(case["file"])


def words(text: str) -> str:
    """As expected.json asks to compare: white space collapsed; markup is not text."""
    return re.sub(r"\s+", " ", fields.clean(text))


def entries_of(source: bytes | Path) -> list[formats.ParsedRecord]:
    """All entries in file order: stored records and what could be read of rejects."""
    found: list[formats.ParsedRecord] = []
    for entry in formats.stream(source):
        if isinstance(entry, formats.ParsedRecord):
            found.append(entry)
        elif isinstance(entry, formats.Problem):
            found.append(entry.record or formats.ParsedRecord(line=entry.line))
    return found


@needs_files
@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_the_file_is_read_as_independent_readers_read_it(case: dict[str, Any]) -> None:
    path = path_of(case)
    if not path.exists():
        pytest.skip(f"{path.name} is not in the reference folder")
    content = path.read_bytes()
    if case.get("sha256"):
        assert hashlib.sha256(content).hexdigest() == case["sha256"]
    opened = formats.stream(content)  # by content alone: no name is given
    assert opened.format == KEYS.get(case["format"], case["format"])
    found = entries_of(content)

    low = case.get("count_min", case.get("count"))
    high = case.get("count_max", case.get("count"))
    assert low is None or low <= len(found)
    assert high is None or len(found) <= high
    if "with_doi" in case:
        # Vendors hide DOIs in links and notes as well; more may be found, never fewer.
        assert sum(1 for r in found if r.doi) >= case["with_doi"]
    if "without_title" in case:
        # A short or book title may stand in for a missing title, never the reverse.
        assert sum(1 for r in found if not r.title) <= case["without_title"]
    for fact in case.get("records", []):
        check(found[fact["index"]], fact)


def check(record: formats.ParsedRecord, fact: dict[str, Any]) -> None:
    if "title" in fact:
        assert words(record.title) == words(fact["title"])
    if "first_author" in fact:
        assert words(record.authors[0]) == words(fact["first_author"])
    if "year" in fact:
        assert record.year == int(fact["year"])
    if "journal" in fact:
        assert words(record.journal) == words(fact["journal"])
    if "doi" in fact:
        assert record.doi == fact["doi"]
    if "abstract" in fact:
        assert words(record.abstract) == words(fact["abstract"])
    if "authors_field_starts_with" in fact:
        start = words(fact["authors_field_starts_with"])
        first = words(record.authors[0]) if record.authors else ""
        if start.startswith("[No author"):
            assert not record.authors  # "no author" is not an author
        else:
            assert first
            assert start.startswith(first) or first.startswith(start)


@needs_files
@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_every_entry_is_stored_or_rejected_with_line_and_reason(
    case: dict[str, Any],
) -> None:
    path = path_of(case)
    if not path.exists():
        pytest.skip(f"{path.name} is not in the reference folder")
    reading = formats.read(path)
    assert reading.read == len(reading.records) + len(reading.problems)
    assert all(record.identified for record in reading.records)
    for problem in reading.problems:
        assert problem.line >= 1
        assert problem.reason
    if case.get("must"):
        assert reading.notes or reading.problems
