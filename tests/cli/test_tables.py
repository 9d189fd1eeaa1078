"""Tables as people save them: read, asked about or refused, never guessed in silence."""

import io
import json
from collections.abc import Callable
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewtool.cli.commands import cli
from reviewtool.cli.statistics.options import COLUMNS
from reviewtool.stats import effect_sizes
from reviewtool.stats import pool as pool_effects
from reviewtool.stats.columns import ROLES

Run = Callable[..., Result]
Read = Callable[..., dict[str, Any]]

COUNTS = "study,ai,n1i,ci,n2i\nA,10,100,20,100\nB,15,120,25,118\nC,5,60,9,64\n"
EFFECTS = "study,yi,sei\nA,-0.5,0.2\nB,0.3,0.2\nC,0.1,0.25\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def invoke(content: str | bytes, *options: str, name: str = "t.csv") -> Result:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        done = CliRunner().invoke(cli, ["pool", str(path), *options])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    return invoke


@pytest.fixture
def read(run: Run) -> Read:
    def invoke(content: str | bytes, *options: str, name: str = "t.csv") -> dict[str, Any]:
        done = run(content, *options, "--json", name=name)
        assert done.exit_code == 0, done.output
        report: dict[str, Any] = json.loads(done.output)
        return report

    return invoke


def refused(done: Result, *words: str) -> None:
    assert done.exit_code == 2, done.output
    for word in words:
        assert word in done.output, done.output


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


# Roles -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "measure"),
    [
        ("study,HR,LCI,UCI", "HR"),
        ("Author,Hazard ratio,Lower CI,Upper CI", "HR"),
        ("trial,OR,95% CI low,95% CI high", "OR"),
        ("studlab,RR,lower,upper", "RR"),
    ],
)
def test_a_column_that_names_a_ratio_is_pooled_as_one(
    read: Read, header: str, measure: str
) -> None:
    report = read(header + "\nA,0.5,0.25,1.0\nB,0.5,0.25,1.0\n")
    assert report["measure"] == measure
    assert report["shown"]["estimate"] == pytest.approx(0.5)
    assert any(header.split(",")[1] in note for note in report["notes"])


@pytest.mark.parametrize(
    "header",
    [
        "study,ai,n1i,ci,n2i",
        "study,events1,n1,events2,n2",
        "Author,event.e,n.e,event.c,n.c",
        "trial,r1,total1,r2,total2",
        "study,x,N,y,M",
    ],
)
def test_counts_are_found_under_the_names_in_use(run: Run, read: Read, header: str) -> None:
    rows = header + "\nA,10,100,20,100\nB,15,120,25,118\n"
    options: list[str] = []
    if "x" in header.split(","):
        assert run(rows, "--measure", "OR").exit_code == 2
        options = ["--col-ai", "x", "--col-n1i", "N", "--col-ci", "y", "--col-n2i", "M"]
    report = read(rows, "--measure", "OR", *options)
    assert report["estimate"] == read(COUNTS.replace("C,5,60,9,64\n", ""))["estimate"]


def test_cells_of_the_table_do_as_well_as_totals(run: Run, read: Read) -> None:
    cells = "study,ai,bi,ci,di\nA,10,90,20,80\nB,15,105,25,93\nC,5,55,9,55\n"
    assert read(cells)["estimate"] == pytest.approx(read(COUNTS)["estimate"])
    wrong = "study,ai,bi,n1i,ci,di,n2i\nA,10,90,100,20,80,100\nB,15,105,121,25,93,118\n"
    refused(run(wrong, "--strict"), "Row 3", "121")
    assert read(wrong)["left_out"] == [
        {"study": "B", "row": 3, "reason": "ai and bi make 120, not 121"}
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("study,yi,te,sei\nA,1,2,0.5\nB,1,2,0.5\n", ["yi", "te", "--col-yi"]),
        ("study,yi,effect,sei\nA,1,2,0.5\nB,1,2,0.5\n", ["yi", "effect", "--col-estimate"]),
        ("study,est,lower,lci,ub\nA,1,0,0,2\nB,1,0,0,2\n", ["lower", "lci", "--col-lower"]),
        ("study,n,n,ai,n1i,ci,n2i\nA,1,1,1,10,2,10\n", ["n"]),
    ],
)
def test_two_columns_for_one_role_are_named_not_ranked(
    run: Run, content: str, words: list[str]
) -> None:
    done = run(content)
    if "n1i" in content:  # the doubled column plays no role there
        assert done.exit_code == 0
    else:
        refused(done, *words)


def test_an_option_chooses_the_column(read: Read) -> None:
    rows = "study,yi,te,sei\nA,1,2,0.5\nB,1,2,0.5\n"
    assert read(rows, "--col-yi", "te")["estimate"] == pytest.approx(2)
    assert read(rows, "--col-yi", "yi")["estimate"] == pytest.approx(1)


def test_counts_win_over_an_effect_and_it_is_said(read: Read) -> None:
    rows = "study,ai,n1i,ci,n2i,effect,se\nA,10,100,20,100,0.44,0.18\nB,15,120,25,118,0.5,0.2\n"
    report = read(rows, "--measure", "OR")
    assert report["estimate"] == read(COUNTS.replace("C,5,60,9,64\n", ""))["estimate"]
    assert any("effect" in note and "not used" in note for note in report["notes"])


