"""How an analysis is set, what goes into it, and one effect out of its rows.

Everything is on the analysis scale (log for ratios); percentages run from 0 to 100.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal

import numpy as np

from reviewtool.errors import Invalid
from reviewtool.extraction.rules import cells
from reviewtool.protocol.rules.joint import JointChoices
from reviewtool.protocol.rules.maps import MapChoices
from reviewtool.protocol.rules.networks import NetworkChoices
from reviewtool.stats import guidance, pool
from reviewtool.stats.arrays import Vector
from reviewtool.stats.count_pooling import mantel_haenszel
from reviewtool.stats.measures import Data, Measure, effect_sizes, measure
from reviewtool.stats.results import Pooled as Fitted
from reviewtool.synthesis.results import Pooled, StudyEffect
from reviewtool.synthesis.rules.selection import ArmNumbers, Coordinates, LeftOut, Row

# What is extracted -> the number of a group that holds it.
PARTS = {"n": "total"}


def places(chosen: Measure) -> dict[str, tuple[int, str]]:
    """Column of a measure -> (group, number of it); none for reported estimates.

    >>> places(measure("OR"))["n2i"], places(measure("MC"))["m2i"]
    ((2, 'total'), (1, 'mean_before'))
    >>> places(measure("MC"))["sd1i"], places(measure("SMCR"))["sd1i"]
    ((1, 'sd'), (1, 'sd_before'))
    """
    if chosen.data is Data.ESTIMATE:
        return {}
    return {
        column: (side, PARTS.get(part, part))
        for part, columns in cells.columns_of(chosen).items()
        for side, column in enumerate(columns, 1)
    }


@dataclass(frozen=True)
class Settings:
    """How an analysis is done; stored with every run."""

    measure: str = "OR"
    model: str = "random"
    method: str = "REML"
    test: str = guidance.TEST
    level: float = 95.0
    subgroup: str = ""
    moderators: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()
    kind: str = "pairwise"
    map: MapChoices | None = None  # of brain coordinates
    joint: JointChoices | None = None  # of time points together
    network: NetworkChoices | None = None  # of a network, unless they are the usual ones

    @property
    def effect_measure(self) -> Measure:
        """Everything about the measure."""
        return measure(self.measure)

    @property
    def is_common(self) -> bool:
        """Whether one effect common to all studies is assumed."""
        return self.model == "common" or self.method in {"EE", "MH"}

    @property
    def estimator(self) -> tuple[str, str]:
        """(method, test) as ``stats.pool`` wants them."""
        if self.is_common:
            return "EE", "t" if self.test == "t" else "z"
        return self.method, self.test

    @property
    def is_mantel_haenszel(self) -> bool:
        """Whether counts are pooled by the Mantel-Haenszel method."""
        return self.method == "MH" and "MH" in self.effect_measure.pools


class NothingToPool(Invalid):
    """No study has numbers for this comparison; those left out are named with their reasons."""

    code = "nothing-to-pool"
    message = (
        "No agreed study has usable numbers for this outcome, comparison and time point. Check the "
        "treatment names in the protocol’s comparison against the extracted arms."
    )

    @classmethod
    def of(cls, left_out: Sequence[LeftOut]) -> "NothingToPool":
        """With the reason of each study that could have been expected to take part."""
        named = [one for one in left_out if one.stage != "unreported"]
        if not named:
            return cls()
        reasons = "; ".join(f"{one.label}: {one.reason}" for one in named[:10])
        more = f" ({len(named) - 10} more.)" if len(named) > 10 else ""
        return cls(f"No study can be pooled. {reasons}.{more}")


@dataclass(frozen=True)
class AtTime:
    """The rows of a planned time point; of each study the result that stands there."""

    timepoint: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Inputs:
    """What goes into a run; its JSON is hashed and stored."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    moderators: dict[int, dict[str, float]] = field(default_factory=dict)  # study -> key -> value
    judgements: dict[int, str] = field(default_factory=dict)  # study -> overall risk of bias
    arms: tuple[ArmNumbers, ...] = ()  # of a network; its rows are empty
    left_out: tuple[LeftOut, ...] = ()
    lower_is_better: bool | None = None  # where a direction counts: networks, nothing to pool
    experiments: tuple[Coordinates, ...] = ()  # of a brain map
    others: tuple[Coordinates, ...] = ()  # of the map that it is set beside
    other_title: str = ""
    moments: tuple[AtTime, ...] = ()  # of time points together; their rows are in none else
    # Randomised people of both sides of studies whose results do not say how many.
    sizes: dict[int, tuple[float | None, float | None]] = field(default_factory=dict)
    aside: dict[str, tuple[int, ...]] = field(default_factory=dict)  # planned set -> studies

    @property
    def empty(self) -> bool:
        """Whether nobody has numbers for it."""
        there = (self.rows, self.arms, self.experiments, *(one.rows for one in self.moments))
        return not any(there)


