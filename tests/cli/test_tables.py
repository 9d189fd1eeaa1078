"""Tables as people save them: read, asked about or refused, never guessed in silence."""

import io
import json
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from reviewtool.cli.commands import cli
from tests.cli.tables import COUNTS, EFFECTS, Read, Run, refused


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


# How files are saved -----------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        EFFECTS,
        "\ufeff" + EFFECTS,
        "\n\n" + EFFECTS.replace("\n", "\n\n"),
        EFFECTS.replace("\n", "\r\n"),
        EFFECTS.replace("\n", "\r"),
        EFFECTS.replace(",", ";"),
        EFFECTS.replace(",", "\t"),
        "sep=;\n" + EFFECTS.replace(",", ";"),
        "sep=;\r\n" + EFFECTS.replace(",", ";").replace(".", ",").replace("\n", "\r\n"),
        EFFECTS.replace(",", ";").replace(".", ","),
        EFFECTS.replace("-", "\u2212"),
        EFFECTS.replace("-", "\u2013"),
        EFFECTS.encode("utf-16"),
        EFFECTS.encode("utf-16-le"),
        EFFECTS.replace("\n", ",,\n"),
        '"' + EFFECTS.replace(",", '","').replace("\n", '"\n"')[:-1],
    ],
)
def test_one_table_gives_one_answer_however_it_was_saved(read: Read, content: str | bytes) -> None:
    assert read(content)["estimate"] == read(EFFECTS)["estimate"]


def test_a_table_in_latin_1_is_read_and_says_so(read: Read) -> None:
    report = read(EFFECTS.replace("A,", "Müller,").encode("latin-1"))
    assert report["studies"][0]["study"] == "Müller"
    assert any("Windows-1252" in note for note in report["notes"])


def test_a_workbook_is_read_with_its_numbers_as_they_are(read: Read) -> None:
    rows: list[list[Any]] = [["study", "yi", "sei"], ["A", 1.234, 0.25], ["B", 0.5, 0.125]]
    report = read(workbook(("Data", rows)), name="t.xlsx")
    assert report["studies"][0]["estimate"] == pytest.approx(1.234)
    text = [["study", "yi", "sei"], ["A", "1,25", "0,25"], ["B", 0.5, 0.125]]
    assert read(workbook(("Data", text)))["studies"][0]["estimate"] == pytest.approx(1.25)


