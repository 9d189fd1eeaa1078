"""MEDLINE, as PubMed ("nbib") and Ovid write it: a four-letter tag and a hyphen.

Tags: National Library of Medicine, "MEDLINE/PubMed Data Element (Field) Descriptions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewtool.formats import decisions, fields
from reviewtool.formats.base import Entry, ParsedRecord, checked
from reviewtool.formats.ovid import NUMBER, cited
from reviewtool.formats.tagged import Block, Stray
from reviewtool.formats.text import Text

_TAG = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)$", re.DOTALL)
_START = re.compile(r"(?m)^PMID ?- *\d")
# FAU, JT, TA: MEDLINE; and no RIS file says "STAT-" or "OWN -"
_MARKS = re.compile(r"(?m)^(?:FAU |AU  |TI  |DP  |JT  |TA  |OWN |STAT|PT  |LID |IS  )- ?")
_TAG_LINE = re.compile(r"(?m)^[A-Z][A-Z0-9]{1,3} {0,2}-")
_BLANK_THEN_TAG = re.compile(r"(?m)^[ \t]*\n[A-Z][A-Z0-9]{1,3} {0,2}-")
_USED = frozenset(
    [
        "PMID",
        "OWN",
        "STAT",
        "TI",
        "TT",
        "BTI",
        "VTI",
        "FAU",
        "AU",
        "CN",
        "FED",
        "ED",
        "DP",
        "JT",
        "TA",
        "VI",
        "IP",
        "PG",
        "LID",
        "AID",
        "PMC",
        "IS",
        "AB",
        "OT",
        "MH",
        "LA",
        "LG",
        "PT",
        "SO",
        "SI",
        "GN",
    ]
)


class Nbib:
    key, label = "nbib", "MEDLINE (PubMed)"

    def score(self, text: Text) -> float:
        sample = text.sample
        starts = _START.search(sample) is not None
        marks = len(set(_MARKS.findall(sample)))
        if "\nTY  - " in "\n" + sample[:20000]:
            return 0.0
        if starts:
            return 0.98 if marks >= 2 else 0.6
        return 0.75 if marks >= 4 else 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        block: Block | None = None
        stray = Stray()
        blank = False
        spaced = _double_spaced(text.sample)
        for number, line in text.lines():
            match = _TAG.match(line)
            if match is None or line[:1] == " ":
                if not line.strip() or NUMBER.match(line):
                    blank = True
                elif block is not None and block.last and (line[:1].isspace() or not blank):
                    block.extend(line.strip())
                else:
                    yield from stray.note(number, line)
                continue
            tag, value = match.group(1), match.group(2).strip()
            if block is not None and _begins(tag, block, blank and not spaced):
                yield checked(_record(block), block.excerpt())
                block = None
            block = block or Block(number, line)
            block.add(tag, value)
            blank = False
        if block is not None:
            yield checked(_record(block), block.excerpt())
        yield from stray.total()


def _pmcid(value: str) -> str:
    return f"PMC{value}" if value.isdigit() else fields.pmcid(value)


def _begins(tag: str, block: Block, blank: bool) -> bool:
    """Whether ``tag`` opens the next record: after a blank line, or a second number or title."""
    return blank or (tag in ("PMID", "OWN") and tag in block.values)


def _double_spaced(sample: str) -> bool:
    """Whether every line is followed by a blank one, so that blank lines say nothing."""
    return len(_BLANK_THEN_TAG.findall(sample)) > 0.5 * len(_TAG_LINE.findall(sample))


def _record(block: Block) -> ParsedRecord:
    one, every = block.one, block.all
    # Ovid has journal, volume and pages in SO only; PubMed has tags for them.
    source = cited(fields.clean(one("SO"))) if "PMID" not in block.values else {}
    database = fields.clean(one("DB")) or ("PubMed" if "PMID" in block.values else "")
    number = one("PMID", "PM") or (one("UI") if "medline" in database.lower() else "")
    title = fields.clean(one("TI", "BTI", "CTI", "VTI", "TT"))
    ids = every("LID", "AID")
    abstract = fields.paragraphs("\n".join(every("AB", "OAB")[:1]))
    carried = decisions.from_notes(every("GN", "N1"))
    return ParsedRecord(
        title=title,
        authors=fields.people(
            every("FAU") or every("FA") or every("AU") or every("CN", "FED", "ED")
        ),
        year=fields.year(one("DP"), one("YR"), one("DEP"), one("SO"), one("EDAT")),
        journal=fields.clean(one("JT", "JN", "TA")) or source.get("journal", ""),
        volume=fields.clean(one("VI", "VO")) or source.get("volume", ""),
        issue=fields.clean(one("IP")) or source.get("issue", ""),
        pages=fields.clean(one("PG")) or source.get("pages", ""),
        doi=fields.doi(*every("DO"), *(v for v in ids if "doi" in v.lower()), *ids, one("SO")),
        pmid=fields.pmid(number) if number else "",
        pmcid=_pmcid(one("PMC")),
        issn=fields.issn(" ".join(every("IS"))),
        abstract=abstract,
        keywords=tuple(
            dict.fromkeys(fields.clean(v).replace("*", "") for v in every("OT", "MH") if v)
        ),
        language=fields.clean(one("LA", "LG")),
        kind=fields.clean(one("PT")).lower(),
        accession=fields.clean(one("PMID", "UI", "AN")),
        registry_number=fields.registry_number(*every("SI"), title, abstract),
        database=database,
        labels=carried.labels,
        note=carried.note,
        verdicts=carried.verdicts,
        raw=block.rest(_USED),
        line=block.line,
    )
