"""RIS, in the dialects of the databases and reference managers that write it.

Vendors differ in tags (title in TI or T1, journal in JO, JF, T2 or JA, DOI in DO,
L3 or M3), in spacing ("TY - "), in wrapped lines, and in what they leave out
(ER, TY). Tag meanings: the RIS format specifications of 2001 and 2011.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reviewtool.formats import decisions, fields
from reviewtool.formats.base import Entry, Note, ParsedRecord, Problem, checked
from reviewtool.formats.tagged import Block, Stray
from reviewtool.formats.text import Text

_STRICT = re.compile(r"[ \t]{0,2}([A-Z][A-Z0-9])  -(?:[ \t]+(.*))?$", re.DOTALL)
_LOOSE = re.compile(r"\s*([A-Z][A-Z0-9])[ \t]{0,4}-(?:[ \t]*(.*))?$", re.DOTALL)
_START = re.compile(r"(?m)^[ \t]{0,4}TY[ \t]{0,4}-[ \t]*(\S.*)?$")
_TAG = re.compile(r"(?m)^[ \t]{0,2}[A-Z][A-Z0-9]  - ?")
# Tags a loosely spaced file may use; others would make prose such as "US - based" a tag.
_KNOWN = frozenset(
    [
        "A1",
        "A2",
        "A3",
        "A4",
        "AB",
        "AD",
        "AN",
        "AU",
        "AV",
        "BT",
        "C1",
        "C2",
        "C3",
        "C4",
        "C5",
        "C6",
        "C7",
        "C8",
        "CA",
        "CC",
        "CN",
        "CP",
        "CT",
        "CY",
        "DA",
        "DB",
        "DI",
        "DO",
        "DP",
        "ED",
        "EP",
        "ER",
        "ET",
        "ID",
        "IS",
        "J1",
        "J2",
        "JA",
        "JF",
        "JO",
        "KW",
        "L1",
        "L2",
        "L3",
        "L4",
        "LA",
        "LB",
        "LK",
        "LP",
        "M1",
        "M2",
        "M3",
        "N1",
        "N2",
        "NV",
        "OP",
        "PB",
        "PM",
        "PP",
        "PY",
        "RI",
        "RN",
        "RP",
        "SE",
        "SN",
        "SP",
        "ST",
        "T1",
        "T2",
        "T3",
        "TA",
        "TI",
        "TT",
        "TY",
        "U1",
        "U2",
        "U3",
        "U4",
        "U5",
        "UR",
        "VL",
        "VO",
        "Y1",
        "Y2",
    ]
)
_PMID_NAMED = re.compile(r"(?:pubmed|pmid|medline|\d{1,8}\s*[\[(]pmid[\])])", re.IGNORECASE)
# Where the journal stands; Ovid gives trials of CENTRAL a second title.
_SOURCES = ("JO", "JF", "T2", "JA", "J2", "J1")
_JOURNALS = {"ELEC": ("JO", "JF", "JA", "T2", "J2", "J1")}
# A number of the Virtual Health Library (BVS): "lil-730947"; "mdl-" stands before a PubMed number.
_BVS = re.compile(r"(?:biblio|lil|mdl|ibc|bde|cum|bin|wpr|sea|emr|ppc|sms|vti)-\d{4,12}")
# A link into one of Ovid's MEDLINE segments; there the accession number is PubMed's.
_OVID_MEDLINE = re.compile(r"ovid\S*[?&]D=(?:med|mes|prem|ppez|pmnm)\w*&\S*?\bAN=(\d{4,8})\b")
# A line that continues one of these begins a new value unless it is indented.
_LISTS = frozenset(("KW", "DB", "SN", "UR", "L1", "L2", "AD", "N1", "AU", "A1"))
_BOOKS = frozenset(("BOOK", "EBOOK", "EDBOOK", "THES", "RPRT", "SER", "CONF", "MGZN"))
_USED = frozenset(
    [
        "TY",
        "ER",
        "TI",
        "T1",
        "ST",
        "CT",
        "BT",
        "AU",
        "A1",
        "PY",
        "Y1",
        "DA",
        "JO",
        "JF",
        "T2",
        "JA",
        "J2",
        "J1",
        "VL",
        "VO",
        "IS",
        "SP",
        "EP",
        "C7",
        "DO",
        "DI",
        "PM",
        "SN",
        "AB",
        "N2",
        "KW",
        "LA",
        "UR",
        "L2",
        "M3",
        "AN",
        "ID",
        "DB",
        "N1",
        "PMCID",
    ]
)

KINDS = {
    "JOUR": "journal article",
    "EJOU": "journal article",
    "JFULL": "journal article",
    "MGZN": "magazine article",
    "NEWS": "newspaper article",
    "ABST": "abstract",
    "CONF": "conference paper",
    "CPAPER": "conference paper",
    "CHAP": "book chapter",
    "ECHAP": "book chapter",
    "BOOK": "book",
    "EBOOK": "book",
    "EDBOOK": "book",
    "THES": "thesis",
    "RPRT": "report",
    "UNPB": "preprint",
    "INPR": "journal article",
    "CTLG": "registry entry",
    "DATA": "data set",
    "ELEC": "web page",
    "GEN": "other",
    "STAND": "standard",
    "PAT": "patent",
    "ICOMM": "web page",
}


class Ris:
    key, label = "ris", "RIS"

    def score(self, text: Text) -> float:
        sample = text.sample
        starts = sum(1 for _ in _START.finditer(sample))
        if starts:
            return 0.95 if _TAG.search(sample) else 0.8
        tags = len(_TAG.findall(sample))
        if tags >= 3 and "\nER  -" in sample and not re.search(r"(?m)^PMID ?- ", sample):
            return 0.7
        return 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        block: Block | None = None
        pattern = _STRICT
        stray = Stray()
        for number, line in text.lines():
            match = pattern.match(line)
            if match is None and block is not None and block.last == "TY":
                # What follows TY is a tag: if it is spaced loosely, so is the rest.
                loose = _LOOSE.match(line)
                if loose is not None and loose.group(1) in _KNOWN:
                    pattern, match = _LOOSE, loose
            if match is None or (pattern is _LOOSE and match.group(1) not in _KNOWN):
                start = _START.match(line)
                if start is None:
                    if block is not None and pattern is _STRICT and line.lstrip()[:2] == "ER":
                        loose = _LOOSE.match(line)
                        if loose and not (loose.group(2) or "").strip():
                            yield _finish(block)
                            block = None
                            continue
                    if block is not None and block.last:
                        _continue(block, line)
                    elif line.strip():
                        yield from stray.note(number, line)
                    continue
                pattern, tag, value = _LOOSE, "TY", (start.group(1) or "").strip()
            else:
                tag, value = match.group(1), (match.group(2) or "").strip()
            if value == "NA":  # R's word for nothing
                value = ""
            if tag == "TY":
                if block is not None:
                    yield Note(number, f"The record of line {block.line} has no ER line.")
                    yield _finish(block)
                if pattern is _LOOSE and _STRICT.match(line):
                    pattern = _STRICT
                block = Block(number, line)
                block.add(tag, value)
            elif tag == "ER":
                if block is None:
                    yield from stray.note(number, line)
                else:
                    yield _finish(block)
                block = None
            elif block is None and tag not in _KNOWN:
                yield from stray.note(number, line)  # Ovid adds a line after ER
            elif block is None:
                yield Note(number, "A record begins here without its TY line.")
                block = Block(number, line)
                block.add(tag, value)
            else:
                block.add(tag, value)
        if block is not None:
            yield Note(block.line, "The last record has no ER line; the file may be cut off.")
            yield _finish(block)
        yield from stray.total()


def _continue(block: Block, line: str) -> None:
    stripped = line.strip()
    if not stripped:
        return
    if block.last in _LISTS and not line[:1].isspace():
        block.add(block.last, stripped)
    else:
        block.extend(stripped, "\n" if block.last in ("N1", "N2", "AB") else " ")


def _finish(block: Block) -> Entry:
    found = checked(_record(block), block.excerpt())
    if isinstance(found, Problem) and not block.all("TY"):  # Ovid adds its search after ER
        return Note(found.line, f"Text outside any record was left out: {found.excerpt!r}")
    return found


def _record(block: Block) -> ParsedRecord:
    one, every = block.one, block.all
    type_ = one("TY").upper()
    title = fields.clean(one("TI", "T1", "CT"))
    if not title:
        # Some exports keep only the short title, and whole books only the book title.
        title = fields.clean(one("BT", "T2") if type_ in _BOOKS else "") or fields.clean(
            one("ST", "TT")
        )
    notes = every("N1")
    links = every("UR", "L2", "L1", "LK")
    abstract = _abstract(every("AB") or every("N2"))
    carried = decisions.from_notes(notes)
    notes = _own(notes)
    accession = (
        one("AN")
        or _with_digit(one("U2"))
        or _accession_in(notes, every("WE"))
        or _number(one("ID"), links)
    )
    return ParsedRecord(
        title=title,
        authors=fields.people(every("AU") or every("A1") or every("A2", "ED")),
        year=fields.year(one("PY"), one("Y1"), one("DA")),
        journal=_journal(one(*_JOURNALS.get(type_, _SOURCES)) if title else one("JO", "JF")),
        volume=fields.clean(one("VL", "VO")),
        issue=fields.clean(one("IS")),
        pages=fields.pages(one("SP"), one("EP")) or _with_digit(one("C7")),
        doi=fields.doi(*every("DO", "DI", "L3", "M3", "C7"), *links, *_labelled(notes, "doi")),
        pmid=_pmid(block, links, notes),
        pmcid=fields.pmcid(" ".join((*every("PMCID", "C2", "C6", "U1", "AN", "L4"), *links))),
        issn=fields.issn(" ".join(every("SN"))),
        abstract=abstract,
        keywords=_keywords(every("KW")),
        language=fields.clean(one("LA")),
        url=fields.clean(links[0].split()[0]) if links and links[0].split() else "",
        kind=KINDS.get(type_, type_.lower()),
        accession=fields.clean(accession),
        registry_number=fields.registry_number(
            accession, *every("C3"), *every("C4"), title, abstract, *notes
        ),
        database="; ".join(dict.fromkeys(fields.clean(v) for v in every("DB", "DP"))),
        labels=carried.labels,
        note=carried.note,
        verdicts=carried.verdicts,
        raw=block.rest(_USED),
        line=block.line,
    )


def _abstract(parts: list[str]) -> str:
    text = "\n".join(fields.paragraphs(part) for part in parts)
    return "" if text in ("NA", "N/A", "None") else text


def _keywords(values: list[str]) -> tuple[str, ...]:
    """One keyword per line, or all of them in one line separated by ";"."""
    found: dict[str, None] = {}
    for value in values:
        for part in value.split(";") if len(values) == 1 or value.count(";") > 2 else (value,):
            if word := fields.clean(part).lstrip("*").strip():
                found[word] = None
    return tuple(found)


def _own(notes: Iterable[str]) -> list[str]:
    """``notes`` up to the works cited, whose numbers are not the record's."""
    found: list[str] = []
    for note in notes:
        before, mark, _ = note.partition("References:")
        found.append(before)
        if mark:
            break
    return found


