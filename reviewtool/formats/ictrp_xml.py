"""The trials that the WHO's registry search (ICTRP) exports as XML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from reviewtool.formats import fields
from reviewtool.formats.base import Entry, ParsedRecord
from reviewtool.formats.text import Text
from reviewtool.formats.xml import elements, first, line_of, paragraphs

_TRIALS = re.compile(r"<Trials_downloaded_from_ICTRP\b|<TrialID>")
# What a trial says of itself, in place of an abstract.
_ABOUT = (
    ("Condition", "Condition"),
    ("Intervention", "Intervention"),
    ("Study design", "Study_design"),
    ("Inclusion criteria", "Inclusion_Criteria"),
    ("Exclusion criteria", "Exclusion_Criteria"),
    ("Primary outcome", "Primary_outcome"),
    ("Secondary outcome", "Secondary_outcome"),
)


class IctrpXml:
    key, label = "ictrp_xml", "WHO ICTRP XML"

    def score(self, text: Text) -> float:
        return 0.99 if _TRIALS.search(text.sample[:20_000]) else 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        return elements(text, ("Trial",), _record)


def _record(trial: etree._Element) -> ParsedRecord:
    number = first(trial, "TrialID")
    return ParsedRecord(
        title=first(trial, "Public_title", "Scientific_title"),
        authors=fields.people([first(trial, "Primary_sponsor")]),
        year=fields.year(first(trial, "Date_registration"), first(trial, "Date_registration3")[:4]),
        abstract=_about(trial),
        keywords=fields.separated(first(trial, "Condition")),
        url=first(trial, "web_address"),
        kind=first(trial, "Study_type").lower() or "trial registration",
        accession=number,
        registry_number=fields.registry_number(number) or number,
        database="WHO ICTRP",
        line=line_of(trial),
    )


def _about(trial: etree._Element) -> str:
    """Each thing the registration says, under its name."""
    said = ((label, paragraphs(trial.find(tag))) for label, tag in _ABOUT)
    return "\n".join(_named(label, text) for label, text in said if text)


def _named(label: str, text: str) -> str:
    return text if text.lower().startswith(label.lower()) else f"{label}: {text}"
