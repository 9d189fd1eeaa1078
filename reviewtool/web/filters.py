"""How numbers, times and words are written on pages: pure functions, then ``register``."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from difflib import SequenceMatcher
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, current_app, g, request, url_for
from flask_security import current_user
from markupsafe import Markup, escape

from reviewtool.db.types import now

MINUS = "\u2212"
THIN = "\u202f"  # narrow, and never broken across lines
ABSENT = "\u2013"
RATIOS = frozenset({"OR", "RR", "HR", "ROM", "IRR", "DOR"})


def minus(text: str) -> str:
    """A leading or exponent hyphen as a true minus.

    >>> minus("-0.25")
    '\u22120.25'
    """
    return re.sub(r"-(?=[\d.])", MINUS, text)


def num(value: float | None, digits: int = 2) -> str:
    """A number with a fixed count of decimals; an absent one is a dash.

    >>> num(-0.254), num(None), num(float("nan"))
    ('\u22120.25', '\u2013', 'not estimable')
    """
    if value is None:
        return ABSENT
    value = float(value)
    if math.isnan(value):
        return "not estimable"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    whole, point, rest = text.partition(".")
    if len(whole.lstrip("-")) > 4:
        whole = f"{int(whole):,}".replace(",", THIN)
    return minus(whole + point + rest)


def thousands(value: float | None) -> str:
    """A count, its thousands set apart by a thin space.

    >>> thousands(5120)
    '5\u202f120'
    """
    if value is None:
        return ABSENT
    return minus(f"{round(value):,}".replace(",", THIN))


def percent(value: float | None, digits: int = 0) -> str:
    """A share (0 to 1) in per cent.

    >>> percent(0.92)
    '92\u202f%'
    """
    if value is None:
        return ABSENT
    if math.isnan(value):
        return "not estimable"
    return f"{num(100 * value, digits)}{THIN}%"


def p(value: float | None) -> str:
    """A p value as journals print it.

    >>> p(0.0301), p(0.0004), p(0.004), p(0.21)
    ('p = 0.03', 'p < 0.001', 'p = 0.004', 'p = 0.21')
    """
    if value is None or math.isnan(value):
        return "p not estimable"
    if value < 0.001:
        return "p < 0.001"
    if value > 0.995:
        return "p > 0.99"
    digits = 3 if value < 0.01 or 0.045 <= value < 0.055 else 2
    return f"p = {value:.{digits}f}"


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """Two limits.

    >>> interval(0.34, 0.7)
    '0.34 to 0.70'
    """
    if low is None or high is None:
        return ABSENT
    return f"{num(low, digits)} to {num(high, digits)}"


def natural(value: float) -> float:
    """A log ratio on the scale that people read."""
    return math.exp(value)


def effect(
    estimate: float | None,
    low: float | None,
    high: float | None,
    measure: str = "",
    level: float = 0.95,
    digits: int = 2,
) -> str:
    """An estimate on the scale that people read, with its interval.

    >>> effect(0.49, 0.34, 0.7, "RR")
    'RR 0.49 (95\u202f% CI 0.34 to 0.70)'
    """
    if estimate is None or math.isnan(estimate):
        return f"{measure} not estimable".strip()
    limits = (
        f"({percent(level, 0 if level * 100 % 1 == 0 else 1)} CI {interval(low, high, digits)})"
    )
    return f"{measure} {num(estimate, digits)} {limits}".strip()


def plural(count: int, one: str, many: str) -> str:
    """A count with its noun.

    >>> plural(1, "record", "records"), plural(2, "record", "records")
    ('1 record', '2 records')
    """
    return f"{thousands(count)} {one if count == 1 else many}"


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

    >>> filesize(1_260_000)
    '1.3 MB'
    """
    if size is None:
        return ABSENT
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit in {"B", "kB"} or value >= 10 else f"{value:.1f} {unit}"


def local(at: datetime, zone: str = "") -> datetime:
    """``at`` in the zone named, UTC when there is none of that name."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        return aware.astimezone(ZoneInfo(zone) if zone else UTC)
    except (ZoneInfoNotFoundError, ValueError):
        return aware.astimezone(UTC)


def time_tag(at: datetime | date | None, zone: str = "") -> Markup:
    """A moment as ``<time>``: in ``zone``, or in the browser's when none is given."""
    if at is None:
        return Markup(ABSENT)
    if not isinstance(at, datetime):
        return Markup('<time datetime="{0}">{0}</time>').format(at.isoformat())
    utc = local(at)
    stamp = utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    attribute = "" if zone else Markup(" data-local")
    text = local(at, zone).strftime("%Y-%m-%d %H:%M")
    return Markup('<time class="figures" datetime="{}" title="{} UTC"{}>{}</time>').format(
        stamp, utc.strftime("%Y-%m-%d %H:%M"), attribute, text
    )


def ago(at: datetime | None, today: datetime | None = None) -> str:
    """How long since, in words.

    >>> ago(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 4, tzinfo=UTC))
    '3 days ago'
    """
    if at is None:
        return "never"
    seconds = ((today or now()) - local(at)).total_seconds()
    if seconds < 60:
        return "just now"
    for size, one, many in (
        (86400, "day", "days"),
        (3600, "hour", "hours"),
        (60, "minute", "minutes"),
    ):
        if seconds >= size:
            return f"{plural(int(seconds // size), one, many)} ago"
    return "just now"


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def _spans(text: str, other: str) -> Iterator[tuple[bool, str]]:
    mine, theirs = _words(text), _words(other)
    for tag, start, end, _, _ in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if tag != "insert":
            yield tag != "equal", "".join(mine[start:end])


def unlike(text: str, other: Any) -> Markup:
    """``text`` with the words that ``other`` does not have marked.

    >>> unlike("Headache 1996", "Headache 1997")
    Markup('Headache <mark class="diff">1996</mark>')
    """
    against = "" if other is None else str(other)
    if len(text) + len(against) > 20_000:  # too long to compare in a request
        return (
            escape(text) if text == against else Markup('<mark class="diff">{}</mark>').format(text)
        )
    return Markup("").join(
        Markup('<mark class="diff">{}</mark>').format(part)
        if marked and part.strip()
        else escape(part)
        for marked, part in _spans(text, against)
    )


def here_with(**changes: Any) -> str:
    """This page's address with some of its query changed; None takes a part away."""
    query: Mapping[str, Any] = request.args.to_dict(flat=True)
    values = {**(request.view_args or {}), **query, **changes}
    if g.get("review_id") is not None:
        values.setdefault("review_id", g.review_id)
    return url_for(request.endpoint or "", **{k: v for k, v in values.items() if v is not None})


def _zone() -> str:
    return str(getattr(current_user, "time_zone", "") or "")


def register(app: Flask) -> None:
    """Make everything here available to templates."""
    env = app.jinja_env
    plain = (
        minus,
        num,
        natural,
        thousands,
        percent,
        p,
        interval,
        plural,
        duration,
        filesize,
        ago,
        unlike,
    )
    env.filters.update({function.__name__: function for function in plain})
    env.filters["datetime"] = lambda at: time_tag(at, _zone())
    env.globals.update(
        effect=effect,
        interval=interval,
        here_with=here_with,
        has_endpoint=lambda name: name in current_app.view_functions,
    )
    env.trim_blocks = env.lstrip_blocks = True
