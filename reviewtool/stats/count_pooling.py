"""Pooling 2 x 2 tables and person-time tables without effects per study first.

Mantel-Haenszel odds ratio, risk ratio, risk difference, rate ratio and rate
difference; Peto's odds ratio; exact-style homogeneity tests of odds ratios.
Estimates are logs for ratios.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import exp, nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Labels, Vector, study_name
from reviewtool.stats.distributions import chi2_p, critical, normal_p
from reviewtool.stats.errors import NotEstimable, UnknownChoice
from reviewtool.stats.measures import REGISTRY, Data, EffectSizes, effects_from
from reviewtool.stats.measures import measure as measure_named
from reviewtool.stats.measures.base import Columns, Options
from reviewtool.stats.measures.binary import (
    Rates,
    Table,
    adjusted_rates,
    adjusted_table,
)
from reviewtool.stats.results import (
    ESTIMATOR_NAMES,
    LeftOut,
    count_of_studies,
    left_out_warning,
    with_left_out,
)
from reviewtool.words import at_level


class Estimate(NamedTuple):
    """Pooled value, standard error, weights in per cent of the studies that count."""

    value: float
    se: float
    weights: Vector


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """A chi-square test that studies share one odds ratio; NaN where undefined."""

    statistic: float
    df: int
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class CountPooled:
    """A common effect pooled from counts, on the analysis scale (log for ratios).

    ``studies`` of them say something, in ``k_used`` comparisons; ``left_out`` names the
    others with their reason.
    """

    measure: str
    method: str
    k: int  # comparisons given, with all their numbers
    k_used: int
    studies: int
    k_effects: int  # studies with an effect of their own, which enter Q
    level: float
    estimate: float
    se: float
    statistic: float
    p: float
    ci_low: float
    ci_high: float
    q: float
    q_df: int
    q_p: float
    i2: float
    h2: float
    weights: Vector = field(repr=False)
    y: Vector = field(repr=False)
    v: Vector = field(repr=False)
    cmh: float = nan
    cmh_p: float = nan
    breslow_day: Homogeneity | None = None
    tarone: Homogeneity | None = None
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How the number was made, for a methods section."""
        name = "OR" if self.measure == "PETO" else self.measure
        how = f"{ESTIMATOR_NAMES[self.method]} ({at_level(self.level)} level)."
        if self.k_used == 1:
            text = f"One study gives the {name}, by the {how}"
        else:
            verb = "combined" if self.studies == 1 else "pooled"
            count = count_of_studies(self.studies, self.k_used)
            text = f"{name} of {count} were {verb} with the {how}"
        return with_left_out(text, self.left_out)


def odds_ratio(t: Table) -> Estimate:
    """Variance: Robins, Breslow & Greenland 1986, Biometrics 42:311."""
    n = t.a + t.b + t.c + t.d
    p, q = (t.a + t.d) / n, (t.b + t.c) / n
    r, s = t.a * t.d / n, t.b * t.c / n
    total_r, total_s = r.sum(), s.sum()
    _need(total_r > 0 and total_s > 0, "odds ratio")
    variance = (
        (p @ r) / total_r**2 + (p @ s + q @ r) / (total_r * total_s) + (q @ s) / total_s**2
    ) / 2
    return Estimate(float(np.log(total_r / total_s)), float(np.sqrt(variance)), s)


def risk_ratio(t: Table, n1: Vector, n2: Vector) -> Estimate:
    """Variance: Greenland & Robins 1985, Biometrics 41:55. n1, n2: arm sizes."""
    n = n1 + n2
    r, s = t.a * n2 / n, t.c * n1 / n
    total_r, total_s = r.sum(), s.sum()
    _need(total_r > 0 and total_s > 0, "risk ratio")
    top = np.sum((n1 / n) * (n2 / n) * (t.a + t.c) - t.a / n * t.c)
    return Estimate(float(np.log(total_r / total_s)), float(np.sqrt(top / (total_r * total_s))), s)


def risk_difference(t: Table) -> Estimate:
    """Variance: Sato, Greenland & Robins 1989, Biometrics 45:1323."""
    n1, n2 = t.a + t.b, t.c + t.d
    n = n1 + n2
    w = n1 * n2 / n
    value = np.sum(t.a * n2 / n - t.c * n1 / n) / w.sum()
    p = t.c * (n1 / n) ** 2 - t.a * (n2 / n) ** 2 + (n1 / n) * (n2 / n) * (n2 - n1) / 2
    q = (t.a * t.d / n + t.c * t.b / n) / 2
    return Estimate(float(value), float(np.sqrt(value * p.sum() + q.sum()) / w.sum()), w)


