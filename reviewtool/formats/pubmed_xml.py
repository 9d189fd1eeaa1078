"""PubMed XML, as E-utilities' efetch and PubMed's own download give it.

Elements: National Library of Medicine, PubMed DTD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from reviewtool.formats import fields
from reviewtool.formats.base import Entry, ParsedRecord
from reviewtool.formats.text import Text
from reviewtool.formats.xml import all_of, content, elements, first, line_of, paragraphs

_ARTICLES = re.compile(r"<(?:PubmedArticle|PubmedBookArticle|PubmedArticleSet)\b")
_CITATIONS = re.compile(r"<(?:MedlineCitation|MedlineCitationSet)\b")


class PubmedXml:
    key, label = "pubmed_xml", "PubMed XML"

    def score(self, text: Text) -> float:
        sample = text.sample[:50_000]
        return 0.99 if _ARTICLES.search(sample) or _CITATIONS.search(sample) else 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        whole = _ARTICLES.search(text.sample[:50_000])
        tags = ("PubmedArticle", "PubmedBookArticle") if whole else ("MedlineCitation",)
        return elements(text, tags, _record)


def _record(root: etree._Element) -> ParsedRecord:
    citation = root if root.tag == "MedlineCitation" else root.find("MedlineCitation")
    if citation is None:
        return _book(root)
    article = citation.find("Article")
    article = citation if article is None else article
    ids = {
        (e.get("IdType") or "").lower(): content(e)
        for e in root.iterfind("PubmedData/ArticleIdList/ArticleId")
    }
    located = [content(e) for e in article.iterfind("ELocationID") if e.get("EIdType") == "doi"]
    title = first(article, "ArticleTitle", "VernacularTitle")
    abstract = _abstract(article)
    start = first(article, "Pagination/StartPage")
    return ParsedRecord(
        title=title,
        authors=_authors(article),
        year=fields.year(
            first(article, "Journal/JournalIssue/PubDate/Year"),
            first(article, "Journal/JournalIssue/PubDate/MedlineDate"),
            first(article, "ArticleDate/Year"),
            first(root, "PubmedData/History/PubMedPubDate[@PubStatus='pubmed']/Year"),
        ),
        journal=first(article, "Journal/Title", "Journal/ISOAbbreviation")
        or first(citation, "MedlineJournalInfo/MedlineTA"),
        volume=first(article, "Journal/JournalIssue/Volume"),
        issue=first(article, "Journal/JournalIssue/Issue"),
        pages=first(article, "Pagination/MedlinePgn")
        or fields.pages(start, first(article, "Pagination/EndPage")),
        doi=fields.doi(*located, ids.get("doi", "")),
        pmid=fields.pmid(first(citation, "PMID") or ids.get("pubmed", "")),
        pmcid=fields.pmcid(ids.get("pmc", "")),
        issn=fields.issn(
            " ".join(
                all_of(article, "Journal/ISSN") + all_of(citation, "MedlineJournalInfo/ISSNLinking")
            )
        ),
        abstract=abstract,
        keywords=tuple(
            dict.fromkeys(
                all_of(
                    citation, "KeywordList/Keyword", "MeshHeadingList/MeshHeading/DescriptorName"
                )
            )
        ),
        language=first(article, "Language"),
        kind=first(article, "PublicationTypeList/PublicationType").lower(),
        accession=first(citation, "PMID"),
        registry_number=fields.registry_number(
            *all_of(article, "DataBankList/DataBank/AccessionNumberList/AccessionNumber"),
            title,
            abstract,
        ),
        database="PubMed",
        line=line_of(root),
    )


def _abstract(article: etree._Element) -> str:
    parts: list[str] = []
    for element in article.iterfind("Abstract/AbstractText"):
        label = element.get("Label")
        text = paragraphs(element)
        if text:
            parts.append(f"{label}: {text}" if label and label != "UNLABELLED" else text)
    return "\n".join(parts)


def _authors(parent: etree._Element) -> tuple[str, ...]:
    names: list[str] = []
    for author in parent.iterfind("AuthorList/Author"):
        family = first(author, "LastName")
        given = first(author, "ForeName", "FirstName", "Initials")
        names.append(", ".join(p for p in (family, given) if p) or first(author, "CollectiveName"))
    return fields.people(names)


def _book(root: etree._Element) -> ParsedRecord:
    document = root.find("BookDocument")
    if document is None:
        return ParsedRecord(line=line_of(root))
    ids = {e.get("IdType"): content(e) for e in document.iterfind("ArticleIdList/ArticleId")}
    book = first(document, "Book/BookTitle")
    within = document.find("Book")
    return ParsedRecord(
        title=first(document, "ArticleTitle") or book,
        authors=_authors(document) or (() if within is None else _authors(within)),
        year=fields.year(first(document, "Book/PubDate/Year"), first(document, "Book/PubDate")),
        journal=book if first(document, "ArticleTitle") else "",
        doi=fields.doi(ids.get("doi", "")),
        pmid=fields.pmid(first(document, "PMID")),
        abstract=_abstract(document),
        language=first(document, "Language"),
        kind="book chapter",
        accession=ids.get("bookaccession", "") or first(document, "PMID"),
        database="PubMed",
        line=line_of(root),
    )