def test_an_effect_column_without_precision_does_not_stand_in_the_way_of_counts(
    read: Read,
) -> None:
    rows = "study,ai,n1i,ci,n2i,effect\nA,10,100,20,100,0.4\nB,15,120,25,118,0.5\nC,0,9,0,9,\n"
    report = read(rows, "--measure", "OR")
    assert [one["study"] for one in report["left_out"]] == ["C"]
    assert any("effect" in note and "not used" in note for note in report["notes"])


def test_estimates_that_were_chosen_are_used_beside_counts(read: Read) -> None:
    rows = "study,ai,n1i,ci,n2i,effect,se\nA,10,100,20,100,-0.4,0.18\nB,15,120,25,118,-0.2,0.2\n"
    report = read(rows, "--measure", "OR", "--col-yi", "effect")
    assert report["studies"][0]["estimate"] == pytest.approx(exp(-0.4))
    assert any("were not used" in note for note in report["notes"])


def test_a_ratio_column_is_not_pooled_as_another_measure(run: Run, read: Read) -> None:
    rows = "study,HR,LCI,UCI\nA,0.5,0.25,1\nB,0.5,0.25,1\n"
    refused(run(rows, "--measure", "OR"), "HR", "--measure HR")
    assert read(rows, "--measure", "OR", "--col-estimate", "HR")["measure"] == "OR"


def test_estimates_of_another_measure_do_not_stand_in_for_counts(read: Read) -> None:
    report = read(MIXED, "--measure", "RR")
    assert any("OR" in note and "odds ratios" in note for note in report["notes"])
    assert "C" in {s["study"] for s in report["left_out"]}


def test_methods_and_tests_have_their_usual_names(read: Read) -> None:
    assert read(EFFECTS, "--method", "FE")["method"] == "EE"
    assert read(EFFECTS, "--method", "dl")["method"] == "DL"
    assert read(EFFECTS, "--test", "HKSJ")["test"] == "knha"


def test_an_estimate_that_its_measure_cannot_take_is_named(run: Run, read: Read) -> None:
    rows = "study,RD,lower,upper\nA,12.5,5,20\nB,0.1,0.02,0.18\n"
    refused(run(rows, "--strict"), "Row 2 (A)", "12.5%")
    assert "12.5%" in read(rows)["left_out"][0]["reason"]


def test_an_effect_that_may_be_a_ratio_or_its_logarithm_is_asked_about(
    run: Run, read: Read
) -> None:
    rows = "study,effect,se\nA,0.5,0.2\nB,0.6,0.2\n"
    refused(run(rows, "--measure", "OR"), "--col-estimate effect", "--col-yi effect")
    logs = read(rows, "--measure", "OR", "--col-yi", "effect")
    assert logs["shown"]["estimate"] == pytest.approx(exp(0.55))
    ratios = read(rows, "--measure", "OR", "--col-estimate", "effect")
    assert ratios["estimate"] == pytest.approx((log(0.5) + log(0.6)) / 2)
    assert read(rows.replace("A,0.5", "A,-0.5"), "--measure", "OR")["estimate"] == pytest.approx(
        0.05
    )


RATIOS = "A,0.61,0.33,1.11\nB,0.82,0.55,1.22\nC,0.90,0.74,1.11\n"


@pytest.mark.parametrize("heading", ["yi", "beta", "coef", "logor", "ln(OR)"])
def test_plain_ratios_called_logarithms_are_asked_about(run: Run, read: Read, heading: str) -> None:
    rows = f"study,{heading},lower,upper\n{RATIOS}"
    refused(run(rows, "--measure", "OR"), heading, "--col-estimate", "--col-yi")
    refused(run(rows), heading, "--col-estimate", "--col-yi")
    chosen = read(rows, "--measure", "OR", "--col-estimate", heading)
    named = read(rows.replace(heading, "OR"))
    assert chosen["estimate"] == pytest.approx(named["estimate"])
    assert read(rows, "--measure", "OR", "--col-yi", heading)["studies"][0][
        "estimate"
    ] == pytest.approx(exp(0.61))


def test_logarithms_above_zero_are_no_ratios(read: Read) -> None:
    rows = "study,yi,lower,upper\nA,0.61,0.11,1.11\nB,0.82,0.42,1.22\n"
    assert read(rows, "--measure", "OR")["studies"][0]["estimate"] == pytest.approx(exp(0.61))
    assert read(rows)["studies"][0]["estimate"] == pytest.approx(0.61)


def test_each_interval_has_the_level_of_its_row(run: Run, read: Read) -> None:
    rows = "study,OR,lower,upper,level\nA,0.75,0.60,0.94,95\nB,0.9,0.7,1.16,90\nC,0.8,,,\n"
    report = read(rows)
    a, b = report["studies"]
    assert log(a["ci_high"] / a["ci_low"]) == pytest.approx(log(0.94 / 0.60))
    wide = log(1.16 / 0.7) * 1.959964 / 1.644854
    assert log(b["ci_high"] / b["ci_low"]) == pytest.approx(wide, abs=1e-5)
    assert any("column level" in note for note in report["notes"])
    every = read(rows, "--interval-level", "95")["studies"]
    assert log(every[1]["ci_high"] / every[1]["ci_low"]) == pytest.approx(log(1.16 / 0.7))
    refused(run(rows.replace(",90", ",0.9")), "Row 3", "0.9", "--interval-level")
    refused(run(rows.replace(",90", ",")), "Row 3", "level", "--interval-level")
    words = rows.replace("95\n", "high\n").replace(",90", ",low")
    assert [s["study"] for s in read(words, "--subgroup", "level")["studies"]] == ["A", "B"]


