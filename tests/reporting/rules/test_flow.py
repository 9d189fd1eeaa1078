"""Boxes count what happened, and know what stands behind each number."""

from reviewtool.reporting.rules.flow import Event, Template, check, derive


def found(number: int, **fields: object) -> Event:
    return Event(id=number, source_type="database", source="PubMed", **fields)  # type: ignore[arg-type]


def test_each_box_knows_the_records_behind_it() -> None:
    flow = derive(
        [
            found(1, title_abstract="exclude"),
            found(2, duplicate_of=1),
            found(
                3, title_abstract="include", retrieved=True, full_text="exclude", reason="design"
            ),
            found(4, title_abstract="include", retrieved=True, full_text="include", study="A"),
            found(5, title_abstract="include", retrieved=True, full_text="include", study="A"),
        ],
        Template.NEW_V1,
    )
    assert flow.behind["duplicates"] == [2]
    assert flow.behind["dbr_excluded:design"] == [3]
    assert flow.behind["new_reports"] == [4, 5]
    assert flow.behind["new_studies"] == ["A"]
    assert check(flow.boxes, Template.NEW_V1) == []


def test_unfinished_work_is_listed_and_shows_as_a_broken_identity() -> None:
    flow = derive([found(1), found(2, title_abstract="include")], Template.NEW_V1)
    assert flow.undecided == [1, 2]
    assert {v.id for v in check(flow.boxes, Template.NEW_V1)} == {"P1", "P3"}


def test_a_citation_already_found_in_a_database_is_identified_but_not_sought() -> None:
    flow = derive(
        [
            found(1, title_abstract="exclude"),
            Event(id=2, source_type="citation", duplicate_of=1),
        ],
        Template.NEW_V2,
    )
    assert (flow.boxes["citations_results"], flow.boxes["other_sought_reports"]) == (1, 0)
    assert flow.boxes["duplicates"] == 0


def test_a_report_of_a_previous_study_is_new_but_its_study_is_not() -> None:
    included = found(
        1,
        title_abstract="include",
        retrieved=True,
        full_text="include",
        study="P1",
        previous_study=True,
    )
    flow = derive([included], Template.UPDATED_V1)
    assert (flow.boxes["new_reports"], flow.boxes["new_studies"]) == (1, 0)


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
