"""Which record of a group survives, and which value of each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Values = Mapping[str, Any]

# The fields a merge may carry over, in the order of a citation.
FIELDS = (
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "pmcid",
    "registry_number",
    "issn",
    "kind",
    "language",
    "keywords",
    "url",
    "abstract",
)


def gaps(kept: Values, gone: Values) -> dict[str, Any]:
    """What ``gone`` knows and ``kept`` does not; the longer abstract as well.

    >>> row = dict.fromkeys(FIELDS, "")
    >>> gaps({**row, "title": "T"}, {**row, "title": "t.", "doi": "10.1000/x"})
    {'doi': '10.1000/x'}
    """
    filled = {name: gone[name] for name in FIELDS if gone[name] and not kept[name]}
    if len(gone["abstract"]) > len(kept["abstract"]):
        filled["abstract"] = gone["abstract"]
    return filled


def fullness(values: Values) -> int:
    """How many fields say something."""
    return sum(bool(values[name]) for name in FIELDS)


def by_preference(
    rows: Mapping[int, Values],
    ids: Iterable[int],
    *,
    in_full_text: set[int],
    votes: Mapping[int, int],
    known_up_to: int = 0,
) -> list[int]:
    """Record ids, the one to keep first.

    Work done on a record weighs more than what it says: first those in full text, then
    by votes, then those known before this search (id up to ``known_up_to``), then by
    how much they say, then the older.
    """
    return sorted(
        ids,
        key=lambda one: (
            one not in in_full_text,
            -votes.get(one, 0),
            one > known_up_to,
            -fullness(rows[one]),
            one,
        ),
    )
