"""The body of evidence behind one pooled result, and what it suggests for each domain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from reviewtool.certainty.rules.absolute import AbsoluteEffect, absolute_effect
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
from reviewtool.stats.measures import Measure
from reviewtool.synthesis.rules.pooling import with_article
from reviewtool.synthesis.rules.selection import LeftOut
from reviewtool.words import capital, thousands

LOW_RISK = 0.10  # below it an odds ratio is read as a risk ratio


@dataclass(frozen=True)
class StudyEvidence:
    """One study: its intervals on the analysis scale, weight in percent, agreed judgement.

    A study with several treatments in the analysis has an interval for each. participants,
    events: None where it does not say how many there were.
    """

    study_id: int
    label: str
    intervals: tuple[tuple[float, float], ...] = ()
    weight: float | None = None
    judgement: str = ""
    participants: float | None = None
    events: float | None = None
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

    level: of the intervals, in per cent. size: what the scale needs to be read back, if
    anything. left_out: studies with this comparison whose numbers could not be used.
    sd: standard deviation pooled over groups, for mean differences.
    unchanged_without_high: whether direction and exclusion of no effect stay the same
        when studies at high risk of bias are left out; None when that was not run.
    is_map: a brain map, which has clusters and no effect.
    """

    measure: Measure
    level: float = 95.0
    size: float | None = None
    studies: list[StudyEvidence] = field(default_factory=list)
    pooled: Pooled | None = None
    left_out: tuple[LeftOut, ...] = ()
    minimal_important_difference: float | None = None
    sd: float | None = None
    unchanged_without_high: bool | None = None
    is_map: bool = False

    @property
    def participants(self) -> int:
        """People in the studies that say how many they had."""
        return round(sum(study.participants or 0 for study in self.studies))

    @property
    def uncounted(self) -> int:
        """How many studies do not say how many people they had."""
        return sum(study.participants is None for study in self.studies)

    @property
    def events(self) -> int | None:
        """Events in the studies that count them; None where none does."""
        known = [study.events for study in self.studies if study.events is not None]
        return round(sum(known)) if known else None

    @property
    def people_of_all(self) -> int | None:
        """People where every study says how many it had: what sizes are judged by."""
        return self.participants if self.studies and not self.uncounted else None

    @property
    def events_of_all(self) -> int | None:
        """Events where every study counts them."""
        return None if any(study.events is None for study in self.studies) else self.events

    @property
    def natural(self) -> tuple[float, float, float] | None:
        """Estimate and limits on the scale people read."""
        if self.pooled is None:
            return None
        estimate, low, high = (
            self._back(x) for x in (self.pooled.estimate, self.pooled.ci_low, self.pooled.ci_high)
        )
        return estimate, low, high

    @property
    def pi_natural(self) -> tuple[float, float] | None:
        """The prediction interval on the scale people read."""
        if self.pooled is None or self.pooled.pi_low is None or self.pooled.pi_high is None:
            return None
        return self._back(self.pooled.pi_low), self._back(self.pooled.pi_high)

    def _back(self, value: float) -> float:
        return float(self.measure.scale.back(value, self.size))

    @property
    def has_absolute(self) -> bool:
        """Whether an assumed risk gives an absolute effect."""
        return self.measure.absolute is not None

    @property
    def is_single_group(self) -> bool:
        """Whether nothing is compared: a proportion, a rate, a mean."""
        return self.measure.null is None

    @property
    def is_difference(self) -> bool:
        """Whether the effect is itself a difference, so there is no relative effect."""
        return not self.measure.is_ratio and not self.is_single_group

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
        return absolute_effect(self.measure.name, 1000 * assumed_risk, *self.natural)


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
    weights = [(s.weight if pooled else s.participants) or 0.0 for s in evidence.studies]
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
        return NoSuggestion("There is no pooled effect to judge.")
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
        None if evidence.is_single_group else 0.0,
        explained_by_subgroups=details.explained_by_subgroups,
    )


def _imprecision(evidence: Evidence, details: Details, assumed_risk: float | None) -> Found:
    natural = evidence.natural
    if natural is None:
        return NoSuggestion("There is no pooled effect to judge.")
    effect = evidence.absolute(assumed_risk)
    people = evidence.people_of_all
    if effect is not None and details.thresholds:
        return suggest_imprecision(
            effect.diff_low,
            effect.diff_high,
            details.thresholds,
            (evidence.measure.name, *natural) if evidence.measure.is_ratio else None,
            people,
            _information_size(details, assumed_risk),
        )
    if evidence.measure.is_ratio:
        return suggest_imprecision_relative(
            natural[1],
            natural[2],
            evidence.events_of_all,
            people if evidence.events is None else None,
        )
    if evidence.has_absolute:
        return NoSuggestion("Give an assumed risk and thresholds, or judge by the interval.")
    return _imprecision_in_units(evidence, details, natural)


def _imprecision_in_units(
    evidence: Evidence, details: Details, natural: tuple[float, float, float]
) -> Found:
    """For effects that are no ratio: thresholds in their unit, shares per 1,000."""
    mid = evidence.minimal_important_difference if evidence.measure.in_units else None
    thresholds = details.thresholds
    if not thresholds and mid and not evidence.is_single_group:
        thresholds = [-abs(mid), abs(mid)]
    people = evidence.people_of_all
    if not thresholds:
        if evidence.is_single_group or evidence.measure.data.kind != "continuous":
            return NoSuggestion("Give thresholds, or judge by the interval.")
        return suggest_imprecision_relative(people_total=people)
    per = 1000 if evidence.measure.percent else 1
    crossed = suggest_imprecision(per * natural[1], per * natural[2], thresholds, None, None, None)
    if crossed.steps or not (evidence.sd and mid and people):
        return crossed
    size = ois_continuous(evidence.sd, mid).total
    if people >= size:
        return crossed
    steps = 2 if people < size / 2 else 1
    return Suggestion(
        steps,
        f"No threshold is crossed, but {thousands(people)} people are fewer than "
        f"{'half of ' if steps == 2 else ''}the optimal information size of {thousands(size)}.",
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
    of, rule = evidence.measure, evidence.measure.absolute
    if evidence.natural is None or not of.is_ratio or rule is None:
        return NoSuggestion(
            "Only a risk ratio, or an odds or hazard ratio that can be read as one, is judged."
        )
    values = evidence.natural
    if of.name != "RR":
        if assumed_risk is None:
            return NoSuggestion(
                f"{capital(with_article(of.heading))} is converted to a risk ratio with an assumed "
                "risk."
            )
        if assumed_risk >= LOW_RISK:
            risk = assumed_risk
            estimate, low, high = (rule(risk, value) / risk for value in values)
            values = estimate, low, high
    concerns = any(taken.get(key) for key in ("risk_of_bias", "imprecision", "publication_bias"))
    return suggest_large_effect(*values, other_concerns=concerns)