def test_a_standard_error_that_contradicts_its_interval_is_warned_of(read: Read) -> None:
    rows = "study,HR,se,lower,upper\nA,0.75,0.115,0.60,0.94\nB,0.90,0.4,0.70,1.16\n"
    rows += "C,0.40,0.063,0.29,0.54\nD,0.62,,0.45,0.85\n"
    doubtful = [w for w in read(rows)["warnings"] if "implies an SE" in w]
    assert len(doubtful) == 1
    assert doubtful[0].startswith("Row 3 (B)")
    assert "0.4" in doubtful[0]


@pytest.mark.parametrize(
    ("rows", "row", "cell"),
    [
        ("study;OR (95% CI)\nA;0,75 (0,60-0,94)\nB;1,25 (0,70-2,23)\nC;Ref\n", "Row 4", "Ref"),
        ("study,OR (95% CI)\nA,0.75 (0.60-0.94)\nB,1.25* (0.70-2.23)\n", "Row 3", "1.25*"),
        ("study,HR,95% CI\nA,0.75,0.60-0.94\nB,0.8,see text\n", "Row 3", "see text"),
    ],
)
def test_one_odd_cell_among_intervals_is_named(run: Run, rows: str, row: str, cell: str) -> None:
    refused(run(rows), row, cell)


def test_an_interval_that_is_not_reported_leaves_its_study_out(read: Read) -> None:
    rows = "study,HR,95% CI\nA,0.75,0.60-0.94\nB,1.25,0.70-2.23\nC,0.8,n/r\n"
    assert [one["study"] for one in read(rows)["left_out"]] == ["C"]


def test_a_remark_with_an_interval_hides_no_counts(read: Read) -> None:
    rows = COUNTS.replace("n2i\n", "n2i,remark\n").replace("20,100\n", "20,100,0.4 (0.2-0.9)\n")
    rows = rows.replace("25,118\n", "25,118,late\n").replace("9,64\n", "9,64,early\n")
    assert read(rows)["estimate"] == read(COUNTS)["estimate"]


def test_what_gives_no_standard_error_is_said_of_each_study(read: Read) -> None:
    rows = "study,HR,p\nA,0.75,0.012\nB,0.9,0.4\nD,1,0.9\nE,1.2,1\nF,1.3,0\n"
    reasons = {one["study"]: one["reason"] for one in read(rows)["left_out"]}
    assert "effect of exactly 1" in reasons["D"]
    assert "p-value of exactly 1" in reasons["E"]
    assert "p-value of exactly 0" in reasons["F"]


def test_the_effect_is_no_moderator_of_itself(run: Run) -> None:
    refused(run(EFFECTS, "--moderators", "yi"), "moderator yi", "--moderators")


def test_a_prediction_interval_beyond_what_is_possible_is_warned_of(read: Read) -> None:
    rows = "study,cases,total\nA,0,45\nB,3,60\nC,12,125\nD,7,89\nE,40,40\n"
    warnings = read(rows, "--measure", "PLN")["warnings"]
    assert any(w.startswith("The prediction interval reaches beyond 0 to 1") for w in warnings)


def test_advice_about_rates_names_measures_of_rates(read: Read) -> None:
    rows = "study,xi,ti\nA,5,100.5\nB,0,50\nC,12,1200\nD,3,80\n"
    beyond = [w for w in read(rows, "--measure", "IR")["warnings"] if "below 0" in w]
    assert len(beyond) == 1
    assert "IRLN, IRS or IRFT" in beyond[0]


def test_a_first_sheet_without_rows_names_the_others(run: Run) -> None:
    rows: list[list[Any]] = [["study", "yi", "sei"], ["A", 1, 0.5], ["B", 2, 0.5]]
    book = workbook(("Notes", [["hello"]]), ("Data", rows))
    refused(run(book), "Notes", "Data", "--sheet")


def test_no_note_speaks_of_estimates_that_a_method_of_counts_leaves_out(read: Read) -> None:
    rows = "study,events1,n1,events2,n2,OR,lower,upper\nA,10,100,20,100,,,\nB,5,50,9,52,,,\n"
    rows += "C,,,,,0.6,0.4,0.9\n"
    by_counts = read(rows, "--measure", "OR", "--method", "MH")
    assert [one["study"] for one in by_counts["left_out"]] == ["C"]
    assert not any("estimate reported" in note for note in by_counts["notes"])
    by_both = read(rows, "--measure", "OR")
    assert any("estimate reported: Row 4 (C)" in note for note in by_both["notes"])


def test_plain_estimates_are_never_taken_for_ratios(read: Read) -> None:
    report = read("study,est,lb,ub\nA,0.7,0.5,0.98\nB,0.9,0.6,1.35\n")
    assert report["measure"] == "GEN"
    assert report["shown"]["estimate"] == report["estimate"]
    assert any("ratios" in warning for warning in report["warnings"])


def test_limits_on_the_log_scale_are_recognised_beside_log_effects(read: Read) -> None:
    rows = "study,yi,ci.lb,ci.ub\nA,-0.5,-0.9,-0.1\nB,-0.2,-0.6,0.2\n"
    report = read(rows, "--measure", "OR")
    assert report["studies"][0]["ci_low"] == pytest.approx(exp(-0.9))
    natural = "study,yi,lower,upper\nA,-0.5,0.40657,0.90484\nB,-0.2,0.54881,1.2214\n"
    assert read(natural, "--measure", "OR")["estimate"] == pytest.approx(
        report["estimate"], abs=1e-4
    )


