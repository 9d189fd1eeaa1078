"""The Cochrane Library's plain text: a short tag, a colon, the value.

"Record #3 of 20" begins a record. CENTRAL gives the numbers of PubMed and Embase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewtool.formats import fields
from reviewtool.formats.base import Entry, ParsedRecord, checked
from reviewtool.formats.tagged import Block, Stray
from reviewtool.formats.text import Text

_START = re.compile(r"(?m)^Record #\d+ of \d+[ \t]*$")
_TAG = re.compile(r"(ID|AU|TI|SO|YR|VL|NO|PG|PM|XR|PT|PB|KY|CC|DOI|AB|US|SN|LA): ?(.*)$", re.DOTALL)
_MARKS = re.compile(r"(?m)^(ID|AU|TI|SO|YR|US): ")
_USED = frozenset(
    [
        "ID",
        "AU",
        "TI",
        "SO",
        "YR",
        "VL",
        "NO",
        "PG",
        "PM",
        "PT",
        "KY",
        "DOI",
        "AB",
        "US",
        "SN",
        "LA",
    ]
)


class Cochrane:
    key, label = "cochrane", "Cochrane Library text"

    def score(self, text: Text) -> float:
        if not _START.search(text.sample):
            return 0.0
        return 0.97 if len(set(_MARKS.findall(text.sample))) >= 3 else 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        block: Block | None = None
        stray = Stray()
        for number, line in text.lines():
            match = _TAG.match(line)
            if _START.match(line):
                if block is not None:
                    yield checked(_record(block), block.excerpt())
                block = Block(number, line)
            elif block is None:
                if line.strip():
                    yield from stray.note(number, line)
            elif match is not None:
                block.add(match.group(1), match.group(2).strip())
            elif line.strip() and block.last:
                block.extend(line.strip(), "\n" if block.last == "AB" else " ")
        if block is not None:
            yield checked(_record(block), block.excerpt())
        yield from stray.total()


def _record(block: Block) -> ParsedRecord:
    one, every = block.one, block.all
    title, abstract = fields.clean(one("TI")), fields.paragraphs(one("AB"))
    number = fields.clean(one("ID"))
    return ParsedRecord(
        title=title,
        authors=fields.people(every("AU")),
        year=fields.year(one("YR")),
        journal=fields.clean(one("SO")),
        volume=fields.clean(one("VL")),
        issue=fields.clean(one("NO")),
        pages=fields.clean(one("PG")),
        doi=fields.doi(one("DOI")),
        pmid=fields.pmid(one("PM")),
        issn=fields.issn(one("SN")),
        abstract=abstract,
        keywords=tuple(dict.fromkeys(w for v in every("KY") for w in fields.separated(v))),
        language=fields.clean(one("LA")),
        url=fields.clean(one("US")),
        kind=fields.clean(one("PT")).lower(),
        accession=number,
        registry_number=fields.registry_number(title, abstract),
        database="CENTRAL" if number.startswith("CN-") else "Cochrane Library",
        raw=block.rest(_USED),
        line=block.line,
    )
