"""The protocol of the acupuncture demonstration: regions, time points and brain coordinates."""

from typing import Any

from reviewtool.demo.plan import PEOPLE, Plan

REGIONS = "Brain activity by region"
REGION_OUTCOMES = (
    ("acc", "Anterior cingulate cortex and insula"),
    ("s1", "Primary somatosensory cortex and thalamus"),
    ("dmn", "Default mode network"),
)
SHAM, USUAL = "sham or usual care", "usual care"


def _outcome(name: str, kind: str, measure: str, lower: bool, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "role": "primary",
        "measure": measure,
        "lower_is_better": lower,
        "definition": "",
        **more,
    }


ACUPUNCTURE = Plan(
    sections={
        "question": {
            "title": "Acupuncture for chronic pain",
            "condition": "Chronic pain: osteoarticular pain, migraine and other headache.",
            "question": "Does acupuncture change pain and the activity of brain regions that "
            "process it?",
            "framework": "PICO",
            "element_population": "Adults with chronic pain",
            "element_intervention": "Acupuncture",
            "element_comparator": "Sham acupuncture or usual care",
            "element_outcomes": "Activity of brain regions, pain, pain relief, adverse events",
        },
        "eligibility": {
            "population": "Adults with chronic pain; two further sets stand beside it, as said in "
            "the note of this review.",
            "intervention": "Acupuncture in any form.",
            "comparator": "Sham acupuncture or usual care.",
            "designs": "Randomised trials; for the brain map, imaging studies of pain.",
        },
        "search": {"search_plan": "The published sets named in the note of this review."},
        "methods": {
            "rob": "Not assessed in this demonstration.",
            "synthesis": "Random effects, REML; coordinates by activation likelihood estimation.",
            "subgroups": "By type of pain where trials give it.",
        },
        "people": PEOPLE,
        "other": {"status": "completed but not published"},
    },
    criteria=[
        {"include": True, "aspect": "Population", "text": "Chronic pain, or the sets named"},
        {"include": True, "aspect": "Intervention", "text": "Acupuncture, or a painful stimulus"},
        {"include": True, "aspect": "Design", "text": "Randomised trial or imaging study"},
    ],
    outcomes={
        **{
            key: _outcome(name, "continuous", "MD", False, belongs_to=REGIONS)
            for key, name in REGION_OUTCOMES
        },
        "vas": _outcome(
            "Pain, visual analogue scale",
            "continuous",
            "MD",
            True,
            unit="points of 10",
            minimal_important_difference=1.0,
            definition="A difference of 1 point of 10 is the least that matters (Dworkin 2008, "
            "J Pain 9:105).",
        ),
        "relief": _outcome("Pain relief", "dichotomous", "OR", False),
        "headache": _outcome(
            "Headache score",
            "continuous",
            "MD",
            True,
            unit="points",
            timepoints=["3 months", "12 months"],
            windows={"3 months": "2 to 4 months", "12 months": "9 to 15 months"},
        ),
        "migraine": _outcome("Free of migraine pain", "dichotomous", "RR", False),
        "nausea": _outcome("Nausea after surgery", "dichotomous", "RR", True, role="secondary"),
        "adverse": _outcome("Adverse events", "dichotomous", "RD", True, role="harm"),
        "withdrawn": _outcome(
            "Withdrawal because of adverse effects", "dichotomous", "RD", True, role="harm"
        ),
        "deaths": _outcome("Deaths", "dichotomous", "RD", True, role="harm"),
        "pain_map": {
            "name": "Brain regions active in pain",
            "kind": "coordinates",
            "role": "secondary",
            "measure": "",
            "modality": "functional",
            "direction": "increase",
            "definition": "Peaks of experiments with painful stimuli.",
        },
    },
    comparisons={
        "main": {
            "name": "Acupuncture versus sham or usual care",
            "experimental": ["acupuncture"],
            "comparator": [SHAM, USUAL],
        },
        "p6": {
            "name": "P6 stimulation versus sham",
            "experimental": ["P6 stimulation"],
            "comparator": ["sham stimulation"],
        },
        "ear": {
            "name": "Ear acupuncture versus sham points",
            "experimental": ["ear acupuncture"],
            "comparator": ["sham points"],
        },
        "stimulus": {
            "name": "Painful versus control stimulus",
            "experimental": ["painful stimulus"],
            "comparator": ["control stimulus"],
        },
    },
    analyses=[
        *({"outcome": key, "comparison": "main", "measure": "MD"} for key, _ in REGION_OUTCOMES),
        {"outcome": "vas", "comparison": "main", "measure": "MD"},
        {"outcome": "relief", "comparison": "main", "measure": "OR"},
        {"outcome": "headache", "comparison": "main", "measure": "MD", "timepoint": "3 months"},
        {"outcome": "headache", "comparison": "main", "measure": "MD", "timepoint": "12 months"},
        {"outcome": "migraine", "comparison": "ear", "measure": "RR"},
        {
            "outcome": "nausea",
            "comparison": "p6",
            "measure": "RR",
            "sensitivity": ["common", "leave_one_out"],
        },
        {"outcome": "adverse", "comparison": "main", "kind": "narrative", "measure": "RD"},
        {
            "outcome": "withdrawn",
            "comparison": "main",
            "measure": "RD",
            "method": "MH",
            "model": "common",
        },
        {
            "outcome": "pain_map",
            "comparison": "stimulus",
            "kind": "coordinates",
            "map": {"correction": "fdr"},
        },
    ],
)
