"""Bytes to text: which encoding an export is in, and its lines.

Exports come with byte-order marks, as UTF-16, in Windows code pages, in
Chinese encodings, with bare carriage returns and with NULs. Files are read as
a stream, so a file of several hundred megabytes needs little memory.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import charset_normalizer

CHUNK = 1 << 20
SAMPLE = 256 << 10

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"(?im)^\s*(?:%+\s*encoding:\s*|<\?xml[^>]{0,80}encoding=[\"'])([\w.-]+)")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
# Encodings worth telling apart once UTF-8 and Western European are ruled out.
_FOREIGN = (
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
    "cp1251",
    "koi8_r",
    "cp1253",
    "cp1255",
    "cp1256",
)
_LINE = 4 << 20  # a longer line is handed on in pieces


def _as_windows(error: UnicodeError) -> tuple[str | bytes, int]:
    """Read bytes that are not valid in the file's encoding as Windows-1252.

    Exports are often pasted together from sources in different encodings.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error("reviewtool-windows", _as_windows)


class Text:
    """The content of one file: ``sample`` for detection, ``lines`` for reading."""

    def __init__(self, source: bytes | Path, name: str = "") -> None:
        self.source = source
        self.name = name
        self.position = 0  # bytes read so far by ``lines``, roughly

    def open(self) -> BinaryIO:
        """The bytes, from the start."""
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")

    @cached_property
    def size(self) -> int:
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    @cached_property
    def head(self) -> bytes:
        """The first bytes, for magic numbers and encodings."""
        with self.open() as stream:
            return stream.read(SAMPLE)

    @cached_property
    def encoding(self) -> str:
        return encoding_of(self)

    @cached_property
    def sample(self) -> str:
        """The beginning of the file, decoded, with line ends made one."""
        text = self.head.decode(self.encoding, "replace").replace("\x00", "")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def stream(self, newline: str | None = None) -> io.TextIOWrapper:
        """The decoded text from the start; ``newline`` as in ``open``."""
        return io.TextIOWrapper(
            self.open(),
            encoding=self.encoding,
            errors="reviewtool-windows",
            newline=newline,
        )

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each line with its 1-based number, without its end, byte-order marks or NULs."""
        with self.stream() as stream:
            number = 0
            self.position = 0
            while line := stream.readline(_LINE):
                number += 1
                self.position += len(line)
                if "\x00" in line:
                    line = line.replace("\x00", "")
                if "\ufeff" in line:  # files joined end to end keep each part's mark
                    line = line.replace("\ufeff", "")
                yield number, line.rstrip("\n")

    def whole(self) -> str:
        """All of it at once, for formats that cannot be read by line."""
        with self.stream() as stream:
            return stream.read().replace("\x00", "").replace("\ufeff", "")


def encoding_of(text: Text) -> str:
    """The name of the encoding: a mark, then UTF-8, then what the bytes look like."""
    head = text.head
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if wide := _wide(head):
        return wide
    valid, broken = _utf8_sequences(text)
    if not broken:
        return "utf-8" if valid else "ascii"
    if valid > 3 * broken:
        return "utf-8"  # a few bytes from elsewhere; read as Windows-1252 one by one
    declared = _DECLARED.search(head)
    if declared and (given := _known(declared.group(1).decode("ascii"))):
        return given
    return _legacy(text)


def _known(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of Western text is zero."""
    part = head[:4096]
    if len(part) < 4:
        return None
    even, odd = part[0::2].count(0), part[1::2].count(0)
    if odd > 0.4 * len(part) / 2 and even < odd / 10:
        return "utf-16-le"
    if even > 0.4 * len(part) / 2 and odd < even / 10:
        return "utf-16-be"
    return None


def _utf8_sequences(text: Text) -> tuple[int, int]:
    """How many non-ASCII characters are valid UTF-8 and how many bytes are not."""
    broken = 0

    def count(error: UnicodeError) -> tuple[str, int]:
        nonlocal broken
        assert isinstance(error, UnicodeDecodeError)
        broken += 1
        return "", error.end

    codecs.register_error("reviewtool-count", count)
    decoder = codecs.getincrementaldecoder("utf-8")("reviewtool-count")
    valid = 0
    with text.open() as stream:
        while chunk := stream.read(CHUNK):
            decoded = decoder.decode(chunk)
            if not decoded.isascii():
                valid += sum(1 for c in decoded if c > "\x7f")
        decoder.decode(b"", final=True)
    return valid, broken


def _legacy(text: Text) -> str:
    """A single-byte or East Asian encoding, judged by the lines that have high bytes.

    In Western text a high byte usually stands alone between ASCII letters; in
    Cyrillic, Greek or Chinese text they come in runs.
    """
    lines: list[bytes] = []
    size = 0
    with text.open() as stream:
        while size < SAMPLE and (line := stream.readline(CHUNK)):
            if not line.isascii():
                lines.append(line[:4096])
                size += len(lines[-1])
    sample = b"".join(lines)
    runs = [len(run) for run in _HIGH_RUN.findall(sample)]
    high = sum(runs)
    if not high or sum(n for n in runs if n == 1) > 0.35 * high:
        return "cp1252"
    if _is_chinese(sample):
        return "gb18030"
    try:
        best = charset_normalizer.from_bytes(sample, cp_isolation=list(_FOREIGN)).best()
    except (ValueError, LookupError):
        best = None
    if best is None:
        return "cp1252"
    decoded = sample.decode(best.encoding, "replace")
    letters = sum(1 for c in decoded if c > "\x7f" and c.isalpha())
    return best.encoding if letters > 0.5 * sum(1 for c in decoded if c > "\x7f") else "cp1252"


def _is_chinese(sample: bytes) -> bool:
    """Whether the high bytes read as common simplified characters (GB 2312 level 1)."""
    try:
        decoded = sample.decode("gb18030")
    except UnicodeDecodeError:
        return False
    found = [c for c in decoded if c > "\x7f"]
    common = 0
    for c in found:
        code = c.encode("gb18030")
        # B0-D7: level 1, the 3,755 characters of everyday use; A1, A3: punctuation
        if len(code) == 2 and (0xB0 <= code[0] <= 0xD7 or code[0] in (0xA1, 0xA3)):
            common += 1
    return common > 0.8 * len(found)
