"""Rows to arrays for ``stats``, and its results as plain values that can be stored.

Everything is on the analysis scale (log for ratios); percentages run from 0 to 100.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite, sqrt
from typing import Any

import numpy as np

from reviewtool.errors import Invalid
from reviewtool.stats import effect_sizes, pool
from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.design import INTERCEPT
from reviewtool.stats.mantel_haenszel import mantel_haenszel
from reviewtool.stats.pairwise import Fit
from reviewtool.stats.regression import regress, subgroups
from reviewtool.stats.results import Pooled
from reviewtool.stats.sensitivity import leave_one_out
from reviewtool.synthesis.rules.selection import ArmNumbers, Row

RATIOS = frozenset({"OR", "RR", "HR", "ROM"})
BINARY = frozenset({"OR", "RR", "RD"})
CONTINUOUS = frozenset({"MD", "SMD"})
GIVEN = frozenset({"GEN", "HR"})
ENOUGH_FOR_FUNNEL = 10  # Cochrane Handbook 13.3.5.4


@dataclass(frozen=True)
class Settings:
    """How an analysis is done; stored with every run."""

    measure: str = "OR"
    model: str = "random"
    method: str = "REML"
    test: str = "knha"
    level: float = 95.0
    subgroup: str = ""
    moderators: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()

    @property
    def estimator(self) -> tuple[str, str]:
        """(method, test) as ``stats.pool`` wants them."""
        if self.model == "common" or self.method in {"EE", "MH"}:
            return "EE", "t" if self.test == "t" else "z"
        return self.method, self.test

    @property
    def is_mantel_haenszel(self) -> bool:
        """Whether counts are pooled by the Mantel-Haenszel method."""
        return self.method == "MH" and self.measure in BINARY


class NothingToPool(Invalid):
    """No study has numbers for this comparison."""

    code = "nothing-to-pool"
    message = (
        "No agreed study has usable numbers for this outcome, comparison and time point. Check the "
        "treatment names in the protocol’s comparison against the extracted arms."
    )


@dataclass
class Inputs:
    """What goes into a run; its JSON is hashed and stored."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    moderators: dict[int, dict[str, float]] = field(default_factory=dict)  # study -> key -> value
    judgements: dict[int, str] = field(default_factory=dict)  # study -> overall risk of bias
    arms: tuple[ArmNumbers, ...] = ()  # of a network; its rows are empty

    def as_json(self) -> dict[str, Any]:
        """Plain values, in a stable order."""
        plain: dict[str, Any] = {
            "rows": [asdict(row) for row in self.rows],
            "notes": list(self.notes),
            "moderators": {str(k): v for k, v in sorted(self.moderators.items())},
            "judgements": {str(k): v for k, v in sorted(self.judgements.items())},
        }
        return plain | ({"arms": [asdict(arm) for arm in self.arms]} if self.arms else {})


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
    labels = _unlike(rows)
    pooled, sentence, more = _pool(rows, y, v, settings, labels)
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
        result |= _by_subgroup(rows, y, v, settings, labels)
    if settings.moderators:
        result["regression"] = _regression(rows, y, v, inputs, settings, labels)
    result["sensitivity"] = _sensitivity(rows, y, v, inputs, settings, labels)
    if len(rows) >= ENOUGH_FOR_FUNNEL:
        result["asymmetry"] = _asymmetry(y, v)
    return result


def effects(rows: Sequence[Row], settings: Settings) -> tuple[Vector, Vector, list[str]]:
    """Effects and variances of every row; NaN where its numbers do not give one."""
    labels = _unlike(rows)
    if settings.measure in GIVEN or any(r.estimate is not None for r in rows):
        y = _column(r.estimate for r in rows)
        return y, _column(r.se for r in rows) ** 2, []
    columns: dict[str, Any]
    if settings.measure in BINARY:
        columns = {
            "ai": _column(r.group1.events for r in rows),
            "n1i": _column(r.group1.total for r in rows),
            "ci": _column(r.group2.events for r in rows),
            "n2i": _column(r.group2.total for r in rows),
        }
    elif settings.measure in CONTINUOUS:
        columns = {
            "m1i": _column(r.group1.mean for r in rows),
            "sd1i": _column(r.group1.sd for r in rows),
            "n1i": _column(r.group1.total for r in rows),
            "m2i": _column(r.group2.mean for r in rows),
            "sd2i": _column(r.group2.sd for r in rows),
            "n2i": _column(r.group2.total for r in rows),
        }
    else:
        raise Invalid(f"Effect measure {settings.measure} is not known. Choose another one.")
    found = effect_sizes(
        settings.measure, labels=labels, drop00=settings.measure in {"OR", "RR"}, **columns
    )
    return found.y, found.v, list(found.warnings)


def _column(values: Any) -> Vector:
    return np.array([np.nan if value is None else float(value) for value in values])


