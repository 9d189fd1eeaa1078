"""Coordinates as people have them: Sleuth files with all their oddities, tables, pastes."""

import csv

import pytest

from reviewtool.formats import coordinates, sleuth
from tests.conftest import REFERENCE

PLAIN = """// Reference=MNI
// Lee 2010: pain > rest
// Subjects=12
-12\t34\t56
1.5\t-2\t3

// Lee 2010: rest > pain
// Subjects=12
40 41 42
// Kim 2012: pain
// Subjects=20
7 8 9
"""


def shape(found):
    return [(e.study, e.contrast, e.n, e.space, [f.at for f in e.foci]) for e in found.experiments]


def numbers(found):
    return [(e.study, e.contrast, e.n, [f.point for f in e.foci]) for e in found.experiments]


EXPECTED = [
    ("Lee 2010", "pain > rest", 12, "MNI", ["-12 34 56", "1.5 -2 3"]),
    ("Lee 2010", "rest > pain", 12, "MNI", ["40 41 42"]),
    ("Kim 2012", "pain", 20, "MNI", ["7 8 9"]),
]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        PLAIN.replace("// ", "//").replace("=", " = ").encode(),
        PLAIN.replace("// S", "//   s").encode(),
        PLAIN.replace("-12\t34\t56", "\u221212, 34, 56").encode(),
        PLAIN.replace("1.5\t-2\t3", "1,5;-2;3").encode(),
        PLAIN.replace("\n\n", "\n").encode(),
        PLAIN.replace("\n\n", "\n  \n\n").encode(),
    ],
    ids=[
        "plain",
        "crlf",
        "cr",
        "bom",
        "utf16",
        "tight",
        "case",
        "minus",
        "commas",
        "no-gap",
        "gaps",
    ],
)
def test_a_sleuth_file_is_read_whatever_its_dialect(content):
    found = coordinates.read(content)
    assert shape(found) == EXPECTED
    assert found.unread == ()
    assert found.form == "sleuth"


def test_an_odd_line_is_named_and_the_others_are_kept():
    found = coordinates.read(PLAIN.replace("40 41 42", "40 41\n40 41 42\nsee table 2"))
    assert shape(found) == EXPECTED
    assert [(one.line, one.text) for one in found.unread] == [(9, "40 41"), (11, "see table 2")]


def test_a_second_reference_holds_for_what_follows_and_is_said():
    found = coordinates.read(PLAIN.replace("// Kim", "// Reference=Talairach\n// Kim"))
    assert [one.space for one in found.experiments] == ["MNI", "MNI", "Talairach"]
    assert "MNI and in Talairach" in found.notes[0]


def test_foci_after_an_empty_line_belong_to_the_experiment_above_and_it_is_said():
    found = coordinates.read(PLAIN.replace("-12\t34\t56\n", "-12\t34\t56\n\n"))
    assert shape(found) == EXPECTED
    assert "without a heading" in found.notes[0]


def test_what_a_sleuth_file_does_not_say_is_noted():
    found = coordinates.read("// Lee\n1 2 3\n")
    assert shape(found) == [("Lee", "", None, "", ["1 2 3"])]
    assert "no number of subjects" in found.notes[0]
    assert "No reference space" in found.notes[1]


def test_two_experiments_of_one_name_stay_two():
    found = coordinates.read("// Lee: a\n// Subjects=3\n1 2 3\n\n// Lee: a\n// Subjects=3\n4 5 6\n")
    assert [one.contrast for one in found.experiments] == ["a", "a (2)"]


def test_what_is_written_is_read_back_the_same():
    found = coordinates.read(PLAIN.replace("// Kim", "// Reference=Talairach\n// Kim"))
    again = coordinates.read(sleuth.write(found.experiments).encode())
    assert shape(again) == shape(found)


@pytest.mark.parametrize(
    "paste",
    [
        "-12\t34\t56\t4.5\t120\n1.5\t-2\t3\t3.9\t80",
        "x\ty\tz\tT\tk\n-12\t34\t56\t4.5\t120\n1.5\t-2\t3\t3.9\t80",
        "Region\tX (mm)\tY (mm)\tZ (mm)\tZ\tVoxels\n"
        "Insula\t\u221212\t34\t56\t4,5\t120\n\t1,5\t-2\t3\t3,9\t80",
        "Peak coordinates\n-12; 34; 56; 4.5; 120\n1,5; -2; 3; 3,9; 80",
        "-12, 34, 56, 4.5, 120\n1.5, -2, 3, 3.9, 80",
        "-12,34,56,4.5,120\n1.5,-2,3,3.9,80",
        "(\u2212 12 34 56) 4.5 120\n1.5 \u20132 3 3.9 80",
        "L insula BA 13  -12 34 56 4.5 120\nR insula 1.5 -2 3 3.9 80\n",
        "k,T,z,y,x\n120,4.5,56,34,-12\n80,3.9,3,-2,1.5",
    ],
)
def test_a_pasted_table_gives_foci_whatever_separates_them(paste):
    (found,) = coordinates.read(paste).experiments
    assert [(f.at, f.statistic, f.size) for f in found.foci] == [
        ("-12 34 56", "4.5", "120"),
        ("1.5 -2 3", "3.9", "80"),
    ]


def test_an_odd_row_of_a_paste_is_named_and_nothing_is_lost():
    found = coordinates.read("x y z\n1 2 3\n4 5\n\n7 8 9")
    assert [f.at for f in found.experiments[0].foci] == ["1 2 3", "7 8 9"]
    assert [(one.line, one.text) for one in found.unread] == [(3, "4 5")]
    table = coordinates.read("x,y,z\n1,2,3\n4,,6\n7,8,here\n")
    assert [(one.line, one.message) for one in table.unread][0] == (3, "it has no y")
    assert table.unread[1].line == 4


def test_a_number_with_two_readings_is_not_guessed():
    found = coordinates.read("1,234;5;6")
    assert found.experiments == ()
    assert found.unread[0].line == 1


def test_nothing_gives_nothing():
    assert coordinates.read("").foci == coordinates.read(b"\xef\xbb\xbf\r\n").foci == 0


def sets_in_both_forms():
    folder = REFERENCE / "cbma"
    names = sorted(path.name.removesuffix(".sleuth.txt") for path in folder.glob("*.sleuth.txt"))
    return [name for name in names if (folder / f"{name}.csv").exists()]


NONE = pytest.param("", marks=pytest.mark.skip("no set in both forms; set REVIEWTOOL_REFERENCE"))


@pytest.mark.parametrize("name", sets_in_both_forms() or [NONE])
def test_the_reference_sets_read_the_same_from_both_forms(name):
    folder = REFERENCE / "cbma"
    of_sleuth = coordinates.read((folder / f"{name}.sleuth.txt").read_bytes())
    of_csv = coordinates.read((folder / f"{name}.csv").read_bytes())
    assert numbers(of_sleuth) == numbers(of_csv)
    assert of_sleuth.unread == of_csv.unread == ()
    with (folder / f"{name}.csv").open() as stream:
        assert of_csv.foci == len(list(csv.DictReader(stream)))
    assert shape(coordinates.read(sleuth.write(of_csv.experiments))) == shape(of_csv)