def rate_ratio(r: Rates) -> Estimate:
    """Variance: Greenland & Robins 1985, Biometrics 41:55."""
    t = r.t1 + r.t2
    top, bottom = r.x1 * r.t2 / t, r.x2 * r.t1 / t
    _need(top.sum() > 0 and bottom.sum() > 0, "rate ratio")
    spread = np.sum(r.t1 * r.t2 * (r.x1 + r.x2) / t**2) / (top.sum() * bottom.sum())
    return Estimate(float(np.log(top.sum() / bottom.sum())), float(np.sqrt(spread)), bottom)


def rate_difference(r: Rates) -> Estimate:
    """Variance: Greenland & Robins 1985, Biometrics 41:55."""
    t = r.t1 + r.t2
    w = r.t1 * r.t2 / t
    value = np.sum((r.x1 * r.t2 - r.x2 * r.t1) / t) / w.sum()
    spread = np.sum(w**2 * (r.x1 / r.t1**2 + r.x2 / r.t2**2))
    return Estimate(float(value), float(np.sqrt(spread) / w.sum()), w)


def _need(fine: bool, what: str) -> None:
    if not fine:
        raise NotEstimable(
            what=f"The Mantel-Haenszel {what}",
            reason="one arm has no events, or no non-events, in any study",
            remedy="Use the risk difference, or a model for rare events.",
        )


def mantel_haenszel(
    measure: str,
    *,
    level: float = 95.0,
    add: tuple[float, float] = (0.5, 0.0),
    to: tuple[str, str] = ("only0", "none"),
    drop00: bool = True,
    correct: bool = True,
    labels: Labels | None = None,
    studies: Labels | None = None,
    **columns: ArrayLike,
) -> CountPooled:
    """Pool counts by the Mantel-Haenszel method.

    measure: OR, RR, RD (ai, n1i, ci, n2i) or IRR, IRD (x1i, t1i, x2i, t2i). add, to:
    zero-cell policy for the effects per study that enter Q, and for the pooled
    tables. correct: continuity correction of the Cochran-Mantel-Haenszel test. labels name
    the comparisons, studies the study of each (default: the labels).
    Raises NotEstimable, BadStudy, UnknownChoice. Source: Mantel & Haenszel 1959, J Natl
    Cancer Inst 22:719.

    >>> r = mantel_haenszel("OR", ai=[4, 6], n1i=[20, 30], ci=[9, 11], n2i=[20, 30])
    >>> round(r.estimate, 4), round(r.se, 4)
    (-0.9808, 0.4564)
    """
    chosen = measure_named(measure)
    if "MH" not in chosen.pools:
        fitting = [name for name, other in REGISTRY.items() if "MH" in other.pools]
        raise UnknownChoice(
            what="Measure of the Mantel-Haenszel method",
            given=chosen.name,
            choices=", ".join(fitting),
        )
    measure = chosen.name
    es = effects_from(measure, columns, Options(add[0], to[0], drop00, "LS"), labels)
    vectors = {name: np.asarray(values, dtype=float) for name, values in columns.items()}
    silent = _silent(measure, columns, labels)
    pooling = Options(add[1], to[1], drop00, "LS")
    known = _complete(vectors)
    some = {name: values[known] for name, values in vectors.items()}
    if chosen.data is Data.RATES:
        estimate, cmh = _from_rates(measure, some, pooling, correct)
        tests: tuple[Homogeneity | None, Homogeneity | None] = (None, None)
    else:
        estimate, cmh, tests = _from_tables(measure, some, pooling, correct)
    weights = np.zeros(known.size)
    weights[known] = estimate.weights
    return _report(
        measure,
        "MH",
        es.y,
        es.v,
        estimate._replace(weights=weights),
        level,
        cmh,
        tests,
        int(known.sum()),
        es,
        silent,
        studies if studies is not None else labels,
    )


def _complete(vectors: Columns) -> np.ndarray:
    """Rows with all their numbers and somebody, or some time, in both arms."""
    known = ~np.logical_or.reduce([np.isnan(x) for x in vectors.values()])
    for name in ("n1i", "n2i", "t1i", "t2i"):
        if name in vectors:
            known &= vectors[name] > 0
    for one, other in (("ai", "bi"), ("ci", "di")):
        if one in vectors and other in vectors:
            known &= vectors[one] + vectors[other] > 0
    return np.asarray(known)


