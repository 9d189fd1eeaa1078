"""The protocol's text: what PROSPERO asks for, section by section.

Outcomes, comparisons, analyses and criteria are rows of their own; everything else
is here. The field numbers are those of the 40-field registration form.
"""

from dataclasses import dataclass
from typing import Any

# Question frameworks and their elements.
FRAMEWORKS: dict[str, tuple[tuple[str, str], ...]] = {
    "PICO": (
        ("population", "Population"),
        ("intervention", "Intervention"),
        ("comparator", "Comparator"),
        ("outcomes", "Outcomes"),
    ),
    "PICOS": (
        ("population", "Population"),
        ("intervention", "Intervention"),
        ("comparator", "Comparator"),
        ("outcomes", "Outcomes"),
        ("design", "Study design"),
    ),
    "PICOTS": (
        ("population", "Population"),
        ("intervention", "Intervention"),
        ("comparator", "Comparator"),
        ("outcomes", "Outcomes"),
        ("timing", "Timing"),
        ("setting", "Setting"),
    ),
    "PECO": (
        ("population", "Population"),
        ("exposure", "Exposure"),
        ("comparator", "Comparator"),
        ("outcomes", "Outcomes"),
    ),
    "PIRD": (
        ("population", "Population"),
        ("index_test", "Index test"),
        ("reference_test", "Reference test"),
        ("diagnosis", "Diagnosis of interest"),
    ),
    "PICOTS (prognosis)": (
        ("population", "Population"),
        ("index_factor", "Index factor"),
        ("comparator", "Comparator"),
        ("outcomes", "Outcome"),
        ("timing", "Timing"),
        ("setting", "Setting"),
    ),
    "PICo": (
        ("population", "Population"),
        ("phenomenon", "Phenomenon of interest"),
        ("context", "Context"),
    ),
    "SPIDER": (
        ("sample", "Sample"),
        ("phenomenon", "Phenomenon of interest"),
        ("design", "Design"),
        ("evaluation", "Evaluation"),
        ("research_type", "Research type"),
    ),
    "CoCoPop": (
        ("condition", "Condition"),
        ("context", "Context"),
        ("population", "Population"),
    ),
    "PCC": (
        ("population", "Population"),
        ("concept", "Concept"),
        ("context", "Context"),
    ),
}


@dataclass(frozen=True)
class Field:
    """One question of the form. ``kind``: line, text, lines, date, email, choice, framework."""

    key: str
    label: str
    kind: str = "text"
    number: int | None = None
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A page of the form. ``method``: a change here is a change of methods (+1.0)."""

    key: str
    label: str
    fields: tuple[Field, ...]
    method: bool = False


ROB_TOOLS = ("RoB 2", "ROBINS-I", "QUADAS-2", "Newcastle-Ottawa Scale", "Other")
STATUSES = ("ongoing", "completed but not published", "published", "discontinued")

SECTIONS: tuple[Section, ...] = (
    Section(
        "question",
        "Question",
        (
            Field("title", "Review title", "line", 1, True),
            Field("title_original", "Title in the original language", "line", 2),
            Field("rationale", "Rationale"),
            Field("objectives", "Objectives"),
            Field("condition", "Condition or domain being studied", "text", 18, True),
            Field("question", "Review question", "text", 15, True),
            Field(
                "framework",
                "Question framework",
                "framework",
                None,
                False,
                "Its parts follow; after choosing another one, save to see that one’s parts.",
            ),
        ),
        method=True,
    ),
    Section(
        "eligibility",
        "Eligibility",
        (
            Field("population", "Participants or population", "text", 19, True),
            Field("intervention", "Interventions or exposures", "text", 20, True),
            Field("comparator", "Comparators or controls", "text", 21, True),
            Field("designs", "Types of study", "text", 22, True),
            Field("context", "Context", "text", 23),
        ),
        method=True,
    ),
    Section(
        "search",
        "Searches",
        (
            Field("search_plan", "Searches: sources, dates, limits", "text", 16, True),
            Field(
                "databases",
                "Databases and registers",
                "lines",
                None,
                False,
                "One per line.",
            ),
            Field("search_languages", "Language limits", "line"),
            Field("search_dates", "Date limits", "line"),
            Field("search_other", "Unpublished studies and other methods"),
            Field("search_strategy", "Full strategy of one database"),
            Field("search_url", "Address of the search strategies", "line", 17),
        ),
        method=True,
    ),
    Section(
        "methods",
        "Methods",
        (
            Field("selection", "Selection of studies", "text", 26),
            Field("extraction", "Data extraction", "text", 26),
            Field("rob_tool", "Risk-of-bias tool", "choice", None, False, "", ROB_TOOLS),
            Field("rob", "Risk-of-bias assessment", "text", 27, True),
            Field("synthesis", "Strategy for data synthesis", "text", 28, True),
            Field("subgroups", "Subgroups or subsets", "text", 29, True),
            Field("sensitivity", "Sensitivity analyses"),
            Field("reporting_bias", "Reporting bias"),
            Field("certainty", "Certainty of the evidence"),
        ),
        method=True,
    ),
    Section(
        "people",
        "People and dates",
        (
            Field("start", "Start date", "date", 3, True),
            Field("end", "Expected end date", "date", 4, True),
            Field(
                "stage",
                "Stage of the review at submission",
                "text",
                5,
                True,
                "Which steps were started or completed.",
            ),
            Field("contact_name", "Named contact", "line", 6, True),
            Field("contact_email", "Contact’s e-mail address", "email", 7, True),
            Field("contact_address", "Contact’s address and phone", "text", 8),
            Field("affiliation", "Organisation of the review", "line", 10, True),
            Field(
                "team",
                "Team members and affiliations",
                "lines",
                11,
                False,
                "One per line.",
            ),
            Field("funding", "Funding sources", "text", 12, True),
            Field("conflicts", "Conflicts of interest", "text", 13, True),
            Field("collaborators", "Collaborators", "lines", 14, False, "One per line."),
        ),
    ),
    Section(
        "other",
        "Other details",
        (
            Field("review_type", "Type of review, health area", "line", 30),
            Field("language", "Language of the review", "line", 31),
            Field("country", "Country", "line", 32),
            Field("registrations", "Other registrations", "text", 33),
            Field("protocol_reference", "Published protocol", "text", 34),
            Field("dissemination", "Dissemination plans", "text", 35),
            Field("keywords", "Keywords", "lines", 36, False, "One per line."),
            Field("prior_review", "Existing review by the same authors", "text", 37),
            Field("status", "Current status", "choice", 38, True, "", STATUSES),
            Field("notes", "Additional information", "text", 39),
            Field("publications", "Final report or publication", "text", 40),
        ),
    ),
)

BY_KEY: dict[str, Section] = {section.key: section for section in SECTIONS}


def elements(document: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The elements of the document's question framework, as (key, label)."""
    return FRAMEWORKS.get(str(document.get("framework") or "PICO"), FRAMEWORKS["PICO"])


def labels() -> dict[str, str]:
    """Every key of the document and its label."""
    result = {f.key: f.label for section in SECTIONS for f in section.fields}
    for framework in FRAMEWORKS.values():
        result |= {f"element_{key}": label for key, label in framework}
    return result
