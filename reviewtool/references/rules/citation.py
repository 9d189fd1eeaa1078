"""The plain value the duplicate rules work on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Citation:
    """One bibliographic record as a database exported it.

    ``id`` is the caller's and unique within a run; no rule looks at it. Every
    other field may be empty. ``authors`` are whole names in the order of the
    record, in any form (``Smith, J.``, ``Smith JA``, ``John Smith``). ``kind``
    is the publication type as exported (``Journal Article``, ``Conference
    Abstract``); ``pages``, ``year``, ``doi`` and the other identifiers are
    taken as written and normalised by the rules.
    """

    id: str
    title: str = ""
    authors: tuple[str, ...] = ()
    year: str = ""
    journal: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    doi: str = ""
    abstract: str = ""
    pmid: str = ""
    pmcid: str = ""
    issn: str = ""
    registry_number: str = ""
    kind: str = ""
