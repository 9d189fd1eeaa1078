"""What would be the result if the p value decided whether a study is seen?"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from reviewtool.stats import small_studies as engine
from reviewtool.stats.errors import NotEstimable, StatsError, TooFewStudies
from reviewtool.stats.small_studies import Selection
from reviewtool.synthesis.results import Number, Part
from reviewtool.synthesis.rules.closer.small_studies import Adjusted, weighing
from reviewtool.synthesis.rules.closer.topic import Choices, Finding, Studied, Topic, Trying
from reviewtool.words import capital, plain

NAMES = {
    "stepfun": "Step function",
    "negexp": "Negative exponential",
    "beta": "Beta",
}


def _numbers(value: object) -> object:
    """ "0.025, 0.5" as numbers; a decimal comma is not told from a comma between two."""
    if not isinstance(value, list):
        value = [value]
    return [part for one in value for part in str(one).replace(",", " ").replace(";", " ").split()]


Step = Annotated[float, Field(gt=0, lt=1)]


class SelectionChoices(Choices):
    """Where the step function steps, and which direction is favoured."""

    steps: Annotated[list[Step], BeforeValidator(_numbers), Field(min_length=1, max_length=5)] = (
        Field(default=[0.025], description="one-sided p values between 0 and 1, up to five")
    )
    favours: Literal["auto", "greater", "less"] = Field(
        default="auto",
        description="which effects are more easily seen; auto: in the direction of the result",
    )


class Weighed(Part):
    """A model's weights: how much more easily some studies are seen than others.

    parameters: of the step function the chance of being seen in each interval of p, relative
    to the first; of the others the model's own. lrt: against no selection.
    """

    method: str
    p_from: tuple[float, ...] = ()
    parameters: tuple[Number, ...] = ()
    errors: tuple[Number, ...] = ()
    tau2: Number = None
    lrt: Number = None
    lrt_df: int
    lrt_p: Number = None


class SelectionFinding(Finding):
    """Selection models: the pooled effect in each, and how studies would be selected."""

    steps: tuple[float, ...]
    favours: Literal["greater", "less"]
    adjusted: tuple[Adjusted, ...] = ()
    weighed: tuple[Weighed, ...] = ()
    weighing: str = ""


def finds(have: Studied, choices: SelectionChoices) -> SelectionFinding:
    """Each of the engine's selection models, fitted by maximum likelihood."""
    trying = Trying()
    trying.of("models", lambda: _possible(have))
    estimate = have.result.pooled.estimate or 0.0
    auto: Literal["greater", "less"] = "less" if estimate < 0 else "greater"
    favours = auto if choices.favours == "auto" else choices.favours
    steps = tuple(sorted(set(choices.steps)))
    adjusted, weighed, warnings = [], [], []
    for kind, name in () if trying.missing else NAMES.items():
        try:
            found = _fit(have, kind, steps, favours)
        except StatsError as error:
            adjusted.append(Adjusted(method=f"{name} selection", told="", error=error.message))
            continue
        adjusted.append(_adjusted(name, found))
        weighed.append(_weighed(name, found))
        warnings += [f"{name}: {warning}" for warning in found.warnings]
    return SelectionFinding(
        **have.about,
        steps=steps,
        favours=favours,
        adjusted=tuple(adjusted),
        weighed=tuple(weighed),
        weighing=weighing(have, "the models have random effects."),
        warnings=tuple(warnings),
        missing=trying.missing,
    )


def _possible(have: Studied) -> None:
    """Raises NotEstimable, TooFewStudies where no model can be fitted."""
    if have.result.effect_measure.null is None:
        raise NotEstimable(
            what="A selection model",
            reason="this measure has no value that means no effect, so studies have no p value",
            remedy="It is for comparisons.",
        )
    if have.k < 3:
        raise TooFewStudies(needed=3, found=have.k)


def _fit(have: Studied, kind: str, steps: tuple[float, ...], favours: str) -> Selection:
    return engine.selection_model(
        have.y,
        have.v,
        kind,
        steps=steps,
        alternative=favours,
        level=have.settings.level,
        labels=have.labels,
    )


def _adjusted(name: str, found: Selection) -> Adjusted:
    steps = ", ".join(plain(step) for step in found.steps)
    how = f"steps at one-sided p {steps}" if steps else "weight by one-sided p"
    told = ". ".join([capital(how), *found.warnings]) if found.warnings else how
    return Adjusted.of(f"{name} selection", told, found)


def _weighed(name: str, found: Selection) -> Weighed:
    return Weighed(
        method=name,
        p_from=(0.0, *found.steps) if found.kind == "stepfun" else (),
        parameters=tuple(found.delta.tolist()),
        errors=tuple(found.se_delta.tolist()),
        tau2=found.tau2,
        lrt=found.lrt,
        lrt_df=found.lrt_df,
        lrt_p=found.lrt_p,
    )


TOPIC = Topic(
    key="selection",
    label="Selection models",
    told="The pooled effect if significant studies were more easily seen: step function, negative "
    "exponential, beta.",
    place=25,
    finding=SelectionFinding,
    finds=finds,
    choices=SelectionChoices,
    slow=True,
)
