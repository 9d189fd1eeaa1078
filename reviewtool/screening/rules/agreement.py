"""Agreement of two people beyond chance.

Source: Cohen 1960, Educ Psychol Meas 20:37; standard error of Fleiss, Cohen & Everitt
1969, Psychol Bull 72:323; PABAK of Byrt, Bishop & Carlin 1993, J Clin Epidemiol 46:423;
words of Landis & Koch 1977, Biometrics 33:159.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z = 1.959963984540054


@dataclass(frozen=True)
class CohenKappa:
    """Kappa with its 95 % interval; None where chance alone would agree always."""

    n: int
    observed: float
    expected: float
    kappa: float | None
    se: float | None
    low: float | None
    high: float | None
    pabak: float

    @property
    def word(self) -> str:
        """The customary word for this kappa."""
        if self.kappa is None:
            return "not estimable"
        if self.kappa < 0:
            return "poor"
        for limit, word in (
            (0.2, "slight"),
            (0.4, "fair"),
            (0.6, "moderate"),
            (0.8, "substantial"),
        ):
            if self.kappa <= limit:
                return word
        return "almost perfect"


def cohen_kappa(table: Sequence[Sequence[int]]) -> CohenKappa:
    """Kappa of a square table: rows one person's votes, columns the other's.

    Raises ValueError for a table without counts or one that is not square.

    >>> round(cohen_kappa([[20, 5], [10, 15]]).kappa, 2)
    0.4
    """
    size, n = len(table), sum(map(sum, table))
    if size < 2 or any(len(row) != size for row in table) or n == 0:
        raise ValueError("kappa needs a square table of at least two categories with counts in it")
    p = [[count / n for count in row] for row in table]
    rows = [sum(row) for row in p]
    columns = [sum(row[j] for row in p) for j in range(size)]
    observed = sum(p[i][i] for i in range(size))
    expected = sum(r * c for r, c in zip(rows, columns, strict=True))
    pabak = (size * observed - 1) / (size - 1)
    if math.isclose(expected, 1.0):
        return CohenKappa(n, observed, expected, None, None, None, None, pabak)
    kappa = (observed - expected) / (1 - expected)
    se = math.sqrt(max(0.0, _variance(p, rows, columns, observed, expected)) / n)
    low, high = max(-1.0, kappa - Z * se), min(1.0, kappa + Z * se)
    return CohenKappa(n, observed, expected, kappa, se, low, high, pabak)


def _variance(
    p: list[list[float]], rows: list[float], columns: list[float], po: float, pe: float
) -> float:
    every = range(len(p))
    a = sum(p[i][i] * ((1 - pe) - (rows[i] + columns[i]) * (1 - po)) ** 2 for i in every)
    b = (1 - po) ** 2 * sum(
        p[i][j] * (columns[i] + rows[j]) ** 2 for i in every for j in every if i != j
    )
    c = (po * pe - 2 * pe + po) ** 2
    return (a + b - c) / (1 - pe) ** 4
