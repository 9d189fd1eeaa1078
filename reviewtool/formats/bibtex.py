"""BibTeX and BibLaTeX.

A scanner of our own: it survives unbalanced braces, bare percent signs,
repeated keys and entries without one, and reports where an entry is broken.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from reviewtool.formats import decisions, fields
from reviewtool.formats.base import EXCERPT, Entry, Note, ParsedRecord, Problem, checked
from reviewtool.formats.latex import plain
from reviewtool.formats.text import Text

_ENTRY = re.compile(r"(?m)^[ \t]*@[ \t]*([A-Za-z]+)\s*([{(])")
_NEXT = re.compile(r"(?m)^[ \t]*@[ \t]*[A-Za-z]+\s*[{(]\s*[^\s,{}=]*\s*,")
_TOKEN = re.compile(r"\\.|[{}]", re.DOTALL)
_QUOTED = re.compile(r'\\.|["{}]', re.DOTALL)
# What follows the quote that ends a value: quotes in the middle of a sentence do not.
_ENDS = re.compile(r"\s*(?:[#})]|$|,\s*(?:$|[})]|[A-Za-z][\w:+.\-]*\s*=))")
_NAME = re.compile(r"([A-Za-z][\w:+.\-]{0,40}(?: [A-Za-z]\w{0,20})?)\s{0,30}=\s*")
_LINE = re.compile(r"(?m)^[ \t]*([A-Za-z]+)[ \t]*=[ \t]*[{\"](.{1,20000}?)[}\"][ \t]*,?[ \t]*}?$")
_GAP = re.compile(r"[\s,]*")
MACRO = 10_000  # characters; a string that doubles itself must not fill the memory
_BARE = re.compile(r"[^\s,#{}()\"]+")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_MONTHS = {
    m: m
    for m in [
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
    ]
}
_USED = frozenset(
    [
        "title",
        "author",
        "editor",
        "year",
        "date",
        "journal",
        "journaltitle",
        "booktitle",
        "volume",
        "number",
        "issue",
        "pages",
        "articleno",
        "eid",
        "art_number",
        "article-number",
        "doi",
        "pmid",
        "pmcid",
        "issn",
        "abstract",
        "keywords",
        "keyword",
        "language",
        "langid",
        "url",
        "note",
        "annote",
    ]
)
_KINDS = {
    "article": "journal article",
    "inproceedings": "conference paper",
    "conference": "conference paper",
    "incollection": "book chapter",
    "inbook": "book chapter",
    "book": "book",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis",
    "techreport": "report",
    "report": "report",
    "proceedings": "proceedings",
    "unpublished": "preprint",
    "online": "web page",
    "misc": "other",
}


class BibTex:
    key, label = "bibtex", "BibTeX"

    def score(self, text: Text) -> float:
        found = [m[1].lower() for m in _ENTRY.finditer(text.sample)]
        if not found:
            return 0.0
        known = sum(1 for f in found if f in _KINDS or f in ("string", "preamble", "comment"))
        return 0.9 if known else 0.3

    def entries(self, text: Text) -> Iterator[Entry]:
        whole = text.whole()
        parsed = list(_scan(whole))
        parents = {
            key.lower(): values
            for _, _, key, values in (p for p in parsed if not isinstance(p, Problem | Note))
            if key  # an entry without a key is nobody's parent
        }
        for item in parsed:
            if isinstance(item, Problem | Note):
                yield item
                continue
            line, kind, key, values = item
            parent = parents.get(values.get("crossref", "").strip().lower())
            record = _record(line, kind, key, values)
            if parent is not None and parent is not values:
                record = _inherit(record, _record(line, "", "", parent))
            yield checked(record, f"@{kind}{{{key}"[:EXCERPT])


Scanned = tuple[int, str, str, dict[str, str]] | Problem | Note


def _scan(text: str) -> Iterator[Scanned]:
    """Entries as (line, type, key, fields), in file order."""
    breaks = [m.start() for m in re.finditer("\n", text)]

    def line_of(position: int) -> int:
        return bisect_right(breaks, position - 1) + 1

    macros = dict(_MONTHS)
    position = 0
    while match := _ENTRY.search(text, position):
        line = line_of(match.start())
        kind = match[1].lower()
        start = match.end()
        following = _NEXT.search(text, start)
        limit = following.start() if following else len(text)
        if kind == "comment":
            end = _close(text, start, limit, match[2])
            position = limit if end is None else end
            continue
        end = _close(text, start, limit, match[2])
        if end is None:
            body, position = text[start:limit], max(limit, start)
            closed = False
        else:
            body, position, closed = text[start : end - 1], end, True
        if kind == "preamble":
            continue
        if kind == "string":
            macros.update((k, v) for k, v in _fields(body, macros).items() if len(v) < MACRO)
            continue
        key, values = _entry(body, macros)
        _recover(text, start, limit, values)
        if not closed:
            yield Note(
                line,
                f"The entry {key or kind!r} is not closed; its braces do not match.",
            )
        if not values:
            yield Problem(
                line,
                "No fields could be read in this entry: check its braces and commas.",
                text[match.start() : match.start() + EXCERPT],
            )
            continue
        yield line, kind, key, values


def _close(text: str, start: int, limit: int, opener: str) -> int | None:
    """The position after the bracket that closes an entry, None when it never closes."""
    depth = 1 if opener == "{" else 0
    position = start
    closing = _TOKEN if opener == "{" else re.compile(r"\\.|[{})]", re.DOTALL)
    while match := closing.search(text, position, limit):
        position = match.end()
        token = match.group()
        if token == "{":
            depth += 1
        elif token == "}":
            depth -= 1
            if opener == "{" and depth == 0:
                return position
        elif token == ")" and depth == 0:
            return position
    return None


def _recover(text: str, start: int, limit: int, values: dict[str, str]) -> None:
    """Take fields that a value with unbalanced braces has swallowed from their own lines."""
    if "title" in values or not values:
        return
    for match in _LINE.finditer(text, start, limit):
        name = match[1].lower()
        if name in _USED and name not in values:
            values[name] = match[2]


def _entry(body: str, macros: dict[str, str]) -> tuple[str, dict[str, str]]:
    head, comma, rest = body.partition(",")
    if "=" in head:  # an entry without a key
        return "", _fields(body, macros)
    return head.strip(), _fields(rest, macros) if comma else {}


def _fields(body: str, macros: dict[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    position = 0
    while True:
        gap = _GAP.match(body, position)
        position = gap.end() if gap else position
        match = _NAME.match(body, position) or _NAME.search(body, position)
        if match is None:
            return values
        value, position = _value(body, match.end(), macros)
        name = match[1].strip().lower().replace(" ", "")
        if name in values and name in ("keywords", "author", "editor"):
            values[name] += (" and " if name != "keywords" else "; ") + value
        else:
            values.setdefault(name, value)


def _value(body: str, position: int, macros: dict[str, str]) -> tuple[str, int]:
    """A value: braced, quoted or bare pieces joined by #. Returns it and where it ends."""
    pieces: list[str] = []
    while position < len(body):
        mark = body[position]
        if mark == "{":
            end = _close(body, position + 1, len(body), "{")
            stop = len(body) if end is None else end
            pieces.append(body[position + 1 : stop if end is None else stop - 1])
        elif mark == '"':
            stop, piece = _quoted(body, position + 1)
            pieces.append(piece)
        else:
            bare = _BARE.match(body, position)
            if bare is None:
                break
            stop = bare.end()
            pieces.append(macros.get(bare.group().lower(), bare.group()))
        position = stop
        while position < len(body) and body[position].isspace():
            position += 1
        if position < len(body) and body[position] == "#":
            position += 1
            while position < len(body) and body[position].isspace():
                position += 1
            continue
        break
    return "".join(pieces), position


