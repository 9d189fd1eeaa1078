"""The protocols of the demonstration reviews, as their sources describe them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session

from reviewtool.extraction.services import fields
from reviewtool.protocol import services
from reviewtool.protocol.models import Criterion, PlannedAnalysis, PlannedComparison, PlannedOutcome
from reviewtool.team.models import Member

DRUGS = (
    "almotriptan",
    "eletriptan",
    "frovatriptan",
    "naratriptan",
    "rizatriptan",
    "sumatriptan",
    "zolmitriptan",
)
ANTIDEPRESSANTS = (
    "amitriptyline",
    "citalopram",
    "duloxetine",
    "fluoxetine",
    "milnacipran",
    "moclobemide",
    "nortiptyline",
    "paroxetine",
    "pirlindole",
)


@dataclass(frozen=True)
class Plan:
    """Everything a demonstration's protocol says."""

    sections: dict[str, dict[str, str]]
    criteria: list[dict[str, Any]]
    outcomes: dict[str, dict[str, Any]]
    comparisons: dict[str, dict[str, Any]]
    analyses: list[dict[str, Any]]
    fields: list[tuple[str, str, str]] = field(default_factory=list)


PEOPLE = {
    "start": "2026-01-05",
    "end": "2026-01-31",
    "stage": "A demonstration: all stages completed from published data.",
    "contact_name": "Demonstration",
    "contact_email": "demonstration@example.org",
    "affiliation": "None",
    "funding": "None",
    "conflicts": "None",
}

TRIPTANS = Plan(
    sections={
        "question": {
            "title": "Triptans for acute migraine in adults",
            "condition": "Acute migraine attack, with or without aura.",
            "question": "How much more often than placebo does each oral triptan make an attack "
            "headache-free after two hours?",
            "framework": "PICO",
            "element_population": "Adults with an acute migraine attack",
            "element_intervention": "One of seven triptans",
            "element_comparator": "Placebo",
            "element_outcomes": "Headache-free at 2 hours",
        },
        "eligibility": {
            "population": "Adults with migraine as defined by the International Headache Society.",
            "intervention": "A triptan, any dose, for one attack.",
            "comparator": "Placebo or another triptan.",
            "designs": "Randomised trials.",
        },
        "search": {
            "search_plan": "Citations of the drug-class review labelled by Cohen 2006; the "
            "included trials of Thorlund 2014.",
            "databases": "MEDLINE",
        },
        "methods": {
            "rob_tool": "RoB 2",
            "rob": "RoB 2, effect of assignment, for three trials as an illustration.",
            "synthesis": "Random-effects meta-analysis of odds ratios, REML with Hartung-Knapp; "
            "a network of all triptans and placebo.",
            "subgroups": "By drug.",
        },
        "people": PEOPLE,
        "other": {"status": "completed but not published"},
    },
    criteria=[
        {"include": True, "aspect": "Population", "text": "Adults with an acute migraine attack"},
        {
            "include": True,
            "aspect": "Intervention",
            "text": "A triptan against placebo or another triptan",
        },
        {"include": True, "aspect": "Design", "text": "Randomised trial"},
        {"include": False, "aspect": "Purpose", "text": "Prevention of migraine"},
        {
            "include": False,
            "aspect": "Report",
            "text": "Review, economic model or letter without data",
        },
    ],
    outcomes={
        "free": {
            "name": "Headache-free at 2 hours",
            "kind": "dichotomous",
            "role": "primary",
            "measure": "OR",
            "lower_is_better": False,
            "definition": "No headache two hours after the first dose.",
        }
    },
    comparisons={
        "class": {
            "name": "Any triptan versus placebo",
            "experimental": list(DRUGS),
            "comparator": ["placebo"],
        },
        **{
            drug: {
                "name": f"{drug.capitalize()} versus placebo",
                "experimental": [drug],
                "comparator": ["placebo"],
            }
            for drug in DRUGS
        },
    },
    analyses=[
        {
            "outcome": "free",
            "comparison": "class",
            "measure": "OR",
            "subgroup": "treatment",
            "sensitivity": ["common", "leave_one_out"],
        },
        *({"outcome": "free", "comparison": drug, "measure": "OR"} for drug in DRUGS),
        {"outcome": "free", "comparison": "class", "measure": "OR", "kind": "network"},
    ],
    fields=[],
)

