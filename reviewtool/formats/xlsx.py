"""Excel workbooks (.xlsx), read row by row without building the sheet.

Sizes are checked before anything is unpacked: a few kilobytes can claim to be
gigabytes, and one cell in the far corner must not fill the memory.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO

from lxml import etree

from reviewtool.formats.base import Entry, Problem
from reviewtool.formats.csv import Columns, Table, find_header, take
from reviewtool.formats.csv.rows import Row
from reviewtool.formats.text import Text

LIMIT = 600 << 20  # bytes of one unpacked part
RATIO = 400  # unpacked to packed; sheets of references reach about 15
COLUMNS = 2000  # cells beyond this column are not references
_REF = re.compile(r"([A-Z]{1,3})(\d{0,7})")
_NS = "{*}"
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BROKEN = (
    zipfile.BadZipFile,
    etree.XMLSyntaxError,
    KeyError,
    ValueError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    zipfile.LargeZipFile,
)


class TooLargeError(ValueError):
    """A part of the workbook unpacks to more than any list of references needs."""


class Xlsx(Table):
    key, label = "xlsx", "Excel workbook"

    def score(self, text: Text) -> float:
        if not text.head.startswith(b"PK\x03\x04"):
            return 0.0
        try:
            with text.open() as stream, zipfile.ZipFile(stream) as book:
                return 1.0 if _sheet_names(book) else 0.0
        except _BROKEN:
            return 0.9 if b"xl/" in text.head or b"[Content_Types].xml" in text.head else 0.0

    def columns(self, text: Text) -> Columns | None:
        try:
            best = find_header(list(take(self.rows(text, ""))))
        except _BROKEN:
            return None
        return self.chosen(best)

    def entries(self, text: Text) -> Iterator[Entry]:
        try:
            with text.open() as stream, zipfile.ZipFile(stream) as book:
                _check_sizes(book)
            yield from super().entries(text)
        except TooLargeError as error:
            yield Problem(1, str(error))
        except _BROKEN as error:
            yield Problem(
                1,
                f"The workbook is damaged ({error}). Open it in a spreadsheet program, save it as "
                "CSV and import that.",
            )

    def rows(self, text: Text, delimiter: str) -> Iterator[Row | Problem]:
        with text.open() as stream, zipfile.ZipFile(stream) as book:
            _check_sizes(book)
            strings = _strings(book)
            for name in _sheet_names(book):
                found = False
                for row in _rows(book, name, strings):
                    found = True
                    yield row
                if found:
                    return  # the first sheet that holds anything


def _check_sizes(book: zipfile.ZipFile) -> None:
    for part in book.infolist():
        if part.file_size > LIMIT or part.file_size > RATIO * max(part.compress_size, 4096):
            raise TooLargeError(
                f"The part {part.filename} of the workbook would unpack to "
                f"{part.file_size >> 20} MB; it was not opened. Save the sheet as CSV."
            )


class _Limited:
    """A part of the workbook that stops when it is longer than it said."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._left = stream, LIMIT

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size if size > 0 else 1 << 20)
        self._left -= len(chunk)
        if self._left < 0:
            raise TooLargeError("The workbook unpacks to more than it declares; it was not read.")
        return chunk


def _sheet_names(book: zipfile.ZipFile) -> list[str]:
    """Sheets in their usual order: sheet1, sheet2, sheet10."""
    names = [n for n in book.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", n)]
    return sorted(names, key=lambda n: (len(n), n))


def _parse(book: zipfile.ZipFile, name: str, tag: str) -> Iterator[etree._Element]:
    with book.open(name) as stream:
        context = etree.iterparse(
            _Limited(stream),
            events=("end",),
            tag=f"{_NS}{tag}",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        for _, element in context:
            yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]


def _strings(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return [_text(element) for element in _parse(book, "xl/sharedStrings.xml", "si")]


def _text(element: etree._Element) -> str:
    """The text of a string, without phonetic readings, with Excel's escapes undone."""
    parts = [
        t.text or ""
        for t in element.iter(f"{_NS}t")
        if not any(etree.QName(a).localname == "rPh" for a in t.iterancestors())
    ]
    return _ESCAPE.sub(lambda m: chr(int(m.group(1), 16)), "".join(parts))


def _rows(book: zipfile.ZipFile, name: str, strings: list[str]) -> Iterator[Row]:
    number = 0
    for element in _parse(book, name, "row"):
        given = element.get("r") or ""
        number = int(given) if given.isdigit() else number + 1
        cells: list[str] = []
        for cell in element.iter(f"{_NS}c"):
            match = _REF.match(cell.get("r") or "")
            column = _index(match.group(1)) if match else len(cells)
            value = _cell(cell, strings)
            if column >= COLUMNS or not value:
                continue
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = value
        if any(cell.strip() for cell in cells):
            yield Row(number, tuple(cells))


def _index(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def _cell(cell: etree._Element, strings: list[str]) -> str:
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        inline = cell.find(f"{_NS}is")
        return _text(inline) if inline is not None else ""
    value = cell.find(f"{_NS}v")
    raw = (value.text or "") if value is not None else ""
    if kind == "s":
        position = int(raw) if raw.isdigit() else -1
        return strings[position] if 0 <= position < len(strings) else ""
    if kind == "e":
        return ""
    if kind == "n" and re.fullmatch(r"-?\d+\.0+", raw):
        return raw.split(".")[0]
    return raw
