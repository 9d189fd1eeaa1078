"""Agreement of raters beyond chance: kappas.

Tables are counts of records both rated independently, before talking. Rows are
rater A, columns rater B, categories in the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose, sqrt

import numpy as np

from reviewtool.stats.arrays import Matrix
from reviewtool.stats.distributions import critical
from reviewtool.stats.errors import BadInput, UnknownChoice
from reviewtool.stats.results import Interval
from reviewtool.words import confidence, interval, num, percent, thousands

WORDS = (
    (0.2, "slight"),
    (0.4, "fair"),
    (0.6, "moderate"),
    (0.8, "substantial"),
)


@dataclass(frozen=True, slots=True)
class CohenKappa:
    """Kappa of two raters; None where chance alone would always agree.

    ``se`` is for the interval, ``se_simple`` for comparison with older reports. The
    indices are None for more than two categories.
    """

    n: int
    observed: float
    expected: float
    kappa: float | None
    se: float | None
    se_simple: float | None
    pabak: float
    prevalence_index: float | None
    bias_index: float | None

    def interval(self, level: float = 95.0) -> Interval | None:
        """Normal interval, clipped to -1..1; None without a kappa. level: per cent."""
        if self.kappa is None or self.se is None:
            return None
        half = critical(level, None) * self.se
        return Interval(max(-1.0, self.kappa - half), min(1.0, self.kappa + half))

    @property
    def word(self) -> str:
        """The customary word for this kappa."""
        return landis_koch(self.kappa)

    @property
    def sentence(self) -> str:
        """What was found, for a methods or results section."""
        agreed = (
            f"Two reviewers agreed on {percent(self.observed, 1)} of {thousands(self.n)} records"
        )
        if self.kappa is None:
            return f"{agreed}; kappa is not defined because both always chose one category."
        ci = self.interval()
        bounds = f" ({confidence(95)} {interval(ci.low, ci.high)})" if ci else ""
        return (
            f"{agreed} (Cohen's kappa {num(self.kappa)}{bounds}, {self.word}; "
            f"prevalence- and bias-adjusted kappa {num(self.pabak)})."
        )


@dataclass(frozen=True, slots=True)
class FleissKappa:
    """Kappa of many raters: mean agreement, expected agreement, kappa or None."""

    observed: float
    expected: float
    kappa: float | None


def cohen_kappa(table: Sequence[Sequence[float]]) -> CohenKappa:
    """Cohen's kappa of a square table of counts.

    Standard error of Fleiss, Cohen & Everitt 1969, Psychol Bull 72:323; PABAK and the
    indices of Byrt, Bishop & Carlin 1993, J Clin Epidemiol 46:423. Raises BadInput.

    >>> result = cohen_kappa([[20, 5], [10, 15]])
    >>> round(result.kappa, 3), round(result.se, 3), result.word
    (0.4, 0.127, 'fair')
    """
    counts = _square(table)
    n, k = float(counts.sum()), counts.shape[0]
    p = counts / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    po, pe = float(np.trace(counts)) / n, float(rows @ columns)
    certain = isclose(pe, 1.0, rel_tol=0, abs_tol=1e-14)
    two = k == 2
    return CohenKappa(
        n=round(n),
        observed=po,
        expected=pe,
        kappa=None if certain else (po - pe) / (1 - pe),
        se=None if certain else _standard_error(p, po, pe, n),
        se_simple=None if certain else sqrt(po * (1 - po) / n) / (1 - pe),
        pabak=(k * po - 1) / (k - 1),
        prevalence_index=float(counts[0, 0] - counts[1, 1]) / n if two else None,
        bias_index=float(counts[0, 1] - counts[1, 0]) / n if two else None,
    )


def _standard_error(p: Matrix, po: float, pe: float, n: float) -> float:
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    agreed = np.diag(p)
    a = float(agreed @ ((1 - pe) - (rows + columns) * (1 - po)) ** 2)
    crossed = p * (columns[:, None] + rows[None, :]) ** 2
    b = (1 - po) ** 2 * float(crossed.sum() - np.trace(crossed))
    c = (po * pe - 2 * pe + po) ** 2
    return sqrt(max(a + b - c, 0.0) / (n * (1 - pe) ** 4))


def weighted_kappa(table: Sequence[Sequence[float]], weights: str = "linear") -> float | None:
    """Kappa with partial credit for near categories: "linear" or "quadratic".

    For ordered categories only. None where chance alone would always agree.
    Source: Cohen 1968, Psychol Bull 70:213.
    """
    if weights not in ("linear", "quadratic"):
        raise UnknownChoice(what="Weights", given=weights, choices="linear, quadratic")
    counts = _square(table)
    p, k = counts / counts.sum(), counts.shape[0]
    away = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    w = away if weights == "linear" else away**2
    expected = float(np.sum(w * np.outer(p.sum(axis=1), p.sum(axis=0))))
    return None if expected == 0 else 1 - float(np.sum(w * p)) / expected


def fleiss_kappa(table: Sequence[Sequence[float]]) -> FleissKappa:
    """Kappa of m raters per subject; rows are subjects, cells count raters per category.

    The raters may differ, their number may not. Source: Fleiss 1971, Psychol Bull 76:378.
    """
    counts = _counts(table)
    raters = counts.sum(axis=1)
    m = float(raters[0])
    if m < 2 or not np.all(raters == m):
        raise BadInput(
            problem="Fleiss' kappa needs the same number of raters, 2 or more, for every subject.",
            remedy="Leave out subjects with fewer raters, or report Cohen's kappa per pair.",
        )
    shares = counts.sum(axis=0) / counts.sum()
    observed = float(np.mean((np.sum(counts**2, axis=1) - m) / (m * (m - 1))))
    expected = float(shares @ shares)
    certain = isclose(expected, 1.0, rel_tol=0, abs_tol=1e-14)
    return FleissKappa(
        observed, expected, None if certain else (observed - expected) / (1 - expected)
    )


def landis_koch(kappa: float | None) -> str:
    """The customary word for a kappa (Landis & Koch 1977, Biometrics 33:159).

    >>> landis_koch(0.75), landis_koch(-0.1)
    ('substantial', 'poor')
    """
    if kappa is None:
        return "not estimable"
    if kappa < 0:
        return "poor"
    return next((word for limit, word in WORDS if kappa <= limit), "almost perfect")


def _counts(table: Sequence[Sequence[float]]) -> Matrix:
    try:
        counts = np.asarray(table, dtype=np.float64)
    except ValueError:
        counts = np.zeros((0,))
    if counts.ndim != 2 or not np.all(np.isfinite(counts)) or np.any(counts < 0):
        raise BadInput(
            problem="A table of agreement holds counts, in rows of equal length.",
            remedy="Give zero where nothing was counted.",
        )
    if counts.sum() == 0:
        raise BadInput(problem="The table is empty.", remedy="Rate some records first.")
    return counts


def _square(table: Sequence[Sequence[float]]) -> Matrix:
    counts = _counts(table)
    if counts.shape[0] != counts.shape[1] or counts.shape[0] < 2:
        raise BadInput(
            problem="Kappa needs a square table of two categories or more.",
            remedy="Use the same categories for both raters.",
        )
    return counts