_FIBROMYALGIA_OUTCOMES = (
    ("pain", "Pain", "primary"),
    ("fatigue", "Fatigue", "secondary"),
    ("sleep", "Sleep disturbance", "secondary"),
    ("mood", "Depressed mood", "secondary"),
    ("qol", "Health-related quality of life", "secondary"),
)

FIBROMYALGIA = Plan(
    sections={
        "question": {
            "title": "Antidepressants for fibromyalgia",
            "condition": "Fibromyalgia syndrome.",
            "question": "Do antidepressants relieve pain, fatigue, disturbed sleep and depressed "
            "mood in fibromyalgia?",
            "framework": "PICO",
            "element_population": "People with fibromyalgia",
            "element_intervention": "Antidepressants",
            "element_comparator": "Placebo",
            "element_outcomes": "Pain, fatigue, sleep, mood, quality of life",
        },
        "eligibility": {
            "population": "People with fibromyalgia by accepted criteria.",
            "intervention": "Any antidepressant.",
            "comparator": "Placebo.",
            "designs": "Randomised trials.",
        },
        "search": {"search_plan": "The included trials of Häuser 2009."},
        "methods": {
            "rob": "Not assessed in this demonstration.",
            "synthesis": "Random-effects meta-analysis of standardised mean differences, REML with "
            "Hartung-Knapp.",
            "subgroups": "Pain by drug.",
        },
        "people": PEOPLE,
        "other": {"status": "completed but not published"},
    },
    criteria=[
        {"include": True, "aspect": "Population", "text": "Fibromyalgia"},
        {"include": True, "aspect": "Intervention", "text": "Antidepressant against placebo"},
        {"include": True, "aspect": "Design", "text": "Randomised trial"},
    ],
    outcomes={
        key: {
            "name": name,
            "kind": "continuous",
            "role": role,
            "measure": "SMD",
            "lower_is_better": True,
            "definition": "As scaled by the source: lower is better.",
            "belongs_to": "" if key == "qol" else "Core symptoms",
        }
        for key, name, role in _FIBROMYALGIA_OUTCOMES
    },
    comparisons={
        "all": {
            "name": "Antidepressants versus placebo",
            "experimental": list(ANTIDEPRESSANTS),
            "comparator": ["placebo"],
        }
    },
    analyses=[
        {
            "outcome": key,
            "comparison": "all",
            "measure": "SMD",
            "subgroup": "treatment" if key == "pain" else "",
            "sensitivity": ["common", "leave_one_out"] if key == "pain" else [],
        }
        for key, _, _ in _FIBROMYALGIA_OUTCOMES
    ],
    fields=[
        ("country", "Country", "text"),
        ("weeks", "Duration, weeks", "number"),
        ("percent_female", "Women, per cent", "number"),
        ("mean_age", "Mean age, years", "number"),
    ],
)


def _empty(model: type[Any]) -> Any:
    """A row that ``save_row`` fills; tables do not validate."""
    return model()


def write_plan(db: Session, owner: Member, plan: Plan) -> dict[str, int]:
    """Write and register the protocol; returns outcome key -> id."""
    for section, values in plan.sections.items():
        services.save_section(db, owner, section, dict(values))
    for position, values in enumerate(plan.criteria):
        services.save_row(
            db,
            owner,
            Criterion(review_id=owner.review_id, text=""),
            {**values, "position": position},
        )
    outcomes, comparisons = {}, {}
    for position, (key, values) in enumerate(plan.outcomes.items()):
        outcome = services.save_row(
            db, owner, _empty(PlannedOutcome), {**values, "position": position}
        )
        outcomes[key] = outcome.id
    for position, (key, values) in enumerate(plan.comparisons.items()):
        pair = services.save_row(
            db, owner, _empty(PlannedComparison), {**values, "position": position}
        )
        comparisons[key] = pair.id
    for position, values in enumerate(plan.analyses):
        chosen = {
            **values,
            "outcome_id": outcomes[values["outcome"]],
            "comparison_id": comparisons[values["comparison"]],
            "position": position,
        }
        chosen.pop("outcome")
        chosen.pop("comparison")
        services.save_row(db, owner, _empty(PlannedAnalysis), chosen)
    for key, label, kind in plan.fields:
        fields.add(db, owner, key=key, label=label, kind=kind)
    services.register(db, owner, "no registry, as a demonstration,", "", date(2026, 1, 10))
    return outcomes
