"""One form of each field for matching: what a citation says, not how it is typed."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from reviewtool.references.rules.citation import Citation
from reviewtool.references.rules.lexicon import word_set
from reviewtool.references.rules.nature import Nature, nature_of, strip_notes

# Letters that do not decompose into a base letter and an accent, and the Greek
# letters that databases spell out.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ı": "i",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "α": " alpha ",
        "β": " beta ",
        "γ": " gamma ",
        "δ": " delta ",
        "ε": " epsilon ",
        "κ": " kappa ",
        "λ": " lambda ",
        "μ": " mu ",
        "ω": " omega ",
        "'": None,
        "’": None,
        "‘": None,
        "ʼ": None,
        "`": None,
        "´": None,
    }
)
_TAGS = re.compile(r"</?[A-Za-z][^<>]{0,80}>")
_NOT_WORD = re.compile(r"[\W_]+")
_DASHES = re.compile(r"[‐‑‒–—―−﹘﹣－]")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d|21\d\d)(?!\d)")
_DOI = re.compile(r"10\.\d{3,9}/\S+")
_DIGITS = re.compile(r"\d+")
_REGISTRY = re.compile(
    r"\b(?:NCT\d{8}|ISRCTN\d{5,8}|ACTRN\d{10,14}|ChiCTR[-\w]*\d{6,}|CTRI/\d{4}/\d+/\d+"
    r"|DRKS\d{8}|EUCTR\d{4}-\d{6}-\d{2}|\d{4}-\d{6}-\d{2}|IRCT\w{8,}|NTR\d{3,5}"
    r"|UMIN\d{6,}|JPRN-\w+|PACTR\d{12,}|RBR-\w+|CRD\d{8,})\b",
    re.IGNORECASE,
)
# "e2022JG006895": letters between digits, so not a range of pages.
_ARTICLE_NUMBER = re.compile(r"[A-Za-z]*\d+[A-Za-z]+\d{2,}\w*")
_PAGE = re.compile(r"([a-z]*)[\s.]?(\d+)([a-z]?)", re.IGNORECASE)
_MONTHS = {
    month: str(place)
    for place, month in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# "Suppl-29", "t-8": an export that lost the first page but kept the end of the last.
_LOST_START = re.compile(r"^\s*(?:suppl?|pt|t|part)\s*-\s*(\d+)\s*$", re.IGNORECASE)
_PARTICLES = word_set(
    """
    van von der den de del della di da la le el al ter ten dos das du bin ibn jr sr and et the
    ii iii iv phd md inc ltd
    """
)


_NOBODY = frozenset(
    ("", "anonymous", "anon", "no author listed", "no authors listed", "unknown", "none", "na")
)


@dataclass(frozen=True, slots=True)
class Key:
    """A citation in matching form; empty strings where nothing is known.

    ``title`` is lower-case words joined by one space; ``authors`` the name
    words of the first 30 authors, ``first`` those of the first author and
    ``family`` its likely family name; ``start`` and ``end`` are pages with
    short ranges written out (``123-9`` -> ``123``, ``129``).
    """

    title: str
    first: str
    family: str
    authors: str
    author_count: int
    year: int
    journal: str
    volume: str
    number: str
    start: str
    end: str
    doi: str
    pmid: str
    pmcid: str
    registry: str
    issn: str
    nature: Nature
    abstract: str


def key_of(citation: Citation) -> Key:
    """``citation`` in matching form."""
    raw_title = clean(citation.title)
    first, family, authors, count = _names(citation.authors)
    start, end = pages(citation.pages)
    return Key(
        title=words(strip_notes(raw_title)),
        first=first,
        family=family,
        authors=authors,
        author_count=count,
        year=year(citation.year),
        journal=journal(citation.journal),
        volume=_locator(citation.volume),
        number=_locator(citation.number),
        start=start,
        end=end,
        doi=doi(citation.doi),
        pmid=digits(citation.pmid),
        pmcid=digits(citation.pmcid),
        registry=registry(citation.registry_number),
        issn=_issn(citation.issn),
        nature=nature_of(raw_title, citation.journal, citation.pages, citation.kind),
        abstract=citation.abstract,
    )


def clean(text: str) -> str:
    """Text without HTML entities, tags and typographic dashes."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAGS.sub("", text)
    if not text.isascii():
        text = _DASHES.sub("-", text)
    return text


def words(text: str) -> str:
    """Lower-case words without accents or punctuation, joined by one space.

    >>> words("β-Thalassaemia: Côte d’Ivoire")
    'beta thalassaemia cote divoire'
    """
    if text.isascii():
        text = text.lower().replace("'", "").replace("`", "")
    else:
        text = text.casefold().translate(_LETTERS)
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if unicodedata.category(c) != "Mn")
        text = text.translate(_LETTERS)
    return _NOT_WORD.sub(" ", text).strip()


