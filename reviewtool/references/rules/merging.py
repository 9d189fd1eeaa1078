"""Which record of a group survives, and which value of each field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from reviewtool.references.rules.citation import Citation
from reviewtool.references.rules.normalise import doi, pages, year

# Fields where more text is more information; the others are taken as they stand.
_LONGEST = frozenset({"abstract", "pages"})
_WEIGHTS = {"doi": 3, "pmid": 3, "abstract": 3, "pages": 2, "volume": 2, "journal": 1, "year": 1,
            "number": 1, "title": 5, "authors": 2, "pmcid": 1, "registry_number": 1}  # fmt: skip


def survivor(group: Sequence[Citation]) -> Citation:
    """The record of ``group`` that says most; the first of equals."""
    return max(group, key=completeness)


def completeness(citation: Citation) -> int:
    """How much of a full citation is there, weighted by its use to a reviewer."""
    return sum(weight for name, weight in _WEIGHTS.items() if getattr(citation, name))


def choices(group: Sequence[Citation], field: str) -> list[tuple[str, Citation]]:
    """The different non-empty values of ``field`` in ``group`` with their first record."""
    found: dict[str, tuple[str, Citation]] = {}
    for citation in group:
        value = getattr(citation, field)
        text = "; ".join(value) if isinstance(value, tuple) else str(value)
        if text:
            found.setdefault(_plain(field, text), (text, citation))
    return list(found.values())


def merged(group: Sequence[Citation]) -> Citation:
    """The survivor with its gaps filled from the others, the longest abstract kept.

    >>> a, b = Citation("1", title="T", year="2001"), Citation("2", title="T", doi="10.1/x")
    >>> merged([a, b]).doi, merged([a, b]).year
    ('10.1/x', '2001')
    """
    kept = survivor(group)
    filled: dict[str, object] = {}
    for field in fields(Citation):
        own = getattr(kept, field.name)
        if field.name == "id" or (own and field.name not in _LONGEST):
            continue
        best = max((getattr(c, field.name) for c in group), key=len)
        if len(best) > len(own):
            filled[field.name] = best
    return replace(kept, **filled)  # type: ignore[arg-type]


def _plain(field: str, text: str) -> str:
    if field == "doi":
        return doi(text) or text.lower()
    if field == "year":
        return str(year(text) or text)
    if field == "pages":
        return "-".join(pages(text)) or text
    return " ".join(text.lower().split()).rstrip(".")