@pytest.mark.parametrize("option", ["--subgroup", "--robust"])
def test_a_subgroup_may_be_called_anything(read: Read, option: str) -> None:
    for name in ("group", "arm", "treatment", "n", "Population studied"):
        rows = f"study,{name},HR,lci,uci\nA,x,0.7,0.5,0.98\nB,x,0.9,0.6,1.35\nC,y,0.8,0.62,1.03\n"
        assert read(rows, option, name)["k"] == 3


def test_every_role_can_be_chosen_by_an_option() -> None:
    spoken = {role: one.option for role, one in ROLES.items() if role != "effect"}
    assert {role: option for role, (option, _) in COLUMNS.items()} == spoken
    assert {role: words for role, (_, words) in COLUMNS.items()} == {
        role: one.words for role, one in ROLES.items() if role != "effect"
    }


def test_no_word_means_two_roles_of_one_form() -> None:
    wide = [r for r in ROLES if r not in {"event", "n", "time", "mean", "sd", "treatment"}]
    alone = {"xi", "ni", "ti", "mi", "sdi", "ri", "treat1", "treat2"}
    words = [word for role in wide if role not in alone for word in ROLES[role].synonyms]
    assert len(words) == len(set(words))


# Levels and options ------------------------------------------------------------------


def test_a_heading_that_names_another_level_is_asked_about(run: Run, read: Read) -> None:
    rows = "study,HR,90% CI low,90% CI high\nA,0.5,0.25,1\nB,0.6,0.3,1.2\n"
    refused(run(rows), "--interval-level 90")
    assert read(rows, "--interval-level", "90")["k"] == 2


def test_levels_of_results_and_of_data_are_two_things(read: Read) -> None:
    rows = "study,HR,LCI,UCI\nA,0.5,0.25,1\nB,0.6,0.3,1.2\n"
    plain, wide = read(rows), read(rows, "--level", "99")
    assert wide["se"] == plain["se"]
    assert wide["ci_low"] < plain["ci_low"]
    assert read(rows, "--interval-level", "90")["se"] > plain["se"]


@pytest.mark.parametrize(
    ("level", "meant"), [("0.95", "95"), ("0.99", "99"), ("5", "95"), ("0,9", "90")]
)
@pytest.mark.parametrize("option", ["--level", "--interval-level"])
def test_a_level_that_is_a_fraction_is_asked_about(
    run: Run, option: str, level: str, meant: str
) -> None:
    refused(run("study,est,lb,ub\nA,1,0,2\n", option, level), f"Did you mean {meant}?")


@pytest.mark.parametrize("level", ["0", "100", "120", "-5", "many"])
def test_a_level_that_is_none_is_refused(run: Run, level: str) -> None:
    refused(run(EFFECTS, "--level", level), level)


INAPT = [
    (COUNTS, ["--prior", "half-normal:0.5", "--method", "MH"], "--prior"),
    (COUNTS, ["--test", "knha", "--method", "MH"], "--test"),
    (COUNTS, ["--subgroup", "study", "--method", "Peto"], "--subgroup"),
    (COUNTS, ["--measure", "RR", "--method", "Peto"], "odds ratios only"),
    (COUNTS, ["--measure", "RD", "--method", "Peto"], "odds ratios only"),
    (EFFECTS, ["--method", "MH"], "pools OR"),
    (COUNTS, ["--method", "EE", "--test", "knha"], "random-effects"),
    (COUNTS, ["--method", "EE", "--common"], "--common"),
    (COUNTS, ["--common-tau2"], "--subgroup"),
    (COUNTS, ["--order", "study"], "--sensitivity"),
    (COUNTS, ["--rho", "0.5"], "--robust"),
    (COUNTS, ["--interval-level", "90"], "--interval-level"),
    (EFFECTS, ["--zero-add", "1"], "zero cells"),
    (EFFECTS, ["--glmm"], "--glmm"),
    (COUNTS, ["--measure", "RD", "--glmm"], "--glmm"),
    (COUNTS, ["--control", "placebo"], "--control"),
    (COUNTS, ["--sheet", "Data"], "--sheet"),
    (COUNTS, ["--subgroup", "region"], "region"),
    (COUNTS, ["--subgroup", "study", "--moderators", "ai"], "moderators"),
    (COUNTS, ["--test", "bootstrap"], "bootstrap"),
    ("study,yi,sei,x\nA,1,1,3\n", ["--col-mean", "x"], "--col-mean plays no role"),
    (EFFECTS, ["--col-treat1", "study"], "--col-treat1 plays no role"),
    (COUNTS, ["--subgroup", ""], "--subgroup is empty"),
    (COUNTS, ["--moderators", " , "], "--moderators is empty"),
    (COUNTS, ["--digits", "2", "--json"], "--digits"),
    ("study,yi,sei,g\nA,1,1,x\nB,2,1,x\n", ["--subgroup", "g"], "nothing to compare"),
    (COUNTS, ["--plot-kind", "forest"], "--plot"),
    (COUNTS, ["--plot", "forest.gif"], ".svg"),
    (COUNTS, ["--plot", "network:a.svg"], "network"),
    (COUNTS, ["--plot", "/no/such/folder/forest.svg"], "cannot be written"),
    (COUNTS, ["--output", "/no/such/folder/a.txt"], "cannot be written"),
    (EFFECTS, ["--plot", "labbe:a.svg"], "events"),
    (EFFECTS, ["--plot", "bubble:a.svg"], "--moderators"),
]


