"""What is looked at beside the pooled effect: subgroups, regression, sensitivity, asymmetry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from reviewtool.protocol.rules.fitting import SENSITIVITY
from reviewtool.stats import pool
from reviewtool.stats import sensitivity as refits
from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.design import INTERCEPT
from reviewtool.stats.distributions import chi2_p, critical, two_sided_p
from reviewtool.stats.errors import StatsError
from reviewtool.stats.regression import (
    NOT_REPORTED,
    regress,
    subgroups,
    weighted_least_squares,
)
from reviewtool.synthesis.results import (
    Asymmetry,
    LinePoint,
    Omitted,
    Pooled,
    Regression,
    RegressionPoint,
    Sensitivity,
    SubgroupPooled,
    Term,
    Test,
    WithoutHighRisk,
)
from reviewtool.synthesis.rules.leaving import HIGH_RISK, at_high_risk, without_set
from reviewtool.synthesis.rules.pooling import Inputs, Settings, pool_rows, pooled_of
from reviewtool.synthesis.rules.selection import LeftOut, Row


@dataclass(frozen=True)
class Explored:
    """Everything beside the pooled effect."""

    subgroups: tuple[SubgroupPooled, ...] = ()
    between: Test | None = None
    regression: Regression | None = None
    sensitivity: Sensitivity = field(default_factory=Sensitivity)
    warnings: tuple[str, ...] = ()


def explore(
    rows: Sequence[Row],
    y: Vector,
    v: Vector,
    inputs: Inputs,
    settings: Settings,
    labels: list[str],
) -> Explored:
    """What the settings ask for beyond one pooled effect."""
    groups: tuple[SubgroupPooled, ...] = ()
    between: Test | None = None
    warnings: tuple[str, ...] = ()
    if settings.subgroup:
        groups, warnings = by_subgroup(rows, y, v, settings, labels)
        between = _between(rows, y, v, groups, settings, labels)
    return Explored(
        groups,
        between,
        regression(rows, y, v, inputs, settings, labels) if settings.moderators else None,
        sensitivity(rows, y, v, inputs, settings, labels),
        warnings,
    )


def _levels(rows: Sequence[Row]) -> list[str]:
    return [row.subgroup or NOT_REPORTED for row in rows]


def by_subgroup(
    rows: Sequence[Row], y: Vector, v: Vector, settings: Settings, labels: list[str]
) -> tuple[tuple[SubgroupPooled, ...], tuple[str, ...]]:
    """Each subgroup pooled by the analysis' own method; (subgroups, warnings).

    A subgroup whose studies give no pooled effect keeps its count and a warning.
    """
    by = _levels(rows)
    found, warnings = [], []
    for level in dict.fromkeys(sorted(by)):
        chosen = [i for i, name in enumerate(by) if name == level]
        own = [rows[i] for i in chosen], y[chosen], v[chosen]
        try:
            part = pool_rows(*own, settings, [labels[i] for i in chosen])
        except StatsError as error:
            method, test = settings.estimator
            warnings.append(f"Subgroup {level}: {error.message}")
            found.append(SubgroupPooled(label=level, k=len(chosen), method=method, test=test))
            continue
        warnings += [f"Subgroup {level}: {warning}" for warning in part.warnings]
        found.append(SubgroupPooled(label=level, **part.pooled.model_dump()))
    return tuple(found), tuple(warnings)


def _between(
    rows: Sequence[Row],
    y: Vector,
    v: Vector,
    groups: Sequence[SubgroupPooled],
    settings: Settings,
    labels: list[str],
) -> Test | None:
    """The test for a difference between the subgroups shown; None for a single one."""
    whole = [g for g in groups if g.estimate is not None and g.se]
    if len(whole) < 2:
        return None
    if settings.is_mantel_haenszel or len(whole) < len(groups):
        return _from_estimates(whole)
    method, test = settings.estimator
    found = subgroups(
        y, v, _levels(rows), method=method, test=test, level=settings.level, labels=labels
    )
    return Test(q=found.between, df=len(groups) - 1, df2=found.between_df2, p=found.between_p)


def _from_estimates(groups: Sequence[SubgroupPooled]) -> Test:
    """Test for subgroup differences from the subgroups' own estimates and standard errors.

    Source: Borenstein & Higgins 2013, Prev Sci 14:134.
    """
    y = np.array([g.estimate for g in groups], dtype=float)
    w = 1 / np.array([g.se for g in groups], dtype=float) ** 2
    q = float(w @ (y - (w @ y) / w.sum()) ** 2)
    return Test(q=q, df=len(groups) - 1, p=chi2_p(q, len(groups) - 1))


def regression(
    rows: Sequence[Row],
    y: Vector,
    v: Vector,
    inputs: Inputs,
    settings: Settings,
    labels: list[str],
) -> Regression:
    """Meta-regression on the settings' moderators, over the studies that report them all."""
    keys = list(settings.moderators)
    known = [inputs.moderators.get(row.study_id, {}) for row in rows]
    keep = [i for i, values in enumerate(known) if all(key in values for key in keys)]
    left_out = tuple(
        LeftOut(
            rows[i].study_id,
            labels[i],
            f"it does not report {', '.join(key for key in keys if key not in known[i])}",
        )
        for i in range(len(rows))
        if i not in keep
    )
    if len(keep) <= len(keys) + 1:
        return Regression(
            error=f"Too few studies report {', '.join(keys)}.", k=len(keep), left_out=left_out
        )
    x = np.array([[1.0, *(known[i][key] for key in keys)] for i in keep])
    method, test = settings.estimator
    try:
        found = regress(
            y[keep],
            v[keep],
            x,
            [INTERCEPT, *keys],
            method,
            test,
            settings.level,
            [labels[i] for i in keep],
            [str(rows[i].study_id) for i in keep],
        )
    except StatsError as error:
        return Regression(error=error.message, k=len(keep), left_out=left_out)
    return Regression(
        k=found.k,
        terms=tuple(
            Term(
                name="intercept" if term.name == INTERCEPT else term.name,
                estimate=term.estimate,
                se=term.se,
                p=term.p,
                ci_low=term.ci_low,
                ci_high=term.ci_high,
            )
            for term in found.terms
        ),
        tau2=found.tau2,
        i2=found.i2,
        r2=found.r2,
        qm=Test(q=found.qm, df=found.qm_df, df2=found.df, p=found.qm_p),
        points=_points(keep, x, y, v, found.tau2, labels),
        line=_line(x, found.beta, found.vcov, found.df, settings.level),
        left_out=left_out,
    )


