"""The same studies under other models, beside the main result.

Numbers are those of the engine: inverse variance, counts without corrections, and models
of several effects of one study.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field

from reviewtool.protocol.rules.fitting import RANDOM, TESTS
from reviewtool.stats.arrays import Vector
from reviewtool.stats.count_pooling import CountPooled, mantel_haenszel, peto
from reviewtool.stats.dependence import aggregate, correlated_covariance, multilevel, robust
from reviewtool.stats.dependence.model import DependentFit
from reviewtool.stats.errors import StatsError
from reviewtool.stats.measures import Data
from reviewtool.stats.pairwise import fit_mean
from reviewtool.stats.rare_events import MODELS as MIXED
from reviewtool.stats.rare_events import MixedModel, glmm
from reviewtool.synthesis.results import PairwiseResult, Part, Refit
from reviewtool.synthesis.rules.closer.beside import Beside
from reviewtool.synthesis.rules.closer.topic import TYPED, Choices, Finding, Studied, Topic
from reviewtool.synthesis.rules.pooling import columns_of

RHO = 0.5  # correlation of sampling errors within a study where nobody states one
MOST = 60  # studies of a mixed model that a page does not wait for too long
NODES = 25  # of its quadrature: settled to ten digits at a fifth of the time of a fine grid
BY_EFFECTS, BY_COUNTS, BY_STUDIES = "Inverse variance", "Counts", "Several effects of a study"
WALD, HARTUNG, AT_LEAST = TESTS["z"], TESTS["knha"], TESTS["adhoc"]
MIXED_WORDS = {
    "UM.FS": "Mixed model, fixed study effects",
    "CM.EL": "Mixed model, conditional, exact",
    None: "Mixed model",
}


class Tried(Part):
    """One model of the same studies.

    interval: how its limits were made. reason: why there is no effect. changes: what it would
    say otherwise than the main result.
    """

    group: str
    label: str
    interval: str = ""
    k: int = 0
    effect: Refit | None = None
    reason: str = ""
    main: bool = False
    changes: tuple[str, ...] = ()


class ModelChoices(Choices):
    """What the models of several effects of a study take for given."""

    rho: Annotated[float, TYPED] = Field(
        default=RHO,
        ge=0,
        lt=1,
        description="correlation of the sampling errors of effects of one study",
    )


class OtherModels(Finding):
    """All of them, the main result among them; ``rho`` is the correlation that was stated.

    several: some studies give several effects. effects: how many there are.
    """

    rows: tuple[Tried, ...]
    rho: float
    several: bool
    studies: int
    effects: int

    @property
    def otherwise(self) -> tuple[Tried, ...]:
        """The models that would say something else."""
        return tuple(one for one in self.rows if one.changes)

    @property
    def estimated(self) -> tuple[Tried, ...]:
        """The models beside the main result that give an effect."""
        return tuple(one for one in self.rows if one.effect is not None and not one.main)


ALONE = "A single effect is the same under every model."


def other_models(have: Studied, choices: ModelChoices) -> OtherModels:
    """Every model that the studies of the result can be pooled by."""
    result, beside = have.result, Beside(have.result, have.asked)
    several = result.study_count < len(result.studies)
    rows: list[Tried] = []
    if len(result.studies) > 1:
        rows = [*_by_effects(result), *_by_counts(result)]
        if several:
            rows += _by_studies(result, choices.rho)
    return OtherModels(
        **have.about,
        rows=tuple(
            one if one.main else one.model_copy(update={"changes": beside.changes(one.effect)})
            for one in rows
        ),
        rho=choices.rho,
        several=several,
        studies=result.study_count,
        effects=len(result.studies),
        missing={} if rows else {"rows": ALONE},
    )


class Numbers(NamedTuple):
    """Effects and variances, shape (k,), and what the studies are called."""

    y: Vector
    v: Vector
    labels: list[str]
    studies: list[str]

    @classmethod
    def of(cls, result: PairwiseResult) -> "Numbers":
        """Those that were pooled."""
        return cls(
            np.array([one.estimate for one in result.studies], dtype=float),
            np.array([one.se for one in result.studies], dtype=float) ** 2,
            [one.label for one in result.studies],
            [str(one.study_id) for one in result.studies],
        )


def _by_effects(result: PairwiseResult) -> Iterator[Tried]:
    """Common effect, and each estimator of tau2 with each interval."""
    at, level = Numbers.of(result), result.level
    own = (result.pooled.method, result.pooled.test)
    ways = [("EE", "z"), *((name, test) for name in RANDOM for test in ("z", "knha", "adhoc"))]
    if own not in ways and own[0] != "MH":
        last = max(i for i, way in enumerate(ways) if way[0] == own[0])
        ways.insert(last + 1, own)
    for method, test in ways:
        label = "Common effect" if method == "EE" else f"Random effects, {RANDOM[method]}"
        row = Tried(group=BY_EFFECTS, label=label, interval=TESTS[test], k=at.y.size)
        if (method, test) == own:
            yield row.model_copy(update={"effect": _refit(result.pooled), "main": True})
            continue
        try:
            fit = fit_mean(at.y, at.v, method, test, level)
        except StatsError as error:
            yield row.model_copy(update={"reason": error.message})
            continue
        found = _refit(fit)
        if method == "EE":
            found = found.model_copy(update={"tau2": None})
        yield row.model_copy(update={"effect": found})


def _refit(fit: Any) -> Refit:
    """What is shown of any of the engine's fits."""
    return Refit(**{name: getattr(fit, name, None) for name in Refit.model_fields})


