"""The identities of the diagram name what they find."""

from reviewtool.reporting.rules.flow import Template, check


def test_an_adjustment_may_be_negative_and_a_half_record_may_not() -> None:
    boxes = {"database_results": 2, "records_screened": 2, "dbr_sought_reports": 1}
    assert [v.id for v in check({**boxes, "record_report_adjustment": -1}, Template.NEW_V1)] == [
        "P3"
    ]
    assert [v.id for v in check({**boxes, "duplicates": 0.5}, Template.NEW_V1)] == ["P11"]


def test_a_message_shows_both_numbers() -> None:
    (broken,) = check({"database_results": 5, "records_screened": 0}, Template.NEW_V1)
    assert "5" in broken.message
    assert "0" in broken.message