def _unlike(rows: Sequence[Row]) -> list[str]:
    """Labels that name one row each; a study with several rows is told apart by treatment."""
    names = [r.label for r in rows]
    return [
        label if names.count(label) == 1 else f"{label}, {row.treatment}"
        for label, row in zip(names, rows, strict=True)
    ]


def _pool(
    rows: Sequence[Row], y: Vector, v: Vector, settings: Settings, labels: list[str]
) -> tuple[dict[str, Any], str, list[str]]:
    if settings.is_mantel_haenszel:
        found = mantel_haenszel(
            settings.measure,
            level=settings.level,
            labels=labels,
            ai=_column(r.group1.events for r in rows),
            n1i=_column(r.group1.total for r in rows),
            ci=_column(r.group2.events for r in rows),
            n2i=_column(r.group2.total for r in rows),
        )
        numbers = {
            "k": found.k,
            "weights": found.weights.tolist(),
            "tau2": None,
            **{
                name: number(getattr(found, name))
                for name in (
                    "estimate",
                    "se",
                    "statistic",
                    "p",
                    "ci_low",
                    "ci_high",
                    "q",
                    "q_df",
                    "q_p",
                    "i2",
                )
            },
        }
        return numbers, found.sentence, list(found.warnings)
    method, test = settings.estimator
    pooled = pool(y, v, method=method, test=test, level=settings.level, labels=labels)
    return numbers_of(pooled), pooled.sentence, list(pooled.warnings)


def numbers_of(pooled: Pooled) -> dict[str, Any]:
    """A pooled effect as plain values; None where something is not defined."""
    result: dict[str, Any] = {
        name: number(getattr(pooled, name))
        for name in (
            "k", "estimate", "se", "ci_low", "ci_high", "statistic", "df", "p", "tau2", "q", "q_df",
            "q_p", "i2", "i2_q", "h2",
        )
    }  # fmt: skip
    result |= {
        "method": pooled.method,
        "test": pooled.test,
        "weights": pooled.weights.tolist(),
        "pi_low": None,
        "pi_high": None,
        "tau2_low": None,
        "tau2_high": None,
    }
    if pooled.method != "EE" and pooled.k >= 3:
        result["pi_low"] = number(pooled.prediction.low)
        result["pi_high"] = number(pooled.prediction.high)
    if pooled.tau2_ci is not None:
        result["tau2_low"] = number(pooled.tau2_ci.low)
        result["tau2_high"] = number(pooled.tau2_ci.high)
    return result


def number(value: Any) -> float | int | None:
    """A finite number, or None."""
    if value is None:
        return None
    if isinstance(value, int):
        return value
    value = float(value)
    return value if isfinite(value) else None


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


def _by_subgroup(
    rows: Sequence[Row], y: Vector, v: Vector, settings: Settings, labels: list[str]
) -> dict[str, Any]:
    method, test = settings.estimator
    by = [r.subgroup or "Not reported" for r in rows]
    groups = []
    for level in dict.fromkeys(sorted(by)):
        chosen = [i for i, name in enumerate(by) if name == level]
        part = _pool([rows[i] for i in chosen], y[chosen], v[chosen], settings,
                     [labels[i] for i in chosen])[0]  # fmt: skip
        groups.append({"label": level, **part})
    between = None
    if len(groups) > 1 and settings.is_mantel_haenszel:
        between = _between(groups)
    elif len(groups) > 1:
        found = subgroups(y, v, by, method=method, test=test, level=settings.level, labels=labels)
        between = {
            "q": number(found.between),
            "df": len(groups) - 1,
            "df2": number(found.between_df2),
            "p": number(found.between_p),
        }
    return {"subgroups": groups, "between": between}


