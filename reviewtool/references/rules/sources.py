"""Searches and their sources: which database a file is from, which search updates which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from reviewtool.formats import Entry, ParsedRecord, Preview

# Names as PRISMA flow diagrams print them; a person can always type another.
DATABASES = (
    "PubMed",
    "MEDLINE",
    "Embase",
    "CENTRAL",
    "CINAHL",
    "PsycINFO",
    "Web of Science",
    "Scopus",
    "LILACS",
    "AMED",
    "PEDro",
    "IEEE Xplore",
    "ERIC",
    "CAB Abstracts",
    "Global Index Medicus",
    "Google Scholar",
    "ProQuest Dissertations & Theses",
    "OpenAlex",
    "Europe PMC",
)
REGISTERS = ("ClinicalTrials.gov", "WHO ICTRP", "EU Clinical Trials Register", "ISRCTN")
PLATFORMS = (
    "Ovid",
    "EBSCOhost",
    "Embase.com",
    "PubMed",
    "ProQuest",
    "Web of Science",
    "Cochrane Library",
    "Scopus",
)

_KNOWN = (
    (r"psyc\s*info", "PsycINFO"),
    (r"embase", "Embase"),
    (r"central|cochrane", "CENTRAL"),
    (r"cinahl", "CINAHL"),
    (r"pubmed|ncbi", "PubMed"),
    (r"medline", "MEDLINE"),
    (r"scopus", "Scopus"),
    (r"web of science|wos", "Web of Science"),
    (r"ieee", "IEEE Xplore"),
    (r"clinicaltrials", "ClinicalTrials.gov"),
    (r"lilacs", "LILACS"),
    (r"amed\b", "AMED"),
    (r"zoolog", "Zoological Record"),
    (r"biosis", "BIOSIS"),
    (r"springer", "SpringerLink"),
    (r"agris", "AGRIS"),
    (r"proquest", "ProQuest"),
    (r"eric\b", "ERIC"),
)


class HasSource(Protocol):
    """What is needed of a search."""

    id: int
    database: str
    platform: str
    searched_on: date | None


def guess(look: Preview, file_name: str) -> str:
    """The database a file most likely comes from, or "" when nothing says so."""
    named = [e.database for e in look.first if isinstance(e, ParsedRecord) and e.database]
    for text in (*named, file_name, *_links(look.first)):
        for pattern, name in _KNOWN:
            if re.search(pattern, text.lower().replace("_", " ")):
                return name
    return named[0].split(";")[0] if named else ""


def _links(entries: Iterable[Entry]) -> list[str]:
    return [e.url for e in entries if isinstance(e, ParsedRecord) and e.url]


def is_register(database: str) -> bool:
    """Whether a source is a trial register rather than a database."""
    return database.strip().lower() in {name.lower() for name in REGISTERS}


def same_source(one: str, other: str) -> bool:
    """Whether two names mean one database: "Pub Med" and "PubMed"."""
    return re.sub(r"[^a-z0-9]", "", one.lower()) == re.sub(r"[^a-z0-9]", "", other.lower()) != ""


def updated_by(
    earlier: Sequence[HasSource], database: str, platform: str, searched_on: date | None
) -> int | None:
    """The id of the search that a new one of the same source brings up to date."""
    found = [
        s
        for s in earlier
        if same_source(s.database, database)
        and (not s.platform or not platform or same_source(s.platform, platform))
        and (s.searched_on is None or searched_on is None or s.searched_on < searched_on)
    ]
    found.sort(key=lambda s: (s.searched_on or date.min, s.id))
    return found[-1].id if found else None
