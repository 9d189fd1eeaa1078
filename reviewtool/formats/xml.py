"""Reading XML one record at a time, with entities, DTDs and the network off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TextIO

from lxml import etree

from reviewtool.formats import fields
from reviewtool.formats.base import EXCERPT, Entry, Note, ParsedRecord, Problem, checked
from reviewtool.formats.text import Text


class _Utf8:
    """The text of a file as UTF-8 bytes without the NULs at which a parser would stop."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        while chunk := self._stream.read(size):
            if rest := chunk.replace("\x00", "").replace("\ufeff", ""):
                return rest.encode("utf-8", "replace")
        return b""


def elements(
    text: Text, tags: tuple[str, ...], parse: Callable[[etree._Element], ParsedRecord]
) -> Iterator[Entry]:
    """The entries of elements named in ``tags``. A broken file keeps what comes before."""
    line = 1
    count = 0
    with text.stream(newline="") as stream:
        try:
            context = etree.iterparse(
                _Utf8(stream),
                events=("end",),
                tag=tags,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                dtd_validation=False,
                attribute_defaults=False,
                huge_tree=False,
                recover=True,
                encoding="utf-8",
            )
            for _, element in context:
                line = line_of(element)
                count += 1
                yield checked(parse(element), content(element)[:EXCERPT])
                element.clear()
                while element.getprevious() is not None and element.getparent() is not None:
                    del element.getparent()[0]
            broken = [e for e in context.error_log if e.level_name == "FATAL"]
            if broken:
                first = broken[0]
                yield Note(
                    first.line,
                    f"The XML is damaged here and was repaired: {first.message}",
                )
        except (etree.XMLSyntaxError, OSError, ValueError, LookupError) as error:
            at = getattr(error, "lineno", None) or line
            yield Problem(
                at,
                f"The XML cannot be read from here on ({error}). Export the file again.",
                f"after {count} records",
            )


def line_of(element: etree._Element) -> int:
    """The 1-based line where ``element`` begins."""
    return int(getattr(element, "sourceline", None) or 1)


def content(element: etree._Element | None) -> str:
    """All text inside ``element``, markup removed."""
    if element is None:
        return ""
    return fields.clean("".join(str(part) for part in element.itertext() if part))


def first(element: etree._Element, *paths: str) -> str:
    """The text at the first of ``paths`` that has any."""
    for path in paths:
        for found in element.iterfind(path):
            if text := content(found):
                return text
    return ""


def all_of(element: etree._Element, *paths: str) -> list[str]:
    """The texts at ``paths``, empty ones left out."""
    return [text for path in paths for e in element.iterfind(path) if (text := content(e))]


def paragraphs(element: etree._Element | None) -> str:
    """Text with its line breaks."""
    if element is None:
        return ""
    return fields.paragraphs("".join(str(p) for p in element.itertext() if p).replace("\r", "\n"))
