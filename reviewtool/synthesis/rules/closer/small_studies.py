"""Do small studies show larger effects, and what would the result be if some are missing?"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from reviewtool.stats import small_studies as engine
from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import StatsError, TooFewStudies
from reviewtool.stats.small_studies.every_test import COUNTS, RANK_TEST, SIZES, Performed
from reviewtool.synthesis.results import Effect, Number, Part
from reviewtool.synthesis.rules.closer.topic import (
    SEVERAL,
    Choices,
    Finding,
    Studied,
    Topic,
    Trying,
)
from reviewtool.synthesis.rules.pooling import columns_of

ENOUGH = 10  # studies; Cochrane Handbook 13.3.5.4
Level = Literal["90", "95", "99"]
LEVELS: tuple[Level, ...] = ("90", "95", "99")


class SmallStudiesChoices(Choices):
    """How the funnel is drawn, and how trim and fill counts."""

    centre: Literal["none", "pooled"] = Field(
        default="none", description="where the contours stand: no effect, or the pooled effect"
    )
    contours: Annotated[list[Level], SEVERAL] = Field(
        default=list(LEVELS), description="levels of the contours in per cent"
    )
    estimator: Literal["L0", "R0"] = Field(
        default="L0", description="how trim and fill counts missing studies"
    )
    side: Literal["auto", "left", "right"] = Field(
        default="auto", description="where studies are missing; by the slope of the funnel"
    )


class AsymmetryFound(Part):
    """A test of asymmetry; ``error`` says why it could not be done.

    advised: it is made for this measure. kind: of the statistic.
    """

    name: str
    told: str
    advised: bool
    kind: Literal["t", "z", "τ"] = "z"
    statistic: Number = None
    df: Number = None
    p: Number = None
    error: str = ""


class Adjusted(Effect):
    """What a method makes of the pooled effect; ``error`` says why it makes nothing of it."""

    method: str
    told: str
    p: Number = None
    error: str = ""

    @classmethod
    def of(cls, method: str, told: str, fit: Any) -> "Adjusted":
        """From the numbers of a fit."""
        numbers = {
            name: getattr(fit, name) for name in ("estimate", "se", "ci_low", "ci_high", "p")
        }
        return cls(method=method, told=told, **numbers)


class Filled(Part):
    """A study that trim and fill imputed."""

    estimate: float
    se: float


class TrimFillFound(Part):
    """How many studies were imputed, on which side; p0: of none missing (estimator R0)."""

    estimator: str
    side: str
    imputed: int
    se: Number = None
    p0: Number = None
    filled: tuple[Filled, ...] = ()
    sentence: str = ""


class SmallStudiesFinding(Finding):
    """Tests of asymmetry, and the pooled effect as methods against missing studies see it.

    few: fewer studies than a test of asymmetry needs. centre, contours: of the funnel.
    weighing: how the methods weigh where that is not as in the analysis, in a sentence.
    """

    k: int
    few: bool
    centre: float | None
    contours: tuple[int, ...]
    tests: tuple[AsymmetryFound, ...] = ()
    trim_fill: TrimFillFound | None = None
    adjusted: tuple[Adjusted, ...] = ()
    weighing: str = ""


def finds(have: Studied, choices: SmallStudiesChoices) -> SmallStudiesFinding:
    """Everything about small studies that takes no time; selection models are a topic apart."""
    trying = Trying()
    tests = trying.of("tests", lambda: _tests(have)) or ()
    filled = trying.of("trim_fill", lambda: _filled(have, choices))
    pooled = have.result.pooled.estimate
    null = have.result.effect_measure.null
    return SmallStudiesFinding(
        **have.about,
        k=have.k,
        few=have.k < ENOUGH,
        centre=pooled if choices.centre == "pooled" else (None if null is None else 0.0),
        contours=tuple(sorted({int(level) for level in choices.contours})),
        tests=tests,
        trim_fill=filled[0] if filled else None,
        adjusted=(*((filled[1],) if filled else ()), *_regressions(have)),
        weighing=weighing(have, "trim and fill takes one effect to be common to all."),
        missing=trying.missing,
    )


def weighing(have: Studied, model: str) -> str:
    """How studies are weighed where the analysis itself goes by counts; model: the rest of it."""
    if not have.settings.is_mantel_haenszel:
        return ""
    return (
        "These studies were pooled by the Mantel-Haenszel method. What follows weighs them by "
        f"inverse variance; {model}"
    )


def _enough(have: Studied) -> None:
    if have.k < 3:
        raise TooFewStudies(needed=3, found=have.k)


def columns(have: Studied) -> Mapping[str, Vector]:
    """Counts or sizes of the groups, where every effect was computed from them."""
    measure = have.result.effect_measure
    if measure.groups != 2 or any(one.source != "arms" for one in have.result.studies):
        return {}
    found = columns_of(have.rows, measure)
    return {name: found[name] for name in {*COUNTS, *SIZES} if name in found}


def _tests(have: Studied) -> tuple[AsymmetryFound, ...]:
    _enough(have)
    found = engine.asymmetry_tests(have.settings.measure, have.y, have.v, columns(have))
    return tuple(
        AsymmetryFound(
            name=one.test.name,
            told=one.test.told,
            advised=one.advised,
            kind=_kind(one),
            statistic=one.statistic,
            df=one.df,
            p=one.p,
            error=one.error,
        )
        for one in found
    )


def _kind(one: Performed) -> Literal["t", "z", "τ"]:
    if one.test.engine == RANK_TEST:
        return "τ"
    return "z" if one.df is None else "t"


def _filled(have: Studied, choices: SmallStudiesChoices) -> tuple[TrimFillFound, Adjusted]:
    _enough(have)
    method, test = have.settings.estimator
    found = engine.trimfill(
        have.y,
        have.v,
        method=method,
        estimator=choices.estimator,
        side=None if choices.side == "auto" else choices.side,
        test=test,
        level=have.settings.level,
        labels=have.labels,
    )
    filled = zip(found.filled_y.tolist(), np.sqrt(found.filled_v).tolist(), strict=True)
    return (
        TrimFillFound(
            estimator=found.estimator,
            side=found.side,
            imputed=found.k0,
            se=found.se_k0,
            p0=found.p_k0,
            filled=tuple(Filled(estimate=y, se=se) for y, se in filled),
            sentence=found.sentence,
        ),
        Adjusted.of(
            "Trim and fill",
            f"estimator {found.estimator}, {found.k0} imputed on the {found.side}",
            found.fit,
        ),
    )


def _regressions(have: Studied) -> list[Adjusted]:
    """PET-PEESE, and the limit of a meta-regression on the standard error."""
    level = have.settings.level

    def pet_peese() -> Adjusted:
        _enough(have)
        found = engine.pet_peese(have.y, have.v, level=level, labels=have.labels)
        line = found.pet if found.chosen == "PET" else found.peese
        what = "standard error" if found.chosen == "PET" else "variance"
        told = f"{found.chosen}: regression on the {what}, chosen by the test of PET’s intercept"
        return _limit("PET-PEESE", told, line)

    def limit() -> Adjusted:
        _enough(have)
        line = engine.regtest(have.y, have.v, model="rma", level=level, labels=have.labels)
        return _limit("Limit estimate", "random-effects regression on the standard error", line)

    return [attempted("PET-PEESE", pet_peese), attempted("Limit estimate", limit)]


def attempted(method: str, fit: Callable[[], Adjusted]) -> Adjusted:
    """What ``fit`` gives, or why it gives nothing."""
    try:
        return fit()
    except StatsError as error:
        return Adjusted(method=method, told="", error=error.message)


def _limit(method: str, told: str, line: engine.Asymmetry) -> Adjusted:
    """The effect that a regression reaches for a study without error."""
    return Adjusted(
        method=method,
        told=told,
        estimate=line.limit,
        se=line.se_limit,
        ci_low=line.limit_low,
        ci_high=line.limit_high,
        p=line.p_limit,
    )


TOPIC = Topic(
    key="small-studies",
    label="Small studies",
    told="Funnel plot with contours, tests of asymmetry, trim and fill, PET-PEESE, limit estimate.",
    place=20,
    finding=SmallStudiesFinding,
    finds=finds,
    choices=SmallStudiesChoices,
)
