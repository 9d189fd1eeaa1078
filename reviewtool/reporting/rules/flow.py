"""The PRISMA 2020 flow diagram: its templates, and the identities its boxes must keep.

The boxes themselves are counted by ``reporting.queries``. Units: a record is an entry of
a source, a report a document, a study the investigation. Box names are those of the
common CSV template. Source: Page et al. 2021, BMJ 372:n71; identities P1 to P16 of the
reference rules (``prisma2020.md``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from reviewtool.words import thousands


class Template(str, Enum):
    """New or updated review, without (v1) or with (v2) other methods."""

    NEW_V1 = "new_v1"
    NEW_V2 = "new_v2"
    UPDATED_V1 = "updated_v1"
    UPDATED_V2 = "updated_v2"

    @property
    def updated(self) -> bool:
        """Whether studies of a previous version are counted."""
        return self in (Template.UPDATED_V1, Template.UPDATED_V2)

    @property
    def other_methods(self) -> bool:
        """Whether there is a column for websites, organisations and citations."""
        return self in (Template.NEW_V2, Template.UPDATED_V2)


DATABASES_AND_REGISTERS = ("database", "register")


@dataclass(frozen=True)
class Violation:
    """An identity that the boxes break, with the numbers that show it."""

    id: str
    message: str
    warning: bool = False


def check(boxes: Mapping[str, Any], template: Template) -> list[Violation]:
    """Every identity that ``boxes`` break, in the order P1, P2, ...; empty when all hold.

    Absent counts are 0. When a count is not a non-negative integer (P11) nothing else
    is checked.
    """
    if faulty := list(_not_counts(boxes)):
        return [Violation("P11", f"Not a count: {', '.join(faulty)}.")]
    found = [*_databases(boxes), *_included(boxes, template)]
    if template.other_methods:
        found += _other(boxes)
    if template.updated:
        found += _totals(boxes)
    found += _details(boxes, template)
    return sorted(found, key=lambda violation: int(violation.id[1:]))


def _get(boxes: Mapping[str, Any], *names: str) -> int:
    return sum(int(boxes.get(name) or 0) for name in names)


def _excluded(boxes: Mapping[str, Any], column: str) -> int:
    return sum((boxes.get(f"{column}_excluded") or {}).values())


def _not_counts(boxes: Mapping[str, Any]) -> Iterator[str]:
    for name, value in boxes.items():
        for label, number in _numbers(name, value):
            whole = isinstance(number, int) and not isinstance(number, bool)
            if not whole or (number < 0 and name != "record_report_adjustment"):
                yield f"{label} is {number}"


def _numbers(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        yield from ((f"{name}: {key}", number) for key, number in value.items())
    else:
        yield name, value


def _equal(number: str, left: str, a: int, right: str, b: int) -> Iterator[Violation]:
    if a != b:
        yield Violation(number, f"{left} gives {thousands(a)}, but {right} says {thousands(b)}.")


def _databases(boxes: Mapping[str, Any]) -> Iterator[Violation]:
    identified = _get(boxes, "database_results", "register_results")
    removed = _get(boxes, "duplicates", "excluded_automatic", "excluded_other")
    screened = _get(boxes, "records_screened")
    sought, assessed = _get(boxes, "dbr_sought_reports"), _get(boxes, "dbr_assessed")
    yield from _equal(
        "P1", "Identified − removed before screening", identified - removed, "screened", screened
    )
    yield from _equal(
        "P2",
        "Screened − excluded (+ declared adjustment)",
        screened - _get(boxes, "records_excluded") + _get(boxes, "record_report_adjustment"),
        "reports sought",
        sought,
    )
    yield from _equal(
        "P3",
        "Sought − not retrieved",
        sought - _get(boxes, "dbr_notretrieved_reports"),
        "reports assessed",
        assessed,
    )
    if _excluded(boxes, "dbr") > assessed:
        yield Violation(
            "P4",
            f"{thousands(_excluded(boxes, 'dbr'))} reports are excluded, "
            f"but only {thousands(assessed)} assessed.",
        )


def _other(boxes: Mapping[str, Any]) -> Iterator[Violation]:
    found = _get(boxes, "website_results", "organisation_results", "citations_results")
    sought, assessed = _get(boxes, "other_sought_reports"), _get(boxes, "other_assessed")
    if _excluded(boxes, "other") > assessed:
        yield Violation(
            "P4",
            f"{thousands(_excluded(boxes, 'other'))} reports of other methods are excluded, "
            f"but only {thousands(assessed)} assessed.",
        )
    if sought > found:
        yield Violation(
            "P5",
            f"{thousands(sought)} reports of other methods are sought, but only "
            f"{thousands(found)} were identified.",
        )
    yield from _equal(
        "P6",
        "Other methods: sought − not retrieved",
        sought - _get(boxes, "other_notretrieved_reports"),
        "reports assessed",
        assessed,
    )


def _included(boxes: Mapping[str, Any], template: Template) -> Iterator[Violation]:
    left = _get(boxes, "dbr_assessed") - _excluded(boxes, "dbr")
    if template.other_methods:
        left += _get(boxes, "other_assessed") - _excluded(boxes, "other")
    studies, reports = _get(boxes, "new_studies"), _get(boxes, "new_reports")
    yield from _equal(
        "P7",
        "Assessed − excluded",
        left,
        "included + awaiting classification + ongoing",
        reports + _get(boxes, "awaiting_reports", "ongoing_reports"),
    )
    if studies > reports:
        yield Violation("P8", f"{studies} new studies cannot come from {reports} new reports.")
    elif not template.updated and reports and not studies:
        yield Violation("P8", f"{reports} included reports belong to no study.")


def _totals(boxes: Mapping[str, Any]) -> Iterator[Violation]:
    for number, unit in (("P9", "studies"), ("P10", "reports")):
        yield from _equal(
            number,
            f"Previous + new {unit}",
            _get(boxes, f"previous_{unit}", f"new_{unit}"),
            "the total",
            _get(boxes, f"total_{unit}"),
        )
    studies, reports = _get(boxes, "previous_studies"), _get(boxes, "previous_reports")
    if reports < studies:
        yield Violation("P12", f"{studies} previous studies cannot come from {reports} reports.")


def _details(boxes: Mapping[str, Any], template: Template) -> Iterator[Violation]:
    for kind in DATABASES_AND_REGISTERS:
        if per_source := boxes.get(f"{kind}_specific_results"):
            total = _get(boxes, f"{kind}_results")
            yield from _equal(
                "P13", f"The sum over each {kind}", sum(per_source.values()), "the total", total
            )
    columns = ("dbr", "other") if template.other_methods else ("dbr",)
    for column in columns:
        for reason, number in (boxes.get(f"{column}_excluded") or {}).items():
            if number == 0:
                yield Violation("P14", f"No report is excluded for “{reason}”.", warning=True)
    parts = ("records_excluded_human", "records_excluded_automation")
    if any(boxes.get(part) is not None for part in parts):
        yield from _equal(
            "P15",
            "Excluded by people + by automation",
            _get(boxes, *parts),
            "records excluded",
            _get(boxes, "records_excluded"),
        )
    pooled = _get(boxes, "total_studies_ma")
    limit = _get(boxes, "total_studies" if template.updated else "new_studies")
    if pooled > limit:
        yield Violation("P16", f"{pooled} studies are pooled, but only {limit} are included.")