@pytest.mark.parametrize(("content", "options", "word"), INAPT)
def test_options_that_do_not_apply_are_refused(
    run: Run, content: str, options: list[str], word: str
) -> None:
    refused(run(content, *options), word)


# The test that is advised ------------------------------------------------------------


def test_hartung_knapp_is_the_default_where_it_is_advised(read: Read) -> None:
    unlike = read(EFFECTS)
    assert unlike["test"] == "knha"
    wald = pool_effects([-0.5, 0.3, 0.1], np.array([0.2, 0.2, 0.25]) ** 2, test="z")
    assert unlike["wald"]["ci_low"] == pytest.approx(wald.ci_low)
    assert read("study,yi,sei\nA,0.1,0.2\nB,0.9,0.2\n")["test"] == "z"
    assert read("study,yi,sei\nA,0.1,0.2\nB,0.1,0.2\nC,0.11,0.2\n")["test"] == "z"
    assert read(EFFECTS, "--method", "EE")["test"] == "z"
    assert read(EFFECTS, "--test", "z")["test"] == "z"


def test_a_common_effect_has_no_prediction_interval(run: Run) -> None:
    assert "Prediction interval" in run(EFFECTS).output
    assert "Prediction interval" not in run(EFFECTS, "--method", "EE").output


# Everybody is accounted for ----------------------------------------------------------


MIXED = """study,ai,n1i,ci,n2i,OR,lci,uci
A,10,100,20,100,,,
B,15,120,25,118,,,
C,,,,,0.5,0.25,1.0
D,0,40,0,41,,,
E,,,,,,,
F,12,100,24,100,0.4,0.2,0.8
G,0,0,3,50,,,
H,,,,,0.7,,
"""


def test_counts_and_estimates_pool_together_and_nobody_is_lost(read: Read) -> None:
    report = read(MIXED, "--measure", "OR")
    assert [s["study"] for s in report["studies"]] == ["A", "B", "C", "F"]
    assert {s["study"]: s["row"] for s in report["left_out"]} == {"D": 5, "E": 6, "G": 8, "H": 9}
    counts = effect_sizes(
        "OR", ai=[10, 15, 12], n1i=[100, 120, 100], ci=[20, 25, 24], n2i=[100, 118, 100]
    )
    y = np.append(counts.y, log(0.5))
    v = np.append(counts.v, (log(4) / (2 * 1.959963984540054)) ** 2)
    assert report["estimate"] == pytest.approx(pool_effects(y, v).estimate)
    assert any("C" in note and "reported" in note for note in report["notes"])
    assert any("F" in note for note in report["notes"])


@pytest.mark.parametrize("method", ["MH", "Peto"])
def test_methods_for_counts_say_who_has_none(read: Read, method: str) -> None:
    report = read(MIXED, "--measure", "OR", "--method", method)
    reasons = {s["study"]: s["reason"] for s in report["left_out"]}
    assert set(reasons) == {"C", "D", "E", "G", "H"}
    assert "no counts" in reasons["C"]


def test_the_text_names_everybody_who_is_left_out(run: Run) -> None:
    output = run(MIXED, "--measure", "OR").output
    for name in "DEGH":
        assert f"{name} (row" in output
    assert "4 of 8 studies pooled" in output


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("X,,,,,,,", "neither"),
        ("X,0,30,0,30,,,", "no events"),
        ("X,30,30,30,30,,,", "everybody"),
        ("X,0,0,3,50,,,", "empty"),
        ("X,3,,1,20,,,", "missing"),
        ("X,,,,,0.8,,", "interval is missing"),
        ("X,,,,,0.8,0.5,", "limit is missing"),
    ],
)
def test_a_study_that_cannot_be_used_is_named_with_its_reason(
    read: Read, row: str, word: str
) -> None:
    report = read(MIXED + row + "\n", "--measure", "OR")
    assert word in {s["study"]: s["reason"] for s in report["left_out"]}["X"]
    assert any(w.startswith("X (row 10)") and word in w for w in report["warnings"])


study = st.sampled_from(["counts", "estimate", "both", "empty", "double zero", "no arm", "no se"])
CELLS = {
    "counts": "{a},{n},{c},{n},,,",
    "estimate": ",,,,0.{e},0.0{e},{e}.5",
    "both": "{a},{n},{c},{n},0.{e},0.0{e},{e}.5",
    "empty": ",,,,,,",
    "double zero": "0,{n},0,{n},,,",
    "no arm": "0,0,1,{n},,,",
    "no se": ",,,,0.{e},,",
}


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(study, st.integers(1, 9)), min_size=1, max_size=9))
def test_studies_given_are_studies_pooled_and_studies_named(
    tmp_path: Path, rows: list[tuple[str, int]]
) -> None:
    lines = ["study,ai,n1i,ci,n2i,OR,lci,uci"]
    for i, (kind, x) in enumerate(rows):
        lines.append(f"S{i}," + CELLS[kind].format(a=x, c=x + 2, n=40 + x, e=x))
    path = tmp_path / "mix.csv"
    path.write_text("\n".join(lines) + "\n")
    usable = {f"S{i}" for i, (kind, _) in enumerate(rows) if kind in ("counts", "estimate", "both")}
    done = CliRunner().invoke(cli, ["pool", str(path), "--measure", "OR", "--json"])
    everybody = {f"S{i}" for i in range(len(rows))}
    if not usable:
        assert done.exit_code == 2
        assert all(name in done.output for name in everybody)
        return
    report = json.loads(done.output)
    assert {s["study"] for s in report["studies"]} == usable
    assert {s["study"] for s in report["left_out"]} == everybody - usable


