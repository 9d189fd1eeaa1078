"""Reading single fields: identifiers, years, names and tidy text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from urllib.parse import unquote

_SPACE = re.compile(r"\s+")
# Inline markup of titles; anything else in angle brackets may be mathematics.
_MARKUP = re.compile(
    r"</?(i|b|u|em|strong|sub|sup|sc|scp|small|p|br|div|span|font|a|inf|italic|bold|title|jats:\w+"
    r"|mml:\w+|inline-formula|tex-math|h[1-6]|ul|ol|li|section|abstracttext)"
    r"(?:\s+[\w:.-]{1,50}\s?=\s?(?:\"[^\"<>]{0,300}\"|'[^'<>]{0,300}'|[^\s\"'<>]{1,300})){0,20}"
    r"\s*/?>",
    re.IGNORECASE,
)
# Markup that ends a line, so that the words around it are two words.
_BLOCKS = frozenset(("p", "br", "div", "li", "section", "jats:p", "jats:sec", "jats:title"))
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
# Zero-width and direction marks: invisible, and they defeat searching and matching.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Angle brackets only as in the article numbers of ANSI/NISO Z39.56: "17:15<1661::AID-X1>3.0".
_DOI = re.compile(
    r"\b10\.\d{4,9}(?:\.\d+)*/(?:[^\s\"<>\u201c\u201d|]|<[\w.-]{1,20}:[^\s\"<>]{0,40}>)+",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
# The way a publisher shows an article, at the end of its address.
_VIEW = re.compile(r"/(?:full|abstract|e?pdf|full/html|fulltext)/?$", re.IGNORECASE)
# Spaces around the brackets of a DOI made from ISSN, year, page and title.
_PARTED = re.compile(r"(\(\d{4}\)\d{1,6})\s*\[\s*(\w{1,8}:\w{1,8})\s*\]\s*(\d\.\d\.\w\w;\d)")
LONGEST_DOI = 300  # characters; the longest in use are about half of that
_YEAR = re.compile(
    r"(?<!\d)(1[4-9]\d\d|20\d\d|21[0-4]\d)(?=(?:(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))?(?!\d))"
)
_DIGITS = re.compile(r"(?<!\d)(\d{1,9})(?!\d)")
_PMC = re.compile(r"PMC\s*:?\s*(\d{3,9})", re.IGNORECASE)
# Not a part of a hyphenated ISBN.
_ISSN = re.compile(r"(?<![\dXx])(?<!\d-)(\d{4})-?(\d{3}[\dXx])(?![\dXx]|-[\dXx])")
_NO_PAGES = re.compile(r"no\b.{0,20}\bspecified", re.IGNORECASE)
# What stands in a list of names for the names left out.
_OTHERS = frozenset(("...", "\u2026", "et al", "et al."))
# "Lee, B and Wu, C" in one name, but not "Ministry of Health and Welfare, Korea".
_TWO = re.compile(r"(?<=,\s[A-Z])([A-Z]{0,2}\.?)\s+and\s+(?=[^,;]{1,40},\s[A-Z]{1,3}\b)")
# "Lee AB, van der Roy C": each name ends in initials.
_LISTED = re.compile(r"[^,;]{2,60}\s[A-Z]{1,4}(?:,\s[^,;]{2,60}\s[A-Z]{1,4})+")
# What the Web of Science writes before an article number.
_ARTICLE = re.compile(r"(?:UNSP|ARTN|Art(?:icle)?\.?\s?No\.?:?)\s+", re.IGNORECASE)
_REGISTRY = re.compile(
    r"\b(NCT\d{8}|ISRCTN\d{8}|ACTRN\d{14}|ChiCTR[-\w]{5,25}|EUCTR\d{4}-\d{6}-\d{2}"
    r"|DRKS\d{8}|IRCT\d[\dN]{6,20}|CTRI/\d{4}/\d{2,3}/\d{6}|UMIN\d{9}|JPRN-\w{5,20}"
    r"|NTR\d{1,6}|PACTR\d{12,16}|RBR-\w{5,8}|KCT\d{7}|SLCTR/\d{4}/\d{3}|TCTR\d{11}"
    r"|jRCTs?\d{9,10}|CTIS\d{4}-\d{6}-\d{2}|NL-OMON\d{4,6}|RPCEC\d{8}|ITMCTR\d{10})\b"
)
_PUBMED_URL = re.compile(r"(?:ncbi\.nlm\.nih\.gov/pubmed/|pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,9})")


def clean(text: str) -> str:
    """One line, one space between words, no markup, no invisible marks."""
    for _ in range(2):  # some exports escape what was escaped
        if "&" in text:
            text = _ENTITY.sub(lambda m: html.unescape(m.group()), text)
    if "<" in text and ">" in text:
        text = _MARKUP.sub(lambda m: " " if m[1].lower() in _BLOCKS else "", text)
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    elif text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACE.sub(" ", _CONTROL.sub(" ", text)).strip()


def paragraphs(text: str) -> str:
    """Tidy text that may keep its line breaks (abstracts, notes)."""
    return "\n".join(line for part in text.split("\n") if (line := clean(part)))


def doi(*candidates: str) -> str:
    """The first DOI in ``candidates``, lower case, without a resolver, or "".

    >>> doi("http://dx.doi.org/10.1016/S0140-6736(05)66544-5.")
    '10.1016/s0140-6736(05)66544-5'
    """
    for text in candidates:
        if "10." not in text and "10%2" not in text:
            continue
        text = text.replace("%2F", "/").replace("%2f", "/")
        text = text.replace("&lt;", "<").replace("&gt;", ">")
        if "://" in text:
            text = _VIEW.sub("", text.strip())
        if match := _DOI.search(_PARTED.sub(r"\1[\2]\3", text)):
            found = _trim(match.group()[:LONGEST_DOI])
            if _PERCENT.search(found):
                found = unquote(found).split()[0]
            return found.lower()
    return ""


def _trim(found: str) -> str:
    """Cut what prose puts after a DOI: punctuation, a closing bracket never opened."""
    for mark in ("&", "?", "#", "[doi]", "[pii]"):
        if mark == "#" and found.endswith(";2-#"):
            continue  # a check character
        head, _, tail = found.partition(mark)
        if tail or found.endswith(mark):
            found = head if len(head) > 8 else found
    while found:
        last = found[-1]
        if last in ".,;:'\"*\u2019" or (
            last in ")]}" and found.count(last) > found.count({")": "(", "]": "[", "}": "{"}[last])
        ):
            found = found[:-1]
        else:
            break
    return found


def year(*candidates: str) -> int | None:
    """The first plausible year in ``candidates``: "2024/04/03/", "Dec 2019"."""
    for text in candidates:
        if match := _YEAR.search(text):
            return int(match.group(1))
    return None


def pmid(text: str) -> str:
    """A PubMed number: "PUBMED 21314913", "PMID: 21314913", a PubMed address."""
    if match := _PUBMED_URL.search(text):
        return match.group(1)
    if "pmc" in text.lower():
        return ""
    match = _DIGITS.search(text)
    number = match.group(1).lstrip("0") if match else ""
    return number if 1 <= len(number) <= 8 else ""


def medline_number(accession: str) -> str:
    """The PubMed number that the Web of Science writes as "MEDLINE:21314913"."""
    return pmid(accession) if accession.upper().startswith("MEDLINE:") else ""


def pmcid(text: str) -> str:
    """A PubMed Central number with its prefix, or ""."""
    match = _PMC.search(text)
    return f"PMC{match.group(1)}" if match else ""


def issn(text: str) -> str:
    """All ISSNs in ``text`` with their hyphen, joined by "; "."""
    found = dict.fromkeys(f"{a}-{b.upper()}" for a, b in _ISSN.findall(text))
    return "; ".join(found)


def registry_number(*texts: str) -> str:
    """The first trial registration number in ``texts``, or ""."""
    for text in texts:
        if text and (match := _REGISTRY.search(text)):
            return match.group(1)
    return ""


def pages(start: str, end: str = "") -> str:
    """First and last page as one range, "" when there is no first."""
    start, end = _ARTICLE.sub("", clean(start)), clean(end)
    if _NO_PAGES.match(f"{start} {end}"):
        return ""
    if not start or not end or start == end or "-" in start:
        return start or end
    return f"{start}-{end}"


def people(values: Iterable[str]) -> tuple[str, ...]:
    """Names as the source spells them: one per value, or several with semicolons between."""
    texts = (_TWO.sub(r"\1;", clean(value)) for value in values)
    parts = (
        part.strip()
        for text in texts
        for part in re.split("[,;]" if _LISTED.fullmatch(text) else ";", text)
    )
    names = (part.removesuffix(", null").rstrip(",\u2026") for part in parts)
    return tuple(
        name
        for name in names
        if name and name.lower() not in _OTHERS and not _REGISTRY.fullmatch(name)
    )


def separated(text: str, marks: str = ";") -> tuple[str, ...]:
    """A list written in one cell, split at any of ``marks``."""
    parts = re.split(f"[{re.escape(marks)}\n]", text) if text else []
    return tuple(dict.fromkeys(part for raw in parts if (part := clean(raw).strip("* "))))
