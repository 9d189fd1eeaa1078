"""Rayyan's log of decisions, row by row; and zips of exports."""

import io
import zipfile

import pytest

from reviewtool import formats
from reviewtool.formats.archive import open_archive
from reviewtool.formats.base import Verdict

HEADER = "article_id,user_email,created_at,key,value\n"


def one(row: str) -> Verdict:
    found = formats.read((HEADER + row + "\n").encode())
    assert found.format == "rayyan_log"
    assert [r.accession for r in found.records] == ["rayyan-7"]
    return found.records[0].verdicts[0]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("7,a@b.org,t,included,1", Verdict("include", "a@b.org", decided_at="t")),
        ("rayyan-7,a@b.org,t,included,0", Verdict("maybe", "a@b.org", decided_at="t")),
        ("7,a@b.org,t,included,-1.0", Verdict("exclude", "a@b.org", decided_at="t")),
        (
            "7,a@b.org,t,included,deleted",
            Verdict("", "a@b.org", decided_at="t", withdrawn=True),
        ),
        (
            '7,a@b.org,t,"__EXR__wrong drug, dose",1',
            Verdict("", "a@b.org", reasons=("wrong drug, dose",), decided_at="t"),
        ),
        ("7,a@b.org,t,pilot,1", Verdict("", "a@b.org", labels=("pilot",), decided_at="t")),
    ],
)
def test_a_row_is_one_thing_said_about_one_article(row: str, expected: Verdict) -> None:
    assert one(row) == expected


def test_columns_may_stand_in_another_order_and_bad_rows_are_named() -> None:
    header = "key,value,article_id,user_email,created_at\n"
    text = header + "included,1,7,a@b.org,t\nincluded,soon,7,,\n,,,,x\n"
    found = formats.read(text.encode())
    assert (len(found.records), [p.line for p in found.problems]) == (1, [3, 4])
    assert "soon" in found.problems[0].reason


def _zip(**files: bytes) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    out.seek(0)
    return out


def test_only_a_zip_of_plain_files_is_opened() -> None:
    found = open_archive(_zip(a=b"x", empty=b""))
    assert found is not None
    assert [entry.filename for entry in found[1]] == ["a"]
    assert open_archive(_zip(**{"[Content_Types].xml": b"x", "xl": b"y"})) is None
    assert open_archive(_zip(**{f"f{n}": b"x" for n in range(61)})) is None
    assert open_archive(io.BytesIO(b"PK\x03\x04 broken")) is None
    assert open_archive(io.BytesIO(b"TY  - JOUR")) is None
