"""The PRISMA 2020 flow diagram: boxes derived from what happened, and their identities.

Units: a record is an entry of a source, a report a document, a study the
investigation. Box names are those of the common CSV template. Source: Page et al.
2021, BMJ 372:n71; identities P1 to P16 of the reference rules (``prisma2020.md``).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

Boxes = dict[str, Any]


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


# source type -> its box; the first two are one column, the rest the other.
IDENTIFIED = {
    "database": "database_results",
    "register": "register_results",
    "website": "website_results",
    "organisation": "organisation_results",
    "citation": "citations_results",
}
DATABASES_AND_REGISTERS = ("database", "register")

FullText = Literal["include", "exclude", "awaiting_classification", "ongoing"]


@dataclass(frozen=True)
class Event:
    """What became of one record, and of the report behind it.

    id: anything that names the record. source_type: a key of ``IDENTIFIED``.
    duplicate_of: the record it was removed for. removed: "automation" or "other", when
    it was taken out before screening. title_abstract, retrieved and full_text stay
    None until decided. study: names the study of an included report;
    ``previous_study`` when that study was in the previous version already.
    """

    id: Any
    source_type: str
    source: str = ""
    duplicate_of: Any = None
    removed: str | None = None
    title_abstract: Literal["include", "exclude"] | None = None
    retrieved: bool | None = None
    full_text: FullText | None = None
    reason: str | None = None
    study: Any = None
    previous_study: bool = False


@dataclass(frozen=True)
class Previous:
    """What the previous version of the review had included."""

    studies: int = 0
    reports: int = 0


@dataclass(frozen=True)
class Flow:
    """The boxes, and what stands behind each.

    behind: box -> ids of records (or reports, by their record), in the order given;
        ``new_studies`` -> studies; a reason is ``dbr_excluded:<reason>``.
    undecided: ids of records whose screening or full text is not finished. The
        identities cannot hold before this is empty.
    """

    template: Template
    boxes: Boxes
    behind: dict[str, list[Any]]
    undecided: list[Any] = field(default_factory=list)


def derive(events: Iterable[Event], template: Template, previous: Previous | None = None) -> Flow:
    """Count the boxes of ``template`` from ``events``.

    Duplicates and early removals of databases and registers leave before screening. An
    item of another method that repeats one already found stays identified, but is not
    sought. In the v1 templates records of other methods are not counted at all.
    """
    count = _Count(template)
    for event in events:
        count.add(event)
    return count.flow(previous or Previous())


class _Count:
    """The lists behind the boxes, while they fill."""

    def __init__(self, template: Template) -> None:
        self.template = template
        names = ["database_results", "register_results", "duplicates", "excluded_automatic"]
        names += ["excluded_other", "records_screened", "records_excluded"]
        names += _column("dbr")
        if template.other_methods:
            names += ["website_results", "organisation_results", "citations_results"]
            names += _column("other")
        names += ["new_studies", "new_reports", "awaiting_reports", "ongoing_reports"]
        self.behind: dict[str, list[Any]] = {name: [] for name in names}
        self.reasons: dict[str, dict[str, list[Any]]] = {"dbr": {}, "other": {}}
        self.sources: dict[str, dict[str, int]] = {"database": {}, "register": {}}
        self.undecided: list[Any] = []

    def put(self, box: str, what: Any) -> None:
        self.behind[box].append(what)

    def add(self, event: Event) -> None:
        from_databases = event.source_type in DATABASES_AND_REGISTERS
        if not from_databases and not self.template.other_methods:
            return
        self.put(IDENTIFIED[event.source_type], event.id)
        if from_databases:
            if event.source:
                per_source = self.sources[event.source_type]
                per_source[event.source] = per_source.get(event.source, 0) + 1
            if self._left_before_screening(event):
                return
            if event.title_abstract is None:
                self.undecided.append(event.id)
                return
            self.put("records_screened", event.id)
            if event.title_abstract == "exclude":
                self.put("records_excluded", event.id)
                return
        else:
            if event.duplicate_of is not None or event.removed or event.title_abstract == "exclude":
                return
            if event.title_abstract is None:
                self.undecided.append(event.id)
                return
        self._full_text(event, "dbr" if from_databases else "other")

    def _left_before_screening(self, event: Event) -> bool:
        if event.duplicate_of is not None:
            self.put("duplicates", event.id)
        elif event.removed:
            automatic = event.removed == "automation"
            self.put("excluded_automatic" if automatic else "excluded_other", event.id)
        else:
            return False
        return True

    def _full_text(self, event: Event, column: str) -> None:
        self.put(f"{column}_sought_reports", event.id)
        if event.retrieved is None and event.full_text is None:
            self.undecided.append(event.id)
            return
        if event.retrieved is False:
            self.put(f"{column}_notretrieved_reports", event.id)
            return
        self.put(f"{column}_assessed", event.id)
        if event.full_text == "include":
            self.put("new_reports", event.id)
            if not event.previous_study and event.study not in self.behind["new_studies"]:
                self.put("new_studies", event.study)
        elif event.full_text == "exclude":
            reason = event.reason or "no reason given"
            self.reasons[column].setdefault(reason, []).append(event.id)
        elif event.full_text == "awaiting_classification":
            self.put("awaiting_reports", event.id)
        elif event.full_text == "ongoing":
            self.put("ongoing_reports", event.id)
        else:
            self.undecided.append(event.id)

    def flow(self, previous: Previous) -> Flow:
        boxes: Boxes = {name: len(ids) for name, ids in self.behind.items()}
        columns = ("dbr", "other") if self.template.other_methods else ("dbr",)
        for column in columns:
            reasons = self.reasons[column]
            boxes[f"{column}_excluded"] = {reason: len(ids) for reason, ids in reasons.items()}
            for reason, ids in reasons.items():
                self.behind[f"{column}_excluded:{reason}"] = ids
        for kind, counts in self.sources.items():
            boxes[f"{kind}_specific_results"] = dict(counts)
        if self.template.updated:
            boxes["previous_studies"], boxes["previous_reports"] = (
                previous.studies,
                previous.reports,
            )
            boxes["total_studies"] = previous.studies + boxes["new_studies"]
            boxes["total_reports"] = previous.reports + boxes["new_reports"]
        return Flow(self.template, boxes, self.behind, self.undecided)


def _column(prefix: str) -> list[str]:
    return [f"{prefix}_{box}" for box in ("sought_reports", "notretrieved_reports", "assessed")]


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
        yield Violation(number, f"{left} gives {a}, but {right} says {b}.")


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
            "P4", f"{_excluded(boxes, 'dbr')} reports are excluded, but only {assessed} assessed."
        )


def _other(boxes: Mapping[str, Any]) -> Iterator[Violation]:
    found = _get(boxes, "website_results", "organisation_results", "citations_results")
    sought, assessed = _get(boxes, "other_sought_reports"), _get(boxes, "other_assessed")
    if _excluded(boxes, "other") > assessed:
        yield Violation(
            "P4",
            f"{_excluded(boxes, 'other')} reports of other methods are excluded, "
            f"but only {assessed} assessed.",
        )
    if sought > found:
        yield Violation(
            "P5", f"{sought} reports of other methods are sought, but only {found} were identified."
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