def test_estimates_that_contradict_their_interval_are_left_out_or_refused_together(
    run: Run, read: Read
) -> None:
    rows = "study,HR,lci,uci\nA,0.8,0.9,1.2\nB,0.7,1.1,0.5\nC,0.9,0.6,1.35\nD,-0.2,-0.5,0.1\n"
    refused(run(rows, "--strict"), "Row 2 (A)", "Row 3 (B)", "Row 5 (D)")
    report = read(rows)
    assert [one["study"] for one in report["left_out"]] == ["A", "B", "D"]
    assert "outside its interval" in report["left_out"][0]["reason"]
    assert "from 1.1 to 0.5" in report["left_out"][1]["reason"]
    assert [one["study"] for one in report["studies"]] == ["C"]
    for word in ("A (the estimate 0.8 lies outside", "B (the interval runs", "0.2 is no ratio"):
        assert word in report["sentence"]


def test_equal_limits_are_not_called_swapped(read: Read) -> None:
    rows = "study,HR,lci,uci\nA,0.8,0.8,0.8\nB,0.7,0.5,0.98\n"
    reason = read(rows)["left_out"][0]["reason"]
    assert reason == "both limits of the interval are 0.8. Check them"


def test_an_estimate_far_from_the_middle_of_its_interval_is_warned_of(read: Read) -> None:
    rows = "study,HR,lci,uci\nA,0.8,0.6,1.07\nB,0.7,0.2,0.8\nC,0.9,0.6,1.35\n"
    assert any("Row 3 (B)" in w and "symmetric" in w for w in read(rows)["warnings"])


@pytest.mark.parametrize("name", ["Total", "Overall", "Pooled", "Total (95% CI)"])
def test_a_sum_at_the_foot_of_a_table_is_no_study(run: Run, name: str) -> None:
    refused(run(COUNTS + f"{name},30,280,54,282\n"), f"Row 5 is called {name}")


def test_subgroups_that_differ_in_capitals_are_one(read: Read) -> None:
    rows = "study,yi,sei,g\nA,1,1,North\nB,2,1,north \nC,2,1,South\n"
    groups = read(rows, "--subgroup", "g")["subgroups"]["groups"]
    assert [g["k"] for g in groups] == [2, 1]


def test_an_impossible_number_is_named_by_the_heading_of_its_column(run: Run) -> None:
    rows = "study,cases,total\nA,51,50\nB,10,40\n"
    strict = run(rows, "--measure", "PLO", "--strict")
    refused(strict, "Row 2 (A)", "cases = 51", "exceeds total")
    refused(run("study,cases,total\nA,51,50\n", "--measure", "PLO"), "A (row 2)", "51", "exceeds")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("D,65,60,9,64", "the number of events of group 1 is 65: it exceeds the total of group 1"),
        ("D,-5,60,9,64", "the number of events of group 1 is -5: it cannot be negative"),
        ("D,5,60,9,-64", "the total of group 2 is -64: it cannot be negative"),
    ],
)
def test_a_study_with_impossible_counts_is_left_out_everywhere(
    run: Run, read: Read, row: str, reason: str
) -> None:
    whole, more = read(COUNTS), read(COUNTS + row + "\n")
    assert more["left_out"] == [{"study": "D", "row": 5, "reason": reason}]
    assert more["estimate"] == whole["estimate"]
    assert f"D ({reason})" in more["sentence"]
    text = run(COUNTS + row + "\n").output
    assert f"left out: {reason}" in text
    assert f"Left out: D ({reason})" in " ".join(text.split())
    for method in ("MH", "Peto"):
        counts = read(COUNTS + row + "\n", "--method", method)
        assert [one["study"] for one in counts["left_out"]] == ["D"]
    refused(run(COUNTS + row + "\n", "--strict"), "Row 5 (D)")


def test_a_study_with_an_impossible_sd_or_standard_error_is_left_out(read: Read) -> None:
    means = "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,5,2,50,4,2,48\nB,5,-2,50,4,2,48\nC,6,2,50,4,2,48\n"
    assert "the SD of group 1 is -2" in read(means)["left_out"][0]["reason"]
    effects = "study,yi,sei\nA,0.5,0.2\nB,0.3,-0.1\nC,0.4,0.2\n"
    assert "the standard error is -0.1" in read(effects)["left_out"][0]["reason"]


def test_counts_that_are_no_whole_numbers_are_warned_of(read: Read) -> None:
    warnings = read(COUNTS.replace("A,10,", "A,10.5,"))["warnings"]
    assert any("whole" in warning and "Row 2 (A)" in warning for warning in warnings)


def test_an_interval_beyond_what_is_possible_is_warned_of(read: Read) -> None:
    rows = "study,xi,ni\nA,0,50\nB,50,50\nC,10,40\n"
    assert any("PLO" in warning for warning in read(rows, "--measure", "PR")["warnings"])
    assert not any("PLO" in warning for warning in read(rows, "--measure", "PLO")["warnings"])


