"""Rows at several time points to one joint analysis of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from reviewtool.errors import Invalid
from reviewtool.protocol.rules.joint import SHOWN, STRUCTURES, JointChoices, positions, stated
from reviewtool.protocol.rules.times import days_of
from reviewtool.stats.arrays import Vector
from reviewtool.stats.dependence.over_time import OverTimeFit, Stated, analyse_over_time
from reviewtool.stats.distributions import critical, two_sided_p
from reviewtool.stats.errors import StatsError
from reviewtool.stats.results import with_left_out
from reviewtool.synthesis.results import Effect, StudyEffect, Test
from reviewtool.synthesis.results.over_time import (
    Alone,
    AtCorrelation,
    OverTimeResult,
    StudyAtTime,
    TimeEffect,
)
from reviewtool.synthesis.rules.pooling import (
    AtTime,
    Effects,
    Inputs,
    NothingToPool,
    Settings,
    effects,
    pool_rows,
    unlike,
)
from reviewtool.synthesis.rules.selection import LeftOut, Row, without_numbers
from reviewtool.words import capital, plural

LIMIT = 0.999  # a correlation beyond it is at its limit


class NotTogether(Invalid):
    """Time points that cannot be analysed together."""

    code = "not-together"
    message = "{reason}"


@dataclass(frozen=True)
class Moment:
    """A time point with the rows that have an effect there: y and v of shape (k,)."""

    timepoint: str
    rows: tuple[Row, ...]
    labels: tuple[str, ...]
    y: Vector
    v: Vector
    found: Effects
    keep: tuple[int, ...]


def in_order(timepoints: Sequence[str]) -> list[str]:
    """Time points by their length where all have one, else as planned.

    >>> in_order(["6 months", "4 weeks"]), in_order(["discharge", "1 month"])
    (['4 weeks', '6 months'], ['discharge', '1 month'])
    """
    days = {time: days_of(time) for time in timepoints}
    if any(day is None for day in days.values()):
        return list(timepoints)
    return sorted(timepoints, key=lambda time: days[time] or 0.0)


def analyse_together(inputs: Inputs, settings: Settings, choices: JointChoices) -> OverTimeResult:
    """Everything a joint analysis gives; each study given is in it or left out by name.

    Raises NothingToPool, NotTogether, StatsError naming what stands in the way.
    """
    moments, unusable = _moments(inputs.moments, settings)
    left_out = (*inputs.left_out, *unusable)
    if not moments:
        raise NothingToPool.of(left_out)
    together = _Together(moments, settings, choices)
    try:
        fit = together.fit(choices.rho)
    except StatsError as error:
        raise NotTogether(reason=error.message) from error
    silent = [one.timepoint for one in inputs.moments if one.timepoint not in fit.levels]
    warnings = [w for moment in moments for w in moment.found.warnings]
    if fit.instead:
        warnings.insert(0, f"{capital(fit.instead)}. {capital(_words(fit.structure))} was used.")
    warnings += _at_the_limit(fit)
    if silent:
        warnings.append(f"No study has a result at {', '.join(silent)}.")
    return OverTimeResult(
        measure=settings.measure,
        level=settings.level,
        method=settings.method,
        test=settings.test,
        df=fit.fit.df,
        rho=choices.rho,
        pattern=choices.pattern,
        unit=choices.unit,
        structure=fit.structure,
        instead=fit.instead,
        times=_times(fit, moments, settings),
        studies=tuple(_studies(moments, settings)),
        correlations=_correlations(fit),
        heterogeneity=Test(q=fit.fit.qe, df=fit.fit.qe_df, p=fit.fit.qe_p),
        change=_change(fit),
        sensitivity=tuple(together.again(rho, fit.structure) for rho in SHOWN),
        sentence=with_left_out(_sentence(fit, together, choices), without_numbers(left_out)),
        notes=(*inputs.notes, *(note for moment in moments for note in moment.found.notes)),
        warnings=tuple(dict.fromkeys(warnings)),
        left_out=left_out,
    )


def _moments(given: Sequence[AtTime], settings: Settings) -> tuple[list[Moment], list[LeftOut]]:
    """Time points with effects, and whose numbers give none."""
    moments, left_out = [], []
    for one in given:
        found, labels = effects(one.rows, settings), unlike(one.rows)
        left_out += [
            LeftOut(row.study_id, f"{label}, {one.timepoint}", reason)
            for row, label, reason in zip(one.rows, labels, found.reasons, strict=True)
            if reason
        ]
        keep = found.usable
        if keep:
            rows = tuple(one.rows[i] for i in keep)
            own = tuple(labels[i] for i in keep)
            moments.append(
                Moment(one.timepoint, rows, own, found.y[keep], found.v[keep], found, tuple(keep))
            )
    return moments, left_out


class _Together:
    """The effects of all time points in one column, ready to be fitted."""

    def __init__(
        self, moments: Sequence[Moment], settings: Settings, choices: JointChoices
    ) -> None:
        self.settings, self.choices = settings, choices
        self.y = np.concatenate([one.y for one in moments])
        self.v = np.concatenate([one.v for one in moments])
        self.studies = [str(row.study_id) for one in moments for row in one.rows]
        self.times = [one.timepoint for one in moments for _ in one.rows]
        self.order: Mapping[str, float] = positions([one.timepoint for one in moments], choices)

    def fit(self, rho: float, structure: str = "") -> OverTimeFit:
        common = self.settings.is_common
        return analyse_over_time(
            self.y,
            self.v,
            self.studies,
            self.times,
            self.order,
            Stated(rho, self.choices.decaying),
            structure="none" if common else structure or self.choices.structure,
            method="REML" if common else self.settings.method,
            test=self.settings.test,
            level=self.settings.level,
        )

    def again(self, rho: float, structure: str) -> AtCorrelation:
        """The whole with another correlation, the structure kept."""
        try:
            fit = self.fit(rho, structure)
        except StatsError as error:
            return AtCorrelation(rho=rho, error=error.message)
        return AtCorrelation(
            rho=rho,
            estimates=tuple(_effect(fit, i) for i in range(len(fit.levels))),
            change=_change(fit),
        )


def _effect(fit: OverTimeFit, i: int) -> Effect:
    term = fit.fit.terms[i]
    return Effect(estimate=term.estimate, se=term.se, ci_low=term.ci_low, ci_high=term.ci_high)


def _change(fit: OverTimeFit) -> Test | None:
    found = fit.change
    if found is None:
        return None
    return Test(q=found.statistic, df=found.df, df2=found.df2, p=found.p)


def _times(
    fit: OverTimeFit, moments: Sequence[Moment], settings: Settings
) -> tuple[TimeEffect, ...]:
    by_time = {one.timepoint: one for one in moments}
    found = []
    for i, time in enumerate(fit.levels):
        moment, own = by_time[time], _effect(fit, i)
        found.append(
            TimeEffect(
                **own.model_dump(),
                timepoint=time,
                days=days_of(time),
                k=len(moment.rows),
                p=two_sided_p(float(fit.fit.beta[i]) / fit.fit.terms[i].se, fit.fit.df),
                tau2=float(fit.between[i, i]) if fit.structure != "none" else None,
                alone=_alone(moment, settings),
            )
        )
    return tuple(found)


def _alone(moment: Moment, settings: Settings) -> Alone:
    """The time point by itself: the same model, method and test, each study independent."""
    own = replace(settings, joint=None, method="EE" if settings.is_common else settings.method)
    pooled = pool_rows(moment.rows, moment.y, moment.v, own, moment.labels).pooled
    return Alone(
        **{name: getattr(pooled, name) for name in Alone.model_fields if name != "k"},
        k=pooled.k,
    )


def _at_the_limit(fit: OverTimeFit) -> list[str]:
    """What heterogeneity that the studies can hardly show is read as."""
    found = _correlations(fit)
    pairs = [
        f"{a} and {b}"
        for i, a in enumerate(fit.levels)
        for j, b in enumerate(fit.levels[:i])
        if found and abs(found[i][j] or 0.0) > LIMIT
    ]
    if not pairs:
        return []
    return [
        f"The correlation between studies is at its limit ({'; '.join(pairs)}): there are too few "
        "studies, or too little heterogeneity, to say more."
    ]


def _correlations(fit: OverTimeFit) -> tuple[tuple[float | None, ...], ...]:
    if fit.structure == "none":
        return ()
    sd = np.sqrt(np.diag(fit.between))
    with np.errstate(all="ignore"):
        found = fit.between / sd[:, None] / sd[None, :]
    return tuple(tuple(float(x) for x in row) for row in found)


def _studies(moments: Sequence[Moment], settings: Settings) -> list[StudyAtTime]:
    z = critical(settings.level, None)
    found = []
    for moment in moments:
        for row, label, i in zip(moment.rows, moment.labels, moment.keep, strict=True):
            estimate, se = float(moment.found.y[i]), sqrt(float(moment.found.v[i]))
            one = StudyEffect(
                study_id=row.study_id,
                label=label,
                year=row.year,
                treatment=row.treatment,
                comparator=row.comparator,
                source=moment.found.source[i],
                group1=row.group1,
                group2=row.group2,
                size=moment.found.sizes[i],
                estimate=estimate,
                se=se,
                ci_low=estimate - z * se,
                ci_high=estimate + z * se,
            )
            found.append(StudyAtTime(**one.model_dump(), timepoint=moment.timepoint))
    return found


def _words(structure: str) -> str:
    words = STRUCTURES.get(structure, "a common effect at each time point")
    return f"{words[:1].lower()}{words[1:]}"


def _sentence(fit: OverTimeFit, together: _Together, choices: JointChoices) -> str:
    """How the numbers were made, without who was left out."""
    studies = plural(len(set(together.studies)), "study", "studies")
    results = plural(len(together.y), "result", "results")
    model = (
        "a common effect at each time point"
        if fit.structure == "none"
        else f"a mean per time point and random effects over time ({_words(fit.structure)}), "
        f"fitted by {'restricted ' if fit.fit.method == 'REML' else ''}maximum likelihood"
    )
    test = "normal" if fit.fit.df is None else "t"
    return (
        f"{results} of {studies} at {len(fit.levels)} time points were analysed together in a "
        f"multivariate model with {model}. Sampling errors were given {stated(choices)}; "
        f"intervals come from the {test} distribution."
    )
