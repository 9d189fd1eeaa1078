"""Rows to a whole pairwise analysis, as plain values that can be stored."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isfinite, sqrt
from typing import Any

from reviewtool.stats.arrays import Vector
from reviewtool.synthesis.rules import exploring
from reviewtool.synthesis.rules.pooling import (
    RATIOS,
    Inputs,
    NothingToPool,
    Settings,
    effects,
    pool_rows,
    unlike,
)
from reviewtool.synthesis.rules.selection import Row

__all__ = ["ENOUGH_FOR_FUNNEL", "Inputs", "NothingToPool", "Settings", "analyse"]
ENOUGH_FOR_FUNNEL = 10  # Cochrane Handbook 13.3.5.4


def analyse(inputs: Inputs, settings: Settings) -> dict[str, Any]:
    """Everything an analysis gives. Raises NothingToPool, StatsError naming the study."""
    if not inputs.rows:
        raise NothingToPool()
    y, v, warnings = effects(inputs.rows, settings)
    keep = [i for i in range(len(inputs.rows)) if isfinite(y[i]) and isfinite(v[i]) and v[i] > 0]
    if not keep:
        raise NothingToPool()
    rows = [inputs.rows[i] for i in keep]
    y, v = y[keep], v[keep]
    labels = unlike(rows)
    pooled, sentence, more = pool_rows(rows, y, v, settings, labels)
    result: dict[str, Any] = {
        "measure": settings.measure,
        "log": settings.measure in RATIOS,
        "level": settings.level,
        "pooled": pooled,
        "studies": _studies(rows, y, v, labels, pooled, settings),
        "sentence": sentence,
        "notes": list(inputs.notes),
        "warnings": [*warnings, *more],
    }
    if settings.subgroup:
        result |= exploring.by_subgroup(rows, y, v, settings, labels)
    if settings.moderators:
        result["regression"] = exploring.regression(rows, y, v, inputs, settings, labels)
    result["sensitivity"] = exploring.sensitivity(rows, y, v, inputs, settings, labels)
    if len(rows) >= ENOUGH_FOR_FUNNEL:
        result["asymmetry"] = exploring.asymmetry(y, v)
    return result


def _studies(
    rows: Sequence[Row],
    y: Vector,
    v: Vector,
    labels: list[str],
    pooled: Mapping[str, Any],
    settings: Settings,
) -> list[dict[str, Any]]:
    from reviewtool.stats.distributions import critical

    z = critical(settings.level, None)
    result = []
    for i, row in enumerate(rows):
        se = sqrt(float(v[i]))
        result.append(
            {
                "study_id": row.study_id,
                "label": row.label,
                "year": row.year,
                "treatment": row.treatment,
                "comparator": row.comparator,
                "subgroup": row.subgroup,
                "group1": asdict(row.group1),
                "group2": asdict(row.group2),
                "estimate": float(y[i]),
                "se": se,
                "ci_low": float(y[i]) - z * se,
                "ci_high": float(y[i]) + z * se,
                "weight": pooled["weights"][i],
            }
        )
    return result