def _silent(
    measure: str, columns: Mapping[str, ArrayLike], labels: Labels | None
) -> dict[int, LeftOut]:
    """Rows that add nothing to what is pooled, and why: no numbers, or no information."""
    chosen = measure_named(measure)
    policy = Options(0.5, "only0", chosen.drops_double_zero, "LS", keep11=chosen.keeps_all_events)
    reasons = effects_from(measure, columns, policy, labels).reasons
    return {i: LeftOut(study_name(i, labels), why) for i, why in enumerate(reasons) if why}


def _from_tables(
    measure: str, columns: Columns, options: Options, correct: bool
) -> tuple[Estimate, float, tuple[Homogeneity | None, Homogeneity | None]]:
    table = adjusted_table(columns, options._replace(drop00=False))[0]
    tests: tuple[Homogeneity | None, Homogeneity | None] = (None, None)
    if measure == "OR":
        estimate = odds_ratio(table)
        tests = homogeneity_tests(table, estimate.value)
    elif measure == "RR":
        estimate = risk_ratio(table, table.a + table.b, table.c + table.d)
    else:
        estimate = risk_difference(table)
    cmh = cochran_mantel_haenszel(table, correct) if measure == "OR" else nan
    return estimate, cmh, tests


def _from_rates(
    measure: str, columns: Columns, options: Options, correct: bool
) -> tuple[Estimate, float]:
    rates = adjusted_rates(columns, options)[0]
    if measure == "IRD":
        return rate_difference(rates), nan
    t = rates.t1 + rates.t2
    events = rates.x1 + rates.x2
    gap = abs(float(np.sum(rates.x1 - events * rates.t1 / t))) - (0.5 if correct else 0.0)
    variance = float(np.sum(events * rates.t1 * rates.t2 / t**2))
    return rate_ratio(rates), max(0.0, gap) ** 2 / variance


def cochran_mantel_haenszel(t: Table, correct: bool = True) -> float:
    """Chi-square on 1 df that the common odds ratio is 1; NaN without any event.

    Source: Mantel & Haenszel 1959, J Natl Cancer Inst 22:719.
    """
    n1, n2 = t.a + t.b, t.c + t.d
    n, events = n1 + n2, t.a + t.c
    variance = float(np.sum(events * (t.b + t.d) * (n1 / n) * (n2 / n) / (n - 1)))
    if variance == 0:
        return nan
    gap = abs(float(np.sum(t.a - events * n1 / n))) - (0.5 if correct else 0.0)
    return max(0.0, gap) ** 2 / variance


def homogeneity_tests(t: Table, log_odds: float) -> tuple[Homogeneity, Homogeneity]:
    """(Breslow-Day, Tarone) tests that all studies share the odds ratio exp(log_odds).

    Studies without events, or without non-events, in both arms say nothing and are
    left out. Source: Breslow & Day 1980, Statistical Methods in Cancer Research I,
    p. 142; Tarone 1985, Biometrika 72:91.
    """
    keep = (t.a + t.c > 0) & (t.b + t.d > 0)
    a, n1, n2 = t.a[keep], (t.a + t.b)[keep], (t.c + t.d)[keep]
    events, odds, df = (t.a + t.c)[keep], exp(log_odds), int(keep.sum()) - 1
    if df < 0:
        nothing = Homogeneity(nan, 0, nan)
        return nothing, nothing
    expected = _expected_events(n1, n2, events, odds)
    inverse = (
        1 / expected + 1 / (n1 - expected) + 1 / (events - expected) + 1 / (n2 - events + expected)
    )
    gap = a - expected
    bd = max(0.0, float(np.sum(gap**2 * inverse)))
    tarone = max(0.0, bd - float(gap.sum()) ** 2 / float(np.sum(1 / inverse)))
    p_bd, p_tarone = (chi2_p(x, df) if df > 0 else nan for x in (bd, tarone))
    return Homogeneity(bd, df, p_bd), Homogeneity(tarone, df, p_tarone)


def _expected_events(n1: Vector, n2: Vector, events: Vector, odds: float) -> Vector:
    """Events in arm 1 given the margins and the odds ratio, shape (k,)."""
    if odds == 1:
        return events * n1 / (n1 + n2)
    half = odds * (n1 + events) + (n2 - events)
    root = np.sqrt(half**2 - 4 * n1 * events * odds * (odds - 1))
    # 2c / (b + root) is the stable form of (b - root) / (2a)
    expected: Vector = 2 * n1 * events * odds / (half + root)
    return expected