def test_a_workbook_of_several_sheets_says_which_was_read(run: Run, read: Read) -> None:
    rows: list[list[Any]] = [["study", "yi", "sei"], ["A", 1, 0.5], ["B", 2, 0.5]]
    more: list[list[Any]] = [["study", "yi", "sei"], ["C", 5, 0.5], ["D", 6, 0.5]]
    book = workbook(("First", rows), ("Second", more))
    assert any("Second" in note for note in read(book)["notes"])
    assert read(book, "--sheet", "Second")["estimate"] == pytest.approx(5.5)
    refused(run(book, "--sheet", "Third"), "Third", "First, Second")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "no rows"),
        ("study,yi,sei\n", "no rows"),
        (b"PK\x03\x04rubbish", "damaged"),
        (b"\xd0\xcf\x11\xe0rubbish", "old Excel workbook"),
        (b"\x00\x01\x02\x03\xff\xfe\x00", "text"),
        ("study,yi,sei\nA,0,5,0,2\n", "decimal commas"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(
    run: Run, content: str | bytes, word: str
) -> None:
    refused(run(content), word)


def test_a_bad_cell_is_named_by_the_row_a_spreadsheet_shows(run: Run) -> None:
    refused(run("\n\nstudy,yi,sei\n\nA,0.1,0.2\n\nB,many,0.2\n"), "Row 7", "yi", "many")
    refused(run("sep=,\nstudy,yi,sei\nA,0.1,0.2\nB,many,0.2\n"), "Row 4")


def test_standard_input_is_a_table_too() -> None:
    done = CliRunner().invoke(cli, ["pool", "-", "--json"], input="\ufeff" + EFFECTS)
    assert json.loads(done.output)["k"] == 3


def test_a_first_sheet_without_rows_names_the_others(run: Run) -> None:
    rows: list[list[Any]] = [["study", "yi", "sei"], ["A", 1, 0.5], ["B", 2, 0.5]]
    book = workbook(("Notes", [["hello"]]), ("Data", rows))
    refused(run(book), "Notes", "Data", "--sheet")


# Numbers -----------------------------------------------------------------------------


def test_thousands_of_people_are_settled_by_their_table(read: Read) -> None:
    german = "study;m1i;sd1i;n1i;m2i;sd2i;n2i\nA;5,2;2,1;1.234;4,9;2,0;1.240\nB;5,1;2;980;4,7;2;9\n"
    english = (
        'study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,5.2,2.1,"1,234",4.9,2.0,"1,240"\nB,5.1,2,980,4.7,2,9\n'
    )
    one, two = read(german), read(english)
    assert one["estimate"] == two["estimate"]
    assert any("1234" in note for note in one["notes"])


@pytest.mark.parametrize(
    "content",
    [
        "study;ai;n1i;ci;n2i\nA;12;1.234;15;1.240\nB;12;980;15;975\n",
        'study,ai,n1i,ci,n2i\nA,12,"1,234",15,"1,240"\nB,12,980,15,975\n',
        "study,ai,n1i,ci,n2i,dose\nA,12,1.234,15,1.240,0.5\nB,12,980,15,975,0.7\n",
    ],
)
def test_thousands_that_nothing_settles_are_refused_with_both_readings(
    run: Run, content: str
) -> None:
    refused(run(content), "Row 2", "n1i", "1234", "1.234")


def test_one_effect_is_not_believed_to_be_in_thousands(run: Run, read: Read) -> None:
    refused(run('study,yi,sei\nA,"1,234",0.5\nB,2,0.5\n'), "1234", "1.234")
    refused(run("study;yi;sei\nA;1.234;0,5\nB;2;0,5\n"), "1234", "1.234")
    assert read("study;yi;sei\nA;1,234;0,5\nB;2;0,5\n")["studies"][0]["estimate"] == 1.234
    assert read("study,yi,sei\nA,1.234,0.5\nB,2,0.5\n")["studies"][0]["estimate"] == 1.234


def test_per_cent_signs_are_read_where_they_can_mean_one_thing(run: Run, read: Read) -> None:
    rows = "study,est,lb,ub\nA,12.5%,5%,20%\nB,10%,2%,18%\n"
    assert read(rows, "--measure", "RD")["studies"][0]["estimate"] == pytest.approx(0.125)
    assert read(rows)["studies"][0]["estimate"] == pytest.approx(12.5)
    refused(run(COUNTS.replace("A,10", "A,10%"), "--measure", "OR"), "percentage", "Row 2")
    refused(run("study,est,lb,ub\nA,12.5%,5,20\nB,10,2,18\n"), "per cent sign")


@pytest.mark.parametrize(
    "rows",
    [
        "study;HR (95% CI)\nA;0.50 (0.25 to 1.00)\nB;0.6 [0.3, 1.2]\nC;NR\n",
        "study;HR, 95% CI\nA;0.50 (0.25–1.00)\nB;0.6 (0.3-1.2)\nC;\n",
        "study;HR;95% CI\nA;0.50;0.25 to 1.00\nB;0.6;(0.3, 1.2)\nC;;\n",
        'study;HR (95% CI)\nA;"0,50 (0,25; 1,00)"\nB;0,6 (0,3-1,2)\nC;\n',
        "study;HR (95% CI)\nA;0.50 (95% CI 0.25 to 1.00)\nB;0.6 (95% CI: 0.3 to 1.2)\nC;-\n",
    ],
)
def test_an_effect_with_its_interval_in_one_cell_is_taken_apart(read: Read, rows: str) -> None:
    report = read(rows)
    assert report["measure"] == "HR"
    assert [s["estimate"] for s in report["studies"]] == pytest.approx([0.5, 0.6])
    assert report["studies"][0]["ci_low"] == pytest.approx(0.25)
    assert [one["study"] for one in report["left_out"]] == ["C"]
    assert any("was read as" in note for note in report["notes"])


def test_counts_are_no_intervals(read: Read) -> None:
    assert read(COUNTS)["measure"] == "OR"
    assert not any("was read as" in note for note in read(COUNTS)["notes"])
