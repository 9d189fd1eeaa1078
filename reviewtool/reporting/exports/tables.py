"""CSV that opens safely in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

RISKY = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> Any:
    """A value as text; one that a spreadsheet would run as a formula gets a quote first.

    >>> cell("=cmd()"), cell(-0.5), cell("-0.5"), cell(None)
    ("'=cmd()", -0.5, '-0.5', '')
    """
    if value is None:
        return ""
    if isinstance(value, Enum):
        value = value.value
    if not isinstance(value, str) or not value.startswith(RISKY):
        return value
    try:
        float(value)
    except ValueError:
        return "'" + value
    return value


def write(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any] | Sequence[Any]],
    *,
    for_r: bool = False,
) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read accents.

    for_r: without the mark, which R would take for a part of the first column's name.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(columns)
    for row in rows:
        values = [row.get(c) for c in columns] if isinstance(row, Mapping) else row
        writer.writerow([cell(value) for value in values])
    return stream.getvalue().encode("utf-8" if for_r else "utf-8-sig")
