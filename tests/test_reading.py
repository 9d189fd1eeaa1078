"""Numbers as people write them, whatever the keyboard."""

import pytest

from reviewtool.reading import BadNumber, Marks, marks_in, number

READ = {
    "12.5": 12.5,
    "12,5": 12.5,
    ",5": 0.5,
    "0,512": 0.512,
    "0.512": 0.512,
    "1.234": 1.234,
    "1234,567": 1234.567,
    "1.234,5": 1234.5,
    "1,234.5": 1234.5,
    "1,234,567": 1234567,
    "1.234.567": 1234567,
    "1 234": 1234,
    "1\u202f234,5": 1234.5,
    "1'234.5": 1234.5,
    "1’234": 1234,
    "\u22120.5": -0.5,
    "\u20130.5": -0.5,
    "\u20140,5": -0.5,
    "\u20110.5": -0.5,
    "\uff0d0.5": -0.5,
    "- 0.5": -0.5,
    "+3": 3,
    "12.5%": 12.5,
    "12,5 %": 12.5,
    "1e\u22123": 0.001,
    "2.5E-4": 0.00025,
    " 7 ": 7,
}


@pytest.mark.parametrize(("text", "value"), READ.items())
def test_a_number_is_read_as_it_is_meant(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["1,234", "-12,345", "999,000"])
def test_a_comma_before_three_digits_is_refused_with_both_readings(text: str) -> None:
    with pytest.raises(BadNumber) as error:
        number(text)
    assert text.replace(",", "") in str(error.value)
    assert text.replace(",", ".") in str(error.value)


def test_a_point_before_three_digits_is_refused_where_tables_may_use_either_mark() -> None:
    with pytest.raises(BadNumber, match=r"1234 or as 1\.234"):
        number("1.234", strict=True)
    assert number("1.234", Marks.POINT, strict=True) == 1.234


@pytest.mark.parametrize(
    ("column", "marks"),
    [
        (["5,2", "1.234"], Marks.COMMA),
        (["1.234,5", "1.234"], Marks.COMMA),
        (["0.5", "1,234"], Marks.POINT),
        (["1,234,567"], Marks.POINT),
        (["1.234", "1,234", "980"], None),
        (["0.5", "0,5"], None),
        (["many", ""], None),
        (["-0,5", "\u22121,5"], Marks.COMMA),
    ],
)
def test_a_column_shows_its_convention(column: list[str], marks: Marks | None) -> None:
    assert marks_in(column) is marks


@pytest.mark.parametrize(
    "text",
    ["", "many", "1,2,3", "12 34", "1.2.3", "5-7", "<0.001", "inf", "nan", "1e999", "--3", "%"],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadNumber):
        number(text)
