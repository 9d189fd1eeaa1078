"""Small files of one record, as vendors write them."""

from reviewtool import formats
from reviewtool.formats import ParsedRecord


def only(content: str) -> ParsedRecord:
    """The one record of a file."""
    reading = formats.read(content.encode())
    assert [p.reason for p in reading.problems] == []
    assert len(reading.records) == 1
    return reading.records[0]


def ris(*lines: str) -> str:
    return "\n".join(("TY  - JOUR", *lines, "ER  - ", ""))
