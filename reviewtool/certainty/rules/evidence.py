"""The body of evidence behind one pooled result, and what it suggests for each domain."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from reviewtool.certainty.rules.absolute import (
    CORRESPONDING,
    AbsoluteEffect,
    absolute_effect,
)
from reviewtool.certainty.rules.details import Details
from reviewtool.certainty.rules.information import ois_continuous, ois_dichotomous
from reviewtool.certainty.rules.suggestions import (
    Suggestion,
    suggest_imprecision,
    suggest_imprecision_relative,
    suggest_inconsistency,
    suggest_large_effect,
    suggest_publication_bias,
    suggest_risk_of_bias,
)
from reviewtool.errors import Invalid

RATIOS = frozenset({"OR", "RR", "HR", "ROM"})
DIFFERENCES = frozenset({"MD", "SMD", "RD"})
LOW_RISK = 0.10  # below it an odds ratio is read as a risk ratio


@dataclass(frozen=True)
class StudyEvidence:
    """One study: its intervals on the analysis scale, weight in percent, agreed judgement.

    A study with several treatments in the analysis has an interval for each.
    """

    study_id: int
    label: str
    intervals: tuple[tuple[float, float], ...] = ()
    weight: float | None = None
    judgement: str = ""
    participants: float = 0.0
    comparator_events: float | None = None
    comparator_total: float | None = None

    @property
    def comparator_risk(self) -> float | None:
        """The share of the comparator group with the event."""
        if self.comparator_events is None or not self.comparator_total:
            return None
        return self.comparator_events / self.comparator_total


@dataclass(frozen=True)
class Pooled:
    """A pooled result on the analysis scale (log for ratios); ``i2`` in percent."""

    k: int
    estimate: float
    ci_low: float
    ci_high: float
    pi_low: float | None = None
    pi_high: float | None = None
    i2: float | None = None
    asymmetry_p: float | None = None
    small_studies_favour_intervention: bool | None = None


@dataclass(frozen=True)
class Evidence:
    """Everything a rating looks at.

    sd: standard deviation pooled over groups, for mean differences.
    unchanged_without_high: whether direction and exclusion of no effect stay the same
        when studies at high risk of bias are left out; None when that was not run.
    """

    measure: str
    studies: list[StudyEvidence] = field(default_factory=list)
    pooled: Pooled | None = None
    participants: int = 0
    events: int | None = None
    minimal_important_difference: float | None = None
    sd: float | None = None
    unchanged_without_high: bool | None = None

    @property
    def natural(self) -> tuple[float, float, float] | None:
        """Estimate and limits on the scale people read."""
        if self.pooled is None:
            return None
        values = (self.pooled.estimate, self.pooled.ci_low, self.pooled.ci_high)
        if self.measure in RATIOS:
            return math.exp(values[0]), math.exp(values[1]), math.exp(values[2])
        return values

    @property
    def pi_natural(self) -> tuple[float, float] | None:
        """The prediction interval on the scale people read."""
        if self.pooled is None or self.pooled.pi_low is None or self.pooled.pi_high is None:
            return None
        limits = (self.pooled.pi_low, self.pooled.pi_high)
        if self.measure in RATIOS:
            return math.exp(limits[0]), math.exp(limits[1])
        return limits

    @property
    def has_absolute(self) -> bool:
        """Whether an assumed risk gives an absolute effect."""
        return self.measure in CORRESPONDING

    @property
    def is_difference(self) -> bool:
        """Whether the pooled effect is itself a difference, so there is no relative effect."""
        return self.measure in DIFFERENCES

    @property
    def median_comparator_risk(self) -> float | None:
        """The default assumed risk: the median over the studies' comparator groups."""
        risks = [s.comparator_risk for s in self.studies if s.comparator_risk is not None]
        return median(risks) if risks else None

    @property
    def pooled_comparator_risk(self) -> float | None:
        """All comparator events over all comparator participants."""
        known = [s for s in self.studies if s.comparator_risk is not None]
        total = sum(s.comparator_total or 0 for s in known)
        return sum(s.comparator_events or 0 for s in known) / total if total else None

    def absolute(self, assumed_risk: float | None) -> AbsoluteEffect | None:
        """The absolute effect per 1,000, None without a risk or a measure for it."""
        if assumed_risk is None or not self.has_absolute or self.natural is None:
            return None
        return absolute_effect(self.measure, 1000 * assumed_risk, *self.natural)


@dataclass(frozen=True)
class NoSuggestion:
    """Why a domain has no suggestion, in a sentence."""

    because: str


Found = Suggestion | NoSuggestion


def suggestions(
    evidence: Evidence, details: Details, assumed_risk: float | None, taken: Mapping[str, int]
) -> dict[str, Found]:
    """A suggestion, or why there is none, for each domain that can have one.

    taken: steps already set, because a large effect raises nothing beside concerns.
    """
    return {
        "risk_of_bias": _risk_of_bias(evidence, details),
        "inconsistency": _inconsistency(evidence, details),
        "indirectness": NoSuggestion(
            "Compare the people, treatments and outcomes of the studies with the question."
        ),
        "imprecision": _imprecision(evidence, details, assumed_risk),
        "publication_bias": _publication_bias(evidence, details),
        "large_effect": _large_effect(evidence, assumed_risk, taken),
    }