def _points(
    keep: Sequence[int], x: Matrix, y: Vector, v: Vector, tau2: float, labels: Sequence[str]
) -> tuple[RegressionPoint, ...]:
    """Studies for a bubble plot of a single moderator; none with several."""
    if x.shape[1] != 2:
        return ()
    w = 1 / (v[list(keep)] + tau2)
    return tuple(
        RegressionPoint(
            label=labels[i],
            value=float(x[n, 1]),
            estimate=float(y[i]),
            weight=float(100 * w[n] / w.sum()),
        )
        for n, i in enumerate(keep)
    )


def _line(
    x: Matrix, beta: Vector, vcov: Matrix, df: float | None, level: float
) -> tuple[LinePoint, ...]:
    """The fitted mean and its limits over the range of a single moderator."""
    if x.shape[1] != 2:
        return ()
    result = []
    for value in np.linspace(x[:, 1].min(), x[:, 1].max(), 25):
        at = np.array([1.0, value])
        mean, half = float(at @ beta), critical(level, df) * sqrt(float(at @ vcov @ at))
        result.append(
            LinePoint(value=float(value), estimate=mean, ci_low=mean - half, ci_high=mean + half)
        )
    return tuple(result)


def sensitivity(
    rows: Sequence[Row],
    y: Vector,
    v: Vector,
    inputs: Inputs,
    settings: Settings,
    labels: list[str],
) -> Sensitivity:
    """The further runs that the plan names."""
    method, _ = settings.estimator
    common, without = None, None
    one_out: tuple[Omitted, ...] = ()
    if "common" in settings.sensitivity and method != "EE":
        common = pooled_of(pool(y, v, method="EE", level=settings.level, labels=labels))
    if HIGH_RISK in settings.sensitivity:
        found = without_set("", at_high_risk(inputs), rows, y, v, settings, labels)
        without = WithoutHighRisk(k=found.k, pooled=found.pooled)
    if "leave_one_out" in settings.sensitivity and len(rows) > 2:
        one_out = leave_one_out(rows, y, v, settings, labels)
    sets = tuple(
        without_set(code, inputs.aside.get(code, ()), rows, y, v, settings, labels)
        for code in settings.sensitivity
        if code not in SENSITIVITY
    )
    return Sensitivity(common=common, exclude_high_risk=without, sets=sets, leave_one_out=one_out)


REFIT = ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2")


def leave_one_out(
    rows: Sequence[Row], y: Vector, v: Vector, settings: Settings, labels: list[str]
) -> tuple[Omitted, ...]:
    """The analysis without each row in turn, by its own method. k >= 2."""
    method, test = settings.estimator
    if not settings.is_mantel_haenszel:
        found = refits.leave_one_out(
            y, v, method=method, test=test, level=settings.level, labels=labels
        )
        return tuple(
            Omitted(omitted=labels[r.row], **{name: getattr(r.fit, name) for name in REFIT})
            for r in found
        )
    result = []
    for i, label in enumerate(labels):
        rest = [j for j in range(len(rows)) if j != i]
        others = [labels[j] for j in rest]
        part = refitted([rows[j] for j in rest], y[rest], v[rest], settings, others)
        numbers = part.model_dump(include=set(REFIT)) if part else {}
        result.append(Omitted(omitted=label, **numbers))
    return tuple(result)


def refitted(
    rows: Sequence[Row], y: Vector, v: Vector, settings: Settings, labels: list[str]
) -> Pooled | None:
    """Fewer rows pooled; None where they give no pooled effect, while the whole does."""
    try:
        return pool_rows(rows, y, v, settings, labels).pooled
    except StatsError:
        return None


def asymmetry(y: Vector, v: Vector) -> Asymmetry | None:
    """Egger's test: the effect regressed on its standard error, with dispersion."""
    se = np.sqrt(v)
    x = np.column_stack([np.ones_like(se), se])
    beta, inverse, rss = weighted_least_squares(y, 1 / v, x)
    df = float(y.size - 2)
    spread = sqrt(rss / df * inverse[1, 1])
    if spread == 0:
        return None
    t = float(beta[1]) / spread
    return Asymmetry(slope=float(beta[1]), t=t, df=df, p=two_sided_p(t, df))
