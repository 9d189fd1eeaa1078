"""Which boxes a PRISMA 2020 template has, what they say, and where they lead."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reviewtool.words import thousands

Counts = Mapping[str, int | Mapping[str, int]]


@dataclass(frozen=True)
class Box:
    """One box: column and row in the grid; ``to`` are the boxes its arrows lead to."""

    name: str
    stream: str  # previous, dbr or other
    column: int
    row: int
    to: tuple[str, ...] = ()
    span: int = 1


def columns_of(template: str, counts: Counts) -> list[Box]:
    """The boxes of ``template`` in reading order."""
    updated, other = template.startswith("updated"), template.endswith("v2")
    first = 1 if updated else 0
    boxes = []
    if updated:
        boxes.append(Box("previous", "previous", 0, 0, ("total",)))
    boxes += [
        Box("identified", "dbr", first, 0, ("removed", "screened")),
        Box("removed", "dbr", first + 1, 0),
        Box("screened", "dbr", first, 1, ("excluded", "sought")),
        Box("excluded", "dbr", first + 1, 1),
        Box("sought", "dbr", first, 2, ("notretrieved", "assessed")),
        Box("notretrieved", "dbr", first + 1, 2),
        Box("assessed", "dbr", first, 3, ("reasons", "new")),
        Box("reasons", "dbr", first + 1, 3),
    ]
    if other:
        boxes += [
            Box("other_identified", "other", first + 2, 0, ("other_sought",)),
            Box("other_sought", "other", first + 2, 2, ("other_notretrieved", "other_assessed")),
            Box("other_notretrieved", "other", first + 3, 2),
            Box("other_assessed", "other", first + 2, 3, ("other_reasons", "new")),
            Box("other_reasons", "other", first + 3, 3),
        ]
    boxes.append(Box("new", "dbr", first, 4, ("total",) if updated else ()))
    if updated:
        boxes.append(Box("total", "dbr", first, 5))
    return boxes


def text_of(box: Box, counts: Counts) -> Iterator[tuple[str, str, bool]]:
    """(key, text, indented) for each line of a box; the key is empty for mere words."""
    updated = "previous_studies" in counts or "total_studies" in counts
    for key, words, indent in _LINES[box.name]:
        if not key:
            yield "", words, indent
        elif key.endswith("_excluded") and key != "records_excluded":
            yield from _reasons(key, counts)
        elif key in _OPTIONAL and not counts.get(key):
            continue
        else:
            if box.name == "new" and updated:
                words = _NEW[key]
            yield key, f"{words} (n = {_n(counts, key)})", indent


def _n(counts: Counts, key: str) -> str:
    value = counts.get(key, 0)
    return thousands(sum(value.values()) if isinstance(value, Mapping) else value)


def _reasons(key: str, counts: Counts) -> Iterator[tuple[str, str, bool]]:
    reasons = counts.get(key, {})
    if not isinstance(reasons, Mapping):
        yield key, f"Reports excluded (n = {_n(counts, key)})", False
        return
    yield key, f"Reports excluded (n = {_n(counts, key)})" + (":" if reasons else ""), False
    for reason, n in reasons.items():
        yield f"{key}.{reason}", f"{reason} (n = {thousands(n)})", True


_OPTIONAL = {
    "awaiting_reports",
    "ongoing_reports",
    "records_excluded_human",
    "records_excluded_automation",
    "total_studies_ma",
    "total_reports_ma",
    "citations_results",
    "organisation_results",
    "website_results",
}
_NEW = {
    "new_studies": "New studies included in review",
    "new_reports": "Reports of new included studies",
    "awaiting_reports": "Reports awaiting classification",
    "ongoing_reports": "Reports of ongoing studies",
    "total_studies_ma": "Studies in meta-analysis",
}
_LINES: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "previous": (
        ("previous_studies", "Studies included in previous version of review", False),
        ("previous_reports", "Reports of studies included in previous version of review", False),
    ),
    "identified": (
        ("", "Records identified from:", False),
        ("database_results", "Databases", True),
        ("register_results", "Registers", True),
    ),
    "removed": (
        ("", "Records removed before screening:", False),
        ("duplicates", "Duplicate records", True),
        ("excluded_automatic", "Marked as ineligible by automation tools", True),
        ("excluded_other", "Removed for other reasons", True),
    ),
    "screened": (("records_screened", "Records screened", False),),
    "excluded": (
        ("records_excluded", "Records excluded", False),
        ("records_excluded_human", "By a person", True),
        ("records_excluded_automation", "By automation tools", True),
    ),
    "sought": (("dbr_sought_reports", "Reports sought for retrieval", False),),
    "notretrieved": (("dbr_notretrieved_reports", "Reports not retrieved", False),),
    "assessed": (("dbr_assessed", "Reports assessed for eligibility", False),),
    "reasons": (("dbr_excluded", "Reports excluded", False),),
    "other_identified": (
        ("", "Records identified from:", False),
        ("website_results", "Websites", True),
        ("organisation_results", "Organisations", True),
        ("citations_results", "Citation searching", True),
    ),
    "other_sought": (("other_sought_reports", "Reports sought for retrieval", False),),
    "other_notretrieved": (("other_notretrieved_reports", "Reports not retrieved", False),),
    "other_assessed": (("other_assessed", "Reports assessed for eligibility", False),),
    "other_reasons": (("other_excluded", "Reports excluded", False),),
    "new": (
        ("new_studies", "Studies included in review", False),
        ("new_reports", "Reports of included studies", False),
        ("awaiting_reports", "Reports awaiting classification", False),
        ("ongoing_reports", "Reports of ongoing studies", False),
        ("total_studies_ma", "Studies in meta-analysis", False),
    ),
    "total": (
        ("total_studies", "Total studies included in review", False),
        ("total_reports", "Reports of total included studies", False),
    ),
}
