"""Which of a study's results an analysis takes: by plan, by window, by a person's choice."""

import pytest

from reviewtool.protocol.rules.times import Stands, windows_of
from reviewtool.synthesis.rules.places import Choice, Plan, place

POINTS = ("1 month", "3 months", "Longest follow-up")
WINDOWS = windows_of(POINTS, {"1 month": "3 to 6 weeks", "3 months": "2 to 4 months"})
REPORTED = ["6 weeks", "4 weeks", "1 year"]


@pytest.mark.parametrize(
    ("plan", "reported", "order", "because"),
    [
        (Plan("1 month", POINTS), REPORTED, ("1 month",), "the planned time point"),
        (Plan("1 month", POINTS, WINDOWS), REPORTED, ("4 weeks", "6 weeks"), "of 2 in the window"),
        (
            Plan("1 month", POINTS, WINDOWS, Stands.LATEST),
            REPORTED,
            ("6 weeks", "4 weeks"),
            "the latest",
        ),
        (Plan("3 months", POINTS, WINDOWS), REPORTED, ("3 months",), ""),
        (
            Plan(POINTS[2], POINTS, WINDOWS),
            REPORTED,
            ("1 year", "6 weeks", "4 weeks"),
            "the longest follow-up",
        ),
        (Plan("", POINTS[:2]), ["3 months", "1 month"], ("1 month", "3 months"), "the planned"),
        (Plan("", POINTS[:2]), ["", "3 months"], ("3 months", ""), "the planned"),
        (Plan("", ()), [""], ("",), "the only"),
        (Plan("", POINTS[:2], WINDOWS), ["5 weeks"], ("5 weeks",), "in the window of 1 month"),
    ],
)
def test_the_plan_says_what_is_tried_in_turn(plan, reported, order, because):
    found = place(plan, reported)
    assert found.order == order
    assert because in found.because


def test_a_choice_stands_alone_and_keeps_its_reason():
    found = place(Plan("1 month", POINTS, WINDOWS), REPORTED, Choice("1 year", "Only blinded one"))
    assert found.order == ("1 year",)
    assert found.because == "Only blinded one"


def test_a_choice_of_what_is_no_longer_reported_is_not_followed():
    found = place(Plan("1 month", POINTS, WINDOWS), ["4 weeks"], Choice("6 weeks", "Better"))
    assert found.order == ("4 weeks",)
    assert found.choice is None