def _labelled(notes: Iterable[str], label: str) -> list[str]:
    """Lines of ``notes`` that name ``label``: "DOI: 10.1000/1"."""
    return [n for note in notes for n in note.split("\n") if label in n.lower()]


def _with_digit(value: str) -> str:
    """An article's number; what tools write for themselves in its place has no digit."""
    return fields.clean(value) if any(one.isdigit() for one in value) else ""


def _accession_in(notes: Iterable[str], indexes: Iterable[str]) -> str:
    """EBSCO's number among the notes; Web of Science's, glued to the line before it."""
    for note in notes:
        if match := re.search(r"Accession Number:\s*([^;\s]+)", note):
            return match.group(1)
    for index in indexes:
        if match := re.search(r"AN  - (\S+)$", index):
            return match.group(1)
    return ""


def _journal(name: str) -> str:
    """CENTRAL puts the address of a trial where the journal belongs."""
    return "" if name.startswith(("http://", "https://")) else fields.clean(name)


def _number(number: str, links: Iterable[str]) -> str:
    """``number`` if a database gave it, not a person: a link ends with it, or it is of the BVS."""
    if _BVS.fullmatch(number):
        return number
    return number if len(number) > 5 and any(link.endswith(number) for link in links) else ""


def _pmid(block: Block, links: list[str], notes: list[str]) -> str:
    for value in block.all("PM"):
        if found := fields.pmid(value):
            return found
    for value in block.all("C3", "C5", "U1", "U2", "AN", "M1"):
        if _PMID_NAMED.match(value) and (found := fields.pmid(value)):
            return found
    if _BVS.fullmatch(number := block.one("ID")) and number.startswith("mdl-"):
        return fields.pmid(number)
    number, source = block.one("AN"), f"{block.one('DP')} {block.one('DB')}".lower()
    if number.isdigit() and re.search(r"\bnlm\b|pubmed|medline", source) and "embase" not in source:
        return fields.pmid(number)
    if "embase" in block.one("DB").lower() and block.one("C5").isdigit():
        return fields.pmid(block.one("C5"))
    for value in links:
        if match := _OVID_MEDLINE.search(value[:2000]):
            return match.group(1)
    for value in (*links, *_labelled(notes, "pmid")):
        if match := re.search(
            r"(?:pubmed[/.]\S*?/?|PMID:?\s*)(\d{4,8})\b", value[:2000], re.IGNORECASE
        ):
            return match.group(1)
    return ""