def _by_counts(result: PairwiseResult) -> Iterator[Tried]:
    """Models of the counts themselves, for measures of counts."""
    of = result.effect_measure
    if of.data not in (Data.COUNTS, Data.RATES, Data.COUNT, Data.RATE):
        return
    reported = [one.label for one in result.studies if one.source == "reported"]
    columns: dict[str, Any] = columns_of(result.studies, of)
    at = Numbers.of(result)
    common = {"level": result.level, "labels": at.labels, "studies": at.studies, **columns}
    own = "z" if result.pooled.method == "MH" else ""
    for label, refusal, fit in _count_models(result, common):
        row = Tried(group=BY_COUNTS, label=label, interval=WALD, k=at.y.size)
        if reported and not refusal:
            refusal = f"{', '.join(reported)}: reported as an estimate, without counts."
        if own and label == "Mantel-Haenszel":
            yield row.model_copy(update={"effect": _refit(result.pooled), "main": True})
        elif refusal:
            yield row.model_copy(update={"reason": refusal, "interval": ""})
        else:
            yield _fitted(row, fit)


def _fitted(row: Tried, fit: Callable[[], CountPooled | MixedModel]) -> Tried:
    """A row with its effect, or with the reason why there is none."""
    try:
        found = fit()
    except StatsError as error:
        return row.model_copy(update={"reason": error.message, "interval": ""})
    used = found.k_used if isinstance(found, CountPooled) else found.k
    return row.model_copy(update={"effect": _refit(found), "k": used})


def _count_models(
    result: PairwiseResult, common: dict[str, Any]
) -> Iterator[tuple[str, str, Callable[[], CountPooled | MixedModel]]]:
    """(label, why it does not fit or "", the fit)."""
    of = result.effect_measure
    name, heading = of.name, of.heading.lower()
    if of.groups == 2:
        why = "" if "MH" in of.pools else f"The method does not pool the {heading}."
        yield "Mantel-Haenszel", why, lambda: mantel_haenszel(name, **common)
        why = "" if name in ("OR", "PETO") else f"The method gives odds ratios, not the {heading}."
        yield "Peto", why, lambda: peto(**common)
    models = MIXED.get(name, MIXED["OR"] if of.groups == 2 else (None,))
    for model in models:
        why = ""
        if name not in MIXED:
            why = f"The model is of {_mixed_measures(of.groups)}, not of the {heading}."
        elif len(result.studies) > MOST:
            why = f"With more than {MOST} studies a page would have to wait. Use the command line."
        yield MIXED_WORDS[model], why, _mixed(name, model, common)


def _mixed(name: str, model: str | None, common: dict[str, Any]) -> Callable[[], MixedModel]:
    return lambda: glmm(name, model=model, nodes=NODES, **common)


def _mixed_measures(groups: int) -> str:
    return "odds ratios and rate ratios" if groups == 2 else "logit proportions and log rates"


def _by_studies(result: PairwiseResult, rho: float) -> Iterator[Tried]:
    """Models that know which effects are of one study."""
    at, level = Numbers.of(result), result.level
    covariance = correlated_covariance(at.v, at.studies, rho)
    for label, sampling in (
        ("Multilevel, independent errors", None),
        ("Multilevel, correlated errors", covariance),
    ):
        row = Tried(group=BY_STUDIES, label=label, k=at.y.size)
        try:
            fit = multilevel(
                at.y, at.v, at.studies, covariance=sampling, level=level, labels=at.labels
            )
        except (StatsError, np.linalg.LinAlgError) as error:
            why = error.message if isinstance(error, StatsError) else SINGULAR
            yield row.model_copy(update={"reason": why})
            continue
        yield row.model_copy(update={"interval": WALD, "effect": _of_terms(fit, fit.terms[0])})
        yield _robust(row, fit)
    yield _aggregated(at, result, rho)


SINGULAR = "The effects of a study determine each other at this correlation. State a lower one."
ROBUST = "Robust, small sample (CR2)"


def _robust(row: Tried, fit: DependentFit) -> Tried:
    """The same model with cluster-robust limits."""
    try:
        found = robust(fit)
    except StatsError as error:
        return row.model_copy(update={"interval": ROBUST, "reason": error.message})
    return row.model_copy(update={"interval": ROBUST, "effect": _of_terms(fit, found.terms[0])})


def _of_terms(fit: DependentFit, term: Any) -> Refit:
    """The mean of a model with two variances: their sum stands as tau2."""
    return _refit(term).model_copy(update={"tau2": float(fit.components.sum()), "i2": fit.i2_total})


def _aggregated(at: Numbers, result: PairwiseResult, rho: float) -> Tried:
    """One effect per study first, then the main result's own model."""
    method, test = result.pooled.method, result.pooled.test
    if method == "MH":
        method, test = "EE", "z"
    row = Tried(group=BY_STUDIES, label="One effect per study first", interval=TESTS[test])
    try:
        one = aggregate(at.y, at.v, at.studies, rho, labels=at.labels)
        fit = fit_mean(one.y, one.v, method, test, result.level)
    except (StatsError, np.linalg.LinAlgError) as error:
        why = error.message if isinstance(error, StatsError) else SINGULAR
        return row.model_copy(update={"reason": why, "interval": ""})
    return row.model_copy(update={"effect": _refit(fit), "k": one.y.size})


TOPIC = Topic(
    key="models",
    label="Other models",
    told="The same studies under other models, beside the main result.",
    place=60,
    finding=OtherModels,
    finds=other_models,
    choices=ModelChoices,
    slow=True,
)
