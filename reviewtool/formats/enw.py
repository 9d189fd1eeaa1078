"""EndNote tagged ("refer") text: a per cent sign, one character, the value.

%0 begins a record; older files have only blank lines between records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewtool.formats import decisions, fields
from reviewtool.formats.base import Entry, ParsedRecord, checked
from reviewtool.formats.tagged import Block, Stray
from reviewtool.formats.text import Text

_TAG = re.compile(r"%([0-9A-Z!@#$%&()*+,\-./:;<=>?\[\]^_~|{}])(?:[ \t]+(.*))?$", re.DOTALL)
_MARKS = re.compile(r"(?m)^%([0ATJDV@]) \S")
_USED = frozenset(
    [
        "0",
        "A",
        "E",
        "T",
        "B",
        "J",
        "D",
        "V",
        "N",
        "P",
        "R",
        "M",
        "X",
        "K",
        "U",
        "@",
        "G",
        "Z",
        "W",
        "!",
        "8",
    ]
)
_CODED = re.compile(r'^String\["(.*)"\]$', re.DOTALL)


class Enw:
    key, label = "enw", "EndNote tagged"

    def score(self, text: Text) -> float:
        marks = set(_MARKS.findall(text.sample))
        if "0" in marks:
            return 0.95 if len(marks) >= 2 else 0.5
        return 0.8 if {"A", "T"} <= marks else 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        block: Block | None = None
        stray = Stray()
        blank = False
        for number, line in text.lines():
            match = _TAG.match(line)
            if match is None:
                if not line.strip():
                    blank = True
                elif block is not None and block.last and not blank:
                    block.extend(line.strip())
                elif block is not None and block.last in ("X", "Z"):
                    block.extend(line.strip(), "\n")  # abstracts have paragraphs
                else:
                    yield from stray.note(number, line)
                continue
            tag, value = match.group(1), (match.group(2) or "").strip()
            again = blank and tag in ("T", "A", "0") and tag in (block.values if block else ())
            if block is not None and (again or (tag == "0" and not _begun(block, blank))):
                yield checked(_record(block), block.excerpt())
                block = None
            block = block or Block(number, line)
            block.add(tag, value)
            blank = False
        if block is not None:
            yield checked(_record(block), block.excerpt())
        yield from stray.total()


def _begun(block: Block, blank: bool) -> bool:
    """Whether the record has only just begun: the AIS library writes the title above %0."""
    return not blank and len(block.values) == 1 and "0" not in block.values


def _record(block: Block) -> ParsedRecord:
    one, every = block.one, block.all
    kind = fields.clean(one("0")).lower()
    carried = decisions.from_notes(every("Z"))
    abstract = one("X")
    coded = _CODED.match(abstract)
    number = one("M")
    links = every("U")
    return ParsedRecord(
        title=fields.clean(one("T", "!")) or fields.clean(one("B")),
        authors=fields.people(every("A") or every("E")),
        year=fields.year(one("D"), one("8")),
        journal=fields.clean(one("J", "B")),
        volume=fields.clean(one("V")),
        issue=fields.clean(one("N")),
        pages=fields.clean(one("P")),
        doi=fields.doi(*every("R", "M"), *links),
        pmid=fields.pmid(number) if number.isdigit() else fields.pmid(_pubmed(links)),
        pmcid=fields.pmcid(" ".join(every("2"))),
        issn=fields.issn(" ".join(every("@"))),
        abstract=fields.paragraphs(coded.group(1) if coded else abstract),
        keywords=tuple(dict.fromkeys(w for v in every("K") for w in fields.separated(v))),
        language=fields.clean(one("G")),
        url=fields.clean(links[0]) if links else "",
        kind=kind,
        accession=fields.clean(number),
        registry_number=fields.registry_number(one("T"), abstract),
        database=fields.clean(one("W")),
        labels=carried.labels,
        note=carried.note,
        verdicts=carried.verdicts,
        raw=block.rest(_USED),
        line=block.line,
    )


def _pubmed(links: list[str]) -> str:
    return next((link for link in links if "/pubmed/" in link or "pubmed.ncbi" in link), "")
