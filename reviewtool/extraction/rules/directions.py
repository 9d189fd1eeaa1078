"""What a report says of a comparison without its numbers: a p value, and whom it favours."""

import re
from dataclasses import dataclass
from typing import Literal

from reviewtool import reading

FAVOURS = ("first", "second", "neither")
_P = re.compile(r"(?:p\s*)?([<>=\u2264\u2265]?)\s*(\S+)", flags=re.IGNORECASE)
_BOUNDS: dict[str, Literal["", "<", ">"]] = {
    "": "",
    "=": "",
    "<": "<",
    ">": ">",
    "\u2264": "<",
    "\u2265": ">",
}


class BadTold(ValueError):  # noqa: N818
    """A text that is no p value, or no side of a comparison; the message says why."""


@dataclass(frozen=True)
class Reported:
    """A two-sided p value as printed. bound: "<" at most, ">" at least, "" exactly."""

    value: float
    bound: Literal["", "<", ">"] = ""


def read_p(text: str) -> Reported:
    """A p value as people print it. Raises BadTold.

    >>> read_p("p < 0,05"), read_p("0.030")
    (Reported(value=0.05, bound='<'), Reported(value=0.03, bound=''))
    """
    match = _P.fullmatch(text.strip())
    try:
        value = reading.number(match[2]) if match else -1.0
    except reading.BadNumber:
        value = -1.0
    if match is None or not 0 <= value <= 1:
        raise BadTold(
            f"\u201c{text}\u201d is no p value. Write 0.03, <0.05 or >0.05; for \u201cnot "
            "significant\u201d write > and the limit that the report uses."
        )
    if value == 0 and not match[1]:
        raise BadTold("A p value is never exactly 0. Write <0.001, as the report prints it.")
    return Reported(value, _BOUNDS[match[1]])


def p_text(text: str) -> str:
    """A p value as it is stored: its digits as typed. Raises BadTold.

    >>> p_text("P = 0,030"), p_text("\u2264 0.05"), p_text("p<0.001")
    ('0.030', '<0.05', '<0.001')
    """
    found = read_p(text)
    match = _P.fullmatch(text.strip())
    digits = match[2].replace(",", ".") if match else ""
    return found.bound + (digits if reading.is_plain(digits) else reading.written(found.value))


def same_p(first: str, second: str) -> bool:
    """Whether two p values are the same, such as 0.05 and 0.050."""
    try:
        return read_p(first) == read_p(second)
    except BadTold:
        return first == second


def favours_text(text: str) -> str:
    """Whom a comparison favours, as it is stored. Raises BadTold.

    >>> favours_text("First")
    'first'
    """
    found = text.strip().casefold()
    if found not in FAVOURS:
        raise BadTold(f"\u201c{text}\u201d is not one of: {', '.join(FAVOURS)}.")
    return found
