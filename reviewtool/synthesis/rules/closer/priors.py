"""Priors of the between-study standard deviation: what may be chosen, what is proposed.

An empirical prior is there for odds ratios and standardised mean differences. Elsewhere a
half-normal prior stands that calls a standard deviation of half a unit likely: a unit is 1 on
scales of logs and standardised differences, and one standard deviation of the outcome between
people on its own scale.

Sources: Turner 2015, Stat Med 34:984; Rhodes 2015, J Clin Epidemiol 68:52; Röver 2021, Res
Synth Methods 12:448.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10, sqrt
from statistics import median

from reviewtool.errors import Invalid
from reviewtool.stats.bayes import (
    Prior,
    half_cauchy,
    half_normal,
    log_normal,
    rhodes_2015,
    turner_2015,
    uniform,
)
from reviewtool.stats.bayes.empirical import (
    AREAS,
    BINARY_OUTCOMES,
    COMPARISONS_2012,
    COMPARISONS_2015,
    CONTINUOUS_OUTCOMES,
)
from reviewtool.stats.measures import Measure
from reviewtool.synthesis.results import StudyEffect

KINDS = {
    "half-normal": "Half-normal",
    "half-cauchy": "Half-Cauchy",
    "uniform": "Uniform from 0",
    "log-normal": "Log-normal for τ²",
    "turner-2015": "Empirical, odds ratios (Turner 2015)",
    "rhodes-2015": "Empirical, standardised mean differences (Rhodes 2015)",
}
ANY = "any"
STANDARDISED = ("SMD", "SMDH", "SMD1", "SMD1H")
# A word in an outcome's name -> types of outcome in the two tables.
WORDS = {
    "mortality": ("all-cause mortality", ANY),
    "death": ("all-cause mortality", ANY),
    "withdraw": ("withdrawals or drop-outs", ANY),
    "drop-out": ("withdrawals or drop-outs", ANY),
    "dropout": ("withdrawals or drop-outs", ANY),
    "pain": ("pain", "general physical health, adverse events, pain, quality of life"),
    "quality of life": (
        "quality of life or functioning",
        "general physical health, adverse events, pain, quality of life",
    ),
    "depress": ("mental health", "mental health"),
    "anxi": ("mental health", "mental health"),
    "infection": (
        "infection or onset of new disease",
        "signs or symptoms, infection, onset of disease",
    ),
}
HARM = ("adverse events", "general physical health, adverse events, pain, quality of life")


@dataclass(frozen=True)
class PriorChoice:
    """A prior as an address names it; what its kind does not need is not looked at.

    scale: of half-normal and half-Cauchy, the upper end of uniform. mean, sd: of log τ².
    """

    kind: str
    scale: float | None = None
    outcome: str = ANY
    comparison: str = ""
    area: str = "other"
    mean: float | None = None
    sd: float | None = None

    def prior(self) -> Prior:
        """The engine's prior. Raises Invalid for what is missing, StatsError for no such type."""
        if self.kind == "turner-2015":
            return turner_2015(self.outcome, self.comparison or COMPARISONS_2015[0])
        if self.kind == "rhodes-2015":
            return rhodes_2015(self.outcome, self.comparison or COMPARISONS_2012[0], self.area)
        if self.kind == "log-normal":
            if self.mean is None or self.sd is None:
                raise Invalid("A log-normal prior needs the mean and the SD of log τ². Write both.")
            return log_normal(self.mean, self.sd)
        if self.scale is None:
            raise Invalid(f"A {self.kind} prior needs a scale. Write one, for example 0.5.")
        if self.kind == "uniform":
            return uniform(self.scale)
        return half_cauchy(self.scale) if self.kind == "half-cauchy" else half_normal(self.scale)

    @property
    def outcomes(self) -> list[str]:
        """Types of outcome that its table has."""
        table = BINARY_OUTCOMES if self.kind == "turner-2015" else CONTINUOUS_OUTCOMES
        return sorted(table)


OUTCOMES = {"turner-2015": sorted(BINARY_OUTCOMES), "rhodes-2015": sorted(CONTINUOUS_OUTCOMES)}
COMPARISONS = {"turner-2015": COMPARISONS_2015, "rhodes-2015": COMPARISONS_2012}
AREA_NAMES = tuple(AREAS)


def proposed(
    of: Measure, name: str, *, harm: bool, studies: Sequence[StudyEffect]
) -> tuple[PriorChoice, str]:
    """The prior for an outcome, and why it is proposed.

    name: the outcome's. harm: it is an adverse event.
    """
    empirical = empirical_for(of, name, harm=harm)
    if empirical is not None:
        kind = f"“{empirical.outcome}”" if empirical.outcome != ANY else "any outcome"
        return empirical, (
            f"Published for {'odds ratios' if of.name == 'OR' else 'standardised differences'} "
            f"by kind of outcome, here {kind}. Check the kind of outcome and of comparison."
        )
    size, words = unit(of, studies)
    return PriorChoice("half-normal", tidy(size / 2)), (
        f"No empirical prior is published for this measure. The scale is half of {words}."
    )


def empirical_for(of: Measure, name: str, *, harm: bool) -> PriorChoice | None:
    """The published prior of an outcome; None where none fits its measure."""
    if of.name != "OR" and of.name not in STANDARDISED:
        return None
    place, kind = (0, "turner-2015") if of.name == "OR" else (1, "rhodes-2015")
    found = next((types for word, types in WORDS.items() if word in name.casefold()), None)
    types = HARM if found is None and harm else found
    comparison = COMPARISONS[kind][0]
    return PriorChoice(kind, outcome=types[place] if types else ANY, comparison=comparison)


def tidy(value: float) -> float:
    """A scale in two digits, as people state it. value > 0.

    >>> tidy(0.5), tidy(10.198), tidy(0.07251)
    (0.5, 10.0, 0.073)
    """
    return round(value, 1 - floor(log10(value)))


def unit(of: Measure, studies: Sequence[StudyEffect]) -> tuple[float, str]:
    """What counts as one unit of an effect, and its name in a sentence.

    On the outcome's own scale the median of the studies' standard deviations between people;
    where no group gives one, the median of the standard errors, which says less.
    """
    if of.is_ratio or of.name in STANDARDISED or not of.in_units:
        return 1.0, "one unit of the analysis scale"
    spreads = [
        sqrt(sum(sd * sd for sd in own) / len(own))
        for one in studies
        if (own := [g.sd for g in (one.group1, one.group2) if g.sd])
    ]
    if spreads:
        return median(spreads), "the median standard deviation between people"
    errors = [one.se for one in studies if one.se]
    return (median(errors) if errors else 1.0), (
        "the studies’ median standard error, because no group gives a standard deviation. "
        "Choose a scale that you can give a reason for"
    )
