"""What every result is made of: effects, tests, studies, and what each analysis says."""

from math import isfinite
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from reviewtool.stats.measures import Measure, measure
from reviewtool.synthesis.rules.selection import Group, LeftOut

VERSION: Final = 2


def finite(value: Any) -> Any:
    """A finite number, or None: JSON knows neither NaN nor infinity."""
    if value is None or isinstance(value, int):
        return value
    value = float(value)
    return value if isfinite(value) else None


Number = Annotated[float | None, BeforeValidator(finite)]


class Part(BaseModel):
    """Something a result holds: frozen, and nothing beside what is declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Effect(Part):
    """An effect with its limits."""

    estimate: Number = None
    se: Number = None
    ci_low: Number = None
    ci_high: Number = None


class Test(Part):
    """A test statistic: chi-square on ``df``, or F on ``df`` and ``df2``."""

    q: Number
    df: int
    df2: Number = None
    p: Number


class Refit(Effect):
    """A pooled effect with what its heterogeneity came to."""

    p: Number = None
    tau2: Number = None
    i2: Number = None


class Pooled(Refit):
    """The effect of several studies taken together.

    ``k`` effects of ``studies`` studies; ``weights`` follow their order. ``df`` is None
    for normal tests; ``pi_low`` and ``pi_high`` are the prediction interval of a
    random-effects model.
    """

    k: int
    studies: int = 0
    method: str
    test: str
    statistic: Number = None
    df: Number = None
    q: Number = None
    q_df: Number = None
    q_p: Number = None
    i2_q: Number = None
    h2: Number = None
    weights: tuple[float, ...] = ()
    pi_low: Number = None
    pi_high: Number = None
    tau2_low: Number = None
    tau2_high: Number = None


class StudyEffect(Effect):
    """One study (or one treatment of it) as it was pooled.

    ``source`` says whether its effect was computed from its arms or taken as reported;
    ``size`` is its people or person-time where the scale needs them to be read.
    """

    study_id: int
    label: str
    year: int | None = None
    treatment: str = ""
    comparator: str = ""
    subgroup: str = ""
    source: Literal["arms", "reported"] = "arms"
    group1: Group
    group2: Group
    weight: Number = None
    size: Number = None


class Result(Part):
    """What every analysis says. ``size`` is the harmonic mean of people or person-time of
    the studies, for scales that need one to be read (double arcsine)."""

    version: Literal[2] = VERSION
    measure: str
    level: float
    size: Number = None
    sentence: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def effect_measure(self) -> Measure:
        """Everything about the measure."""
        return measure(self.measure)

    @property
    def is_ratio(self) -> bool:
        """Whether effects are logs of ratios."""
        return self.effect_measure.is_ratio

    def natural(self, value: float | None, size: float | None = None) -> float | None:
        """A value of the analysis scale on the scale people read.

        size: of the study it belongs to, where the scale needs one; else the result's.
        """
        if value is None:
            return None
        return float(self.effect_measure.scale.back(value, size or self.size))

    def shown(self, effect: Effect) -> Effect:
        """An effect and its limits on the scale people read; the SE stays as it is."""
        size = effect.size if isinstance(effect, StudyEffect) else None
        return Effect(
            estimate=self.natural(effect.estimate, size),
            se=effect.se,
            ci_low=self.natural(effect.ci_low, size),
            ci_high=self.natural(effect.ci_high, size),
        )