def test_names_that_come_twice_are_told_apart(read: Read) -> None:
    report = read("study,yi,sei\nSmith 2001,0.5,0.2\nsmith  2001,0.3,0.2\nB,0.1,0.2\n")
    assert [s["study"] for s in report["studies"]][:2] == [
        "Smith 2001 (row 2)",
        "smith  2001 (row 3)",
    ]
    assert any("rows 2, 3" in w for w in report["warnings"])


def test_arms_in_another_order_are_turned_and_said(read: Read) -> None:
    first = "study,treatment,event,n\nA,drug,10,100\nA,placebo,20,100\n"
    straight = first + "B,drug,15,120\nB,placebo,25,118\n"
    turned = first + "B,Placebo ,25,118\nB,Drug,15,120\n"
    one, two = read(straight), read(turned)
    assert one["estimate"] == two["estimate"]
    assert any("turned" in note and "B" in note for note in two["notes"])
    other = read(straight, "--control", "drug")
    assert other["estimate"] == pytest.approx(-one["estimate"])


def test_arms_compared_in_both_directions_are_asked_about(run: Run) -> None:
    rows = "study,treatment,event,n\nA,x,10,100\nA,y,20,100\nB,y,15,120\nB,x,25,118\n"
    rows += "C,x,1,20\nC,z,2,20\n"
    refused(run(rows), "x versus y", "y versus x", "--control")


def test_one_group_needs_a_measure(run: Run, read: Read) -> None:
    rows = "study,cases,total\nA,10,100\nB,20,100\n"
    refused(run(rows), "one group", "PLO", "PFT")
    report = read(rows, "--measure", "PFT")
    assert 0.1 < report["shown"]["estimate"] < 0.2
    assert any("harmonic mean" in note for note in report["notes"])


@pytest.mark.parametrize(
    ("measure", "rows"),
    [
        ("PLO", "study,xi,ni\nA,10,100\nB,20,100\n"),
        ("PAS", "study,events,n\nA,10,100\nB,20,100\n"),
        ("IRLN", "study,xi,ti\nA,10,100\nB,20,100\n"),
        ("IRFT", "study,xi,ti\nA,10,100\nB,20,100\n"),
        ("ZCOR", "study,ri,ni\nA,0.3,100\nB,0.2,100\n"),
        ("MN", "study,mean,sd,n\nA,3,1,100\nB,2,1,100\n"),
        ("ROM", "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,3,1,40,2,1,40\nB,2,1,40,2,1,40\n"),
        ("CVR", "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,3,1,40,2,1,40\nB,2,1,40,2,1,40\n"),
        ("IRR", "study,x1i,t1i,x2i,t2i\nA,3,100,5,90\nB,6,120,9,110\n"),
    ],
)
def test_effects_are_shown_on_the_scale_people_read(read: Read, measure: str, rows: str) -> None:
    report = read(rows, "--measure", measure)
    shown = sorted(s["estimate"] for s in report["studies"])
    assert shown[0] - 1e-9 <= report["shown"]["estimate"] <= shown[-1] + 1e-9


def test_tiny_and_huge_numbers_end_in_a_sentence(run: Run) -> None:
    for rows in (
        "study,yi,vi\nA,1,1e-20\nB,2,1\nC,3,1\n",
        "study,yi,vi\nA,1,1e-300\nB,2,1e300\n",
        "study,yi,sei\nA,1e300,1e-300\nB,-1e300,1\n",
        "study,HR,lci,uci\nA,1e-300,1e-308,1e-290\nB,1,0.5,2\n",
        "study,ai,n1i,ci,n2i\nA,1,1e15,2,1e15\nB,1,2,1,2\n",
        "study,yi,sei\nA,1,1\nB,1,1\nC,1,1\n",
    ):
        done = run(rows)
        assert "Traceback" not in done.output
        assert done.exit_code in (0, 1, 2)
        assert done.output.strip()


BY_ARM = """study,treatment,event,n,logOR,se
A,Drug,10,100,,
A,Placebo,20,100,,
B,Placebo,25,118,,
B,drug ,15,120,,
C,,,,-0.5,0.3
D,Drug,,,-0.2,0.25
E,Placebo,3,40,,
F,Drug,60,50,-0.3,0.4
F,Placebo,6,50,,
"""


def test_arms_of_some_studies_and_estimates_of_others_pool_together(run: Run, read: Read) -> None:
    report = read(BY_ARM)
    wide = read(
        "study,ai,n1i,ci,n2i,logOR,se\nA,10,100,20,100,,\nB,15,120,25,118,,\nC,,,,,-0.5,0.3\n"
        "D,,,,,-0.2,0.25\nF,,,,,-0.3,0.4\n"
    )
    assert report["estimate"] == wide["estimate"]
    assert [one["study"] for one in report["studies"]] == list("ABCDF")
    assert report["left_out"] == [{"study": "E", "row": 8, "reason": "it has one arm"}]
    assert any("Drug versus Placebo: C, D" in note for note in report["notes"])
    refused(run(BY_ARM, "--strict"), "Row 8", "one arm")
    refused(run(BY_ARM + "C,,,,-0.6,0.3\n"), "C reports 2 effects")


