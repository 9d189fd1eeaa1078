"""Bayesian pooling with a prior by choice, and what other priors change."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from reviewtool.errors import Invalid, ReviewToolError
from reviewtool.stats.bayes import Prior
from reviewtool.stats.errors import StatsError
from reviewtool.stats.measures import Measure, measure
from reviewtool.synthesis.results import PairwiseResult
from reviewtool.synthesis.rules.closer import priors
from reviewtool.synthesis.rules.closer.beside import Beside
from reviewtool.synthesis.rules.closer.posterior import (
    Curve,
    Posterior,
    curve_of_mean,
    curve_of_tau,
    described,
    fit,
)
from reviewtool.synthesis.rules.closer.priors import PriorChoice
from reviewtool.synthesis.rules.closer.topic import TYPED, Choices, Finding, Studied, Topic
from reviewtool.synthesis.rules.pooling import with_article

PriorKind = Literal[
    "half-normal", "half-cauchy", "uniform", "log-normal", "turner-2015", "rhodes-2015"
]
PUBLISHED_FOR = {"turner-2015": "odds ratios", "rhodes-2015": "standardised mean differences"}


class BayesianChoices(Choices):
    """The prior of tau and of the mean effect, on the analysis scale (log for ratios)."""

    prior: PriorKind | None = Field(default=None, description="by default the proposed one")
    scale: Annotated[float | None, TYPED] = Field(
        default=None, gt=0, description="of half-normal and half-Cauchy; upper end of uniform"
    )
    outcome: str = Field(default="", description="type of outcome of an empirical prior")
    comparison: str = Field(default="", description="type of comparison of an empirical prior")
    area: str = Field(default="", description="field of medicine of an empirical prior")
    log_mean: Annotated[float | None, TYPED] = Field(
        default=None, description="of log tau², for log-normal"
    )
    log_sd: Annotated[float | None, TYPED] = Field(
        default=None, gt=0, description="of log tau², for log-normal"
    )
    mean: Annotated[float | None, TYPED] = Field(
        default=None, description="of a normal prior of the mean effect"
    )
    sd: Annotated[float | None, TYPED] = Field(
        default=None, gt=0, description="of that prior; without it the prior is flat"
    )


class BayesianFinding(Finding):
    """The posterior of the chosen prior, and of others beside it.

    kind, scale, outcome, comparison, area, log_mean, log_sd: the prior of tau that was used.
    mean, sd: of the normal prior of the mean effect; None where it is flat. proposed: whether
    it is the proposed one, and why that is proposed.
    """

    kind: PriorKind
    scale: float | None = None
    outcome: str = ""
    comparison: str = ""
    area: str = ""
    log_mean: float | None = None
    log_sd: float | None = None
    mean: float | None = None
    sd: float | None = None
    proposed: bool
    proposal: str
    why: str
    posterior: Posterior | None = None
    others: tuple[Posterior, ...] = ()
    of_mean: Curve | None = None
    of_tau: Curve | None = None
    sentence: str = ""

    @property
    def about(self) -> Measure:
        """What was pooled."""
        return measure(self.measure)

    @property
    def kinds(self) -> dict[str, str]:
        """Kinds of prior that fit the measure."""
        return {
            kind: words
            for kind, words in priors.KINDS.items()
            if kind not in PUBLISHED_FOR or kind == self.empirical
        }

    @property
    def empirical(self) -> str:
        """The kind of empirical prior that fits the measure, or ""."""
        found = priors.empirical_for(self.about, "", harm=False)
        return found.kind if found else ""

    @property
    def outcomes(self) -> list[str]:
        """Types of outcome with an empirical prior."""
        return priors.OUTCOMES.get(self.empirical, [])

    @property
    def comparisons(self) -> tuple[str, ...]:
        """Types of comparison with an empirical prior."""
        return priors.COMPARISONS.get(self.empirical, ())

    @property
    def areas(self) -> tuple[str, ...]:
        """Fields of medicine with an empirical prior."""
        return priors.AREA_NAMES if self.empirical == "rhodes-2015" else ()


def bayesian(have: Studied, choices: BayesianChoices) -> BayesianFinding:
    """The posterior under the prior that ``choices`` name, or the proposed one.

    Raises Invalid for a prior that lacks a number or is published for another measure.
    """
    result, asked = have.result, have.asked
    proposal, why = priors.proposed(
        result.effect_measure, asked.name, harm=asked.harm, studies=result.studies
    )
    choice = _choice(choices, proposal, result)
    prior, mean = choice.prior(), _of_mean(choices)
    beside = Beside(result, asked)
    about = have.about
    common = {
        "kind": choice.kind,
        "scale": choice.scale,
        "outcome": choice.outcome,
        "comparison": choice.comparison,
        "area": choice.area,
        "log_mean": choice.mean,
        "log_sd": choice.sd,
        "mean": mean[0] if mean else None,
        "sd": mean[1] if mean else None,
        "proposed": choices.prior is None,
        "proposal": proposal.prior().name,
        "why": why,
        "others": tuple(_others(have, beside, prior, proposal, mean)),
        **about,
    }
    try:
        found = fit(have, prior, mean)
    except StatsError as error:
        return BayesianFinding(**common, missing={"posterior": error.message})
    return BayesianFinding(
        **common,
        posterior=described(found, beside, chosen=True),
        of_mean=curve_of_mean(found),
        of_tau=curve_of_tau(found),
        sentence=found.sentence,
        warnings=found.warnings,
    )


def _choice(choices: BayesianChoices, proposal: PriorChoice, result: PairwiseResult) -> PriorChoice:
    """The chosen prior; what is left open of it is as proposed."""
    kind = choices.prior or proposal.kind
    fits = priors.empirical_for(result.effect_measure, "", harm=False)
    if kind in PUBLISHED_FOR and (fits is None or fits.kind != kind):
        raise Invalid(
            f"This prior is published for {PUBLISHED_FOR[kind]}, and the analysis pools "
            f"{with_article(result.effect_measure.heading)}. Choose another kind."
        )
    same = proposal if kind == proposal.kind else PriorChoice(kind)
    usual = proposal.scale if proposal.scale is not None else 0.5
    return PriorChoice(
        kind,
        scale=(choices.scale or same.scale or usual) if kind in SCALED else None,
        outcome=(choices.outcome or same.outcome) if kind in PUBLISHED_FOR else "",
        comparison=(choices.comparison or priors.COMPARISONS[kind][0])
        if kind in PUBLISHED_FOR
        else "",
        area=(choices.area or same.area) if kind == "rhodes-2015" else "",
        mean=choices.log_mean if kind == "log-normal" else None,
        sd=choices.log_sd if kind == "log-normal" else None,
    )


SCALED = ("half-normal", "half-cauchy", "uniform")


def _of_mean(choices: BayesianChoices) -> tuple[float, float] | None:
    """Mean and SD of the prior of the mean effect; None for a flat one."""
    if choices.sd is None:
        if choices.mean is not None:
            raise Invalid("A prior of the mean effect needs an SD. Write one, or leave both empty.")
        return None
    return choices.mean or 0.0, choices.sd


def _others(
    have: Studied,
    beside: Beside,
    chosen: Prior,
    proposal: PriorChoice,
    mean: tuple[float, float] | None,
) -> Iterator[Posterior]:
    """What the usual priors would say; the chosen one is not repeated."""
    of = beside.result.effect_measure
    size = priors.unit(of, beside.result.studies)[0]
    ways = [proposal]
    if proposal.kind in PUBLISHED_FOR and proposal.outcome != priors.ANY:
        ways.append(PriorChoice(proposal.kind, comparison=proposal.comparison))
    ways += [
        PriorChoice(kind, scale=priors.tidy(share * size))
        for kind, share in (
            ("half-normal", 0.5),
            ("half-normal", 1.0),
            ("half-cauchy", 0.5),
            ("uniform", 2.0),
        )
    ]
    seen = {chosen.name}
    for way in ways:
        prior = way.prior()
        if prior.name in seen:
            continue
        seen.add(prior.name)
        try:
            yield described(fit(have, prior, mean), beside)
        except ReviewToolError as error:
            yield Posterior(prior=prior.name, source=prior.source, reason=error.message)


TOPIC = Topic(
    key="bayesian",
    label="Bayesian",
    told="Bayesian pooling with the prior you choose, and what other priors change.",
    place=70,
    finding=BayesianFinding,
    finds=bayesian,
    choices=BayesianChoices,
)