def _between(groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Test for subgroup differences from the subgroups' own estimates and standard errors.

    Source: Borenstein & Higgins 2013, Prev Sci 14:134.
    """
    from reviewtool.stats.distributions import chi2_p

    y = np.array([g["estimate"] for g in groups], dtype=float)
    w = 1 / np.array([g["se"] for g in groups], dtype=float) ** 2
    q = float(w @ (y - (w @ y) / w.sum()) ** 2)
    return {"q": number(q), "df": len(groups) - 1, "df2": None,
            "p": number(chi2_p(q, len(groups) - 1))}  # fmt: skip


def _regression(
    rows: Sequence[Row],
    y: Vector,
    v: Vector,
    inputs: Inputs,
    settings: Settings,
    labels: list[str],
) -> dict[str, Any]:
    keys = list(settings.moderators)
    keep = [
        i
        for i, row in enumerate(rows)
        if all(key in inputs.moderators.get(row.study_id, {}) for key in keys)
    ]
    if len(keep) <= len(keys) + 1:
        return {"error": f"Too few studies report {', '.join(keys)}."}
    x = np.array([[1.0, *(inputs.moderators[rows[i].study_id][k] for k in keys)] for i in keep])
    method, test = settings.estimator
    found = regress(
        y[keep],
        v[keep],
        x,
        [INTERCEPT, *keys],
        method,
        test,
        settings.level,
        [labels[i] for i in keep],
    )
    terms = [
        {
            "name": "intercept" if t.name == INTERCEPT else t.name,
            **{n: number(getattr(t, n)) for n in ["estimate", "se", "p", "ci_low", "ci_high"]},
        }
        for t in found.terms
    ]
    return {
        "k": found.k,
        "terms": terms,
        "tau2": number(found.tau2),
        "i2": number(found.i2),
        "r2": number(found.r2),
        "qm": {
            "q": number(found.qm),
            "df": found.qm_df,
            "df2": number(found.df),  # an F test then, else chi-square
            "p": number(found.qm_p),
        },
        "points": _points(keep, x, y, v, found.tau2, labels),
        "line": _line(x, found.beta, found.vcov, found.df, settings.level),
    }


def _points(
    keep: Sequence[int], x: Matrix, y: Vector, v: Vector, tau2: float, labels: Sequence[str]
) -> list[dict[str, Any]]:
    """Studies for a bubble plot of a single moderator; none with several."""
    if x.shape[1] != 2:
        return []
    w = 1 / (v[list(keep)] + tau2)
    return [
        {"label": labels[i], "value": float(x[n, 1]), "estimate": float(y[i]),
         "weight": float(100 * w[n] / w.sum())}
        for n, i in enumerate(keep)
    ]  # fmt: skip


def _line(
    x: Matrix, beta: Vector, vcov: Matrix, df: float | None, level: float
) -> list[dict[str, float]]:
    """The fitted mean and its limits over the range of a single moderator."""
    from reviewtool.stats.distributions import critical

    if x.shape[1] != 2:
        return []
    result = []
    for value in np.linspace(x[:, 1].min(), x[:, 1].max(), 25):
        at = np.array([1.0, value])
        mean, half = float(at @ beta), critical(level, df) * sqrt(float(at @ vcov @ at))
        result.append({"value": float(value), "estimate": mean,
                       "ci_low": mean - half, "ci_high": mean + half})  # fmt: skip
    return result


def _sensitivity(
    rows: Sequence[Row],
    y: Vector,
    v: Vector,
    inputs: Inputs,
    settings: Settings,
    labels: list[str],
) -> dict[str, Any]:
    method, test = settings.estimator
    result: dict[str, Any] = {}
    if "common" in settings.sensitivity and method != "EE":
        result["common"] = numbers_of(pool(y, v, method="EE", level=settings.level, labels=labels))
    if "exclude_high_risk" in settings.sensitivity:
        low = [
            i
            for i, r in enumerate(rows)
            if inputs.judgements.get(r.study_id, "").casefold() != "high"
        ]
        result["exclude_high_risk"] = {"k": len(low), "estimate": None}
        if low and len(low) < len(rows):
            part = _pool([rows[i] for i in low], y[low], v[low], settings, [labels[i] for i in low])
            result["exclude_high_risk"] = part[0]
    if "leave_one_out" in settings.sensitivity and len(rows) > 2:
        result["leave_one_out"] = _leave_one_out(rows, y, v, settings, labels)
    return result


def _leave_one_out(
    rows: Sequence[Row], y: Vector, v: Vector, settings: Settings, labels: list[str]
) -> list[dict[str, Any]]:
    method, test = settings.estimator
    if not settings.is_mantel_haenszel:
        refits = leave_one_out(y, v, method=method, test=test, level=settings.level, labels=labels)
        return [{"omitted": labels[r.row], **_fit(r.fit)} for r in refits]
    result = []
    for i, label in enumerate(labels):
        rest = [j for j in range(len(rows)) if j != i]
        part = _pool([rows[j] for j in rest], y[rest], v[rest], settings, [labels[j] for j in rest])
        kept = ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2")
        result.append({"omitted": label, **{name: part[0][name] for name in kept}})
    return result


def _fit(fit: Fit) -> dict[str, Any]:
    return {
        name: number(getattr(fit, name))
        for name in ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2")
    }


def _asymmetry(y: Vector, v: Vector) -> dict[str, Any]:
    """Egger's test: the effect regressed on its standard error, with dispersion."""
    from reviewtool.stats.distributions import two_sided_p
    from reviewtool.stats.regression import weighted_least_squares

    se = np.sqrt(v)
    x = np.column_stack([np.ones_like(se), se])
    beta, inverse, rss = weighted_least_squares(y, 1 / v, x)
    df = float(y.size - 2)
    spread = sqrt(rss / df * inverse[1, 1])
    if spread == 0:
        return {}
    t = float(beta[1]) / spread
    return {
        "test": "Egger",
        "slope": number(beta[1]),
        "t": number(t),
        "df": df,
        "p": number(two_sided_p(t, df)),
    }
