"""The one writer of tables as files: CSV that a spreadsheet opens without running anything.

RFC 4180: commas, CRLF, quotes where needed; UTF-8. A text that a spreadsheet would run as
a formula gets an apostrophe first, and so does a text that would otherwise be read back as
a guarded one: taking one apostrophe away always gives the text again.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from reviewtool.reading import is_plain

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# What R does to the character columns of ``d`` to have the texts without the guard.
UNGUARD_IN_R = (
    "d[] <- lapply(d, function(x) if (is.character(x)) "
    'sub("^\'(\'*[=+@\\t\\r\\n\\uff1d\\uff0b\\uff0d\\uff20-])", "\\\\1", x) else x)'
)


def cell(value: Any) -> Any:
    """A value as it stands in a file; what a spreadsheet would run is guarded.

    >>> cell("=cmd()"), cell(-0.5), cell("-0.5"), cell("-x"), cell("'=x"), cell(None)
    ("'=cmd()", -0.5, '-0.5', "'-x", "''=x", '')
    """
    if value is None:
        return ""
    if isinstance(value, Enum):
        value = value.value
    if not isinstance(value, str) or not value.lstrip("'").startswith(RISKY) or is_plain(value):
        return value
    return "'" + value


def text_of(cell: str) -> str:
    """What a cell read from such a file said before it was guarded.

    >>> text_of("'=cmd()"), text_of("''=x"), text_of("-0.5"), text_of("'tis")
    ('=cmd()', "'=x", '-0.5', "'tis")
    """
    guarded = cell.startswith("'") and cell.lstrip("'").startswith(RISKY)
    return cell[1:] if guarded else cell


def write(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any] | Sequence[Any]],
    *,
    mark: bool = True,
    guarded: bool = True,
) -> bytes:
    """A table as CSV: a line of ``columns``, then the rows, by name or in the columns' order.

    mark: begin with a byte order mark, by which spreadsheets know accents. Not for R and
    other programs, which would take it for a part of the first column's name.
    guarded: False only where no person opens the file and every character counts.

    >>> write(["study", "n"], [{"study": "=x", "n": 3}], mark=False)
    b"study,n\\r\\n'=x,3\\r\\n"
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    keep = cell if guarded else (lambda value: value)
    writer.writerow([keep(column) for column in columns])
    for row in rows:
        values = [row.get(c) for c in columns] if isinstance(row, Mapping) else row
        writer.writerow([keep(value) for value in values])
    return stream.getvalue().encode("utf-8-sig" if mark else "utf-8")