def write(records: Iterable[ParsedRecord]) -> Iterator[str]:
    """RIS text, one record at a time, with CRLF line ends as reference managers expect."""
    types = {kind: tag for tag, kind in reversed(KINDS.items())}
    for r in records:
        first, _, last = r.pages.partition("-")
        pairs: list[tuple[str, str]] = [
            ("TY", types.get(r.kind, "JOUR")),
            ("TI", r.title),
        ]
        pairs += [("AU", author) for author in r.authors]
        pairs += [
            ("PY", str(r.year or "")),
            ("T2", r.journal),
            ("VL", r.volume),
            ("IS", r.issue),
            ("SP", first),
            ("EP", last),
            ("DO", r.doi),
            ("PM", r.pmid),
            ("C2", r.pmcid),
            ("SN", r.issn),
            ("AB", r.abstract.replace("\n", " ")),
        ]
        pairs += [("KW", word) for word in r.keywords]
        pairs += [
            ("LA", r.language),
            ("UR", r.url),
            ("AN", r.accession),
            ("DB", r.database),
        ]
        pairs += [("N1", line) for line in r.note.split("\n")]
        for tag, value in pairs:
            if value:
                yield f"{tag}  - {' '.join(value.split())}\r\n"
        yield "ER  - \r\n\r\n"
