"""What ``pool`` computes: one question about one table, answered as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf
from typing import TYPE_CHECKING, Any

from reviewtool.cli.statistics import further
from reviewtool.cli.statistics.answering import plain, plain_number
from reviewtool.cli.statistics.question import (
    COUNT_METHODS,
    Analysis,
    Question,
    back,
    check,
    check_studies,
)
from reviewtool.stats import guidance
from reviewtool.stats.errors import BadInput, StatsError
from reviewtool.stats.results import LeftOut as Named
from reviewtool.stats.results import Pooled, with_left_out

if TYPE_CHECKING:
    from reviewtool.stats.arrays import Vector
    from reviewtool.stats.count_pooling import CountPooled
    from reviewtool.stats.from_sheets import LeftOut, Studies
    from reviewtool.stats.measures import Measure, Scale
    from reviewtool.stats.sheets import Sheet

# What a measure is computed from -> measures of the same data whose values have no end.
ON_ANOTHER_SCALE = {
    "COUNT": "PLO or PFT for proportions",
    "RATE": "IRLN, IRS or IRFT for rates",
    "COUNTS": "OR or RR for risks",
    "CORRELATION": "ZCOR for correlations",
}


def analyse(sheet: Sheet, ask: Question) -> Analysis:
    """Pool the table and whatever else was asked. Raises StatsError."""
    from reviewtool.stats.from_sheets import study_effects

    check(ask)
    asked = sheet.choosing(ask.columns)
    named = [n for n in (ask.subgroup, ask.robust, ask.order, *ask.moderators) if n]
    reserved = {sheet.heading(name) for name in named}
    peto = ask.method == "Peto" and (ask.measure or "OR").upper() == "OR"
    measure = "PETO" if peto else ask.measure
    studies = study_effects(
        asked,
        measure,
        interval_level=ask.interval_level,
        zeros=ask.zeros,
        control=ask.control,
        reserved=reserved,
        strict=ask.strict,
    )
    check_studies(ask, studies)
    if ask.method in COUNT_METHODS:
        done = _pool_counts(studies, ask)
    else:
        done = _pool_effects(studies, ask)
    report = done.report
    report["given"] = len(studies.names)
    report["given_studies"] = len(set(studies.studies))
    report["notes"] = [*studies.notes, *report["notes"], *_scale_said(studies)]
    if ask.subgroup:
        report["subgroups"] = further.subgroups(done, ask)
    if ask.moderators:
        report["regression"] = further.regression(done, ask)
    if ask.prior:
        report["bayes"] = further.bayes(done, ask)
    if ask.sensitivity:
        report["sensitivity"] = further.sensitivity(done, ask)
    if ask.asymmetry:
        report["asymmetry"] = further.asymmetry(done, ask)
    if ask.robust:
        report["robust"] = further.robust(done, ask)
    if ask.glmm:
        report["glmm"] = further.glmm(done, ask)
    return done


def _pool_effects(studies: Studies, ask: Question) -> Analysis:
    from reviewtool.stats.pairwise import pool

    rows = studies.used
    if not rows.size:
        raise _nothing(studies.left_out)
    es = studies.effects
    y, v = es.y[rows], es.v[rows]
    labels = [studies.names[i] for i in rows]
    how: dict[str, Any] = {"method": ask.method, "level": ask.level, "labels": labels}
    how["studies"] = [studies.studies[i] for i in rows]
    result = pool(y, v, test=ask.test, **how)
    scale = es.scale
    report = _summary(result, scale, studies)
    done = Analysis(studies, rows, y, v, result, report)
    report["studies"] = _effects_of(done, result.weights, ask.level)
    report["test_asked"] = ask.test
    report["left_out"] = [one._asdict() for one in studies.left_out]
    report["sentence"] = with_left_out(result.sentence, _plainly(studies.left_out))
    report["notes"] = [*studies.mixture, *_choice_of_test(ask, result)]
    corrected = ", ".join(studies.corrected)
    report["warnings"] = [
        *studies.warnings,
        *([f"Zero cells were corrected in: {corrected}."] if corrected else []),
        *_left_out_said(studies),
        *_beyond(report["shown"], studies.measure),
        *result.warnings,
    ]
    if result.test != "z":
        report["wald"] = _shown(pool(y, v, test="z", **how), scale)
    if ask.common:
        common = pool(y, v, test="z", **{**how, "method": "EE"})
        report["common"] = {
            **_shown(common, scale),
            "p": common.p,
            "weights": common.weights.tolist(),
        }
    return done


def _plainly(left_out: Sequence[LeftOut]) -> list[Named]:
    """Who is left out, as methods sentences name them."""
    return [Named(one.study, one.reason) for one in left_out]


def _nothing(left_out: Sequence[LeftOut]) -> StatsError:
    named = "; ".join(f"{one.study} (row {one.row}): {one.reason}" for one in left_out)
    return BadInput(
        problem=f"No study of the table can be pooled: {named}.",
        remedy="Complete the numbers, or choose another measure.",
    )


def _left_out_said(studies: Studies) -> list[str]:
    return [f"{one.study} (row {one.row}) was left out: {one.reason}." for one in studies.left_out]


def _scale_said(studies: Studies) -> list[str]:
    """How effects that are pooled on a scale of their own come back to the one shown."""
    scale, measure = studies.effects.scale, studies.measure
    if scale.transform in ("identity", "exp"):
        return []
    size = studies.effects.size
    by = f" at the harmonic mean of the sizes, {plain_number(size)}" if size is not None else ""
    return [f"Pooled on the {scale.name} scale; {measure.plural} are shown back-transformed{by}."]


def _beyond(shown: dict[str, Any], measure: Measure) -> list[str]:
    """Intervals that reach where the effect cannot: pooled on too plain a scale."""
    low, high = measure.scale.bounds
    intervals = {
        "interval": [shown["ci_low"], shown["ci_high"]],
        "prediction interval": shown.get("prediction") or [],
    }
    wide = [
        name
        for name, limits in intervals.items()
        if any(limit < low or limit > high for limit in limits)
    ]
    if not wide:
        return []
    where = (
        f"below {plain_number(low)}"
        if isinf(high)
        else f"beyond {plain_number(low)} to {plain_number(high)}"
    )
    other = ON_ANOTHER_SCALE.get(measure.data.name)
    return [
        f"The {' and the '.join(wide)} {'reach' if len(wide) > 1 else 'reaches'} {where}, where "
        "no value can be: choose a measure on another scale" + (f", {other}." if other else ".")
    ]


def _choice_of_test(ask: Question, result: Pooled) -> list[str]:
    if ask.test != guidance.TEST or ask.method == "EE" or result.k == 1:
        return []
    if result.test == "knha":
        return ["Hartung-Knapp intervals: more than two studies, and heterogeneity above zero."]
    why = "there are only two studies" if result.k <= 2 else "no heterogeneity was found"
    return [f"Wald-type intervals, not Hartung-Knapp ones, because {why}."]


def _pool_counts(studies: Studies, ask: Question) -> Analysis:
    """Mantel-Haenszel or Peto, over the studies that have counts; the others are named."""
    import numpy as np

    from reviewtool.stats.count_pooling import mantel_haenszel, peto
    from reviewtool.stats.from_sheets import LeftOut

    method = "Mantel-Haenszel" if ask.method == "MH" else "Peto"
    reasons = [
        f"it has no counts, which the {method} method needs" if reported else reason
        for reported, reason in zip(studies.reported, studies.effects.reasons, strict=True)
    ]
    left_out = tuple(
        LeftOut(name, line, reason)
        for name, line, reason in zip(studies.names, studies.sheet.lines, reasons, strict=True)
        if reason
    )
    rows = np.array([i for i, reason in enumerate(reasons) if not reason], dtype=int)
    if not rows.size:
        raise _nothing(left_out)
    labels = [studies.names[i] for i in rows]
    given: dict[str, Any] = {name: values[rows] for name, values in studies.columns.items()}
    given |= {"level": ask.level, "labels": labels}
    given["studies"] = [studies.studies[i] for i in rows]
    result = (
        peto(**given) if ask.method == "Peto" else mantel_haenszel(studies.measure.name, **given)
    )
    y, v = studies.effects.y[rows], studies.effects.v[rows]
    report = _summary(result, studies.effects.scale, studies)
    done = Analysis(studies, rows, y, v, result, report)
    report["method"] = ask.method
    report["studies"] = _effects_of(done, _percent(result.weights, rows.size), ask.level)
    report["left_out"] = [one._asdict() for one in left_out]
    report["sentence"] = with_left_out(report["sentence"], _plainly(left_out))
    report["notes"] = []
    report["warnings"] = [
        *studies.warnings,
        *(f"{one.study} (row {one.row}) was left out: {one.reason}." for one in left_out),
        *result.warnings,
    ]
    return done


def _percent(weights: Vector, k: int) -> Vector:
    import numpy as np

    return weights if weights.size == k else np.full(k, np.nan)


def _summary(result: Pooled | CountPooled, scale: Scale, studies: Studies) -> dict[str, Any]:
    report: dict[str, Any] = plain(result)
    for name in ("weights", "y", "v"):
        report.pop(name, None)
    return report | {
        "measure": studies.measure.name,
        "heading": studies.measure.heading,
        "scale": scale.name,
        "transform": scale.transform,
        "sentence": result.sentence,
        "shown": _shown(result, scale),
    }


def _shown(result: Pooled | CountPooled, scale: Scale) -> dict[str, Any]:
    """Estimate and limits as people read them."""
    values = [result.estimate, result.ci_low, result.ci_high]
    shown: dict[str, Any] = dict(
        zip(("estimate", "ci_low", "ci_high"), back(scale, values), strict=True)
    )
    if isinstance(result, Pooled) and result.prediction is not None:
        shown["prediction"] = back(scale, [result.prediction.low, result.prediction.high])
    return shown


def _effects_of(done: Analysis, weights: Vector, level: float) -> list[dict[str, Any]]:
    from reviewtool.stats.distributions import critical

    half = critical(level, None) * done.v**0.5
    shown = (done.own_scale.back(x).tolist() for x in (done.y, done.y - half, done.y + half))
    reported = done.studies.reported[done.rows].tolist()
    return [
        {
            "study": name,
            "estimate": estimate,
            "ci_low": low,
            "ci_high": high,
            "weight": weight,
            "by": "reported estimate" if by else done.studies.measure.data.words,
        }
        for name, estimate, low, high, weight, by in zip(
            done.names, *shown, weights.tolist(), reported, strict=True
        )
    ]
