"""What may stand in a cell, and what is flagged beside its neighbours."""

import pytest

from reviewtool.extraction.rules.cells import Asked, Characteristic, Form, UnknownCell
from reviewtool.extraction.rules.values import BadValue, check, normalise, number

FORM = Form(
    [Characteristic("age", "Mean age", "number"), Characteristic("began", "Began", "date")],
    [
        Asked(1, "Pain free", "dichotomous", "OR", timepoints=["2 h", "2.5 h"]),
        Asked(2, "Pain", "continuous", "MD"),
        Asked(3, "Survival", "estimate", "HR"),
    ],
)


def contrast(estimate: str, low: str, high: str) -> dict[str, str]:
    base = "result.3..1v2"
    return {f"{base}.estimate": estimate, f"{base}.ci_low": low, f"{base}.ci_high": high}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12.5", 12.5),
        ("12,5", 12.5),
        ("0,125", 0.125),
        ("−3", -3),
        ("1 204", 1204),
        ("1,204,000", 1_204_000),
        ("1,204.5", 1204.5),
        ("1.204,5", 1204.5),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("1'204", 1204),
        ("7.2 %", 7.2),
        ("\u20140.5", -0.5),
    ],
)
def test_numbers_are_read_as_people_write_them(typed, value):
    assert number(typed) == value


@pytest.mark.parametrize(
    "typed", ["NaN", "nan", "inf", "NR", "n/a", "12.5.1", "twelve", "1e999", "1,204"]
)
def test_what_is_no_number_or_two_numbers_is_refused(typed):
    with pytest.raises(BadValue):
        number(typed)


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("result.1.2 h.1.events", "-1"),
        ("result.1.2 h.1.events", "3.5"),
        ("result.1.2 h.1.events", "12%"),
        ("result.1.2 h.1.total", "0"),
        ("result.2..1.sd", "-0.1"),
        ("result.3..1v2.se", "-0.1"),
        ("result.3..1v2.se", "0"),
        ("result.3..1v2.estimate", "-0.3"),
        ("study.age", "old"),
        ("study.began", "1996-13"),
        ("arm.1.n", "many"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused(path, typed):
    with pytest.raises(BadValue):
        normalise(FORM.cell(path), FORM, typed)


def test_digits_stay_as_they_were_typed():
    assert normalise(FORM.cell("result.2..1.mean"), FORM, " 12.50 ") == "12.50"
    assert normalise(FORM.cell("result.2..1.mean"), FORM, "12,50") == "12.5"


def test_a_time_point_may_hold_a_full_stop():
    cell = FORM.cell("result.1.2.5 h.2.events")
    assert (cell.timepoint, cell.arm, cell.part) == ("2.5 h", 2, "events")


@pytest.mark.parametrize(
    "path",
    [
        "result.9..1.events",
        "result.1.3 h.1.events",
        "result.2..1.events",
        "study.nothing",
        "arm.0.n",
        "arm.13.n",
        "result.3..1v1.se",
        "nonsense",
        "",
    ],
)
def test_a_cell_outside_the_form_is_named(path):
    with pytest.raises(UnknownCell) as error:
        FORM.cell(path)
    assert path in error.value.message


@pytest.mark.parametrize(
    ("values", "flagged"),
    [
        ({"result.1.2 h.1.events": "31", "result.1.2 h.1.total": "30"}, "result.1.2 h.1.events"),
        ({"arm.1.n": "30", "result.1.2 h.1.total": "31"}, "result.1.2 h.1.total"),
        ({"result.2..1.sd": "0"}, "result.2..1.sd"),
        (contrast("2", "0.3", "0.9"), "result.3..1v2.ci_high"),
        ({"result.3..1v2.ci_low": "0.9", "result.3..1v2.ci_high": "0.3"}, "result.3..1v2.ci_low"),
        (contrast("0.5", "0.1", "0.6"), "result.3..1v2.estimate"),
        (contrast("0.5", "0.25", "1") | {"result.3..1v2.se": "0.9"}, "result.3..1v2.se"),
        ({"arm.1.name": "Sham", "arm.2.name": "sham"}, "arm.2.name"),
    ],
)
def test_values_that_do_not_fit_together_are_flagged(values, flagged):
    assert [one.path for one in check(FORM, values)] == [flagged]


def test_values_that_fit_together_pass():
    fine = {
        "arm.1.n": "32",
        "result.1.2 h.1.events": "30",
        "result.1.2 h.1.total": "30",
        "result.3..1v2.estimate": "0.5",
        "result.3..1v2.ci_low": "0.25",
        "result.3..1v2.ci_high": "1.0",
    }
    assert check(FORM, fine) == []
