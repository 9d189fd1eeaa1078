"""Web of Science field-tagged text (.txt, .ciw), and the other databases of its platform.

A two-letter tag, a space, the value; further lines of a value are indented by
three spaces. PT begins and ER ends a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewtool.formats import decisions, fields
from reviewtool.formats.base import Entry, Note, ParsedRecord, checked
from reviewtool.formats.tagged import Block, Stray
from reviewtool.formats.text import Text

_TAG = re.compile(r"([A-Z][A-Z0-9])(?: (.*))?$", re.DOTALL)
_HEAD = re.compile(r"(?m)^(?:FN [^\n]*(?:Clarivate|ISI|Thomson|Web of)|VR \d)")
_MARKS = re.compile(r"(?m)^(PT [A-Z]|AU |TI |SO |UT |PY |ER$|AB |AN |BP )")
_FILE_TAGS = frozenset(("FN", "VR", "EF"))
_LISTS = frozenset(("AU", "AF", "BA", "BE", "BF", "CA", "ED", "GP", "CR", "C1", "RI", "OI"))
_KINDS = {
    "J": "journal article",
    "B": "book",
    "S": "book series",
    "P": "patent",
    "C": "conference paper",
}
_USED = frozenset(
    [
        "PT",
        "AU",
        "AF",
        "BA",
        "CA",
        "ED",
        "TI",
        "FT",
        "SO",
        "BS",
        "JI",
        "J9",
        "VL",
        "IS",
        "BP",
        "EP",
        "AR",
        "PS",
        "PY",
        "PD",
        "DI",
        "D2",
        "PM",
        "SN",
        "EI",
        "AB",
        "DE",
        "ID",
        "MC",
        "LA",
        "DT",
        "UT",
        "AN",
        "CR",
        "C1",
        "RP",
        "EM",
        "NR",
        "TC",
        "U1",
        "U2",
        "ER",
    ]
)


class Wos:
    key, label = "wos", "Web of Science"

    def score(self, text: Text) -> float:
        sample = text.sample
        if "PT\tAU" in sample[:50]:
            return 0.0  # the tab-delimited export is a table
        marks = {m.strip()[:2] for m in _MARKS.findall(sample)}
        if "PT" not in marks:
            return 0.0
        if _HEAD.search(sample[:2000]):
            return 0.99
        return 0.9 if len(marks) >= 4 else 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        block: Block | None = None
        stray = Stray()
        for number, line in text.lines():
            match = _TAG.match(line)
            if match is None:
                if not line.strip():
                    continue
                if block is not None and block.last:
                    if block.last in _LISTS and line[:1].isspace():
                        block.add(block.last, line.strip())
                    else:
                        block.extend(line.strip())
                else:
                    yield from stray.note(number, line)
                continue
            tag, value = match.group(1), (match.group(2) or "").strip()
            if tag in _FILE_TAGS and (block is None or tag == "EF"):
                continue
            if tag == "ER" and not value:
                if block is not None:
                    yield checked(_record(block), block.excerpt())
                block = None
            elif tag == "PT" and (block is None or "TI" in block.values or "AU" in block.values):
                if block is not None:
                    yield Note(number, f"The record of line {block.line} has no ER line.")
                    yield checked(_record(block), block.excerpt())
                block = Block(number, line)
                block.add(tag, value)
            elif block is None:
                yield Note(number, "A record begins here without its PT line.")
                block = Block(number, line)
                block.add(tag, value)
            else:
                block.add(tag, value)
        if block is not None:
            yield Note(block.line, "The last record has no ER line; the file may be cut off.")
            yield checked(_record(block), block.excerpt())
        yield from stray.total()


def _record(block: Block) -> ParsedRecord:
    one, every = block.one, block.all
    accession = fields.clean(one("UT", "AN"))
    abstract = fields.paragraphs(one("AB"))
    title = fields.clean(one("TI", "FT"))
    carried = decisions.from_notes(every("N1"))
    return ParsedRecord(
        title=title,
        authors=fields.people(every("AU") or every("AF") or every("BA", "CA", "ED")),
        year=fields.year(one("PY"), one("PD"), one("EA")),
        journal=fields.clean(one("SO", "BS", "JI", "J9")),
        volume=fields.clean(one("VL")),
        issue=fields.clean(one("IS")),
        pages=fields.pages(one("BP"), one("EP")) or fields.pages(one("AR", "PS")),
        doi=fields.doi(*every("DI", "D2")),
        pmid=fields.pmid(one("PM")) or fields.medline_number(accession),
        pmcid="",
        issn=fields.issn(" ".join(every("SN", "EI"))),
        abstract=abstract,
        keywords=tuple(
            dict.fromkeys(w for v in every("DE", "ID", "MC") for w in fields.separated(v))
        ),
        language=fields.clean(one("LA")),
        kind=fields.clean(one("DT")).lower() or _KINDS.get(one("PT")[:1], ""),
        accession=accession,
        registry_number=fields.registry_number(title, abstract),
        database=_database(accession),
        labels=carried.labels,
        note=carried.note,
        verdicts=carried.verdicts,
        raw=block.rest(_USED),
        line=block.line,
    )


def _database(accession: str) -> str:
    known = {
        "WOS": "Web of Science",
        "ISI": "Web of Science",
        "ZOO": "Zoological Record",
        "MED": "MEDLINE",
        "BIO": "BIOSIS",
        "CAB": "CAB Abstracts",
        "KJD": "KCI",
        "SCI": "SciELO",
        "FST": "FSTA",
        "INS": "Inspec",
        "BCI": "BIOSIS",
    }
    return known.get(accession[:3].upper(), "")
