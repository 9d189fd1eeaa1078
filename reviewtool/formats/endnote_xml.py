"""EndNote XML, as EndNote and other reference managers (Bookends, Zotero) write it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from reviewtool.formats import decisions, fields
from reviewtool.formats.base import Entry, ParsedRecord
from reviewtool.formats.text import Text
from reviewtool.formats.xml import all_of, content, elements, first, line_of, paragraphs

_ROOT = re.compile(r"<records?\b")
_MARKS = re.compile(r"<(?:ref-type|rec-number|source-app|contributors|foreign-keys|titles)\b")


class EndnoteXml:
    key, label = "endnote_xml", "EndNote XML"

    def score(self, text: Text) -> float:
        sample = text.sample[:100_000]
        if not _ROOT.search(sample):
            return 0.0
        marks = len(set(_MARKS.findall(sample)))
        return 0.97 if marks >= 2 else 0.5 if marks else 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        return elements(text, ("record", "RECORD"), _record)


def _record(root: etree._Element) -> ParsedRecord:
    type_ = root.find("ref-type")
    kind = (type_.get("name") or content(type_)) if type_ is not None else ""
    notes = [paragraphs(e) for path in ("notes", "research-notes") for e in root.iterfind(path)]
    links = all_of(root, "urls/related-urls/url", "urls/web-urls/url", "urls/text-urls/url")
    carried = decisions.from_notes(note for note in notes if note)
    accession = first(root, "accession-num")
    database = first(root, "remote-database-name")
    doi_of = first(root, "electronic-resource-num")
    title = first(root, "titles/title", "titles/short-title", "titles/translated-title")
    abstract = paragraphs(root.find("abstract"))
    return ParsedRecord(
        title=title,
        authors=fields.people(
            all_of(root, "contributors/authors/author")
            or all_of(root, "contributors/secondary-authors/author")
        ),
        year=fields.year(first(root, "dates/year"), *all_of(root, "dates/pub-dates/date")),
        journal=first(
            root,
            "periodical/full-title",
            "titles/secondary-title",
            "periodical/abbr-1",
            "titles/alt-title",
            "titles/tertiary-title",
        ),
        volume=first(root, "volume"),
        issue=first(root, "number", "issue"),
        pages=first(root, "pages", "electronic-pages") or first(root, "section"),
        doi=fields.doi(doi_of, *links, *all_of(root, "custom2", "custom6")),
        pmid=_pmid(accession, database, links),
        pmcid=fields.pmcid(first(root, "custom2") + " " + first(root, "custom6")),
        issn=fields.issn(first(root, "isbn")),
        abstract=abstract,
        keywords=tuple(
            dict.fromkeys(
                word for cell in all_of(root, "keywords/keyword") for word in fields.separated(cell)
            )
        ),
        language=first(root, "language"),
        url=links[0] if links else "",
        kind=kind.lower(),
        accession=accession,
        registry_number=fields.registry_number(title, abstract),
        database=database,
        labels=(*all_of(root, "label"), *carried.labels),
        note=carried.note,
        verdicts=carried.verdicts,
        line=line_of(root),
    )


def _pmid(accession: str, database: str, links: list[str]) -> str:
    pubmed = next((link for link in links if "pubmed" in link.lower()), "")
    if pubmed and (found := fields.pmid(pubmed)):
        return found
    if accession.isdigit() and len(accession) <= 8:
        other = database and not re.search(r"pubmed|medline|nlm", database, re.IGNORECASE)
        return "" if other else accession
    return ""
