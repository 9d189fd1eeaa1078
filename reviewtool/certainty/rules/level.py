"""Certainty by rule: the starting level, minus and plus steps.

Source: GRADE guidelines 3 and 9 (J Clin Epidemiol 2011), ROBINS-I in GRADE (2019),
guidance 34 (2022) for three levels of imprecision.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from reviewtool.errors import Invalid


class Design(str, Enum):
    """What the body of evidence is made of; it sets the starting level."""

    RANDOMISED = "randomised"
    NONRANDOMISED = "nonrandomised"
    NONRANDOMISED_ROBINS_I = "nonrandomised_robins_i"

    @property
    def label(self) -> str:
        """The words for a choice on screen."""
        return {
            "randomised": "Randomised trials",
            "nonrandomised": "Non-randomised studies (not assessed with ROBINS-I)",
            "nonrandomised_robins_i": "Non-randomised studies assessed with ROBINS-I",
        }[self.value]


class Level(str, Enum):
    """How sure one can be of an effect."""

    HIGH = "High"
    MODERATE = "Moderate"
    LOW = "Low"
    VERY_LOW = "Very low"

    @property
    def points(self) -> int:
        """4 for High down to 1 for Very low."""
        return 4 - list(Level).index(self)

    @property
    def symbols(self) -> str:
        """The four circles of GRADE."""
        return "⊕" * self.points + "◯" * (4 - self.points)


@dataclass(frozen=True)
class Domain:
    """A reason to rate down or up: its words for 0, 1, 2, 3 steps."""

    key: str
    label: str
    words: tuple[str, ...]
    help: str
    up: bool = False

    def most(self, design: Design) -> int:
        """How many steps a design allows here."""
        steps = len(self.words) - 1
        if self.key == "risk_of_bias" and design is not Design.NONRANDOMISED_ROBINS_I:
            return min(steps, 2)
        return steps


_CONCERN = ("not serious", "serious", "very serious")

DOWN = (
    Domain(
        "risk_of_bias",
        "Risk of bias",
        (*_CONCERN, "extremely serious"),
        "How much of the evidence comes from studies at high risk of bias?",
    ),
    Domain(
        "inconsistency",
        "Inconsistency",
        _CONCERN,
        "Do the studies' results differ in a way that is not explained?",
    ),
    Domain(
        "indirectness",
        "Indirectness",
        _CONCERN,
        "Do people, interventions, comparators or outcomes differ from the question?",
    ),
    Domain(
        "imprecision",
        "Imprecision",
        (*_CONCERN, "extremely serious"),
        "Would the decision differ at the two ends of the interval?",
    ),
    Domain(
        "publication_bias",
        "Publication bias",
        ("undetected", "strongly suspected"),
        "Are results probably missing because of what they showed?",
    ),
)
UP = (
    Domain(
        "large_effect",
        "Large effect",
        ("no", "large", "very large"),
        "RR above 2 (or below 0.5) raises one level, above 5 (below 0.2) two.",
        up=True,
    ),
    Domain(
        "dose_response",
        "Dose-response",
        ("no", "present"),
        "Does more exposure go with more effect?",
        up=True,
    ),
    Domain(
        "opposing_confounding",
        "Opposing confounding",
        ("no", "would have lessened the effect"),
        "Would plausible confounding have worked against the effect that was seen?",
        up=True,
    ),
)
DOMAINS = {domain.key: domain for domain in (*DOWN, *UP)}


@dataclass(frozen=True)
class Certainty:
    """The level by rule. ``level`` is None when ``error`` names why there is none."""

    start: Level
    level: Level | None
    error: str | None = None
    warnings: list[str] = field(default_factory=list)


MESSAGES = {
    "upgrade_not_allowed_for_randomised": (
        "Evidence from randomised trials cannot be rated up. Set the upgrades back to none."
    ),
    "upgrade_with_downgrade_needs_justification": (
        "Evidence is mainly rated up when nothing was rated down. Say in the footnote why here."
    ),
}


def certainty(
    design: Design, downgrade: Mapping[str, int], upgrade: Mapping[str, int] | None = None
) -> Certainty:
    """The certainty of evidence after all steps, between Very low and High.

    downgrade, upgrade: domain -> steps taken, as positive numbers; absent is 0.
    Raises Invalid for an unknown domain or more steps than it allows.

    >>> certainty(Design.RANDOMISED, {"imprecision": 1}).level
    <Level.MODERATE: 'Moderate'>
    """
    up = upgrade or {}
    for steps, domains in ((downgrade, DOWN), (up, UP)):
        check_steps(design, steps, domains)
    start = Level.LOW if design is Design.NONRANDOMISED else Level.HIGH
    if design is Design.RANDOMISED and any(up.values()):
        return Certainty(start, None, "upgrade_not_allowed_for_randomised")
    warnings = []
    if any(up.values()) and any(downgrade.values()):
        warnings.append("upgrade_with_downgrade_needs_justification")
    points = start.points - sum(downgrade.values()) + sum(up.values())
    return Certainty(start, list(Level)[4 - min(4, max(1, points))], None, warnings)


def check_steps(design: Design, steps: Mapping[str, int], domains: tuple[Domain, ...]) -> None:
    """Raise Invalid when a domain is unknown or takes more steps than it has."""
    known = {domain.key: domain for domain in domains}
    for key, value in steps.items():
        if key not in known:
            raise Invalid(f"{key} is not a GRADE domain here. Choose {', '.join(known)}.")
        if not 0 <= value <= known[key].most(design):
            raise Invalid(
                f"{known[key].label} takes 0 to {known[key].most(design)} levels, not {value}."
            )
