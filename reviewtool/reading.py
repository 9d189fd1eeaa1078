"""Numbers as people write them, read the same way from a form, a paste and a file.

A decimal comma or point, thousands set apart by spaces, commas, points or apostrophes,
any dash as a minus, a per cent sign. Where one cell can be read in two ways, the
convention of its column (or of the whole table) settles it, or nobody guesses.
"""

import math
import re
from collections.abc import Iterable
from enum import Enum

# Spellings of "nothing here": stored as they are they would make a value of an absence.
ABSENT = frozenset({"nan", "na", "n/a", "nr", "inf", "-inf", "infinity", "none", "null", "."})

_MINUS = re.compile(r"^[\u2010-\u2015\u2212\u207b\u02d7\ufe58\ufe63\uff0d](?=\s*[\d.,])")
_EXPONENT = re.compile(r"(?<=[eE])[\u2010-\u2015\u2212]")
_SPACES = r"[\s\u00a0\u2007\u2009\u202f]"
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_SPACED = re.compile(rf"[+-]?\d{{1,3}}(?:{_SPACES}\d{{3}})+([.,]\d+)?")
_QUOTED = re.compile(r"[+-]?\d{1,3}(?:['\u2019]\d{3})+([.,]\d+)?")
_COMMAS = re.compile(r"[+-]?\d{1,3}(,\d{3}){2,}(\.\d+)?|[+-]?\d{1,3}(,\d{3})+\.\d+")
_POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3}){2,}(,\d+)?|[+-]?\d{1,3}(\.\d{3})+,\d+")
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d{1,3})?")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")


class BadNumber(ValueError):  # noqa: N818
    """A text that is no number, or two; the message says why and what to write."""


class Marks(Enum):
    """Which mark separates decimals; the other one separates thousands."""

    POINT = "."
    COMMA = ","


def tidy(text: str) -> str:
    """The text without outer spaces and per cent sign, any dash in front as a minus.

    >>> tidy(" \u22120.5 "), tidy("12.5 %")
    ('-0.5', '12.5')
    """
    plain = text.strip().removesuffix("%").strip()
    plain = _MINUS.sub("-", plain)
    plain = _EXPONENT.sub("-", plain)
    return re.sub(rf"^([+-]){_SPACES}+", r"\1", plain)


def is_per_cent(text: str) -> bool:
    """Whether the number is written with a per cent sign."""
    return text.strip().endswith("%")


def is_unclear(text: str) -> bool:
    """Whether the number can be read in two ways: "1.234", "1,234"."""
    return _EITHER.fullmatch(tidy(text)) is not None


def marks_in(texts: Iterable[str]) -> Marks | None:
    """The convention that ``texts`` show; None when they show none or both.

    >>> marks_in(["1.234", "0,5"]), marks_in(["1.234", "7"]), marks_in(["0,5", "0.5"])
    (<Marks.COMMA: ','>, None, None)
    """
    found = {shown for text in texts if (shown := _shown(tidy(text))) is not None}
    return found.pop() if len(found) == 1 else None


def _shown(plain: str) -> Marks | None:
    """What one number reveals: "0,5" a decimal comma, "1.234" nothing, "12" nothing."""
    if _EITHER.fullmatch(plain):
        return None
    if _COMMAS.fullmatch(plain):
        return Marks.POINT
    if _POINTS.fullmatch(plain) or _COMMA.fullmatch(plain):
        return Marks.COMMA
    for grouped in (_SPACED, _QUOTED):
        match = grouped.fullmatch(plain)
        if match:
            return Marks(match[1][0]) if match[1] else None
    return Marks.POINT if "." in plain and _PLAIN.fullmatch(plain) else None


def number(text: str, marks: Marks | None = None, *, strict: bool = False) -> float:
    """Read a number. Raises BadNumber.

    marks: the convention that the text's surroundings show. Without it "1,234" is
    refused with both readings, and "1.234" too when ``strict`` (where a table may have
    been written with either mark); otherwise a point is a decimal point. A per cent
    sign is dropped: 12.5% is 12.5.

    >>> number("12,5"), number("\u22121.25"), number("1 204,5"), number("1.204,5")
    (12.5, -1.25, 1204.5, 1204.5)
    >>> number("1.234", Marks.COMMA), number("1,234", Marks.POINT), number("1,234", Marks.COMMA)
    (1234.0, 1234.0, 1.234)
    """
    plain = tidy(text)
    if plain.casefold() in ABSENT:
        raise BadNumber(f"“{text}” is not a number. Leave the cell empty when it is not reported.")
    match = _EITHER.fullmatch(plain)
    if match:
        return _either(text, plain, match[1], marks, strict)
    if _SPACED.fullmatch(plain) or _QUOTED.fullmatch(plain):
        plain = re.sub(rf"{_SPACES}|['\u2019]", "", plain).replace(",", ".")
    elif _COMMAS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _POINTS.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    return _value(text, plain)


def _either(text: str, plain: str, mark: str, marks: Marks | None, strict: bool) -> float:
    """One mark before three digits: thousands or decimals, as the surroundings say."""
    whole, decimal = plain.replace(mark, ""), plain.replace(",", ".")
    if marks is not None:
        return float(decimal if marks.value == mark else whole)
    if mark == "." and not strict:
        return float(decimal)
    name = "comma" if mark == "," else "point"
    raise BadNumber(
        f"“{text}” can be read as {whole} or as {decimal}. Write it without the {name}"
        + (" or with a decimal point." if mark == "," else " or with a decimal comma.")
    )


def _value(text: str, plain: str) -> float:
    if not _PLAIN.fullmatch(plain):
        raise BadNumber(
            f"“{text}” is not a number. Write digits with a decimal point, such as 12.5."
        )
    value = float(plain)
    if not math.isfinite(value):
        raise BadNumber(f"“{text}” is too large.")
    return value


def is_plain(text: str) -> bool:
    """Whether ``text`` is digits with a decimal point at most, as it can be kept.

    >>> is_plain("12.50"), is_plain("12,5"), is_plain("12%")
    (True, False, False)
    """
    return _PLAIN.fullmatch(text) is not None


def written(value: float) -> str:
    """The shortest text that reads back as the same number.

    >>> written(12.0), written(0.1), written(1e-7)
    ('12', '0.1', '1e-07')
    """
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
