"""How an analysis is set, what goes into it, and one effect out of its rows.

Everything is on the analysis scale (log for ratios); percentages run from 0 to 100.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

import numpy as np

from reviewtool.errors import Invalid
from reviewtool.stats import effect_sizes, pool
from reviewtool.stats.arrays import Vector
from reviewtool.stats.count_pooling import mantel_haenszel
from reviewtool.stats.results import Pooled
from reviewtool.synthesis.rules.selection import ArmNumbers, Row

RATIOS = frozenset({"OR", "RR", "HR", "ROM"})
BINARY = frozenset({"OR", "RR", "RD"})
CONTINUOUS = frozenset({"MD", "SMD"})
GIVEN = frozenset({"GEN", "HR"})


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


def effects(rows: Sequence[Row], settings: Settings) -> tuple[Vector, Vector, list[str]]:
    """Effects and variances of every row; NaN where its numbers do not give one."""
    labels = unlike(rows)
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


def unlike(rows: Sequence[Row]) -> list[str]:
    """Labels that name one row each; a study with several rows is told apart by treatment."""
    names = [r.label for r in rows]
    return [
        label if names.count(label) == 1 else f"{label}, {row.treatment}"
        for label, row in zip(names, rows, strict=True)
    ]


def pool_rows(
    rows: Sequence[Row], y: Vector, v: Vector, settings: Settings, labels: list[str]
) -> tuple[dict[str, Any], str, list[str]]:
    """(numbers, methods sentence, warnings) of rows whose effects are all usable."""
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
            "k",
            "estimate",
            "se",
            "ci_low",
            "ci_high",
            "statistic",
            "df",
            "p",
            "tau2",
            "q",
            "q_df",
            "q_p",
            "i2",
            "i2_q",
            "h2",
        )
    }
    result |= {
        "method": pooled.method,
        "test": pooled.test,
        "weights": pooled.weights.tolist(),
        "pi_low": None,
        "pi_high": None,
        "tau2_low": None,
        "tau2_high": None,
    }
    if pooled.prediction is not None and pooled.k >= 3:
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
