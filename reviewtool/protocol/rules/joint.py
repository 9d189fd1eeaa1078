"""How the time points of an outcome are analysed together: what is stated, what is fitted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reviewtool.protocol.rules.times import DAYS, days_of
from reviewtool.words import plain

OVER_TIME = "times"
PATTERNS = {
    "constant": "The same for all pairs of times",
    "decaying": "Falls with the time between (continuous autoregressive)",
}
STRUCTURES = {
    "auto": "Unstructured where the studies permit, else compound symmetry",
    "UN": "Unstructured",
    "CS": "Compound symmetry",
    "HCS": "Compound symmetry, a variance per time point",
    "AR": "Autoregressive",
    "HAR": "Autoregressive, a variance per time point",
}
UNITS = ("hour", "day", "week", "month", "year")
METHODS = ("REML", "ML")
SHOWN = (0.3, 0.5, 0.8)  # correlations of the sensitivity analysis


@dataclass(frozen=True)
class JointChoices:
    """The choices of a joint analysis over time.

    rho: stated correlation of two results of a study; with ``decaying`` of two that are one
    ``unit`` apart. structure: of the random effects.
    """

    rho: float = 0.5
    pattern: str = "constant"
    unit: str = "month"
    structure: str = "auto"

    @property
    def decaying(self) -> bool:
        """Whether the stated correlation falls with the time between."""
        return self.pattern == "decaying"

    @property
    def counts_time(self) -> bool:
        """Whether the length of the time between matters."""
        return self.decaying or self.structure in ("AR", "HAR")


USUAL = JointChoices()


def choices_of(stored: Mapping[str, Any] | None) -> JointChoices:
    """Choices as they are stored, with the usual ones for those left out.

    >>> choices_of({"rho": 0.8}).rho, choices_of(None).structure
    (0.8, 'auto')
    """
    return JointChoices(**{k: v for k, v in (stored or {}).items() if k in asdict(USUAL)})


def stored(choices: JointChoices) -> dict[str, Any]:
    """Choices as the plan keeps them."""
    return asdict(choices)


def check(stored: Mapping[str, Any] | None, timepoints: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(field, sentence) of every choice that cannot be.

    >>> [field for field, _ in check({"rho": 1.2}, ["1 month", "3 months"])]
    ['rho']
    >>> [field for field, _ in check({"pattern": "decaying"}, ["discharge", "3 months"])]
    ['pattern']
    """
    unknown = set(stored or {}) - set(asdict(USUAL))
    if unknown:
        names = ", ".join(sorted(unknown))
        yield (
            "joint",
            f"An analysis over time has no choice {names}. Choose from {', '.join(asdict(USUAL))}.",
        )
    one = choices_of(stored)
    if isinstance(one.rho, bool) or not isinstance(one.rho, int | float) or not 0 <= one.rho < 1:
        yield "rho", "The correlation of results of one study is a number from 0 to below 1."
    for field, value, known in (
        ("pattern", one.pattern, tuple(PATTERNS)),
        ("structure", one.structure, tuple(STRUCTURES)),
        ("unit", one.unit, UNITS),
    ):
        if value not in known:
            name = {"unit": "Unit of time"}.get(field, field.capitalize())
            yield field, f"{name} “{value}”: choose one of {', '.join(known)}."
    if len(timepoints) < 2:
        yield (
            "kind",
            "An analysis over time needs an outcome with two time points or more. Name them in "
            "the outcome first, or choose another kind of analysis.",
        )
    unknown_times = [time for time in timepoints if days_of(time) is None]
    if unknown_times and one.counts_time:
        field = "pattern" if one.decaying else "structure"
        yield (
            field,
            f"“{unknown_times[0]}” is no length of time, and this choice counts the time between "
            "results. Choose one that does not, or write the time point like 6 weeks.",
        )


def positions(timepoints: Sequence[str], choices: JointChoices) -> dict[str, float]:
    """Time point -> its time in the unit of the choices, or its place where one is no time.

    >>> positions(["1 month", "3 months"], USUAL)
    {'1 month': 1.0, '3 months': 3.0}
    >>> positions(["3 months", "discharge"], USUAL)
    {'3 months': 1.0, 'discharge': 2.0}
    """
    days = [days_of(time) for time in timepoints]
    if any(day is None for day in days) or len(set(days)) < len(days):
        return {time: float(i) for i, time in enumerate(timepoints, 1)}
    return {t: (day or 0.0) / DAYS[choices.unit] for t, day in zip(timepoints, days, strict=True)}


def stated(one: JointChoices) -> str:
    """The stated correlation, in a sentence's words.

    >>> stated(JointChoices(0.8, "decaying", "week"))
    'a correlation of 0.8 between results one week apart, falling with the time between'
    """
    rho = plain(one.rho)
    if one.decaying:
        return (
            f"a correlation of {rho} between results one {one.unit} apart, falling with the time "
            "between"
        )
    return f"a correlation of {rho} between any two results of a study"


def in_words(one: JointChoices) -> str:
    """How time points are analysed together, in a line.

    >>> in_words(USUAL)
    'time points together, correlation 0.5, unstructured where the studies permit'
    """
    apart = f" per {one.unit}" if one.decaying else ""
    words = STRUCTURES.get(one.structure, one.structure).split(", else")[0]
    return (
        f"time points together, correlation {plain(one.rho)}{apart}, {words[:1].lower()}{words[1:]}"
    )
