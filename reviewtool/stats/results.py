"""What the analyses return: frozen, with units, warnings and a methods sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

from reviewtool.stats.arrays import Vector
from reviewtool.words import at_level

ESTIMATOR_NAMES = {
    "EE": "inverse-variance common-effect model",
    "DL": "random-effects model with the DerSimonian-Laird estimator of tau²",
    "HE": "random-effects model with the Hedges estimator of tau²",
    "HS": "random-effects model with the Hunter-Schmidt estimator of tau²",
    "SJ": "random-effects model with the Sidik-Jonkman estimator of tau²",
    "ML": "random-effects model with the maximum-likelihood estimator of tau²",
    "REML": "random-effects model with the restricted maximum-likelihood estimator of tau²",
    "EB": "random-effects model with the empirical Bayes estimator of tau²",
    "PM": "random-effects model with the Paule-Mandel estimator of tau²",
    "MH": "Mantel-Haenszel method",
    "Peto": "Peto one-step method",
}
TEST_NAMES = {
    "auto": "Hartung-Knapp confidence intervals where there are more than two studies and "
    "heterogeneity, Wald-type ones elsewhere",
    "z": "Wald-type confidence intervals from the normal distribution",
    "t": "Wald-type confidence intervals from the t distribution",
    "knha": "Hartung-Knapp confidence intervals",
    "adhoc": "Hartung-Knapp confidence intervals, never narrower than the Wald-type ones",
}


class LeftOut(NamedTuple):
    """A study that was given and does not take part, and why in a few words."""

    study: str
    reason: str


def left_out_warning(left_out: Sequence[LeftOut]) -> tuple[str, ...]:
    """One sentence that names every study left out, with its reason; none for none.

    >>> left_out_warning([LeftOut("Ada 2001", "no events")])
    ('Left out: Ada 2001 (no events).',)
    """
    if not left_out:
        return ()
    return ("Left out: " + "; ".join(f"{name} ({why})" for name, why in left_out) + ".",)


def with_left_out(sentence: str, left_out: Sequence[LeftOut]) -> str:
    """A methods sentence, and after it who takes no part."""
    return " ".join((sentence, *left_out_warning(left_out)))


def count_of_studies(studies: int, effects: int) -> str:
    """How many studies, and how many comparisons where some give several.

    >>> count_of_studies(1, 1), count_of_studies(3, 3), count_of_studies(3, 4)
    ('1 study', '3 studies', '3 studies (4 comparisons)')
    """
    text = "1 study" if studies == 1 else f"{studies} studies"
    return text if studies == effects else f"{text} ({effects} comparisons)"


@dataclass(frozen=True, slots=True)
class Interval:
    """Lower and upper bound, in the units of what they bound; NaN when undefined."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tau2Interval:
    """Q-profile interval of tau2 (squared units of y) and what follows from it."""

    low: float
    high: float
    typical_variance: float
    empty: bool  # even tau2 = 0 leaves less scatter than expected; bounds are then 0

    @property
    def tau(self) -> Interval:
        """Interval of tau, in the units of y."""
        return Interval(sqrt(self.low), sqrt(self.high))

    @property
    def i2(self) -> Interval:
        """Interval of I2, per cent."""
        low, high = (100 * t / (t + self.typical_variance) for t in (self.low, self.high))
        return Interval(low, high)

    @property
    def h2(self) -> Interval:
        """Interval of H2."""
        low, high = (t / self.typical_variance + 1 for t in (self.low, self.high))
        return Interval(low, high)


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """A pooled effect on the analysis scale (log for ratios).

    Percentages (weights, i2, level) are 0..100. ``df`` is None for normal tests.
    ``k`` effects of ``studies`` studies. ``prediction`` is the interval for the true effect
    of a new study by the chosen distribution, the others stand beside it; None where there
    is none (a common effect, one study, no degrees of freedom).
    """

    k: int
    studies: int
    method: str
    test: str
    level: float
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    df: float | None
    p: float
    tau2: float
    se_tau2: float | None
    tau2_ci: Tau2Interval | None
    q: float
    q_df: int
    q_p: float
    i2: float
    i2_q: float
    i2_ci: Interval
    h2: float
    h_ci: Interval
    weights: Vector = field(repr=False)
    prediction: Interval | None
    prediction_z: Interval | None
    prediction_t_km1: Interval | None
    prediction_t_km2: Interval | None
    log_lik: float
    warnings: tuple[str, ...] = ()

    @property
    def tau(self) -> float:
        """Between-study standard deviation, in the units of the effect."""
        return sqrt(self.tau2)

    @property
    def sentence(self) -> str:
        """How the number was made, for a methods section."""
        if self.k == 1:
            return (
                "There is one study, so the result is its own effect, with a Wald-type "
                f"confidence interval from the normal distribution ({at_level(self.level)} level)."
            )
        verb = "combined" if self.studies == 1 else "pooled"
        text = (
            f"Effects of {count_of_studies(self.studies, self.k)} were {verb} with the "
            f"{ESTIMATOR_NAMES[self.method]}, with {TEST_NAMES[self.test]} "
            f"({at_level(self.level)} level)."
        )
        if self.tau2_ci is not None:
            text += " The interval for tau² was obtained with the Q-profile method."
        return text
