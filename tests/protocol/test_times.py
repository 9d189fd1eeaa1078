"""Windows of time points, and which of several reported times stands: decision tables."""

import pytest

from reviewtool.protocol.rules.times import (
    Stands,
    UnreadableTime,
    days_of,
    stands,
    tidy_time,
    window,
    windows_of,
)

MONTH = 30.4375


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("6 weeks", 42),
        ("6 wk", 42),
        ("6wks.", 42),
        ("1 Month", MONTH),
        ("12 mo", 12 * MONTH),
        ("1 y", 365.25),
        ("1,5 days", 1.5),
        ("30 min", 30 / 1440),
        ("discharge", None),
        ("week 6", None),
        ("6", None),
        ("6 parsecs", None),
        ("", None),
    ],
)
def test_a_reported_time_is_read(text, days):
    assert days_of(text) == (None if days is None else pytest.approx(days))
    if days is None:
        with pytest.raises(UnreadableTime):
            tidy_time(text)
    else:
        assert days_of(tidy_time(text)) == pytest.approx(days)


@pytest.mark.parametrize(
    ("label", "text", "inside", "outside"),
    [
        ("1 month", "3 to 6 weeks", ["3 weeks", "6 weeks", "1 month"], ["20 days", "43 days"]),
        ("1 month", "21 days to 6 weeks", ["3 weeks", "6 weeks"], ["20 days", "43 days"]),
        ("1 month", "3–6 wk", ["3 weeks", "6 weeks"], ["20 days"]),
        ("1 month", "", ["1 month"], ["4 weeks", "31 days"]),
        ("Late", "at least 6 months", ["6 months", "3 years"], ["5 months"]),
        ("Acute", "up to 2 days", ["1 hour", "48 h"], ["3 days"]),
        ("Longest follow-up", "", ["1 hour", "9 years"], []),
    ],
)
def test_a_window_holds_its_times(label, text, inside, outside):
    found = window(label, text)
    assert all(found.holds(days_of(time)) for time in inside)
    assert not any(found.holds(days_of(time)) for time in outside)


@pytest.mark.parametrize("text", ["6 to 3 weeks", "3 to six weeks", "soon", "3 to 6", "3 to 6 x"])
def test_a_window_that_cannot_be_read_is_named(text):
    with pytest.raises(UnreadableTime, match=f"“{text}”"):
        window("1 month", text)


REPORTED = ["2 weeks", "4 weeks", "6 weeks", "3 months"]


@pytest.mark.parametrize(
    ("label", "text", "rule", "chosen", "candidates"),
    [
        ("1 month", "3 to 6 weeks", Stands.NEAREST, "4 weeks", 2),
        ("1 month", "3 to 6 weeks", Stands.LATEST, "6 weeks", 2),
        ("1 month", "3 to 6 weeks", Stands.EARLIEST, "4 weeks", 2),
        ("5 weeks", "3 to 6 weeks", Stands.NEAREST, "6 weeks", 2),  # a tie goes to the later
        ("Short", "up to 6 weeks", Stands.NEAREST, "6 weeks", 3),  # no own time: the latest
        ("Longest follow-up", "", Stands.EARLIEST, "3 months", 4),
        ("1 year", "", Stands.NEAREST, None, 0),
        ("3 months", "", Stands.NEAREST, "3 months", 1),
    ],
)
def test_the_rule_decides_among_times_in_a_window(label, text, rule, chosen, candidates):
    found, could = stands(window(label, text), label, REPORTED, rule)
    assert found == chosen
    assert len(could) == candidates


def test_a_result_at_the_time_point_itself_comes_first():
    found = stands(
        window("1 month", "3 to 6 weeks"), "1 month", ["4 weeks", "1 month"], Stands.LATEST
    )
    assert found == ("1 month", ("1 month", "4 weeks"))


def test_without_any_window_times_are_labels_only():
    assert windows_of(["1 month", "3 months"], {}) == {}
    assert set(windows_of(["1 month", "3 months"], {"1 month": "3 to 6 weeks"})) == {
        "1 month",
        "3 months",
    }