@lru_cache(maxsize=200_000)
def journal(text: str) -> str:
    """A journal's words; the conference named behind it and a place in brackets go."""
    text = clean(text)
    text = re.split(r"\.\s*Conference:", text, maxsplit=1)[0]
    text = re.sub(r"^\s*\[([^\]]+)\]\s*", "", text) or text
    text = re.sub(r"\((?:[^()]*)\)", " ", text) or text
    text = text.replace("&", " and ")
    return words(text) or words(clean(text))


def year(text: str) -> int:
    """The first four-digit year in ``text``, 0 where there is none."""
    found = _YEAR.search(text)
    return int(found.group()) if found else 0


def doi(text: str) -> str:
    """A DOI without resolver or trailing punctuation, in lower case."""
    if not text:
        return ""
    if "&" in text:
        text = html.unescape(text)
    found = _DOI.search(text.replace("%2F", "/").replace("%2f", "/"))
    return found.group().lower().rstrip(".,;)]}>\"'") if found else ""


def digits(text: str) -> str:
    """The first run of digits, without leading zeros."""
    found = _DIGITS.search(text)
    return found.group().lstrip("0") if found else ""


def registry(text: str) -> str:
    """The first trial or protocol registration number in ``text``, upper case."""
    found = _REGISTRY.search(text) if text else None
    return found.group().upper() if found else ""


def pages(text: str) -> tuple[str, str]:
    """First and last page with short ranges written out; article numbers count as first.

    >>> pages("S123–9")
    ('s123', 's129')
    """
    if not text:
        return "", ""
    found = _PAGE.findall(text)
    if not found:
        return "", ""
    lost = _LOST_START.match(text)
    if lost:
        return "", lost.group(1).lstrip("0")
    if ".e" in text:  # "569.e1-569.e8": printed page, then pages seen online only
        text = text.split(".e")[0]
    number = _ARTICLE_NUMBER.search(text)
    if number:
        return number.group().lower(), ""
    prefix, start, suffix = found[0]
    prefix = prefix.lower().removeprefix("pp").removeprefix("p")
    if len(prefix) > 3:
        prefix = ""
    start = start.lstrip("0") or "0"
    first = prefix + start + suffix.lower()
    if len(found) < 2 or not re.search(r"\d\w?\s*[-‐‑‒–—―−:/]+\s*\w", text):
        return first, ""
    last_prefix, last, _ = found[1]
    last = last.lstrip("0") or "0"
    if len(last) < len(start):
        last = start[: len(start) - len(last)] + last
    last_prefix = last_prefix.lower() or prefix
    return first, (last_prefix if len(last_prefix) < 4 else "") + last


def _locator(text: str) -> str:
    """A volume or issue: digits where there are any, else its word."""
    if not text:
        return ""
    month = _MONTHS.get(text[:3].lower())
    if month and not any(c.isdigit() for c in text):
        return month
    found = _DIGITS.findall(text)
    if found and len(text) < 40:
        supplement = re.search(r"s(?:upp?l?)?\b|\bs\s?\d", text, re.IGNORECASE)
        return ("s" if supplement else "") + (found[0].lstrip("0") or "0")
    if text[:4].lower() == "supp":
        return "s"
    return words(text) if len(text) < 20 else ""


def _issn(text: str) -> str:
    found = re.findall(r"\b(\d{4})-?(\d{3}[\dXx])\b", text) if text else []
    return " ".join(sorted({(a + b).upper() for a, b in found}))


def _names(authors: tuple[str, ...]) -> tuple[str, str, str, int]:
    everyone: list[str] = []
    first = family = ""
    count = 0
    for name in authors[:30]:
        parts, last = _name(name)
        if not parts:
            continue
        count += 1
        if count == 1:
            first, family = " ".join(parts), last
        everyone.extend(parts)
    return first, family, " ".join(dict.fromkeys(everyone)), count


@lru_cache(maxsize=100_000)
def _name(name: str) -> tuple[tuple[str, ...], str]:
    """The words of a name that are not initials, and the likely family name."""
    name = clean(name)
    if words(name) in _NOBODY:
        return (), ""
    before, comma, after = name.partition(",")
    own = _name_words(before, keep_capitals=True) if comma else []
    given = _name_words(after if comma else name, keep_capitals=not comma)
    if comma:
        both = own + given
        family = own[-1] if own else (given[0] if given else "")
        return tuple(both), family
    if not given:
        return (), ""
    tail = re.split(r"[\s.]+", name.strip(" ."))[-1]
    initials = len(tail) <= 3 and tail.isupper()
    return tuple(given), given[0] if initials else given[-1]


def _name_words(text: str, keep_capitals: bool) -> list[str]:
    found = []
    pieces = re.split(r"[\s.,;]+", text.strip())
    for place, piece in enumerate(pieces):
        if len(piece) <= 3 and piece.isupper() and not (keep_capitals and place == 0):
            continue
        for word in words(piece.replace("-", " ")).split():
            if len(word) > 1 and word not in _PARTICLES:
                found.append(word)
    if not found:
        found = [w for w in words(text).split() if len(w) > 1]
    return found
