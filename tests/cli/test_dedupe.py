"""The dedupe command, as a person or a script runs it."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

from click.testing import CliRunner, Result

from reviewtool.cli.dedupe import dedupe

HEADER = "record_id,title,authors,year,journal,volume,number,pages,doi,abstract,pmid,issn,source\n"
ROWS = (
    'x1,"Aspirin for headache in adults","Smith, J.; Lee, A.",2001,Lancet,3,1,10-19,10.1000/a,,,,\n'
    'x2,"ASPIRIN for headache in adults.","Smith J; Lee A",2001,The Lancet,3,1,10-9,,,,,\n'
    'x3,"Another thing altogether, and more","Roe, B.",2010,BMJ,3,1,1-2,,,,,\n'
)
RIS = """TY  - JOUR
TI  - Aspirin for headache in adults
AU  - Smith, J.
AU  - Lee, A.
PY  - 2001
JO  - Lancet
VL  - 3
SP  - 10
EP  - 19
ER  -
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(dedupe, [str(a) for a in arguments])


def groups(path: Path) -> dict[str, str]:
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert rows
    assert list(rows[0]) == ["record_id", "group"]
    return {row["record_id"]: row["group"] for row in rows}


def test_each_record_keeps_its_id_and_gets_one_group(tmp_path: Path) -> None:
    source = tmp_path / "set.csv"
    source.write_text(HEADER + ROWS, encoding="utf-8")
    result = run(source, "--out", tmp_path / "groups.csv")
    assert result.exit_code == 0, result.output
    found = groups(tmp_path / "groups.csv")
    assert list(found) == ["x1", "x2", "x3"]
    assert found["x1"] == found["x2"] != found["x3"]
    assert "3 records: 2 different works, 1 duplicates" in result.output


def test_a_gzipped_set_and_evidence(tmp_path: Path) -> None:
    source = tmp_path / "set.csv.gz"
    source.write_bytes(gzip.compress((HEADER + ROWS).encode("utf-8-sig")))
    result = run(source, "--out", tmp_path / "groups.csv", "--evidence")
    assert result.exit_code == 0, result.output
    evidence = (tmp_path / "groups.evidence.csv").read_text(encoding="utf-8")
    assert "x1,x2,certain" in evidence
    assert "same title" in evidence


def test_an_export_and_a_table_are_compared_with_each_other(tmp_path: Path) -> None:
    table, export = tmp_path / "set.csv", tmp_path / "pubmed.ris"
    table.write_text(HEADER + ROWS, encoding="utf-8")
    export.write_text(RIS, encoding="utf-8")
    result = run(table, export, "--out", tmp_path / "groups.csv")
    assert result.exit_code == 0, result.output
    found = groups(tmp_path / "groups.csv")
    assert found["pubmed.ris:1"] == found["x1"]


def test_a_repeated_id_is_named_with_its_line(tmp_path: Path) -> None:
    source = tmp_path / "set.csv"
    source.write_text(HEADER + ROWS + ROWS, encoding="utf-8")
    result = run(source, "--out", tmp_path / "groups.csv")
    assert result.exit_code == 1
    assert "set.csv, line 5: the record_id x1 twice" in result.output
    assert not (tmp_path / "groups.csv").exists()


def test_ids_that_two_tables_share_are_told_apart_by_file(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text(HEADER + ROWS, encoding="utf-8")
    result = run(tmp_path / "one.csv", tmp_path / "two.csv", "--out", tmp_path / "groups.csv")
    assert result.exit_code == 0, result.output
    found = groups(tmp_path / "groups.csv")
    assert len(found) == 6
    assert found["one.csv:x3"] == found["two.csv:x3"]


def test_a_damaged_archive_gives_one_clear_line(tmp_path: Path) -> None:
    source = tmp_path / "set.csv.gz"
    source.write_bytes(gzip.compress(b"record_id,title\n" * 99)[:30])
    result = run(source, "--out", tmp_path / "groups.csv")
    assert result.exit_code == 1
    assert "set.csv.gz cannot be read" in result.output
    assert "Traceback" not in result.output


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    source = tmp_path / "empty.ris"
    source.write_text("", encoding="utf-8")
    result = run(source, "--out", tmp_path / "groups.csv")
    assert result.exit_code == 1
    assert "No records" in result.output