def test_standard_errors_of_means_become_standard_deviations(read: Read) -> None:
    sds = read("study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,5,2,25,4,3,36\nB,6,4,16,4,5,25\n")
    for table in (
        "study,mean1,se1,n1,mean2,sem2,n2\nA,5,0.4,25,4,0.5,36\nB,6,1,16,4,1,25\n",
        "study,arm,mean,se,n\nA,x,5,0.4,25\nA,y,4,0.5,36\nB,x,6,1,16\nB,y,4,1,25\n",
    ):
        report = read(table)
        assert report["estimate"] == pytest.approx(sds["estimate"])
        assert any("SE times √n" in note for note in report["notes"])


def test_studies_without_a_subgroup_are_a_subgroup_with_a_name(run: Run, read: Read) -> None:
    rows = COUNTS.replace("n2i\n", "n2i,region\n").replace("118\n", "118,\n")
    rows = rows.replace("20,100\n", "20,100,north\n").replace("9,64\n", "9,64,NA\n")
    report = read(rows, "--subgroup", "region")
    assert {one["level"]: one["k"] for one in report["subgroups"]["groups"]} == {
        "Not reported": 2,
        "north": 1,
    }
    assert any("No region is given for B, C" in note for note in report["notes"])


def test_two_rows_of_one_study_are_counted_as_one_study_everywhere(read: Read) -> None:
    rows = "study,yi,sei,dose\nA,0.1,0.2,1\nA,0.3,0.2,2\nB,0.2,0.2,3\nC,0.5,0.3,4\nD,0.1,0.3,\n"
    options = ("--moderators", "dose", "--prior", "half-normal:0.5", "--sensitivity", "influence")
    report = read(rows, *options)
    assert "4 studies (5 comparisons)" in report["sentence"]
    assert "3 studies (4 comparisons)" in report["regression"]["sentence"]
    assert "Left out: D (no dose)" in report["regression"]["sentence"]
    assert "4 studies (5 comparisons)" in report["bayes"]["sentence"]
    assert "4 studies (5 comparisons)" in report["sensitivity"]["influence_sentence"]


def test_decimals_stay_as_asked_and_no_number_is_hidden(run: Run) -> None:
    rows = "study,est,se\nA,999.99994,0.5\nB,1000.2,0.5\nC,0.5,0.1\n"
    text = run(rows, "--measure", "GEN", "--method", "EE").output
    assert "1000.000" in text
    assert "1000.200" in text
    assert "1 000" not in text
    whole = run("study,OR,lower,upper\nA,0.5,0.2,1.2\n", "--digits", "0").output
    assert "A           0.5  0.2 to 1" in whole


@pytest.mark.parametrize(
    "heading",
    ["intervention_events,intervention_total,control_events,control_total", "r1,n1,r2,n2"],
)
def test_other_names_of_counts_are_known(read: Read, heading: str) -> None:
    assert read(COUNTS.replace("ai,n1i,ci,n2i", heading))["estimate"] == read(COUNTS)["estimate"]


def test_times_beside_events_are_no_treatments(read: Read) -> None:
    rows = "study,x1,t1,x2,t2\nA,10,1000,20,1100\nB,5,500,9,480\n"
    same = read(rows.replace("t1", "time1").replace("t2", "time2"))
    assert (read(rows)["measure"], read(rows)["estimate"]) == ("IRR", same["estimate"])


def test_a_bound_is_no_p_value(run: Run) -> None:
    rows = "study,HR,p\nA,0.70,0.04\nB,0.80,<0.001\n"
    refused(run(rows), "Row 3, column p", "is a bound, not a number")


def test_numbers_beyond_computing_leave_out_their_study(read: Read) -> None:
    report = read("study,yi,vi\nA,1e200,1\nB,0.3,1e-300\nC,.2,.1\n")
    assert [one["study"] for one in report["left_out"]] == ["A", "B"]


def test_a_logarithm_that_is_not_that_of_its_ratio_is_warned_of(read: Read) -> None:
    report = read("study,logHR,HR,se\nA,-0.357,0.70,0.2\nB,-0.9,0.90,0.2\n")
    (one,) = (w for w in report["warnings"] if "logarithm" in w)
    assert "Row 3 (B)" in one


def test_studies_that_differ_in_case_only_are_one_study_of_two_arms(read: Read) -> None:
    assert read(BY_ARM.replace("B,drug ", "b,drug "))["left_out"] == read(BY_ARM)["left_out"]


def test_a_mixed_model_without_events_is_refused(run: Run) -> None:
    refused(
        run("study,xi,ni\nA,0,20\nB,0,40\n", "--measure", "PLO", "--glmm"), "nobody in the studies"
    )


def test_an_order_names_the_studies_that_have_none(run: Run, read: Read) -> None:
    rows = "study,yi,sei,y\nA,0.5,0.2,2001\nB,0.3,0.2,\nC,0.3,0.2,1999\n"
    refused(run(rows, "--sensitivity", "cumulative", "--order", "y"), "no number for B")
    whole = rows.replace("0.2,\n", "0.2,2000\n")
    report = read(whole, "--sensitivity", "cumulative", "--order", "y")
    assert [one["study"] for one in report["sensitivity"]["cumulative"]] == ["C", "B", "A"]


def test_a_number_of_each_arm_is_no_effect_of_the_study(read: Read) -> None:
    rows = "study,arm,event,n,RR\nA,x,10,100,14\nA,y,20,100,15\nB,x,15,120,16\nB,y,25,118,13\n"
    report = read(rows, "--measure", "OR")
    assert [one["by"] for one in report["studies"]] == ["events and totals of two groups"] * 2
