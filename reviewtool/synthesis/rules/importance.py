"""Whether a pooled effect reaches the minimal important difference of its outcome."""

from dataclasses import dataclass
from enum import Enum

from reviewtool.stats.measures import Measure
from reviewtool.words import num


class Reached(str, Enum):
    """What an interval says about a difference that people would notice."""

    YES = "reached"
    POSSIBLY = "possibly reached"
    NO = "not reached"
    HARM = "reached, as harm"


@dataclass(frozen=True)
class Importance:
    """How an effect stands to the minimal important difference, in the outcome's unit."""

    reached: Reached
    difference: float
    sentence: str


def importance(
    of: Measure,
    effect: tuple[float | None, float | None, float | None],
    difference: float | None,
    *,
    lower_is_better: bool,
    unit: str = "",
) -> Importance | None:
    """How estimate and limits stand to ``difference``; None where the two cannot be compared.

    effect: estimate, lower and upper limit in the outcome's unit. difference: the minimal
    important one, in the same unit; its sign does not matter, ``lower_is_better`` says
    which side is benefit. Reached: the whole interval is at least the difference. Not
    reached: the whole interval is smaller, in either direction. Possibly: it holds both.
    Source: Guyatt 2011, J Clin Epidemiol 64:1283 (the interval against a threshold of
    importance decides precision); Schünemann 2019, Cochrane Handbook, section 15.5.

    >>> from reviewtool.stats.measures import measure
    >>> importance(measure("MD"), (-2.3, -2.9, -1.7), 1.5, lower_is_better=True).reached.value
    'reached'
    """
    estimate, low, high = effect
    if not difference or not of.in_units or of.null is None:
        return None
    if estimate is None or low is None or high is None:
        return None
    size = abs(difference)
    benefit = -estimate if lower_is_better else estimate
    least, most = (-high, -low) if lower_is_better else (low, high)
    named = (
        f"the minimal important difference of {num(size, of.digits)}{f' {unit}' if unit else ''}"
    )
    if least >= size:
        return Importance(Reached.YES, size, f"The whole interval reaches {named}.")
    if most <= -size:
        return Importance(Reached.HARM, size, f"The whole interval reaches {named}, as harm.")
    if -size < least and most < size:
        return Importance(Reached.NO, size, f"The whole interval is smaller than {named}.")
    if benefit >= size:
        words = f"The estimate reaches {named}; the interval also holds smaller effects."
    elif benefit <= -size:
        words = f"The estimate reaches {named}, as harm; the interval also holds smaller effects."
    elif most >= size and least <= -size:
        words = f"The interval holds effects beyond {named} in both directions."
    elif most >= size:
        words = (
            f"The estimate is smaller than {named}; the interval also holds effects that reach it."
        )
    else:
        words = f"The estimate is smaller than {named}; the interval also holds harm of that size."
    return Importance(Reached.POSSIBLY, size, words)
