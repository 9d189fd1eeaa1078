"""More than 200 spoilt files: nothing crashes, nothing hangs, nothing is lost silently."""

from __future__ import annotations

import time

import pytest

from reviewtool import formats
from tests.formats.nasty import FORMATS, cases, file_of, workbook

CASES = cases()
# Damage that leaves every record readable.
HARMLESS = (
    "utf8",
    "utf8-bom",
    "utf16",
    "utf16le-bare",
    "utf16be-bare",
    "cp1252",
    "latin1-dashes",
    "cr-only",
    "crlf",
    "nuls",
    "html-title",
    "rtl",
    "gbk",
)


def test_there_are_at_least_two_hundred_of_them() -> None:
    assert len(CASES) >= 200
    assert len({name for name, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(("name", "content"), CASES, ids=[name for name, _ in CASES])
def test_a_spoilt_file_is_accounted_for(name: str, content: bytes) -> None:
    started = time.process_time()
    reading = formats.read(content)
    formats.preview(content)
    assert time.process_time() - started < 10  # the limit a person was promised
    assert reading.read == len(reading.records) + len(reading.problems)
    assert all(problem.line >= 1 and problem.reason for problem in reading.problems)
    assert all(record.identified for record in reading.records)
    assert reading.records or reading.problems or reading.notes, "the file vanished"
    for record in reading.records:
        assert "\x00" not in record.title + record.abstract
        record.title.encode("utf-8")  # no lone surrogates reach the database


@pytest.mark.parametrize("key", FORMATS)
@pytest.mark.parametrize("damage", HARMLESS)
def test_encodings_and_line_ends_lose_no_record(key: str, damage: str) -> None:
    content = dict(CASES)[f"{key}-{damage}"]
    reading = formats.read(content)
    assert reading.format == key
    assert len(reading.records) == 3
    assert all(record.title for record in reading.records)


@pytest.mark.parametrize(
    "key", ["ris", "nbib", "bibtex", "enw", "refworks", "cochrane", "csv", "endnote_xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_accents_survive(key: str, encoding: str) -> None:
    first = formats.read(file_of(key).encode(encoding)).records[0]
    assert first.title.startswith("Étude")
    assert first.authors[0].startswith("Müller")


def test_chinese_in_gbk_is_read_as_chinese() -> None:
    text = "TY  - JOUR\nTI  - 双相情感障碍患者的认知功能研究\nAU  - 王芳\nPY  - 2019\nER  - \n"
    reading = formats.read(text.encode("gbk"))
    assert reading.encoding == "gb18030"
    assert reading.records[0].title == "双相情感障碍患者的认知功能研究"


@pytest.mark.parametrize("name", ["xml-bomb", "xml-bomb-endnote", "xml-outside"])
def test_entities_are_never_expanded(name: str) -> None:
    reading = formats.read(dict(CASES)[name])
    shown = " ".join(record.title for record in reading.records)
    assert "lollol" not in shown
    assert "root:" not in shown


def test_a_zip_bomb_is_refused_with_a_reason() -> None:
    reading = formats.read(dict(CASES)["xlsx-zip-bomb"])
    assert reading.format == "xlsx"
    assert not reading.records
    assert "unpack" in reading.problems[0].reason


def test_a_quote_that_never_closes_costs_one_row() -> None:
    reading = formats.read(dict(CASES)["open-quote"])
    assert len(reading.problems) == 1
    assert reading.problems[0].line == 2
    assert len(reading.records) == 3000


def test_a_missing_end_tag_costs_nothing() -> None:
    assert len(formats.read(dict(CASES)["no-er"]).records) == 20


def test_a_file_cut_off_keeps_what_came_before() -> None:
    for key in ("pubmed_xml", "endnote_xml"):
        whole = file_of(key, 5)
        reading = formats.read(whole.encode()[: int(len(whole) * 0.7)])
        assert len(reading.records) >= 3


def test_the_name_of_a_file_decides_nothing() -> None:
    assert formats.stream(file_of("ris").encode(), "refs.csv").format == "ris"
    assert formats.stream(workbook([["Title", "DOI"], ["A", ""]]), "refs.ris").format == "xlsx"


def test_a_table_nobody_knows_is_read_as_a_person_maps_it() -> None:
    content = b"alpha,beta,gamma\nA trial of x,2001,Smith J; Lee B\nA trial of y,2002,Wu C\n"
    look = formats.preview(content)
    assert look.format == "csv"
    assert look.header == ("alpha", "beta", "gamma")
    assert look.needs_mapping
    mapping = {"alpha": "title", "beta": "year", "gamma": "authors"}
    reading = formats.read(content, mapping=mapping)
    assert [(r.title, r.year, r.authors) for r in reading.records] == [
        ("A trial of x", 2001, ("Smith J", "Lee B")),
        ("A trial of y", 2002, ("Wu C",)),
    ]
