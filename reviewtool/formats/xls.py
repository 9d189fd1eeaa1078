"""Old Excel workbooks (.xls), as Web of Science still writes them; read by calamine.

In a process of its own: on a damaged file calamine panics, prints its stack, and might
not come to an end.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from reviewtool.formats.base import Entry, Problem
from reviewtool.formats.csv import Columns, Table, find_header, take
from reviewtool.formats.csv.rows import Row
from reviewtool.formats.text import Text

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LIMIT = 100 << 20  # such a workbook holds at most 65,536 rows
SECONDS = 8
CHILD = """
import io, json, sys
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
for name in book.sheet_names:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    if any(any(row) for row in rows):
        break
else:
    rows = []
json.dump(rows, sys.stdout, default=str)
"""
DAMAGED = (
    "The workbook could not be read: it is damaged, protected or no workbook. Open it in a "
    "spreadsheet program, save it as .xlsx or CSV and import that."
)


class Xls(Table):
    key, label = "xls", "Excel workbook (.xls)"

    def score(self, text: Text) -> float:
        return 1.0 if text.head.startswith(MAGIC) else 0.0

    def columns(self, text: Text) -> Columns | None:
        return self.chosen(find_header(list(take(self.rows(text, "")))))

    def entries(self, text: Text) -> Iterator[Entry]:
        if not _sheet(text):
            yield Problem(1, DAMAGED)
        else:
            yield from super().entries(text)

    def rows(self, text: Text, delimiter: str) -> Iterator[Row | Problem]:
        for number, cells in enumerate(_sheet(text), 1):
            row = tuple(_said(cell) for cell in cells)
            if any(cell.strip() for cell in row):
                yield Row(number, row)


def _sheet(text: Text) -> list[list[Any]]:
    if text.size > LIMIT:
        return []
    with text.open() as stream:
        return _read(stream.read())


@lru_cache(maxsize=1)
def _read(data: bytes) -> list[list[Any]]:
    """The cells of the first sheet that holds anything; empty when nothing can be read."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", CHILD],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        rows: list[list[Any]] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        return []
    return rows


def _said(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
