"""Ovid's complete reference as text: field names on their own line, values indented.

Records are numbered (``<8>``). The source line holds journal, volume and pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from reviewtool.formats import fields
from reviewtool.formats.base import Entry, ParsedRecord, checked
from reviewtool.formats.tagged import Block, Stray
from reviewtool.formats.text import Text

NUMBER = re.compile(r"\s*<\s*(\d+)\.?\s*>\s*\.?\s*$")
_NAME = re.compile(r"[A-Z][A-Za-z/&().\- ]{1,60}$")
_SOURCE = re.compile(
    r"(?P<journal>.+?)\.\s+(?P<volume>[\w-]*)\s*(?:\((?P<issue>[^)]*)\))?\s*"
    r"(?::\s*(?P<pages>[\w\- ,.]+?))?\s*[,;.]\s*(?P<date>.*)$",
    re.DOTALL,
)
# Embase: "Journal. Conference: A meeting. Spain. 12 (Suppl 3) (pp 1-9), 2018. Article Number: 7."
_PAGINATED = re.compile(
    r"(?P<journal>.+?)\.\s+(?:Conference:.{0,400}?\.\s+)?(?P<volume>[\w-]*)\s*"
    r"(?:\((?P<issue>[^()]*)\)\s*)?\((?:pp\s+(?P<pages>[^()]*)|no pagination)\),?\s*(?P<date>.*)$",
    re.DOTALL,
)
_ARTICLE = re.compile(r"Article Number:\s*([\w-]+)")
_AFFILIATION = re.compile(r"(?:(?<=[A-Za-z.)])[\s\d,*+#]+|\s*\(\d[\d, ]*\))$")
# "Lee, Bo RN; PhD; FAAN": a name has a comma, a degree has none and is an abbreviation.
_DEGREE = re.compile(r";\s*((?:[A-Z][a-z]{0,2}){2,5}(?=[\s\d,*]*(?:;|$)))")
LONGEST_NAME = 200  # characters; what is longer is no name, and is left alone
LONGEST_SOURCE = 2000
_NAMES = frozenset(
    ("title", "source", "author", "authors", "abstract", "accession number", "unique identifier")
)


class Ovid:
    key, label = "ovid", "Ovid text"

    def score(self, text: Text) -> float:
        lines = text.sample.split("\n")
        named = {
            line.strip().lower()
            for line, following in pairwise(lines)
            if _NAME.match(line) and following.startswith("  ")
        }
        found = len(named & _NAMES)
        numbered = any(NUMBER.match(line) for line in lines[:200])
        if "title" not in named:
            return 0.0
        return 0.9 if numbered and found >= 2 else 0.6 if found >= 3 else 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        block: Block | None = None
        stray = Stray()
        for number, line in text.lines():
            if NUMBER.match(line):
                if block is not None:
                    yield checked(_record(block), block.excerpt())
                block = Block(number, line)
            elif not line.strip():
                continue
            elif line[:1].isspace() and block is not None and block.last:
                block.add(block.last, line.strip())
            elif _NAME.match(line.rstrip()):
                name = line.strip().lower()
                if block is not None and name in block.values and _begins(name, block):
                    yield checked(_record(block), block.excerpt())
                    block = None
                block = block or Block(number, line)
                block.values.setdefault(name, [])
                block.last = name
            elif block is not None and block.last:
                block.add(block.last, line.strip())
            else:
                yield from stray.note(number, line)
        if block is not None and block.values:
            yield checked(_record(block), block.excerpt())
        yield from stray.total()


def cited(source: str) -> dict[str, str]:
    """Journal, volume, issue, pages and date of a source line; empty when it has another form."""
    source = source[:LONGEST_SOURCE]
    paginated = "(pp " in source or "(no pagination)" in source
    parts = (paginated and _PAGINATED.match(source)) or _SOURCE.match(source)
    if not parts:
        return {}
    found = {k: (v or "").strip(" .,") for k, v in parts.groupdict().items()}
    if not found["pages"] and (article := _ARTICLE.search(found["date"])):
        found["pages"] = article.group(1)
    return found


def _begins(name: str, block: Block) -> bool:
    """Whether a field seen before opens the next record, in a file without numbers."""
    return name in ("title", "unique identifier", next(iter(block.values)))


def _record(block: Block) -> ParsedRecord:
    def text(*names: str) -> str:
        return " ".join(block.all(*names))

    source = fields.clean(text("source"))
    found = cited(source)
    title = fields.clean(text("title", "article title") or text("chapter title"))
    abstract = fields.paragraphs(text("abstract"))
    used = frozenset(
        [
            "title",
            "article title",
            "chapter title",
            "source",
            "author",
            "authors",
            "author(s)",
            "abstract",
            "accession number",
            "issn",
            "unique identifier",
            "doi number",
            "digital object identifier",
            "language",
            "year of publication",
            "document type",
            "publication type",
            "pmid",
            "journal name",
            "keywords",
            "author keywords",
            "url",
        ]
    )
    identifier = text("unique identifier", "accession number").rstrip(".")
    return ParsedRecord(
        title=title,
        authors=_authors(block.all("author", "authors", "author(s)")),
        year=fields.year(
            text("year of publication"), found.get("date") or "", source, text("status")
        ),
        journal=fields.clean(
            text("journal name") or found.get("journal") or ("" if found else source.rstrip(" ."))
        ),
        volume=(found.get("volume") or "").strip(),
        issue=(found.get("issue") or "").strip(),
        pages=(found.get("pages") or "").strip(" .,"),
        doi=fields.doi(text("doi number", "digital object identifier", "doi", "url")),
        pmid=fields.pmid(text("pmid")) or (identifier if identifier.isdigit() else "")[:8],
        issn=fields.issn(text("issn", "issn electronic", "issn print")),
        abstract=abstract,
        keywords=fields.separated(
            ";".join(block.all("author keywords", "keywords", "mesh subject headings"))
        ),
        language=fields.clean(text("language")).rstrip("."),
        url=fields.clean(text("url")),
        kind=fields.clean(text("document type", "publication type")).rstrip(".").lower(),
        accession=fields.clean(identifier),
        registry_number=fields.registry_number(title, abstract),
        database=fields.clean(text("database")),
        raw=block.rest(used),
        line=block.line,
    )


def _authors(lines: list[str]) -> tuple[str, ...]:
    """Names separated by semicolons, or one per line, without affiliation numbers."""
    joined = _DEGREE.sub(r", \1", "; ".join(line.rstrip(" ;") for line in lines))
    names = (fields.clean(name) for name in joined.split(";"))
    return fields.people(
        _AFFILIATION.sub("", name) if len(name) <= LONGEST_NAME else name for name in names
    )
