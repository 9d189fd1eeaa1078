"""How numbers, p values, intervals, counts and times are written: one way, wherever they stand.

Plots, pages, documents, sentences and the command line all ask here, so that a value reads
alike in each of them. The rules:

- A minus is U+2212, a range is "0.34 to 0.70", thousands and "%" follow a narrow space that
  never breaks across lines.
- A number has the decimals asked for. One that those decimals cannot hold is never written
  as zero: two decimals become three (0.004), and what is smaller still is written as nearer
  to zero than the smallest number there is room for (0.0004 is "<0.001", -0.0004 is
  ">\u22120.001", 0.3 without decimals is "<1"). From 1000 on there are no decimals, from a
  thousand million on there is a power of ten.
- A p value has two decimals; three below 0.01 and around 0.05, where rounding would decide;
  below 0.001 it is "<0.001" and above 0.99 it is ">0.99".
- What was never given (None) is a dash. What cannot be computed (NaN) is "not estimable".
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUS = "\u2212"
THIN = "\u202f"  # narrow, and never broken across lines
ABSENT = "\u2013"
NOT_ESTIMABLE = "not estimable"
_RAISED = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)


def minus(text: str) -> str:
    """A hyphen before a digit as a true minus.

    >>> minus("-0.25")
    '\u22120.25'
    """
    return re.sub(r"-(?=[\d.])", MINUS, text)


def _grouped(text: str) -> str:
    return minus(text.replace(",", THIN))


def _power_of_ten(text: str) -> str:
    part, power = text.split("e")
    return f"{minus(part)}{THIN}\u00d7{THIN}10{str(int(power)).translate(_RAISED)}"


def num(value: float | None, digits: int = 2) -> str:
    """A number with ``digits`` decimals.

    >>> num(-0.254), num(0.004), num(0.0004), num(-0.0004), num(0.0)
    ('\u22120.25', '0.004', '<0.001', '>\u22120.001', '0.00')
    >>> num(1234.6), num(2.5e12), num(None), num(float("nan")), num(float("-inf"))
    ('1\u202f235', '2.5\u202f\u00d7\u202f10\u00b9\u00b2', '\u2013', 'not estimable', '\u2212\u221e')
    """
    if value is None:
        return ABSENT
    value = float(value)
    if math.isnan(value):
        return NOT_ESTIMABLE
    if math.isinf(value):
        return "\u221e" if value > 0 else f"{MINUS}\u221e"
    size = abs(value)
    finest = 3 if digits == 2 else digits
    if 0 < size < 10**-finest:
        least = f"{10**-finest:.{finest}f}"
        return f"<{least}" if value > 0 else f">{MINUS}{least}"
    if round(size) >= 1e9:
        return _power_of_ten(f"{value:.1e}")
    if round(size, digits) >= 1000:
        return _grouped(f"{value:,.0f}")
    if digits == 2 and 0 < size < 0.005:
        digits = 3
    return minus(f"{value + 0.0:.{digits}f}")


def typed(value: float | None, digits: int) -> str:
    """A number for a terminal, to be copied into other programs: as a keyboard has it.

    It keeps its decimals however large it is, so that a column of numbers reads alike. One
    that is less than the last of them can say gets more, up to three.

    >>> typed(-0.254, 2), typed(999.99994, 3), typed(1000, 3)
    ('-0.25', '1000.000', '1000.000')
    >>> typed(0.5, 0), typed(0.04, 0), typed(0.0004, 1), typed(0, 1)
    ('0.5', '0.04', '<0.001', '0.0')
    """
    if value is None or not math.isfinite(value):
        return keyboard(num(value))
    size = abs(value)
    while digits < 3 and 0 < size < 10**-digits:
        digits += 1
    if 0 < size < 10**-digits or round(size) >= 1e9:
        return keyboard(num(value, digits))
    return f"{value + 0.0:.{digits}f}"


def keyboard(text: str) -> str:
    """True minus signs and narrow spaces as a keyboard writes them: thousands stay together.

    >>> keyboard(num(-1234.6)), keyboard(percent(0.545, 1))
    ('-1235', '54.5%')
    """
    text = re.sub(rf"(?<=\d){THIN}(?=\d)", "", text.replace(MINUS, "-"))
    return text.replace(f"{THIN}%", "%").replace(" %", "%").replace(THIN, " ")


def plain(value: float | None, digits: int = 6) -> str:
    """A number in as many digits as it needs, up to ``digits``: a setting, a limit, a cell.

    >>> plain(-20.0), plain(97.5), plain(1e-5), plain(None)
    ('\u221220', '97.5', '1\u202f\u00d7\u202f10\u207b\u2075', '\u2013')
    """
    if value is None or not math.isfinite(value):
        return num(value)
    if abs(value) < 1e9 and value == round(value):
        return thousands(value)
    text = f"{value:,.{digits}g}"
    return _power_of_ten(text) if "e" in text else _grouped(text)


def exact(value: float, digits: int) -> str:
    """A number of which it is known that ``digits`` decimals hold it, such as an axis tick.

    >>> exact(-0.5, 1), exact(5000, 0), exact(0.0, 2)
    ('\u22120.5', '5\u202f000', '0.00')
    """
    return _grouped(f"{value + 0.0:,.{digits}f}")


def thousands(value: float | None) -> str:
    """A count, its thousands set apart; people that were imputed keep their fraction.

    >>> thousands(5120), thousands(45.5), thousands(None)
    ('5\u202f120', '45.5', '\u2013')
    """
    if value is None or math.isnan(value):
        return ABSENT
    if math.isinf(value):
        return num(value)
    return _grouped(f"{value:,.0f}" if value == round(value) else f"{value:,.1f}")


def logged(value: object) -> str:
    """A value of the log: no signs of a programming language, every digit.

    >>> logged({"size": "large", "known_missing": False, "limits": []})
    'size large; known missing no'
    >>> logged([1, 2]), logged(None), logged(0.25)
    ('1, 2', 'nothing', '0.25')
    """
    if value is None or value == "" or value == [] or value == {}:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        told = (
            f"{str(key).replace('_', ' ')} {logged(one)}"
            for key, one in value.items()
            if one not in (None, "", [], {})
        )
        return "; ".join(told) or "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(logged(one) for one in value)
    return str(value)


def plural(count: int, one: str, many: str) -> str:
    """A count with its noun.

    >>> plural(1, "record", "records"), plural(2, "record", "records")
    ('1 record', '2 records')
    """
    return f"{thousands(count)} {one if count == 1 else many}"


def studies(count: int) -> str:
    """A number of studies.

    >>> studies(1), studies(12)
    ('1 study', '12 studies')
    """
    return plural(count, "study", "studies")


def out_of_hundred(value: float | None, digits: int = 0) -> str:
    """A number that is in per cent already, such as I\u00b2 or a weight.

    >>> out_of_hundred(34.2), out_of_hundred(0.3)
    ('34\u202f%', '<1\u202f%')
    """
    text = num(value, digits)
    return text if text in (ABSENT, NOT_ESTIMABLE) else f"{text}{THIN}%"


def percent(value: float | None, digits: int = 0) -> str:
    """A share (0 to 1) in per cent.

    >>> percent(0.92), percent(0.545, 1)
    ('92\u202f%', '54.5\u202f%')
    """
    return out_of_hundred(None if value is None else 100 * value, digits)


def per_thousand(risk: float | None) -> str:
    """A risk (0 to 1) as people of a thousand.

    >>> per_thousand(0.0234)
    '23 per 1000'
    """
    return f"{num(None if risk is None else 1000 * risk, 0)} per 1000"


def named(text: str, name: str) -> str:
    """A number that is written already, after its name.

    >>> named("0.24", "\u03c4\u00b2"), named("<0.001", "\u03c4\u00b2")
    ('\u03c4\u00b2 = 0.24', '\u03c4\u00b2 < 0.001')
    """
    return f"{name} {text[0]} {text[1:]}" if text[0] in "<>" else f"{name} = {text}"


def p_cell(value: float | None) -> str:
    """A p value under a heading that says p.

    >>> p_cell(0.0301), p_cell(0.0004), p_cell(0.0496), p_cell(0.993)
    ('0.03', '<0.001', '0.050', '>0.99')
    """
    if value is None:
        return ABSENT
    if math.isnan(value):
        return NOT_ESTIMABLE
    if value < 0.001:
        return "<0.001"
    if value > 0.99:
        return ">0.99"
    return f"{value:.{3 if value < 0.01 or 0.045 <= value < 0.055 else 2}f}"


def p(value: float | None) -> str:
    """A p value as journals print it.

    >>> p(0.0301), p(0.0004), p(0.004), p(0.993), p(None)
    ('p = 0.03', 'p < 0.001', 'p = 0.004', 'p > 0.99', 'p not estimable')
    """
    if value is None or math.isnan(value):
        return f"p {NOT_ESTIMABLE}"
    return named(p_cell(value), "p")


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """Two limits.

    >>> interval(0.34, 0.7), interval(None, 0.7), interval(float("nan"), float("nan"))
    ('0.34 to 0.70', '\u2013', 'not estimable')
    """
    if low is None or high is None:
        return ABSENT
    if math.isnan(low) and math.isnan(high):
        return NOT_ESTIMABLE
    return f"{num(low, digits)} to {num(high, digits)}"


def estimate(
    value: float | None, low: float | None = None, high: float | None = None, digits: int = 2
) -> str:
    """An estimate with its limits, where it has them.

    >>> estimate(0.49, 0.34, 0.7), estimate(0.49), estimate(None)
    ('0.49 (0.34 to 0.70)', '0.49', 'not estimable')
    """
    if value is None or math.isnan(value):
        return NOT_ESTIMABLE
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return num(value, digits)
    return f"{num(value, digits)} ({interval(low, high, digits)})"


def at_level(level: float) -> str:
    """A level of confidence, which is never rounded. level: in per cent.

    >>> at_level(95), at_level(97.5)
    ('95\u202f%', '97.5\u202f%')
    """
    return f"{plain(level)}{THIN}%"


def confidence(level: float, kind: str = "CI") -> str:
    """The name of an interval. level: in per cent.

    >>> confidence(95), confidence(97.5, "CrI")
    ('95\u202f% CI', '97.5\u202f% CrI')
    """
    return f"{at_level(level)} {kind}"


def effect(
    value: float | None,
    low: float | None,
    high: float | None,
    measure: str = "",
    level: float = 95,
    digits: int = 2,
) -> str:
    """An estimate on the scale that people read, with its interval. level: in per cent.

    >>> effect(0.49, 0.34, 0.7, "RR")
    'RR 0.49 (95\u202f% CI 0.34 to 0.70)'
    """
    if value is None or math.isnan(value):
        return f"{measure} {NOT_ESTIMABLE}".strip()
    limits = f"({confidence(level)} {interval(low, high, digits)})"
    return f"{measure} {num(value, digits)} {limits}".strip()


def capital(text: str) -> str:
    """The first letter as a capital; the others stay as they are.

    >>> capital("sumatriptan 50 mg"), capital("")
    ('Sumatriptan 50 mg', '')
    """
    return text[:1].upper() + text[1:]


def duration(seconds: float | None) -> str:
    """A time span, as one would say it.

    >>> duration(4), duration(95), duration(7400)
    ('4 s', '2 min', '2 h 3 min')
    """
    if seconds is None:
        return ABSENT
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def filesize(size: int | None) -> str:
    """Bytes in the unit that fits.

    >>> filesize(1_260_000), filesize(840)
    ('1.3 MB', '840 B')
    """
    if size is None:
        return ABSENT
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit in {"B", "kB"} or value >= 10 else f"{value:.1f} {unit}"


def day(at: date | None) -> str:
    """A day in full, the same on every system.

    >>> day(date(2026, 3, 4))
    '4 March 2026'
    """
    return ABSENT if at is None else f"{at.day} {at:%B} {at.year}"


def month(at: date | None) -> str:
    """A day's month, short.

    >>> month(date(2026, 3, 4))
    'Mar 2026'
    """
    return ABSENT if at is None else f"{at:%b} {at.year}"


def local(at: datetime, zone: str = "") -> datetime:
    """``at`` in the zone named, UTC when there is none of that name."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        return aware.astimezone(ZoneInfo(zone) if zone else UTC)
    except (ZoneInfoNotFoundError, ValueError):
        return aware.astimezone(UTC)


def minute(at: datetime, zone: str = "") -> str:
    """A moment to the minute.

    >>> minute(datetime(2026, 1, 15, 23, 30, tzinfo=UTC), "Europe/Zurich")
    '2026-01-16 00:30'
    """
    return local(at, zone).strftime("%Y-%m-%d %H:%M")


def ago(at: datetime | None, today: datetime | None = None) -> str:
    """How long since, in words.

    >>> ago(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 4, tzinfo=UTC))
    '3 days ago'
    """
    if at is None:
        return "never"
    seconds = ((today or datetime.now(UTC)) - local(at)).total_seconds()
    for size, one, many in (
        (86400, "day", "days"),
        (3600, "hour", "hours"),
        (60, "minute", "minutes"),
    ):
        if seconds >= size:
            return f"{plural(int(seconds // size), one, many)} ago"
    return "just now"