@dataclass(frozen=True)
class Effects:
    """The effect of each row by the best data it has, shape (k,) each; NaN where there is none.

    source: "arms" or "reported". reasons: why a row has no effect, "" where it has one.
    sizes: people or person-time, where the scale needs them to be read.
    """

    y: Vector
    v: Vector
    source: tuple[Literal["arms", "reported"], ...]
    reasons: tuple[str, ...]
    sizes: Vector
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def usable(self) -> list[int]:
        """Rows with an effect."""
        return [i for i, reason in enumerate(self.reasons) if not reason]


def effects(rows: Sequence[Row], settings: Settings) -> Effects:
    """Effects and variances of every row.

    A study's arms come first: they can be checked and keep their zero cells. Where they
    give no effect, or are not there, the estimate it reports is taken, as long as it is on
    the analysis' own measure. Numbers that cannot be give no effect, for that reason.
    """
    chosen, labels = settings.effect_measure, unlike(rows)
    y, v = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    source: list[Literal["arms", "reported"]] = ["reported"] * len(rows)
    reasons = [
        "it reports no more than whom its result favours"
        if row.favours and row.estimate is None
        else "it has no numbers for this measure"
        for row in rows
    ]
    warnings: list[str] = []
    sizes = np.full(len(rows), np.nan)
    with_arms = [i for i, row in enumerate(rows) if row.has_arms and places(chosen)]
    if with_arms:
        columns: dict[str, Any] = columns_of([rows[i] for i in with_arms], chosen)
        found = effect_sizes(
            chosen.name,
            drop00=None,
            labels=[labels[i] for i in with_arms],
            strict=False,
            **columns,
        )
        if found.sizes is not None:
            sizes[with_arms] = found.sizes
        corrected = [labels[with_arms[n]] for n in np.flatnonzero(found.corrected)]
        if corrected:
            warnings.append(f"Zero cells were corrected in: {', '.join(corrected)}.")
        for n, i in enumerate(with_arms):
            y[i], v[i], reasons[i] = found.y[n], found.v[n], found.reasons[n]
            source[i] = "arms"
    instead = []
    for i, row in enumerate(rows):
        if not (row.estimate is not None and reasons[i]):
            continue
        reason = _why_not_reported(row, chosen)
        if reason:
            if source[i] == "reported":
                reasons[i] = reason
            continue
        y[i], v[i], reasons[i] = row.estimate, (row.se or np.nan) ** 2, ""
        if source[i] == "arms":
            instead.append(labels[i])
        source[i] = "reported"
    notes = _notes(rows, source, instead, reasons)
    return Effects(y, v, tuple(source), tuple(reasons), sizes, tuple(warnings), notes)


def _why_not_reported(row: Row, chosen: Measure) -> str:
    """Why a reported estimate cannot be pooled, "" when it can."""
    of = row.estimate_measure
    if of and measure(of).name != chosen.name:
        return (
            f"it reports {with_article(measure(of).heading)}, which cannot be pooled as "
            f"{with_article(chosen.heading)}"
        )
    if "estimate" not in chosen.kinds:
        return f"{with_article(chosen.heading)} needs the numbers of the groups, not an estimate"
    if row.se is None or not isfinite(row.se):
        return "its estimate has neither a standard error nor an interval"
    if row.se <= 0:
        return "the standard error of its estimate is zero"
    return ""


