"""Which report a full-text file belongs to, judged by the file's name."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Known:
    """A report as far as a file name can tell it: by number, identifiers, people, words."""

    report_id: int
    number: int
    authors: str = ""
    year: int | None = None
    title: str = ""
    doi: str = ""
    pmid: str = ""


@dataclass(frozen=True)
class Match:
    """Report ids a file may belong to, best evidence only, and what the evidence is."""

    report_ids: list[int] = field(default_factory=list)
    why: str = ""


def plain(text: str) -> str:
    """Lower case, without accents, words apart by single blanks.

    >>> plain("Färkkilä_M.-1996")
    'farkkila m 1996'
    """
    bare = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def match(file_name: str, reports: Iterable[Known]) -> Match:
    """The reports that the best kind of evidence in ``file_name`` points to.

    The kinds, best first: DOI, PubMed number, record number ("#12", "12.pdf", "rec 12"),
    title, first author with year. One id is a match, several are ambiguous.

    >>> match("Visser 1996.pdf", [Known(7, 1, "Visser, W. H.", 1996, "A trial")])
    Match(report_ids=[7], why='first author and year')
    """
    known = list(reports)
    stem = re.sub(
        r"\.pdf$", "", file_name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1], flags=re.IGNORECASE
    )
    words = plain(stem)
    packed = words.replace(" ", "")
    number = _number(stem)
    kinds: tuple[tuple[str, list[int]], ...] = (
        ("DOI", [k.report_id for k in known if k.doi and _packed(k.doi) in packed]),
        ("PubMed number", [k.report_id for k in known if k.pmid and k.pmid in words.split()]),
        ("record number", [k.report_id for k in known if k.number == number]),
        ("title", [k.report_id for k in known if _has_title(words, k.title)]),
        ("first author and year", [k.report_id for k in known if _has_author(words, k)]),
    )
    for why, found in kinds:
        if found:
            return Match(found, why)
    return Match()


def _packed(text: str) -> str:
    return plain(text).replace(" ", "")


def _number(stem: str) -> int | None:
    found = re.fullmatch(
        r"\s*(?:#|no\.?|nr\.?|rec(?:ord)?)?[\s_-]*(\d{1,8})\s*", stem, re.IGNORECASE
    )
    found = found or re.match(r"\s*#(\d{1,8})\b", stem)
    return int(found[1]) if found else None


def _has_title(words: str, title: str) -> bool:
    wanted = plain(title)
    start = " ".join(wanted.split()[:8])
    return len(start) >= 20 and (start in words or (len(words) >= 20 and wanted.startswith(words)))


def _has_author(words: str, known: Known) -> bool:
    first = known.authors.split(";")[0]
    family = plain(first.split(",")[0] if "," in first else _family(first))
    if not family or not known.year:
        return False
    together = f"{family.replace(' ', '')}{known.year}" in words.split()  # "visser1996"
    apart = f" {family} " in f" {words} " and str(known.year) in words.split()
    return together or apart


def _family(name: str) -> str:
    parts = [part for part in name.split() if not (part.isupper() and len(part) <= 3)]
    return parts[-1] if parts else name
