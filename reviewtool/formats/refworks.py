"""RefWorks tagged text: what RefWorks writes, and Chinese databases for their users.

A two-letter tag, a space, the value. RT begins a record; a blank line ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewtool.formats import decisions, fields
from reviewtool.formats.base import Entry, ParsedRecord, checked
from reviewtool.formats.tagged import Block, Stray
from reviewtool.formats.text import Text

_TAG = re.compile(r"([A-Z][A-Z0-9]|vo)(?:[ \t]+(.*))?$", re.DOTALL)
_START = re.compile(r"(?m)^RT [A-Z]")
_MARKS = re.compile(r"(?m)^(A1|T1|JF|YR|K1|AB|SR|OP|T2) \S")
_USED = frozenset(
    [
        "RT",
        "SR",
        "T1",
        "OT",
        "A1",
        "A2",
        "YR",
        "FD",
        "JF",
        "JO",
        "T2",
        "VO",
        "IS",
        "SP",
        "OP",
        "DO",
        "SN",
        "AB",
        "K1",
        "LA",
        "UL",
        "LK",
        "DS",
        "DB",
        "AN",
        "NO",
    ]
)


class RefWorks:
    key, label = "refworks", "RefWorks tagged"

    def score(self, text: Text) -> float:
        if not _START.search(text.sample):
            return 0.0
        return 0.95 if len(set(_MARKS.findall(text.sample))) >= 2 else 0.3

    def entries(self, text: Text) -> Iterator[Entry]:
        block: Block | None = None
        stray = Stray()
        for number, line in text.lines():
            match = _TAG.match(line)
            if match is not None and match.group(1) == "RT":
                if block is not None:
                    yield checked(_record(block), block.excerpt())
                block = Block(number, line)
            if block is None:
                if line.strip():
                    yield from stray.note(number, line)
            elif match is not None:
                block.add(match.group(1).upper(), (match.group(2) or "").strip())
            elif line.strip():
                block.extend(line.strip(), "\n" if block.last in ("AB", "NO") else " ")
        if block is not None:
            yield checked(_record(block), block.excerpt())
        yield from stray.total()


def _record(block: Block) -> ParsedRecord:
    one, every = block.one, block.all
    links = every("UL", "LK")
    title = fields.clean(one("T1", "OT"))
    abstract = fields.paragraphs("\n".join(every("AB")))
    carried = decisions.from_notes(every("NO"))
    pages = fields.clean(one("OP"))
    return ParsedRecord(
        title=title,
        authors=fields.people(every("A1") or every("A2")),
        year=fields.year(one("YR"), one("FD")),
        journal=fields.clean(one("JF", "JO", "T2")),
        volume=fields.clean(one("VO")),
        issue=fields.clean(one("IS")),
        pages=pages if "-" in pages else fields.pages(one("SP"), pages),
        doi=fields.doi(*every("DO"), *links),
        pmid=next((fields.pmid(link) for link in links if "pubmed" in link.lower()), ""),
        issn=fields.issn(" ".join(every("SN"))),
        abstract=abstract,
        keywords=tuple(dict.fromkeys(w for v in every("K1") for w in fields.separated(v))),
        language=fields.clean(one("LA")).rstrip(";"),
        url=fields.clean(links[0]) if links else "",
        kind=fields.clean(one("RT")).lower(),
        accession=fields.clean(one("AN")),
        registry_number=fields.registry_number(title, abstract),
        database=fields.clean(one("DB", "DS")),
        labels=carried.labels,
        note=carried.note,
        verdicts=carried.verdicts,
        raw=block.rest(_USED),
        line=block.line,
    )