def peto(
    measure: str = "OR",
    *,
    level: float = 95.0,
    drop00: bool = True,
    labels: Labels | None = None,
    studies: Labels | None = None,
    **columns: ArrayLike,
) -> CountPooled:
    """Pool log odds ratios by Peto's one-step method, from raw counts (ai, n1i, ci, n2i).

    The effects per study (y, v) have 0.5 added where a cell is zero; the pooled value
    has not. measure: OR (or PETO), because the method knows no other. labels name the
    comparisons, studies the study of each (default: the labels).

    Raises UnknownChoice, NotEstimable when no study has events. Source: Yusuf et al. 1985, Prog
    Cardiovasc Dis 27:335.
    """
    if measure not in ("OR", "PETO"):
        raise UnknownChoice(what="Measure of Peto's method", given=measure, choices="OR")
    es = effects_from("PETO", columns, Options(0.0, "none", True, "LS"), labels)
    own = effects_from("PETO", columns, Options(0.5, "only0", drop00, "LS"), labels)
    use = es.usable
    if not use.size:
        raise NotEstimable(
            what="Peto's odds ratio",
            reason="no study has events and non-events",
            remedy="Use the risk difference.",
        )
    weights = np.zeros(es.y.size)
    weights[use] = 1 / es.v[use]
    value = float(weights[use] @ es.y[use] / weights.sum())
    estimate = Estimate(value, 1 / sqrt(float(weights.sum())), weights)
    vectors = {name: np.asarray(c, dtype=float) for name, c in columns.items()}
    silent = {i: LeftOut(study_name(i, labels), why) for i, why in enumerate(es.reasons) if why}
    result = _report(
        "PETO",
        "Peto",
        es.y,
        es.v,
        estimate,
        level,
        nan,
        (None, None),
        int(_complete(vectors).sum()),
        own,
        silent,
        studies if studies is not None else labels,
    )
    return replace(result, y=own.y, v=own.v)


def _report(
    measure: str,
    method: str,
    y: Vector,
    v: Vector,
    estimate: Estimate,
    level: float,
    cmh: float,
    tests: tuple[Homogeneity | None, Homogeneity | None],
    k: int,
    own: EffectSizes,
    silent: Mapping[int, LeftOut],
    studies: Labels | None,
) -> CountPooled:
    """Test, interval and heterogeneity around a pooled count estimate."""
    rows = [i for i in range(y.size) if i not in silent]
    names = {study_name(i, studies) for i in rows}
    left_out = tuple(silent.values())
    use = np.flatnonzero(~np.isnan(y) & ~np.isnan(v) & (v > 0))
    q = float(np.sum((y[use] - estimate.value) ** 2 / v[use]))
    df = use.size - 1
    half = critical(level, None) * estimate.se
    statistic = estimate.value / estimate.se if estimate.se > 0 else nan
    return CountPooled(
        measure=measure,
        method=method,
        k=k,
        k_used=len(rows),
        studies=len(names),
        k_effects=use.size,
        level=level,
        estimate=estimate.value,
        se=estimate.se,
        statistic=statistic,
        p=normal_p(statistic),
        ci_low=estimate.value - half,
        ci_high=estimate.value + half,
        q=q,
        q_df=df,
        q_p=chi2_p(q, df),
        i2=max(0.0, 100 * (q - df) / q) if q > 0 and df > 0 else 0.0,
        h2=q / df if df > 0 else 1.0,
        weights=100 * estimate.weights / estimate.weights.sum(),
        y=y,
        v=v,
        cmh=cmh,
        cmh_p=chi2_p(cmh, 1),
        breslow_day=tests[0],
        tarone=tests[1],
        left_out=left_out,
        warnings=(*_corrected(own, silent), *left_out_warning(left_out)),
    )


def _corrected(own: EffectSizes, silent: Mapping[int, LeftOut]) -> tuple[str, ...]:
    """Whose own effect was corrected; the pooled one is not."""
    names = [
        study_name(i, own.labels) for i in np.flatnonzero(own.corrected).tolist() if i not in silent
    ]
    if not names:
        return ()
    return (
        f"Zero cells were corrected in the effects shown of: {', '.join(names)}. "
        "The pooled result uses the counts as they are.",
    )
