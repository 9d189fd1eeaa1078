"""Times after the start of treatment: windows in the protocol, times as reports state them.

A window belongs to a planned time point and says which reported times count for it. A
month is 30.4375 days and a year 365.25: both only order times and test windows.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from reviewtool.errors import Invalid

DAYS = {
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 30.4375,
    "year": 365.25,
}
_SHORT = {
    "min": "minute",
    "mins": "minute",
    "h": "hour",
    "hr": "hour",
    "hrs": "hour",
    "d": "day",
    "w": "week",
    "wk": "week",
    "wks": "week",
    "mo": "month",
    "mos": "month",
    "mth": "month",
    "mths": "month",
    "y": "year",
    "yr": "year",
    "yrs": "year",
}
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_TIME = re.compile(rf"{_NUMBER}\s*([a-z]+)\.?", re.IGNORECASE)
_RANGE = re.compile(
    rf"{_NUMBER}\s*([a-z]+)?\s*(?:to|until|[-–—])\s*{_NUMBER}\s*([a-z]+)", re.IGNORECASE
)
_OPEN = re.compile(rf"(at least|from|up to|at most)\s+{_NUMBER}\s*([a-z]+)", re.IGNORECASE)
LONGEST = "longest"


class UnreadableTime(Invalid):
    """A time or window that cannot be read."""

    code = "unreadable-time"
    message = (
        "“{text}” is not a time that can be read. Write it like 6 weeks, 3 months or 2 h; a "
        "window like 3 to 6 weeks, at least 6 months or up to 2 days."
    )


class Stands(str, Enum):
    """Which of several reported times in one window stands for the study."""

    NEAREST = "nearest"
    LATEST = "latest"
    EARLIEST = "earliest"


STANDS_WORDS = {
    Stands.NEAREST: "The one nearest to the time point",
    Stands.LATEST: "The latest",
    Stands.EARLIEST: "The earliest",
}


def _unit(text: str) -> str | None:
    plain = text.casefold()
    plain = _SHORT.get(plain, plain)
    plain = plain if plain in DAYS else plain.removesuffix("s")
    return plain if plain in DAYS else None


def _days(number: str, unit: str, whole: str) -> float:
    name = _unit(unit)
    if name is None:
        raise UnreadableTime(text=whole)
    return float(number.replace(",", ".")) * DAYS[name]


def days_of(text: str) -> float | None:
    """A reported time in days; None for what is no time.

    >>> days_of("6 weeks"), days_of("2 h"), days_of("1 day"), days_of("discharge")
    (42.0, 0.08333333333333333, 1.0, None)
    """
    found = _TIME.fullmatch(text.strip())
    if found is None or _unit(found[2]) is None:
        return None
    return _days(found[1], found[2], text)


def tidy_time(text: str) -> str:
    """A reported time as it is stored. Raises UnreadableTime.

    >>> tidy_time("6wk"), tidy_time("1 Month"), tidy_time("1,5 h")
    ('6 weeks', '1 month', '1.5 hours')
    """
    found = _TIME.fullmatch(text.strip())
    unit = _unit(found[2]) if found else None
    if found is None or unit is None:
        raise UnreadableTime(text=text.strip())
    number = float(found[1].replace(",", "."))
    return f"{str(number).removesuffix('.0')} {unit}{'' if number == 1 else 's'}"


@dataclass(frozen=True)
class Window:
    """Which reported times count for a planned time point, in days; None is open.

    at: the time point's own time where its label is one. longest: the latest of all
    reported times stands, whatever the rule says elsewhere.
    """

    low: float | None = None
    high: float | None = None
    at: float | None = None
    longest: bool = False

    def holds(self, days: float) -> bool:
        """Whether a reported time counts; a hair of rounding at the limits does not matter."""
        hair = 1e-6
        if self.low is not None and days < self.low - hair:
            return False
        return self.high is None or days <= self.high + hair


def window(label: str, text: str) -> Window:
    """The window of a time point as the protocol says it. Raises UnreadableTime.

    >>> window("1 month", "3 to 6 weeks")
    Window(low=21.0, high=42.0, at=30.4375, longest=False)
    >>> window("Longest follow-up", "at least 6 months").longest
    True
    """
    longest = label.casefold().strip().startswith(LONGEST)
    text, at = text.strip(), days_of(label)
    if not text:
        if longest:
            return Window(longest=True)
        return Window(at, at, at)
    if found := _RANGE.fullmatch(text):
        low = _days(found[1], found[2] or found[4], text)
        high = _days(found[3], found[4], text)
        if low > high:
            raise UnreadableTime(text=text)
        return Window(low, high, at, longest)
    if found := _OPEN.fullmatch(text):
        limit = _days(found[2], found[3], text)
        if found[1].casefold() in ("at least", "from"):
            return Window(limit, None, at, longest)
        return Window(None, limit, at, longest)
    days = days_of(text)
    if days is None:
        raise UnreadableTime(text=text)
    return Window(days, days, at, longest)


def windows_of(labels: Sequence[str], said: Mapping[str, str]) -> dict[str, Window]:
    """The windows of an outcome's time points, where it plans any; else empty.

    One window (or a longest follow-up) is enough for reported times to be taken; the
    other time points then hold their own time alone.
    """
    if not any(said.values()) and not any(x.casefold().startswith(LONGEST) for x in labels):
        return {}
    return {label: window(label, said.get(label, "")) for label in labels}


def stands(
    one: Window, label: str, reported: Iterable[str], rule: Stands
) -> tuple[str | None, tuple[str, ...]]:
    """(the time that stands for a planned one, all that could).

    reported: times of a study's results. Its result at the planned time point itself
    stands before any other. A tie of the nearest goes to the later time.

    >>> month = window("1 month", "3 to 6 weeks")
    >>> stands(month, "1 month", ["2 weeks", "4 weeks", "6 weeks"], Stands.NEAREST)
    ('4 weeks', ('4 weeks', '6 weeks'))
    >>> stands(month, "1 month", ["4 weeks", "6 weeks"], Stands.LATEST)[0]
    '6 weeks'
    """
    times = dict.fromkeys(reported)
    inside = [(days, t) for t in times if (days := days_of(t)) is not None and one.holds(days)]
    candidates = tuple(t for _, t in sorted(inside))
    if label in times:
        return label, (label, *(t for t in candidates if t != label))
    if not inside:
        return None, ()
    rule = Stands.LATEST if one.longest else rule
    if rule is Stands.NEAREST and one.at is not None:
        at = one.at
        return min(inside, key=lambda pair: (abs(pair[0] - at), -pair[0]))[1], candidates
    return (min if rule is Stands.EARLIEST else max)(inside)[1], candidates


def split_window(line: str) -> tuple[str, str]:
    """A line of the protocol's form as (label, window); a colon may belong to the label.

    >>> split_window("1 month: 3 to 6 weeks"), split_window("Day 1: morning")
    (('1 month', '3 to 6 weeks'), ('Day 1: morning', ''))
    """
    label, colon, said = line.rpartition(":")
    said = said.strip()
    if colon and label.strip() and re.match(r"\d|at least|from|up to|at most", said, re.IGNORECASE):
        return label.strip(), said
    return line.strip(), ""


def joined(label: str, said: str) -> str:
    """The same the other way round."""
    return f"{label}: {said}" if said else label