def _risk_of_bias(evidence: Evidence, details: Details) -> Found:
    if not evidence.studies:
        return NoSuggestion("There is no study yet.")
    unjudged = [s.label for s in evidence.studies if not s.judgement]
    if unjudged:
        return NoSuggestion(
            f"{len(unjudged)} of {len(evidence.studies)} studies have no agreed judgement yet: "
            f"{', '.join(unjudged[:3])}{' and others' if len(unjudged) > 3 else ''}."
        )
    pooled = all(s.weight is not None for s in evidence.studies)
    weights = [(s.weight or 0.0) if pooled else s.participants for s in evidence.studies]
    if not sum(weights):
        return NoSuggestion("Neither weights nor numbers of participants are known.")
    return suggest_risk_of_bias(
        weights,
        [s.judgement for s in evidence.studies],
        evidence.unchanged_without_high
        if details.conclusion_unchanged_without_high is None
        else details.conclusion_unchanged_without_high,
    )


def _inconsistency(evidence: Evidence, details: Details) -> Found:
    pooled = evidence.pooled
    if pooled is None:
        return NoSuggestion("Nothing is pooled yet.")
    limits = [interval for study in evidence.studies for interval in study.intervals]
    overlap = not limits or max(low for low, _ in limits) <= min(high for _, high in limits)
    prediction = (
        (pooled.pi_low, pooled.pi_high)
        if pooled.pi_low is not None and pooled.pi_high is not None
        else None
    )
    return suggest_inconsistency(
        pooled.k,
        pooled.i2 or 0.0,
        overlap,
        (pooled.ci_low, pooled.ci_high),
        prediction,
        explained_by_subgroups=details.explained_by_subgroups,
    )


def _imprecision(evidence: Evidence, details: Details, assumed_risk: float | None) -> Found:
    natural = evidence.natural
    if natural is None:
        return NoSuggestion("Nothing is pooled yet.")
    effect = evidence.absolute(assumed_risk)
    if evidence.has_absolute:
        if details.thresholds and effect is not None:
            relative = (evidence.measure, *natural) if evidence.measure in RATIOS else None
            return suggest_imprecision(
                effect.diff_low,
                effect.diff_high,
                details.thresholds,
                relative,
                evidence.participants or None,
                _information_size(details, assumed_risk),
            )
        if evidence.measure in RATIOS:
            return suggest_imprecision_relative(natural[1], natural[2], evidence.events)
        return NoSuggestion("Give an assumed risk and thresholds, or judge by the interval.")
    return _imprecision_continuous(evidence, details, natural)


def _imprecision_continuous(
    evidence: Evidence, details: Details, natural: tuple[float, float, float]
) -> Found:
    mid = evidence.minimal_important_difference
    thresholds = details.thresholds or ([-abs(mid), abs(mid)] if mid else [])
    people = evidence.participants or None
    if not thresholds:
        return suggest_imprecision_relative(people_total=people)
    crossed = suggest_imprecision(natural[1], natural[2], thresholds, None, None, None)
    if crossed.steps or not (evidence.sd and mid and people):
        return crossed
    size = ois_continuous(evidence.sd, mid).total
    if people >= size:
        return crossed
    steps = 2 if people < size / 2 else 1
    return Suggestion(
        steps,
        f"No threshold is crossed, but {people} people are fewer than "
        f"{'half of ' if steps == 2 else ''}the optimal information size of {size}.",
        {"n_total": people, "ois": size},
    )


def _information_size(details: Details, assumed_risk: float | None) -> int | None:
    try:
        found = ois_dichotomous(assumed_risk or 0.0, details.relative_risk_reduction)
    except Invalid:
        return None
    return found.total


def _publication_bias(evidence: Evidence, details: Details) -> Found:
    pooled = evidence.pooled
    return suggest_publication_bias(
        pooled.k if pooled else len(evidence.studies),
        pooled.asymmetry_p if pooled else None,
        pooled.small_studies_favour_intervention if pooled else None,
        details.known_missing_results,
        details.only_small_sponsored_studies,
    )


def _large_effect(
    evidence: Evidence, assumed_risk: float | None, taken: Mapping[str, int]
) -> Found:
    if evidence.natural is None or evidence.measure not in {"RR", "OR"}:
        return NoSuggestion(
            "Only a risk ratio, or an odds ratio that can be read as one, is judged."
        )
    values = evidence.natural
    if evidence.measure == "OR":
        if assumed_risk is None:
            return NoSuggestion("An odds ratio is converted to a risk ratio with an assumed risk.")
        if assumed_risk >= LOW_RISK:
            p = assumed_risk
            values = (
                values[0] / (1 - p + p * values[0]),
                values[1] / (1 - p + p * values[1]),
                values[2] / (1 - p + p * values[2]),
            )
    concerns = any(taken.get(key) for key in ("risk_of_bias", "imprecision", "publication_bias"))
    return suggest_large_effect(*values, other_concerns=concerns)