def with_article(heading: str) -> str:
    """A measure's name inside a sentence: "an odds ratio", "a mean difference"."""
    words = heading[:1].lower() + heading[1:]
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"


def _notes(
    rows: Sequence[Row], source: Sequence[str], instead: Sequence[str], reasons: Sequence[str]
) -> tuple[str, ...]:
    """What a reader must know of how mixed data were taken."""
    used = [i for i, reason in enumerate(reasons) if not reason]
    kinds = {source[i] for i in used}
    notes = []
    labels = unlike(rows)
    if kinds == {"arms", "reported"}:
        reported = ", ".join(labels[i] for i in used if source[i] == "reported")
        notes.append(f"Effects as reported, the others computed from the groups: {reported}.")
    if instead:
        notes.append(
            f"The groups’ numbers gave no effect, so the reported estimate was taken: "
            f"{', '.join(instead)}."
        )
    both = [labels[i] for i in used if source[i] == "arms" and rows[i].estimate is not None]
    if both:
        notes.append(
            f"Computed from the groups although an estimate is reported too: {', '.join(both)}."
        )
    return tuple(notes)


def columns_of(rows: Sequence[Row | StudyEffect], chosen: Measure) -> dict[str, Vector]:
    """The columns that a measure wants, shape (k,) each; NaN where a number is missing."""

    def column(side: int, name: str) -> Vector:
        groups = (row.group1 if side == 1 else row.group2 for row in rows)
        return vector(getattr(group, name) for group in groups)

    return {name: column(*where) for name, where in places(chosen).items()}


def vector(values: Iterable[float | None]) -> Vector:
    """Numbers with NaN for None."""
    return np.array([np.nan if value is None else float(value) for value in values])


def unlike(rows: Sequence[Row]) -> list[str]:
    """Labels that name one row each: a study with several rows is told apart by treatment, two
    studies of one label by number."""
    names = [row.label for row in rows]
    labels = [
        label if names.count(label) == 1 else f"{label}, {row.treatment}"
        for label, row in zip(names, rows, strict=True)
    ]
    return list(_numbered(labels))


def _numbered(labels: Sequence[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        yield label if seen[label] == 1 else f"{label} ({seen[label]})"


@dataclass(frozen=True)
class Pool:
    """Pooled numbers with their methods sentence and warnings."""

    pooled: Pooled
    sentence: str
    warnings: tuple[str, ...] = ()


def pool_rows(
    rows: Sequence[Row], y: Vector, v: Vector, settings: Settings, labels: Sequence[str]
) -> Pool:
    """One effect of rows that all have one. Mantel-Haenszel goes by the rows' counts."""
    studies = [str(row.study_id) for row in rows]
    if settings.is_mantel_haenszel:
        columns: dict[str, Any] = columns_of(rows, settings.effect_measure)
        found = mantel_haenszel(
            settings.measure, level=settings.level, labels=list(labels), studies=studies, **columns
        )
        pooled = Pooled(
            k=found.k,
            studies=found.studies,
            method="MH",
            test="z",
            weights=tuple(found.weights.tolist()),
            **{
                name: getattr(found, name)
                for name in ("estimate", "se", "statistic", "p", "ci_low", "ci_high", "q", "q_df")
                + ("q_p", "i2", "h2")
            },
        )
        return Pool(pooled, found.sentence, tuple(found.warnings))
    method, test = settings.estimator
    fit = pool(
        y, v, method=method, test=test, level=settings.level, labels=list(labels), studies=studies
    )
    return Pool(pooled_of(fit), fit.sentence, tuple(fit.warnings))


def pooled_of(fit: Fitted) -> Pooled:
    """What the engine found as it is stored; None where something is not defined."""
    prediction = fit.prediction if fit.k >= 3 else None
    return Pooled(
        **{
            name: getattr(fit, name)
            for name in Pooled.model_fields
            if hasattr(fit, name) and name != "weights"
        },
        weights=tuple(fit.weights.tolist()),
        pi_low=prediction.low if prediction else None,
        pi_high=prediction.high if prediction else None,
        tau2_low=fit.tau2_ci.low if fit.tau2_ci else None,
        tau2_high=fit.tau2_ci.high if fit.tau2_ci else None,
    )
