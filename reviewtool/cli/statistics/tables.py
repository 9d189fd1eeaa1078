"""A file, a workbook or standard input as a sheet, whatever program saved it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewtool.errors import ReviewToolError

if TYPE_CHECKING:
    from reviewtool.stats.sheets import Sheet

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class UnreadableTable(ReviewToolError):
    """A file that is no table; the message says what it is and what to do."""

    message = "{file} cannot be read: {reason}"


def read(path: Path, worksheet: str | None = None) -> Sheet:
    """The table at ``path``; '-' is standard input. Raises UnreadableTable, BadSheet."""
    from reviewtool.stats.errors import BadSheet
    from reviewtool.stats.sheets import read_sheet

    name = "Standard input" if str(path) == "-" else path.name
    content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    if content.startswith(ZIP):
        return _workbook(content, name, worksheet)
    if worksheet is not None:
        raise BadSheet(
            problem=f"--sheet chooses a sheet of a workbook, and {name} is none.",
            remedy="Leave it out.",
        )
    if content.startswith(OLE):
        raise UnreadableTable(
            file=name, reason="it is an old Excel workbook. Save it as .xlsx or CSV (UTF-8)."
        )
    text, notes = decoded(content, name)
    sheet = read_sheet(text)
    return sheet.noting(notes)


def decoded(content: bytes, name: str) -> tuple[str, list[str]]:
    """The text of a file, and a note where its encoding had to be understood.

    UTF-8 and UTF-16 are recognised; other bytes are read as Windows-1252, which spreadsheet
    programs of western Europe write. Raises UnreadableTable for what is no text.
    """
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _as(content, encoding, name), []
    sides = content[0:400:2].count(0), content[1:400:2].count(0)
    if content and max(sides) > 0.4 * len(content[:400]) / 2:
        encoding = "utf-16-le" if sides[1] > sides[0] else "utf-16-be"
        return _as(content, encoding, name), [f"{name} was read as UTF-16."]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    if b"\0" in content:
        raise UnreadableTable(file=name, reason="it is no text. Save it as CSV (UTF-8).")
    text = content.decode("cp1252", errors="replace")
    return text, [f"{name} is not UTF-8; it was read as Windows-1252 (Latin-1). Check the names."]


def _as(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise UnreadableTable(
            file=name, reason="it is not text in UTF-16. Save it as CSV (UTF-8)."
        ) from None


def _workbook(content: bytes, name: str, worksheet: str | None) -> Sheet:
    """The first sheet of a workbook that holds anything, or the one that is named."""
    import io

    import openpyxl

    from reviewtool.stats.errors import BadSheet, UnknownChoice
    from reviewtool.stats.sheets import sheet_of

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        full = {s.title: rows for s in book.worksheets if (rows := _numbered(s.iter_rows()))}
    except Exception:  # a damaged workbook fails in as many ways as there are parts
        raise UnreadableTable(
            file=name, reason="the workbook is damaged or protected. Save the sheet as CSV (UTF-8)."
        ) from None
    if worksheet is not None and worksheet not in full:
        raise UnknownChoice(what="Sheet", given=worksheet, choices=", ".join(full) or "none")
    if not full:
        return sheet_of([])
    chosen = worksheet or next(iter(full))
    notes = []
    if worksheet is None and len(full) > 1:
        others = ", ".join(title for title in full if title != chosen)
        if len(full[chosen]) < 2:
            raise BadSheet(
                problem=f"The sheet {chosen} has no rows below its first; the workbook has "
                f"{others} as well.",
                remedy="Choose the one with the studies with --sheet.",
            )
        notes.append(f"The sheet {chosen} was read; the workbook has {others} as well (--sheet).")
    return sheet_of(full[chosen]).noting(notes)


def _numbered(rows: Iterable[Iterable[Any]]) -> list[tuple[int, list[str]]]:
    found = []
    for i, row in enumerate(rows, 1):
        cells = [_said(cell.value) for cell in row]
        if any(cells):
            found.append((i, cells))
    widest = max((len(cells) for _, cells in found), default=0)
    return [(i, cells + [""] * (widest - len(cells))) for i, cells in found]


def _said(value: Any) -> str:
    """A cell's text. Numbers get digits enough that no reader takes a point for thousands."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        text = repr(value)
        whole, _, decimals = text.partition(".")
        return f"{text}0" if len(decimals) == 3 and whole.lstrip("-").isdigit() else text
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value).strip()