def _quoted(body: str, start: int) -> tuple[int, str]:
    depth, position = 0, start
    while match := _QUOTED.search(body, position):
        position = match.end()
        token = match.group()
        if token == "{":
            depth += 1
        elif token == "}":
            depth = max(0, depth - 1)
        elif token == '"' and depth == 0 and _ENDS.match(body, position):
            return position, body[start : position - 1]
    return len(body), body[start:]


def _record(line: int, kind: str, key: str, values: dict[str, str]) -> ParsedRecord:
    def one(*names: str) -> str:
        return next((v for n in names if (v := fields.clean(plain(values.get(n, ""))))), "")

    title = one("title") or (one("booktitle") if kind in ("proceedings", "book", "") else "")
    if subtitle := one("subtitle"):
        title = f"{title}: {subtitle}" if title else subtitle
    abstract = fields.paragraphs(plain(values.get("abstract", "")).replace("\n", " "))
    carried = decisions.from_notes(n for n in (one("note"), one("annote")) if n)
    return ParsedRecord(
        title=title,
        authors=_people(values.get("author", "") or values.get("editor", "")),
        year=fields.year(one("year"), one("date"), one("issued")),
        journal=one("journal", "journaltitle", "booktitle", "series", "howpublished"),
        volume=one("volume"),
        issue=one("number", "issue"),
        pages=fields.pages(
            one("pages", "articleno", "eid", "art_number", "article-number").replace("--", "-")
        ),
        doi=fields.doi(
            _verbatim(values.get("doi", "")), one("doi"), one("url"), one("note"), one("ee")
        ),
        pmid=fields.pmid(one("pmid", "pubmedid", "pubmed_id")),
        pmcid=fields.pmcid(one("pmcid", "pmc")),
        issn=fields.issn(f"{one('issn')} {one('eissn')}"),
        abstract=abstract,
        keywords=fields.separated(plain(one("keywords", "keyword", "author_keywords")), ";,"),
        language=one("language", "langid"),
        url=one("url"),
        kind=_KINDS.get(kind, kind),
        accession=key if re.fullmatch(r"(WOS|ISI|MEDLINE|BIOSIS|CABI|KJD)[:0-9A-Z]+", key) else "",
        registry_number=fields.registry_number(title, abstract),
        database=one("source", "database"),
        labels=carried.labels,
        note=carried.note,
        verdicts=carried.verdicts,
        raw={n: (plain(v),) for n, v in values.items() if n not in _USED and v} | {"key": (key,)},
        line=line,
    )


def _verbatim(value: str) -> str:
    """A field that is not prose, without the escapes that some exports put into it."""
    for escape, mark in (
        ("\\textless", "<"),
        ("\\textgreater", ">"),
        ("{", ""),
        ("}", ""),
        ("\\_", "_"),
        ("\\%", "%"),
        ("\\&", "&"),
        ("\\#", "#"),
    ):
        value = value.replace(escape, mark)
    return value


def _people(value: str) -> tuple[str, ...]:
    """Names split at "and" outside braces; "{WHO Group}" stays one name."""
    shielded = re.sub(r"\{[^{}]*\}", lambda m: re.sub(r"\s+", "\ue002", m.group()), value)
    names = (plain(part.replace("\ue002", " ")) for part in _AND.split(shielded))
    return fields.people(name for name in names if name.strip().lower() != "others")


def _inherit(record: ParsedRecord, parent: ParsedRecord) -> ParsedRecord:
    """What an entry takes from the entry its ``crossref`` names."""
    return replace(
        record,
        year=record.year or parent.year,
        journal=record.journal or parent.title or parent.journal,
        volume=record.volume or parent.volume,
        issn=record.issn or parent.issn,
    )
