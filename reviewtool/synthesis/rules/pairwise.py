"""Rows to a whole pairwise analysis."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.distributions import critical
from reviewtool.stats.measures import harmonic_mean
from reviewtool.stats.results import with_left_out
from reviewtool.synthesis.results import PairwiseResult, Pooled, StudyEffect
from reviewtool.synthesis.rules import exploring
from reviewtool.synthesis.rules.directions import directions
from reviewtool.synthesis.rules.pooling import (
    Effects,
    Inputs,
    NothingToPool,
    Settings,
    effects,
    pool_rows,
    unlike,
)
from reviewtool.synthesis.rules.selection import LeftOut, Row, without_numbers

__all__ = ["ENOUGH_FOR_FUNNEL", "Inputs", "NothingToPool", "Settings", "analyse"]
ENOUGH_FOR_FUNNEL = 10  # Cochrane Handbook 13.3.5.4


@dataclass(frozen=True)
class Taken:
    """What of the inputs is pooled, and how.

    rows, labels, y, v: shape (k,), those with an effect. settings: as every study can follow
    them; fallback: what had to give way. found, keep: the effects of all rows, and which of
    them are pooled.
    """

    rows: list[Row]
    labels: list[str]
    y: Vector
    v: Vector
    settings: Settings
    fallback: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    found: Effects
    keep: list[int]


def taken(inputs: Inputs, settings: Settings) -> Taken:
    """The effects that an analysis pools. Raises NothingToPool naming those left out."""
    found = effects(inputs.rows, settings)
    left_out = (*inputs.left_out, *_unusable(inputs.rows, found))
    keep = found.usable
    if not keep:
        raise NothingToPool.of(left_out)
    every = unlike(inputs.rows)
    labels = [every[i] for i in keep]
    settings, fallback = _able(settings, [found.source[i] for i in keep], labels)
    return Taken(
        [inputs.rows[i] for i in keep],
        labels,
        found.y[keep],
        found.v[keep],
        settings,
        fallback,
        left_out,
        found,
        keep,
    )


def analyse(inputs: Inputs, settings: Settings) -> PairwiseResult:
    """Everything an analysis gives; each study given is pooled or left out by name.

    Raises NothingToPool, StatsError naming the study.
    """
    have = taken(inputs, settings)
    rows, labels, y, v, settings = have.rows, have.labels, have.y, have.v, have.settings
    found, left_out, sizes = have.found, have.left_out, have.found.sizes[have.keep]
    pooled = pool_rows(rows, y, v, settings, labels)
    told = None if inputs.lower_is_better is None else directions(inputs, found, settings)
    explored = exploring.explore(rows, y, v, inputs, settings, labels)
    return PairwiseResult(
        measure=settings.measure,
        level=settings.level,
        size=harmonic_mean(sizes) if np.isfinite(sizes).all() else None,
        pooled=pooled.pooled,
        studies=_studies(rows, found, have.keep, labels, pooled.pooled, settings),
        sentence=with_left_out(pooled.sentence, without_numbers(left_out)),
        notes=(*inputs.notes, *found.notes),
        warnings=(
            *found.warnings,
            *have.fallback,
            *pooled.warnings,
            *explored.warnings,
            *(told.doubts if told else ()),
        ),
        left_out=left_out,
        subgroups=explored.subgroups,
        between=explored.between,
        regression=explored.regression,
        sensitivity=explored.sensitivity,
        asymmetry=exploring.asymmetry(y, v) if len(rows) >= ENOUGH_FOR_FUNNEL else None,
        directions=told,
    )


def _unusable(rows: Sequence[Row], found: Effects) -> list[LeftOut]:
    labels = unlike(rows)
    return [
        LeftOut(row.study_id, labels[i], found.reasons[i])
        for i, row in enumerate(rows)
        if found.reasons[i]
    ]


def _able(
    settings: Settings, source: Sequence[str], labels: Sequence[str]
) -> tuple[Settings, tuple[str, ...]]:
    """Settings that every study can follow, and what had to give way.

    Mantel-Haenszel needs counts. Beside a reported estimate all studies are pooled by
    inverse variance, with the model as planned.
    """
    without = [label for label, kind in zip(labels, source, strict=True) if kind == "reported"]
    if settings.method != "MH" or not without:
        return settings, ()
    method = "EE" if settings.model == "common" else "REML"
    how = "common effect" if method == "EE" else "random effects"
    return replace(settings, method=method), (
        f"The Mantel-Haenszel method needs counts, which {', '.join(without)} "
        f"{'does' if len(without) == 1 else 'do'} not give. All studies were pooled by inverse "
        f"variance instead ({how}).",
    )


def _studies(
    rows: Sequence[Row],
    found: Effects,
    keep: Sequence[int],
    labels: Sequence[str],
    pooled: Pooled,
    settings: Settings,
) -> tuple[StudyEffect, ...]:
    z = critical(settings.level, None)
    result = []
    for row, i, label, weight in zip(rows, keep, labels, pooled.weights, strict=True):
        estimate, se = float(found.y[i]), sqrt(float(found.v[i]))
        result.append(
            StudyEffect(
                study_id=row.study_id,
                label=label,
                year=row.year,
                treatment=row.treatment,
                comparator=row.comparator,
                subgroup=row.subgroup,
                source=found.source[i],
                group1=row.group1,
                group2=row.group2,
                size=found.sizes[i],
                estimate=estimate,
                se=se,
                ci_low=estimate - z * se,
                ci_high=estimate + z * se,
                weight=weight,
            )
        )
    return tuple(result)
